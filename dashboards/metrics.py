"""The metrics of `metrics_catalogue.py`, filled with what is known, as Prometheus text or OpenMetrics.

Nothing is kept between two asks, and nothing is registered anywhere: each exposition is made of one look at the store.
What is not in the catalogue cannot be exposed.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import ProcessCollector, metrics_core
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    SummaryMetricFamily,
)

from dashboards.metrics_catalogue import METRICS, Kind, Metric
from service.health.deadlines import find_slot
from service.health.facts import Facts, Source
from service.health.news import expected_interval
from service.health.readiness import Readiness
from storage.counts import Counts

Family = metrics_core.Metric
Figures = dict[str, dict[tuple[str, ...], float]]
"""Figures by metric (without the prefix) and the values of its labels."""


@dataclass(frozen=True, slots=True)
class Liveness:
    """Seconds since each thread of a process gave a sign of life, and those of them that are silent for too long."""

    silences: Mapping[str, float] = field(default_factory=dict)
    silent: tuple[str, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether all breathe."""
        return not self.silent


@dataclass(frozen=True, slots=True)
class Exposed:
    """What is known at one moment. `facts` and `counts` are None where the store could not be read (in time).

    `build`: the labels of build_info.
    """

    readiness: Readiness
    facts: Facts | None = None
    counts: Counts | None = None
    standing_by: tuple[str, ...] = ()
    silences: Mapping[str, float] = field(default_factory=dict)
    build: Mapping[str, str] = field(default_factory=dict)


def expose(known: Exposed, accept: str = "") -> tuple[bytes, str]:
    """The exposition and its content type: OpenMetrics where `accept` asks for it, else Prometheus text."""
    encode, content_type = choose_encoder(accept)
    body: bytes = encode(_Once(known))
    return body, content_type


class _Once:
    """As much of a registry as encoders ask for."""

    def __init__(self, known: Exposed) -> None:
        self._known = known

    def collect(self) -> Iterator[Family]:
        figures = gather_figures(self._known)
        for metric in METRICS.values():
            if metric.kind is Kind.INFO:
                yield InfoMetricFamily(metric.name.removesuffix("_info"), metric.meaning, dict(self._known.build))
            else:
                yield from _fill(metric, figures)
        yield from ProcessCollector(registry=None).collect()


def _fill(metric: Metric, figures: Figures) -> Iterator[Family]:
    """The family of one metric, where anything of it is known."""
    name = metric.name.removeprefix("newscandle_")
    if metric.kind is Kind.SUMMARY:
        sums, numbers = figures.get(f"{name}_sum", {}), figures.get(f"{name}_count", {})
        summary = SummaryMetricFamily(metric.name, metric.meaning, labels=metric.labels)
        for labels, figure in sorted(sums.items()):
            summary.add_metric(labels, int(numbers[labels]), figure)
        family: Family = summary
    else:
        is_counter = metric.kind is Kind.COUNTER
        kind = CounterMetricFamily if is_counter else GaugeMetricFamily
        family = kind(
            metric.name.removesuffix("_total") if is_counter else metric.name, metric.meaning, labels=metric.labels
        )
        for labels, figure in sorted(figures.get(name, {}).items()):
            family.add_metric(labels, figure)
    if family.samples:
        yield family


def gather_figures(known: Exposed) -> Figures:
    """All that is known in figures."""
    figures: Figures = {
        "ready": {(): float(known.readiness.is_ready)},
        "store_up": {(): float(known.facts is not None)},
        "findings": {
            (check, severity): float(number)
            for (check, severity), number in Counter(
                (one.check, one.severity.value) for one in known.readiness.findings
            ).items()
        },
        "thread_silence_seconds": {(thread,): seconds for thread, seconds in known.silences.items()},
    }
    if known.facts is not None:
        figures |= _tell_sources(known.facts) | _tell_prices(known.facts) | _tell_jobs(known.facts)
        figures |= _tell_daemons(known.facts, known.standing_by)
        states = [one for one in known.readiness.standings if one.kind == "source"]
        figures["source_state"] = {(one.subject, one.state.value): 1.0 for one in states}
    if known.counts is not None:
        figures |= {name: dict(of_it) for name, of_it in known.counts.figures.items()}
        figures["counts_timestamp_seconds"] = {(): known.counts.at.timestamp()}
    return figures


def _tell_sources(facts: Facts) -> Figures:
    told: dict[str, Callable[[Source], dt.datetime | None]] = {
        "last_check": lambda one: one.state.last_checked_at if one.state else None,
        "last_success": lambda one: one.state.last_success_at if one.state else None,
        "last_new_article": lambda one: one.last_new_at,
        "next_try": lambda one: _find_next_try(one, facts),
    }
    figures: Figures = {
        f"source_{name}_timestamp_seconds": _instants(((one.name,), find(one)) for one in facts.sources)
        for name, find in told.items()
    }
    known = [(one, one.state) for one in facts.sources if one.state is not None]
    figures["source_last_failure_timestamp_seconds"] = _instants(
        ((one.name, state.last_failure_reason), state.last_failure_at) for one, state in known
    )
    figures["source_failures_in_row"] = {(one.name,): float(state.failures_in_row) for one, state in known}
    figures["source_usual_silence_seconds"] = {
        (one.name,): one.silence.usual.total_seconds() for one in facts.sources if one.silence
    }
    ingest = facts.jobs.get("ingest")
    intervals = [
        (one.name, expected_interval(one, facts.wanted.longest, ingest.schedule)) for one in facts.sources if ingest
    ]
    figures["source_expected_interval_seconds"] = {
        (name,): interval.total_seconds() for name, interval in intervals if interval
    }
    unread = facts.unread
    if unread is not None:
        figures["unread_revisions"] = {(unread.scorer,): float(unread.count)}
        figures["oldest_unread_timestamp_seconds"] = _instants([((unread.scorer,), unread.oldest_at)])
    return figures


def _find_next_try(one: Source, facts: Facts) -> dt.datetime | None:
    """The slot of ingest at which it is next asked; None for what is not asked any more."""
    ingest = facts.jobs.get("ingest")
    if ingest is None or not one.is_enabled or (one.state is not None and one.state.stopped_at is not None):
        return None
    allowed = one.state.next_allowed_at if one.state else None
    now = facts.clock.now
    # one microsecond back: a source that may be asked at a slot is asked at that slot
    return find_slot(ingest.schedule, max(now, allowed - dt.timedelta(microseconds=1)) if allowed else now)


def _tell_prices(facts: Facts) -> Figures:
    now = facts.clock.now
    closes = {(one.venue, one.symbol): one.last_close_at for one in facts.markets}
    for one in facts.markets:  # of several lengths of bar the furthest
        closes[(one.venue, one.symbol)] = max(closes[(one.venue, one.symbol)], one.last_close_at)
    ends: dict[tuple[str, ...], dt.datetime] = {}
    for line in facts.series:
        if line.last_bar_at is not None:
            ends[(line.target, line.interval.value, line.scorer, line.venue, line.symbol)] = line.last_bar_at
    lags = {labels: (closes[labels[3:5]] - end) for labels, end in ends.items() if labels[3:5] in closes}  # type: ignore[index]
    return {
        "candle_last_close_timestamp_seconds": _instants(
            ((one.venue, one.symbol, one.interval.value), one.last_close_at) for one in facts.markets
        ),
        "series_last_bar_timestamp_seconds": _instants(ends.items()),
        "series_age_seconds": {labels: (now - end).total_seconds() for labels, end in ends.items()},
        "series_lag_seconds": {labels: max(0.0, lag.total_seconds()) for labels, lag in lags.items()},
    }


def _tell_jobs(facts: Facts) -> Figures:
    jobs, now = facts.jobs.values(), facts.clock.now
    return {
        "job_last_success_timestamp_seconds": _instants(((one.job,), one.last_success_at) for one in jobs),
        "job_next_due_timestamp_seconds": _instants(((one.job,), find_slot(one.schedule, now)) for one in jobs),
        "job_running_since_timestamp_seconds": _instants(((one.job,), one.running_since) for one in jobs),
        "job_failures_in_row": {(one.job,): float(one.failures_in_row) for one in jobs},
        "slots_waiting": {(one.job,): float(one.waiting) for one in jobs},
    }


def _tell_daemons(facts: Facts, standing_by: Iterable[str]) -> Figures:
    clock, leader = facts.clock, facts.leader
    now = clock.database or clock.now
    figures: Figures = {"leader": {(one,): 0.0 for one in standing_by}}
    if clock.database is not None:
        figures["clock_skew_seconds"] = {(): (clock.now - clock.database).total_seconds()}
    if leader is not None:
        figures["lease_age_seconds"] = {(): (now - leader.renewed_at).total_seconds()}
        if leader.holder and now < leader.expires_at:
            figures["leader"][(leader.holder,)] = 1.0
    return figures


def _instants(
    told: Iterable[tuple[tuple[str, ...], dt.datetime | None]],
) -> dict[tuple[str, ...], float]:
    return {labels: at.timestamp() for labels, at in told if at is not None}
