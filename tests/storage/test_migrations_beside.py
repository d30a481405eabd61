"""Migrations while the release before writes and reads: nobody waits, nothing is lost, doubled or refused."""

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from benchmarks.migrations import measure
from service.errors import StoreFailed
from storage import database, months
from storage.locks import change_briefly
from storage.migrations import dividing, joining, step
from storage.schema import RELEASE
from tests.databases import PostgresServer
from tests.storage.filled import digest, fill

ROWS = 1_000
BEFORE_MONTHS = "0006"


@pytest.mark.slow
def test_the_release_before_goes_on_working(empty_database_url: str) -> None:
    """A smaller run of `python -m benchmarks.migrations`."""
    result = measure(empty_database_url, ROWS)
    assert result.faults == ()  # how long anybody waits is for the benchmark: a busy machine is slow
    assert result.beside > 0
    assert {one.name for one in result.moves} == {"up", "(months filled)", "down", "up again"}


@pytest.fixture
def before_months(postgres_server: PostgresServer) -> Iterator[sa.Engine]:
    """An empty database on PostgreSQL."""
    name = postgres_server.create()
    engine = database.open_engine(postgres_server.url(name))
    yield engine
    engine.dispose()
    postgres_server.drop(name)


def test_what_was_prepared_before_a_kill_is_prepared_again(before_months: sa.Engine) -> None:
    """Up and down: preparing twice, or not at all, ends in the same rows."""
    engine = before_months
    held = fill(engine, BEFORE_MONTHS, ROWS)
    dividing.prepare(engine)
    assert digest(engine, held.tables) == held.digests, "the release before still finds its tables"
    dividing.prepare(engine)
    database.move(engine, "head")
    with engine.connect() as connection:
        assert "revision_before" in months.find_parts(connection, "revision")
    joining.prepare(engine)
    assert digest(engine, held.tables) == held.digests
    assert database.find_release(engine) == RELEASE
    database.move(engine, BEFORE_MONTHS)
    assert digest(engine, held.tables) == held.digests
    change_briefly(engine, lambda connection: step(connection, "head", is_up=True))
    change_briefly(engine, lambda connection: step(connection, BEFORE_MONTHS, is_up=False))
    assert digest(engine, held.tables) == held.digests
    with engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        assert set(names.scalars()) == {"alembic_version", *(table.name for table in held.tables)}


def test_a_reader_that_holds_a_table_is_let_finish(before_months: sa.Engine) -> None:
    """The migration gives way and tries again, so whoever comes after that reader does not wait behind it."""
    engine = before_months
    fill(engine, BEFORE_MONTHS, ROWS)
    impatient = database.open_engine(engine.url.render_as_string(hide_password=False), patience_seconds=1)
    mover = threading.Thread(target=database.move, args=(engine, "head"))
    counted = sa.text("SELECT count(*) FROM revision")
    with database.read(impatient) as reading:
        held = reading.scalar(counted)
        mover.start()
        mover.join(timeout=2)
        assert mover.is_alive()
        with database.read(impatient) as beside:
            assert beside.scalar(counted) == held
        with database.begin(impatient) as writing:
            writing.exec_driver_sql("UPDATE source_state SET etag = 'x'")
    mover.join(timeout=60)
    database.check(engine)
    with database.read(impatient) as after:
        assert after.scalar(counted) == held
    impatient.dispose()


def test_a_view_of_somebodys_own_is_not_left_on_the_old_table(before_months: sa.Engine) -> None:
    engine = before_months
    held = fill(engine, BEFORE_MONTHS, ROWS)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT title FROM revision")
    with pytest.raises(StoreFailed, match="mine") as caught:
        database.move(engine, "head")
    assert caught.value.reason == "depended_on"
    assert database.find_release(engine) == BEFORE_MONTHS
    assert digest(engine, held.tables) == held.digests
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW mine")
    database.move(engine, "head")
    assert digest(engine, held.tables) == held.digests
