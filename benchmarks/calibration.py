"""How often the study cries wolf, and how much it finds: `python -m benchmarks.calibration --runs 1000`.

Each world is two series without a link (or with a planted one). Columns, all in per cent of the runs; peers first
(`benchmarks.naive`):

levels    price in levels on sentiment, ordinary p
lags      any of 31 lags of the log return with an ordinary p
horizons  any of 8 overlapping forward returns with an ordinary p
HAC       the same with Newey–West errors
Granger   either direction at the best of 5 lag orders
scan      ours: 31 lags of the log return, worlds' largest |r|
report    ours: any of the report's 12 conclusions better than "not shown"

All at 5 %. At 1,000 runs a 5 % rate has a standard error of 0.7 points; `scan` and `report` must stay within
5 % + 2.9 standard errors (7 %) without a link: the command says so and ends with exit code 1 where one does not, or
where `scan` finds the planted b = 0.15 at n = 2,000 in less than 80 %.
"""

import argparse
import math
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from benchmarks.naive import PEERS
from service.correlation.aligned import AlignedSeries
from service.correlation.results import Verdict
from tests.correlation.builders import make_series, null_pair, study

_SHARE = 10  # runs a worker takes at a time


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


def wandering(number: int) -> AlignedSeries:
    """Sentiment that is a random walk beside AR(0.3) returns: what levels regressions are fooled by."""
    generator = np.random.default_rng([93, number])
    moves = lfilter([1.0], [1.0, -0.3], generator.normal(size=700))[200:]
    walk = np.cumsum(generator.normal(size=500))
    return make_series(walk, 30000 * np.exp(np.cumsum(0.03 * moves)), seed=number)


WITHOUT_LINK = {
    "white noise": recipe(0.0),
    "AR(0.8)": recipe(0.8),
    "AR(0.8), t(3) returns": recipe(0.8, df=3),
    "AR(0.95)": recipe(0.95),
    "AR(0.8), GARCH returns": clustered,
    "random walk, AR(0.3) returns": wandering,
    "drift, weeks, 40 % missing": drifting,
}
WITH_LINK = {
    "b = 0.15, n = 500": recipe(0.8, b=0.15),
    "b = 0.20, n = 500": recipe(0.8, b=0.20),
    "b = 0.15, n = 2000": recipe(0.8, b=0.15, n=2000),
}


COLUMNS = (*PEERS, "scan", "report")
LEAST_POWER = 0.80
JUDGED = "b = 0.15, n = 2000"


def judge(make: Callable[[int], AlignedSeries], surrogates: int, number: int) -> list[bool]:
    """Whether each column calls something in this run."""
    series = make(number)
    chosen = {"surrogates": surrogates, "bootstrap": 1, "certificate_runs": 0, "further_worlds": 0, "seed": number}
    made = study(series, **chosen)
    called = [peer(series.sentiment, series.close) for peer in PEERS.values()]
    called.append(any(line.outcome == "log_return" and (line.p_any or 1.0) < 0.05 for line in made.lead_lag))
    return [*called, any(conclusion.verdict is not Verdict.NOT_SHOWN for conclusion in made.conclusions)]


def measure(world: str, runs: int, surrogates: int, workers: Executor) -> NDArray[np.float64]:
    """Shares of runs that call something, a column each."""
    jobs = [(world, surrogates, range(first, min(first + _SHARE, runs))) for first in range(0, runs, _SHARE)]
    rates: NDArray[np.float64] = np.array([row for rows in workers.map(_judge_share, jobs) for row in rows]).mean(
        axis=0
    )
    return rates


def _judge_share(job: tuple[str, int, range]) -> list[list[bool]]:
    world, surrogates, numbers = job
    make = {**WITHOUT_LINK, **WITH_LINK}[world]
    return [judge(make, surrogates, number) for number in numbers]


def main() -> None:
    """Print the table and hold it against the bounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--surrogates", type=int, default=299)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    print(f"{chosen.runs} runs each, {chosen.surrogates} surrogates, daily bars, lags −15 … +15, per cent\n")
    print(f"{'world':<30}" + "".join(f"{name:>9}" for name in COLUMNS) + f"{'s/run':>8}")
    broken = []
    highest = 0.05 + 2.9 * math.sqrt(0.05 * 0.95 / chosen.runs)
    with ProcessPoolExecutor(chosen.workers) as workers:
        for title, worlds in (("no link: false alarms", WITHOUT_LINK), ("planted lag-1 link: power", WITH_LINK)):
            print(title)
            for name in worlds:
                began = time.perf_counter()
                rates = measure(name, chosen.runs, chosen.surrogates, workers)
                seconds = (time.perf_counter() - began) / chosen.runs
                print(f"  {name:<28}" + "".join(f"{100 * rate:9.1f}" for rate in rates) + f"{seconds:8.2f}", flush=True)
                if worlds is WITHOUT_LINK and max(rates[-2:]) > highest:
                    broken.append(f"{name}: more than {highest:.1%} false alarms")
                if name == JUDGED and rates[-2] < LEAST_POWER:
                    broken.append(f"{name}: found in less than {LEAST_POWER:.0%}")
    print(
        "\n"
        + (
            "\n".join(broken)
            or f"within the bounds: ≤ {highest:.1%} false alarms everywhere, ≥ {LEAST_POWER:.0%} of the planted link"
        )
    )
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
