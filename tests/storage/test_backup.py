"""A backup comes back whole on either database, or not at all."""

import json
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from service.errors import BadInput
from storage import articles, backup, backup_file, database, digest, lease, months, restore, runs, schema
from storage.backup_rows import Tally
from tests.databases import IN_MEMORY, PostgresServer
from tests.storage.builders import an_article, at
from tests.storage.filled import find_previous, step_to
from tests.storage.victim import work

TAKEN = "2024-05-10T12:00:00.000000Z"


def take(url: str, path: Path) -> backup_file.Manifest:
    engine = database.open_engine(url)
    with path.open("wb") as file:
        made = backup.write(engine, file, tell_time=lambda: TAKEN, made_by="newscandle 0", settings={"a": 1})
    engine.dispose()
    return made


def put(url: str, path: Path, *, replace: bool = False) -> backup_file.Manifest:
    engine = database.open_engine(url)
    try:
        with backup_file.reading(path) as reader:
            restore.restore(engine, reader, replace=replace, advance=lambda _rows: None)
            return reader.manifest
    finally:
        engine.dispose()


def digests(url: str) -> dict[str, str]:
    engine = database.open_engine(url)
    with database.read(engine) as connection:
        found = digest.digest(connection)
    engine.dispose()
    return found


def told(manifest: backup_file.Manifest) -> dict[str, str]:
    return {one.shape.table: one.digest for one in manifest.tables if one.shape.table != "lease"}


@pytest.fixture(scope="module")
def original() -> Iterator[tuple[str, Path]]:
    """A SQLite store in which every table of content has rows, and a backup of it."""
    with tempfile.TemporaryDirectory(prefix="newscandle-", dir=IN_MEMORY) as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        work(url)
        take(url, Path(folder) / "backup.zip")
        yield url, Path(folder) / "backup.zip"


@pytest.fixture
def empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


def write_more(url: str) -> None:
    """What needs row ids nobody has: a new article, an edit, a run; the same for every store."""
    engine = database.open_engine(url)
    with database.begin(engine) as connection:
        new = [an_article("fresh", hours=20_000), an_article("n1", text="edited once more", hours=21_000)]
        saved = articles.save(connection, new, recorded_at=at(30_000))
        assert (saved.new, saved.revised) == (1, 1)
        runs.start(connection, "after", started_at=at(30_000))
    engine.dispose()


def test_it_goes_from_sqlite_to_postgresql_and_back(
    original: tuple[str, Path], empty_postgres: str, memory_path: Path
) -> None:
    """Every table comes back row for row, and can be written on; work done again changes nothing."""
    url, file = original
    first = put(empty_postgres, file)
    assert digests(empty_postgres) == digests(url)
    second = take(empty_postgres, memory_path / "second.zip")
    assert told(second) == told(first)
    assert second.rows == first.rows > 8_000
    back = f"sqlite:///{memory_path / 'back.db'}"
    put(back, memory_path / "second.zip")
    assert told(take(back, memory_path / "third.zip")) == told(first)
    before = digests(url)
    for one in (empty_postgres, back):
        write_more(one)
    after = digests(back)
    assert after == digests(empty_postgres)
    assert {name for name, now in after.items() if now != before[name]} == {"article", "revision", "passage"}
    leave_out_a_month(empty_postgres, memory_path)


def leave_out_a_month(url: str, folder: Path) -> None:
    """A detached month is not in a backup, nor is what belongs to its texts: what is left can be restored."""
    engine = database.open_engine(url)
    with engine.begin() as connection:
        (part,) = (name for name in months.find_parts(connection, "revision") if name.endswith("2024_01"))
        connection.exec_driver_sql(f"ALTER TABLE revision DETACH PARTITION {part}")
        held = connection.scalar(sa.text("SELECT count(*) FROM revision"))
        assert connection.scalar(sa.text("SELECT count(*) FROM revision_key")) > held > 0
        read = connection.scalar(sa.text("SELECT count(*) FROM tone t JOIN revision r ON r.id = t.revision_id"))
    engine.dispose()
    made = take(url, folder / "torn.zip")
    put(f"sqlite:///{folder / 'torn.db'}", folder / "torn.zip")
    rows = {one.shape.table: one.rows for one in made.tables}
    assert (rows["revision"], rows["tone"]) == (held, read)


def test_a_damaged_file_is_refused_and_nothing_is_written(original: tuple[str, Path], memory_path: Path) -> None:
    """Cut off anywhere, or with a byte changed: refused, or the change was in nothing that counts."""
    url, file = original
    chance, whole = random.Random(7), file.read_bytes()
    target, damaged = memory_path / "target.db", memory_path / "damaged.zip"
    refused = 0
    for length in (0, 1, 100, *(chance.randrange(len(whole)) for _ in range(12)), len(whole) - 1):
        damaged.write_bytes(whole[:length])
        with pytest.raises(BadInput, match="nothing was written"):
            put(f"sqlite:///{target}", damaged)
        assert not target.exists()
    for _ in range(40):
        place = chance.randrange(len(whole))
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :])
        try:
            with backup_file.reading(damaged) as reader:
                backup.verify(reader)
                assert told(reader.manifest) == told(take(url, memory_path / "again.zip"))
        except BadInput:
            refused += 1
    assert refused >= 36


def rewrite(file: Path, made: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """A copy of a backup after `change` of its manifest and its members."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop(backup_file.MANIFEST))
    change(manifest, members)
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in {**members, backup_file.MANIFEST: json.dumps(manifest).encode()}.items():
            archive.writestr(name, data)
    return made


def unpack(member: bytes) -> list[bytes]:
    with pa.CompressedInputStream(pa.BufferReader(member), "zstd") as stream:
        return bytes(stream.read()).splitlines()


def forge(manifest: dict[str, Any], members: dict[str, bytes], table: str, lines: list[bytes]) -> None:
    """Put these lines in the place of a table's, and let the manifest agree."""
    tally, sink = Tally(), pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        for line in lines:
            tally.take(line)
            stream.write(line + b"\n")
    members[f"tables/{table}.jsonl.zst"] = sink.getvalue().to_pybytes()
    (one,) = (one for one in manifest["tables"] if one["shape"]["table"] == table)
    one |= {"rows": tally.rows, "bytes": tally.size, "digest": tally.digest}


def _market(**changes: Any) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    def change(manifest: dict[str, Any], _members: dict[str, bytes]) -> None:
        (one,) = (one for one in manifest["tables"] if one["shape"]["table"] == "market")
        one |= changes

    return change


def _forged(table: str, *lines: bytes) -> Callable[[dict[str, Any], dict[str, bytes]], None]:
    return lambda manifest, members: forge(manifest, members, table, list(lines))


def _climbing(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    members["reports/../../evil.html"] = b"x"
    manifest["reports"] = [{"name": "../../evil.html", "bytes": 1, "sha256": "0" * 64}]


HOSTILE: dict[str, Callable[[dict[str, Any], dict[str, bytes]], None]] = {
    "a name that climbs": _climbing,
    "a member nobody names": lambda _manifest, members: members.update({"../x": b"x"}),
    "a table that is not there": lambda manifest, _members: manifest["tables"].pop(),
    "a column that is a statement": _market(
        shape={"table": "market", "columns": [["id", "number"], ["venue) VALUES (1); --", "words"]]}
    ),
    "a table of our own that has other columns": _market(shape={"table": "market", "columns": [["id", "number"]]}),
    "fewer rows than it says": _market(rows=99),
    "another digest": _market(digest="0" * 64),
    "more than it can hold": _market(bytes=10**12),
    "less than it holds": _market(bytes=3),
    "words for numbers": _forged("market", b'["1","coinbase","BTC/USD","1h"]'),
    "a row too short": _forged("market", b'[1,"coinbase"]'),
    "no JSON": _forged("market", b"[1,"),
    "nested without end": _forged("market", b"[" * 100_000),
    "a number beyond all": _forged("market", b'[%d,"coinbase","BTC/USD","1h"]' % 10**30),
    "rows that refer to nothing": _forged("market", b'[77,"coinbase","BTC/USD","1h"]'),
    "a row twice": _forged("market", *[b'[1,"coinbase","BTC/USD","1h"]'] * 2),
    "another format": lambda manifest, _members: manifest.update(format=2),
    "a newer release": lambda manifest, _members: manifest.update(release="9999"),
    "a release that is none": lambda manifest, _members: manifest.update(release="head; DROP TABLE run"),
    "words that move the cursor": lambda manifest, _members: manifest.update(made_by="\x1b[2J"),
    "a name without end": lambda manifest, _members: manifest.update(taken_at="9" * 10_000),
    "no manifest to speak of": lambda manifest, _members: manifest.clear(),
}


def is_refused_unread(file: Path) -> bool:
    """Whether it need not come near a database to be refused."""
    try:
        with backup_file.reading(file) as reader:
            backup.verify(reader)
    except BadInput:
        return True
    return False


def test_a_hostile_file_is_refused_and_nothing_is_written(original: tuple[str, Path], memory_path: Path) -> None:
    """Each is well-formed in all but one respect; whatever was laid of it is gone."""
    target = f"sqlite:///{memory_path / 'target.db'}"
    work(target)
    before = digests(target)
    put(target, rewrite(original[1], memory_path / "unchanged.zip", lambda *_: None), replace=True)
    for name, change in HOSTILE.items():
        made = rewrite(original[1], memory_path / f"{name}.zip", change)
        if not is_refused_unread(made):
            with pytest.raises(BadInput):
                put(target, made, replace=True)
    assert digests(target) == before
    assert not (memory_path.parent / "evil.html").exists()


def test_a_bomb_is_stopped_where_it_exceeds_what_it_says(original: tuple[str, Path], memory_path: Path) -> None:
    """4 GB of one row in half a megabyte is not unpacked further than the row may be long."""
    made = memory_path / "bomb.zip"

    def change(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            for _ in range(64):
                stream.write(b"[" * 2**20)
        members["tables/market.jsonl.zst"] = sink.getvalue().to_pybytes()
        _market(bytes=20 * 2**20)(manifest, members)

    rewrite(original[1], made, change)
    with backup_file.reading(made) as reader, pytest.raises(BadInput, match="more of market than it says"):
        backup.verify(reader)


def test_a_backup_of_an_earlier_release_is_migrated(
    original: tuple[str, Path], empty_postgres: str, memory_path: Path
) -> None:
    """Laid as its release had it, filled, then brought to this one, on both databases."""

    previous = find_previous()
    aged = database.open_engine(f"sqlite:///{memory_path / 'aged.db'}")
    step_to(aged, previous)
    had = {
        name: [one["name"] for one in sa.inspect(aged).get_columns(name)] for name in sa.inspect(aged).get_table_names()
    }
    aged.dispose()

    def age(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        manifest["release"] = previous
        for one in list(manifest["tables"]):
            name, columns = one["shape"]["table"], one["shape"]["columns"]
            kept = [place for place, (column, _) in enumerate(columns) if column in had.get(name, ())]
            if not kept:
                del members[f"tables/{name}.jsonl.zst"]
                manifest["tables"].remove(one)
            elif len(kept) < len(columns):
                one["shape"]["columns"] = [columns[place] for place in kept]
                rows = [json.loads(line) for line in unpack(members[f"tables/{name}.jsonl.zst"])]
                forge(manifest, members, name, [json.dumps([row[place] for place in kept]).encode() for row in rows])

    old = rewrite(original[1], memory_path / "old.zip", age)
    for url in (f"sqlite:///{memory_path / 'target.db'}", empty_postgres):
        put(url, old)
        engine = database.open_engine(url)
        database.check(engine)
        engine.dispose()
        assert digests(url) == digests(original[0])


def test_a_store_with_rows_is_replaced_only_when_asked(
    original: tuple[str, Path], database_url: str, memory_path: Path
) -> None:
    """What was there goes as a whole; the lease goes on from the highest token there ever was."""
    engine = database.open_engine(database_url)
    with database.begin(engine) as connection:
        articles.save(connection, [an_article("mine", hours=3)], recorded_at=at(3))
        taken = lease.take(connection, "host:1:a", seen=None, now=at(3), seconds=20)
        assert taken is not None
        connection.execute(sa.update(schema.lease).values(token=41))
    engine.dispose()
    before = digests(database_url)
    with pytest.raises(BadInput, match="holds a store already"):
        put(database_url, original[1])
    assert digests(database_url) == before
    put(database_url, original[1], replace=True)
    assert digests(database_url) == digests(original[0])
    engine = database.open_engine(database_url)
    with database.read(engine) as connection:
        held = lease.load(connection)
    engine.dispose()
    assert held is not None
    assert (held.token, held.holder) == (42, "")
