"""What an archive is, told by its first bytes; for what is none, what it looks like and what to do with it."""

import enum
import re

from service.errors import BadInput
from service.news.bulk.gdelt import looks_like_gkg
from service.news.syndication.recognise import Kind, recognise

HEAD_BYTES = 8192


class Form(enum.Enum):
    """The forms in which news comes in bulk."""

    TABLE = "table"
    PARQUET = "parquet"
    WARC = "warc"
    MAIL = "mail"
    GKG = "gkg"


_SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF", "save its text and use newscandle ingest"),
    (b"\x89PNG", "a picture", "there is no text in it to read"),
    (b"\xff\xd8\xff", "a picture", "there is no text in it to read"),
    (b"GIF8", "a picture", "there is no text in it to read"),
    (b"SQLite format 3\0", "an SQLite database", "export its table as CSV or Parquet"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "save it as CSV"),
    (b"ARROW1", "an Arrow file", "write it as Parquet"),
    (b"FEA1", "a Feather file", "write it as Parquet"),
    (b"Obj\x01", "an Avro file", "write it as Parquet"),
    (b"BZh", "packed by bzip2", "unpack it first (bunzip2)"),
    (b"\xfd7zXZ\0", "packed by xz", "unpack it first (unxz)"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"PK\x03\x04", "a zip within a packed file", "unpack the outer one first"),
    (b"\x1f\x8b", "packed twice", "unpack it once (gunzip)"),
    (b"filedesc://", "an ARC file, which WARC came after", "convert it to WARC"),
)
_SENT = re.compile(rb"\A(?:[A-Za-z][A-Za-z-]{1,60}:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){2,}")
_MAIL_FIELDS = re.compile(
    rb"^(?:From|Date|Subject|Received|Message-ID|MIME-Version|Delivered-To|Return-Path):", re.IGNORECASE | re.MULTILINE
)
_EVENT = re.compile(r"\d{6,12}\t\d{8}\t\d{6}\t\d{4}\t")
_MENTION = re.compile(r"\d{6,12}\t\d{14}\t\d{14}\t\d\t")
_ONLY_GKG = "of GDELT only the knowledge graph is read: the file that ends in .gkg.csv"


def tell_form(head: bytes, *, name: str) -> Form:
    """The form of the archive called `name` that begins with `head`, up to 8 KB of its unpacked bytes.

    Raises `BadInput` for what is no archive of news, with what it looks like and the remedy.
    """
    if not head.strip(b" \t\r\n\0"):
        raise BadInput("archive", name, "the file is empty")
    if head.startswith(b"PAR1"):
        return Form.PARQUET
    if head.lstrip(b"\r\n").startswith(b"WARC/"):
        return Form.WARC
    for sign, what, remedy in _SIGNS:
        if head.startswith(sign):
            raise BadInput("archive", name, f"looks like {what}: {remedy}")
    if head.startswith(b"From ") or _is_message(head):
        return Form.MAIL
    _refuse_others(head, name)
    first = head.partition(b"\n")[0].decode("utf-8", "replace")
    return Form.GKG if looks_like_gkg(first) else Form.TABLE


def _is_message(head: bytes) -> bool:
    found = _SENT.match(head)
    return found is not None and len(_MAIL_FIELDS.findall(found.group())) >= 2


def _refuse_others(head: bytes, name: str) -> None:
    first = head.partition(b"\n")[0].decode("utf-8", "replace")
    if _EVENT.match(first) or _MENTION.match(first) or first.startswith("DATE\tNUMARTS\tCOUNTS\tTHEMES"):
        raise BadInput("archive", name, f"looks like another file of GDELT: {_ONLY_GKG}")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("archive", name, "looks like binary data: give CSV, TSV, JSON, Parquet, WARC, mbox or GDELT GKG")
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return
    kind = recognise(head)
    if kind is not Kind.TEXT:
        raise BadInput("archive", name, f"looks like a single {kind.value}: use newscandle ingest for it")
