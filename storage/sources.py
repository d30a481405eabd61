"""How each source stands: validators for conditional requests, the last success and failure, and when to ask again.

One row per source, kept current in place: it is bookkeeping, not content. What the states mean and how one follows
from another stands in `service.news.manners.polling`.
"""

import dataclasses
import datetime as dt
import operator
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from service.news.manners import moves, polling
from service.news.manners.polling import SourceState
from storage.schema import source_state
from storage.upsert import insert_into, storable

__all__ = ["SourceState", "forget_move", "load", "load_all", "revive", "save", "save_all"]

_NAMES = tuple(field.name for field in dataclasses.fields(SourceState))
_values_of = operator.attrgetter(*_NAMES)


def load(connection: sa.Connection, source: str) -> SourceState | None:
    """The state of one source; None where it was never asked."""
    row = connection.execute(sa.select(source_state).where(source_state.c.source == source)).first()
    return None if row is None else _read(row)


def load_all(connection: sa.Connection) -> list[SourceState]:
    """The state of every source, by name."""
    return [_read(row) for row in connection.execute(sa.select(source_state).order_by(source_state.c.source))]


def save(connection: sa.Connection, state: SourceState) -> None:
    """Remember this state in place of the one before."""
    save_all(connection, [state])


def save_all(connection: sa.Connection, states: Sequence[SourceState]) -> None:
    """Remember these states in place of those before; of two for one source the last."""
    rows = [_write(state) for state in {state.source: state for state in states}.values()]
    if rows:
        saved = insert_into(connection, source_state)
        changed = {name: saved.excluded[name] for name in _NAMES if name != "source"}
        connection.execute(saved.on_conflict_do_update(index_elements=["source"], set_=changed), rows)


def revive(connection: sa.Connection, source: str) -> SourceState | None:
    """Let a stopped or resting source be asked at the next run; the state it has now, None where it has none."""
    return _change(connection, source, polling.revive)


def forget_move(connection: sa.Connection, source: str, at: dt.datetime) -> SourceState | None:
    """Ask the address of the settings again, and never believe this move any more; the state it has now, or None."""
    return _change(connection, source, lambda state: polling.forget_move(state, at))


def _change(connection: sa.Connection, source: str, change: Callable[[SourceState], SourceState]) -> SourceState | None:
    held = load(connection, source)
    if held is None:
        return None
    changed = change(held)
    save(connection, changed)
    return changed


def _write(state: SourceState) -> dict[str, Any]:
    values = zip(_NAMES, _values_of(state), strict=True)
    row = {name: storable(value) if isinstance(value, str) else value for name, value in values}
    return {**row, "moves": moves.as_json(state.moves) or None}


def _read(row: sa.Row[Any]) -> SourceState:
    told = {name: value for name, value in row._mapping.items() if value is not None}  # noqa: SLF001 - the public way
    return SourceState(**{**told, "moves": moves.from_json(told.get("moves", ()))})
