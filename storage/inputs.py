"""How much there is to compute a series from, day by day, and how much there was when it was last computed.

Readings of articles and statements of candles are only ever added, so a day of which as many are held as before has
the inputs it had: no clock is asked. Days are UTC, counted from 1970-01-01.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from service.instants import Interval
from storage.schema import candle, market, revision, scoring, series, series_input, story_member, tone
from storage.series import Declaration
from storage.upsert import insert_new

_MICROS = 1_000_000
_DAY = 86_400 * _MICROS


def _day_of(instant: sa.ColumnElement[object], shift_seconds: int = 0) -> sa.ColumnElement[int]:
    micros = sa.type_coerce(instant, sa.BigInteger) + sa.literal_column(str(shift_seconds * _MICROS), sa.BigInteger)
    return (micros - micros % sa.literal_column(str(_DAY), sa.BigInteger)) // sa.literal_column(
        str(_DAY), sa.BigInteger
    )


def count_articles(
    connection: sa.Connection, *, scorer: str, catalogue: str, embargo_seconds: int, with_stories: bool = False
) -> dict[int, int]:
    """How many texts this scoring read, by the day they are known once the embargo has passed.

    Later revisions are among them, though no series reads those: the index on instants need not be left for them.
    `with_stories`: a text that was placed in a story counts once more, which a series that weighs by stories reads.
    """
    day = _day_of(revision.c.available_at, embargo_seconds)
    chosen = (
        sa.select(day, sa.func.count())
        .select_from(
            tone.join(scoring, scoring.c.id == tone.c.scoring_id).join(revision, revision.c.id == tone.c.revision_id)
        )
        .where(scoring.c.scorer == scorer, scoring.c.catalogue == catalogue)
        .group_by(day)
    )
    counts = {int(number): count for number, count in connection.execute(chosen)}
    if with_stories:
        placed = (
            sa.select(day, sa.func.count())
            .select_from(story_member.join(revision, revision.c.id == story_member.c.revision_id))
            .group_by(day)
        )
        for number, count in connection.execute(placed):
            counts[int(number)] = counts.get(int(number), 0) + count
    return counts


def count_statements(
    connection: sa.Connection, *, symbol: str, interval: Interval, venue: str | None = None
) -> dict[int, int]:
    """How many statements of candles are held, by the day the candle opens; of one venue, or of all (None)."""
    day = _day_of(candle.c.open_at)
    chosen = (
        sa.select(day, sa.func.count())
        .join(market, market.c.id == candle.c.market_id)
        .where(market.c.symbol == symbol, market.c.interval == interval.value)
        .group_by(day)
    )
    if venue is not None:
        chosen = chosen.where(market.c.venue == venue)
    return {int(number): count for number, count in connection.execute(chosen)}


def load(connection: sa.Connection, told: Declaration) -> dict[int, str]:
    """What each day of the series was last computed from; nothing where it never was."""
    chosen = (
        sa.select(series_input.c.day, series_input.c.inputs)
        .join(series, series.c.id == series_input.c.series_id)
        .where(series.c.key == told.key)
    )
    return {row.day: row.inputs for row in connection.execute(chosen)}


def replace(connection: sa.Connection, told: Declaration, days: Mapping[int, str]) -> None:
    """Let `days` be what these days of a saved series were computed from; other days stay as they are."""
    if not days:
        return
    series_id = connection.scalar(sa.select(series.c.id).where(series.c.key == told.key))
    former = sa.delete(series_input).where(
        series_input.c.series_id == series_id, series_input.c.day == sa.bindparam("which")
    )
    connection.execute(former, [{"which": day} for day in days])
    rows = [(series_id, day, inputs) for day, inputs in sorted(days.items())]
    insert_new(connection, series_input, ("series_id", "day", "inputs"), rows)
