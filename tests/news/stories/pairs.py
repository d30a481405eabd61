"""Labelled texts: which of them tell one story, and pairs that must never be one. All written for these tests."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.news.stories.prints import StoryText
from tests.news.stories.writer import EDITS, edit, write_column, write_follow_up, write_price_report, write_report

T0 = dt.datetime(2024, 5, 1, 9, tzinfo=dt.UTC)
_FILE = Path(__file__).with_name("events_en_nl.txt")


@dataclass(frozen=True)
class Pair:
    """Two texts, the earlier first, whether they are one story, and what kind of pair they are."""

    kind: str
    is_one: bool
    texts: tuple[tuple[str, str], tuple[str, str]]  # title and text of each
    languages: tuple[str, str] = ("en", "en")
    hours_apart: float = 3.0

    def told(self, first: int = 0) -> tuple[StoryText, StoryText]:
        """The two as texts of two sources, with row ids from `first` on."""
        made = (
            tell(first + place, title, text, language, hours=place * self.hours_apart)
            for place, ((title, text), language) in enumerate(zip(self.texts, self.languages, strict=True))
        )
        earlier, later = made
        return earlier, later


def tell(row: int, title: str, text: str, language: str = "en", *, hours: float = 0.0, article: str = "") -> StoryText:
    """A text of a source of its own, known `hours` after the beginning."""
    key = article or f"{row:032x}"
    return StoryText(row, key, 1, f"source-{row}", language, T0 + dt.timedelta(hours=hours), title, text)


def load_events() -> list[tuple[str, tuple[str, str], tuple[str, str]]]:
    """(id, English title and text, Dutch title and text) of the events told twice."""
    events = []
    for block in _FILE.read_text("utf-8").split("\n== ")[1:]:
        name, title, text, titel, tekst = block.strip().split("\n")
        events.append((name, (title, f"{title}\n{text}"), (titel, f"{titel}\n{tekst}")))
    return events


def copies(share: float, reports: int = 75) -> Iterator[Pair]:
    """Own reports beside an editor's version of each, of every kind of edit."""
    for seed in range(reports):
        original = write_report(seed)
        for kind in EDITS:
            yield Pair(f"copy, {kind}", True, (original, edit(*original, share, kind, seed)))


def different() -> Iterator[Pair]:
    """Hard pairs that are two stories."""
    for seed in range(60):
        yield Pair("price report, other figures", False, (write_price_report(seed), write_price_report(seed + 500)))
        yield Pair("column of another day", False, (write_column(seed), write_column(seed + 500)), hours_apart=24)
        yield Pair("same names a day later", False, (write_report(seed), write_follow_up(seed)), hours_apart=24)
    moved = ("64,000", "65,000"), ("Monday", "Tuesday"), ("Bitcoin", "Ether")
    for seed in range(20):
        line = f"Bitcoin rises to 64,000 on Monday {write_price_report(seed)[0]}"
        for one, other in moved:
            changed = line.replace(one, other)
            yield Pair("one word of the headline", False, ((line, line), (changed, changed)))
    events = load_events()
    for place, (_, english, _) in enumerate(events):
        for other in (1, 2, 3):
            _, _, dutch = events[(place + other) % len(events)]
            yield Pair("other event in Dutch", False, (english, dutch), ("en", "nl"))
        yield Pair("next day in Dutch", False, (english, _move_on(events[place][2])), ("en", "nl"), hours_apart=24)


def translations() -> Iterator[Pair]:
    """Events told in English, then in Dutch, and the other way round."""
    for name, english, dutch in load_events():
        yield Pair(f"translation, {name}", True, (english, dutch), ("en", "nl"))
        yield Pair(f"translation, {name}", True, (dutch, english), ("nl", "en"))


def _move_on(told: tuple[str, str]) -> tuple[str, str]:
    """The same with every figure another one: what the next day's report has."""
    turned = str.maketrans("123456789", "345678912")
    title, text = told
    return title.translate(turned), text.translate(turned)
