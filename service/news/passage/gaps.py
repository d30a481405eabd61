"""What stands between lines of one share bar, list of offers, newsletter box or byline, and so goes with them."""

from collections.abc import Sequence

from service.news.article import PassageKind
from service.news.passage.blocks import TAKEN_OVER
from service.news.passage.lines import Line
from service.news.passage.rules import Mark

_WIDEST_GAP = 3  # lines
_GAPPED = (PassageKind.SHARE, PassageKind.PROMO, PassageKind.NEWSLETTER, PassageKind.BIO)
_OFFERED = {"newsletter.sign_up", "comments.prompt", "related.navigation"}


def fill_gaps(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Marks what a share bar or a list of what subscribers get holds between lines that are known to be part of it."""
    previous: int | None = None
    for index, mark in enumerate(marks):
        if mark is None or mark.kind not in _GAPPED:
            continue
        if previous is not None and 1 < index - previous <= _WIDEST_GAP + 1:
            between = range(previous + 1, index)
            before = marks[previous]
            if before is not None and before.kind is mark.kind and all(_fits(lines, marks, at, mark) for at in between):
                for at in between:
                    marks[at] = before
        previous = index


def _fits(lines: Sequence[Line], marks: Sequence[Mark | None], index: int, around: Mark) -> bool:
    """Whether the line may be part of the bar or list around it."""
    line, mark = lines[index], marks[index]
    if around.kind is PassageKind.SHARE:
        return mark is None and line.words <= 3 and not line.is_sentence
    if around.kind is PassageKind.BIO:
        return mark is None and line.lowered in ("and", "en", "&")
    if around.kind is PassageKind.NEWSLETTER:
        is_form = mark is not None and mark.rule in TAKEN_OVER[PassageKind.NEWSLETTER]
        return is_form or (mark is None and line.words <= 14 and not line.bullet)
    return mark is not None and mark.rule in _OFFERED and line.words <= 12
