"""Seals: any change of a sealed row is seen, whatever comes later by the rules is not, and both databases agree."""

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from service.integrity.digests import tally
from storage import database, months, schema, seals
from storage.instant_column import to_micros
from storage.seal_parts import COLUMNS_NOT_SEALED, MARGIN, NOT_SEALED, all_parts
from tests.storage.victim import work

LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def seal_all(engine: sa.Engine, now: dt.datetime) -> int:
    set_ = 0
    for part in all_parts().values():
        with database.begin(engine) as connection:
            set_ += seals.save(connection, part.name, seals.find_unsealed(connection, part, now), sealed_at=now)
    return set_


def broken_parts(engine: sa.Engine) -> set[str]:
    with database.read(engine) as connection:
        assert seals.find_broken_chain(connection) == ""
        return {part.name for part in all_parts().values() if seals.verify(connection, part)}


def test_every_column_is_sealed_or_named_with_a_reason() -> None:
    """A table or column added later has to be put on one list or the other."""
    sealed: set[tuple[str, str]] = set()
    for part in all_parts().values():
        for select in part.selects:
            hashed = [column for told in list(select.selected_columns)[1:] for column in visitors.iterate(told)]
            sealed |= {(column.table.name, column.name) for column in hashed if isinstance(column, sa.Column)}
    every = {(table.name, column.name) for table in schema.metadata.tables.values() for column in table.c}
    left_out = {(table, name) for table, name in every if table in NOT_SEALED}
    assert sealed | left_out | set(COLUMNS_NOT_SEALED) == every
    assert not sealed & left_out


def test_order_does_not_count_but_rows_and_how_often_do() -> None:
    rows = [(1, "a", 0.5), (2, "b", None), (2, "b", None)]
    assert tally(rows).digest == tally(reversed(rows)).digest
    assert tally(rows).digest == tally([*rows[:1], (2, "b"), (2, "b", None, None)]).digest  # nulls at the end
    assert tally(rows).digest != tally(rows[:2]).digest
    assert tally(rows).digest != tally([*rows[:2], (2, None, "b")]).digest
    assert tally([(-0.0, -0.0)]).digest == tally([(0.0, 0.0)]).digest


def test_what_changes_behind_the_back_is_seen(engine: sa.Engine) -> None:
    """A cell changed or a row gone is seen in its own part and nowhere else."""
    work(engine.url.render_as_string(hide_password=False))
    assert seal_all(engine, LATER) > 0
    assert seal_all(engine, LATER) == 0
    assert broken_parts(engine) == set()
    revision, candle = schema.revision, schema.candle
    acts = {
        "revision": sa.update(revision).where(revision.c.number == 1).values(title=revision.c.title + " "),
        "candle": sa.update(candle).values(volume=candle.c.volume * (1 + 2**-50) + 5e-324),
    }
    for part, act in acts.items():
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(act)
            found = [one.name for one in all_parts().values() if seals.verify(connection, one)]
            transaction.rollback()
        assert found == [part]
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(sa.delete(schema.passage).where(schema.passage.c.position == 0))
        [differs] = seals.verify(connection, all_parts()["revision"])
        assert differs.rows < differs.seal.rows
        transaction.rollback()


def test_a_chain_tells_of_changed_and_missing_seals(engine: sa.Engine) -> None:
    work(engine.url.render_as_string(hide_password=False))
    seal_all(engine, LATER)
    seal = schema.seal
    acts = (
        sa.update(seal).where(seal.c.number == 2).values(rows=seal.c.rows + 1),
        sa.update(seal).where(seal.c.number == 1).values(sealed_at=LATER + dt.timedelta(microseconds=1)),
        sa.update(seal).where(seal.c.number == 1).values(part="tone"),
        sa.delete(seal).where(seal.c.number == 3),
    )
    for act in acts:
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(act)
            assert seals.find_broken_chain(connection)
            transaction.rollback()


def test_a_change_on_purpose_is_sealed_again_and_covers_nothing_else(engine: sa.Engine) -> None:
    work(engine.url.render_as_string(hide_password=False))
    seal_all(engine, LATER)
    revision = schema.revision
    with database.begin(engine) as connection:
        ids = list(connection.scalars(sa.select(revision.c.id)))
        with seals.resealing(connection, {"revision": ids}, reason="pruned", at=LATER) as broken:
            connection.execute(sa.update(revision).values(text=""))
        assert not broken
    assert broken_parts(engine) == set()
    with engine.begin() as connection:  # behind the back
        connection.execute(sa.update(revision).values(title="?"))
    with database.begin(engine) as connection:
        with seals.resealing(connection, {"revision": ids}, reason="pruned", at=LATER) as broken:
            connection.execute(sa.update(revision).values(text="!"))
        assert broken
    assert broken_parts(engine) == {"revision"}


def test_what_comes_in_time_is_not_late(engine: sa.Engine) -> None:
    """Rows that came a moment before the seal are sealed later; a row that says it came long before it is late."""
    url = engine.url.render_as_string(hide_password=False)
    work(url)
    with engine.connect() as connection:
        newest = max(connection.scalars(sa.select(schema.article.c.recorded_at)))
    seal_all(engine, newest)
    with database.read(engine) as connection:
        alias = schema.article_alias
        assert seals.find_unsealed(connection, all_parts()["article_alias"], newest) == {}
        until = connection.scalar(sa.select(sa.func.max(schema.seal.c.upper)).where(schema.seal.c.part == alias.name))
        assert until == int((newest - MARGIN).timestamp() * 1e6)
        assert seals.find_late(connection, all_parts()["article"]) == []
    article = schema.article
    copied = {"url": "https://x.example/", "source": "x", "guid": "", "first_seen_at": newest - 3 * MARGIN}
    for number, came_at in enumerate((newest, newest - 2 * MARGIN)):
        with engine.begin() as connection:
            connection.execute(sa.insert(article).values(copied | {"key": str(number), "recorded_at": came_at}))
        with database.read(engine) as connection:
            assert len(seals.find_late(connection, all_parts()["article"])) == number
    assert broken_parts(engine) == set()


def test_both_databases_give_one_digest(on_both: Callable[[], tuple[sa.Engine, sa.Engine]]) -> None:
    """The same rows with the same row ids have the same seals on SQLite and PostgreSQL."""
    sqlite, postgresql = on_both()
    work(sqlite.url.render_as_string(hide_password=False))
    with sqlite.connect() as source, postgresql.begin() as target:
        for table in schema.metadata.sorted_tables:
            if rows := [dict(row) for row in source.execute(sa.select(table)).mappings()]:
                if table.name in ("revision", "score"):
                    column = "available_at" if table.name == "revision" else "scored_at"
                    months.lay(target, table.name, [to_micros(row[column]) for row in rows])
                target.execute(sa.insert(table), rows)
    assert seal_all(sqlite, LATER) == seal_all(postgresql, LATER)
    chains = []
    for engine in (sqlite, postgresql):
        with database.read(engine) as connection:
            chains.append([one.chain for one in seals.iterate(connection)])
    assert chains[0] == chains[1]
    assert len(chains[0]) >= len(all_parts()) - 4
