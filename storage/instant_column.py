"""How an instant is stored: whole microseconds since 1970-01-01T00:00Z, a 64-bit integer, on both databases.

An integer sorts, compares and indexes alike on SQLite and PostgreSQL, is exact to the microsecond, and needs no text
parsing on the way to a numpy column. People read the views (`views.py`), which show each instant in words.
"""

import datetime as dt

import sqlalchemy as sa

from service.instants import EPOCH, ensure_utc

_MICROSECOND = dt.timedelta(microseconds=1)


def to_micros(instant: dt.datetime, field: str = "instant") -> int:
    """Whole microseconds since 1970-01-01T00:00Z, exact. Raises `BadInput` naming `field` on a naive instant."""
    if instant.tzinfo is not dt.UTC:
        instant = ensure_utc(instant, field)
    passed = instant - EPOCH
    return passed.days * 86_400_000_000 + passed.seconds * 1_000_000 + passed.microseconds


def from_micros(micros: int) -> dt.datetime:
    """The UTC instant `micros` microseconds after 1970-01-01T00:00Z, exact."""
    return EPOCH + micros * _MICROSECOND


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """A column of instants: aware datetimes in and out, integers in the database, naive ones refused (`BadInput`)."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        """The stored integer."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002
        """The instant, in UTC."""
        return None if value is None else from_micros(value)
