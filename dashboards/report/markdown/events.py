"""The event study."""

from dashboards.report import further_words
from dashboards.report.markdown.text import Section, escape, table, tell
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport, EventSet


def events(report: CorrelationReport, words: Words) -> Section:
    """Events by kind, four tests of each window, then every bar of event time."""
    title, study = words.say("Around events"), report.events
    if study is None:
        return title, [words.say(further_words.NOT_STUDIED), ""]
    counts = [
        (
            *(escape(words.retell(one.label)), words.retell(one.model)),
            *(words.count(n) for n in (one.found, one.merged, one.dropped, one.used, one.blocks)),
            tell(words, one.note),
        )
        for one in study.sets
    ]
    windows = [
        (
            f"{escape(words.retell(one.label))}, {words.retell(one.model)}",
            *(further_words.event_bars(window, words), words.change(window.mean)),
            *(words.probability(p) for p in (window.p_t, window.p_rank, window.p_sign, window.p_bootstrap)),
            words.probability(window.p_holm),
        )
        for one in study.sets
        for window in one.windows
    ]
    opening = words.say(
        "Estimation over {estimation} bars before the window of ± {reach} bars; blocks of {days} days; Holm over "
        "{family} windows.",
        estimation=study.estimation,
        reach=study.reach,
        days=study.block_days,
        family=study.family,
    )
    lines = [
        f"{words.say('A companion: no verdict rests on it.')} {opening}",
        "",
        *(f"{tell(words, note)}  " for note in study.notes),
        "",
        *table(_count_header(study.block_days, words), counts),
        "",
        *(table(_window_header(words), windows) if windows else []),
        "",
    ]
    for one in study.sets:
        if one.bars:
            title_of = words.say(
                "{events}, {model}: bar by bar",
                events=escape(words.retell(one.label)),
                model=words.retell(one.model),
            )
            lines += [f"### {title_of}", "", *_bars(one, words), ""]
    return title, lines


def _count_header(days: int, words: Words) -> tuple[str, ...]:
    return (
        *(words.say("Events"), words.say("Normal return"), words.say("Found"), words.say("Merged")),
        *(words.say("Dropped"), words.say("Used"), words.say("Blocks of {days} days", days=days), words.say("Note")),
    )


def _window_header(words: Words) -> tuple[str, ...]:
    return (
        *(words.say("Events"), words.say("Bars"), words.say("Mean"), "p (t)", words.say("p (ranks)")),
        *(words.say("p (signs)"), words.say("p (bootstrap)"), words.say("p (Holm)")),
    )


def _bars(one: EventSet, words: Words) -> list[str]:
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
    interval = words.say("95 % interval")
    header = (words.say("Bar"), words.say("Abnormal return"), interval, words.say("Running sum"), interval)
    return table(header, rows)
