"""WARC 1.0 and 1.1, record by record: what a crawl fetched, when, and whether the record is whole.

A record is its version line, named fields, a blank line and a block of as many bytes as it says, then two line ends.
Where a record is damaged, reading goes on at the next line that begins one.
"""

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.news.article import InstantOrigin, Skipped
from service.news.bulk.streams import Broken, Position, Stream
from service.news.dating.dates import DAY_ONLY
from service.news.dating.dates import read as read_date

LARGEST_BLOCK = 32_000_000  # bytes
_LONGEST_LINE = 65_536
_MOST_FIELDS = 200
_VERSION = re.compile(rb"WARC/1\.\d\s*\Z")
_NEXT = re.compile(rb"\r?\n\r?\n(?=WARC/1\.\d\r?\n)")
_ALGORITHMS = {"sha1": 20, "sha256": 32, "md5": 16, "sha512": 64}


@dataclass(frozen=True, slots=True)
class Record:
    """One whole record. `kind` as the file says: response, resource, conversion, revisit, warcinfo, request …

    `seen_at` is UTC, when the crawl saw it (WARC-Date; of a bare day its end). `fields` have lower-case names.
    """

    kind: str
    url: str
    seen_at: dt.datetime
    content_type: str
    block: bytes
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """What stood in one place of the file, and where reading can be taken up behind it."""

    made: Record | Skipped
    after: Position


class _Unusable(Exception):
    def __init__(self, reason: str, detail: str, url: str = "") -> None:
        self.reason, self.detail, self.url = reason, detail, url


def read(stream: Stream, *, name: str) -> Iterator[Read]:
    """Every record from where `stream` stands; one that cannot be used comes as `Skipped`.

    Reasons: `malformed_record` (no version line, no length, fields that cannot be read, damaged packing),
    `truncated_record` (cut off, or the crawler says so), `too_large` (a block above 32 MB), `digest_mismatch`,
    `date_missing`. `what` is the address or, where that is not known, the file's name and place.
    """
    while True:
        at = stream.position()
        try:
            made: Record | Skipped | None = _read_one(stream)
        except _Unusable as unusable:
            made = Skipped(unusable.reason, unusable.url or _place(name, at), unusable.detail)
        except Broken as broken:
            made = Skipped("malformed_record", _place(name, at), str(broken))
        if made is None:
            return
        yield Read(made, stream.position())


def _place(name: str, at: Position) -> str:
    return f"{name} at byte {at.offset}" + (f" + {at.inside}" if at.inside else "")


def _read_one(stream: Stream) -> Record | None:
    line = _next_line(stream)
    if not line:
        return None
    if not _VERSION.match(line):
        _seek_record(stream)
        raise _Unusable("malformed_record", f"no record begins here, but {line[:40]!r}")
    fields = _read_fields(stream)
    url = fields.get("warc-target-uri", "").strip("<> ")[:4096]
    length = fields.get("content-length", "")
    if not length.isascii() or not length.isdigit() or len(length) > 15:
        _seek_record(stream)
        raise _Unusable("malformed_record", f"its length is {length[:40]!r}", url)
    if int(length) > LARGEST_BLOCK:
        _seek_record(stream)
        raise _Unusable("too_large", f"its block is said to have {int(length):,} bytes", url)
    block = stream.read(int(length))
    if len(block) < int(length):
        nested = _NEXT.search(block)
        stream.unread(block[nested.end() :] if nested else b"")
        raise _Unusable("truncated_record", f"{len(block):,} of {int(length):,} bytes are there", url)
    _check_end(stream, block, url)
    return _make(fields, url, block)


def _next_line(stream: Stream) -> bytes:
    """The next line that is not blank; nothing at the end."""
    while (line := stream.readline(_LONGEST_LINE)) and not line.strip():
        pass
    return line


def _seek_record(stream: Stream) -> None:
    """Go to the next line that begins a record, or to the end."""
    is_start = True
    while line := stream.readline(_LONGEST_LINE):
        if is_start and _VERSION.match(line):
            stream.unread(line)
            return
        is_start = line.endswith(b"\n")


def _read_fields(stream: Stream) -> dict[str, str]:
    """Named fields up to the blank line; a line that begins with a space goes on with the one before."""
    fields: dict[str, str] = {}
    last = ""
    for _ in range(_MOST_FIELDS):
        line = stream.readline(_LONGEST_LINE)
        if not line.strip():
            return fields
        if _VERSION.match(line):
            stream.unread(line)
            raise _Unusable("malformed_record", "its fields end in the beginning of another record")
        text = line.decode("utf-8", "replace")
        if text[0] in " \t" and last:
            fields[last] += f" {text.strip()}"
            continue
        field, colon, value = text.partition(":")
        if not colon:
            continue
        last = field.strip().lower()
        fields.setdefault(last, value.strip())
    _seek_record(stream)
    raise _Unusable("malformed_record", f"it has more than {_MOST_FIELDS} fields")


def _check_end(stream: Stream, block: bytes, url: str) -> None:
    """Two line ends stand behind a block, or the file ends; else its length is wrong, and another may lie in it."""
    behind = stream.peek(4)
    if not behind or behind.startswith((b"\r\n\r\n", b"\n\n")) or not behind.strip() or behind == b"WARC":
        return
    nested = _NEXT.search(block)
    if nested:
        stream.unread(block[nested.end() :])
    else:
        _seek_record(stream)
    raise _Unusable("malformed_record", "its length is not that of its block", url)


def _make(fields: Mapping[str, str], url: str, block: bytes) -> Record:
    kind = fields.get("warc-type", "").lower()
    if fields.get("warc-truncated"):
        raise _Unusable("truncated_record", f"the crawler cut it: {fields['warc-truncated'][:40]}", url)
    seen = read_date(fields.get("warc-date", ""), origin=InstantOrigin.HEADER)
    if seen.instant is None:
        raise _Unusable("date_missing", f"WARC-Date: {seen.reason}: {seen.raw}", url)
    if not agrees(fields.get("warc-block-digest", ""), block):
        raise _Unusable("digest_mismatch", "its block is not what was written (WARC-Block-Digest)", url)
    late = dt.timedelta(days=1) if seen.reason == DAY_ONLY else dt.timedelta(0)
    return Record(kind, url, seen.instant + late, fields.get("content-type", ""), block, fields)


def agrees(told: str, contents: bytes) -> bool:
    """Whether `contents` have the digest `told` (`sha1:BASE32`, or hex); one that cannot be checked says nothing."""
    algorithm, colon, value = told.partition(":")
    length = _ALGORITHMS.get(algorithm.strip().lower().replace("-", ""), 0)
    if not colon or not length:
        return True
    expected = _bytes_of(value.strip(), length)
    name = algorithm.strip().lower().replace("-", "")
    return expected is None or hashlib.new(name, contents, usedforsecurity=False).digest() == expected


def _bytes_of(value: str, length: int) -> bytes | None:
    try:
        if len(value) == 2 * length:
            return bytes.fromhex(value)
        found = base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == length else None
