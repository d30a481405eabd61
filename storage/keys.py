"""The keys of the HTTP API, by the part of them that is no secret."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from service.errors import BadInput
from storage.schema import api_key


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: `digest` is 64 hex digits of sha256 of what its owner has."""

    key_id: str
    name: str
    digest: str
    requests_per_minute: int
    made_at: dt.datetime
    revoked_at: dt.datetime | None = None


def add(connection: sa.Connection, key: ApiKey) -> None:
    """Keep a new key. Raises `BadInput` where one of this name holds."""
    if connection.scalar(sa.select(api_key.c.key_id).where(api_key.c.name == key.name)):
        raise BadInput("NAME", key.name, "there is a key of this name, or was: choose another")
    connection.execute(sa.insert(api_key).values({name: getattr(key, name) for name in ApiKey.__dataclass_fields__}))


def revoke(connection: sa.Connection, name: str, *, now: dt.datetime) -> bool:
    """Refuse the key of this name from now on; False where none holds."""
    holds = (api_key.c.name == name, api_key.c.revoked_at.is_(None))
    return connection.execute(sa.update(api_key).where(*holds).values(revoked_at=now)).rowcount == 1


def load_all(connection: sa.Connection) -> list[ApiKey]:
    """Every key there is or was, by name."""
    found = connection.execute(sa.select(api_key).order_by(api_key.c.name))
    return [ApiKey(**row._mapping) for row in found]  # noqa: SLF001 - the public way to a Row's names
