"""Rolling association, regimes and breaks."""

from dashboards.report import further_words, words
from dashboards.report.markdown.text import Section, escape, table
from service.correlation.results import CorrelationReport, Relation


def stability(report: CorrelationReport) -> Section:
    """Windows with their bands, splits, and the likeliest break."""
    title, told = "Does it hold through time?", report.stability
    if told is None:
        return title, [further_words.NOT_STUDIED, ""]
    names = [further_words.relation_name(relation.lag) for relation in told.relations]
    rolling = [
        (
            *(words.moment(row[0].start), words.moment(row[0].end)),
            *(cell for one in row for cell in (words.signed(one.r), f"±{words.plain(one.band, 3)}")),
        )
        for row in further_words.rolling_rows(told)
    ]
    splits = [
        (
            *(escape(split.name), further_words.relation_name(relation.lag)),
            *(split.first, words.count(split.first_n), words.signed(split.first_r)),
            *(split.second, words.count(split.second_n), words.signed(split.second_r)),
            *(words.probability(split.p), words.probability(split.p_family)),
        )
        for relation in told.relations
        for split in relation.regimes
    ]
    of_split = ("split", "relation", "side", "n", "r", "side", "n", "r", "p", "p (family)")
    of_break = ("relation", "p, any window", "break at", "F", "r before", "r after", "p, break")
    return title, [
        f"A companion: no verdict rests on it. Windows of {told.window_bars} bars, {told.surrogates} worlds.",
        "",
        *(f"{escape(note)}  " for note in told.notes),
        "",
        *table(("from", "to", *(cell for name in names for cell in (f"r, {name}", "band"))), rolling),
        "",
        *table(of_split, splits),
        "",
        *table(of_break, map(_break_row, told.relations)),
        "",
    ]


def _break_row(relation: Relation) -> tuple[str, ...]:
    found, name = relation.break_test, further_words.relation_name(relation.lag)
    if found is None:
        return (name, words.probability(relation.p_rolling), *[words.MISSING] * 5)
    return (
        *(name, words.probability(relation.p_rolling), words.moment(found.at), words.plain(found.statistic)),
        *(words.signed(found.before_r), words.signed(found.after_r), words.probability(found.p)),
    )
