"""Facts of an installation in which all is well, to be changed one at a time."""

import datetime as dt
from dataclasses import replace
from typing import Any

from service.health import facts
from service.health.facts import Facts, Wanted
from service.health.silence import Silence
from service.instants import Interval
from service.news.manners.polling import SourceState
from service.schedules import read_schedule

NOW = dt.datetime(2024, 5, 14, 10, 7, tzinfo=dt.UTC)  # a Tuesday
RULES = {
    "ingest": "*/10 * * * *",
    "score": "2-59/10 * * * *",
    "prices": "3-59/10 * * * *",
    "align": "5-59/10 * * * *",
    "report": "20 0 * * *",
}
ON_THE_HOUR = NOW.replace(minute=0)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def ago(**units: float) -> dt.datetime:
    return NOW - dt.timedelta(**units)


def a_source(name: str = "a", *, read: dt.datetime | None = None, language: str = "", **state: Any) -> facts.Source:
    """One asked every quarter of an hour, read seven minutes ago, that brought something an hour ago."""
    read = read or ago(minutes=7)
    told: dict[str, Any] = {"last_checked_at": read, "last_success_at": read, "next_allowed_at": read + 16 * MINUTE}
    kept = SourceState(name, f"https://{name}.example/feed", **{**told, **state})
    past = Silence(dt.timedelta(hours=20), dt.timedelta(hours=62), dt.timedelta(days=60))
    return facts.Source(name, language, 15 * MINUTE, kept, ago(hours=1), past)


def failing(source: facts.Source, since: dt.timedelta, reason: str = "read_timeout", **more: Any) -> facts.Source:
    assert source.state is not None
    told = {"last_success_at": NOW - since, "last_failure_at": ago(minutes=7), "last_failure_reason": reason}
    state = replace(source.state, **{**told, "failures_in_row": 9, "next_allowed_at": NOW + 3 * HOUR, **more})
    return replace(source, state=state)


def a_market(venue: str = "kraken", closed: dt.datetime = ON_THE_HOUR, code: str = "1h") -> facts.Market:
    return facts.Market(venue, "BTC/USD", Interval(code), closed)


def a_series(end: dt.datetime = ON_THE_HOUR, code: str = "1h", venue: str = "kraken") -> facts.Series:
    return facts.Series("bitcoin", Interval(code), "encoder/3", venue, "BTC/USD", end)


def a_job(name: str, rule: str = "", **marks: Any) -> facts.Job:
    """One whose slots all ended well, the last two minutes ago."""
    told: dict[str, Any] = {"first_due_at": ago(days=90), "last_ended_at": ago(minutes=2), **marks}
    return facts.Job(name, read_schedule(name, rule or RULES[name]), **told)


def well(**changes: Any) -> Facts:
    """Six sources, two of them Dutch; hourly candles and series; a daemon that leads and has run every job."""
    told: dict[str, Any] = {
        "clock": facts.Clock(NOW, NOW),
        "wanted": Wanted(
            *("BTC", ("coinbase", "kraken", "bitstamp"), (Interval.H1,), ("bitcoin",), (Interval.H1,)),
            *("", "encoder", 6 * HOUR),
        ),
        "leader": facts.Leader("host:1:ab", ago(seconds=5), NOW + dt.timedelta(seconds=15)),
        "sources": tuple(a_source(name, language="nl" if name in "ef" else "") for name in "abcdef"),
        "markets": (a_market(),),
        "series": (a_series(),),
        "jobs": {name: a_job(name) for name in RULES},
    }
    return Facts(**{**told, **changes})
