"""Bytes to text: which encoding a body is really in, whatever its headers say."""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the shorter one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first character of a document without a mark is "<" or "{".
_OPENINGS = (
    (re.compile(rb"[<{]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_HTML_DECLARATION = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
# Browsers read these names as their supersets, and so do the people who write them.
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "iso8859-9": "cp1254"}
# Codecs that are no character set of documents, or that hide markup from a look at the bytes.
_REFUSED = {"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "rot13"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the codec that read it; `is_contradicted` where the header or declaration named another one."""

    text: str
    encoding: str
    is_contradicted: bool = False


def decode(body: bytes, *, content_type: str = "") -> Decoded:
    """Read a feed or page as text. Never fails: the last resort is Windows-1252, then Latin-1.

    Order: byte-order mark; UTF-16/32 by its zero bytes; the charset of the header (`content_type`); the declaration
    inside the document; UTF-8; Windows-1252. A name counts only if the whole body decodes by it.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return Decoded(body[len(mark) :].decode(name, "replace"), name)
    for opening, name in _OPENINGS:
        if opening.match(body):
            return Decoded(body.decode(name, "replace"), name)
    named = _named(body[:4096], content_type)
    for name in [*named, "utf-8"]:
        try:
            text = body.decode(name)
        except UnicodeDecodeError:
            continue
        return Decoded(text, name, is_contradicted=bool(named) and name != named[0])
    return Decoded(_decode_western(body), "cp1252", is_contradicted=True)


def is_utf8(body: bytes, *, content_type: str = "") -> bool:
    """Whether `decode` would read the body as UTF-8 if it can be: nothing names another encoding. A quick look."""
    if body.startswith(codecs.BOM_UTF8):
        return True
    return b"\0" not in body and {*_named(body[:4096], content_type)} <= {"utf-8"}


def _named(head: bytes, content_type: str) -> list[str]:
    """Codecs named by the header and by the document, in that order; unknown and refused names are left out."""
    header = _HEADER.search(content_type) if content_type else None
    found = [header.group(1)] if header else []
    if b"<?xml" in head and (declared := _XML_DECLARATION.search(head)):
        found.append(declared.group(1).decode("ascii", "replace"))
    if b"charset" in head.lower() and (declared := _HTML_DECLARATION.search(head)):
        found.append(declared.group(1).decode("ascii", "replace"))
    names: list[str] = []
    for name in found:
        codec = _codec(name)
        if codec and codec not in names:
            names.append(codec)
    return names


@lru_cache(64)
def _codec(name: str) -> str:
    """Python's name of a character set, or "" where it is unknown, refused or needs zero bytes the body lacks."""
    try:
        codec = codecs.lookup(name).name
        b"".decode(codec)  # refuses codecs that do not make text
    except LookupError:
        return ""
    codec = _SUPERSETS.get(codec, codec)
    return "" if codec in _REFUSED or codec.startswith(("utf-16", "utf-32")) else codec


def _decode_western(body: bytes) -> str:
    try:
        return body.decode("cp1252")
    except UnicodeDecodeError:
        return body.decode("latin-1")
