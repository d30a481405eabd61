"""Distance correlation: dependence of any shape, also where more and less sentiment both go with larger moves.

G. J. Székely, M. L. Rizzo & N. K. Bakirov (2007), Measuring and testing dependence by correlation of distances, Annals
of Statistics 35 (the V-statistic, section 2.2). Means of distances and of their products take n log n steps: sorted by
one variable, |xᵢ − xⱼ||yᵢ − yⱼ| is (xᵢ − xⱼ)(yᵢ − yⱼ) up to a sign that says whether the pair is in order, and sums
over the pairs in order are told by halving (X. Huo & G. J. Székely 2016, Fast computing for distance covariance,
Technometrics 58).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.results import DistanceCorrelation
from service.correlation.scan import MINIMUM_PAIRS, kendall
from service.correlation.worlds import critical_value, step_down, tail_share

_FEW_WORLDS = 99
_MANY_PAIRS = 2000
_LEAF = 32


def distance_correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Of complete pairs, 0–1; None below four pairs or without variance. Memory and time are O(n log n)."""
    if len(x) < MINIMUM_PAIRS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return _Beside.of(y).correlate(_Beside.of(x))


class DistanceScan:
    """Sentiment beside every outcome in the same bar; 99 worlds do where there are more than 2,000 pairs."""

    def __init__(self, sentiment: NDArray[np.float64], outcomes: Mapping[str, NDArray[np.float64]]) -> None:
        """One value per bar each, NaN where missing."""
        self._sentiment, self._outcomes = sentiment, outcomes
        self._rows = {name: np.flatnonzero(np.isfinite(sentiment) & np.isfinite(y)) for name, y in outcomes.items()}
        self._beside = {
            name: _Beside.of(outcomes[name][rows])
            for name, rows in self._rows.items()
            if len(rows) >= MINIMUM_PAIRS and np.ptp(outcomes[name][rows]) > 0 and np.ptp(sentiment[rows]) > 0
        }
        widest = max((len(rows) for rows in self._rows.values()), default=0)
        self.most_worlds = _FEW_WORLDS if widest > _MANY_PAIRS else None

    def of_worlds(self, batch: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance correlations, worlds × outcomes."""
        figures = np.full((len(batch), len(self._outcomes)), np.nan)
        alike: dict[bytes, list[int]] = {}
        for column, name in enumerate(self._outcomes):
            if name in self._beside:
                alike.setdefault(self._rows[name].tobytes(), []).append(column)
        names = list(self._outcomes)
        for columns in alike.values():  # outcomes that miss the same bars share each world's sorting
            rows = self._rows[names[columns[0]]]
            for place, world in enumerate(batch):
                sorted_world = _Beside.of(world[rows])
                figures[place, columns] = [self._beside[names[column]].correlate(sorted_world) for column in columns]
        return figures

    def judge(self, null: NDArray[np.float64]) -> tuple[DistanceCorrelation, ...]:
        """One row per outcome; `null` is what `of_worlds` gave."""
        own = self.of_worlds(self._sentiment[None])[0]
        told = np.isfinite(own)
        null = np.nan_to_num(null)
        bands = np.array([critical_value(column) for column in null.T])
        safe = np.where(told & (bands > 0), bands, 1.0)
        p_family = step_down(np.where(told, own / safe, np.nan), null / safe)
        rows = []
        for place, (name, values) in enumerate(self._outcomes.items()):
            at = self._rows[name]
            rows.append(
                DistanceCorrelation(
                    outcome=name,
                    n=len(at),
                    kendall=kendall(self._sentiment[at], values[at]),
                    distance=float(own[place]) if told[place] else None,
                    band=float(bands[place]) if told[place] else None,
                    p=tail_share(null[:, place], float(own[place])) if told[place] else None,
                    p_family=float(p_family[place]) if told[place] else None,
                    worlds=len(null),
                )
            )
        return tuple(rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Beside:
    """One side of the pairs, sorted and with its sums, to be set beside many others."""

    order: NDArray[np.int64]
    ranks: NDArray[np.int64]  # without ties, in the order given
    values: NDArray[np.float64]  # sorted, mean 0
    row_means: NDArray[np.float64]  # of |yᵢ − yⱼ| over j, in the order given
    mean: float
    variance: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> "_Beside":
        order = np.argsort(values, kind="stable")
        centred = (values - values.mean())[order]
        ranks = np.empty(len(values), np.int64)
        ranks[order] = np.arange(len(values))
        row_means = np.empty(len(values))
        row_means[order] = _mean_distances(centred)
        mean = float(row_means.mean())
        variance = _mean_square(centred) + mean**2 - 2 * float(np.mean(row_means**2))
        return cls(order, ranks, centred, row_means, mean, variance)

    def correlate(self, theirs: "_Beside") -> float:
        """√(dCov²/√(dVar²·dVar²)); 0 where one of them has no variance."""
        ranks = theirs.ranks[self.order]
        product = _mean_product(theirs.values[ranks], self.values, ranks)
        covariance = product + self.mean * theirs.mean - 2 * float(np.mean(self.row_means * theirs.row_means))
        scale = math.sqrt(max(self.variance, 0.0) * max(theirs.variance, 0.0))
        return math.sqrt(min(max(covariance, 0.0) / scale, 1.0)) if scale > 0 else 0.0


def _mean_distances(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of |vᵢ − vⱼ| over all j, for sorted values."""
    n = len(values)
    below = np.arange(n)
    running = np.cumsum(values)
    means: NDArray[np.float64] = ((2 * below - n + 2) * values + running[-1] - 2 * running) / n
    return means


def _mean_square(values: NDArray[np.float64]) -> float:
    """Mean of |vᵢ − vⱼ|² over all pairs, for values of mean 0."""
    return 2 * float(np.mean(values**2))


def _mean_product(x: NDArray[np.float64], y: NDArray[np.float64], rank: NDArray[np.int64]) -> float:
    """Mean of |xᵢ − xⱼ||yᵢ − yⱼ| over all pairs, for rising y, both of mean 0; `rank` is that of x, without ties.

    With S the sum of (xᵢ − xⱼ)(yᵢ − yⱼ) over all pairs i > j and T that over those with xᵢ above xⱼ it is 2T − S.
    """
    n = len(x)
    weighted, crossed = _in_order(x + 1j * y, rank)
    # An element with b below it in both has n − 1 − rank − (place − b) above it in both.
    in_order = float((x * y) @ (n - 1.0 - rank - np.arange(n))) + 2 * weighted - crossed
    return 2 * (2 * in_order - n * float(x @ y)) / n**2


def _in_order(z: NDArray[np.complex128], rank: NDArray[np.int64]) -> tuple[float, float]:
    """Over all pairs j < i where j has the lower rank: the sums of Re zᵢ·Im zᵢ and of Im(zᵢ·zⱼ).

    Ranks are split at the middle again and again. Each split keeps the order within both halves and settles every pair
    it parts: an element of the upper half lies above all those of the lower half that came before it.
    """
    n = len(z)
    levels = max(0, math.ceil(math.log2(n / _LEAF)))
    size = -(-n // (1 << levels)) << levels
    part, key = np.zeros(size, np.complex128), np.arange(size)
    part[:n], key[:n] = z, rank
    weighted = crossed = 0.0
    while size > _LEAF:
        half = size // 2
        upper = key.reshape(-1, size) >= half
        before = np.cumsum(np.where(upper, 0, part.reshape(-1, size)), axis=1).ravel()
        high, low = np.flatnonzero(upper), np.flatnonzero(~upper)
        # Of the places before one in the upper half, those not taken by its own half are of the lower one.
        passed = high % size - np.tile(np.arange(half), len(upper))
        moved = part[high]
        weighted += float((moved.real * moved.imag) @ passed)
        crossed += float(np.sum((moved * before[high]).imag))
        split = np.stack([low.reshape(-1, half), high.reshape(-1, half)], axis=1).ravel()
        part, key = part[split], key[split] % half
        size = half
    ranks, parts = key.reshape(-1, size), part.reshape(-1, size)
    lower = ((ranks[:, :, None] > ranks[:, None, :]) & np.tri(size, k=-1, dtype=bool)).astype(np.float64)
    weighted += float(np.sum(parts.real * parts.imag * lower.sum(axis=2)))
    crossed += float(np.sum((parts * (lower @ parts[:, :, None])[:, :, 0]).imag))
    return weighted, crossed
