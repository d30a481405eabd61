"""Opening a store, its transactions, and what it says when it cannot."""

import datetime as dt
import os
import sqlite3
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput, StoreFailed
from service.instants import EPOCH
from storage import articles, database, schema
from storage.address import describe, read_address
from storage.failures import find_reason
from storage.instant_column import from_micros, to_micros
from tests.storage.builders import an_article, at
from tests.storage.processes import PROCESSES
from tests.storage.victim import hold_the_pen

SECRET = "hunter2&co"


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        (f"mysql://me:{SECRET}@db/news", "sqlite:///newscandle.db"),
        ("not a url", "sqlite:///newscandle.db"),
        ("", "sqlite:///newscandle.db"),
        (f"postgresql://me:{SECRET}@db:port/news", "sqlite:///newscandle.db"),
        (f"postgresql://me:{SECRET}@db", "name the database"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "three slashes"),
        ("sqlite://newscandle.db", "three slashes"),
        ("sqlite:////no/such/folder/newscandle.db", "make the folder /no/such/folder first"),
        ("sqlite:////tmp", "this is a folder"),
    ],
)
def test_an_unusable_address_names_the_remedy_and_no_secret(url: str, remedy: str) -> None:
    with pytest.raises(BadInput, match=remedy) as caught:
        database.open_engine(url)
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told
    assert str(caught.value).startswith("database: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://h/n", "postgres://h/n", "postgresql+psycopg://h/n"])
def test_postgresql_is_reached_through_psycopg_however_it_is_written(url: str) -> None:
    assert read_address(url).drivername == "postgresql+psycopg"
    assert describe(read_address(f"postgresql://me:{SECRET}@h:5433/n?password={SECRET}")) == "postgresql://h:5433/n"


@pytest.mark.parametrize("url", [f"postgresql://me:{SECRET}@127.0.0.1:1/news", "postgresql:///news?host=/no/such"])
def test_a_database_that_is_not_there_is_a_failure_without_secrets(url: str) -> None:
    engine = database.open_engine(url)
    for attempt in (database.migrate, database.check):
        with pytest.raises(StoreFailed) as caught:
            attempt(engine)
        assert caught.value.reason == "unreachable"
        assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_no_error_shows_what_was_to_be_stored(engine: sa.Engine) -> None:
    told = dict.fromkeys(("key", "url", "source"), SECRET) | {"guid": None}
    row = told | {"first_seen_at": at(0), "recorded_at": at(0)}
    with pytest.raises(StoreFailed) as caught, database.begin(engine) as connection:
        connection.execute(sa.insert(schema.article), row)
    assert caught.value.reason == "refused"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_transaction_is_kept_whole_or_not_at_all(engine: sa.Engine) -> None:
    def count() -> int:
        with database.read(engine) as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(schema.passage)) or 0

    def save_and_fail() -> None:
        with database.begin(engine) as connection:
            articles.save(connection, [an_article()], recorded_at=at(0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_and_fail()
    assert count() == 0
    with database.begin(engine) as connection:
        articles.save(connection, [an_article()], recorded_at=at(0))
    assert count() == 2


def test_a_reading_transaction_cannot_write_and_the_next_one_can(engine: sa.Engine) -> None:
    with pytest.raises(StoreFailed) as caught, database.read(engine) as connection:
        articles.save(connection, [an_article()], recorded_at=at(0))
    assert caught.value.reason == "read_only"
    with database.begin(engine) as connection:
        assert articles.save(connection, [an_article()], recorded_at=at(0)).new == 1


def test_a_reader_sees_one_state_and_does_not_wait_for_the_writer(engine: sa.Engine) -> None:
    counted = sa.select(sa.func.count()).select_from(schema.article)
    with database.read(engine) as reader:
        assert reader.scalar(counted) == 0
        with database.begin(engine) as writer:
            articles.save(writer, [an_article()], recorded_at=at(0))
            assert reader.scalar(counted) == 0
        assert reader.scalar(counted) == 0
    with database.read(engine) as reader:
        assert reader.scalar(counted) == 1


def test_a_writer_waits_for_another_and_gives_up_in_the_end(database_url: str) -> None:
    """One writer at a time on both."""
    engine = database.open_engine(database_url, patience_seconds=1)
    held, let_go = PROCESSES.Barrier(2), PROCESSES.Barrier(2)
    process = PROCESSES.Process(target=hold_the_pen, args=(database_url, held, let_go))
    process.start()
    held.wait()
    with pytest.raises(StoreFailed, match="try again") as caught, database.begin(engine) as connection:
        articles.save(connection, [an_article("ours")], recorded_at=at(0))
    assert caught.value.reason == "locked"
    let_go.wait()
    with database.begin(engine) as connection:
        assert articles.save(connection, [an_article("ours"), an_article("theirs")], recorded_at=at(0)).unchanged == 1
    process.join()
    assert process.exitcode == 0
    engine.dispose()


def test_a_damaged_file_and_a_foreign_one_are_told_apart_from_a_missing_schema(tmp_path: Path) -> None:
    (tmp_path / "noise.db").write_bytes(b"no database at all, surely" * 100)
    with pytest.raises(StoreFailed) as caught:
        database.check(database.open_engine(f"sqlite:///{tmp_path / 'noise.db'}"))
    assert caught.value.reason == "corrupt"
    with pytest.raises(StoreFailed) as caught:
        database.check(database.open_engine(f"sqlite:///{tmp_path / 'new.db'}"))
    assert caught.value.reason == "schema_missing"


def test_sqlite_is_set_to_survive_power_loss_and_to_check_references(sqlite_url: str) -> None:
    engine = database.open_engine(sqlite_url)
    with database.begin(engine) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "query_only": 0,
    }
    with pytest.raises(StoreFailed, match="FOREIGN KEY"), database.begin(engine) as connection:
        connection.exec_driver_sql("INSERT INTO passage VALUES (99, 0, 'body', 0, 1, 'x', 0.5, 'y')")
    engine.dispose()


def test_a_full_disk_is_named(sqlite_url: str) -> None:
    engine = database.open_engine(sqlite_url)
    many = [an_article(str(number), text="x" * 5000) for number in range(100)]
    with database.begin(engine) as connection:  # the pool hands the same connection out again
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFailed) as caught, database.begin(engine) as connection:
        articles.save(connection, many, recorded_at=at(0))
    assert caught.value.reason == "disk_full"
    engine.dispose()


def test_errors_of_drivers_have_stable_reasons() -> None:
    def of_postgresql(state: str) -> Exception:
        import psycopg

        return psycopg.errors.lookup(state)("said")

    states = {
        "57P01": "unreachable",
        "40P01": "locked",
        "53100": "disk_full",
        "25006": "read_only",
        "42P01": "schema_missing",
    }
    assert {state: find_reason(of_postgresql(state)) for state in states} == states
    assert find_reason(sqlite3.OperationalError("x")) == "unreachable"
    assert find_reason(None) == "refused"


@given(st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_an_instant_is_exact_and_sorts_as_its_integer(instant: dt.datetime) -> None:
    micros = to_micros(instant)
    assert from_micros(micros) == instant.astimezone(dt.UTC)  # == over zones is never true in a repeated hour
    assert (micros < 0) == (instant.astimezone(dt.UTC) < EPOCH)
    assert to_micros(from_micros(micros) + dt.timedelta(microseconds=1)) == micros + 1


def test_a_relative_path_is_taken_from_the_working_folder(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        engine = database.open_engine("sqlite:///here.db")
        database.migrate(engine)
        engine.dispose()
    finally:
        os.chdir(before)
    assert (tmp_path / "here.db").exists()
