"""The relation of sentiment and outcome in parts of the sample: moments of many worlds over many parts at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_PAIRS = 20
"""Fewer complete pairs than this in a part give no figure of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Sums over the complete pairs of each part, worlds × parts (one row where all worlds miss the same bars)."""

    n: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    xx: NDArray[np.float64]
    yy: NDArray[np.float64]
    xy: NDArray[np.float64]

    def less(self, other: "Moments") -> "Moments":
        """Those of the bars in these parts and not in the others, which must lie within these."""
        return Moments(
            self.n - other.n,
            self.x - other.x,
            self.y - other.y,
            self.xx - other.xx,
            self.yy - other.yy,
            self.xy - other.xy,
        )

    def pick(self, parts: slice) -> "Moments":
        """Those of some of the parts."""
        return Moments(*(column[:, parts] for column in (self.n, self.x, self.y, self.xx, self.yy, self.xy)))

    @property
    def spread(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Centred sums of squares of x and of y, and of their product."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return (
                self.xx - self.x**2 / self.n,
                self.yy - self.y**2 / self.n,
                self.xy - self.x * self.y / self.n,
            )

    def correlations(self) -> NDArray[np.float64]:
        """Pearson's r, NaN below twenty pairs or without variance."""
        of_x, of_y, of_both = self.spread
        told = (self.n >= LEAST_PAIRS) & (of_x > 1e-12 * self.xx) & (of_y > 1e-12 * self.yy)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(told, np.clip(of_both / np.sqrt(of_x * of_y), -1.0, 1.0), np.nan)

    def told_correlations(self) -> tuple[float | None, ...]:
        """Those of the first world, None for NaN."""
        return tuple(float(r) if np.isfinite(r) else None for r in self.correlations()[0])


def sum_parts(worlds: NDArray[np.float64], outcome: NDArray[np.float64], parts: NDArray[np.bool_]) -> Moments:
    """Moments of `worlds` (worlds × bars, all missing the same bars) with an outcome, over `parts` (bars × parts)."""
    both = np.isfinite(worlds[0]) & np.isfinite(outcome)
    x = np.where(both, worlds, 0.0)
    y = np.where(both, outcome, 0.0)[:, None]
    inside = (parts & both[:, None]).astype(np.float64)
    return Moments(
        inside.sum(axis=0, keepdims=True),
        x @ inside,
        (y * inside).sum(axis=0, keepdims=True),
        x**2 @ inside,
        (y**2 * inside).sum(axis=0, keepdims=True),
        x @ (y * inside),
    )


def slope_difference(first: Moments, second: Moments) -> NDArray[np.float64]:
    """F of equal slopes of y on x in two disjoint parts, each with a level of its own; NaN below twenty pairs.

    G. C. Chow (1960), Tests of equality between sets of coefficients in two linear regressions, Econometrica 28, with
    the levels left free: (b₁ − b₂)² / (s² (1/Sxx₁ + 1/Sxx₂)), s² the pooled residual variance on n − 4 degrees.
    """
    (x1, y1, both1), (x2, y2, both2) = first.spread, second.spread
    with np.errstate(divide="ignore", invalid="ignore"):
        left = y1 - both1**2 / x1 + y2 - both2**2 / x2
        variance = left / (first.n + second.n - 4)
        f = (both1 / x1 - both2 / x2) ** 2 / (variance * (1 / x1 + 1 / x2))
    told = np.minimum(first.n, second.n) >= LEAST_PAIRS
    told = told & (x1 > 1e-12 * first.xx) & (x2 > 1e-12 * second.xx) & (variance > 0)
    return np.where(told, f, np.nan)
