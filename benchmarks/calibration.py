"""How often the study cries wolf, and how much it finds: `python -m benchmarks.calibration --runs 1000`.

Each world is two series without a link (or with a planted one). Columns, all in per cent of the runs:

plain    any of the 31 lags of the log return with an ordinary p < 0.05: what a naive lag scan calls
scan     our 31-lag scan of the log return, worlds' largest |r|, p < 0.05
report   the whole report: any of its 12 conclusions better than "not shown"

At 1,000 runs a 5 % rate has a standard error of 0.7 points; `scan` and `report` must stay ≤ 7 % without a link.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.signal import lfilter

from service.correlation.aligned import AlignedSeries
from service.correlation.results import Verdict
from tests.correlation.builders import make_series, null_pair, study

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def drifting(number: int) -> AlignedSeries:
    """Sentiment with 12 % drift, weeks and 40 % of its days missing; volatility drifts and volume has weeks too."""
    generator = np.random.default_rng([91, number])
    slow, slower = (lfilter([1.0], [1.0, -phi], generator.normal(size=1300))[300:] for phi in (0.99, 0.98))
    day = np.arange(1000) % 7
    sentiment = np.sqrt(0.12) * slow / slow.std() + np.sqrt(0.88) * generator.normal(size=1000) + 0.3 * (day > 4)
    sentiment[generator.random(1000) < 0.4] = np.nan
    volatility = np.exp(0.5 * slower / slower.std() + 0.3 * generator.normal(size=1000) - 4)
    price = 30000 * np.exp(np.cumsum(volatility * generator.normal(size=1000)))
    volume = np.exp(0.3 * generator.normal(size=1000) - 0.5 * (day > 4))
    return make_series(sentiment, price, volatility=volatility, volume=volume)


def clustered(number: int) -> AlignedSeries:
    """AR(0.8) sentiment, GARCH(1, 1) returns (0.1, 0.88) with volatility as traded."""
    generator = np.random.default_rng([92, number])
    sentiment = null_pair(number, 0.8)[0]
    variance, moves = np.full(500, 9e-4), np.zeros(500)
    for t in range(500):
        if t:
            variance[t] = 1.8e-5 + 0.1 * moves[t - 1] ** 2 + 0.88 * variance[t - 1]
        moves[t] = np.sqrt(variance[t]) * generator.normal()
    volatility = np.sqrt(variance) * np.exp(0.2 * generator.normal(size=500))
    return make_series(sentiment, 30000 * np.exp(np.cumsum(moves)), volatility=volatility)


def recipe(memory: float, df: int | None = None, b: float = 0.0, n: int = 500) -> Callable[[int], AlignedSeries]:
    """The null recipe of the test suite as a series; `b` plants a lag-1 correlation."""
    return lambda number: make_series(*null_pair(number, memory, df, b, n), seed=number)


WITHOUT_LINK = {
    "white sentiment": recipe(0.0),
    "AR(0.8)": recipe(0.8),
    "AR(0.8), t(3) returns": recipe(0.8, df=3),
    "AR(0.95)": recipe(0.95),
    "AR(0.8), GARCH returns": clustered,
    "drift, weeks, 40 % missing": drifting,
}
WITH_LINK = {
    "b = 0.15, n = 500": recipe(0.8, b=0.15),
    "b = 0.20, n = 500": recipe(0.8, b=0.20),
    "b = 0.15, n = 2000": recipe(0.8, b=0.15, n=2000),
}


def plain_scan(series: AlignedSeries) -> bool:
    """Whether any of 31 lags has an ordinary Pearson p below 0.05."""
    x, y, bars = series.sentiment, series.log_return, series.length
    for lag in range(-15, 16):
        left, right = (x[: bars - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[: bars + lag])
        held = np.isfinite(left) & np.isfinite(right)
        if stats.pearsonr(left[held], right[held]).pvalue < 0.05:
            return True
    return False


def measure(make: Callable[[int], AlignedSeries], runs: int, surrogates: int) -> tuple[float, float, float]:
    """Shares of runs that call something: plain scan, our scan, the whole report."""
    plain = scan = report = 0
    for number in range(runs):
        series = make(number)
        made = study(series, surrogates=surrogates, bootstrap=1, certificate_runs=0, seed=number)
        plain += plain_scan(series)
        scan += any(line.outcome == "log_return" and (line.p_any or 1.0) < 0.05 for line in made.lead_lag)
        report += any(conclusion.verdict is not Verdict.NOT_SHOWN for conclusion in made.conclusions)
    return plain / runs, scan / runs, report / runs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--surrogates", type=int, default=299)
    chosen = parser.parse_args()
    print(f"{chosen.runs} runs each, {chosen.surrogates} surrogates, daily bars, lags −15 … +15, per cent\n")
    print(f"{'world':<28}{'plain':>8}{'scan':>8}{'report':>8}{'s/run':>8}")
    for title, worlds in (("no link: false alarms", WITHOUT_LINK), ("planted lag-1 link: power", WITH_LINK)):
        print(title)
        for name, make in worlds.items():
            began = time.perf_counter()
            rates = measure(make, chosen.runs, chosen.surrogates)
            seconds = (time.perf_counter() - began) / chosen.runs
            print(f"  {name:<26}" + "".join(f"{100 * rate:8.1f}" for rate in rates) + f"{seconds:8.2f}", flush=True)


if __name__ == "__main__":
    main()
