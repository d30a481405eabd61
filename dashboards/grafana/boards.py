"""The three boards: how it stands, what the daemons do, how good the data are (`python -m dashboards.grafana`).

Prometheus knows figures about the work, not the work: prices beside sentiment are in newscandle's own reports.
"""

from dashboards.grafana.panels import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    Json,
    Panel,
    Row,
    ask_values,
    draw_board,
    graph,
    stat,
    table,
    timeline,
)

_READY = {"0": ("not ready", RED), "1": ("ready", GREEN)}
_STEP = "$__rate_interval"


def draw_boards() -> dict[str, Json]:
    """Each board by the name of its file."""
    return {"overview.json": _overview(), "system.json": _system(), "quality.json": _quality()}


def _overview() -> Json:
    now = (
        (4, stat("Ready", "Whether answers are whole and fresh, as /readyz says.", "newscandle:ready", names=_READY,
                 levels=[(1, GREEN)], base=RED, alert="NewscandleNotReady")),
        (5, stat("Leads", "The daemon that runs the jobs; the others stand by.",
                 "max by (daemon) (newscandle_leader) == 1", legend="{{daemon}}", text="name",
                 alert="NewscandleNobodyLeads")),
        (3, stat("Alerts", "How many alerts on newscandle fire.",
                 'count(ALERTS{alertstate="firing", alertname=~"Newscandle.*"}) or vector(0)',
                 levels=[(1, YELLOW), (5, RED)])),
        (4, stat("Sources read", "Share of the sources that are to answer and were read in time.",
                 "1 - sum(newscandle:source_is_stale) / count(newscandle:source_is_stale)", "percentunit",
                 levels=[(0.5, YELLOW), (0.9, GREEN)], base=RED, alert="NewscandleMostSourcesStale")),
        (4, stat("Texts waiting", "Texts taken in that the leading scorer has not read.",
                 "max(newscandle_unread_revisions)", levels=[(200, YELLOW), (2000, RED)], alert="NewscandleUnread")),
        (4, stat("Allowance left", "What is left of the 0.5 % of 30 days in which it may be not ready.",
                 "1 - newscandle:not_ready:ratio30d / 0.005", "percentunit", levels=[(0, YELLOW), (0.25, GREEN)],
                 base=RED, alert="NewscandleBudgetBurnsFast")),
    )  # fmt: skip
    why = (
        (14, timeline("Ready, and who leads", "When it was not ready, and which daemon led.",
                      ("newscandle:ready", "ready"), ("max by (daemon) (newscandle_leader)", "{{daemon}}"),
                      names={"0": ("no", RED), "1": ("yes", GREEN)})),
        (10, table("Findings", "What is not as it should be; `newscandle status` names it and the remedy.",
                   "max by (check, severity) (newscandle_findings) > 0", alert="NewscandleNotReady")),
    )  # fmt: skip
    fresh = (
        (12, graph("Sources: age over what is to be expected",
                   "Time since the last success, over the interval in which one is to be expected; late from 1.5 on.",
                   (('newscandle:source_age_seconds{source=~"$source"} '
                    "/ on (source) max by (source) (newscandle_source_expected_interval_seconds)"), "{{source}}"),
                   levels=[(1.5, RED)], alert="NewscandleSourceStale")),
        (6, graph("Candles: age of the newest", "Since the newest bar of each market closed.",
                  ('newscandle:candle_age_seconds{interval=~"$interval"}', "{{venue}} {{symbol}} {{interval}}"),
                  unit="s", alert="NewscandleCandlesStale")),
        (6, graph("Series: age of the newest bar", "Since the end of the newest aligned bar.",
                  (("time() - max by (target, interval) "
                   '(newscandle_series_last_bar_timestamp_seconds{interval=~"$interval"})'), "{{target}} {{interval}}"),
                  unit="s", alert="NewscandleSeriesStale")),
    )  # fmt: skip
    flow = (
        (12, graph("New articles an hour", "Articles taken in, by source.",
                   (('sum by (source) (max without (instance) (increase(newscandle_articles_total{source=~"$source"}'
                    "[1h])))"), "{{source}}"), stacked=True)),
        (6, graph("Texts read an hour", "By the scorers, and how the whole of each was found.",
                  ("sum by (scorer, state) (max without (instance) (increase(newscandle_scores_total[1h])))",
                   "{{scorer}} {{state}}"), stacked=True)),
        (6, table("Held", "Articles by language and how the leading scorer found them.",
                  "max by (language, state) (newscandle_articles_held)")),
    )  # fmt: skip
    reports = (
        (24, graph("Reports: age of the newest", "Since the newest report on each target was made; one a day.",
                   ("time() - max by (target) (newscandle_report_last_made_timestamp_seconds)", "{{target}}"),
                   unit="s", levels=[(108_000, RED)], alert="NewscandleReportOld")),
    )  # fmt: skip
    variables = [
        ask_values("source", "Source", "newscandle_source_state"),
        ask_values("interval", "Interval", "newscandle_candles"),
    ]
    rows = [
        Row("Now", 4, now), Row("Why", 7, why), Row("How fresh", 9, fresh), Row("What comes in", 8, flow),
        Row("What goes out", 6, reports),
    ]  # fmt: skip
    return draw_board("newscandle-overview", "newscandle: Overview", "How it stands, and what it stands on.",
                      variables, rows)  # fmt: skip


def _system() -> Json:
    def by_job(metric: str) -> str:
        return f'max by (job) ({metric}{{job=~"$job"}})'

    jobs: tuple[tuple[int, Panel], ...] = (
        (8, graph("Runs", "Runs by how they ended, in each step.",
                  ((f'sum by (job, outcome) (max without (instance) (increase(newscandle_job_runs_total{{job=~"$job"}}'
                   f"[{_STEP}])))"), "{{job}} {{outcome}}"), stacked=True, bars=True, alert="NewscandleJobFailing")),
        (8, graph("How long runs take", "Mean of the runs that ended within the last hour.",
                  (('max by (job) (increase(newscandle_job_duration_seconds_sum{job=~"$job"}[1h]) '
                   '/ increase(newscandle_job_duration_seconds_count{job=~"$job"}[1h]))'), "{{job}}"), unit="s")),
        (8, graph("Under way for", "How long the run under way has been going on.",
                  (f"time() - {by_job('newscandle_job_running_since_timestamp_seconds')}", "{{job}}"), unit="s",
                  levels=[(3600, RED)], alert="NewscandleJobLong")),
    )  # fmt: skip
    slots: tuple[tuple[int, Panel], ...] = (
        (8, graph("Slots", "What became of the times at which jobs were due.",
                  ((f'sum by (outcome) (max without (instance) (increase(newscandle_slots_total{{job=~"$job"}}'
                   f"[{_STEP}])))"), "{{outcome}}"), stacked=True, bars=True, alert="NewscandleSlotsLost")),
        (8, graph("Slots waiting", "Came due, and not begun.",
                  (by_job("newscandle_slots_waiting"), "{{job}}"), levels=[(5, YELLOW)],
                  alert="NewscandleSlotsWaiting")),
        (8, table("Failures in a row", "Slots that failed since one last ended well.",
                  by_job("newscandle_job_failures_in_row"), levels=[(1, YELLOW), (3, RED)],
                  alert="NewscandleJobFailing")),
    )  # fmt: skip
    daemons: tuple[tuple[int, Panel], ...] = (
        (8, timeline("Who leads", "The daemons, and which of them led.",
                     ("max by (daemon) (newscandle_leader)", "{{daemon}}"),
                     names={"0": ("stands by", BLUE), "1": ("leads", GREEN)}, alert="NewscandleNobodyLeads")),
        (8, graph("Age of the lease", "Since the leading daemon last renewed it.",
                  ("min(newscandle_lease_age_seconds)", "lease"), unit="s", levels=[(60, RED)],
                  alert="NewscandleLeaseOld")),
        (8, graph("Silence of threads", "Since the watch and the worker of a daemon gave a sign of life.",
                  ("max by (instance, thread) (newscandle_thread_silence_seconds)", "{{thread}} {{instance}}"),
                  unit="s", alert="NewscandleThreadSilent")),
    )  # fmt: skip
    process: tuple[tuple[int, Panel], ...] = (
        (6, graph("Memory", "Resident memory of each process.",
                  ('process_resident_memory_bytes{job="newscandle"}', "{{instance}}"), unit="bytes",
                  levels=[(1.5e9, RED)], bounds=(0, None), alert="NewscandleMemoryHigh")),
        (6, graph("Processor", "Share of one core.",
                  (f'rate(process_cpu_seconds_total{{job="newscandle"}}[{_STEP}])', "{{instance}}"),
                  unit="percentunit", bounds=(0, None))),
        (6, graph("Open files", "Of those the process may have open.",
                  ('process_open_fds{job="newscandle"} / process_max_fds{job="newscandle"}', "{{instance}}"),
                  unit="percentunit", levels=[(0.8, RED)], bounds=(0, None))),
        (6, graph("Clock", "Of each process, less that of the database.",
                  ("newscandle_clock_skew_seconds", "{{instance}}"), unit="s", alert="NewscandleClockSkew")),
    )  # fmt: skip
    store: tuple[tuple[int, Panel], ...] = (
        (8, graph("Size of the store", "The database, with files beside it.",
                  ("newscandle:store_size_bytes", "size"), unit="bytes", bounds=(0, None),
                  alert="NewscandleStoreGrows")),
        (8, graph("Growth a day", "By how much it grew in a day.", ("delta(newscandle:store_size_bytes[1d])", "growth"),
                  unit="bytes")),
        (8, table("Builds", "Which newscandle answers, and on what.",
                  "max by (version, schema, database, python, instance) (newscandle_build_info)")),
    )  # fmt: skip
    rows = [
        Row("Jobs", 8, jobs), Row("Slots", 8, slots), Row("Daemons", 7, daemons), Row("Processes", 7, process),
        Row("Store", 7, store),
    ]  # fmt: skip
    return draw_board("newscandle-system", "newscandle: System", "What the daemons do, and how they fare.",
                      [ask_values("job", "Job", "newscandle_job_runs_total")], rows)  # fmt: skip


def _quality() -> Json:
    of_source, market = '{source=~"$source"}', "{{venue}} {{symbol}} {{interval}}"
    texts = (
        (8, graph("Articles with a text", "Share of the new articles of 7 days that have one; a fall is a new layout.",
                  (f"max by (source) (newscandle_extract_yield_ratio{of_source})", "{{source}}"), unit="percentunit",
                  bounds=(0, 1), alert="NewscandleYieldFell")),
        (8, graph("Articles with a date", "Share of the new articles of 7 days whose publication could be read.",
                  (f"max by (source) (newscandle_dated_ratio{of_source})", "{{source}}"), unit="percentunit",
                  bounds=(0, 1), alert="NewscandleDatesLost")),
        (8, graph("From publication to first seen", "Median over the articles of the last day.",
                  (f"max by (source) (newscandle_article_latency_seconds{of_source})", "{{source}}"), unit="s")),
    )  # fmt: skip
    sources = (
        (8, table("States", "In which state each source is.",
                  f"max by (source, state) (newscandle_source_state{of_source}) == 1", alert="NewscandleSourceStale")),
        (8, table("Failures of the last day", "When each last failed, and why (reasons: docs/sources.md).",
                  f"max by (source, reason) (newscandle_source_last_failure_timestamp_seconds{of_source}) * 1000 "
                  "> (time() - 86400) * 1000", "dateTimeFromNow", alert="NewscandleSourceStale")),
        (8, graph("Silence over its own long gaps", "Time since the last new article, over the 99th percentile of "
                  "the gaps it had.",
                  ((f"(time() - max by (source) (newscandle_source_last_new_article_timestamp_seconds{of_source})) "
                   "/ max by (source) (newscandle_source_usual_silence_seconds)"), "{{source}}"), levels=[(2, RED)],
                  alert="NewscandleSourceSilent")),
    )  # fmt: skip
    counts = (
        (8, graph("Rows a day against their mean", "What came in within a day, over the mean of 7 days.",
                  ("newscandle:rows:increase1d / avg_over_time(newscandle:rows:increase1d[7d])", "{{what}}"),
                  levels=[(1.3, YELLOW)], alert="NewscandleRowsOdd")),
        (8, graph("Not taken in, a day", "By the step and the reason (docs/sources.md).",
                  ("sum by (stage, reason) (max without (instance) (increase(newscandle_skipped_total[1d])))",
                   "{{stage}} {{reason}}"), stacked=True, alert="NewscandleSkippedMany")),
        (8, graph("Told again, a day", "Copies and translations of texts held, and edits of articles.",
                  ("sum by (kind) (max without (instance) (increase(newscandle_duplicates_total[1d])))", "{{kind}}"),
                  ("max(increase(newscandle_revisions_total[1d]))", "edits"))),
    )  # fmt: skip
    prices = (
        (8, graph("Missing bars", "In holes nobody has filled, by reason (docs/prices.md).",
                  (("sum by (interval, reason) (max by (venue, symbol, interval, reason) "
                   '(newscandle_candle_missing{interval=~"$interval"}))'), "{{interval}} {{reason}}"), stacked=True,
                  alert="NewscandleGapsOpen")),
        (8, graph("Venues apart", "Highest less lowest close of the newest bar, over the reference price.",
                  ('max by (symbol, interval) (newscandle_venue_dispersion_ratio{interval=~"$interval"})',
                   "{{symbol}} {{interval}}"), unit="percentunit", levels=[(0.01, RED)],
                  alert="NewscandleVenuesDisagree")),
        (4, graph("Quarantined", "Candles refused at the door.",
                  ('max by (venue, symbol, interval) (newscandle_quarantined_candles{interval=~"$interval"})', market),
                  alert="NewscandleQuarantine")),
        (4, graph("Stated otherwise later, a day", "Bars a venue changed after they were stored.",
                  (("max by (venue, symbol, interval) "
                   '(increase(newscandle_candle_revisions_total{interval=~"$interval"}[1d]))'), market))),
    )  # fmt: skip
    readings = (
        (8, graph("Series behind their candles", "How far the newest aligned bar is behind the last close.",
                  ('max by (target, interval) (newscandle_series_lag_seconds{interval=~"$interval"})',
                   "{{target}} {{interval}}"), unit="s", alert="NewscandleSeriesStale")),
        (8, graph("Scorers that disagree", "Share of the readings of 7 days in which one said negative, one positive.",
                  ("max by (target) (newscandle_scorer_disagreement_ratio)", "{{target}}"), unit="percentunit",
                  bounds=(0, 1))),
        (8, graph("How far scorers are apart", "Mean distance of the highest from the lowest score, 0 to 2.",
                  ("max by (target) (newscandle_scorer_spread)", "{{target}}"), bounds=(0, None))),
    )  # fmt: skip
    variables = [
        ask_values("source", "Source", "newscandle_source_state"),
        ask_values("interval", "Interval", "newscandle_candles"),
    ]
    rows = [
        Row("Texts", 8, texts), Row("Sources", 8, sources), Row("Counts", 8, counts), Row("Prices", 8, prices),
        Row("Readings", 8, readings),
    ]  # fmt: skip
    told = "How good what came in is, and what is missing."
    return draw_board("newscandle-quality", "newscandle: Data quality", told, variables, rows)
