"""Databases that are made for one purpose and dropped again, on a PostgreSQL server that somebody lends."""

import re
import secrets

import sqlalchemy as sa
import sqlalchemy.exc

from service.errors import BadInput
from storage import database
from storage.address import describe
from storage.failures import translated

_PREFIX = "newscandle_drill_"
_OURS = re.compile(_PREFIX + "[0-9a-f]{12}")
_NO_RIGHT = "42501"


def create(url: str) -> str:
    """Make an empty database of a new name on the server of `url`; gives its address.

    Raises `BadInput` where this user may make none, `StoreFailed` where the server is not to be reached.
    """
    engine = _open(url)
    name = _PREFIX + secrets.token_hex(6)
    try:
        with translated(engine), engine.connect() as connection:
            try:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            except sqlalchemy.exc.ProgrammingError as error:
                if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
                    raise
                remedy = "this user may make no database there: ALTER ROLE … CREATEDB, or name a server of your own"
                raise BadInput("--store", describe(engine.url), remedy) from None
        return engine.url.set(database=name).render_as_string(hide_password=False)
    finally:
        engine.dispose()


def drop(url: str, server: str) -> None:
    """Drop a database that `create` made of `server`, whoever is in it. Raises `BadInput` for any other."""
    name = sa.make_url(url).database or ""
    if not _OURS.fullmatch(name):
        raise BadInput("database", name, "was not made by newscandle drill, and is left as it is")
    engine = _open(server)
    try:
        with translated(engine), engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        engine.dispose()


def end_sessions(url: str) -> int:
    """End every other session on this database, in the midst of whatever it does; how many there were."""
    engine = _open(url)
    ended = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    try:
        with translated(engine), engine.connect() as connection:
            return int(connection.scalar(sa.text(ended)) or 0)
    finally:
        engine.dispose()


def _open(url: str) -> sa.Engine:
    engine = database.open_engine(url)
    if engine.dialect.name != "postgresql":
        raise BadInput("--store", describe(engine.url), "name a PostgreSQL server, or none: SQLite needs no address")
    return engine.execution_options(isolation_level="AUTOCOMMIT")
