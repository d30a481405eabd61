"""How much is held of everything, for status pages."""

import sqlalchemy as sa

from storage import stories
from storage.schema import article, candle, gap, quarantined_candle, report, revision, score, series, skipped, tone

_TABLES = {
    "articles": article,
    "revisions": revision,
    "readings": tone,
    "scores": score,
    "candles": candle,
    "quarantined_candles": quarantined_candle,
    "series": series,
    "reports": report,
    "skipped_items": skipped,
}


def count(connection: sa.Connection) -> dict[str, int]:
    """Rows by kind; `open_gaps` are holes in the prices that nothing has filled yet."""
    held = {name: _rows(connection, sa.select(sa.func.count()).select_from(table)) for name, table in _TABLES.items()}
    is_open = gap.c.filled_at.is_(None)
    held |= stories.count_stories(connection)
    return held | {"open_gaps": _rows(connection, sa.select(sa.func.count()).select_from(gap).where(is_open))}


def _rows(connection: sa.Connection, counted: sa.Select[int]) -> int:
    return connection.scalar(counted) or 0
