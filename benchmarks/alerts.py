"""How often shocks are seen where there is none, how often planted ones are, and how often in real news.

`python -m benchmarks.alerts` takes some five minutes; the last part needs NEWSCANDLE_TEST_DATA.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from service.alerts.rule import ShockRule
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


def count_alarms(series: AlignedSeries, first: int) -> tuple[int, int, int]:
    """Shocks of sentiment and of volume from row `first` on; and what a fixed distance would call one of sentiment."""
    rows = range(first, series.length)
    told, many = judge_sentiment(series, rows, RULE), judge_volume(series, rows, RULE)
    a_day = DAY // series.aggregation.interval.millis
    bell = -norm.ppf(1 / (2 * 30 * a_day))
    far = [one.row for one in told if abs(one.distance) > bell]
    naive = sum(row - before >= a_day for row, before in zip(far, [-a_day, *far], strict=False))
    sentiment, volume = (sum(one.standing is Standing.SHOCK for one in judged) for judged in (told, many))
    return sentiment, volume, naive


def measure(world: World, interval: Interval, days: int, runs: int) -> str:
    """One line of the table: alarms in 30 days, with the standard error over worlds."""
    first = RULE.history_days * (DAY // interval.millis)
    months = (days - RULE.history_days) / 30
    counted = np.array([count_alarms(make_series(world, interval, days, seed), first) for seed in range(runs)]) / months
    mean, error = counted.mean(axis=0), counted.std(axis=0, ddof=1) / np.sqrt(runs)
    cells = " | ".join(f"{m:.2f} ± {e:.2f}" for m, e in zip(mean, error, strict=True))
    return f"| {world.name} | {interval.value} | {months * runs:.0f} | {cells} |"


SHIFTS = (0.1, 0.2, 0.3, 0.5)
FACTORS = (2, 3, 5)


def plant(world: World, seed: int, plants: int = 40) -> tuple[list[float], list[float]]:
    """The shares of single hours, made more negative by each of `SHIFTS` or given so many times the articles, that are
    seen; each by itself, in an otherwise quiet world.
    """
    days = 150
    series = make_series(world, Interval.H1, days, seed)
    mentions = series.scored + series.no_signal
    fit = np.flatnonzero(series.scored >= RULE.least_articles)
    rows = np.random.default_rng([7, seed]).choice(fit[fit >= RULE.history_days * 24], plants, replace=False)
    told, many = [], []
    for shift in SHIFTS:
        seen = 0
        for row in rows:
            changed = series.sentiment.copy()
            changed[row] = max(-1.0, changed[row] - shift * series.scored[row] / mentions[row])
            [judged] = judge_sentiment(replace(series, sentiment=changed), [int(row)], RULE)
            seen += judged.standing in (Standing.SHOCK, Standing.CONTINUED)
        told.append(seen / plants)
    for factor in FACTORS:
        seen = 0
        for row in rows:
            scored = series.scored.copy()
            scored[row] = factor * mentions[row] - series.no_signal[row]
            [judged] = judge_volume(replace(series, scored=scored), [int(row)], RULE)
            seen += judged.standing in (Standing.SHOCK, Standing.CONTINUED)
        many.append(seen / plants)
    return told, many


def print_planted(runs: int) -> None:
    """The second table."""
    shifts = " | ".join(f"−{shift:g}" for shift in SHIFTS)
    factors = " | ".join(f"× {factor}" for factor in FACTORS)
    print(f"| one hour's shock in | {shifts} | {factors} |")
    print("|---|" + "---|" * (len(SHIFTS) + len(FACTORS)))
    for world in WORLDS:
        planted = [plant(world, 1000 + seed) for seed in range(runs)]
        cells = np.mean([(*told, *many) for told, many in planted], axis=0)
        print(f"| {world.name} | {' | '.join(f'{100 * cell:.0f} %' for cell in cells)} |", flush=True)


def print_real() -> None:
    """How often real news of 2021–2024 about Bitcoin is judged a shock, by day, as the scorer `rules` reads it."""
    from benchmarks.real_study import a_house, idle, plans
    from benchmarks.sets import data_folder
    from jobs.align import align_series, build_series
    from jobs.imports import ArticleImport, import_article_files, import_candle_files
    from jobs.markets import choose_market
    from jobs.score import score_articles
    from service.sentiment.scorer import identify

    news = data_folder() / "news" / "bitcoin_sentiments_2021_2024" / "bitcoin_sentiments_21_24.csv"
    [plan] = [one for one in plans(data_folder()) if one.interval is Interval.D1]
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), plan, ("rules",)) as house:
        import_article_files(house, ArticleImport((news,), zone="UTC", assume_delay="15m"), idle)
        import_candle_files(house, plan.prices, idle)
        score_articles(house, idle)
        align_series(house, idle)
        market = choose_market(house, Interval.D1)
        series = build_series(house, market, "bitcoin", identify(house.scorers["rules"]), Interval.D1)
    read = series.scored + series.no_signal + series.no_mention > 0
    first = int(np.flatnonzero(read)[0]) + RULE.history_days
    rows = range(first, int(np.flatnonzero(read)[-1]) + 1)
    for name, judge in (("sentiment", judge_sentiment), ("volume", judge_volume)):
        counts = Counter(one.standing.value for one in judge(series, rows, RULE))
        months = len(rows) / 30
        print(f"real news, bitcoin by day, {name}: {counts['shock'] / months:.2f} a month over {months:.0f}; {counts}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--days", type=int, default=390)
    chosen = parser.parse_args()
    began = time.process_time()
    print("| world without a shock | bars | months | sentiment | volume | sentiment, by the bell curve |")
    print("|---|---|---|---|---|---|")
    for world in WORLDS:
        for interval in (Interval.H1, Interval.D1):
            print(measure(world, interval, chosen.days, chosen.runs), flush=True)
    print_planted(max(2, chosen.runs // 3))
    if os.environ.get("NEWSCANDLE_TEST_DATA"):
        print_real()
    print(f"set to {RULE.false_alarms_a_month:g} a month; {time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    main()
