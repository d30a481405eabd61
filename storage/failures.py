"""Database errors, translated once: a `StoreFailed` with a stable reason, one line, and no secret in it."""

import contextlib
import sqlite3
from collections.abc import Iterator

import sqlalchemy as sa
import sqlalchemy.exc

from service.errors import NewscandleError, StoreFailed
from storage.address import describe

_SQLITE = {
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_FULL": "disk_full",
    "SQLITE_READONLY": "read_only",
    "SQLITE_PERM": "read_only",
    "SQLITE_CORRUPT": "corrupt",
    "SQLITE_NOTADB": "corrupt",
    "SQLITE_NOMEM": "out_of_memory",
    "SQLITE_IOERR_NOMEM": "out_of_memory",
    "SQLITE_IOERR_SHMSIZE": "disk_full",  # the index beside the file is some kB, and could not be made
    "SQLITE_IOERR": "io_error",
    "SQLITE_CANTOPEN": "unreachable",
}
_STATES = {
    "42P01": "schema_missing",
    "42501": "no_right",
    "2BP01": "depended_on",
    "25006": "read_only",
    "53100": "disk_full",
    "53200": "out_of_memory",
    "57014": "cancelled",  # by an administrator, or by a statement_timeout that is not ours
}
_POSTGRESQL = {
    "08": "unreachable",
    "28": "unreachable",  # password or role refused
    "3D": "unreachable",  # no such database
    "25": "unreachable",  # idle for too long in a transaction: the server ended the connection
    "53": "no_connection",  # too many clients
    "57": "unreachable",  # shutting down, or an administrator ended the connection
    "40": "locked",  # deadlock, or a snapshot that cannot be kept
    "55": "locked",  # lock_timeout
    "58": "io_error",
    "XX": "corrupt",
}
_REMEDIES = {
    "locked": "another process is writing; try again",
    "disk_full": "make room on the disk of the database",
    "read_only": "let this user write to the database",
    "corrupt": "restore the database from a backup",
    "io_error": "look at the disk of the database",
    "out_of_memory": "give the database more memory, or let fewer use it",
    "no_connection": "end some of the clients of the database, or raise its max_connections",
    "cancelled": "see who ends statements there, and whether a statement_timeout is set for this user",
    "unreachable": "see that the database is there and lets this user in",
    "no_right": "let the owner of newscandle's tables do it: newscandle init",
    "depended_on": "drop your own views that read newscandle's, and make them again afterwards",
    "schema_missing": "run newscandle init, or let newscandle migrate the database",
    "refused": "this is a fault in newscandle: please report it",
}


@contextlib.contextmanager
def translated(engine: sa.Engine) -> Iterator[None]:
    """Let database errors leave as `StoreFailed`; errors newscandle raised on purpose leave as they are."""
    try:
        yield
    except sqlalchemy.exc.StatementError as error:
        if isinstance(error.orig, NewscandleError):
            raise error.orig from None
        # The driver's error would be printed with it, and shows the row it refused: keep where it came from, not that.
        raise _translate(engine, error).with_traceback(error.__traceback__) from None
    except sqlite3.Error as error:  # of a statement sent past SQLAlchemy
        raise _translate(engine, error).with_traceback(error.__traceback__) from None
    except sqlalchemy.exc.TimeoutError as error:
        raise StoreFailed("locked", f"{describe(engine.url)}: no free connection; try again") from error


def _translate(engine: sa.Engine, error: Exception) -> StoreFailed:
    driver = getattr(error, "orig", error)
    reason = find_reason(driver)
    said = next(iter(str(driver).splitlines()), type(error).__name__)
    for secret in (engine.url.password, engine.url.query.get("password")):
        if secret:
            said = said.replace(str(secret), "***")
    return StoreFailed(reason, f"{describe(engine.url)}: {said}: {_REMEDIES[reason]}")


def find_reason(error: BaseException | None) -> str:
    """The stable reason code of a driver's error, by SQLite's error name or PostgreSQL's SQLSTATE class."""
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        if name == "SQLITE_ERROR" and "no such table" in str(error):
            return "schema_missing"
        return next((reason for prefix, reason in _SQLITE.items() if name.startswith(prefix)), "refused")
    state = getattr(error, "sqlstate", None)
    if state in _STATES:
        return _STATES[state]
    if state is None:
        # psycopg gives no SQLSTATE when there was no server to give one; a time-out is a kind of OperationalError
        if "too many clients" in str(error) or "connection slots" in str(error):
            return "no_connection"
        is_gone = any(kind.__name__ == "OperationalError" for kind in type(error).__mro__)
        return "unreachable" if is_gone or "connection is closed" in str(error) else "refused"
    return _POSTGRESQL.get(state[:2], "refused")
