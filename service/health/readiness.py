"""Whether newscandle can be relied on now: its data are fresh, a daemon leads, the store can be read.

    Facts ─┬ judge_news ── judge_prices ── judge_series ─┬▶ standings, findings ─▶ Readiness
           └ judge_clock ── judge_lead ── judge_jobs ────┘

Data decide, not jobs: stale data are critical though every job says ok, and a job that fails while data are fresh is a
warning. What a fresh install does not have yet is `starting`: not ready, and nothing wrong.
"""

import datetime as dt
from dataclasses import dataclass

from service.errors import StoreFailed
from service.health.deadlines import find_deadline
from service.health.facts import Facts, Job
from service.health.findings import Finding, Severity, order_findings
from service.health.news import judge_news
from service.health.prices import judge_prices, judge_series
from service.health.standing import STARTING, Judged, Standing, State, gather, tell_age
from service.instants import format_instant

CHAIN = frozenset({"ingest", "score", "prices", "align"})
"""Jobs without which answers grow old."""
_FAILURES_TO_WARN = 3
_LONG_RUN = dt.timedelta(hours=1)
_SKEW_TO_WARN = dt.timedelta(seconds=2)
_SKEW_TO_STOP = dt.timedelta(seconds=60)
_FROM_AHEAD = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The judgement at `judged_at`; findings the gravest first."""

    judged_at: dt.datetime
    findings: tuple[Finding, ...]
    standings: tuple[Standing, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether nothing critical was found, and nothing is still to come for the first time."""
        return not any(one.severity is Severity.CRITICAL or one.check == STARTING for one in self.findings)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The checks that keep it from being ready, each once; empty where it is."""
        kept = (one.check for one in self.findings if one.severity is Severity.CRITICAL or one.check == STARTING)
        return tuple(dict.fromkeys(kept))


def judge(facts: Facts) -> Readiness:
    """The judgement of everything that could be read."""
    parts = (judge_clock(facts), judge_lead(facts), judge_jobs(facts), judge_news(facts), judge_prices(facts))
    judged = gather((*parts, judge_series(facts)))
    return Readiness(facts.clock.now, tuple(order_findings(judged.findings)), judged.standings)


def refuse(failure: StoreFailed, now: dt.datetime) -> Readiness:
    """The judgement where the store cannot be read: `schema_missing`, `schema_differs`, else what keeps it away."""
    check = "store_schema" if failure.reason.startswith("schema_") else "store_unreadable"
    remedy = {
        "schema_missing": "Run newscandle init, then newscandle daemon or newscandle up.",
        "schema_differs": "Run the newscandle that belongs to this database.",
    }.get(failure.reason, "See that the database runs, and that this process may read it.")
    text = f"{failure.reason}: {' '.join(str(failure).split())}"
    return Readiness(now, (Finding(check, "store", Severity.CRITICAL, text, remedy),))


def judge_clock(facts: Facts) -> Judged:
    """A clock that stands makes everything look fresh; one that is wrong dates all that is stored."""
    clock, found = facts.clock, []
    if clock.stands:
        text = f"The clock of this process stands at {format_instant(clock.now)}: no age can be told."
        found.append(_critical("clock_stands", "clock", text, "Take NEWSCANDLE_CLOCK out of its environment."))
    if clock.database is not None and abs(clock.now - clock.database) > _SKEW_TO_WARN:
        skew = (clock.now - clock.database).total_seconds()
        severity = Severity.CRITICAL if abs(clock.now - clock.database) > _SKEW_TO_STOP else Severity.WARNING
        text = f"This clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} that of the database."
        found.append(Finding("clock_skew", "clock", severity, text, "Let both machines follow NTP."))
    ahead = _find_ahead(facts)
    if ahead is not None:
        text = f"{ahead[1]} is dated {tell_age(ahead[0] - clock.now)} ahead: the clock was set back, or was wrong then."
        found.append(_critical("clock_behind", "clock", text, "See `date`; let the machine follow NTP."))
    return Judged(findings=tuple(found))


def _find_ahead(facts: Facts) -> tuple[dt.datetime, str] | None:
    """What is dated furthest ahead of now, where anything is."""
    dated = [(one.state.last_checked_at, f"The last check of {one.name}") for one in facts.sources if one.state]
    dated += [(one.last_success_at, f"The last run of {one.job}") for one in facts.jobs.values()]
    dated += [(one.last_close_at, f"The newest {one.subject} candle") for one in facts.markets]
    if facts.leader is not None:
        dated.append((facts.leader.renewed_at, "The lease of the daemon"))
    now = facts.clock.now
    ahead = [(at, what) for at, what in dated if at is not None and at > now + _FROM_AHEAD]
    return max(ahead, default=None)


def judge_lead(facts: Facts) -> Judged:
    """A daemon leads whose lease was renewed in time, by the clock of the database."""
    leader, now = facts.leader, facts.clock.database or facts.clock.now
    remedy = "Start one: newscandle daemon, or newscandle up."
    if leader is None:
        return Judged(findings=(_critical("no_leader", "daemon", "No daemon ever led on this store.", remedy),))
    if leader.holder and now < leader.expires_at:
        return Judged()
    who = f"{leader.holder} was last heard of" if leader.holder else "the last one left"
    text = f"No daemon leads; {who} {tell_age(now - leader.renewed_at)} ago."
    return Judged(findings=(_critical("no_leader", "daemon", text, remedy),))


def judge_jobs(facts: Facts) -> Judged:
    """Each job: that it is run when it is due, ends, and does not fail again and again."""
    return gather(_judge_job(job, facts) for job in facts.jobs.values())


def _judge_job(job: Job, facts: Facts) -> Judged:
    now, by = facts.clock.now, _find_job_deadline(job)
    found = _say_overdue(job, by, facts) if by is not None and now > by else []
    if job.running_since is not None and now - job.running_since > _LONG_RUN:
        text = f"{job.job} has been running for {tell_age(now - job.running_since)}; no other job runs meanwhile."
        found.append(Finding("job_long", job.job, Severity.WARNING, text, "See its log; SIGTERM ends it cleanly."))
    if job.failures_in_row >= _FAILURES_TO_WARN:
        why = job.last_reason[:200] or "no reason is on record"
        text = f"{job.job} failed {job.failures_in_row} times in a row: {why}"
        found.append(Finding("job_failing", job.job, Severity.WARNING, text, f"See newscandle runs --job {job.job}."))
    if by is None:
        return Judged((Standing("job", job.job, State.STARTING),), tuple(found))
    state = State.STALE if now > by else State.FAILING if job.failures_in_row else State.FRESH
    return Judged((Standing("job", job.job, state, job.last_ended_at, by),), tuple(found))


def _say_overdue(job: Job, by: dt.datetime, facts: Facts) -> list[Finding]:
    """A warning while another job may just take long; critical where answers grow old by it, and it lasts."""
    is_lasting = facts.clock.now > by + _LONG_RUN
    severity = Severity.CRITICAL if job.job in CHAIN and is_lasting else Severity.WARNING
    last = f"it last ran {tell_age(facts.clock.now - job.last_ended_at)} ago" if job.last_ended_at else "it never ran"
    text = f"{job.job} was to have run by {format_instant(by)}; {last}. {_tell_busy(facts)}".strip()
    remedy = "See newscandle runs and the daemon's log; a daemon stuck in a job is ended with SIGTERM."
    return [Finding("job_overdue", job.job, severity, text, remedy)]


def _find_job_deadline(job: Job) -> dt.datetime | None:
    """By when it must have run to its end once more; None before its first slot."""
    if job.last_ended_at is not None:
        return find_deadline(job.last_ended_at, dt.timedelta(), job.schedule)
    if job.first_due_at is None:
        return None
    return find_deadline(job.first_due_at - dt.timedelta(microseconds=1), dt.timedelta(), job.schedule)


def _tell_busy(facts: Facts) -> str:
    running = [one for one in facts.jobs.values() if one.running_since is not None]
    now = facts.clock.now
    return " ".join(
        f"{one.job} has been running for {tell_age(now - one.running_since)}." for one in running if one.running_since
    )


def _critical(check: str, subject: str, text: str, remedy: str) -> Finding:
    return Finding(check, subject, Severity.CRITICAL, text, remedy)
