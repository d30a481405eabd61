"""Plain text input: which line is the title; nothing is lost."""

import re

from service.news.text.characters import clean

_LONGEST_TITLE = 200
_LOOKED_AT = 5  # lines: a headline further down is a heading
_ENDS_SENTENCE = re.compile(r"[.;:,]$|\.\.\.$|…$")
_COUNTER = re.compile(r"\d[\d.,]*\s+\S+(?:\s+\S+){0,2}$")  # "247 views", "247 totale weergaven"
_LETTER = re.compile(r"[^\W\d_]{2}")
_BLANK_LINES = re.compile(r"\n{3,}")


def read(text: str) -> tuple[str, str]:
    """(title, body) of a plain text: the first line that looks like a headline, and all the rest as it stands.

    A headline is a short line that does not end like a sentence and is no counter; a text that begins with prose has
    the title "". Every other line stays in the body, in order; runs of blank lines become one.
    """
    lines = [line.strip() for line in clean(text).strip().split("\n")]
    place = _find_title(lines)
    title = "" if place is None else lines[place]
    rest = lines if place is None else lines[:place] + lines[place + 1 :]
    return title, _BLANK_LINES.sub("\n\n", "\n".join(rest)).strip()


def _find_title(lines: list[str]) -> int | None:
    seen = 0
    for place, line in enumerate(lines):
        if not line:
            continue
        if _is_headline(line):
            return place
        seen += 1
        if seen == _LOOKED_AT or not _is_clutter(line):
            return None
    return None


def _is_headline(line: str) -> bool:
    return len(line) <= _LONGEST_TITLE and not _is_clutter(line) and _ENDS_SENTENCE.search(line) is None


def _is_clutter(line: str) -> bool:
    """A counter or a line without words, which may stand above a headline."""
    return _LETTER.search(line) is None or _COUNTER.match(line) is not None
