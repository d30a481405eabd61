"""Every figure of /metrics that can be known otherwise, held against what the soak itself recorded."""

from collections import Counter
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.soak_outages import CLOCK_AHEAD, CLOCK_BACK
from benchmarks.soak_run import Soak
from benchmarks.soak_time import DAY, HOUR, MINUTE, START

Figures = Mapping[str, Mapping[tuple[str, ...], float]]
_FIRST_SLOTS = {
    "ingest": (10 * MINUTE, 10 * MINUTE), "stories": (MINUTE, 10 * MINUTE), "score": (2 * MINUTE, 10 * MINUTE),
    "prices": (3 * MINUTE, 10 * MINUTE), "align": (5 * MINUTE, 10 * MINUTE), "report": (20 * MINUTE, DAY),
    "editions": (10 * MINUTE, HOUR), "alerts": (5 * MINUTE, 5 * MINUTE), "seal": (50 * MINUTE, 3 * HOUR),
}  # fmt: skip
"""When each job is due for the first time after the start, and how often then."""
_OF_A_MARKET = "JOIN market m ON m.id = x.market_id GROUP BY m.venue, m.symbol, m.interval"
_MARKET = "SELECT m.venue, m.symbol, m.interval"
_COUNTED = {
    "articles_total": "SELECT source, count(*) FROM article GROUP BY source",
    "revisions_total": "SELECT count(*) FROM revision WHERE number > 1",
    "skipped_total": "SELECT stage, reason, sum(count) FROM skipped GROUP BY stage, reason",
    "scores_total": "SELECT s.scorer, t.state, count(*) FROM tone t JOIN scoring s ON s.id = t.scoring_id "
    "GROUP BY s.scorer, t.state",
    "candles": f"{_MARKET}, count(DISTINCT x.open_at) FROM candle x {_OF_A_MARKET}",
    "quarantined_candles": f"{_MARKET}, count(*) FROM quarantined_candle x {_OF_A_MARKET}",
    "candle_gaps": f"{_MARKET}, x.reason, count(*) FROM (SELECT * FROM gap WHERE filled_at IS NULL) x {_OF_A_MARKET}, "
    "x.reason",
    "candle_last_close_timestamp_seconds": f"{_MARKET}, max(x.open_at) / 1000000 + 3600 FROM candle x {_OF_A_MARKET}",
    "report_last_made_timestamp_seconds": "SELECT target, max(made_at) / 1000000.0 FROM report GROUP BY target",
}
"""What the store holds, asked of it in other words than newscandle's."""


def read_figures(body: bytes) -> Figures:
    """An exposition as figures by metric (without the prefix) and the values of its labels, in alphabetical order."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name.removeprefix("newscandle_"), {})[labels] = sample.value
    return found


def compare_figures(soak: Soak, engine: sa.Engine, told: Figures, *, is_ready: bool) -> Iterator[str]:
    """The name of every metric that is not true, with what it says and what it should say."""
    with engine.connect() as connection:
        for name, asked in _COUNTED.items():
            expected = {_sorted_labels(name, row[:-1]): float(row[-1]) for row in connection.exec_driver_sql(asked)}
            yield from _differ(name, told.get(name, {}), expected)
        rows = connection.exec_driver_sql("SELECT job, count(*) FROM slot WHERE outcome = 'running' GROUP BY job")
        running: dict[str, int] = {job: number for job, number in rows}  # noqa: C416
    yield from _differ("ready", told.get("ready", {}), {(): float(is_ready)})
    yield from _check_runs(soak, told)
    yield from _check_slots(soak, told, running=running)
    yield from _check_sources(soak, told)
    yield from _check_lead(soak, told)


_LABELS = {
    "skipped_total": ("stage", "reason"), "scores_total": ("scorer", "state"),
    "candles": ("venue", "symbol", "interval"), "quarantined_candles": ("venue", "symbol", "interval"),
    "candle_last_close_timestamp_seconds": ("venue", "symbol", "interval"),
    "candle_gaps": ("venue", "symbol", "interval", "reason"),
}  # fmt: skip


def _sorted_labels(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    names = _LABELS.get(name, tuple(str(place) for place in range(len(values))))
    return tuple(value for _, value in sorted(zip(names, values, strict=True)))


Labelled = Mapping[tuple[str, ...], float]


def _differ(name: str, told: Labelled, expected: Labelled) -> Iterator[str]:
    for labels in told.keys() | expected.keys():
        one, other = told.get(labels), expected.get(labels)
        if one is None and other == 0:
            continue
        if one is None or other is None or abs(one - other) > 1e-6 * max(1.0, abs(other)):
            yield f"{name}{list(labels)}: tells {one}, is {other}"


def _check_runs(soak: Soak, told: Figures) -> Iterator[str]:
    """Runs by job and outcome are those that the jobs themselves told of."""
    record = soak.stage.record
    counted = {labels: figure for labels, figure in told.get("job_runs_total", {}).items() if labels[0] != "store"}
    expected: dict[tuple[str, ...], float] = {labels: float(number) for labels, number in record.runs.items()}
    pending = record.pending  # its end is on record, or is not yet
    differing = list(_differ("job_runs_total", counted, expected))
    if differing and pending is not None:
        expected[pending.job, pending.ended] = expected.get((pending.job, pending.ended), 0.0) + 1
        differing = list(_differ("job_runs_total", counted, expected))
    yield from differing


def _check_slots(soak: Soak, told: Figures, running: Mapping[str, int]) -> Iterator[str]:
    """Slots that came to an end by running are those the jobs told of; all together are those of the clock."""
    record, now = soak.stage.record, soak.timeline.now
    slots: dict[str, Counter[str]] = {}
    for (job, outcome), number in told.get("slots_total", {}).items():
        word = "late or caught up" if outcome in ("late", "caught_up") else outcome
        slots.setdefault(job, Counter())[word] += round(number)
    for job, counted in slots.items():
        for word in ("done", "late or caught up", "partial", "failed"):
            pending = record.pending is not None and record.pending.job == job
            if abs(counted[word] - record.slots[job, word]) > pending:
                yield f"slots_total[{job}, {word}]: tells {counted[word]}, is {record.slots[job, word]}"
    if any(one.begins <= now for one in soak.outages.all if one.kind in (CLOCK_AHEAD, CLOCK_BACK)):
        return
    for job, (first, period) in _FIRST_SLOTS.items():
        due = 0 if now < first else int((now - first) // period) + 1
        waiting = round(told.get("slots_waiting", {}).get((job,), 0.0))
        listed = sum(slots.get(job, Counter()).values()) + waiting + running.get(job, 0)
        behind = now - (soak.led_at or now) + 15 * MINUTE  # what came due since the ledger was last looked at
        if not due - behind / period - 1 <= listed <= due:
            yield f"slots of {job}: {listed} on record, {due} came due"


def _check_sources(soak: Soak, told: Figures) -> Iterator[str]:
    """The last success of a source is an instant at which it did answer, and no later than the last."""
    given, ahead = soak.stage.web.given, soak.timeline.set_ahead
    if any(one.begins <= soak.timeline.now for one in soak.outages.all if one.kind in (CLOCK_AHEAD, CLOCK_BACK)):
        return
    for (source,), at in told.get("source_last_success_timestamp_seconds", {}).items():
        ticks = at - START.timestamp() - ahead
        if ticks > given.get(source, -1.0) + 1:
            yield f"source_last_success[{source}]: tells {ticks:.0f}, it last answered at {given.get(source)}"


def _check_lead(soak: Soak, told: Figures) -> Iterator[str]:
    leads = [daemon[0] for daemon, figure in told.get("leader", {}).items() if figure == 1.0]
    named = [] if soak.daemon is None or not soak.daemon.is_leading else [soak.daemon.name]
    if named and leads != named:
        yield f"leader: tells {leads}, is {named}"
    age = told.get("lease_age_seconds", {}).get(())
    if age is not None and soak.led_at is not None and soak.daemon is not None and soak.daemon.is_leading:
        own = soak.timeline.now - soak.led_at
        if abs(age - own) > 1 and not soak.timeline.set_ahead:
            yield f"lease_age_seconds: tells {age:.1f}, is {own:.1f}"
