"""Figures by their labels, as counts come out of the store."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from storage.pruned import count_folded

By = Mapping[tuple[str, ...], float]
"""Figures by the values of their labels."""


def read_by(connection: sa.Connection, chosen: sa.Select[Any]) -> dict[tuple[str, ...], float]:
    """Rows of labels and a figure behind them; those without a figure are left out."""
    return {tuple(labels): float(figure) for *labels, figure in connection.execute(chosen) if figure is not None}


def add_folded(
    connection: sa.Connection, kind: str, held: dict[tuple[str, ...], float]
) -> dict[tuple[str, ...], float]:
    """What is held and what was pruned, together: no total goes back."""
    gone = count_folded(connection, kind)
    return held | {labels: held.get(labels, 0.0) + number for labels, number in gone.items()}


def to_seconds(instant: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """An instant as seconds since 1970, a fraction in them."""
    return sa.type_coerce(instant, sa.BigInteger) / sa.literal_column("1000000.0")
