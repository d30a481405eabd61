"""What stands below an article: once a list of links, a share bar or a biography has begun, short lines go with it."""

from collections.abc import Sequence

from service.news.article import PassageKind
from service.news.passage_blocks import is_heading
from service.news.passage_lines import Line
from service.news.passage_rules import Mark

_BELOW = Mark(PassageKind.RELATED, "related.below")
_ENDS_ARTICLE = (
    *(PassageKind.RELATED, PassageKind.SHARE, PassageKind.COMMENTS, PassageKind.NEWSLETTER, PassageKind.BIO),
)
_TEXT = 15  # words of a sentence that the article is made of
_LONGEST = 25  # words of a title, tag or button


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
        elif has_begun and not _may_be_told(line) and not is_heading(lines, marks, index):
            marks[index] = _BELOW


def _may_be_told(line: Line) -> bool:
    """Whether it may be the article's: a bullet, running text, or whatever ends as a told sentence does."""
    closes = line.is_sentence and line.core[-1] not in "?!…"
    return closes or line.bullet or line.is_prose or line.words > _LONGEST


def _find_end(lines: Sequence[Line], marks: Sequence[Mark | None]) -> int:
    """Index after the last paragraph that has another beside it: a lone one may be the first words of a link."""
    texts = [mark is None and line.is_prose and line.words >= _TEXT for line, mark in zip(lines, marks, strict=True)]
    for index in range(len(lines) - 1, 0, -1):
        if texts[index] and (texts[index - 1] or (index + 1 < len(lines) and texts[index + 1])):
            return index + 1
    return next((index + 1 for index in range(len(lines) - 1, -1, -1) if texts[index]), len(lines))
