"""Events by kind: headlines of our own, labelled before the rules were run."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from service.sentiment import events, mentions, targets
from service.sentiment.events import Event, EventKind

CATALOGUE = targets.load()
ROWS = [
    line.split(" ", 2)
    for line in Path(__file__).with_name("event_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def find(text: str, language: str = "en") -> tuple[Event, ...]:
    spans = [(0, len(text))]
    found = mentions.find(text, language=language, catalogue=CATALOGUE, spans=spans, at=None)
    return events.find(text, found, language=language, sentences=mentions.cut_sentences(text, language, spans))


def test_every_kind_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """≥ 200 headlines in both languages: each kind with eight or more has precision ≥ 0.85; recall over all ≥ 0.8."""
    right, given, wanted = Counter[EventKind](), Counter[EventKind](), Counter[EventKind]()
    for language, listed, headline in ROWS:
        expected = {EventKind(kind) for kind in listed.split(",") if kind != "-"}
        found = {event.kind for event in find(headline, language)}
        right.update(found & expected)
        given.update(found)
        wanted.update(expected)
    assert len(ROWS) >= 200
    lines = [f"{kind.value} {right[kind]}/{given[kind]} of {wanted[kind]}" for kind in EventKind]
    with capsys.disabled():
        sys.stdout.write("\nevents, right/given of wanted: " + ", ".join(lines) + "\n")
    for kind in EventKind:
        if wanted[kind] >= 8:
            assert right[kind] >= 0.85 * given[kind], kind
    assert right.total() >= 0.8 * wanted.total()


def test_an_event_names_its_words_its_rule_and_whom_it_touches() -> None:
    """Offsets lead back to the words; targets are those of the sentence only."""
    text = "Bitcoin fell. The SEC sues Binance over tokens. El Salvador lifts its ban."
    lawsuit, ban = find(text)
    assert (lawsuit.kind, text[lawsuit.start : lawsuit.end], lawsuit.rule) == (EventKind.LAWSUIT, "sues", "lawsuit")
    assert lawsuit.targets == ("sec", "binance")
    assert (ban.kind, ban.targets) == (EventKind.BAN, ("el-salvador",))


def test_a_required_neighbour_must_stand_near() -> None:
    """“Rates” alone tells nothing; with who moves them ten words away at most, it does."""
    assert find("Rates for the room include breakfast") == ()
    assert [event.kind for event in find("Rates were cut")] == [EventKind.RATE]
    assert find("Rates " + "very " * 10 + "cut") == ()


def test_a_forbidden_neighbour_forbids() -> None:
    """An exchange rate is no interest rate, the Federal Reserve no reserve of coins."""
    assert find("The central bank keeps the exchange rate steady") == ()
    assert find("The Federal Reserve speaks of bitcoin") == ()


def test_an_unknown_language_tells_nothing() -> None:
    assert find("Hackers steal 5 millions", "fr") == ()
