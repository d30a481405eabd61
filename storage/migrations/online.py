"""Steps on PostgreSQL while others write and read: what takes time comes before the step, in small transactions."""

import sqlalchemy as sa

from storage.locks import alone_among_migrators, change_briefly
from storage.migrations import dividing, joining, step
from storage.schema import RELEASE

_MONTHS = "0007"
_WITHOUT_MONTHS = "0006"


def move(engine: sa.Engine, release: str) -> None:
    """Step up to `head`, or down to an older release or `base`. Nobody waits longer than each short transaction."""
    goal = {"head": RELEASE, "base": ""}.get(release, release)
    with alone_among_migrators(engine):
        held = _find_held(engine)
        if held and held < _MONTHS <= goal:
            if held < _WITHOUT_MONTHS:
                change_briefly(engine, lambda connection: step(connection, _WITHOUT_MONTHS, is_up=True))
            dividing.prepare(engine)
        elif held >= _MONTHS > goal:
            if held > _MONTHS:
                change_briefly(engine, lambda connection: step(connection, _MONTHS, is_up=False))
            joining.prepare(engine)
        change_briefly(engine, lambda connection: step(connection, release, is_up=release == "head"))


def _find_held(engine: sa.Engine) -> str:
    """The release the store is at, empty where nothing was laid."""
    with engine.connect() as connection:
        if connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
            return ""
        return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or "")
