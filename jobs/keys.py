"""Keys of the HTTP API: made, listed, revoked. The key itself is shown once, to whoever makes it, and kept nowhere."""

import json
import secrets

from dashboards.api.doorkeeper import hash_key
from jobs.house import House
from service.errors import BadInput
from service.instants import format_instant
from storage import database, keys
from storage.keys import ApiKey

_LONGEST_NAME = 64


def add_key(house: House, name: str, *, per_minute: int) -> str:
    """A new key. Raises `BadInput` for a name that is taken or cannot be one."""
    if not (name.isprintable() and name == name.strip() and 0 < len(name) <= _LONGEST_NAME):
        raise BadInput("NAME", name, f"give a name of at most {_LONGEST_NAME} printable signs")
    key_id = secrets.token_hex(6)
    key = f"nc_{key_id}_{secrets.token_urlsafe(32)}"
    with database.begin(house.engine) as connection:
        keys.add(connection, ApiKey(key_id, name, hash_key(key), per_minute, house.clock()))
    return key


def revoke_key(house: House, name: str) -> None:
    """Refuse the key of this name from now on (servers notice within seconds). Raises `BadInput` where none holds."""
    with database.begin(house.engine) as connection:
        if not keys.revoke(connection, name, now=house.clock()):
            raise BadInput("NAME", name, "no key of this name holds; newscandle keys list shows them")


def list_keys(house: House, *, as_json: bool) -> str:
    """Every key there is or was, without what is secret; text or JSON."""
    with database.read(house.engine) as connection:
        found = keys.load_all(connection)
    told = [
        {
            "name": one.name,
            "begins_with": f"nc_{one.key_id}_",
            "requests_per_minute": one.requests_per_minute,
            "made_at": format_instant(one.made_at),
            "revoked_at": format_instant(one.revoked_at) if one.revoked_at else None,
        }
        for one in found
    ]
    if as_json:
        return json.dumps(told, ensure_ascii=False)
    lines = [
        f"{one['name']}: {one['begins_with']}…, {one['requests_per_minute']:,} requests a minute, made {one['made_at']}"
        + (f", revoked {one['revoked_at']}" if one["revoked_at"] else "")
        for one in told
    ]
    return "\n".join(lines) or "none"
