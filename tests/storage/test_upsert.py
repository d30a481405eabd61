"""Rows by the thousand: the same content whichever way the database takes them."""

import pytest
import sqlalchemy as sa

from service.errors import StoreFailed
from storage import database
from storage.schema import candle, market, skipped
from storage.upsert import insert_new

SPELT = ["", "\\N", "\\.", "a\tb\nc\r\\d", "\\\\t", "ü€\U0001f600", "NULL", '"quoted", or not', " spaces "]
FIGURES = [0.1 + 0.2, 5e-324, -1.7976931348623157e308, 1e16, 3.0]
WORDS = (
    "key", "source", "stage", "reason", "what", "detail", "first_recorded_at", "last_recorded_at", "count",
)  # fmt: skip
CANDLE = ("market_id", "open_at", "number", "open", "high", "low", "close", "volume", "fetched_at")
COUNTS = [1, 199, 200, 12_000]


def word(number: int, detail: str = "") -> tuple[object, ...]:
    return (f"{number:032x}", SPELT[number % 9], SPELT[number % 7], "r", SPELT[number % 5], detail, -number, number, 1)


def bar(number: int, open_at: int | None = None) -> tuple[object, ...]:
    figures = [FIGURES[(number + shift) % 5] for shift in range(5)]
    return (1, number if open_at is None else open_at, 1, *figures, 2**62 + number)


@pytest.mark.parametrize("count", COUNTS)
def test_texts_come_out_as_they_went_in(engine: sa.Engine, count: int) -> None:
    """The first of two namesakes stays, one held before is left alone, and rows are numbered in the order given."""
    rows = [word(number) for number in range(count)]
    with database.begin(engine) as connection:
        insert_new(connection, skipped, WORDS, [word(0, "held")])
        insert_new(connection, skipped, WORDS, [*rows, word(count, "first"), word(count, "second")])
        chosen = [
            sa.type_coerce(skipped.c[name], sa.BigInteger) if "_at" in name else skipped.c[name] for name in WORDS
        ]
        found = connection.execute(sa.select(*chosen).order_by(skipped.c.id)).all()
    assert [tuple(row) for row in found] == [word(0, "held"), *rows[1:], word(count, "first")]


@pytest.mark.parametrize("count", COUNTS)
def test_figures_come_out_bit_for_bit(engine: sa.Engine, count: int) -> None:
    rows = [bar(number) for number in range(count)]
    with database.begin(engine) as connection:
        connection.execute(sa.insert(market).values(id=1, venue="v", symbol="s", interval="1h"))
        for _ in range(2):  # twice in one transaction: nothing is left in the way of the second time
            insert_new(connection, candle, CANDLE, [*rows, bar(7, open_at=0)])
        chosen = [sa.type_coerce(candle.c[name], sa.BigInteger) if "_at" in name else candle.c[name] for name in CANDLE]
        found = connection.execute(sa.select(*chosen).order_by(candle.c.open_at)).all()
    assert [tuple(row) for row in found] == rows


def test_what_the_database_refuses_leaves_nothing_behind(engine: sa.Engine) -> None:
    """One row without its instant among many: one error of ours, and no row of the transaction stays."""
    rows = [bar(number) for number in range(300)]
    rows[150] = (*rows[150][:-1], None)

    def save() -> None:
        with database.begin(engine) as connection:
            connection.execute(sa.insert(market).values(id=1, venue="v", symbol="s", interval="1h"))
            insert_new(connection, candle, CANDLE, rows)

    with pytest.raises(StoreFailed):
        save()
    with database.read(engine) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(candle)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(market)) == 0


def test_what_the_driver_refuses_while_copying_is_an_error_of_ours(postgres_url: str) -> None:
    engine = database.open_engine(postgres_url)

    def save() -> None:
        with database.begin(engine) as connection:
            insert_new(connection, skipped, WORDS, [word(number, "\x00") for number in range(300)])

    with pytest.raises(StoreFailed, match="NUL"):
        save()
    engine.dispose()
