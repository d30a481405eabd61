"""What the figures were computed from, the weightiest articles, and how to make the report again."""

from dashboards.report.ledger_words import tell_count
from dashboards.report.markdown.text import Section, escape, table, tell
from dashboards.report.words import MISSING, Words
from service.correlation.results import CorrelationReport


def sample_card(report: CorrelationReport, words: Words) -> Section:
    """Articles, states, sources, prices and their gaps."""
    sample = report.sample
    lines = [*table((words.say("what"), words.say("value")), _list_figures(report, words)), ""]
    lines += [f"{tell(words, note)}  " for note in sample.notes]
    gaps = [
        (words.moment(gap.start), words.moment(gap.end), words.count(gap.bars), words.gap_reason(gap.reason))
        for gap in sample.gaps
    ]
    unpriced = sample.bars_expected - sample.bars_with_price
    none = words.say("None: every expected bar has a price.")
    if unpriced:
        none = words.say("None is recorded, yet {bars} expected bars have no price.", bars=words.count(unpriced))
    header = (words.say("From (UTC)"), words.say("To"), words.say("Bars"), words.say("Reason"))
    held = table(header, gaps) if gaps else [none]
    title = words.say("What it was computed from")
    return title, [*lines, "", f"### {words.say('Gaps in the prices')}", "", *held, ""]


def _list_figures(report: CorrelationReport, words: Words) -> list[tuple[str, str]]:
    sample = report.sample
    total = sum(number for _, number in sample.states) or 1
    target = escape(words.name(sample.target, sample.target_name))
    return [
        (words.say("Articles read"), words.count(sample.articles)),
        (words.say("that speak of {target}", target=target), words.count(sample.articles_mentioning)),
        *(
            (words.state_name(name), f"{words.count(number)} ({words.share(number / total, 1)})")
            for name, number in sample.states
        ),
        (words.say("Scorer"), sample.scorer),
        (words.say("Prices"), words.say("{symbol} at {venue}", symbol=sample.symbol, venue=sample.venue)),
        (words.say("Bars with a price"), _tell_part(sample.bars_with_price, sample.bars_expected, words)),
        (words.say("Bars with a sentiment"), _tell_part(sample.bars_with_sentiment, sample.bars_expected, words)),
        (
            words.say("Availability assumed"),
            words.say(
                "{some} of {all} articles",
                some=words.count(sample.availability_assumed),
                all=words.count(sample.articles),
            ),
        ),
        (words.say("sources"), ", ".join(f"{escape(name)} {number}" for name, number in sample.sources[:12])),
        (
            words.say("languages"),
            ", ".join(f"{words.language_name(name)} {number}" for name, number in sample.languages),
        ),
        (words.say("Tests ever made on this series"), tell_count(report, words)),
    ]


def _tell_part(some: int, everything: int, words: Words) -> str:
    return words.say(
        "{some} of {all} ({share})",
        some=words.count(some),
        all=words.count(everything),
        share=words.share(some / everything if everything else 0.0, 1),
    )


def articles(report: CorrelationReport, words: Words) -> Section:
    """Those that moved the series most, numbered as in the drawing of the price."""
    rows = [
        (
            str(number),
            escape(item.title) or MISSING,
            escape(item.source),
            words.moment(item.available_at),
            words.signed(item.score, 2),
            str(item.relevance),
            words.share(item.share, 1),
            ", ".join(f"{'▲' if w >= 0 else '▼'} {escape(word)} {words.signed(w, 2)}" for word, w in item.words),
        )
        for number, item in enumerate(report.weighty, 1)
    ]
    header = (
        *(words.say("No."), words.say("Article"), words.say("source"), words.say("Known at (UTC)")),
        *(words.say("Score"), words.say("Relevance"), words.say("share"), words.say("words")),
    )
    return words.say("The articles that weigh most"), [*table(header, rows), ""]


def reproduction(report: CorrelationReport, words: Words) -> Section:
    """Command, seed and digests."""
    made = report.reproduction
    digests = words.say(
        "settings {settings}, catalogue {catalogue}, data {data}",
        settings=made.settings_digest,
        catalogue=made.catalogue_digest,
        data=made.data_digest,
    )
    seed = words.say("seed {seed}, {worlds} surrogate worlds", seed=str(made.seed), worlds=words.count(made.surrogates))
    return words.say("Make it again"), [f"    {made.command}", "", f"newscandle {made.version}, {seed}  ", digests]
