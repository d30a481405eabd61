"""A shock as an alert: its figures, the articles it is made of, and the price beside it, which explains nothing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.alerts.alert import Alert, Kind
from service.alerts.rule import ShockRule
from service.alerts.shocks import Judged, bars_a_day
from service.correlation.aligned import AlignedSeries
from service.health.findings import Severity
from service.instants import format_instant, from_millis

MOST_ARTICLES = 20
"""So many of a bar's articles are told one by one; what the others add is told as one figure."""

CHECKS = {Kind.SENTIMENT: "sentiment_shock", Kind.VOLUME: "news_volume_shock"}


@dataclass(frozen=True, slots=True)
class Part:
    """One article of a bar, as an alert tells it. `contribution` is what it adds to the bar's sentiment."""

    title: str
    source: str
    url: str
    language: str
    published_at: dt.datetime | None
    available_at: dt.datetime
    state: str  # scored, or no_signal, which adds nothing and weighs all the same
    score: float | None
    weight: float
    contribution: float | None  # None where the bar has no value


def describe_shock(
    kind: Kind,
    name: str,
    series: AlignedSeries,
    judged: Judged,
    parts: Sequence[Part],
    rule: ShockRule,
) -> Alert:
    """The alert of a bar of `series` that was judged a shock; `parts` are all its articles, `name` the target's."""
    row = judged.row
    opened, closed = (from_millis(int(column[row])) for column in (series.open_at, series.available_at))
    interval = series.aggregation.interval.value
    subject = f"{series.target}/{interval}"
    price = _describe_price(series, row, rule)
    figures = _describe_figures(judged, rule)
    details = {
        "target": series.target,
        "target_name": name,
        "interval": interval,
        "scorer": series.scorer,
        "bar": {"open_at": format_instant(opened), "close_at": format_instant(closed)},
        "figures": figures,
        "states": {
            column: int(getattr(series, column)[row]) for column in ("scored", "no_signal", "no_mention", "unsupported")
        },
        **_describe_parts(kind, parts),
        "price": price,
    }
    return Alert(
        f"{CHECKS[kind]}/{subject}/{series.scorer}@{format_instant(opened)}",
        kind,
        CHECKS[kind],
        subject,
        Severity.WARNING,
        _title(kind, name, judged, opened, interval),
        " ".join((_tell_bar(kind, judged), _tell_chance(rule), _tell_price(series, price))),
        f"see every article of it: newscandle explain {subject}@{format_instant(opened)}",
        closed,
        details,
    )


def _title(kind: Kind, name: str, judged: Judged, opened: dt.datetime, interval: str) -> str:
    when = f"{opened:%Y-%m-%d %H:%M} UTC ({interval})"
    if kind is Kind.VOLUME:
        return f"{name}: unusually many articles, {when}"
    return f"{name}: news far more {'positive' if judged.distance > 0 else 'negative'} than usual, {when}"


def _describe_figures(judged: Judged, rule: ShockRule) -> dict[str, Any]:
    return {
        "value": _plain(judged.value),
        "usual": _plain(judged.usual),
        "distance": _plain(judged.distance),
        "needed": _plain(judged.needed),
        "history_days": judged.days,
        "false_alarms_a_month": rule.false_alarms_a_month,
    }


def _tell_bar(kind: Kind, judged: Judged) -> str:
    far = f"{abs(judged.distance):.1f} robust standard deviations away, further than {judged.needed:.1f}"
    if kind is Kind.VOLUME:
        return f"{judged.value:.0f} articles mention it, usually {judged.usual:.0f}: {far}."
    return (
        f"Sentiment {judged.value:+.2f} (of −1 to +1), usually {judged.usual:+.2f}: {far}. "
        f"{judged.scored} articles with a signal, {judged.no_signal} without."
    ).replace("-", "−")


def _tell_chance(rule: ShockRule) -> str:
    return f"Chance alone gives some {rule.false_alarms_a_month:g} such alerts a month for each series."


def _describe_price(series: AlignedSeries, row: int, rule: ShockRule) -> dict[str, Any] | None:
    """The move of the bar and the usual one of its history; None where no candle is held."""
    change = float(np.expm1(series.log_return[row]))
    if not np.isfinite(change):
        return None
    bars = rule.history_days * bars_a_day(series)
    before = series.log_return[max(0, row - bars) : row]
    before = before[np.isfinite(before)]
    usual = float(np.median(np.abs(np.expm1(before)))) if len(before) else np.nan
    return {
        "venue": series.venue,
        "symbol": series.symbol,
        "close": float(series.close[row]),
        "change": change,
        "usual_size_of_change": _plain(usual),
    }


def _tell_price(series: AlignedSeries, price: Mapping[str, Any] | None) -> str:
    if price is None:
        return f"No candle of {series.symbol} ({series.venue}) is held for this bar yet."
    usual = price["usual_size_of_change"]
    size = f", where {100 * usual:.2f} % either way is usual" if usual is not None else ""
    change = f"{100 * price['change']:+.2f} %".replace("-", "−")
    return f"{series.symbol} ({series.venue}) moved {change} in the same bar{size}: beside it, not because of it."


def _describe_parts(kind: Kind, parts: Sequence[Part]) -> dict[str, Any]:
    """The articles that add most first; for volume the newest."""
    if kind is Kind.VOLUME:
        ranked = sorted(parts, key=lambda one: (one.available_at, one.url), reverse=True)
    else:
        ranked = sorted(parts, key=lambda one: (-abs(one.contribution or 0.0), one.url))
    shown, others = ranked[:MOST_ARTICLES], ranked[MOST_ARTICLES:]
    return {
        "articles": [_describe_part(one) for one in shown],
        "other_articles": {"count": len(others), "contribution": sum(one.contribution or 0.0 for one in others)},
    }


def _describe_part(one: Part) -> dict[str, Any]:
    return {
        "title": one.title,
        "source": one.source,
        "url": one.url,
        "language": one.language,
        "published_at": format_instant(one.published_at) if one.published_at else None,
        "available_at": format_instant(one.available_at),
        "state": one.state,
        "score": one.score,
        "weight": one.weight,
        "contribution": one.contribution,
    }


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
