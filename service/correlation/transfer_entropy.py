"""Transfer entropy: what one series' last bar tells of the other's next beyond that one's own last bar, in nats.

T. Schreiber (2000), Measuring information transfer, Phys. Rev. Lett. 85, one lag each way, on classes of equal count.
The plug-in estimate is above 0 by itself, so what worlds without the link give is taken off (R. Marschinski & H. Kantz
2002, Analysing the information flow between financial time series, Eur. Phys. J. B 30); worlds rather than shuffles,
because shuffling would take the sentiment's memory away too.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from service.correlation.results import Direction, TransferEntropy
from service.correlation.worlds import step_down, tail_share

BINS = 3
_ROWS_PER_CELL = 5
_MISSING = BINS


class TransferScan:
    """Both ways between the sentiment and every outcome; reverse first."""

    most_worlds = None

    def __init__(self, sentiment: NDArray[np.float64], outcomes: Mapping[str, NDArray[np.float64]]) -> None:
        """One value per bar each, NaN where missing."""
        self._classes = classify(sentiment)
        self._outcomes = {name: classify(values) for name, values in outcomes.items()}
        held = np.sort(sentiment[np.isfinite(sentiment)])
        counts = np.bincount(self._classes[self._classes < BINS], minlength=BINS)
        self._cuts = np.cumsum(counts)[:-1]
        self._held = len(held)
        self._pairs = [(way, name) for way in (Direction.REVERSE, Direction.FORWARD) for name in outcomes]

    def of_worlds(self, batch: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plug-in transfer entropies, worlds × (reverse outcomes, forward outcomes). Worlds keep the class counts."""
        return self._measure(self._cut_alike(batch))

    def judge(self, null: NDArray[np.float64]) -> tuple[TransferEntropy, ...]:
        """The rows, reverse first; `null` is what `of_worlds` gave."""
        own = self._measure(self._classes[None])[0]
        told = np.isfinite(own) & np.isfinite(null).all(axis=0)
        null = np.nan_to_num(null)
        mean, spread = null.mean(axis=0), null.std(axis=0, ddof=1)
        told &= spread > 0
        spread = np.where(spread > 0, spread, 1.0)
        z = np.where(told, (own - mean) / spread, np.nan)
        p_family = step_down(z, (null - mean) / spread)
        rows = []
        for place, (direction, name) in enumerate(self._pairs):
            cause, effect = (name, "sentiment") if direction is Direction.REVERSE else ("sentiment", name)
            shown = bool(told[place])
            rows.append(
                TransferEntropy(
                    direction=direction,
                    cause=cause,
                    effect=effect,
                    n=self._count(direction, name),
                    bins=BINS,
                    transfer=float(own[place]) if shown else None,
                    effective=float(own[place] - mean[place]) if shown else None,
                    z=float(z[place]) if shown else None,
                    p=tail_share(null[:, place], float(own[place])) if shown else None,
                    p_family=float(p_family[place]) if shown else None,
                    worlds=len(null),
                )
            )
        return tuple(rows)

    def _measure(self, classes: NDArray[np.int8]) -> NDArray[np.float64]:
        columns = []
        for direction, name in self._pairs:
            outcome = np.broadcast_to(self._outcomes[name], classes.shape)
            cause, effect = (outcome, classes) if direction is Direction.REVERSE else (classes, outcome)
            columns.append(transfer_entropy(cause, effect))
        return np.column_stack(columns) if columns else np.empty((len(classes), 0))

    def _count(self, direction: Direction, name: str) -> int:
        """Bars at which the effect's class, its last and the cause's last are all held."""
        outcome, own = self._outcomes[name] < BINS, self._classes < BINS
        cause, effect = (outcome, own) if direction is Direction.REVERSE else (own, outcome)
        return int(np.sum(effect[1:] & effect[:-1] & cause[:-1]))

    def _cut_alike(self, batch: NDArray[np.float64]) -> NDArray[np.int8]:
        """Classes of the worlds, as many values in each as the sentiment has, ties apart: those stay together."""
        classes = np.full(batch.shape, _MISSING, np.int8)
        held = np.isfinite(batch[0])
        values = batch[:, held]
        least, most = int(self._cuts[0]), int(self._cuts[1]) - 1
        if not values.shape[1]:
            return classes
        ordered = np.partition(values, sorted({max(most, 0), min(least, self._held - 1)}), axis=1)
        above_low = values >= ordered[:, least : least + 1] if least < self._held else np.zeros(values.shape, bool)
        above_high = values > ordered[:, most : most + 1] if most >= 0 else np.ones(values.shape, bool)
        classes[:, held] = above_low.astype(np.int8) + above_high
        return classes


def classify(values: NDArray[np.float64]) -> NDArray[np.int8]:
    """Class 0 … 2 of each value by the terciles of all values held; 3 where missing.

    Ties stay together, and a value that holds both terciles is the middle: readings that are mostly neutral, a few for
    and a few against, make three classes of it.
    """
    classes = np.full(len(values), _MISSING, np.int8)
    held = np.isfinite(values)
    if held.any():
        low, high = np.quantile(values[held], [1 / BINS, 2 / BINS])
        classes[held] = (values[held] >= low).astype(np.int8) + (values[held] > high)
    return classes


def transfer_entropy(cause: NDArray[np.int8], effect: NDArray[np.int8]) -> NDArray[np.float64]:
    """Plug-in estimates in nats, one per row (rows × bars of classes 0 … 2, 3 where missing); NaN below 135 triples.

    Σ p(e′, e, c) ln [ p(e′, e, c)·p(e) / (p(e, c)·p(e′, e)) ] over the next class e′ of the effect, its last e and the
    cause's last c.
    """
    rows, wide = len(cause), BINS + 1
    code = (effect[:, 1:].astype(np.int64) * wide + effect[:, :-1]) * wide + cause[:, :-1]
    code += wide**3 * np.arange(rows)[:, None]
    cells = np.bincount(code.ravel(), minlength=rows * wide**3).reshape(rows, wide, wide, wide)
    counts = cells[:, :BINS, :BINS, :BINS].astype(np.float64)
    n = counts.sum(axis=(1, 2, 3))
    # Σ c ln c over a table and its margins: the normalisers cancel.
    nats = (
        _weighted_logs(counts)
        + _weighted_logs(counts.sum(axis=(1, 3)))
        - _weighted_logs(counts.sum(axis=1))
        - _weighted_logs(counts.sum(axis=3))
    )
    enough = n >= _ROWS_PER_CELL * BINS**3
    return np.where(enough, np.maximum(nats, 0.0) / np.maximum(n, 1.0), np.nan)


def _weighted_logs(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = counts.reshape(len(counts), -1)
    summed: NDArray[np.float64] = (flat * np.log(np.where(flat > 0, flat, 1.0))).sum(axis=1)
    return summed
