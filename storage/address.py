"""Database addresses: which forms are taken, and how one is shown without its secrets."""

from pathlib import Path

import sqlalchemy as sa
import sqlalchemy.exc

from service.errors import BadInput

FIELD = "database"
FORMS = "write it as sqlite:///newscandle.db or postgresql://user:password@host/name"


def read_address(text: str) -> sa.URL:
    """The address as SQLAlchemy takes it, driver named. Raises `BadInput`, without secrets, on any other form."""
    try:
        url = sa.make_url(text.strip())
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # nothing of an unreadable address is shown: any part of it may be the password
        raise BadInput(FIELD, "an unreadable address", FORMS) from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        return _read_sqlite(url)
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        if not url.database:
            raise BadInput(FIELD, describe(url), "name the database: postgresql://user:password@host/name")
        return url.set(drivername="postgresql+psycopg")
    raise BadInput(FIELD, describe(url), FORMS)


def _read_sqlite(url: sa.URL) -> sa.URL:
    shown = describe(url)
    if url.host or url.username or url.password or url.query:
        raise BadInput(FIELD, shown, "three slashes, then the path of the file: sqlite:///newscandle.db")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise BadInput(FIELD, shown, "name a file, as in sqlite:///newscandle.db: a database in memory forgets")
    path = Path(url.database)
    if path.is_dir():
        raise BadInput(FIELD, shown, "this is a folder: name a file in it")
    if not path.parent.is_dir():
        raise BadInput(FIELD, shown, f"make the folder {path.parent} first")
    return url.set(drivername="sqlite+pysqlite")


def describe(url: sa.URL) -> str:
    """Kind, host and name, for people: no user, no password, no options."""
    kind = url.drivername.partition("+")[0]
    port = f":{url.port}" if url.port else ""
    return f"{kind}://{url.host or ''}{port}/{url.database or ''}"
