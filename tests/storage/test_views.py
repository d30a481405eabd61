"""The views: the same columns and the same rows on both databases, readable instants, and nothing writable."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.schema import CreateView

from service.errors import StoreFailed
from storage import articles, candles, database, views
from storage.instant_column import to_micros
from storage.schema import VIEWS_DIGEST, VIEWS_MARK
from storage.shown import show_on_postgresql, show_on_sqlite
from tests.storage.builders import a_candle, an_article, at
from tests.storage.victim import work

NOT_CONTENT = {"revision_id"}


def shown(value: Any) -> Any:
    """A cell in one form: PostgreSQL gives datetimes, booleans and parsed JSON where SQLite gives text and numbers."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return value


def read_view(engine: sa.Engine, name: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with database.read(engine) as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {name}")
        names = list(found.keys())
        kept = [place for place, column in enumerate(names) if column not in NOT_CONTENT]
        rows = [tuple(shown(row[place]) for place in kept) for row in found]
    return names, sorted(rows, key=repr)


def test_both_databases_show_the_same(sqlite_url: str, postgres_url: str) -> None:
    work(sqlite_url)
    work(postgres_url)
    engines = database.open_engine(sqlite_url), database.open_engine(postgres_url)
    for name in views.NAMES:
        ours, theirs = (read_view(engine, name) for engine in engines)
        assert ours == theirs, name
        assert ours[1], name
    for engine in engines:
        engine.dispose()


def test_a_view_shows_the_newest_statement_of_a_bar_once(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        candles.save(connection, [a_candle(0, close=10.5), a_candle(1, close=10.0)])
        candles.save(connection, [a_candle(0, close=11.0, fetched_at=at(2000))])
        rows = connection.exec_driver_sql("SELECT open_at_us, close, statement FROM v_candles ORDER BY open_at").all()
    assert [tuple(row) for row in rows] == [(to_micros(at(0)), 11.0, 2), (to_micros(at(1)), 10.0, 1)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instant=st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC)))  # noqa: DTZ001
def test_instants_are_shown_to_the_microsecond(
    on_both: Callable[[], tuple[sa.Engine, sa.Engine]], instant: dt.datetime
) -> None:
    """Before 1970 too."""
    for engine in on_both():
        with database.begin(engine) as connection:
            articles.save(connection, [an_article(available_at=instant)], recorded_at=at(0))
            cell, micros = connection.exec_driver_sql("SELECT available_at, available_at_us FROM v_articles").one()
        assert shown(cell) == shown(instant)
        assert micros == to_micros(instant)


@pytest.mark.parametrize("name", views.NAMES)
def test_a_view_cannot_be_written_through(engine: sa.Engine, name: str) -> None:
    with pytest.raises(StoreFailed), database.begin(engine) as connection:
        connection.exec_driver_sql(f"DELETE FROM {name}")


def test_the_integer_column_is_served_by_an_index(sqlite_url: str) -> None:
    """A quant who filters on `_us` does not read the whole table."""
    engine = database.open_engine(sqlite_url)
    with database.read(engine) as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT close FROM v_candles WHERE venue = 'coinbase' AND symbol = 'BTC/USD' "
            "AND interval = '1h' AND open_at_us BETWEEN 1 AND 2"
        )
        told = " ".join(str(row[-1]) for row in plan)
        assert "open_at>? AND open_at<?" in told
        assert "SCAN" not in told
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT title FROM v_articles WHERE available_at_us > 5")
        assert "available_at>?" in " ".join(str(row[-1]) for row in plan)
    engine.dispose()


def test_the_digest_is_that_of_the_views() -> None:
    """If this fails, write what it found into `storage/schema/__init__.py`: stores then get the views anew."""
    dialects = (("sqlite", show_on_sqlite), ("postgresql+psycopg", show_on_postgresql))
    told = [
        str(CreateView(definition, name).compile(dialect=sa.make_url(f"{driver}://").get_dialect()()))
        for driver, shown in dialects
        for name, definition in views.define(shown).items()
    ]
    assert hashlib.sha256("\x00".join(told).encode()).hexdigest()[:16] == VIEWS_DIGEST


def age_views(engine: sa.Engine, digest: str | None = None) -> None:
    """As a newscandle of the same schema left them that knew fewer columns, and told another digest or none."""
    with engine.begin() as connection:
        views.drop(connection)
        connection.exec_driver_sql("CREATE VIEW v_articles AS SELECT id FROM revision")
        if digest is not None:
            connection.exec_driver_sql(f"CREATE VIEW {VIEWS_MARK} AS SELECT '{digest}' AS digest")


def columns_of(engine: sa.Engine, view: str) -> int:
    return len(sa.inspect(engine).get_columns(view))


def test_views_of_an_earlier_newscandle_are_laid_anew_when_a_store_is_opened(engine: sa.Engine) -> None:
    laid = columns_of(engine, "v_articles")
    for digest in (None, "another"):
        age_views(engine, digest)
        assert database.migrate(engine) is None
        assert columns_of(engine, "v_articles") == laid
        assert set(sa.inspect(engine).get_view_names()) == {*views.NAMES, VIEWS_MARK}
    with database.read(engine) as connection:
        assert connection.exec_driver_sql(f"SELECT digest FROM {VIEWS_MARK}").scalar() == VIEWS_DIGEST


def test_views_that_are_this_newscandles_stay(engine: sa.Engine) -> None:
    """A view laid anew would lose the rights granted on it."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW v_gaps")
    assert database.migrate(engine) is None
    assert "v_gaps" not in sa.inspect(engine).get_view_names()


def test_views_that_may_not_be_laid_stay_and_the_store_opens(postgres_url: str) -> None:
    """Somebody's own view stands on one of ours: that is said, and nothing is half done."""
    engine = database.open_engine(postgres_url)
    age_views(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT * FROM v_articles")
    kept = database.migrate(engine)
    assert kept is not None
    assert (kept.reason, columns_of(engine, "v_articles")) == ("depended_on", 1)
    database.check(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP VIEW mine")
    assert database.migrate(engine) is None
    assert columns_of(engine, "v_articles") > 1
    engine.dispose()
