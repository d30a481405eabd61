"""A rule of the store as a SELECT of the rows that break it, told alike on both databases."""

import contextlib
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from service.instants import Interval, format_instant
from storage.instant_column import UtcDateTime, from_micros

MOST_COUNTED: Final = 1_000
"""So many rows that break a rule are counted; what is beyond is told as "or more"."""
SHOWN: Final = 3
_ROUNDING: Final = 1e-9
_CLOCKS_DIFFER: Final = 120_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` selects what tells apart the rows of `table` that break what `proves` says."""

    code: str
    table: str
    proves: str
    broken: sa.Select[Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """How many rows break a rule (at most `MOST_COUNTED`), and some of them as text."""

    count: int
    shown: tuple[str, ...]

    def tell(self, table: str) -> str:
        """For people: 2 rows of candle (market_id 1, open_at 2024-05-10T12:00:00Z; …)."""
        many = f"{self.count:,}{' or more' * (self.count >= MOST_COUNTED)} row{'s' * (self.count != 1)} of {table}"
        return f"{many} ({'; '.join(self.shown)}{'; …' * (self.count > len(self.shown))})"


def find_broken(connection: sa.Connection, rule: Rule) -> Broken | None:
    """What breaks the rule; None where nothing does."""
    rows = connection.execute(rule.broken.limit(MOST_COUNTED)).all()
    return tell_rows([dict(row._mapping) for row in rows])  # noqa: SLF001 - the public way to a Row's names


def tell_rows(rows: list[dict[str, Any]]) -> Broken | None:
    """These rows as something broken; None for none."""
    if not rows:
        return None
    return Broken(
        len(rows), tuple(", ".join(f"{name} {_tell(name, row[name])}" for name in row) for row in rows[:SHOWN])
    )


def _tell(name: str, value: object) -> str:
    if name.endswith("_at") and isinstance(value, int):
        with contextlib.suppress(OverflowError, ValueError):
            return format_instant(from_micros(value))
    text = value if isinstance(value, str) else f"{value:.17g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """An instant as the integer it is stored as, so that it can be reckoned with; others as they are."""
    if isinstance(column.type, UtcDateTime):
        return sa.type_coerce(column, sa.BigInteger).label(column.name)
    return column


def micros(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """An instant as microseconds."""
    return sa.type_coerce(column, sa.BigInteger)


def length_of(interval: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """Microseconds of an interval's code; null for one that is not known."""
    return sa.case({one.value: one.millis * 1000 for one in Interval}, value=interval, else_=None)


def outside(column: sa.ColumnElement[Any], low: float, high: float) -> sa.ColumnElement[bool]:
    """Not within [low, high] but for rounding, NaN included; null is neither."""
    return sa.not_(sa.and_(column >= low - _ROUNDING, column <= high + _ROUNDING))


def is_after(earlier: sa.ColumnElement[Any], later: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """What should have been first came after the other, by more than clocks of several machines differ."""
    return micros(earlier) > micros(later) + _CLOCKS_DIFFER
