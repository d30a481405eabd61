"""The article's text cut where mentions and weighed words begin and end: each piece becomes one element.

mentions, Weighed words ─▶ borders ─▶ pieces with tint and lines to show ─▶ runs: a mention's pieces together
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from dashboards.article.words import signed
from service.sentiment import explain
from service.sentiment.score import Mention
from service.sentiment.scorer import Evidence

LEARNED, LEFT_OUT = "learned", "left_out"
_STEPS: Final = {LEARNED: (0.3, 0.8, 1.6), LEFT_OUT: (0.08, 0.25, 0.6)}  # log-odds; difference of scores
_LEXICON_STEPS: Final = (0.25, 1.0, 2.0)  # the word lists' valence
STRONG: Final = 2  # strength from which a word is a stop for the keyboard
_FAINT: Final = 0.005  # weight that is printed as 0.00


@dataclass(frozen=True, slots=True)
class Weighed:
    """A word's weight toward one target by one scorer; `column` is the scorer's place, names are for people."""

    column: int
    scorer: str
    target: str
    evidence: Evidence

    @property
    def line(self) -> str:
        """`rules: +1.95 toward Bukele, general word`."""
        rule = explain.name_rules(self.evidence.rule)
        return f"{self.scorer}: {signed(self.evidence.weight)} toward {self.target}, {rule}"


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]` of the article. `tint` are CSS classes `k<column><p|n|x><1–3>`, `lines` what moved what."""

    text: str
    start: int
    end: int
    tint: str = ""
    lines: tuple[str, ...] = ()
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring pieces, all of one mention or of none."""

    mention: Mention | None
    pieces: tuple[Piece, ...]


class MarkedText:
    """The text of an article with its mentions (sorted, apart) and weighed words."""

    def __init__(self, text: str, mentions: Sequence[Mention], weighed: Sequence[Weighed]) -> None:
        self._text, self._mentions = text, mentions
        self._pieces = _cut(text, mentions, weighed)
        self._starts = [piece.start for piece in self._pieces]

    def runs(self, start: int, end: int) -> list[Run]:
        """The marked text[start:end]."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        inside = [_clip(one, start, end) for one in self._pieces[first : bisect_left(self._starts, end)]]
        grouped = groupby((one for one in inside if one.text), key=lambda one: self._mention_at(one.start))
        return [Run(mention, tuple(pieces)) for mention, pieces in grouped]

    def _mention_at(self, place: int) -> Mention | None:
        before = bisect_right(self._mentions, place, key=lambda one: one.start)
        found = self._mentions[before - 1] if before else None
        return found if found is not None and place < found.end else None


def is_shown(evidence: Evidence) -> bool:
    """Whether a weight is more than 0.00 when printed."""
    return abs(evidence.weight) >= _FAINT


def strength(evidence: Evidence) -> int:
    """0 (not tinted) to 3, on the scale of the evidence's unit, the same for every article."""
    steps = _STEPS.get(evidence.rule.partition(" ")[0], _LEXICON_STEPS)
    return bisect_right(steps, abs(evidence.weight))


def _cut(text: str, mentions: Sequence[Mention], weighed: Sequence[Weighed]) -> list[Piece]:
    shown = sorted((one for one in weighed if is_shown(one.evidence)), key=lambda one: one.evidence.start)
    borders = {0, len(text)}
    borders.update(place for one in mentions for place in (one.start, one.end))
    borders.update(place for one in shown for place in (one.evidence.start, one.evidence.end))
    pieces: list[Piece] = []
    active: list[Weighed] = []
    following = 0
    for start, end in pairwise(sorted(borders)):
        active = [one for one in active if one.evidence.end > start]
        while following < len(shown) and shown[following].evidence.start <= start:
            active.append(shown[following])
            following += 1
        pieces.append(_tint(Piece(text[start:end], start, end), active))
    return pieces


def _tint(piece: Piece, active: Sequence[Weighed]) -> Piece:
    """The heaviest weight of each scorer gives its tint; mixed where it is strong both for and against."""
    classes = []
    strongest = 0
    for column in sorted({one.column for one in active}):
        own = [one.evidence for one in active if one.column == column]
        plus = max((strength(one) for one in own if one.weight > 0), default=0)
        minus = max((strength(one) for one in own if one.weight < 0), default=0)
        sign = "x" if min(plus, minus) >= STRONG else "p" if plus >= minus else "n"
        strongest = max(strongest, plus, minus)
        if plus or minus:
            classes.append(f"k{column}{sign}{max(plus, minus)}")
    ordered = sorted(active, key=lambda one: (one.column, -abs(one.evidence.weight)))
    lines = tuple(dict.fromkeys(one.line for one in ordered))
    return replace(piece, tint=" ".join(classes), lines=lines, is_strong=strongest >= STRONG)


def _clip(piece: Piece, start: int, end: int) -> Piece:
    low, high = max(piece.start, start), min(piece.end, end)
    if (low, high) == (piece.start, piece.end):
        return piece
    text = piece.text[low - piece.start : max(high - piece.start, 0)] if low < high else ""
    return replace(piece, text=text, start=low, end=high)
