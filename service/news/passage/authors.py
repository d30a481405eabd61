"""Who wrote the article: the sentences at its end (or under its byline) that introduce the author."""

import re
from collections.abc import Sequence

from service.news.article import PassageKind
from service.news.passage.lines import Line
from service.news.passage.rules import Mark

_NAME_WORD = r"[A-ZÀ-ÖØ-Þ][\w'-]*\.?"
_NAME = (
    r"(?!(?:The|An?|In|On|At|For|But|And|If|When|While|De|Het|Een|Op|Voor|Maar|Dit|Deze|Die|Als|Bij|Van)\b)"
    rf"{_NAME_WORD}(?: (?:van|de|der|den|ter|ten|von|el|al|da|di|du|la|le)\b| {_NAME_WORD}){{0,4}} {_NAME_WORD}"
)
_NAMES = re.compile(_NAME)
_NAME_ONLY = re.compile(rf"{_NAME}(?:, [\w. ]{{2,30}})?")
_INTRODUCTION = re.compile(
    rf"({_NAME})(?:,? (?:PhD|MBA|CFA|MD|Jr\.?))?,? (?:is|was|are|covers?|writes?|has|reports?|joined|works?|werkt"
    r"|schrijft|volgt|heeft|studeerde|graduated|serves|leads|teaches|doceert)\b"
)
_ROLE = re.compile(
    r"\b(?:reporter|journalist\w*|writer|editor|correspondente?|columnist|contributor|blogger|author|analyst|producer"
    r"|freelance\w*|researcher|lecturer|professor|fellow|economist|strategist|strateeg|consultant|enthusiast|copywriter"
    r"|schrijver|schrijfster|\w*redacteur|\w*redactrice|verslaggever|verslaggeefster|columniste|auteur|vertaler|analist"
    r"|onderzoeker|hoogleraar|econoom|tekstschrijver|contentschrijver|liefhebber|content creator|bijdrager|specialist"
    r"|covers? (?:\w+ ){0,3}\w+|writes? (?:about|for|on)|schrijft (?:over|voor)|graduated)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:He|She|They|His|Her|Their|Hij|Zij|Ze|Zijn|Haar|Before|Previously|Prior to|Daarvoor|Eerder|Voorheen)\b"
)
_SHORT_NAME = re.compile(
    rf"(?!(?:The|De|Het|Een|An?) ){_NAME_WORD}(?: (?:van|de|der|den|von|al))* {_NAME_WORD}(?: {_NAME_WORD})?"
)
_HEAD = 8  # lines above the article in which a name alone is the author's
_STAMPS = (PassageKind.COUNTER, PassageKind.BIO, PassageKind.SHARE, PassageKind.COMMENTS)
_NAMED = Mark(PassageKind.BIO, "bio.name")
_INTRODUCED = Mark(PassageKind.BIO, "bio.introduction")


def mark_introductions(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Marks the lines that introduce an author (in place).

    A person is introduced where a byline names them, or at the end of the article if nothing before spoke of them:
    "Jane Roe is a reporter at …" inside a story about Jane Roe is the story.
    """
    named = _named_in_bylines(lines, marks)
    _mark_bare_names(lines, marks, named)
    candidates = [index for index, line in enumerate(lines) if marks[index] is None and _introduces(line, named)]
    if not candidates:
        return
    tail = _find_tail(lines, marks, candidates)
    story = "\n".join(
        line.lowered for line, mark in zip(lines[:tail], marks, strict=False) if mark is None and line.words > 6
    )
    for index in candidates:
        name = _name_in(lines[index])
        is_at_end = index >= tail
        has_role = _ROLE.search(lines[index].core) is not None
        if (is_at_end and name.split()[-1].lower() not in story) or (name.lower() in named and (is_at_end or has_role)):
            marks[index] = _INTRODUCED
            _mark_around(lines, marks, index, name)


def _mark_bare_names(lines: Sequence[Line], marks: list[Mark | None], named: set[str]) -> None:
    """Marks names that stand alone: those a byline bears, and a name beside date or share bar above the article."""
    title = next(
        (at for at, mark in enumerate(marks[:_HEAD]) if mark is not None and mark.kind is PassageKind.TITLE), 0
    )
    text = next(
        (at for at, line in enumerate(lines) if at > title and marks[at] is None and line.words > 25), len(lines)
    )
    for index in range(min(text, title + _HEAD), title, -1):  # upwards: "Jane Roe", "Editor", a date
        if (
            index < len(lines)
            and marks[index] is None
            and _SHORT_NAME.fullmatch(lines[index].core)
            and _is_beside_stamp(marks, index)
        ):
            marks[index] = _NAMED
            named.add(lines[index].lowered)
    for index, line in enumerate(lines):
        if marks[index] is None and line.lowered in named:
            marks[index] = _NAMED


def _is_beside_stamp(marks: Sequence[Mark | None], index: int) -> bool:
    beside = (marks[index - 1] if index else None, marks[index + 1] if index + 1 < len(marks) else None)
    return any(mark is not None and mark.kind in _STAMPS for mark in beside)


def _name_in(line: Line) -> str:
    """The name that a line introduces, or nothing."""
    found = _INTRODUCTION.match(line.core)
    return found[1] if found else ""


def _introduces(line: Line, named: set[str]) -> bool:
    """Whether a line has the form of an introduction: a name, a verb, and a trade or a byline that bears the name."""
    if len(line.core) > 1200 or line.bullet:
        return False
    name = _name_in(line)
    return bool(name) and (name.lower() in named or _ROLE.search(line.core) is not None)


def _named_in_bylines(lines: Sequence[Line], marks: Sequence[Mark | None]) -> set[str]:
    """The names in lines already marked as bylines, in small letters."""
    return {
        name.lower()
        for line, mark in zip(lines, marks, strict=True)
        if mark is not None and mark.kind is PassageKind.BIO
        for name in _NAMES.findall(
            re.sub(r"^(?:By|Door|Auteur|Author|Written by|Geschreven door|Tekst) ?:? ?", "", line.core)
        )
    }


def _find_tail(lines: Sequence[Line], marks: Sequence[Mark | None], candidates: Sequence[int]) -> int:
    """Index of the first line after the article's last running text."""
    introductions = set(candidates)
    for index in range(len(lines) - 1, -1, -1):
        if marks[index] is not None or index in introductions or not lines[index].is_prose:
            continue
        if _GOES_ON.match(lines[index].core) and index - 1 in introductions:
            continue
        return index + 1
    return 1  # an introduction alone is no article: the first line is never one


def _mark_around(lines: Sequence[Line], marks: list[Mark | None], index: int, name: str) -> None:
    """Marks the bare name above an introduction and the sentences that go on with it below."""
    above = lines[index - 1] if index else None
    if (
        above is not None
        and marks[index - 1] is None
        and above.core.startswith(name)
        and _NAME_ONLY.fullmatch(above.core)
    ):
        marks[index - 1] = _INTRODUCED
    for following in range(index + 1, min(index + 4, len(lines))):
        if marks[following] is not None or not _GOES_ON.match(lines[following].core):
            return
        marks[following] = _INTRODUCED
