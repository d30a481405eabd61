"""Seal: ranges of rows into which nothing more can come → what they hold → seals, a commit a part.

parts ─▶ seals.find_unsealed (a transaction that only reads) ─▶ seals.save (one that writes, briefly)
"""

from collections import Counter

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.errors import BadInput
from storage import database, seals
from storage.seal_parts import all_parts


def seal_store(house: House, advance: Advance) -> Outcome:
    """Seal what was closed since the last time. Counts rows, ranges, and the number the last seal bears.

    The run on record with that number tells the doctor of seals that are gone from the end.
    """
    counts: Counter[str] = Counter(rows=0, ranges=0)
    for part in all_parts().values():
        now = house.clock()
        with database.read(house.engine) as connection:
            found = seals.find_unsealed(connection, part, now)
        if found:
            with database.begin(house.engine) as connection:
                counts["ranges"] += (kept := seals.save(connection, part.name, found, sealed_at=now))
                counts["rows"] += sum(held.rows for held in found.values()) if kept else 0
        advance(1)
    with database.read(house.engine) as connection:
        last = seals.load_newest(connection)
    return Outcome({**counts, "last_seal": 0 if last is None else last.number})


def accept_changes(house: House, part: str, reason: str) -> Outcome:
    """Seal again the ranges of `part` that are not what was sealed. Raises `BadInput` without part or reason."""
    parts = all_parts()
    if part not in parts:
        raise BadInput("--again", part, f"name a part: {', '.join(parts)}")
    if not reason.strip():
        raise BadInput("--reason", reason, "say why what is there now is right: it stays on record")
    with database.begin(house.engine) as connection:
        again = seals.accept(connection, parts[part], reason=reason, at=house.clock())
        last = seals.load_newest(connection)
    return Outcome({"ranges": again, "last_seal": 0 if last is None else last.number})
