"""What poison is made of: where the past ends, and numbers that look random and are drawn by the database itself."""

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from service.correlation.lookahead import salt
from service.instants import Interval
from storage.instant_column import to_micros
from storage.schema import candle, revision

LATER = dt.timedelta(hours=1)
"""How long after the instant newscandle is said to have come to know what is invented."""


class Clock(enum.Enum):
    """What `after` means: when a datum could be known, or when newscandle came to know it (as reads with `as_of`)."""

    AVAILABLE = "available"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Poisoned:
    """How many rows were changed, deleted and invented."""

    changed: int = 0
    deleted: int = 0
    invented: int = 0

    def __add__(self, other: "Poisoned") -> "Poisoned":
        return Poisoned(self.changed + other.changed, self.deleted + other.deleted, self.invented + other.invented)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the past ends, by which clock, and the seed of what the rest becomes."""

    instant: dt.datetime
    clock: Clock
    seed: int

    @property
    def suffix(self) -> str:
        """What an invented row's unique words end in: no two cuts invent the same."""
        return f"-{self.clock.value}-{to_micros(self.instant)}"

    def later_revisions(self) -> sa.ColumnElement[bool]:
        """Texts of articles that came after; by the first clock one at the very instant is later, no bar holds it."""
        if self.clock is Clock.AVAILABLE:
            return revision.c.available_at >= self.instant
        return sa.or_(revision.c.recorded_at > self.instant, revision.c.available_at > self.instant)

    def later_readings(self, table: sa.Table, known_at: sa.ColumnElement[dt.datetime]) -> sa.ColumnElement[bool]:
        """Rows of what is told of a text that came after, with the text or, by `known_at`, by themselves."""
        late_texts = sa.select(revision.c.id).where(self.later_revisions())
        later: sa.ColumnElement[bool] = table.c.revision_id.in_(late_texts)
        return later if self.clock is Clock.AVAILABLE else sa.or_(later, known_at > self.instant)

    def later_candles(self, interval: Interval) -> sa.ColumnElement[bool]:
        """Statements of bars that had not closed, or that newscandle had not been told."""
        open_still = candle.c.open_at > self.instant - interval.duration
        return open_still if self.clock is Clock.AVAILABLE else sa.or_(open_still, candle.c.fetched_at > self.instant)

    def noise(self, key: sa.ColumnElement[int], *words: object) -> sa.ColumnElement[float]:
        """A number 0 ≤ x < 1 drawn by a row's key: another for every row, every seed and every use (`words`)."""
        mixed = (key % 1_000_003 * 48_271 + salt(self.seed, self.instant, *words)) % 65_537
        drawn: sa.ColumnElement[float] = sa.cast(mixed, sa.Double()) * (1.0 / 65_537.0)
        return drawn


def micros(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as the integer that is stored."""
    return sa.type_coerce(column, sa.BigInteger)


def minutes(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as whole minutes since 1970: a key for `Cut.noise`."""
    return micros(column) // 60_000_000


def rows_of(connection: sa.Connection, statement: Any) -> int:
    """Run a statement that writes; how many rows it wrote."""
    return int(connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount)


def copy_rows(table: sa.Table, where: sa.ColumnElement[bool], **changed: Any) -> sa.Insert:
    """INSERT … SELECT of the rows of `table` that fit, with some columns changed."""
    columns = {column.name: changed.get(column.name, column) for column in table.c}
    return sa.insert(table).from_select(list(columns), sa.select(*columns.values()).where(where))


def highest(connection: sa.Connection, column: sa.ColumnElement[int]) -> int:
    """The largest value of a column, 0 where there is none: added to ids or numbers it gives free ones."""
    return connection.scalar(sa.select(sa.func.max(column))) or 0
