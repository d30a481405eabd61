"""Who waits for whom on PostgreSQL: writers one after another, and changes of the schema that let them by.

A change of the schema asks for tables that others are reading. Whoever asks for a table after it waits behind it, so it
may ask for a moment only: if it is not let in, it gives way and tries again.
"""

import contextlib
import time
from collections.abc import Callable, Iterator

import sqlalchemy as sa
import sqlalchemy.exc

WRITER = 0x6E657773  # "news": the advisory lock all writers of one database share
_MIGRATOR = WRITER + 1
MIGRATION_PATIENCE_SECONDS = 300
_ASKING_MILLISECONDS = 200
_PAUSE_SECONDS = 0.3
_ATTEMPTS = int(MIGRATION_PATIENCE_SECONDS / (_PAUSE_SECONDS + _ASKING_MILLISECONDS / 1000))
_NOT_LET_IN = {"55P03", "40P01"}  # lock_timeout, deadlock


def run(connection: sa.Connection, *statements: str) -> None:
    """One after another as they stand, sent together: on a busy machine the way there and back is what takes time."""
    if statements:
        connection.exec_driver_sql("; ".join(statements), execution_options={"no_parameters": True})


def wait_for_writers(connection: sa.Connection) -> None:
    """Be the only writer until the transaction ends. Waits as long as the connection's lock_timeout allows."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER)))


def change_briefly(engine: sa.Engine, change: Callable[[sa.Connection], None]) -> None:
    """Run `change` in a transaction while no writer is in one; it must be quick, however much the tables hold.

    Nobody waits longer than 200 ms for it to be let in. It is tried again for five minutes, then the database's error
    leaves.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{MIGRATION_PATIENCE_SECONDS}s'")
                wait_for_writers(connection)
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_ASKING_MILLISECONDS}ms'")
                change(connection)
                return
        except sqlalchemy.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _NOT_LET_IN or attempt == _ATTEMPTS - 1:
                raise
        time.sleep(_PAUSE_SECONDS)


@contextlib.contextmanager
def alone_among_migrators(engine: sa.Engine) -> Iterator[None]:
    """Others that would change the schema wait; writers and readers do not."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # asked again and again: a statement that waits would hold up CREATE INDEX CONCURRENTLY, which waits for it
        for _ in range(_ATTEMPTS):
            if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_MIGRATOR))):
                break
            time.sleep(_PAUSE_SECONDS)
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_MIGRATOR})")
        try:
            yield
        finally:
            connection.scalar(sa.select(sa.func.pg_advisory_unlock(_MIGRATOR)))
