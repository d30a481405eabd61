"""Granger at 24 lag orders beside statsmodels' loop: `python -m benchmarks.granger`.

Both answer the same question, F and p of "x adds nothing to y's own past" at every order 1 … 24, on the same series;
the two take turns, each is timed in processor time, and medians are compared. Figures must agree to 1e-8 (relative).
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from statsmodels.tsa.stattools import grangercausalitytests

from service.correlation.granger_orders import granger_by_order
from service.correlation.results import Direction
from tests.correlation.builders import null_pair, returns_of

Series = NDArray[np.float64]
LONGEST = 24


def ours(x: Series, y: Series) -> NDArray[np.float64]:
    """F and p by order, orders × 2."""
    made = granger_by_order(Direction.FORWARD, "sentiment", "log_return", x, y, longest=LONGEST)
    return np.column_stack([made.f, made.p]).astype(float)


def theirs(x: Series, y: Series) -> NDArray[np.float64]:
    """The same by statsmodels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = grangercausalitytests(np.column_stack([y, x]), LONGEST)
    return np.array([told[order][0]["ssr_ftest"][:2] for order in range(1, LONGEST + 1)])


def seconds(answer: Callable[[Series, Series], NDArray[np.float64]], x: Series, y: Series) -> float:
    """Processor time of one call."""
    began = time.process_time()
    answer(x, y)
    return time.process_time() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--bars", type=int, nargs="+", default=[366, 2000, 8761])
    chosen = parser.parse_args()
    print(f"orders 1 … {LONGEST}, median of {chosen.repeats} turns each, processor time, ms")
    print(f"{'rows':>6}{'newscandle':>12}{'statsmodels':>13}{'ratio':>8}{'largest difference':>20}")
    for bars in chosen.bars:
        sentiment, price = null_pair(1, 0.8, b=0.1, n=bars)
        x, y = sentiment[1:], returns_of(price)[1:]
        apart = float(np.max(np.abs(ours(x, y) / theirs(x, y) - 1)))
        turns = [(seconds(ours, x, y), seconds(theirs, x, y)) for _ in range(chosen.repeats)]
        fast, slow = (statistics.median(column) for column in zip(*turns, strict=True))
        print(f"{bars - 1:>6}{1e3 * fast:>12.2f}{1e3 * slow:>13.1f}{slow / fast:>8.1f}{apart:>20.1e}", flush=True)


if __name__ == "__main__":
    main()
