"""The placebo panel."""

from dashboards.report import further_words
from dashboards.report.markdown.text import Section, escape, table, tell
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport


def placebo(report: CorrelationReport, words: Words) -> Section:
    """The real figure, then every placebo with what should be seen."""
    title, panel = words.say("Placebos"), report.placebo
    if panel is None:
        return title, [words.say(further_words.NOT_STUDIED), ""]
    rows = [
        (
            tell(words, row.name),
            *(
                (escape(words.say("not made: {reason}", reason=words.retell(row.missing))), "", "", "")
                if row.missing
                else (
                    *(words.count(row.n), words.signed(row.r)),
                    *(words.lag(row.lag), words.probability(row.p)),
                )
            ),
            tell(words, row.expected),
        )
        for row in (panel.real, *panel.rows)
    ]
    scope = words.say(
        "Strongest of {family} lags; {worlds} worlds.", family=panel.family, worlds=words.count(panel.surrogates)
    )
    header = (
        *(words.say("Sentiment"), "n", words.say("Strongest r"), words.say("Lag"), "p"),
        words.say("What should be seen"),
    )
    return title, [
        f"{words.say('A companion: no verdict rests on it.')} {scope}",
        "",
        *table(header, rows),
        "",
    ]
