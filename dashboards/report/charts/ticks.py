"""Where the ticks of an axis stand: round numbers, and round moments of a UTC calendar."""

import datetime as dt
import math
from collections.abc import Iterator
from itertools import islice, takewhile

from dashboards.report.words import Words

_HOURS = (1, 2, 3, 6, 12)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12)


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` + 1 values 1, 2, 2.5 or 5 times a power of ten apart within `low`…`high`."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [place * step for place in range(first, math.floor(high / step + 1e-9) + 1)]


def digits_of(ticks: list[float]) -> int:
    """How many decimals tell these ticks apart."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else abs(ticks[0]) or 1.0
    return next((digits for digits in range(9) if abs(round(step, digits) - step) < 1e-9 * abs(step)), 9)


def time_ticks(start: dt.datetime, end: dt.datetime, most: int, words: Words) -> list[tuple[dt.datetime, str]]:
    """Round moments within [start, end] and how each is written: the year with the first month shown of it."""
    for unit, times in (("hour", _HOURS), ("day", _DAYS), ("month", _MONTHS)):
        for every in times:
            found = list(islice(takewhile(lambda moment: moment <= end, _walk(start, unit, every)), most + 1))
            if len(found) <= most:
                return _label(found, unit, words)
    years = max(1, -(-(end.year - start.year + 1) // most))
    found = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in range(start.year, end.year + 1) if not year % years]
    return [(moment, str(moment.year)) for moment in found if start <= moment <= end]


def _walk(start: dt.datetime, unit: str, every: int) -> Iterator[dt.datetime]:
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "month":
        month = (midnight.year * 12 + midnight.month - 1) // every * every
        while True:
            moment = dt.datetime(month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)
            if moment >= start:
                yield moment
            month += every
    step = dt.timedelta(hours=every) if unit == "hour" else dt.timedelta(days=every)
    moment = midnight
    while True:
        if moment >= start:
            yield moment
        moment += step


def _label(moments: list[dt.datetime], unit: str, words: Words) -> list[tuple[dt.datetime, str]]:
    labels = []
    for place, moment in enumerate(moments):
        before = moments[place - 1] if place else None
        is_new_day = before is None or before.date() != moment.date()
        if unit == "hour" and not is_new_day:
            labels.append(f"{moment:%H:%M}")
        elif unit == "month":
            is_new_year = before is None or before.year != moment.year
            labels.append(f"{words.month(moment)} {moment.year}" if is_new_year else words.month(moment))
        else:
            labels.append(f"{moment.day} {words.month(moment)}")
    return list(zip(moments, labels, strict=True))
