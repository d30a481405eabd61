"""The schema comes up, goes down and comes up again, once, whoever asks, and is the one the code reads."""

import datetime as dt
import subprocess
import sys
import time
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.errors import StoreFailed
from storage import database, digest, migrations, months, schema, views
from storage.instant_column import to_micros
from tests.storage.processes import PROCESSES
from tests.storage.victim import start_together, work


def find_names(engine: sa.Engine) -> tuple[set[str], set[str]]:
    inspector = sa.inspect(engine)
    return set(inspector.get_table_names()), set(inspector.get_view_names())


def laid_ahead() -> set[str]:
    """The partitions every new store has on PostgreSQL."""
    (current,) = months.find_months([to_micros(dt.datetime.now(dt.UTC))])
    return {f"{table}_{current.later(ahead).name}" for table in ("revision", "score") for ahead in range(4)}


def test_up_down_up(empty_database_url: str) -> None:
    """Down to the base leaves nothing but the version table; up again holds the same work with the same digest."""
    work(empty_database_url)
    engine = database.open_engine(empty_database_url)
    with database.read(engine) as connection:
        before = digest.total(connection)
    tables, seen = find_names(engine)
    assert tables >= {*schema.metadata.tables, "alembic_version"}
    assert seen == {*views.NAMES, schema.VIEWS_MARK}
    database.move(engine, "0001")
    assert find_names(engine)[1] == set(), "the views belong to the newest tables"
    with pytest.raises(StoreFailed) as caught:
        database.check(engine)
    assert caught.value.reason == "schema_differs"
    database.move(engine, "base")
    assert find_names(engine) == ({"alembic_version"}, set())
    with pytest.raises(StoreFailed) as caught:
        database.check(engine)
    assert caught.value.reason == "schema_missing"
    database.migrate(engine)
    database.check(engine)
    undivided = {"alembic_version", *schema.metadata.tables}
    assert undivided <= find_names(engine)[0] <= undivided | tables | laid_ahead()
    assert find_names(engine)[1] == seen
    work(empty_database_url)
    with database.read(engine) as connection:
        assert digest.total(connection) == before
    engine.dispose()


def test_a_step_adds_to_what_is_held_and_takes_only_that_away(database_url: str) -> None:
    """A store of the release before comes up with its rows as they were, and its new columns say that nothing is known.

    Down again leaves the rows too, without the new columns.
    """
    work(database_url)
    engine = database.open_engine(database_url)
    with database.read(engine) as connection:
        before = digest.digest(connection)
    database.move(engine, "0002")
    held = {name: {column["name"] for column in sa.inspect(engine).get_columns(name)} for name in ("score", "gap")}
    assert not held["score"] & {"negative", "neutral", "positive", "low", "high"}
    assert not held["gap"] & {"retried", "last_retried_at"}
    assert "quote" not in find_names(engine)[0]
    database.migrate(engine)
    with database.read(engine) as connection:
        after = digest.digest(connection)
        scored = sa.select(schema.score.c.negative, schema.score.c.low, schema.score.c.high).distinct()
        assert [tuple(row) for row in connection.execute(scored)] == [(None, None, None)]
        retried = sa.select(schema.gap.c.retried, schema.gap.c.last_retried_at).distinct()
        assert [tuple(row) for row in connection.execute(retried)] == [(None, None)]
    added = {"article_alias", "returned", "story_member", "extracted", "quote", "quote_target", "event", "event_target"}
    added.add("opinion")
    assert {name for name, told in after.items() if told != before[name]} == added, "what stood there went with them"
    engine.dispose()


def test_the_migrations_end_in_the_tables_the_code_describes(engine: sa.Engine) -> None:
    """Names, types, comments, keys and indexes: Alembic would write no further step.

    On PostgreSQL the keys and indexes of what is divided are those of each month (`test_months.py`).
    """

    def is_undivided(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
        if engine.dialect.name != "postgresql":
            return True
        if kind == "table":
            return str(name) in schema.metadata.tables
        if kind == "foreign_key_constraint" and thing.referred_table.name in {"revision", "revision_key"}:
            return False
        divided = thing.table.name in {"revision", "score"} and kind != "column"
        return not divided and name != "uq_tone_scoring_id_revision_id_scored_at"

    options = {"compare_type": True, "compare_server_default": True, "include_object": is_undivided}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []


def test_this_release_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.__path__[0]))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.RELEASE


def test_a_store_of_a_newer_release_is_refused_untouched(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for attempt in (database.check, database.migrate):
        with pytest.raises(StoreFailed, match="release") as caught:
            attempt(engine)
        assert caught.value.reason == "schema_differs"
    assert find_names(engine)[1] == {*views.NAMES, schema.VIEWS_MARK}


def test_nothing_is_done_quickly_where_nothing_is_to_do(database_url: str) -> None:
    """A start on a store that is up to date neither imports Alembic nor takes 30 ms of processor time."""
    code = (
        "import sys, time\n"
        "from storage import database\n"
        "engine = database.open_engine(sys.argv[1])\n"
        "engine.connect().close()\n"
        "begun = time.process_time()\n"
        "database.migrate(engine)\n"
        "took = time.process_time() - begun\n"
        "assert 'alembic' not in sys.modules\n"
        "assert took < 0.03, took\n"
    )
    subprocess.run([sys.executable, "-c", code, database_url], check=True, timeout=60)


def test_four_processes_starting_at_once_lay_one_schema(empty_database_url: str) -> None:
    """On a database that is not there yet (SQLite) or empty (PostgreSQL): none fails, and all can write."""
    barrier = PROCESSES.Barrier(4)
    some = [PROCESSES.Process(target=start_together, args=(empty_database_url, barrier)) for _ in range(4)]
    begun = time.monotonic()
    for process in some:
        process.start()
    for process in some:
        process.join()
    assert [process.exitcode for process in some] == [0] * 4
    assert time.monotonic() - begun < 30
    engine = database.open_engine(empty_database_url)
    with database.read(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.revision)) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()
