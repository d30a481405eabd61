"""The information coefficient."""

from dashboards.report import further_words, words
from dashboards.report.markdown.text import Section, table
from service.correlation.results import CorrelationReport


def information(report: CorrelationReport) -> Section:
    """Coefficient and spread by horizon, then the buckets."""
    title, told = "Information coefficient", report.information
    if told is None:
        return title, [further_words.NOT_STUDIED, ""]
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
    life = (
        f"Half-life: none, {told.decay}."
        if told.half_life is None
        else f"It halves every {words.plain(told.half_life, 1)} bars of horizon."
    )
    header = ("bars ahead", "n", "coefficient", "95 % interval", "p", "p (family)", "spread", "95 % interval")
    return title, [
        f"A companion: no verdict rests on it. {life} {told.surrogates} worlds, family of {told.family} horizons.",
        "",
        *table(header, rows),
        "",
        *table(("bars ahead", "bucket", "n", "mean return"), buckets),
        "",
    ]
