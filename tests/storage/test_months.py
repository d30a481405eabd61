"""On PostgreSQL every text and score lies in the partition of its month, and nobody notices otherwise."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from service.errors import StoreFailed
from service.instants import Window
from storage import articles, database, months, schema, scores, unread
from storage.article_rows import REVISION_COLUMNS
from storage.instant_column import to_micros
from storage.score_statements import select_columns
from storage.upsert import insert_new
from tests.storage.builders import CATALOGUE, SCORER, a_reading, a_score, an_article, at

APART = [
    dt.datetime(year, month, day, tzinfo=dt.UTC)
    for year, month, day in [(1, 1, 1), (1969, 12, 31), (1970, 1, 1), (2013, 2, 28), (2024, 1, 31), (2024, 2, 1)]
] + [at(0), at(24), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)]


@pytest.fixture
def divided(postgres_url: str) -> Iterator[sa.Engine]:
    """A laid-out store on PostgreSQL."""
    engine = database.open_engine(postgres_url)
    yield engine
    engine.dispose()


def save_articles(engine: sa.Engine, *instants: dt.datetime, name: str = "n") -> None:
    some = [an_article(f"{name}{one}", available_at=one) for one in instants]
    with database.begin(engine) as connection:
        assert articles.save(connection, some, recorded_at=at(0)).new == len(some)


def read_all(engine: sa.Engine, scored_at: dt.datetime, limit: int = 1000) -> None:
    with database.begin(engine) as connection:
        found = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=limit)
        scores.save(connection, [(one.id, a_reading(a_score())) for one in found], scored_at=scored_at)


def find_places(engine: sa.Engine, table: sa.Table) -> set[tuple[str, str]]:
    """Partition and month of every row."""
    column = table.info["month"]
    with engine.connect() as connection:
        rows = connection.execute(sa.text(f"SELECT tableoid::regclass::text, {column} FROM {table.name}")).all()
    return {(place, f"{table.name}_{months.find_months([micros])[0].name}") for place, micros in rows}


def explain(connection: sa.Connection, statement: sa.Select[Any], **asked: object) -> str:
    compiled = statement.params(asked).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%")).scalars())


def test_a_row_lies_in_the_month_of_its_instant(divided: sa.Engine) -> None:
    """Whatever the order in which the months are met, from the first year to the last."""
    for seed in range(3):
        for instant in random.Random(seed).sample(APART, len(APART)):
            save_articles(divided, instant, name=f"{seed}/")
            read_all(divided, instant)
    save_articles(divided, *APART, name="together")
    for table in (schema.revision, schema.score):
        places = find_places(divided, table)
        assert {place for place, month in places if place == month} == {month for _, month in places}
        assert len(places) == 7
    with divided.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM revision")) == len(APART) * 4


def test_every_month_has_the_keys_and_indexes_the_code_describes(divided: sa.Engine) -> None:
    save_articles(divided, at(0), at(24))
    read_all(divided, at(24))
    inspector = sa.inspect(divided)
    for table in (schema.revision, schema.score):
        with divided.connect() as connection:
            parts = months.find_parts(connection, table.name)
        assert len(parts) >= 5
        for part in parts:
            assert inspector.get_pk_constraint(part)["constrained_columns"] == list(table.primary_key.columns.keys())
            unique = {tuple(one.columns.keys()) for one in table.constraints if isinstance(one, sa.UniqueConstraint)}
            assert {tuple(one["column_names"]) for one in inspector.get_unique_constraints(part)} == unique
            indexes = {tuple(one["column_names"]) for one in inspector.get_indexes(part)} - unique
            assert indexes == {tuple(one.columns.keys()) for one in table.indexes}
            columns = [column["name"] for column in inspector.get_columns(part)]
            assert columns == list(table.columns.keys())
            referred = {tuple(one["constrained_columns"]) for one in inspector.get_foreign_keys(part)}
            assert ("article_id",) in referred or ("scoring_id", "revision_id", "scored_at") in referred
    for child in ("passage", "returned", "tone", "extracted"):
        assert "revision_key" in {one["referred_table"] for one in inspector.get_foreign_keys(child)}


def test_a_text_stays_one_over_all_months(divided: sa.Engine) -> None:
    """Its number and its words are taken once, though the partitions cannot see one another."""
    save_articles(divided, at(0))
    with database.begin(divided) as connection:
        months.lay(connection, "revision", [to_micros(at(24))])
        row = connection.execute(sa.select(*(schema.revision.c[name] for name in REVISION_COLUMNS))).one()._asdict()
        row |= {name: to_micros(row[name]) for name in row if name.endswith("_at") and row[name] is not None}
        row |= {"authors": "[]", "tags": "[]", "available_at": to_micros(at(24))}
        for same in ({"number": 2}, {"content_hash": "other"}, {"number": 2, "content_hash": "other"}):
            insert_new(connection, schema.revision, REVISION_COLUMNS, [tuple((row | same).values())])
        assert connection.scalar(sa.text("SELECT count(*) FROM revision")) == 2
        assert connection.scalar(sa.text("SELECT count(*) FROM revision_key")) == 2
        connection.execute(sa.delete(schema.revision).where(schema.revision.c.number == 2))
        insert_new(connection, schema.revision, REVISION_COLUMNS, [tuple((row | same).values())])
        assert connection.scalar(sa.text("SELECT count(*) FROM revision")) == 2, "what was deleted may come again"


def test_a_score_is_never_of_another_month_than_its_tone(divided: sa.Engine) -> None:
    save_articles(divided, at(0))
    read_all(divided, at(0))
    told = "INSERT INTO score SELECT scoring_id, target, revision_id, state, score, label, relevance, reasons, "

    def score_it_again() -> None:
        with database.begin(divided) as connection:
            months.lay(connection, "score", [to_micros(at(24))])
            connection.exec_driver_sql(
                f"{told} mention_count, explanation, {to_micros(at(24))}, negative, neutral, positive, low, high "
                "FROM score"
            )

    with pytest.raises(StoreFailed, match="fk_score_scored_at"):
        score_it_again()


def test_a_window_and_an_instant_read_only_their_months(divided: sa.Engine) -> None:
    """Written as the jobs and as quants write it; the months outside are not in the plan."""
    for days in range(0, 200, 20):
        save_articles(divided, at(24 * days))
        read_all(divided, at(24 * days + 1))
    window = {"start": at(24 * 45), "end": at(24 * 50)}
    asked = {"scorer": SCORER, "catalogue": CATALOGUE, "target": "bitcoin", "as_of": at(24 * 95)}
    with divided.connect() as connection:
        plan = explain(connection, select_columns(is_past=True, with_origins=False), **asked, **window)
        assert "revision_2024_03" in plan
        assert not any(f"revision_2024_0{month}" in plan for month in (1, 2, 4, 5, 6, 7))
        assert "score_2024_05" in plan
        assert not any(f"score_2024_0{month}" in plan for month in (6, 7, 8))
        micros = {name: to_micros(instant) for name, instant in window.items()}
        plan = "\n".join(
            connection.exec_driver_sql(
                "EXPLAIN SELECT * FROM v_scores WHERE available_at_us >= {start} AND available_at_us < {end}".format(
                    **micros
                )
            ).scalars()
        )
        assert "revision_2024_03" in plan
        assert not any(f"revision_2024_0{month}" in plan for month in (1, 2, 4, 5, 6, 7))
        found = scores.load_columns(
            connection,
            **{name: asked[name] for name in ("scorer", "catalogue", "target", "as_of")},  # type: ignore[arg-type]
            window=Window(at(0), at(24 * 100)),
        )
    assert len(found.score) == 5
    assert set(found.score) == {0.5}


def test_readers_and_the_writer_of_a_new_month_do_not_wait_for_each_other(divided: sa.Engine) -> None:
    """A reader in mid-transaction lets a month be laid, and while that is not committed another reader reads."""
    save_articles(divided, at(0))
    impatient = database.open_engine(divided.url.render_as_string(hide_password=False), patience_seconds=1)
    counted = sa.select(sa.func.count()).select_from(schema.revision)
    with database.read(impatient) as reading:
        assert reading.scalar(counted) == 1
        with database.begin(impatient) as writing:
            articles.save(writing, [an_article("b", hours=24 * 60)], recorded_at=at(0))
            with database.read(impatient) as beside:
                assert beside.scalar(counted) == 1
        assert reading.scalar(counted) == 1, "it sees what it saw"
    with database.read(impatient) as after:
        assert after.scalar(counted) == 2
    impatient.dispose()


def test_a_month_goes_with_the_transaction_that_laid_it(divided: sa.Engine) -> None:
    def save_and_stop() -> None:
        with database.begin(divided) as connection:
            articles.save(connection, [an_article()], recorded_at=at(0))
            raise KeyError("stopped")

    with pytest.raises(KeyError, match="stopped"):
        save_and_stop()
    with divided.connect() as connection:
        assert "revision_2024_01" not in months.find_parts(connection, "revision")
    save_articles(divided, at(0))


def test_a_month_is_taken_out_and_put_back(divided: sa.Engine) -> None:
    """As docs/operations.md tells it: its texts are out of sight, are not taken in again, and come back whole."""
    save_articles(divided, at(0), at(24))
    read_all(divided, at(24))
    name = "revision_2024_01"
    start, end = (to_micros(dt.datetime(2024, month, 1, tzinfo=dt.UTC)) for month in (1, 2))
    with divided.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"ALTER TABLE revision DETACH PARTITION {name} CONCURRENTLY")
        counted = [sa.text(f"SELECT count(*) FROM {table}") for table in ("revision", "v_scores", "revision_key")]
        assert [connection.scalar(one) for one in counted] == [1, 1, 2]
        with pytest.raises(StoreFailed, match="attach the months") as caught:
            database.move(divided, "0006")
        assert caught.value.reason == "months_missing"
        database.migrate(divided)  # the steps before the refused one had been taken back
        with database.begin(divided) as writing:
            articles.save(writing, [an_article(f"n{at(0)}", available_at=at(0))], recorded_at=at(30))
            articles.save(writing, [an_article("late", available_at=at(1))], recorded_at=at(30))
        assert [connection.scalar(one) for one in counted] == [2, 1, 3]
        connection.exec_driver_sql(f"DELETE FROM passage WHERE revision_id IN (SELECT id FROM {name}_again)")
        connection.exec_driver_sql(f"DELETE FROM {name}_again")
        connection.exec_driver_sql(f"ALTER TABLE revision DETACH PARTITION {name}_again CONCURRENTLY")
        connection.exec_driver_sql(
            f"ALTER TABLE revision ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')"
        )
        assert [connection.scalar(one) for one in counted] == [2, 2, 2]
    save_articles(divided, at(2), name="into it")


def test_sqlite_is_not_divided(sqlite_url: str) -> None:
    engine = database.open_engine(sqlite_url)
    save_articles(engine, *APART)
    read_all(engine, at(0))
    with engine.connect() as connection:
        assert months.find_parts(connection, "revision") == {}
        assert months.find_texts(connection).whole is schema.revision
    engine.dispose()
