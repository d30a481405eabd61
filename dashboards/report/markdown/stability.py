"""Rolling association, regimes and breaks."""

from dashboards.report import further_words
from dashboards.report.markdown.text import Section, table, tell
from dashboards.report.words import MISSING, Words
from service.correlation.results import CorrelationReport, Relation


def stability(report: CorrelationReport, words: Words) -> Section:
    """Windows with their bands, splits, and the likeliest break."""
    title, told = words.say("Does it hold through time?"), report.stability
    if told is None:
        return title, [words.say(further_words.NOT_STUDIED), ""]
    names = [further_words.relation_name(relation.lag, words) for relation in told.relations]
    rolling = [
        (
            *(words.moment(row[0].start), words.moment(row[0].end)),
            *(cell for one in row for cell in (words.signed(one.r), further_words.band(one, words))),
        )
        for row in further_words.rolling_rows(told)
    ]
    splits = [
        (
            *(tell(words, split.name), further_words.relation_name(relation.lag, words)),
            *(words.retell(split.first), words.count(split.first_n), words.signed(split.first_r)),
            *(words.retell(split.second), words.count(split.second_n), words.signed(split.second_r)),
            *(words.probability(split.p), words.probability(split.p_family)),
        )
        for relation in told.relations
        for split in relation.regimes
    ]
    side, relation_of = words.say("Side"), words.say("Relation")
    of_split = (words.say("Split"), relation_of, side, "n", "r", side, "n", "r", "p", words.say("p (family)"))
    of_break = (
        *(relation_of, words.say("p, any window"), words.say("Break at (UTC)"), "F", words.say("r before")),
        *(words.say("r after"), words.say("p, break")),
    )
    scope = words.say(
        "Windows of {bars} bars, {worlds} worlds.",
        bars=words.count(told.window_bars),
        worlds=words.count(told.surrogates),
    )
    of_window = (words.say("From (UTC)"), words.say("To"), *(c for n in names for c in (f"r, {n}", words.say("Band"))))
    return title, [
        f"{words.say('A companion: no verdict rests on it.')} {scope}",
        "",
        *(f"{tell(words, note)}  " for note in told.notes),
        "",
        *table(of_window, rolling),
        "",
        *table(of_split, splits),
        "",
        *table(of_break, [_break_row(relation, words) for relation in told.relations]),
        "",
    ]


def _break_row(relation: Relation, words: Words) -> tuple[str, ...]:
    found, name = relation.break_test, further_words.relation_name(relation.lag, words)
    if found is None:
        return (name, words.probability(relation.p_rolling), *[MISSING] * 5)
    return (
        *(name, words.probability(relation.p_rolling), words.moment(found.at), words.plain(found.statistic)),
        *(words.signed(found.before_r), words.signed(found.after_r), words.probability(found.p)),
    )
