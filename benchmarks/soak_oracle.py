"""Who knows better: what is wrong at an instant of a soak, from what the simulated world gave, and from the store.

It shares nothing with service/health. Its allowances are those of docs/health.md, written anew as plain figures: a
datum may be as old as the time to its next slot, half its interval more, and two minutes.
"""

import datetime as dt
from dataclasses import dataclass, field

import sqlalchemy as sa

from benchmarks.simulated_web import Feed
from benchmarks.soak_outages import CLOCK_AHEAD, CLOCK_BACK, NEWS_FROZEN, STORE_GONE
from benchmarks.soak_run import Soak
from benchmarks.soak_time import DAY, HOUR, MINUTE, START

_SLACK = 60.0
_TO_A_SLOT = 10 * MINUTE  # all jobs that bring data come every ten minutes
_GRACE = 2 * MINUTE
_LEAST_BETWEEN_CHECKS = 15 * MINUTE
_JITTER = 1.1
_FROZEN_FOR = DAY
_AFTERMATH = 2.5 * HOUR
_START_UP = 3 * HOUR
_EPOCH_TICKS = START.timestamp()


@dataclass
class Truth:
    """What is wrong now; `is_unsure`: the clock is or was wrong, or something is just beginning or ending."""

    wrong: list[str] = field(default_factory=list)
    is_unsure: bool = False


class Oracle:
    """Asked at any time of a soak."""

    def __init__(self, soak: Soak, engine: sa.Engine) -> None:
        self._soak, self._engine = soak, engine
        self._wished = {feed.name: _wished(feed) for feed in soak.feeds}

    def tell(self) -> Truth:
        """What is wrong at this instant."""
        soak, now = self._soak, self._soak.timeline.now
        clocks = [one for one in soak.outages.all if one.kind in (CLOCK_AHEAD, CLOCK_BACK)]
        is_clock_wrong = any(one.begins <= now < one.ends + _AFTERMATH for one in clocks)
        is_upset = any(one.begins <= now < one.ends + _AFTERMATH for one in soak.outages.all)
        truth = Truth(is_unsure=is_upset or now < _START_UP)
        if soak.outages.is_on(STORE_GONE):
            truth.wrong.append("the store is gone")
        led_at = soak.led_at
        if led_at is None or now - led_at > soak.house.settings.daemon.lease_seconds + 1:
            truth.wrong.append("nobody leads")
        elif now - led_at > soak.house.settings.daemon.lease_seconds / 2:
            truth.is_unsure = True
        if not is_clock_wrong and now >= _START_UP:
            truth.wrong += self._judge_news(now)
            truth.wrong += self._judge_store(now)
        return truth

    def _judge_news(self, now: float) -> list[str]:
        given = self._soak.stage.web.given
        old = [name for name, wished in self._wished.items() if now - given.get(name, 0.0) > wished + _SLACK]
        wrong = []
        if len(old) == len(self._wished):
            wrong.append("no source is read")
        elif 2 * len(old) > len(self._wished):
            wrong.append(f"{len(old)} of {len(self._wished)} sources are not read")
        frozen = self._soak.outages.since(NEWS_FROZEN)
        if frozen is not None and now - frozen > _FROZEN_FOR:
            wrong.append("nothing new from anywhere")
        return wrong

    def _judge_store(self, now: float) -> list[str]:
        wrong = []
        with self._engine.connect() as connection:
            close = _seconds(connection, "SELECT max(open_at) FROM candle") + HOUR
            unread = connection.exec_driver_sql(
                "SELECT min(recorded_at) FROM revision WHERE id > (SELECT coalesce(max(tone.revision_id), 0) FROM tone "
                "JOIN scoring ON scoring.id = tone.scoring_id WHERE scoring.scorer LIKE 'rules/%%')"
            ).scalar()
            bars = {hours: self._find_bar(connection, hours) for hours in (1, 24)}
        if now > close + HOUR + _TO_A_SLOT + HOUR / 2 + _GRACE + _SLACK:
            wrong.append(f"the newest candle closed {(now - close) / HOUR:.1f} h ago")
        if unread is not None:
            waited = now - (unread / 1e6 - _EPOCH_TICKS)
            if waited > _TO_A_SLOT * 1.5 + _GRACE + _SLACK:
                wrong.append(f"a text has waited {waited / 60:.0f} min to be read")
        for hours, end in bars.items():
            length = hours * HOUR
            due = length + 2 * _TO_A_SLOT + length / 2 + _GRACE + _SLACK
            if now > end + due and now > DAY + due:
                wrong.append(f"the newest bar of {hours} h ended {(now - end) / HOUR:.1f} h ago")
        return wrong

    def _find_bar(self, connection: sa.Connection, hours: int) -> float:
        """When the newest whole bar of the leading scorer's series ended, in ticks."""
        shown = self._soak.timeline.clock() - dt.timedelta(hours=hours)
        until = round(shown.timestamp() * 1e6)
        chosen = (
            "SELECT max(open_at) FROM series_point WHERE open_at <= {until} AND series_id IN (SELECT id FROM series "
            "WHERE target = 'bitcoin' AND scorer LIKE 'rules/%%' AND CAST(declaration AS text) LIKE '%%\"{code}\"%%')"
        )
        return _seconds(connection, chosen.format(until=until, code="1h" if hours == 1 else "1d")) + hours * HOUR


def _seconds(connection: sa.Connection, asked: str) -> float:
    """An instant of the store in ticks; long ago where there is none."""
    found = connection.exec_driver_sql(asked).scalar()
    return -100 * DAY if found is None else found / 1e6 - _EPOCH_TICKS


def _wished(feed: Feed) -> float:
    """How old its last answer may be: the wait it wishes for, the time to a slot, half a check more, two minutes."""
    kind, seconds = feed.hint
    wish = seconds if kind in ("max-age", "expires", "ttl") else 0.0
    return max(_LEAST_BETWEEN_CHECKS, wish) * _JITTER + _TO_A_SLOT + _LEAST_BETWEEN_CHECKS / 2 + _GRACE
