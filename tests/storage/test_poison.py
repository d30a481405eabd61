"""Poison reaches everything that came after an instant and nothing before it, in a copy and never in a store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.errors import StoreFailed
from service.instants import Interval, Window
from service.market.candle import Gap
from storage import articles, candles, copying, database, digest, reports, scores, series, unread
from storage.column import metadata
from storage.poison import Clock, Cut, Poisoned, poison
from tests.databases import PostgresServer
from tests.storage.builders import CATALOGUE, a_candle, a_reading, a_score, a_series, an_article, at

HOURS = 60
CUT = 30


@pytest.fixture
def store(engine: sa.Engine) -> sa.Engine:
    """An article and a candle an hour, known when they came; some are edited and taken back, some bars restated."""
    with database.begin(engine) as connection:
        for hour in range(HOURS):
            found = an_article(f"n{hour}", hours=hour)
            articles.save(connection, [found], recorded_at=at(hour))
            [stored] = unread.load(connection, scorers=("rules/1",), catalogue=CATALOGUE, limit=9)
            read = a_reading(a_score(value=0.5 if hour % 3 else None))
            scores.save(connection, [(stored.id, read)], scored_at=at(hour))
            candles.save(connection, [a_candle(hour, fetched_at=at(hour + 1))])
        for name, edited, back in (("n1", 20, 22), ("n2", 25, 33), ("n3", 35, 45), ("n4", 50, 51), ("n5", 50, 52)):
            changed = an_article(name, text="edited", hours=edited)
            articles.save(connection, [changed], recorded_at=at(edited))
            articles.save(connection, [an_article(name, hours=back)], recorded_at=at(back))
        candles.save(connection, [a_candle(hour, close=11.5, fetched_at=at(40)) for hour in range(0, 20, 4)])
        for hour, noticed in ((70, 10), (25, 28), (29, 35)):
            hole = Gap("coinbase", "BTC/USD", Interval.H1, at(hour), at(hour + 3), "outage")
            window = Window(at(hour), at(hour + 3))
            candles.replace_gaps(
                connection,
                venue="coinbase",
                symbol="BTC/USD",
                interval=Interval.H1,
                window=window,
                gaps=[hole],
                noticed_at=at(noticed),
            )
        series.save(connection, a_series(50), catalogue=CATALOGUE, recorded_at=at(20))
        reports.save(
            connection,
            target="bitcoin",
            window=Window(at(0), at(9)),
            settings_digest="s",
            document={"number": 1},
            html_name="1.html",
            verdicts=["not shown"],
            made_at=at(25),
            trials={"k": 3},
        )
    return engine


@pytest.fixture
def copy(store: sa.Engine, tmp_path: Path) -> Iterator[sa.Engine]:
    with copying.copied(store, tmp_path, "a_copy") as made:
        yield made


PAST = {
    Clock.AVAILABLE: {
        "revision": "available_at < :cut",
        "returned": "available_at < :cut",
        "score": "revision_id IN (SELECT id FROM revision WHERE available_at < :cut)",
        "candle": "open_at <= :cut - 3600000000",
        "gap": "end_at <= :cut",
        "series_point": "available_at <= :cut",
        "report": "1 = 1",
    },
    Clock.KNOWN: {
        "revision": "available_at <= :cut AND recorded_at <= :cut",
        "returned": "available_at <= :cut AND recorded_at <= :cut",
        "score": "scored_at <= :cut",
        "tone": "scored_at <= :cut",
        "candle": "fetched_at <= :cut AND open_at <= :cut - 3600000000",
        "series_point": "recorded_at <= :cut AND available_at <= :cut",
        "report": "made_at <= :cut",
    },
}
FUTURE = ("revision", "tone", "score", "candle", "series_point")


def rows_where(engine: sa.Engine, table: str, where: str) -> set[tuple[object, ...]]:
    """Whole rows, JSON as text."""
    columns = ", ".join(
        f'CAST("{column.name}" AS TEXT)' if isinstance(column.type, sa.JSON) else f'"{column.name}"'
        for column in metadata.tables[table].c
    )
    micros = int(at(CUT).timestamp()) * 1_000_000
    with database.read(engine) as connection:
        chosen = sa.text(f'SELECT {columns} FROM "{table}" WHERE {where}')
        return {tuple(row) for row in connection.execute(chosen, {"cut": micros} if ":cut" in where else {})}


@pytest.mark.parametrize("clock", list(Clock), ids=lambda clock: clock.value)
def test_the_past_stays_to_the_bit_and_the_rest_does_not(copy: sa.Engine, clock: Clock) -> None:
    before = {table: rows_where(copy, table, where) for table, where in PAST[clock].items()}
    places = {table: f"NOT ({PAST[clock].get(table, '1 = 0')})" for table in (*FUTURE, "returned")}
    later = {table: rows_where(copy, table, where) for table, where in places.items()}
    with database.begin(copy) as connection:
        told = poison(connection, Cut(at(CUT), clock, seed=1))
    assert min(told.changed, told.deleted, told.invented) > 0
    for table, where in PAST[clock].items():
        assert rows_where(copy, table, where) == before[table], table
        assert before[table] or table == "gap", table
    for table in FUTURE:
        survived = later[table] & rows_where(copy, table, "1 = 1")
        if table == "tone" and clock is Clock.AVAILABLE:
            survived = set()  # a tone's own row tells no instant; its score and text are looked at
        assert not survived, table
    assert later["returned"] - rows_where(copy, "returned", "1 = 1"), "no return was forgotten"


def test_a_copy_is_poisoned_again_at_an_earlier_instant(copy: sa.Engine) -> None:
    for hour in (40, 30, 20):
        for clock in Clock:
            with database.begin(copy) as connection:
                assert poison(connection, Cut(at(hour), clock, seed=1)).changed > 0


def test_the_same_seed_makes_the_same_poison_and_another_another(store: sa.Engine, tmp_path: Path) -> None:
    made = []
    for name, seed in (("one", 1), ("two", 1), ("three", 2)):
        with copying.copied(store, tmp_path, name) as copy:
            with database.begin(copy) as connection:
                poison(connection, Cut(at(CUT), Clock.AVAILABLE, seed))
            with database.read(copy) as connection:
                made.append(digest.total(connection))
    assert made[0] == made[1] != made[2]


def test_a_store_that_is_no_copy_is_never_poisoned(store: sa.Engine) -> None:
    with database.read(store) as connection:
        before = digest.total(connection)
    with pytest.raises(StoreFailed), database.begin(store) as connection:
        poison(connection, Cut(at(CUT), Clock.AVAILABLE, seed=1))
    with database.read(store) as connection:
        assert digest.total(connection) == before


def test_a_copy_holds_what_the_store_holds_and_leaves_nothing_behind(store: sa.Engine, tmp_path: Path) -> None:
    """While the copy is spoilt, and after it is gone, the store is as it was."""
    with database.read(store) as connection:
        before = digest.digest(connection)
        tables = set(sa.inspect(connection).get_schema_names()) if store.dialect.name == "postgresql" else set()
    with copying.copied(store, tmp_path, "a_copy") as copy:
        with database.read(copy) as connection:
            assert digest.digest(connection) == before
        with database.begin(copy) as connection:
            saved = articles.save(connection, [an_article("after all", hours=99)], recorded_at=at(99))
            assert (saved.new, saved.unchanged) == (1, 0)  # ids go on where the store's ended
            assert poison(connection, Cut(at(CUT), Clock.KNOWN, seed=3)) != Poisoned()
        with database.read(store) as connection:
            assert digest.digest(connection) == before
    with database.read(store) as connection:
        assert digest.digest(connection) == before
        if tables:
            assert set(sa.inspect(connection).get_schema_names()) == tables
    assert list(tmp_path.iterdir()) == []


def test_a_user_without_the_right_to_copy_is_told_how_to_get_it(
    postgres_server: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    owner = database.open_engine(postgres_url)
    with owner.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS reader")
        connection.exec_driver_sql("CREATE ROLE reader LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    reader = database.open_engine(owner.url.set(username="reader").render_as_string(hide_password=False))
    try:
        copying_it = copying.copied(reader, tmp_path, "a_copy")
        with pytest.raises(StoreFailed, match="GRANT CREATE ON DATABASE") as refused, copying_it:
            pass
        assert refused.value.reason == "no_right_to_copy"
    finally:
        reader.dispose()
        with owner.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY reader")
            connection.exec_driver_sql("DROP ROLE reader")
        owner.dispose()
