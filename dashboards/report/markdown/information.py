"""The information coefficient."""

from dashboards.report import further_words
from dashboards.report.markdown.text import Section, escape, table
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport


def information(report: CorrelationReport, words: Words) -> Section:
    """Coefficient and spread by horizon, then the buckets."""
    title, told = words.say("Information coefficient"), report.information
    if told is None:
        return title, [words.say(further_words.NOT_STUDIED), ""]
    rows = [
        (
            *(str(row.bars), words.count(row.n), words.signed(row.coefficient)),
            f"{words.signed(row.low)} … {words.signed(row.high)}",
            *(words.probability(row.p), words.probability(row.p_family), words.change(row.spread)),
            f"{words.change(row.spread_low)} … {words.change(row.spread_high)}",
        )
        for row in told.horizons
    ]
    buckets = [
        (str(row.bars), str(bucket.number), words.count(bucket.n), words.change(bucket.mean, 3))
        for row in told.horizons
        for bucket in row.buckets
    ]
    interval, ahead = words.say("95 % interval"), words.say("Bars ahead")
    header = (
        *(ahead, "n", words.say("Coefficient"), interval, "p", words.say("p (family)")),
        *(words.say("Spread"), interval),
    )
    worlds = words.say(
        "{worlds} worlds, family of {family} horizons.", worlds=words.count(told.surrogates), family=told.family
    )
    companion = words.say("A companion: no verdict rests on it.")
    return title, [
        f"{companion} {escape(further_words.tell_half_life(told, words))} {worlds}",
        "",
        *table(header, rows),
        "",
        *table((ahead, words.say("Bucket"), "n", words.say("Mean return")), buckets),
        "",
    ]
