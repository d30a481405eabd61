"""Whether instants go forward: nothing that is written comes later than now, and no run began before the last."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from storage.instant_column import to_micros
from storage.integrity.rule import Broken, micros, tell_rows
from storage.schema import run
from storage.seal_parts import MARGIN, all_parts

_AHEAD = dt.timedelta(minutes=2)
_MARGIN = int(MARGIN.total_seconds() * 1_000_000)


def find_ahead(connection: sa.Connection, now: dt.datetime) -> Broken | None:
    """Tables with rows that say they came later than now, with how many."""
    found: list[dict[str, Any]] = []
    for part in all_parts().values():
        if part.came_at is None:
            continue
        late = sa.select(sa.func.count(), sa.func.max(part.came_at)).where(part.came_at > to_micros(now + _AHEAD))
        count, newest = connection.execute(late).one()
        if count:
            found.append({"table": part.name, "rows": count, "newest_at": newest})
    return tell_rows(found)


def find_set_back(connection: sa.Connection) -> Broken | None:
    """Runs that began more than an hour before the run that was written down ahead of them."""
    before = sa.func.lag(micros(run.c.started_at)).over(order_by=run.c.id).label("before")
    runs = sa.select(run.c.id, micros(run.c.started_at).label("started_at"), before).subquery()
    rows = connection.execute(sa.select(runs).where(runs.c.started_at < runs.c.before - _MARGIN).limit(1_000))
    return tell_rows([{"run": row.id, "started_at": row.started_at, "before_at": row.before} for row in rows])
