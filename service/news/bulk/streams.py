"""Bytes of an archive as one stream: inflated as far as asked, and able to say where reading can be taken up again."""

import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.errors import ParseFailed

PIECE = 1 << 16
FREE_BYTES = 20_000_000
LARGEST_RATIO = 200
"""Text packs to a tenth, seldom to a fiftieth: what inflates further, beyond the first 20 MB, is a bomb."""

_GZIP = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a stream can be taken up: a place in the file as it lies, and how many inflated bytes lie before it there.

    Of a table of rows, `offset` counts its rows instead.
    """

    offset: int = 0
    inside: int = 0


START = Position()


class Broken(Exception):
    """Packed bytes cannot be inflated here; the stream goes on at the next packed member, if there is one."""


def refuse_bomb(inflated: int, packed: int) -> None:
    """Raise `ParseFailed("too_large")` where `packed` bytes grew beyond what any text grows to."""
    if inflated > FREE_BYTES and inflated > LARGEST_RATIO * packed:
        raise ParseFailed(
            "too_large",
            f"it inflates to more than {LARGEST_RATIO} times its size: no archive of news does; left unread",
        )


class Stream:
    """Reads `chunks`, the file's bytes from `start.offset` on, inflating gzip members where `is_gzip`.

    Holds a few pieces of 64 KB beside what is asked for at once. Reading raises `Broken` where a member is damaged or
    cut off, once, and then goes on behind it; `ParseFailed` for a bomb.
    """

    def __init__(self, chunks: Iterator[bytes], *, is_gzip: bool = False, start: Position = START) -> None:
        self._chunks, self._is_gzip = chunks, is_gzip
        self._packed, self._packed_at, self._began_at = b"", start.offset, start.offset
        self._inflater: Any = None  # zlib's type has no public name
        self._buffer, self._next = b"", 0
        self._filled = 0  # bytes that ever came into the buffer
        self._members: deque[tuple[int, int]] = deque([(0, start.offset)])  # (bytes before it, its place in the file)
        self._broken = ""
        if start.inside:
            self.skip(start.inside)

    def position(self) -> Position:
        """Where the next byte to be read lies."""
        at = self._filled - (len(self._buffer) - self._next)
        if not self._is_gzip:
            return Position(self._began_at + at)
        while len(self._members) > 1 and self._members[1][0] <= at:
            self._members.popleft()
        before, offset = self._members[0]
        return Position(offset, at - before)

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        parts: list[bytes] = []
        missing = size
        while missing > 0 and (self._next < len(self._buffer) or self._fill(has_more=bool(parts))):
            part = self._buffer[self._next : self._next + missing]
            self._next += len(part)
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """Pass over `size` bytes; how many there were."""
        passed = 0
        while passed < size and (part := self.read(min(size - passed, PIECE))):
            passed += len(part)
        return passed

    def peek(self, size: int) -> bytes:
        """The next `size` bytes without passing over them, fewer only at the end."""
        seen = self.read(size)
        self.unread(seen)
        return seen

    def unread(self, seen: bytes) -> None:
        """Give bytes back that were just read."""
        if seen and self._buffer[self._next - len(seen) : self._next] == seen and self._next >= len(seen):
            self._next -= len(seen)
        elif seen:
            self._buffer, self._next = seen + self._buffer[self._next :], 0

    def readline(self, limit: int) -> bytes:
        """Up to and with the next line feed, at most `limit` bytes; nothing at the end."""
        parts: list[bytes] = []
        held = 0
        while held < limit and (self._next < len(self._buffer) or self._fill(has_more=bool(parts))):
            end = self._buffer.find(b"\n", self._next, self._next + limit - held)
            stop = end + 1 if end >= 0 else min(len(self._buffer), self._next + limit - held)
            parts.append(self._buffer[self._next : stop])
            held += stop - self._next
            self._next = stop
            if end >= 0:
                break
        return b"".join(parts)

    def _fill(self, *, has_more: bool) -> bool:
        """Fetch the next piece; a break is told once what `has_more` of the read before it has been handed out."""
        if self._broken and has_more:
            return False
        self._tell_broken()
        piece = self._inflate() if self._is_gzip else next(self._chunks, b"")
        if not piece and not has_more:
            self._tell_broken()
        self._buffer, self._next = piece, 0
        self._filled += len(piece)
        return bool(piece)

    def _tell_broken(self) -> None:
        why, self._broken = self._broken, ""
        if why:
            raise Broken(why)

    def _inflate(self) -> bytes:
        """The next inflated piece; nothing at the end, or where `_broken` says why."""
        while self._packed or self._load():
            if self._inflater is None and not self._begin_member():
                continue
            given = self._packed
            try:
                piece: bytes = self._inflater.decompress(given, PIECE)
            except zlib.error as error:
                self._give_up(f"the packed bytes at {self._members[-1][1]:,} are damaged ({error})")
                return b""
            is_done = self._inflater.eof
            self._packed = self._inflater.unused_data if is_done else self._inflater.unconsumed_tail
            self._packed_at += len(given) - len(self._packed)
            self._inflater = None if is_done else self._inflater
            if piece:
                refuse_bomb(self._filled + len(piece), self._packed_at - self._began_at)
                return piece
        if self._inflater is not None:
            self._inflater = None
            self._broken = f"the packed bytes at {self._members[-1][1]:,} end too early"
        return b""

    def _load(self) -> bool:
        self._packed = next(self._chunks, b"")
        return bool(self._packed)

    def _begin_member(self) -> bool:
        """Start inflating at the next member; what stands before it is no gzip and is passed over."""
        while len(self._packed) < len(_GZIP) and (more := next(self._chunks, b"")):
            self._packed += more
        found = self._packed.find(_GZIP)
        keep = found if found >= 0 else max(len(self._packed) - len(_GZIP) + 1, 0)
        if found < 0 and not (more := next(self._chunks, b"")):
            keep = len(self._packed)
        elif found < 0:
            self._packed += more
        self._packed, self._packed_at = self._packed[keep:], self._packed_at + keep
        if found < 0:
            return False
        self._inflater = zlib.decompressobj(wbits=31)
        if self._members[-1] != (self._filled, self._packed_at):
            self._members.append((self._filled, self._packed_at))
        return True

    def _give_up(self, why: str) -> None:
        """Leave a damaged member: the next is looked for behind the byte at which this one was seen to be damaged."""
        self._inflater, self._broken = None, why
        self._packed, self._packed_at = self._packed[1:], self._packed_at + 1
