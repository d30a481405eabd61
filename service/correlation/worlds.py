"""Worlds without the link, drawn in batches that can be walked again: same seed, same worlds, bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from service.correlation.surrogates import Sieve, generate

_BATCH_VALUES = 1_500_000


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """`count` surrogate sentiments over the bars of `mask` (True: the sentiment held a value)."""

    sieve: Sieve
    mask: NDArray[np.bool_]
    count: int
    seed: int

    def batches(self) -> Iterator[NDArray[np.float64]]:
        """All worlds, worlds × bars at a time, NaN where the mask is False; every walk gives the same."""
        size = max(1, min(self.count, _BATCH_VALUES // max(1, len(self.mask))))
        for index, first in enumerate(range(0, self.count, size)):
            generator = np.random.default_rng([self.seed, 1, index])
            yield generate(self.sieve, self.mask, min(size, self.count - first), generator)


class Statistic(Protocol):
    """Something computed on the real sentiment that is judged by the same thing computed on worlds."""

    @property
    def most_worlds(self) -> int | None:
        """How many worlds are worth their time; None: all that are drawn."""

    def of_worlds(self, batch: NDArray[np.float64]) -> NDArray[np.float64]:
        """Figures of each world (row), worlds × hypotheses; NaN where one could not be computed."""


def draw_null(worlds: Worlds, statistics: Sequence[Statistic]) -> list[NDArray[np.float64]]:
    """Every statistic's figures without the link, worlds × hypotheses each, from one walk through the worlds."""
    drawn: list[list[NDArray[np.float64]]] = [[] for _ in statistics]
    done = 0
    for batch in worlds.batches():
        for statistic, figures in zip(statistics, drawn, strict=True):
            most = statistic.most_worlds
            if most is None or done < most:
                figures.append(statistic.of_worlds(batch if most is None else batch[: most - done]))
        done += len(batch)
    return [np.vstack(figures) for figures in drawn]


def tail_share(null: NDArray[np.float64], observed: float) -> float:
    """Surrogate p-value (1 + number of worlds at or above `observed`) / (1 + worlds); 0 < p ≤ 1."""
    return (1 + int(np.count_nonzero(null >= observed))) / (1 + len(null))


def critical_value(null: NDArray[np.float64], level: float = 0.05) -> float:
    """The least figure that, when exceeded, gives a surrogate p-value below `level`."""
    rank = int(np.ceil(level * (1 + len(null)))) - 1
    return float(np.sort(null)[-max(rank, 1)])


def step_down(observed: NDArray[np.float64], null: NDArray[np.float64]) -> NDArray[np.float64]:
    """Family-wise p-values of several statistics at once, NaN statistics left out (NaN).

    `observed` (hypotheses) and `null` (worlds × hypotheses) must share one scale. P. H. Westfall & S. S. Young (1993),
    Resampling-Based Multiple Testing, algorithm 2.8 (step-down maxT): never less powerful than Holm on the same
    figures, and it knows how the hypotheses hang together.
    """
    adjusted = np.full(len(observed), np.nan)
    order = [int(i) for i in np.argsort(-observed, kind="stable") if np.isfinite(observed[i])]
    remaining = np.full(len(null), -np.inf)
    for index in reversed(order):
        remaining = np.fmax(remaining, null[:, index])
        adjusted[index] = tail_share(remaining, float(observed[index]))
    running = 0.0
    for index in order:
        running = max(running, float(adjusted[index]))
        adjusted[index] = running
    return adjusted


def holm(p_values: list[float | None]) -> list[float | None]:
    """S. Holm (1979) step-down adjustment; None stays None and does not count into the family."""
    given = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, (p, index) in enumerate(given):
        running = max(running, min(1.0, p * (len(given) - rank)))
        adjusted[index] = running
    return adjusted
