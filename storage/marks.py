"""Marks that a drill's job leaves, one a slot and part: they show whether a slot took effect, once and whole."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from storage import slots
from storage.instant_column import to_micros
from storage.slots import Slot

PARTS = (1, 2)
"""A slot's work is done in so many transactions: killed between them, half of it is there."""
_tables = sa.MetaData()
_effect = sa.Table(
    "drill_effect",  # no key keeps a second one out
    _tables,
    sa.Column("slot", sa.BigInteger),
    sa.Column("part", sa.Integer),
    sa.Column("filling", sa.Text),
)
_tried = sa.Table(
    "drill_tried",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slot", sa.BigInteger),
    sa.Column("part", sa.Integer),
    sa.Column("token", sa.BigInteger),
)


@dataclass(frozen=True, slots=True)
class Marks:
    """All that was left: each effect as (slot in µs since 1970, part), and each try with its token, in order."""

    effects: Sequence[tuple[int, int]]
    tries: Sequence[tuple[int, int, int]]


def lay(engine: sa.Engine) -> None:
    """Make the tables of the marks beside newscandle's, in a store that is thrown away."""
    _tables.create_all(engine)


def find_running(connection: sa.Connection) -> Slot:
    """The slot that is being run."""
    [mine] = slots.load_running(connection)
    return mine


def try_part(connection: sa.Connection, mine: Slot, part: int) -> None:
    """Note that this part of a slot is begun."""
    connection.execute(sa.insert(_tried).values(slot=to_micros(mine.due_at), part=part, token=mine.token))


def has_effect(connection: sa.Connection, mine: Slot, part: int) -> bool:
    """Whether this part took effect already."""
    is_it = (_effect.c.slot == to_micros(mine.due_at), _effect.c.part == part)
    return connection.scalar(sa.select(sa.func.count()).where(*is_it)) != 0


def take_effect(connection: sa.Connection, mine: Slot, part: int, *, size: int = 0) -> None:
    """Leave the mark of this part, with so many characters of nothing, which need room."""
    connection.execute(sa.insert(_effect).values(slot=to_micros(mine.due_at), part=part, filling="x" * size))


def load(connection: sa.Connection) -> Marks:
    """Every mark."""
    effects = connection.execute(sa.select(_effect.c.slot, _effect.c.part))
    tries = connection.execute(sa.select(_tried.c.slot, _tried.c.part, _tried.c.token).order_by(_tried.c.id))
    return Marks([tuple(row) for row in effects], [tuple(row) for row in tries])
