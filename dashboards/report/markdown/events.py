"""The event study."""

from dashboards.report import further_words, words
from dashboards.report.markdown.text import Section, escape, table
from service.correlation.results import CorrelationReport, EventSet


def events(report: CorrelationReport) -> Section:
    """Events by kind, four tests of each window, then every bar of event time."""
    title, study = "Around events", report.events
    if study is None:
        return title, [further_words.NOT_STUDIED, ""]
    counts = [
        (
            *(escape(one.label), one.model),
            *(words.count(n) for n in (one.found, one.merged, one.dropped, one.used, one.blocks)),
            one.note,
        )
        for one in study.sets
    ]
    windows = [
        (
            f"{escape(one.label)}, {one.model}",
            *(further_words.event_bars(window), words.change(window.mean)),
            *(words.probability(p) for p in (window.p_t, window.p_rank, window.p_sign, window.p_bootstrap)),
            words.probability(window.p_holm),
        )
        for one in study.sets
        for window in one.windows
    ]
    opening = (
        f"A companion: no verdict rests on it. Estimation over {study.estimation} bars before the window of "
        f"± {study.reach} bars; blocks of {study.block_days} days; Holm over {study.family} windows."
    )
    lines = [
        opening,
        "",
        *(f"{note}  " for note in study.notes),
        "",
        *table(("events", "normal return", "found", "merged", "dropped", "used", "blocks", "note"), counts),
        "",
        *table(("events", "bars", "mean", "p (t)", "p (ranks)", "p (signs)", "p (bootstrap)", "p (Holm)"), windows),
        "",
    ]
    for one in study.sets:
        if one.bars:
            lines += [f"### {escape(one.label)}, {one.model}: bar by bar", "", *_bars(one), ""]
    return title, lines


def _bars(one: EventSet) -> list[str]:
    rows = [
        (
            words.signed(bar.offset, 0) if bar.offset else "0",
            words.change(bar.mean),
            f"{words.change(bar.mean_low)} … {words.change(bar.mean_high)}",
            words.change(bar.cumulative),
            f"{words.change(bar.cumulative_low)} … {words.change(bar.cumulative_high)}",
        )
        for bar in one.bars
    ]
    return table(("bar", "abnormal return", "95 % interval", "running sum", "95 % interval"), rows)
