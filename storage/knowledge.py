"""When newscandle came to know things, over all tables: the instants at which an answer `as_of` can differ."""

import datetime as dt

import sqlalchemy as sa

from storage.schema import candle, extracted, returned, revision, series_point, story_member, tone

_STAMPS = (
    *(revision.c.recorded_at, returned.c.recorded_at, tone.c.scored_at, extracted.c.extracted_at),
    *(story_member.c.recorded_at, candle.c.fetched_at, series_point.c.recorded_at),
)


def load_instants(connection: sa.Connection) -> list[dt.datetime]:
    """Every instant at which texts, readings, what they tell, candles or points were written, once each, rising."""
    return sorted({instant for stamp in _STAMPS for instant in connection.scalars(sa.select(stamp).distinct())})


def count_restated(connection: sa.Connection) -> int:
    """How many bars a venue stated more than once: their newest figures are not those first known."""
    return connection.scalar(sa.select(sa.func.count()).select_from(candle).where(candle.c.number == 2)) or 0
