"""How often a broken layout is found, and how often an unbroken one is blamed: `python -m benchmarks.drift`.

Histories are simulated: readings of one to six articles, lengths log-normal about a median of the source's own (spread
0.3 to 0.9 in logarithms, with days that are longer or shorter throughout), 70 to 100 % of articles with a text. In
half of them nothing happens; in the others, from some reading on, texts are lost or cut to a stump.
"""

import argparse
import datetime as dt
import math
import random
import statistics
from collections.abc import Iterator

from service.news.manners.health import Yield, find_drift

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
BREAKS = {
    "all texts lost": (0.0, 1.0),
    "nine of ten lost": (0.1, 1.0),
    "half lost": (0.5, 1.0),
    "cut to a fifth": (1.0, 0.2),
    "cut to a third": (1.0, 0.33),
}


def simulate(
    chance: random.Random, readings: int, broken_at: int | None, kept: float, length: float
) -> Iterator[Yield]:
    """Readings of one source; from `broken_at` on, `kept` of its texts remain, at `length` of their words."""
    median, spread = math.exp(chance.uniform(math.log(60), math.log(1_200))), chance.uniform(0.3, 0.9)
    share = chance.uniform(0.7, 1.0)
    for number in range(readings):
        is_broken = broken_at is not None and number >= broken_at
        mood = chance.gauss(0, 0.15)
        new = chance.randint(1, 6)
        words = []
        for _ in range(new):
            has_body = chance.random() < share * (kept if is_broken else 1.0)
            told = median * math.exp(chance.gauss(mood, spread)) * (length if is_broken else 1.0)
            words.append(max(1, round(told)) if has_body else 0)
        yield Yield(
            START + dt.timedelta(hours=number), 20, new, 0, 0, sum(one > 0 for one in words), new, sum(words),
            float(statistics.median(filter(None, words))) if any(words) else 0.0,
        )  # fmt: skip


def count_alarms(seed: int, histories: int, readings: int) -> tuple[int, int]:
    """Of unbroken histories judged at each reading: those with an alarm at any time, and single judgements with one."""
    chance = random.Random(seed)
    blamed = judgements = 0
    for _ in range(histories):
        told = list(simulate(chance, readings, None, 1.0, 1.0))
        alarms = sum(find_drift(told[:end]).is_alarm for end in range(1, readings + 1))
        blamed += alarms > 0
        judgements += alarms
    return blamed, judgements


def find_delays(seed: int, histories: int, kept: float, length: float) -> list[int | None]:
    """Articles from the break until the alarm, for each history; None where there is none within 60 readings."""
    chance = random.Random(seed)
    delays: list[int | None] = []
    for _ in range(histories):
        told = list(simulate(chance, 120, 60, kept, length))
        first = next((end for end in range(61, 121) if find_drift(told[:end]).is_alarm), None)
        delays.append(None if first is None else sum(one.new for one in told[60:first]))
    return delays


def main() -> None:
    """Print both rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=300)
    asked = parser.parse_args()
    blamed, judgements = count_alarms(1, asked.histories, 200)
    rate = judgements / (asked.histories * 200)
    print(
        f"unbroken: {blamed} of {asked.histories} histories of 200 readings with any alarm ({rate:.2%} of judgements)"
    )
    for name, (kept, length) in BREAKS.items():
        delays = find_delays(2, asked.histories, kept, length)
        found = sorted(delay for delay in delays if delay is not None)
        median = statistics.median(found) if found else math.nan
        print(f"{name:<18}{len(found) / len(delays):>7.1%} found, half of them within {median:.0f} articles")


if __name__ == "__main__":
    main()
