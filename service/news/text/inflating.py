"""Bytes as sent to bytes as meant, never more of them than allowed: what inflates a thousandfold is cut on the way.

wire ─▶ outermost coding ─▶ … ─▶ innermost coding ─▶ body       each step in pieces of at most 64 KiB, each counted
"""

import zlib
from collections.abc import Generator, Iterator
from importlib import import_module
from typing import Any, Final, Protocol

from service.errors import FetchFailed

PIECE: Final = 65_536
MOST_CODINGS: Final = 3
MOST_MEMBERS: Final = 1_000  # each costs time, and may hold nothing
_GZIP_OR_ZLIB: Final = 47  # 32 + 15: told by the first bytes (zlib.h, inflateInit2)
_RAW: Final = -15
_GZIP_MARK: Final = b"\x1f\x8b"


def offered_codings() -> str:
    """What an Accept-Encoding header may promise: `br` only where a brotli that can be bounded is installed."""
    return "gzip, deflate, br" if _find_brotli() else "gzip, deflate"


class Inflater:
    """Undoes the content codings a header lists, in reverse, up to `max_bytes` at every step.

    Raises `FetchFailed`: `too_large`; `content_encoding` for a coding that was not offered and for bytes that are not
    coded as said; `truncated` by `finish` where the coded stream has no end.
    """

    def __init__(self, codings: str, max_bytes: int, where: str = "the answer") -> None:
        names = [name for name in (part.strip().lower() for part in codings.split(",")) if name not in ("", "identity")]
        if len(names) > MOST_CODINGS:
            raise FetchFailed("content_encoding", f"{where}: is coded {len(names)} times over")
        self._steps = [_step(name, where) for name in reversed(names)]
        self._sizes = [0] * (len(names) + 1)
        self._most, self._where = max_bytes, where
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes from the wire."""
        for piece in self._inflate(data, 0):
            self._body += piece

    def finish(self) -> bytes:
        """The body; `FetchFailed("truncated")` where a coding was begun and not ended."""
        if self._body or any(self._sizes):
            for step in self._steps:
                if not step.is_ended:
                    raise FetchFailed("truncated", f"{self._where}: its compressed body has no end")
        return bytes(self._body)

    def _inflate(self, data: bytes, depth: int) -> Iterator[bytes]:
        self._sizes[depth] += len(data)
        if self._sizes[depth] > self._most:
            raise FetchFailed("too_large", f"{self._where}: more than {self._most:,} bytes")
        if depth == len(self._steps):
            yield data
            return
        for piece in self._steps[depth].pieces(data):
            yield from self._inflate(piece, depth + 1)


class _Step(Protocol):
    @property
    def is_ended(self) -> bool:
        """Whether what was fed so far is whole."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What `data` inflates to, at most `PIECE` bytes at a time."""


def _step(name: str, where: str) -> _Step:
    if name in ("gzip", "x-gzip", "deflate"):
        return _Zlib(where, may_be_bare=name == "deflate")
    brotli = _find_brotli() if name == "br" else None
    if brotli is None:
        raise FetchFailed("content_encoding", f"{where}: is coded as {name[:40]!r}, which was not asked for")
    return _Brotli(brotli, where)


class _Zlib:
    """gzip (one member or several), zlib, and the bare deflate that some servers send under that name."""

    def __init__(self, where: str, *, may_be_bare: bool) -> None:
        self._where, self._may_be_bare = where, may_be_bare
        self._stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._held = b""  # a first byte, until there are two to tell the format by
        self._members = 0
        self._is_over = False
        self.is_ended = False

    def pieces(self, data: bytes) -> Iterator[bytes]:
        data, self._held = self._held + data, b""
        while data and not self._is_over:
            if self._members == 0 or self.is_ended:
                if len(data) < 2:
                    self._held = data
                    return
                self._begin_member(data)
            if not self._is_over:
                data = yield from self._inflate(data)

    def _begin_member(self, data: bytes) -> None:
        """The first, or a further one of gzip; what else stands behind an end is padding."""
        if self._members and not data.startswith(_GZIP_MARK):
            self._is_over = True
            return
        if self._members == MOST_MEMBERS:
            raise FetchFailed("content_encoding", f"{self._where}: is compressed in more than {MOST_MEMBERS} parts")
        is_bare = self._may_be_bare and not _has_header(data)
        self._stream = zlib.decompressobj(_RAW if is_bare else _GZIP_OR_ZLIB)
        self._members, self.is_ended = self._members + 1, False

    def _inflate(self, data: bytes) -> Generator[bytes, None, bytes]:
        """Returns what lies behind the end of the stream."""
        while True:
            try:
                piece = self._stream.decompress(data, PIECE)
            except zlib.error as error:
                raise FetchFailed("content_encoding", f"{self._where}: is not compressed as it claims") from error
            if piece:
                yield piece
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                self.is_ended = True
                return self._stream.unused_data
            if not data and len(piece) < PIECE:
                return b""


def _has_header(data: bytes) -> bool:
    """Of gzip, or of zlib (RFC 1950, 2.2)."""
    return data.startswith(_GZIP_MARK) or (data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0)


class _Brotli:
    def __init__(self, brotli: Any, where: str) -> None:
        self._stream, self._error, self._where = brotli.Decompressor(), brotli.error, where

    @property
    def is_ended(self) -> bool:
        return bool(self._stream.is_finished())

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data or not self._stream.can_accept_more_data():
            if self.is_ended:
                return
            try:
                piece = self._stream.process(data, output_buffer_limit=PIECE)
            except self._error as error:
                raise FetchFailed("content_encoding", f"{self._where}: is not compressed as it claims") from error
            data = b""
            if piece:
                yield piece


def _find_brotli() -> Any:
    """The library, None where it is absent or too old to be held to a bound."""
    try:
        brotli = import_module("brotli")
        brotli.Decompressor().process(b"", output_buffer_limit=PIECE)
    except (ImportError, TypeError):
        return None
    return brotli
