"""The file of a backup: a ZIP of one zstd-compressed member of lines per table, and a manifest written last.

    tables/article.jsonl.zst   a row a line (`backup_rows.py`): unzip -p FILE tables/article.jsonl.zst | zstd -d
    reports/NAME               report files, where they were asked for
    manifest.json              release, instant, and of each table its columns, rows, bytes and digest

Everything is written and read as a stream. A file that is read is taken for hostile: only members the manifest names,
under names that cannot leave a folder, none larger than it says, and nothing that unpacks to more than a store could.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from service.errors import BadInput
from storage.backup_rows import KINDS, Shape, Tally, TypeCheck, read_row

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LONGEST_LINE: Final = 256 * 2**20
"""Bytes of one row: no database takes much more in one value."""
_LARGEST_MANIFEST: Final = 8 * 2**20
_LONGEST_TEXT: Final = 500
_RATIO, _GRANTED = 1_000, 64 * 2**20
_PIECE: Final = 2**20
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class TableTold:
    """What a manifest says of a table."""

    shape: Shape
    rows: int
    bytes: int
    digest: str

    def agrees(self, tally: Tally) -> bool:
        """Whether that is what was counted."""
        return (tally.rows, tally.size, tally.digest) == (self.rows, self.bytes, self.digest)


@dataclass(frozen=True, slots=True)
class FileTold:
    """What a manifest says of a report file; `sha256` is 64 hex digits."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `taken_at`: ISO 8601, UTC; `snapshot`: PostgreSQL's own name of the instant, else empty."""

    release: str
    made_by: str
    taken_at: str
    database: str
    snapshot: str
    tables: tuple[TableTold, ...]
    reports: tuple[FileTold, ...]
    settings: dict[str, Any]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(one.rows for one in self.tables)


class Writer:
    """Puts one backup into a file that is open for writing."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True)

    def put_table(self, name: str, lines: Iterable[bytes]) -> Tally:
        """Write the lines of a table and count them."""
        import pyarrow as pa  # 30 MB, which a daemon need not hold between two backups

        tally, size = Tally(), 0
        held: list[bytes] = []
        with self._open(f"tables/{name}.jsonl.zst") as member, pa.CompressedOutputStream(member, "zstd") as packed:
            for line in lines:
                if len(line) > LONGEST_LINE:
                    raise BadInput("backup", f"a row of {name}", "is larger than 256 MB and cannot be backed up")
                tally.take(line)
                held.append(line)
                size += len(line)
                if size >= _PIECE:
                    packed.write(b"\n".join(held) + b"\n")
                    held, size = [], 0
            if held:
                packed.write(b"\n".join(held) + b"\n")
        return tally

    def put_file(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a report file as it is."""
        with self._open(f"reports/{name}") as member:
            for piece in pieces:
                member.write(piece)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest; without it the file is no backup."""
        told = asdict(manifest) | {"format": FORMAT}
        with self._open(MANIFEST) as member:
            member.write(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode())
        self._zip.close()

    def abandon(self) -> None:
        """Write nothing more: left to itself, a ZIP file is ended when it is forgotten, whatever became of its file."""
        self._zip.fp = None

    def _open(self, name: str) -> Any:
        return self._zip.open(zipfile.ZipInfo(name, _EPOCH), "w", force_zip64=True)


class Reader:
    """Reads a backup. What is wrong with it leaves as `BadInput` that names the file and says what to do."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._foreseen():
            self._zip = zipfile.ZipFile(path)
            self.manifest = self._read_manifest()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def read_rows(self, told: TableTold) -> Iterator[tuple[list[Any], int]]:
        """The rows of a table, each with the bytes of its line; raises at the end where they are not those told."""
        tally, check = Tally(), TypeCheck(told.shape)
        with self._foreseen():
            for line in self._read_lines(told):
                tally.take(line)
                row = read_row(line)
                check.require(row)
                yield row, len(line)
        if not told.agrees(tally):
            raise self.damaged(f"the rows of {told.shape.table} are not those that were written")

    def read_file(self, told: FileTold) -> Iterator[bytes]:
        """A report file, piece by piece."""
        with self._foreseen(), self._zip.open(f"reports/{told.name}") as member:
            yield from iter(lambda: member.read(_PIECE), b"")

    def damaged(self, why: str) -> BadInput:
        """The error that says this file is not to be used."""
        return BadInput("backup", str(self.path), f"is damaged or no backup ({why}): nothing was written, take another")

    def _read_lines(self, told: TableTold) -> Iterator[bytes]:
        import pyarrow as pa

        read = length = 0
        held: list[bytes] = []  # of a line whose end has not come
        with (
            self._zip.open(f"tables/{told.shape.table}.jsonl.zst") as member,
            pa.CompressedInputStream(member, "zstd") as unpacked,
        ):
            while piece := unpacked.read(_PIECE):
                read += len(piece)
                if read > told.bytes:
                    raise ValueError(f"more of {told.shape.table} than it says")
                *lines, rest = piece.split(b"\n")
                if lines:
                    yield b"".join([*held, lines[0]])
                    yield from lines[1:]
                    held, length = [], 0
                held.append(rest)
                length += len(rest)
                if length > LONGEST_LINE:
                    raise ValueError(f"a row of {told.shape.table} without end")
        if length:
            raise ValueError(f"the last row of {told.shape.table} is cut off")

    def _read_manifest(self) -> Manifest:
        listed = self._zip.infolist()
        names = [one.filename for one in listed]
        if MANIFEST not in names:
            raise ValueError("it has no manifest")
        with self._zip.open(MANIFEST) as member:
            written = member.read(_LARGEST_MANIFEST + 1)
        if len(written) > _LARGEST_MANIFEST:
            raise ValueError("its manifest is too large")
        manifest = _check_manifest(json.loads(written))
        expected = [f"tables/{one.shape.table}.jsonl.zst" for one in manifest.tables]
        expected += [f"reports/{one.name}" for one in manifest.reports]
        if sorted(names) != sorted([*expected, MANIFEST]) or any(one.compress_type for one in listed):
            raise ValueError("its members are not those its manifest names")
        if sum(one.bytes for one in manifest.tables) > _RATIO * self.path.stat().st_size + _GRANTED:
            raise ValueError("it would unpack to more than such a file can hold")
        return manifest

    @contextmanager
    def _foreseen(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise BadInput("backup", str(self.path), "there is no such file") from error
        except PermissionError as error:
            raise BadInput("backup", str(self.path), "this user may not read it") from error
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            OSError,
            ValueError,
            KeyError,
            RuntimeError,
            EOFError,
        ) as error:
            raise self.damaged(" ".join(str(error).split())[:120] or type(error).__name__) from error


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """A reader that is closed at the end. Raises `BadInput` where the file is no whole backup."""
    reader = Reader(path)
    try:
        yield reader
    finally:
        reader.close()


def _check_manifest(found: Any) -> Manifest:
    """A manifest from its JSON; raises `ValueError` or `KeyError` on anything else."""
    try:
        if found["format"] != FORMAT:
            raise ValueError(f"it is of format {found['format']!r}, this newscandle reads {FORMAT}")
        made = Manifest(
            release=_text(found["release"]),
            made_by=_text(found["made_by"]),
            taken_at=_text(found["taken_at"]),
            database=_text(found["database"]),
            snapshot=_text(found["snapshot"]),
            tables=tuple(map(_check_table, found["tables"])),
            reports=tuple(map(_check_file, found["reports"])),
            settings=dict(found["settings"]),
        )
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError("its manifest cannot be read") from error
    for names in ([one.shape.table for one in made.tables], [one.name for one in made.reports]):
        if len(set(names)) != len(names):
            raise ValueError("its manifest names something twice")
    return made


def _check_table(found: Any) -> TableTold:
    columns = tuple((_match(_NAME, name), _text(kind)) for name, kind in found["shape"]["columns"])
    if not {kind for _, kind in columns} <= KINDS.keys() or len(dict(columns)) != len(columns):
        raise ValueError("its manifest names columns that none has")
    shape = Shape(_match(_NAME, found["shape"]["table"]), columns)
    return TableTold(shape, _number(found["rows"]), _number(found["bytes"]), _match(_HEX, found["digest"]))


def _check_file(found: Any) -> FileTold:
    return FileTold(_match(_FILE, found["name"]), _number(found["bytes"]), _match(_HEX, found["sha256"]))


def is_keepable(name: str) -> bool:
    """Whether a report file of this name can be part of a backup."""
    return _FILE.fullmatch(name) is not None


def _text(found: Any) -> str:
    """A short text that a terminal may be shown."""
    if not isinstance(found, str) or not found.isprintable() or len(found) > _LONGEST_TEXT:
        raise TypeError
    return found


def _number(found: Any) -> int:
    if type(found) is not int or found < 0:
        raise TypeError
    return int(found)


def _match(pattern: re.Pattern[str], found: Any) -> str:
    if not pattern.fullmatch(_text(found)):
        raise ValueError("its manifest holds a name that cannot be")
    return str(found)
