"""How often shocks are seen where there is none, and how often planted ones are: `python -m benchmarks.alerts`."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.alerts.history import ShockRule
from service.alerts.shocks import Standing, judge_sentiment, judge_volume
from service.correlation.aligned import Aggregation, AlignedSeries
from service.instants import Interval

DAY = 86_400_000
RULE = ShockRule()
Generator = np.random.Generator


@dataclass(frozen=True)
class World:
    """`draw(generator, bars, a_day)` gives the mean articles a bar and the mean of what they say; no shock in it."""

    name: str
    draw: Callable[[Generator, int, int], tuple[NDArray[np.float64], NDArray[np.float64]]]
    tail: float = 0.35  # standard deviation of single articles round the bar's mean


def _hours(bars: int, a_day: int) -> NDArray[np.float64]:
    return 2 * np.pi * (np.arange(bars) % a_day) / a_day


def _walk(generator: Generator, bars: int, phi: float, deviation: float) -> NDArray[np.float64]:
    from scipy.signal import lfilter

    pushed = generator.normal(0, deviation * np.sqrt(1 - phi * phi), bars + 2000)
    made: NDArray[np.float64] = lfilter([1.0], [1.0, -phi], pushed)[2000:]
    return made


def _steady(rate: float) -> Callable[[Generator, int, int], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    return lambda _, bars, a_day: (np.full(bars, rate * 24 / a_day), np.full(bars, 0.1))


def _persistent(phi: float, deviation: float = 0.1) -> Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]]:
    return lambda generator, bars, a_day: (
        np.full(bars, 15.0 * 24 / a_day),
        0.1 + _walk(generator, bars, phi ** (24 / a_day), deviation),
    )


def _day_cycle(generator: Generator, bars: int, a_day: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seven times as many articles by day as by night, fewer at week-ends, kinder in the morning."""
    wave = np.cos(_hours(bars, a_day))
    weekend = (np.arange(bars) // a_day) % 7 >= 5
    rate = 16.0 * 24 / a_day * (1 + 0.75 * (wave if a_day > 1 else 0)) * np.where(weekend, 0.5, 1.0)
    return rate, 0.05 + 0.15 * (wave if a_day > 1 else np.zeros(bars)) + _walk(generator, bars, 0.9, 0.08)


def _bursts(generator: Generator, bars: int, a_day: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The number of articles wanders over a factor of ten, as stories come and go."""
    return 12.0 * 24 / a_day * np.exp(_walk(generator, bars, 0.97, 0.6)), 0.1 + _walk(generator, bars, 0.9, 0.08)


def _growing(generator: Generator, bars: int, a_day: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sources are added: three times as many articles after each third of the time, and the tone drifts."""
    steps = 6.0 * 24 / a_day * 3.0 ** (np.arange(bars) * 3 // bars)
    return steps, 0.1 + np.linspace(0, 0.2, bars) + _walk(generator, bars, 0.9, 0.08)


WORLDS = (
    World("independent bars", _steady(15)),
    World("few articles (5 an hour)", _steady(5)),
    World("heavy tails of single articles", _steady(15), tail=0.8),
    World("AR(1), 0.8 an hour", _persistent(0.8)),
    World("AR(1), 0.98 an hour", _persistent(0.98)),
    World("day and week cycle over AR(1)", _day_cycle),
    World("bursts of stories", _bursts),
    World("sources added, tone drifting", _growing),
)


def make_series(world: World, interval: Interval, days: int, seed: int) -> AlignedSeries:
    """A series of this world's articles: each bar the mean of its own, a third of them without a signal."""
    generator = np.random.default_rng([20261125, seed])
    a_day = DAY // interval.millis
    bars = days * a_day
    rate, mean = world.draw(generator, bars, a_day)
    mentions = generator.poisson(rate)
    scored = generator.binomial(mentions, 2 / 3)
    scatter = generator.standard_t(3, bars) / np.sqrt(3) if world.tail > 0.5 else generator.normal(size=bars)
    said = np.clip(mean + world.tail * scatter / np.sqrt(np.maximum(scored, 1)), -1, 1)
    with np.errstate(invalid="ignore"):
        sentiment = np.where(mentions > 0, said * scored / np.maximum(mentions, 1), np.nan)
    nothing = np.full(bars, np.nan)
    open_at = np.arange(bars, dtype=np.int64) * interval.millis
    counts = (scored, mentions - scored, generator.poisson(100, bars), np.zeros(bars, np.int64))
    return AlignedSeries(
        "target", "scorer/1", "made", "BTC/USD", Aggregation(interval), open_at, open_at + interval.millis,
        sentiment, *(column.astype(np.int32) for column in counts), nothing, nothing, nothing, nothing,
    )  # fmt: skip


def count_alarms(series: AlignedSeries, first: int) -> tuple[int, int]:
    """Shocks of sentiment and of volume from row `first` on."""
    rows = range(first, series.length)
    found = (judge_sentiment(series, rows, RULE), judge_volume(series, rows, RULE))
    sentiment, volume = (sum(one.standing is Standing.SHOCK for one in judged) for judged in found)
    return sentiment, volume


def measure(world: World, interval: Interval, days: int, runs: int) -> str:
    """One line of the table: alarms in 30 days, with the standard error over worlds."""
    first = RULE.history_days * (DAY // interval.millis)
    months = (days - RULE.history_days) / 30
    counted = np.array([count_alarms(make_series(world, interval, days, seed), first) for seed in range(runs)]) / months
    mean, error = counted.mean(axis=0), counted.std(axis=0, ddof=1) / np.sqrt(runs)
    cells = " | ".join(f"{m:.2f} ± {e:.2f}" for m, e in zip(mean, error, strict=True))
    return f"| {world.name} | {interval.value} | {months * runs:.0f} | {cells} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--days", type=int, default=390)
    chosen = parser.parse_args()
    began = time.process_time()
    print("| world without a shock | bars | months | sentiment alarms a month | volume alarms a month |")
    print("|---|---|---|---|---|")
    for world in WORLDS:
        for interval in (Interval.H1, Interval.D1):
            print(measure(world, interval, chosen.days, chosen.runs), flush=True)
    print(f"set to {RULE.false_alarms_a_month:g} a month; {time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
