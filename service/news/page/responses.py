"""An HTTP message as a crawl stored it: status, type, and the body unwrapped within bounds."""

import re
import zlib
from dataclasses import dataclass

from service.errors import ParseFailed
from service.news.page.pages import LARGEST_BODY

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})\b")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SIZE = re.compile(rb"\s*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CODECS = {"br": "brotli", "zstd": "zstd"}
_WINDOWS = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}


@dataclass(frozen=True, slots=True)
class Response:
    """`body` as the reader of the page would have had it; `payload` as it stood behind the head."""

    status: int
    content_type: str
    body: bytes
    payload: bytes


def read(block: bytes) -> Response:
    """The response in `block`. Raises `ParseFailed`: `malformed_record`, `too_large`, `unsupported_encoding`.

    Crawlers often store a body already joined or inflated and keep the header that says otherwise: a body that is not
    what its header says is taken as it stands.
    """
    status = _STATUS.match(block)
    end = _HEAD_END.search(block)
    if status is None or end is None:
        raise ParseFailed("malformed_record", f"no HTTP response, but {block[:40]!r}")
    headers = _read_headers(block[: end.start()])
    payload = block[end.end() :]
    body = payload
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = join_chunks(payload)
    for coding in reversed([part.strip().lower() for part in headers.get("content-encoding", "").split(",")]):
        body = _decode(body, coding)
    if len(body) > LARGEST_BODY:
        raise ParseFailed("too_large", f"the page has more than {LARGEST_BODY:,} bytes")
    return Response(int(status[1]), headers.get("content-type", ""), body, payload)


def _read_headers(head: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in head.splitlines()[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def join_chunks(payload: bytes) -> bytes:
    """The body of a chunked message; the payload itself where it is not chunked (any more).

    Raises `ParseFailed("truncated_record")` where the chunks end before the last.
    """
    parts: list[bytes] = []
    at = 0
    while (size := _SIZE.match(payload, at)) is not None:
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        part = payload[size.end() : size.end() + length]
        if len(part) < length and parts:
            break
        if len(part) < length or payload[size.end() + length :][:1] not in (b"\r", b"\n", b""):
            return payload
        parts.append(part)
        at = size.end() + length
        at += 2 if payload[at : at + 2] == b"\r\n" else 1
    if parts:
        raise ParseFailed("truncated_record", "the last chunk of its body is missing")
    return payload


def _decode(body: bytes, coding: str) -> bytes:
    if coding in ("", "identity"):
        return body
    if coding in _CODECS:
        return _inflate(body, coding)
    if coding not in _WINDOWS:
        raise ParseFailed("unsupported_encoding", f"Content-Encoding: {coding[:40]}")
    for window in _WINDOWS[coding]:
        inflater = zlib.decompressobj(wbits=window)
        try:
            found = inflater.decompress(body, LARGEST_BODY + 1)
        except zlib.error:
            continue
        if len(found) > LARGEST_BODY:
            raise ParseFailed("too_large", f"the page inflates beyond {LARGEST_BODY:,} bytes")
        if not inflater.eof:
            raise ParseFailed("truncated_record", "the packed body ends too early")
        return found
    if body.startswith(b"\x1f\x8b"):
        raise ParseFailed("malformed_record", "the packed body is damaged")
    return body


def _inflate(body: bytes, coding: str) -> bytes:
    """Brotli and Zstandard, which carry no mark of their own that one could trust: markup is taken as it stands."""
    import pyarrow as pa

    if body[:64].lstrip()[:1] in (b"<", b"{"):
        return body
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), _CODECS[coding]) as stream:
            found = bytes(stream.read(LARGEST_BODY + 1))
    except (pa.ArrowException, OSError) as error:
        raise ParseFailed("malformed_record", f"the body is no whole {coding}") from error
    if len(found) > LARGEST_BODY:
        raise ParseFailed("too_large", f"the page inflates beyond {LARGEST_BODY:,} bytes")
    return found
