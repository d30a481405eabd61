"""What the figures were computed from, the weightiest articles, and how to make the report again."""

from dashboards.report import ledger_words, words
from dashboards.report.markdown.text import Section, escape, table
from service.correlation.results import CorrelationReport

NO_GAPS = "No gaps: every expected bar has a price."


def sample_card(report: CorrelationReport) -> Section:
    """Articles, states, sources, prices and their gaps."""
    sample = report.sample
    total = sum(number for _, number in sample.states) or 1
    rows = [
        ("articles read", words.count(sample.articles)),
        ("that speak of the target", words.count(sample.articles_mentioning)),
        *(
            (words.STATE_NAMES[name], f"{words.count(number)} ({words.share(number / total, 1)})")
            for name, number in sample.states
        ),
        ("scorer", sample.scorer),
        ("prices", f"{sample.symbol} at {sample.venue}"),
        ("bars with a price", f"{sample.bars_with_price} of {sample.bars_expected}"),
        ("bars with a sentiment", f"{sample.bars_with_sentiment} of {sample.bars_expected}"),
        ("availability assumed", f"{sample.availability_assumed} of {sample.articles} articles"),
        ("sources", ", ".join(f"{escape(name)} {number}" for name, number in sample.sources[:12])),
        ("languages", ", ".join(f"{name} {number}" for name, number in sample.languages)),
        (ledger_words.LABEL.lower(), ledger_words.tell_count(report)),
    ]
    lines = [*table(("what", "value"), rows), ""]
    lines += [f"{note}  " for note in sample.notes]
    gaps = [(words.moment(gap.start), words.moment(gap.end), str(gap.bars), gap.reason) for gap in sample.gaps]
    unpriced = sample.bars_expected - sample.bars_with_price
    none = f"None is recorded, yet {words.count(unpriced)} expected bars have no price."
    held = table(("from", "to", "bars", "reason"), gaps) if gaps else [none if unpriced else NO_GAPS]
    return "What it was computed from", [*lines, "", "### Gaps in the prices", "", *held, ""]


def articles(report: CorrelationReport) -> Section:
    """Those that moved the series most."""
    rows = [
        (
            escape(item.title) or "(no title)",
            escape(item.source),
            words.moment(item.available_at),
            words.signed(item.score, 2),
            str(item.relevance),
            words.share(item.share, 1),
            ", ".join(f"{escape(word)} {words.signed(weight, 2)}" for word, weight in item.words),
        )
        for item in report.weighty
    ]
    header = ("article", "source", "known at", "score", "relevance", "share", "words")
    return "The articles that weigh most", [*table(header, rows), ""]


def reproduction(report: CorrelationReport) -> Section:
    """Command, seed and digests."""
    made = report.reproduction
    return "Make it again", [
        f"    {made.command}",
        "",
        f"newscandle {made.version}, seed {made.seed}, {made.surrogates} surrogate worlds  ",
        f"settings {made.settings_digest}, catalogue {made.catalogue_digest}, data {made.data_digest}",
    ]
