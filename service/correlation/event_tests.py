"""Four tests of a mean abnormal return, side by side: they fail in different ways."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.abnormal import AbnormalReturns

LEAST_BLOCKS = 8
"""Fewer calendar blocks than this cannot stand for all there could have been."""


def cross_sectional_t(sums: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Student's t of the events' cumulative abnormal returns, n − 1 degrees of freedom, and its p."""
    from scipy.special import stdtr

    n = len(sums)
    if n < 2 or np.ptp(sums) == 0:
        return None, None
    t = float(sums.mean() / (sums.std(ddof=1) / math.sqrt(n)))
    return t, float(2 * stdtr(n - 1, -abs(t)))


def corrado_rank(abnormal: AbnormalReturns, window: slice) -> tuple[float | None, float | None]:
    """Rank test over the bars of `window` (columns of `around`), asymptotically normal, and its p.

    C. J. Corrado & T. L. Zivney (1992), The specification and power of the sign test in event study hypothesis tests,
    JFQA 27: each event's abnormal returns are ranked over estimation and event bars together, ranks divided
    by the returns held plus one; the standard deviation is that of the mean rank over all bars. Several bars are summed
    and divided by the root of their number (independent bars).
    """
    from scipy.stats import rankdata

    together = np.hstack([abnormal.before, abnormal.around])
    ranks = rankdata(together, axis=1, nan_policy="omit")
    held = np.isfinite(together)
    excess = np.where(held, ranks / (1 + held.sum(axis=1, keepdims=True)) - 0.5, 0.0)
    n = held.sum(axis=0)
    per_bar = excess.sum(axis=0) / np.sqrt(np.maximum(n, 1))
    deviation = math.sqrt(float(per_bar[n > 0] @ per_bar[n > 0]) / int((n > 0).sum()))
    if deviation == 0:
        return None, None
    chosen = per_bar[abnormal.before.shape[1] :][window]
    z = float(chosen.sum() / (math.sqrt(len(chosen)) * deviation))
    return z, two_sided(z)


def generalised_sign(abnormal: AbnormalReturns, sums: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Are more of the cumulative abnormal returns above zero than abnormal returns usually are? z and p.

    A. R. Cowan (1992), Nonparametric event study tests, Review of Quantitative Finance and Accounting 2: the
    share expected is the mean over the events of the share above zero among their estimation bars.
    """
    held = np.isfinite(abnormal.before)
    expected = float(((abnormal.before > 0) & held).sum(axis=1) @ (1 / held.sum(axis=1)) / len(sums))
    if not 0 < expected < 1:
        return None, None
    above = int(np.count_nonzero(sums > 0))
    z = (above - len(sums) * expected) / math.sqrt(len(sums) * expected * (1 - expected))
    return z, two_sided(z)


def two_sided(z: float) -> float:
    """Normal p-value."""
    return math.erfc(abs(z) / math.sqrt(2))


@dataclass(frozen=True, slots=True, eq=False)
class BlockDraws:
    """Events drawn again by whole calendar blocks: `weights` (draws × blocks) says how often each block was drawn.

    `member` (blocks × events) is 1.0 where the event lies in the block.
    """

    weights: NDArray[np.float64]
    member: NDArray[np.float64]

    def means(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the events of `columns` (events × anything) in every draw."""
        n = (self.weights @ self.member.sum(axis=1))[:, None]
        drawn: NDArray[np.float64] = self.weights @ (self.member @ columns) / n
        return drawn

    def p_value(self, sums: NDArray[np.float64]) -> float | None:
        """Bootstrap-t p of a zero mean, errors robust to any dependence within a block.

        A. C. Cameron, J. B. Gelbach & D. L. Miller (2008), Bootstrap-based improvements for inference with clustered
        errors, Review of Economics and Statistics 90, section III.A (pairs cluster bootstrap-t, centred).
        """
        size, total = self.member.sum(axis=1), self.member @ sums
        mean = float(sums.mean())
        error = math.sqrt(float(((total - size * mean) ** 2).sum())) / len(sums)
        if error == 0:
            return None
        n = self.weights @ size
        drawn = self.weights @ total / n
        squares = self.weights @ total**2 - 2 * drawn * (self.weights @ (total * size))
        squares += drawn**2 * (self.weights @ size**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(drawn - mean) / (np.sqrt(np.maximum(squares, 0.0)) / n)
        beyond = int(np.count_nonzero(~(t < abs(mean) / error)))
        return (1 + beyond) / (1 + len(t))


def draw_blocks(blocks: NDArray[np.int64], draws: int, generator: np.random.Generator) -> BlockDraws | None:
    """`blocks` names each event's calendar block; None where there are fewer than eight."""
    names = np.unique(blocks)
    if len(names) < LEAST_BLOCKS:
        return None
    member = (names[:, None] == blocks[None, :]).astype(np.float64)
    weights = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return BlockDraws(weights.astype(np.float64), member)
