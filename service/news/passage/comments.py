"""What readers wrote below an article: found by the frame that pages put around each comment."""

import re
from collections.abc import Sequence

from service.news.article import PassageKind
from service.news.passage.lines import Line
from service.news.passage.rules import Mark

_WRITTEN = Mark(PassageKind.COMMENTS, "comments.written")
_HEADINGS = ("comments.heading", "related.furniture")
_REPLY = re.compile(
    r"(?:reply|antwoord(?:en)?|beantwoord(?:en)?|reageer|reply to .{1,40}|(?:like )?[|·•]? ?reply(?: share)?"
    r"|reageer op .{1,40}|report|permalink|quote|citeer)(?: ?[↓→»])?",
    re.IGNORECASE,
)
_SPEAKER = re.compile(
    r"[\w .'@-]{2,40} (?:says?|said|wrote|writes|zegt|zei|schreef|schrijft|reageerde)(?: op .{4,40})? ?:"
)
_SIGNED = re.compile(
    r"[\w.'@-]{2,30}(?: [\w.'@-]{1,20}){0,2} (?:op )?\d{1,2} [a-z]{3,9}\.? \d{4}(?: (?:at|om))? \d{1,2}:\d\d.{0,6}",
    re.IGNORECASE,
)
_LEAST = 2  # frames: one alone may be a sentence of the article
_NEAR = 12  # lines between two frames of one discussion
_HEADING_NEAR = 3  # lines between a heading and the first frame


def mark_comments(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Marks a discussion (in place): from its heading or first comment to the last "Reply", whatever stands between.

    It takes two frames at least (a name that "says:", a name with date and hour, "Reply" alone) near each other, so
    that a question and its answer in an interview stay the article.
    """
    frames = [index for index, line in enumerate(lines) if _frames(line)]
    run: list[int] = []
    for index in [*frames, None]:
        if index is not None and (not run or index - run[-1] <= _NEAR):
            run.append(index)
            continue
        _mark_run(lines, marks, run)
        run = [] if index is None else [index]
    for index, mark in enumerate(marks[:-1]):
        if mark is not None and mark.rule in _HEADINGS and _heads_text(lines, marks, index):
            marks[index] = None


def _heads_text(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether "Reacties" or "Privacy policy" is a heading of the article: a word or two over running text."""
    line, below = lines[index], lines[index + 1]
    is_name = line.core[:1].isupper()  # a heading is, a button may not be
    return (
        is_name
        and line.words <= 2
        and line.core.replace(" ", "").isalpha()
        and marks[index + 1] is None
        and below.is_prose
    )


def _frames(line: Line) -> bool:
    """Whether the line is part of what a page puts around a comment."""
    if len(line.core) > 100:
        return False
    return any(pattern.fullmatch(line.core) for pattern in (_REPLY, _SPEAKER, _SIGNED))


def _mark_run(lines: Sequence[Line], marks: list[Mark | None], run: Sequence[int]) -> None:
    if len(run) < _LEAST or not any(_REPLY.fullmatch(lines[index].core) for index in run):
        return
    first = run[0]
    if _REPLY.fullmatch(lines[first].core):  # the comment it answers stands above
        first = max(0, first - 2)
    headings = range(max(0, first - _HEADING_NEAR), first)
    heading = next((index for index in headings if _is_comments(marks[index])), first)
    for index in range(heading, run[-1] + 1):
        if not _is_comments(marks[index]):
            marks[index] = _WRITTEN


def _is_comments(mark: Mark | None) -> bool:
    return mark is not None and mark.kind is PassageKind.COMMENTS
