"""Poison: everything in a copy of the store that came after an instant becomes something else.

    Cut ─▶ scramble_news ─ scramble_prices ─ scramble_results ─▶ Poisoned (rows changed, deleted, invented)

Later rows get other texts, scores, instants and prices, a tenth of them is deleted, and rows that never were are added.
What had come by the instant is left as it is, to the bit. Only a copy (`copying.py`) is ever touched.
"""

import sqlalchemy as sa

from storage.copying import ensure_copy
from storage.scramble import Clock, Cut, Poisoned
from storage.scramble_news import scramble_news
from storage.scramble_prices import scramble_prices
from storage.scramble_results import scramble_results

__all__ = ["Clock", "Cut", "Poisoned", "poison"]


def poison(connection: sa.Connection, cut: Cut) -> Poisoned:
    """Scramble everything after `cut`. Raises `StoreFailed` where the connection does not lead to a copy.

    A copy may be poisoned again with an earlier cut: what came before that is still as it was.
    """
    ensure_copy(connection)
    return scramble_news(connection, cut) + scramble_prices(connection, cut) + scramble_results(connection, cut)
