"""A close reading laid out as the page shows it: targets, passages, sentences and what is said, in rows and cells.

CloseReading ─▶ MarkedText ─▶ parts of the text | rows a target | rows a mention, a cell for each scorer
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards.article import words
from dashboards.article.marks import MarkedText, Run, Weighed, is_shown
from service.news.article import Passage, PassageKind
from service.sentiment.close_reading import CloseReading
from service.sentiment.disagreement import compare
from service.sentiment.events import Event, EventKind
from service.sentiment.quotes import Quote
from service.sentiment.score import Mention, MentionScore, Score
from service.sentiment.scorer import Evidence

COLOURS: Final = 8  # of targets; the ninth begins anew, its number tells it apart
_FIRST_WORDS: Final = 3  # of a cell; the rest unfolds
_LONGEST_HEADING: Final = 110  # code points


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target: its number and colour in the text, and its score by each scorer (None: not among its scores)."""

    number: int
    colour: int
    key: str
    name: str
    kind: str
    mentions: int
    relevance: int | None
    reasons: str
    scores: tuple[Score | None, ...]
    spread: float | None  # largest difference between two scorers' scores, 0…2
    is_disputed: bool  # unlike labels


@dataclass(frozen=True, slots=True)
class Part:
    """A passage as it is shown, marked where it is scored; `style` is title, heading, body or skipped."""

    style: str
    passage: Passage
    label: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one scorer read toward one mention: the heaviest words first, and the sum of all weights."""

    read: MentionScore
    verdict: str
    first: tuple[Evidence, ...]
    rest: tuple[Evidence, ...]
    total: float


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A mention with a cell for each scorer."""

    mention: Mention
    text: str
    target: TargetRow
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class SentenceBlock:
    """A sentence that speaks of a target, marked, and its mentions."""

    number: int
    runs: tuple[Run, ...]
    rows: tuple[MentionRow, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A quote with the rows of who speaks (None: no target) and of whom."""

    quote: Quote
    text: str
    speaker: TargetRow | None
    targets: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """All events of a kind, each with its words, and the rows of whom their sentences name."""

    kind: EventKind
    told: tuple[tuple[Event, str], ...]
    targets: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything on the page, in order."""

    close: CloseReading
    columns: tuple[str, ...]
    targets: tuple[TargetRow, ...]
    parts: tuple[Part, ...]
    sentences: tuple[SentenceBlock, ...]
    said: tuple[Said, ...]
    happened: tuple[Happening, ...]


def lay_out(close: CloseReading) -> View:
    """The page's view of a close reading."""
    text, columns = close.article.text, tuple(words.name_scorers(close.scorers))
    targets = tuple(_rows_of_targets(close))
    by_key = {row.key: row for row in targets}
    weighed = [
        Weighed(column, name, by_key[score.target].name, evidence)
        for column, (name, read) in enumerate(zip(columns, close.scorers, strict=True))
        for score in read.reading.scores
        for mention in score.mentions
        for evidence in mention.evidence
    ]
    marked = MarkedText(text, close.mentions, weighed)

    def rows(keys: Iterable[str]) -> tuple[TargetRow, ...]:
        return tuple(by_key[key] for key in keys)

    return View(
        close,
        columns,
        targets,
        tuple(_show_passage(passage, text, marked) for passage in close.article.passages),
        tuple(_blocks(close, marked, by_key)),
        tuple(
            Said(one, text[one.start : one.end], by_key.get(one.speaker) if one.is_target else None, rows(one.targets))
            for one in close.quotes
        ),
        tuple(_group_events(close, by_key)),
    )


def _rows_of_targets(close: CloseReading) -> Iterable[TargetRow]:
    """The scored targets by relevance, then any that is only mentioned."""
    order = [score.target for read in close.scorers[:1] for score in read.reading.scores]
    keys = dict.fromkeys([*order, *(mention.target for mention in close.mentions)])
    for number, key in enumerate(keys, start=1):
        scores = words.scores_of(close, key)
        known = [score for score in scores if score is not None]
        apart = compare([(score.score, score.label) for score in known if score.score is not None and score.label])
        target = close.catalogue.get(key)
        yield TargetRow(
            number,
            (number - 1) % COLOURS + 1,
            key,
            close.catalogue.name(key, "en"),
            target.kind.value if target else "",
            sum(mention.target == key for mention in close.mentions),
            known[0].relevance if known else None,
            words.tell_reasons(known[0]) if known else "",
            tuple(scores),
            apart.spread if apart else None,
            len({score.label for score in known}) > 1,
        )


def _show_passage(passage: Passage, text: str, marked: MarkedText) -> Part:
    start, end = passage.start, passage.end
    if not passage.kind.is_scored:
        label = words.NOT_READ[passage.kind][0]
        return Part("skipped", passage, label, tuple(MarkedText(text[start:end], (), ()).runs(0, end - start)))
    style = "title" if passage.kind is PassageKind.TITLE else "body"
    if style == "body" and end - start <= _LONGEST_HEADING and text[end - 1] not in ".!?:;,…”\"'’)":
        style = "heading"
    return Part(style, passage, "", tuple(marked.runs(start, end)))


def _blocks(close: CloseReading, marked: MarkedText, by_key: dict[str, TargetRow]) -> Iterable[SentenceBlock]:
    cells: dict[Mention, dict[int, Cell]] = {}
    for column, read in enumerate(close.scorers):
        for score in read.reading.scores:
            for one in score.mentions:
                cells.setdefault(one.mention, {})[column] = _fill(one)
    mentions = sorted(cells, key=lambda mention: mention.start)
    starts = [mention.start for mention in mentions]
    number = 0
    for start, end in close.sentences:
        inside = mentions[bisect_left(starts, start) : bisect_left(starts, end)]
        if not inside:
            continue
        number += 1
        rows = [
            MentionRow(
                mention,
                close.article.text[mention.start : mention.end],
                by_key[mention.target],
                tuple(cells[mention].get(column) for column in range(len(close.scorers))),
            )
            for mention in inside
        ]
        yield SentenceBlock(number, tuple(marked.runs(start, max(end, inside[-1].end))), tuple(rows))


def _group_events(close: CloseReading, by_key: dict[str, TargetRow]) -> Iterable[Happening]:
    """By kind, in the order in which the text tells the first of each."""
    for kind in dict.fromkeys(event.kind for event in close.events):
        events = [event for event in close.events if event.kind is kind]
        keys = {key for event in events for key in event.targets}
        told = tuple((event, close.article.text[event.start : event.end]) for event in events)
        yield Happening(kind, told, tuple(row for key, row in by_key.items() if key in keys))


def _fill(read: MentionScore) -> Cell:
    ordered = _heaviest_first(read.evidence)
    total = math.fsum(one.weight for one in read.evidence)
    return Cell(read, words.tell_verdict(read), tuple(ordered[:_FIRST_WORDS]), tuple(ordered[_FIRST_WORDS:]), total)


def _heaviest_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    return sorted((one for one in evidence if is_shown(one)), key=lambda one: (-abs(one.weight), one.start))
