"""Cuts an article's text into labelled passages, so that only what the article says is scored."""

from collections.abc import Iterable, Sequence

from service.news.article import Passage, PassageKind
from service.news.passage.authors import mark_introductions
from service.news.passage.blocks import continue_blocks, mark_taglines
from service.news.passage.comments import mark_comments
from service.news.passage.gaps import fill_gaps
from service.news.passage.lines import Line, cut, straighten
from service.news.passage.precision import find_digest, rate
from service.news.passage.rules import Mark, load_rules
from service.news.passage.tail import mark_below

_BODY = Mark(PassageKind.BODY, "body")
_TITLE_GIVEN = Mark(PassageKind.TITLE, "title.given")
_TITLE_FIRST = Mark(PassageKind.TITLE, "title.first_line")
_TITLE_WITHIN = 60  # lines from the top in which a given title is looked for
_LONGEST_TITLE = 250  # code points of a first line that may be a title


def label(text: str, *, title: str = "") -> tuple[Passage, ...]:
    """The passages of a whole article given as plain text, the title as its first line if it has one.

        lines ─▶ rules, line by line ─▶ title ─▶ introductions of authors ─▶ blocks (adverts, link lists) ─▶ joined

    Spans are [start, end) in code points of `text`, in order, without outer white space, never overlapping; together
    they cover all but white space and invisible signs. A body passage is a line (paragraph or heading); lines of
    another kind that follow one another by one rule are one passage. Where a page glued a disclaimer or a picture
    credit to the end of its last paragraph, the line is cut there. A line that no rule knows is body: better a button
    scored than a sentence lost. `rule` names what labelled the passage ("promo.buy_via_brand"), `confidence` is how
    sure that rule is (`precision.rate`). Linear in `len(text)`, never raises.
    """
    lines = cut(straighten(text))
    if not lines:
        return ()
    book = load_rules()
    marks: list[Mark | None] = [book.find(line) for line in lines]
    _mark_title(lines, marks, title)
    mark_comments(lines, marks)
    mark_introductions(lines, marks)
    mark_taglines(lines, marks)
    continue_blocks(lines, marks)
    fill_gaps(lines, marks)
    mark_below(lines, marks)
    return tuple(_join(lines, marks))


def scored_spans(passages: Iterable[Passage]) -> list[tuple[int, int]]:
    """Where an article is read for sentiment: the spans of its title and body, [start, end) in code points."""
    return [(passage.start, passage.end) for passage in passages if passage.kind.is_scored]


def scored_text(text: str, passages: Iterable[Passage], *, limit: int | None = None) -> str:
    """The scored passages of `text`, a line each, at most `limit` code points: what the language is told from."""
    return "\n".join(text[start:end] for start, end in scored_spans(passages))[:limit]


def _mark_title(lines: Sequence[Line], marks: list[Mark | None], title: str) -> None:
    """Marks the given title where it stands, else a first line that looks like one."""
    wanted = " ".join(straighten(title).split()).strip("*_ ").lower()
    for index, line in enumerate(lines[:_TITLE_WITHIN]):
        if wanted and line.lowered == wanted:
            marks[index] = _TITLE_GIVEN
            return
    first = lines[0]
    if (
        marks[0] is None
        and len(lines) > 1
        and not lines[1].glued
        and len(first.core) <= _LONGEST_TITLE
        and not first.bullet
        and (not first.is_sentence or first.core[-1] in "?!")
    ):
        marks[0] = _TITLE_FIRST


def _join(lines: Sequence[Line], marks: Sequence[Mark | None]) -> Iterable[Passage]:
    """One passage per body line, one per run of lines that another rule labelled."""
    start, end, current = lines[0].start, lines[0].end, marks[0] or _BODY
    for line, found in zip(lines[1:], marks[1:], strict=True):
        mark = found or _BODY
        is_same = (line.glued and found is None) or (
            mark == current and mark.kind not in (PassageKind.BODY, PassageKind.TITLE)
        )
        if not is_same:
            yield _pass(current, start, end)
            start, current = line.start, mark
        end = line.end
    yield _pass(current, start, end)


def _pass(mark: Mark, start: int, end: int) -> Passage:
    return Passage(mark.kind, start, end, mark.rule, rate(mark.rule), find_digest())
