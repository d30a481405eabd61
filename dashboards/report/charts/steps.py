"""A series as it is drawn: where there are more bars than can be told apart, several of them make one step."""

import datetime as dt
from dataclasses import dataclass

from service.correlation.results import CorrelationReport

MOST_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One drawn step from `at` on; `priced` and `read` are the shares of its bars with a price and a sentiment, 0–1."""

    at: dt.datetime
    close: float | None
    sentiment: float | None
    articles: int
    priced: float
    read: float


def take_steps(report: CorrelationReport, most: int = MOST_STEPS) -> list[Step]:
    """At most `most` steps: the last close, the mean sentiment and the sum of the articles of each one's bars."""
    points = report.points
    width = max(1, -(-len(points.open_at) // most))
    steps = []
    for start in range(0, len(points.open_at), width):
        part = slice(start, start + width)
        closes = [value for value in points.close[part] if value is not None]
        moods = [value for value in points.sentiment[part] if value is not None]
        bars = len(points.close[part])
        steps.append(
            Step(
                points.open_at[start],
                closes[-1] if closes else None,
                sum(moods) / len(moods) if moods else None,
                sum(points.articles[part]),
                len(closes) / bars,
                len(moods) / bars,
            )
        )
    return steps
