"""What stands below an article: once a list of links, a share bar or a biography has begun, short lines go with it."""

from collections.abc import Sequence

from service.news.article import PassageKind
from service.news.passage.blocks import is_heading
from service.news.passage.lines import Line
from service.news.passage.rules import Mark

_BELOW = Mark(PassageKind.RELATED, "related.below")
_ENDS_ARTICLE = (
    *(PassageKind.RELATED, PassageKind.SHARE, PassageKind.COMMENTS, PassageKind.NEWSLETTER, PassageKind.BIO),
)
_TAG = 4  # words
_TAGS = 3  # lines
_OF_A_LINK = ("counter.date", "bio.by", "bio.byline", "bio.name")
_TEXT = 15  # words of a sentence that the article is made of
_LONGEST = 35  # words of a title, tag or button


def mark_below(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Marks titles, tags and buttons after the article's last paragraph (in place), from the first line on that a rule
    knows as what stands below articles. Sentences, bullets and headings over text stay:
    an article may end on them.
    """
    end = _find_end(lines, marks)
    has_begun = False
    for index in range(end, len(lines)):
        mark, line = marks[index], lines[index]
        if mark is not None:
            has_begun = has_begun or mark.kind in _ENDS_ARTICLE
            if has_begun and mark.rule in _OF_A_LINK and not line.gap and _is_related(marks[index - 1]):
                marks[index] = _BELOW
        elif not has_begun:
            has_begun = _begins_tags(lines, marks, index)
        if marks[index] is None and has_begun and not _may_be_told(line) and not is_heading(lines, marks, index):
            marks[index] = _BELOW


def _is_related(mark: Mark | None) -> bool:
    return mark is not None and mark.kind is PassageKind.RELATED


def _begins_tags(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether a run of three tags at least begins here, with what stands below articles right under it."""
    until = index
    while until < len(lines) and marks[until] is None and lines[until].words <= _TAG and not lines[until].is_sentence:
        until += 1
    below = marks[until] if until < len(lines) else None
    return until - index >= _TAGS and below is not None and below.kind in _ENDS_ARTICLE


def _may_be_told(line: Line) -> bool:
    """Whether it may be the article's: a bullet, running text, or whatever ends as a told sentence does."""
    return _closes(line) or line.bullet or line.words > _LONGEST


def _closes(line: Line) -> bool:
    """Whether it ends as a told sentence does: titles ask, exclaim and trail off."""
    return line.is_sentence and line.core[-1] not in "?!…"


def _find_end(lines: Sequence[Line], marks: Sequence[Mark | None]) -> int:
    """Index after the last paragraph that has another beside it: a lone one may be the first words of a link."""
    texts = [mark is None and _closes(line) and line.words >= _TEXT for line, mark in zip(lines, marks, strict=True)]
    for index in range(len(lines) - 1, 0, -1):
        if texts[index] and (texts[index - 1] or (index + 1 < len(lines) and texts[index + 1])):
            return index + 1
    return next((index + 1 for index in range(len(lines) - 1, -1, -1) if texts[index]), len(lines))
