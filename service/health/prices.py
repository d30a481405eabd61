"""Are the candles fresh, and the series made of them: by the clock, not by what a venue or a job says.

A venue that answers with old candles, a job that is green and brings none, a daemon stuck in another job: in all of
them the newest bar held stops moving, and that is what is looked at. Markets that only stood in once for another need
not go on.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from service.health.deadlines import find_deadline
from service.health.facts import Facts, Market, Series, Unread, Wanted
from service.health.findings import Finding, Severity
from service.health.standing import Judged, Standing, State, starting, tell_age
from service.instants import Interval, format_instant
from service.schedules import Schedule

REFERENCE = "reference"
"""Where series stand on the price that several venues agree on."""


def judge_prices(facts: Facts) -> Judged:
    """For each length of bar that is fetched, the markets of which something is expected."""
    if "prices" not in facts.jobs:
        return Judged()
    standings: list[Standing] = []
    findings: list[Finding] = []
    for interval in facts.wanted.intervals:
        expected = _expected(facts, interval)
        told = [(one, _stand(one, facts)) for one in expected]
        standings += [standing for _, standing in told]
        findings += _judge_interval(facts, interval, told)
    return Judged(tuple(standings), tuple(findings))


def find_candle_deadline(last_close_at: dt.datetime, interval: Interval, prices: Schedule) -> dt.datetime:
    """By when the bar after the one that closed at `last_close_at` must be held."""
    return find_deadline(last_close_at + interval.duration, interval.duration, prices)


def _expected(facts: Facts, interval: Interval) -> list[Market]:
    """Each venue's where series stand on the reference; else that of the settings, or the one series stand on."""
    wanted = facts.wanted
    held = [
        one
        for one in facts.markets
        if one.interval is interval and one.venue in wanted.venues and one.symbol.partition("/")[0] == wanted.base
    ]
    if wanted.venue == REFERENCE or not held:
        return held
    if wanted.venue:
        return [one for one in held if one.venue == wanted.venue]
    newest = max(facts.series, key=lambda one: (one.last_bar_at is not None, one.last_bar_at), default=None)
    standing_on = [one for one in held if newest and (one.venue, one.symbol) == (newest.venue, newest.symbol)]
    return standing_on or [max(held, key=lambda one: (one.last_close_at, one.subject))]


def _stand(one: Market, facts: Facts) -> Standing:
    by = find_candle_deadline(one.last_close_at, one.interval, facts.jobs["prices"].schedule)
    word = State.FRESH if facts.clock.now <= by else State.STALE
    return Standing("market", one.subject, word, one.last_close_at, by)


def _judge_interval(facts: Facts, interval: Interval, told: Sequence[tuple[Market, Standing]]) -> list[Finding]:
    wanted, job = facts.wanted, facts.jobs["prices"]
    enough = 2 if wanted.venue == REFERENCE else 1
    fresh = [one for one, standing in told if standing.state is State.FRESH]
    stale = [(one, standing) for one, standing in told if standing.state is State.STALE]
    severity = Severity.WARNING if len(fresh) >= enough else Severity.CRITICAL
    found = [_say(one, standing, severity, facts) for one, standing in stale]
    if len(fresh) < enough and not stale:
        by = find_deadline(job.first_due_at, interval.duration, job.schedule) if job.first_due_at else None
        what = f"{enough} venues" if enough > 1 else wanted.venue or "any venue"
        text = f"No {wanted.base} candles of {interval.value} are held of {what}"
        if by is None or facts.clock.now <= by:
            return [*found, starting(f"candles {interval.value}", text, by)]
        remedy = "See what prices last said: newscandle runs --job prices."
        text += f"; they were due by {format_instant(by)}."
        found.append(Finding("candles_stale", f"candles {interval.value}", Severity.CRITICAL, text, remedy))
    return found


def _say(one: Market, standing: Standing, severity: Severity, facts: Facts) -> Finding:
    assert standing.held_at is not None
    assert standing.expected_by is not None
    others = [
        f"{other.venue} {other.symbol}"
        for other in facts.markets
        if other.interval is one.interval and other.last_close_at > one.last_close_at
    ]
    text = (
        f"The newest {one.subject} candle closed {tell_age(facts.clock.now - standing.held_at)} ago; "
        f"the next was due by {format_instant(standing.expected_by)}."
    )
    if others:
        text += f" Newer ones are held of {', '.join(sorted(others)[:3])}."
    remedy = (
        "See what prices last said (newscandle runs --job prices), and whether the venue trades; or choose another."
    )
    return Finding("candles_stale", one.subject, severity, text, remedy)


def judge_series(facts: Facts) -> Judged:
    """Each target of the settings at each length of bar; and whether the leading scorer keeps up with the news."""
    jobs = facts.jobs
    if "align" not in jobs:
        return Judged()
    chain = [jobs[job].schedule for job in ("prices", "align") if job in jobs]
    standings: list[Standing] = []
    findings: list[Finding] = []
    for interval in facts.wanted.series_intervals:
        told = [_stand_series(facts, target, interval, chain) for target in facts.wanted.targets]
        standings += told
        findings += _say_series(told, interval, facts)
    if facts.unread is not None and "score" in jobs:
        findings += _judge_reading(facts.unread, facts.clock.now, jobs["score"].schedule)
    return Judged(tuple(standings), tuple(findings))


def _stand_series(facts: Facts, target: str, interval: Interval, chain: Sequence[Schedule]) -> Standing:
    subject, now = f"{target} {interval.value}", facts.clock.now
    held = _choose(facts.series, target, interval, facts.wanted)
    if held is not None and held.last_bar_at is not None:
        by = find_deadline(held.last_bar_at + interval.duration, interval.duration, *chain)
        return Standing("series", subject, State.FRESH if now <= by else State.STALE, held.last_bar_at, by)
    first = facts.jobs["align"].first_due_at
    if first is None:
        return Standing("series", subject, State.STARTING)
    # the first bar may have to close first, and its candles to come
    by = find_deadline(first + interval.duration, interval.duration, *chain)
    return Standing("series", subject, State.STARTING if now <= by else State.STALE, None, by)


def _say_series(told: Sequence[Standing], interval: Interval, facts: Facts) -> list[Finding]:
    """One finding where all of them are alike: they have their candles and their job in common."""
    found = []
    for word in (State.STARTING, State.STALE):
        theirs = [one for one in told if one.state is word]
        if len(theirs) == len(told) > 1:
            oldest = min(theirs, key=lambda one: (one.held_at is not None, one.held_at or facts.clock.now))
            found.append(_say_one(replace(oldest, subject=f"all {interval.value}"), interval, facts))
        else:
            found += [_say_one(one, interval, facts) for one in theirs]
    return found


def _say_one(one: Standing, interval: Interval, facts: Facts) -> Finding:
    subject, what = one.subject, f"No bar of the series {one.subject} was aligned yet"
    if one.state is State.STARTING:
        return starting(f"series {subject}", what, one.expected_by)
    assert one.expected_by is not None
    until = f"was due by {format_instant(one.expected_by)}"
    text = f"{what}; the first {until}."
    if one.held_at is not None:
        age = tell_age(facts.clock.now - one.held_at)
        text = f"The newest bar of the series {subject} ended {age} ago; the next {until}."
    closes = [market.last_close_at for market in facts.markets if market.interval.duration <= interval.duration]
    if closes:
        text += f" Candles are held to {format_instant(max(closes))}."
    remedy = "See what align and prices last said: newscandle runs --job align."
    return Finding("series_stale", f"series {subject}", Severity.CRITICAL, text, remedy)


def _choose(series: Sequence[Series], target: str, interval: Interval, wanted: Wanted) -> Series | None:
    """The newest of the leading scorer; of any, where it has none (another may stand in for it)."""
    fitting = [
        one for one in series if (one.target, one.interval) == (target, interval) and wanted.venue in ("", one.venue)
    ]
    leading = [one for one in fitting if one.scorer.partition("/")[0] == wanted.scorer]
    ends = [one for one in leading or fitting if one.last_bar_at is not None]
    return max(ends, key=lambda one: (one.last_bar_at, one.scorer), default=None)


def _judge_reading(unread: Unread, now: dt.datetime, score: Schedule) -> list[Finding]:
    """Bars whose articles nobody read look like bars without news."""
    by = find_deadline(unread.oldest_at, dt.timedelta(), score)
    if now <= by:
        return []
    text = (
        f"{unread.count:,} texts are not read by {unread.scorer}, the oldest taken in "
        f"{tell_age(now - unread.oldest_at)} ago: the newest bars lack them."
    )
    remedy = "Wait where it is reading a backlog; else see what score last said: newscandle runs --job score."
    return [Finding("scores_behind", unread.scorer, Severity.CRITICAL, text, remedy)]
