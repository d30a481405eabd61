"""What makes newscandle not ready, what is only a warning, and what is neither, though it looks like it."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.cli import app
from service.errors import StoreFailed
from service.health import facts
from service.health.deadlines import find_deadline
from service.health.facts import Facts
from service.health.findings import Severity
from service.health.readiness import judge, refuse
from service.health.silence import Silence, measure_silence
from service.health.standing import State
from service.instants import Interval
from service.schedules import read_schedule
from tests.health.builders import HOUR, MINUTE, NOW, RULES, a_job, a_market, a_series, a_source, ago, failing, well
from tests.jobs.houses import REPOSITORY

WELL = well()


def sources(change: Callable[[facts.Source], facts.Source], which: str = "abcdef", base: Facts = WELL) -> Facts:
    return replace(base, sources=tuple(change(one) if one.name in which else one for one in base.sources))


def job(name: str, base: Facts = WELL, **marks: object) -> Facts:
    return replace(base, jobs={**base.jobs, name: replace(base.jobs[name], **marks)})  # type: ignore[arg-type]


def wanting(base: Facts = WELL, **changes: object) -> Facts:
    return replace(base, wanted=replace(base.wanted, **changes))  # type: ignore[arg-type]


def asked_rarely(source: facts.Source) -> facts.Source:
    """Its feed asks for six hours between checks, four of which have passed."""
    return a_source(source.name, read=ago(hours=4), next_allowed_at=NOW + 2 * HOUR)


def left_alone(source: facts.Source) -> facts.Source:
    """Its host asked for a week of rest three days ago, when it was read last."""
    return a_source(source.name, read=ago(days=3), next_allowed_at=NOW + dt.timedelta(days=4))


STUCK = job(
    "ingest",
    job(
        "report",
        sources(lambda one: a_source(one.name, read=ago(hours=3))),
        running_since=ago(hours=3),
    ),
    last_ended_at=ago(hours=3),
)
NEWBORN = replace(WELL, sources=tuple(replace(one, state=None, last_new_at=None) for one in WELL.sources), markets=(),
    series=(), jobs={name: a_job(name, first_due_at=ago(minutes=3), last_ended_at=None) for name in RULES})  # fmt: skip
DAILY = wanting(
    replace(WELL, markets=(a_market(closed=ago(hours=20), code="1d"),), series=(a_series(ago(hours=20), "1d"),)),
    intervals=(Interval.D1,),
    series_intervals=(Interval.D1,),
)
ON_REFERENCE = wanting(
    replace(WELL, markets=(a_market("coinbase"), a_market("kraken"), a_market("bitstamp", ago(hours=5)))),
    venue="reference",
)
ON_REFERENCE = replace(ON_REFERENCE, series=(a_series(venue="reference"),))
MONDAY = dt.datetime(2024, 5, 13, 8, tzinfo=dt.UTC)
OVER_THE_WEEKEND = replace(
    WELL,
    clock=facts.Clock(MONDAY),
    leader=facts.Leader("host:1:ab", MONDAY, MONDAY + MINUTE),
    sources=(a_source(read=dt.datetime(2024, 5, 10, 9, 1, tzinfo=dt.UTC)),),
    markets=(a_market(closed=MONDAY),),
    series=(a_series(MONDAY),),
    jobs={name: a_job(name, last_ended_at=MONDAY) for name in RULES}
    | {"ingest": a_job("ingest", "0 9 * * 1-5", last_ended_at=dt.datetime(2024, 5, 10, 9, 1, tzinfo=dt.UTC))},
)

READY = {
    "all is well": (WELL, set()),
    "one feed of many fails": (sources(lambda one: failing(one, 5 * HOUR), "a"), {"source_failing"}),
    "two fail, and others of their language do not": (
        sources(lambda one: failing(one, 5 * HOUR), "ab"), {"source_failing"}),
    "one is gone for good": (sources(lambda one: failing(one, HOUR, "gone", stopped_at=ago(hours=1)), "a"),
        {"source_stopped"}),
    "feeds that ask to be asked rarely": (sources(asked_rarely), set()),
    "a weekend without news, as there were others": (
        replace(sources(lambda one: replace(one, last_new_at=ago(hours=60),
            silence=Silence(61 * HOUR, 62 * HOUR, dt.timedelta(days=60)))),
            silence=Silence(20 * HOUR, 60 * HOUR, dt.timedelta(days=60))), set()),
    "the first weekend of a new installation": (
        sources(lambda one: replace(one, last_new_at=ago(hours=70), silence=None)), set()),
    "a source that is more silent than it ever was": (
        sources(lambda one: replace(one, last_new_at=ago(hours=30)), "a"), {"source_silent"}),
    "asked on weekdays only, early on a Monday": (OVER_THE_WEEKEND, set()),
    "a report that takes twenty minutes": (
        job("ingest", job("report", running_since=ago(minutes=21)), last_ended_at=ago(minutes=21)), {"job_overdue"}),
    "a job fails, and the data are fresh": (
        job("prices", failures_in_row=5, last_reason="kraken: banned"), {"job_failing"}),
    "the report is not made": (job("report", last_ended_at=ago(days=3)), {"job_overdue"}),
    "daily candles in the afternoon": (DAILY, set()),
    "minutes, fetched every ten": (
        wanting(replace(WELL, markets=(a_market(closed=ago(minutes=11), code="1m"),)), intervals=(Interval.M1,)),
        set()),
    "a venue that stood in once": (replace(WELL, markets=(a_market(), a_market("coinbase", ago(days=9)))), set()),
    "one venue of the reference is out": (ON_REFERENCE, {"candles_stale"}),
    "clocks five seconds apart": (replace(WELL, clock=facts.Clock(NOW, ago(seconds=5))), {"clock_skew"}),
    "sources are files": (sources(lambda one: replace(one, is_polled=False, state=None)), set()),
    "no source at all": (replace(WELL, sources=()), {"no_sources"}),
    "a text that came a minute ago is not read yet": (
        replace(WELL, unread=facts.Unread("encoder/3", 4, ago(minutes=1))), set()),
}  # fmt: skip
"""Facts that are well enough, and the checks that warn of something."""

NOT_READY = {
    "nothing new for thirty hours, when one or another always had something every two": (
        replace(sources(lambda one: replace(one, last_new_at=ago(hours=30),
            silence=Silence(61 * HOUR, 62 * HOUR, dt.timedelta(days=60)))),
            silence=Silence(HOUR, 2 * HOUR, dt.timedelta(days=60))), {"news_silent"}),
    "every job is green, and nothing new came for five days": (
        sources(lambda one: replace(one, last_new_at=ago(days=5))), {"news_silent"}),
    "feeds that have answered since ever, and never brought anything": (
        sources(lambda one: replace(one, last_new_at=None, silence=None)), {"news_silent"}),
    "no feed was read": (sources(lambda one: failing(one, 5 * HOUR)), {"news_stale"}),
    "no feed was read, nobody tells why": (sources(lambda one: a_source(one.name, read=ago(hours=2))), {"news_stale"}),
    "all hosts ask to be left alone for a week": (sources(left_alone), {"news_stale"}),
    "nothing Dutch was read": (sources(lambda one: failing(one, 5 * HOUR), "ef"), {"news_stale"}),
    "most feeds were not read": (sources(lambda one: failing(one, 5 * HOUR), "abce"), {"news_thin"}),
    "a daemon that leads and is stuck in the report": (STUCK, {"news_stale", "job_overdue"}),
    "a venue that answers with old candles": (
        replace(WELL, markets=(a_market(closed=ago(hours=3)),)), {"candles_stale"}),
    "the venue series stand on is out, another is not": (
        replace(WELL, markets=(a_market(closed=ago(hours=3)), a_market("coinbase"))), {"candles_stale"}),
    "the venue of the settings is not held": (wanting(venue="bitstamp"), {"candles_stale", "series_stale"}),
    "one venue of the reference is left": (
        replace(ON_REFERENCE, markets=(a_market("kraken"), a_market("coinbase", ago(hours=5)))), {"candles_stale"}),
    "daily candles after noon of the next day": (
        replace(DAILY, markets=(a_market(closed=ago(hours=37), code="1d"),)), {"candles_stale"}),
    "minutes, not fetched for twenty": (
        wanting(replace(WELL, markets=(a_market(closed=ago(minutes=21), code="1m"),)), intervals=(Interval.M1,)),
        {"candles_stale"}),
    "series behind their candles": (replace(WELL, series=(a_series(ago(hours=3)),)), {"series_stale"}),
    "series go on, but nobody reads the news": (
        replace(WELL, unread=facts.Unread("encoder/3", 4, ago(hours=1))), {"scores_behind"}),
    "nobody leads": (
        replace(WELL, leader=facts.Leader("host:1:ab", ago(minutes=2), ago(minutes=1))), {"no_leader"}),
    "the last daemon left": (replace(WELL, leader=facts.Leader("", NOW, NOW)), {"no_leader"}),
    "nobody ever led": (replace(WELL, leader=None), {"no_leader"}),
    "a clock that stands": (replace(WELL, clock=facts.Clock(NOW, NOW, stands=True)), {"clock_stands"}),
    "clocks two minutes apart": (replace(WELL, clock=facts.Clock(NOW, ago(minutes=2))), {"clock_skew"}),
    "a clock that was set back": (
        sources(lambda one: a_source(one.name, read=NOW + HOUR)), {"clock_behind"}),
    "a new installation in its first round": (NEWBORN, {"starting"}),
    "a new installation that gets nowhere": (
        replace(NEWBORN, jobs={name: a_job(name, first_due_at=ago(hours=9), last_ended_at=None) for name in RULES}),
        {"news_stale", "candles_stale", "series_stale", "job_overdue"}),
}  # fmt: skip
"""Facts with which answers cannot be relied on, and the checks that say why."""


@pytest.mark.parametrize("case", READY)
def test_it_is_ready_though(case: str) -> None:
    told, warned = READY[case]
    found = judge(told)
    assert found.is_ready, found.findings
    assert {one.check for one in found.findings} == warned
    assert found.reasons == ()


@pytest.mark.parametrize("case", NOT_READY)
def test_it_is_not_ready_when(case: str) -> None:
    told, reasons = NOT_READY[case]
    found = judge(told)
    assert not found.is_ready
    assert set(found.reasons) == reasons, found.findings
    assert all(one.text.endswith(".") and one.remedy.endswith(".") for one in found.findings)


def test_a_new_installation_has_nothing_wrong_with_it() -> None:
    """It is not ready, and nobody need be alarmed: each thing that is missing is still to come."""
    found = judge(NEWBORN)
    assert {one.severity for one in found.findings} == {Severity.NOTE}
    assert {one.subject for one in found.findings} == {"news", "candles 1h", "series bitcoin 1h"}


def test_what_is_expected_is_told_of_everything() -> None:
    found = judge(sources(lambda one: failing(one, 5 * HOUR), "a"))
    told = {(one.kind, one.subject): one for one in found.standings}
    assert [kind for kind, _ in told].count("source") == 6
    assert told["source", "a"].state is State.FAILING
    assert told["source", "b"].state is State.FRESH
    # read at 10:00, again from 10:16:30 (a tenth of jitter), at the slot of 10:20; half a quarter of an hour, a grace
    assert told["source", "b"].expected_by == NOW.replace(minute=20) + dt.timedelta(minutes=7.5 + 2)
    # the bar to 11:00 is to be had at the slot of 11:03; half an hour, a grace
    assert told["market", "kraken BTC/USD 1h"].expected_by == NOW.replace(hour=11, minute=35)
    assert told["series", "bitcoin 1h"].expected_by == NOW.replace(hour=11, minute=37)
    assert told["job", "report"].expected_by == dt.datetime(2024, 5, 15, 12, 22, tzinfo=dt.UTC)


def test_a_store_that_cannot_be_read_is_told_apart_from_one_of_another_release() -> None:
    away = refuse(StoreFailed("unreachable", "postgresql://db: it is gone"), NOW)
    other = refuse(StoreFailed("schema_differs", "sqlite:///x.db: of release 0001"), NOW)
    assert (away.reasons, other.reasons) == (("store_unreadable",), ("store_schema",))
    assert not away.is_ready
    assert not other.is_ready


def test_the_usual_silence_is_the_percentile_of_the_gaps() -> None:
    """One gap in a hundred may be longer; fewer than thirty say nothing."""
    steps = [HOUR] * 198 + [9 * HOUR, 12 * HOUR]
    at, instants = NOW, [NOW]
    for step in steps:
        at += step
        instants.append(at)
    found = measure_silence(instants)
    assert found == Silence(HOUR, 12 * HOUR, sum(steps, dt.timedelta()))
    assert measure_silence(instants[:30]) is None


AGES = st.floats(0, 200_000).map(lambda seconds: dt.timedelta(seconds=seconds))
FRESH = st.floats(0, 600).map(lambda seconds: dt.timedelta(seconds=seconds))
CRONS = st.sampled_from(["*/10 * * * *", "3 * * * *", "0 9 * * 1-5", "every 90s", "20 0 * * *", "0 0 1 * *"])


@given(st.integers(0, 60 * 24 * 365).map(lambda passed: NOW - passed * MINUTE), AGES, AGES,
       st.lists(CRONS, max_size=2))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_what_is_older_is_never_due_later(
    at: dt.datetime, older: dt.timedelta, every: dt.timedelta, rules: list[str]
) -> None:
    schedules = [read_schedule("x", rule) for rule in rules]
    assert find_deadline(at - older, every, *schedules) <= find_deadline(at, every, *schedules)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Facts, Facts]:
    """Facts of data of any age, and the same with one datum older."""
    data = draw(st.lists(st.one_of(FRESH, FRESH, FRESH, FRESH, AGES), min_size=11, max_size=11))
    number = draw(st.integers(0, len(data) - 1))
    older = [*data[:number], data[number] + draw(AGES), *data[number + 1 :]]
    is_failing = draw(st.booleans())
    kinds = draw(st.sampled_from(["", "reference", "kraken"]))
    return tuple(_imagine(ages, kinds, is_failing=is_failing) for ages in (data, older))  # type: ignore[return-value]


def _imagine(ages: list[dt.timedelta], venue: str, *, is_failing: bool) -> Facts:
    at = [NOW - age for age in ages]
    named = (a_source("a", read=at[0]), a_source("b", read=at[1]), replace(a_source("c", read=at[0]), state=None))
    if is_failing:
        named = (failing(named[0], ages[0]), *named[1:])
    return well(
        wanted=replace(WELL.wanted, venue=venue),
        sources=(*named, replace(named[1], last_new_at=at[2])),
        markets=(a_market(closed=at[3]), a_market("coinbase", at[4]), a_market("bitstamp", at[4])),
        series=(a_series(at[5], venue=venue or "kraken"),),
        unread=facts.Unread("encoder/3", 1, at[6]),
        leader=facts.Leader("host:1:ab", at[7], at[7] + dt.timedelta(hours=20)),
        jobs={
            **WELL.jobs,
            "ingest": a_job("ingest", first_due_at=at[8]),
            "prices": a_job("prices", last_ended_at=at[9]),
            "report": a_job("report", running_since=at[10]),
        },
    )


@given(histories())
@settings(max_examples=40, deadline=None)
def test_what_grows_older_never_turns_well(told: tuple[Facts, Facts]) -> None:
    """No datum that gets older makes newscandle ready: there is no way to look fresh by being late."""
    before, after = map(judge, told)
    assert before.is_ready or not after.is_ready


def test_nothing_stays_well_for_ever() -> None:
    """Whatever is well now is not, once two days have passed in which nothing came."""
    found = judge(replace(WELL, clock=facts.Clock(NOW + dt.timedelta(days=2))))
    assert {"no_leader", "news_stale", "candles_stale", "series_stale"} <= set(found.reasons)


def test_operators_are_told_what_each_check_means() -> None:
    page = (REPOSITORY / "docs" / "health.md").read_text("utf-8")
    checks = {check for _, told in (*READY.values(), *NOT_READY.values()) for check in told}
    assert {check for check in checks if f"`{check}`" not in page} == set()


def test_what_operators_are_told_to_do_can_be_done() -> None:
    """Every command that a remedy names is there."""
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    remedies = [one.remedy for told, _ in (*READY.values(), *NOT_READY.values()) for one in judge(told).findings]
    remedies += [
        one.remedy for reason in ("schema_missing", "locked") for one in refuse(StoreFailed(reason, ""), NOW).findings
    ]
    named = {word for remedy in remedies for word in re.findall(r"newscandle ([a-z]+)", remedy)}
    assert named >= {"runs", "sources", "daemon", "up", "init"}
    assert named - known.keys() == set()
