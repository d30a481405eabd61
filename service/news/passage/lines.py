"""A text cut into the lines that passages are made of, with what the rules ask of each."""

import re
from typing import NamedTuple

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BULLET = re.compile(r"[•·▪◦●‣✓✔✅➤➡→★☑*–—-]+\s+|\d{1,2}[.)]\s+|>\s+|#{1,6}\s+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]*_]*$")

# Some pages and archives glue what stood below an article to its last paragraph: there a line is cut at these words.
_GLUED_CUES = (
    *("isclosure", "isclaimer", "mage", "hoto", "hart", "Foto", "Beeld", "fbeelding", "Let op", "Lees ", "ead more"),
    *("READ MORE", "lso read", "ditor's", "ollow us", ">>", " via "),
)
_GLUED = re.compile(
    r"""(?<=[.!?…"”')\]])\ +(?=
        (?:Disclosures?|Disclaimer|Let\ op|Lees\ ook|Lees\ meer|Read\ more|READ\ MORE|Also\ read|Editor's\ [Nn]ote
         |Header\ [Ii]mage|Image|Photo|Foto|Beeld|Uitgelichte\ afbeelding)\ ?(?:[Cc]redits?|[Ss]ource)?\ ?:
        |(?:[\w'-]+\ ){0,4}(?:[Ii]mage|[Pp]hoto|[Cc]hart)s?\ (?:via|courtesy\ of|from|by)\ [A-Z]
        |(?:[\w'$&-]+\ ){1,6}via\ [A-Z]\w+(?:/[\w\ ]{2,20})?$
        |Follow\ us\ on\ )
    |\ +(?=Feature[sd]?\ [Ii]mages?\ ?:|Disclosure:\ The\ author|>>\ ?[A-Z0-9"'])""",
    re.VERBOSE,
)
_GLUED_FROM = 240  # code points: shorter lines are not cut
_GLUED_REACH = 900  # how far from its end a line may be cut


class Line(NamedTuple):
    """A line, or the end of one that was glued on: `text[start:end]`, without outer white space.

    `core` is what rules read: one space between words, straight quotes, no bullet or emphasis marks. `lowered` is
    `core` in small letters. `gap` says a blank line stands before it, `glued` that nothing but a space does.
    """

    start: int
    end: int
    core: str
    lowered: str
    gap: bool
    glued: bool
    bullet: bool

    @property
    def words(self) -> int:
        """How many words it has."""
        return self.core.count(" ") + 1

    @property
    def is_sentence(self) -> bool:
        """Whether it closes with a full stop, question or exclamation mark, or ellipsis."""
        return _SENTENCE_END.search(self.core) is not None

    @property
    def is_prose(self) -> bool:
        """Whether it reads as running text: a closed sentence of some length, or simply long."""
        count = self.words
        return count > 40 or (count >= 8 and self.is_sentence)


def straighten(text: str) -> str:
    """The same text, code point for code point, with straight apostrophes and plain spaces."""
    for odd in "’‘ʼ′":
        text = text.replace(odd, "'")
    for odd in "\u00a0\u202f\u2009\u200b\u200e\u200f\u2060\ufeff\u00ad":
        text = text.replace(odd, " ")
    return text


def cut(text: str) -> list[Line]:
    """The non-blank lines of a text that went through `straighten`, in order. Linear in its length."""
    lines: list[Line] = []
    previous_end = 0
    for found in _LINE.finditer(text):
        start, end = found.span()
        stripped = found.group().strip()
        if not stripped:
            continue
        start += len(found.group()) - len(found.group().lstrip())
        end = start + len(stripped)
        gap = not lines or text.count("\n", previous_end, start) > 1
        previous_end = end
        for at, until in _unglue(text, start, end) if end - start > _GLUED_FROM else ((start, end),):
            lines.append(_read(text, at, until, gap=gap, glued=at > start))
    return lines


def _unglue(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a long line: all of it, or the paragraph and each piece that seems glued to its end."""
    parts: list[tuple[int, int]] = []
    at = start
    reach = max(start, end - _GLUED_REACH)
    tail = text[reach:end]
    if any(cue in tail for cue in _GLUED_CUES):
        for space in _GLUED.finditer(text, reach, end):
            if space.start() > at:
                parts.append((at, space.start()))
                at = space.end()
    parts.append((at, end))
    return parts


def _read(text: str, start: int, end: int, *, gap: bool, glued: bool) -> Line:
    """One line with its core."""
    core = " ".join(text[start:end].split())
    mark = _BULLET.match(core)
    bullet = mark is not None and "#" not in mark.group() and mark.end() < len(core)
    if mark is not None and mark.end() < len(core):
        core = core[mark.end() :]
    core = core.strip("*_ ") or core
    return Line(start, end, core, core.lower(), gap, glued, bullet)
