"""What was left out of the scores, and what it would have done to them, in rows for the page and the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.article import words
from service.sentiment.close_reading import CloseReading
from service.sentiment.left_in import Changed, LeftIn

ALL = "all of them"


@dataclass(frozen=True, slots=True)
class LeftOutTarget:
    """A target that would be read otherwise: its score (−1…1, None where there is none) without and with."""

    key: str
    name: str
    without: float | None
    left_in: float | None
    mentions: str  # "9 mentions, 12 with it"; "" where as many


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The passages of one kind (or all): what they are called, how many words, the tone and targets they would move."""

    label: str
    is_all: bool
    words: int
    tone_without: float | None
    tone_left_in: float | None
    targets: tuple[LeftOutTarget, ...]

    @property
    def tone_moves(self) -> bool:
        """Whether the tone of the whole text would be told otherwise, to two digits."""
        return words.signed(self.tone_without) != words.signed(self.tone_left_in)

    @property
    def changes_nothing(self) -> bool:
        """Whether every figure would be told the same."""
        return not (self.tone_moves or self.targets)


def list_left_out(close: CloseReading) -> tuple[LeftOut, ...]:
    """A row a kind of passage, in the order of the text, then all together."""
    return tuple(_tell(close, one) for one in close.left_in)


def tell_left_out(close: CloseReading) -> list[str]:
    """The rows as lines: `1 advert (58 words): tone +0.97 instead of −0.90; Bitcoin +0.11 instead of +0.08`."""
    rows = list_left_out(close)
    told = [f"{row.label} ({row.words} words): {tell_changes(row)}" for row in rows if not row.changes_nothing]
    calm = tell_calm(rows)
    return [*told, f"nothing would change with: {calm}"] if calm else told


def tell_moved(without: float | None, left_in: float | None) -> str:
    """How far a figure moves as shown: `+0.02`, `unmoved`, `new` where there was none, `gone` where none is left."""
    if without is None or left_in is None:
        if without is left_in:
            return "unmoved"
        return "new" if without is None else "gone"
    moved = round(left_in, 2) - round(without, 2)
    return words.signed(moved) if abs(moved) >= 0.005 else "unmoved"


def tell_calm(rows: Sequence[LeftOut]) -> str:
    """The kinds that would change nothing: `1 view counter, 2 author lines`."""
    return ", ".join(row.label for row in rows if row.changes_nothing)


def tell_changes(row: LeftOut) -> str:
    """What a row would change, in words."""
    told = [f"{one.name} {_instead(one.left_in, one.without)}" for one in row.targets]
    if row.tone_moves:
        told.insert(0, f"tone {_instead(row.tone_left_in, row.tone_without)}")
    return "; ".join(told)


def _instead(left_in: float | None, without: float | None) -> str:
    """`+0.11 instead of +0.08`, `unmoved at +0.08, but named more often`."""
    if without is None or left_in is None:
        if without is left_in:
            return "named more often, still without opinion"
        return f"{words.signed(left_in)} where nothing was found" if without is None else "no longer anything found"
    shown, before = words.signed(left_in), words.signed(without)
    return f"{shown} instead of {before}" if shown != before else f"still {shown}, but named more often"


def _tell(close: CloseReading, one: LeftIn) -> LeftOut:
    is_all = len(one.kinds) > 1
    label = ALL if is_all else words.count_passages(one.kinds[0], one.passages)
    targets = tuple(_tell_target(close, changed) for changed in one.targets)
    return LeftOut(label, is_all, one.words, one.tone_without, one.tone_left_in, targets)


def _tell_target(close: CloseReading, one: Changed) -> LeftOutTarget:
    mentions = ""
    if one.mentions_left_in != one.mentions_without:
        mentions = f"{one.mentions_without} mention{'s' * (one.mentions_without != 1)}, {one.mentions_left_in} with it"
    name = close.catalogue.name(one.target, "en")
    return LeftOutTarget(one.target, name, one.without, one.left_in, mentions)
