"""GDELT's Global Knowledge Graph 2.0 and 2.1: what GDELT reads in an article, kept as a second opinion on its tone.

A file holds a line per document, 27 fields parted by tabs, and comes out every 15 minutes (Global Knowledge Graph
Codebook V2.1, 2015-02-19). There is no text in it, so a line is never an article.
"""

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import BadInput
from service.news.article import Skipped, key_of
from service.news.bulk.streams import Broken, Position, Stream
from service.news.text.characters import fold
from service.news.urls import canonical

FIELDS = 27
SOURCE = "gdelt"
_LONGEST_LINE = 2_000_000  # bytes
_MOST_NAMES = 500
_RECORD = re.compile(r"\d{14}-T?\d{1,10}")
_STAMP = re.compile(r"(?<!\d)(\d{14})(?!\d)")
_LANGUAGE = re.compile(r"srclc:([a-z]{2,3})")
_WEB = (
    "1"  # V2SOURCECOLLECTIONIDENTIFIER: others name print, broadcast and libraries, whose identifiers are no addresses
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What another reader says of the article of one address.

    `tone` −100…100 (percent of positive words less percent of negative ones; seldom beyond ±10), `positive`, `negative`
    and `polarity` (words with any tone) 0…100, `words` the length of the text it read. `language` is what it was
    translated from (ISO 639-3), "" for English. `available_at`: the 15 minutes' stamp of its file, UTC.
    """

    source: str
    record: str
    url: str
    site: str
    tone: float
    positive: float
    negative: float
    polarity: float
    words: int
    language: str
    themes: tuple[str, ...]
    persons: tuple[str, ...]
    organisations: tuple[str, ...]
    names: tuple[str, ...]
    available_at: dt.datetime

    @property
    def key(self) -> str:
        """The key of the article it speaks of."""
        return key_of(self.url)


@dataclass(frozen=True, slots=True)
class Read:
    """What a line held, and where reading can be taken up behind it."""

    made: Opinion | Skipped
    after: Position


def looks_like_gkg(line: str) -> bool:
    """Whether a file that begins so is of the knowledge graph."""
    fields = line.split("\t")
    return len(fields) > 16 and _RECORD.fullmatch(fields[0]) is not None and _STAMP.fullmatch(fields[1]) is not None


def read(stream: Stream, *, name: str, number: int = 0) -> Iterator[Read]:
    """Every line from where `stream` stands, `number` of them lying before it.

    Reasons: `malformed_record` (other than 27 fields, no record id, figures that are none), `too_large` (a line above
    2 MB), `date_missing`, `no_address` (print, broadcast), `no_tone`. Known at the later of the line's stamp and the
    one in the file's name.
    """
    stamped = _read_stamp(name)
    while True:
        try:
            line = stream.readline(_LONGEST_LINE)
        except Broken as broken:
            number += 1
            yield Read(Skipped("malformed_record", f"{name} line {number}", str(broken)), stream.position())
            continue
        if not line:
            return
        number += 1
        where = f"{name} line {number}"
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (more := stream.readline(_LONGEST_LINE)) and not more.endswith(b"\n"):
                pass
            yield Read(Skipped("too_large", where, f"more than {_LONGEST_LINE:,} bytes"), stream.position())
        elif line.strip():
            yield Read(_read_line(line.decode("utf-8", "replace"), where, stamped), stream.position())


def _read_stamp(text: str) -> dt.datetime | None:
    found = _STAMP.search(text)
    try:
        return dt.datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC) if found else None
    except ValueError:
        return None


def _read_line(line: str, where: str, stamped: dt.datetime | None) -> Opinion | Skipped:
    fields = line.rstrip("\r\n").split("\t")
    if len(fields) not in (FIELDS, FIELDS - 1) or not _RECORD.fullmatch(fields[0]):
        return Skipped("malformed_record", where, f"{len(fields)} fields, the first is {fields[0][:40]!r}")
    told_at = _read_stamp(fields[1]) if _STAMP.fullmatch(fields[1]) else None
    if told_at is None or not 2013 <= told_at.year <= 2100:
        return Skipped("date_missing", where, f"V2.1DATE: {fields[1][:40]}")
    address = _read_address(fields[2], fields[4])
    if not address:
        return Skipped("no_address", where, f"collection {fields[2][:10]}: {fields[4][:200]}")
    figures = _read_figures(fields[15])
    if figures is None:
        return Skipped("no_tone" if not fields[15].strip() else "malformed_record", where, f"tone: {fields[15][:80]}")
    language = _LANGUAGE.match(fields[25]) if len(fields) > 25 else None
    tone, positive, negative, polarity, words = figures
    return Opinion(
        source=SOURCE,
        record=fields[0],
        url=address,
        site=fold(fields[3])[:200],
        tone=tone,
        positive=positive,
        negative=negative,
        polarity=polarity,
        words=words,
        language=language[1] if language else "",
        themes=_names(fields[8] or fields[7]),
        persons=_names(fields[12] or fields[11]),
        organisations=_names(fields[14] or fields[13]),
        names=_names(fields[23]),
        available_at=max(told_at, stamped or told_at),
    )


def _read_address(collection: str, identifier: str) -> str:
    if collection.strip() != _WEB:
        return ""
    try:
        return canonical(identifier)
    except BadInput:
        return ""


def _read_figures(text: str) -> tuple[float, float, float, float, int] | None:
    """Tone, positive, negative, polarity and word count of V1.5TONE, which has seven figures; 2.0 may lack the last."""
    parts = text.split(",")
    try:
        figures = [float(part) for part in parts[:7]]
    except ValueError:
        return None
    if len(figures) < 4 or not all(math.isfinite(figure) and abs(figure) <= 1e9 for figure in figures):
        return None
    tone, positive, negative, polarity = figures[:4]
    if abs(tone) > 100 or any(not 0 <= figure <= 100 for figure in (positive, negative, polarity)):
        return None
    return tone, positive, negative, polarity, int(figures[6]) if len(figures) == 7 and figures[6] >= 0 else 0


def _names(text: str) -> tuple[str, ...]:
    """Distinct names of a list `NAME,OFFSET;NAME,OFFSET…` in its order, at most 500."""
    names: dict[str, None] = {}
    for part in text.split(";"):
        name, comma, offset = part.rpartition(",")
        told = fold(name if comma and offset.strip().lstrip("-").isdigit() else part)[:200]
        if told:
            names[told] = None
        if len(names) == _MOST_NAMES:
            break
    return tuple(names)
