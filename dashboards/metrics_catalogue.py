"""Every metric newscandle exposes: one table, of which the exposition, docs/metrics.md and its readers are made.

All but those of the process asked are read in the store, so every process that is asked tells the same. A counter only
ever grows: what `newscandle prune` takes away stays counted.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric moves. A `summary` is a `_sum` and a `_count`; an `info` is always 1, and tells by its labels."""

    GAUGE = "gauge"
    COUNTER = "counter"
    SUMMARY = "summary"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as it is exposed: counters with their `_total`, infos with their `_info`. `unit` is "" for a count.

    One of several `labels` has a sample for each combination there is; what is unknown has none, and is never 0.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    unit: str
    meaning: str


def _gauge(name: str, meaning: str, labels: str = "", unit: str = "") -> Metric:
    return Metric(f"newscandle_{name}", Kind.GAUGE, tuple(labels.split()), unit, meaning)


def _instant(name: str, meaning: str, labels: str = "") -> Metric:
    return _gauge(f"{name}_timestamp_seconds", meaning, labels, "seconds since 1970-01-01T00:00Z")


def _counter(name: str, meaning: str, labels: str = "") -> Metric:
    return Metric(f"newscandle_{name}_total", Kind.COUNTER, tuple(labels.split()), "", meaning)


_MARKET = "venue symbol interval"
_SERIES = "target interval scorer venue symbol"

CATALOGUE: dict[str, tuple[Metric, ...]] = {
    "Is it well": (
        _gauge("ready", "1 where answers are whole and fresh, as /readyz says; else 0"),
        _gauge("findings", "what is not as it should be, counted; /readyz and `newscandle status` name them",
               "check severity"),
        _gauge("store_up", "1 where the store can be read and has the schema of this release; else 0"),
        _gauge("store_size_bytes", "size of the database, files beside it included", unit="bytes"),
        _gauge("clock_skew_seconds", "clock of the process asked less that of the database (PostgreSQL only)",
               unit="seconds"),
        _instant("counts", "when what is dear to count was last counted (articles, scores, revisions, runs, gaps …)"),
        Metric("newscandle_build_info", Kind.INFO, ("version", "schema", "database", "python"), "",
               "which newscandle answers, and on what"),
    ),
    "Sources": (
        _instant("source_last_check", "when it was last asked; changes() over a day counts the checks", "source"),
        _instant("source_last_success", "when it last answered well (a file: was read)", "source"),
        _instant("source_last_failure", "when it last failed, and why; changes() over a day counts the failures",
                 "source reason"),
        _instant("source_last_new_article", "when it last brought an article not held before", "source"),
        _instant("source_next_try", "when it is next asked, its failures and its host's wishes told in", "source"),
        _gauge("source_failures_in_row", "0 after a success", "source"),
        _gauge("source_expected_interval_seconds", "how long after a success the next is to be expected", "source",
               "seconds"),
        _gauge("source_usual_silence_seconds", "99th percentile of its own gaps between readings that brought articles",
               "source", "seconds"),
        _gauge("source_state", "1 for the state it is in: fresh, stale, failing, resting, stopped, starting, disabled",
               "source state"),
        _gauge("extract_yield_ratio", "share of its new articles of the last 7 days that have a text", "source",
               "ratio"),
        _gauge("dated_ratio", "share of its new articles of the last 7 days whose publication could be read", "source",
               "ratio"),
        _gauge("article_latency_seconds", "median from publication to first seen, over the articles of the last day",
               "source", "seconds"),
    ),
    "News": (
        _counter("articles", "articles taken in", "source"),
        _gauge("articles_held", "articles by the language of their newest revision and how the leading scorer found "
               "its text: scored, no_signal, unsupported_language, unread", "language state"),
        _counter("revisions", "edits of articles taken in"),
        _counter("duplicates", "texts that tell what another did before them: copy or translation", "kind"),
        _counter("skipped", "what was not taken in, each time it was met; the stage is the job's step", "stage reason"),
        _gauge("unread_revisions", "texts taken in after the last one the leading scorer read", "scorer"),
        _instant("oldest_unread", "when the oldest of them was taken in", "scorer"),
        _counter("scores", "texts read, by how the whole of each was found: scored, no_signal, unsupported_language",
                 "scorer state"),
        _gauge("scorer_disagreement_ratio", "share of the readings of the last 7 days by several scorers in which one "
               "said negative and another positive", "target", "ratio"),
        _gauge("scorer_spread", "mean distance of the highest from the lowest of their scores, 0…2", "target"),
    ),
    "Prices": (
        _instant("candle_last_close", "when the newest bar held closed", _MARKET),
        _gauge("candles", "bars held", _MARKET),
        _gauge("candle_gaps", "holes nobody has filled", f"{_MARKET} reason"),
        _gauge("candle_missing", "bars that are missing in them", f"{_MARKET} reason"),
        _counter("candle_revisions", "bars a venue stated otherwise later, each time", _MARKET),
        _gauge("quarantined_candles", "rows refused at the door", _MARKET),
        _gauge("venue_dispersion_ratio", "(highest − lowest close) / reference price, newest bar of several venues",
               "symbol interval", "ratio"),
    ),
    "Series": (
        _instant("series_last_bar", "end of the newest whole bar that was aligned", _SERIES),
        _gauge("series_age_seconds", "how long ago that was", _SERIES, "seconds"),
        _gauge("series_lag_seconds", "how far that is behind the last close of its candles", _SERIES, "seconds"),
        _instant("report_last_made", "when the newest report on the target was made", "target"),
    ),
    "Jobs": (
        _instant("job_last_success", "when a run of it last ended ok or partial, by hand or by a daemon", "job"),
        _instant("job_next_due", "its next slot", "job"),
        _instant("job_running_since", "when the run under way began; no sample where none is", "job"),
        _gauge("job_failures_in_row", "slots that failed since one last ended well", "job"),
        _gauge("job_last_duration_seconds", "how long its last finished run took", "job", "seconds"),
        Metric("newscandle_job_duration_seconds", Kind.SUMMARY, ("job",), "seconds",
               "how long its finished runs took together, and how many they are"),
        _counter("job_runs", "runs by how they ended: ok, partial, failed, interrupted, abandoned", "job outcome"),
        _counter("slots", "slots by what became of them: done, late, caught_up, partial, failed, missed, coalesced, "
                 "abandoned", "job outcome"),
        _gauge("slots_waiting", "slots whose turn has not come", "job"),
    ),
    "Daemons": (
        _gauge("leader", "1 for the daemon that leads, 0 for one that stands by", "daemon"),
        _gauge("lease_age_seconds", "since the daemon that leads last said it was alive", unit="seconds"),
        _gauge("thread_silence_seconds", "since a thread of the daemon asked last gave a sign of life: watch, worker "
               "(in its own process only)", "thread", "seconds"),
    ),
}  # fmt: skip
"""The metrics by what they tell of."""

METRICS = {metric.name: metric for metrics in CATALOGUE.values() for metric in metrics}
"""The same by name."""

OF_THE_PROCESS = (
    "process_resident_memory_bytes",
    "process_virtual_memory_bytes",
    "process_cpu_seconds_total",
    "process_start_time_seconds",
    "process_open_fds",
    "process_max_fds",
)
"""Of the process asked, under the names all Prometheus clients use."""
