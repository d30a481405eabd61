"""Files of bulk imports as streams: found by pattern, told apart by their bytes, unpacked within bounds.

words of the command ─find→ paths ─open→ ArchiveFile, one a file or a zip's member ─stream_at→ Stream
"""

import hashlib
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from service.errors import BadInput, ParseFailed
from service.news.bulk.forms import HEAD_BYTES
from service.news.bulk.streams import PIECE, START, Position, Stream, refuse_bomb

_MOST_MEMBERS = 10_000
_ZIP, _GZIP, _ZSTD = b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One archive to be read. `digest`: sha256 of the file's bytes and the member's name, 64 hex digits."""

    name: str
    path: Path
    digest: str
    packing: Literal["", "gzip", "zstd", "zip"]
    member: str = ""

    @contextmanager
    def stream_at(self, position: Position = START) -> Iterator[Stream]:
        """Its unpacked bytes from `position` on. Raises `ParseFailed` while reading a bomb."""
        with ExitStack() as stack:
            file = stack.enter_context(_open(self.path))
            if self.packing in ("", "gzip"):
                file.seek(position.offset)
                yield Stream(_pieces(file), is_gzip=self.packing == "gzip", start=position)
                return
            unpacked: Any = (
                stack.enter_context(_open_member(file, self.member))
                if self.packing == "zip"
                else stack.enter_context(closing(_inflate_zstd(file)))
            )
            stream = Stream(_guarded(unpacked, self._packed_size(file)))
            stream.skip(position.offset)
            yield stream

    def _packed_size(self, file: BinaryIO) -> int:
        if self.packing == "zip":
            with zipfile.ZipFile(file) as whole:
                return whole.getinfo(self.member).compress_size
        return self.path.stat().st_size

    def read_head(self) -> bytes:
        """Its first unpacked bytes, at most 8 KB."""
        with self.stream_at() as stream:
            return stream.read(HEAD_BYTES)

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """The unpacked file to seek in; a packed one is unpacked into a temporary file first."""
        if not self.packing:
            with _open(self.path) as file:
                yield file
            return
        with tempfile.TemporaryFile() as copy:
            with self.stream_at() as stream:
                while piece := stream.read(PIECE):
                    copy.write(piece)
            copy.seek(0)
            yield cast("BinaryIO", copy)


def find(words: tuple[str, ...]) -> list[str]:
    """The files that paths and patterns (`*`, `?`, `[…]`, `**`) name, each once; `-` stays. Raises `BadInput`."""
    found: dict[str, None] = {}
    for word in words:
        if word == "-" or Path(word).is_file():
            found[word] = None
            continue
        is_pattern = has_magic(word)
        fitting = glob(word, recursive=True) if is_pattern else []  # noqa: PTH207 - Path.glob takes no absolute pattern
        named = sorted(one for one in fitting if Path(one).is_file())
        if not named:
            remedy = "no file fits this pattern" if is_pattern else "there is no such file"
            raise BadInput("FILE", word, f"{remedy}; give a file, a pattern in quotes, or - for standard input")
        found |= dict.fromkeys(named)
    return list(found)


@contextmanager
def opened(word: str) -> Iterator[Iterator[ArchiveFile]]:
    """The archives in a file: itself, or the members of a zip; `-` is standard input, kept in a temporary file."""
    if word != "-":
        path = Path(word)
        yield _archives(path, path.name)
        return
    with tempfile.NamedTemporaryFile(prefix="newscandle-") as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled, PIECE)
        spooled.flush()
        yield _archives(Path(spooled.name), "standard input")


def _archives(path: Path, name: str) -> Iterator[ArchiveFile]:
    digest, head = _hash(path)
    if head.startswith(_ZIP):
        for member in _list_members(path, name):
            own = hashlib.sha256(f"{digest}\x00{member}".encode()).hexdigest()
            yield ArchiveFile(f"{name}/{member}", path, own, "zip", member)
        return
    packing: Literal["", "gzip", "zstd"] = "gzip" if head.startswith(_GZIP) else ""
    yield ArchiveFile(name, path, digest, "zstd" if head.startswith(_ZSTD) else packing)


def _hash(path: Path) -> tuple[str, bytes]:
    digest, head = hashlib.sha256(), b""
    with _open(path) as file:
        while piece := file.read(1 << 20):
            head = head or piece[:4]
            digest.update(piece)
    return digest.hexdigest(), head


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise BadInput("file", str(path), f"cannot be read: {error.strerror}") from error
    with file:
        yield file


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def _list_members(path: Path, name: str) -> list[str]:
    try:
        with zipfile.ZipFile(path) as whole:
            members = [one for one in whole.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInput("archive", name, f"is no whole zip: {error}") from error
    if len(members) > _MOST_MEMBERS:
        raise BadInput("archive", name, f"holds more than {_MOST_MEMBERS:,} files: unpack it and give them by pattern")
    if any(one.filename == "[Content_Types].xml" for one in members):
        raise BadInput("archive", name, "looks like an Office document: save it as CSV")
    if any(one.flag_bits & 1 for one in members):
        raise BadInput("archive", name, "is locked with a password: unpack it first")
    return [one.filename for one in members]


def _open_member(file: BinaryIO, member: str) -> Any:
    try:
        return zipfile.ZipFile(file).open(member)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise ParseFailed("malformed", f"this member of the zip cannot be unpacked: {error}") from error


def _inflate_zstd(file: BinaryIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")


def _guarded(unpacked: Any, packed_size: int) -> Iterator[bytes]:
    """Pieces of an unpacking reader; one that grows beyond all measure, or is damaged, ends in `ParseFailed`."""
    import zlib

    grown = 0
    while True:
        try:
            piece = bytes(unpacked.read(PIECE))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise ParseFailed("malformed", f"the packed bytes are damaged: {error}") from error
        if not piece:
            return
        grown += len(piece)
        refuse_bomb(grown, packed_size)
        yield piece
