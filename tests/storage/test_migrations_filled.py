"""The newest migration on a store the release before filled: no row is lost either way, and none is rewritten."""

import hashlib

import sqlalchemy as sa

from storage import database
from storage.schema import RELEASE
from tests.storage.filled import digest, fill, find_previous, find_storage

ROWS = 3_000


def test_no_row_is_lost_or_rewritten_up_down_and_up(empty_database_url: str) -> None:
    """A table that is rewritten is locked as long as that takes, longer with every row: none may move."""
    engine = database.open_engine(empty_database_url)
    previous = find_previous()
    held = fill(engine, previous, ROWS)
    assert held.rows >= ROWS * 0.9
    assert hashlib.sha256().hexdigest() not in held.digests.values(), "no table was left empty"
    places = find_storage(engine)
    for release in ("head", previous, "head"):
        database.move(engine, release)
        assert database.find_release(engine) == (RELEASE if release == "head" else previous)
        assert digest(engine, held.tables) == held.digests
        now = find_storage(engine)
        assert {name: now.get(f"{name}_before", now.get(name)) for name in places} == places
    database.check(engine)
    engine.dispose()


def test_a_store_of_this_release_can_be_filled_too(empty_database_url: str) -> None:
    """So that the next migration finds one."""
    engine = database.open_engine(empty_database_url)
    held = fill(engine, RELEASE, ROWS)
    assert held.rows >= ROWS * 0.9
    assert hashlib.sha256().hexdigest() not in held.digests.values()
    engine.dispose()


def test_a_rewritten_table_is_seen(empty_database_url: str) -> None:
    """The check above can fail: a column that is given another type moves its table."""
    engine = database.open_engine(empty_database_url)
    fill(engine, find_previous(), ROWS)
    before = find_storage(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            shortened = "ALTER TABLE skipped ALTER COLUMN reason TYPE varchar(10) USING left(reason, 10)"
            connection.execute(sa.text(shortened))
        else:
            connection.execute(sa.text("CREATE TABLE skipped_new AS SELECT * FROM skipped"))
            connection.execute(sa.text("DROP TABLE skipped"))
            connection.execute(sa.text("ALTER TABLE skipped_new RENAME TO skipped"))
    assert find_storage(engine)["skipped"] != before["skipped"]
    engine.dispose()
