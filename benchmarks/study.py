"""How long the default study takes: `python -m benchmarks.study [--bars 8760] [--targets 5] [--workers 2]`.

Made series, a year of hours each: sentiment with memory in two thirds of the bars, returns whose volatility clusters;
each target is studied beside all the others and a second scorer, with every default (999 worlds, 300 for the
certificate, 199 for each analysis beside the verdicts). The goal is 60 s for 5 targets on two cores.
"""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
from scipy.signal import lfilter

from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside
from service.correlation.study import run
from service.instants import Interval
from tests.correlation.builders import make_inputs, make_series


def one_series(number: int, bars: int, scorer: str = "rules/1") -> AlignedSeries:
    """The price is the same for every target, the sentiment its own."""
    market, own = np.random.default_rng([7, bars]), np.random.default_rng([8, number])
    variance, moves = 1e-4, np.zeros(bars)
    for t, shock in enumerate(market.normal(size=bars)):
        variance = 2e-6 + 0.1 * moves[t - 1] ** 2 + 0.88 * variance
        moves[t] = np.sqrt(variance) * shock
    sentiment = 0.3 * lfilter([1.0], [1.0, -0.8], own.normal(size=bars))
    sentiment[own.random(bars) < 1 / 3] = np.nan
    made = make_series(np.clip(sentiment, -1, 1), 30_000 * np.exp(np.cumsum(moves)), interval=Interval.H1)
    return replace(made, target=f"target-{number}", scorer=scorer)


def study_one(job: tuple[int, int, int]) -> tuple[float, int]:
    """Seconds of processor time of one target's study, and how many p-values it made."""
    number, targets, bars = job
    others = {f"target-{other}": one_series(other, bars) for other in range(targets) if other != number}
    inputs = replace(
        make_inputs(one_series(number, bars)),
        companions={"vader/1": one_series(100 + number, bars, "vader/1")},
        alongside=Alongside(targets=others),
    )
    began = time.process_time()
    report = run(inputs)
    return time.process_time() - began, report.tests_made


def main() -> None:
    """Run all targets and print the wall clock."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bars", type=int, default=8_760)
    parser.add_argument("--targets", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by the workers: they start afresh
    began = time.perf_counter()
    with ProcessPoolExecutor(asked.workers) as workers:
        jobs = [(number, asked.targets, asked.bars) for number in range(asked.targets)]
        for number, (seconds, tests) in enumerate(workers.map(study_one, jobs)):
            print(f"target {number}: {seconds:5.1f} s of processor time, {tests} p-values", flush=True)
    print(
        f"{asked.targets} targets of {asked.bars} bars: {time.perf_counter() - began:.1f} s on {asked.workers} workers"
    )


if __name__ == "__main__":
    main()
