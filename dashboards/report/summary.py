"""The answer in plain words: what was looked at, what each direction shows, and what could have been missed."""

from dashboards.report.words import Words
from service.correlation.results import Conclusion, CorrelationReport, Direction, Verdict

_STRENGTH = (Verdict.HELD_OUT_OF_SAMPLE, Verdict.SHOWN_IN_SAMPLE, Verdict.SUGGESTIVE, Verdict.NOT_SHOWN)
_STATEMENTS = {
    Direction.REVERSE: "The market moves first and the tone of the news follows",
    Direction.SAME_BAR: "Both move within the same bar",
    Direction.FORWARD: "The tone of the news runs ahead of the market",
}


def summarise(report: CorrelationReport, words: Words) -> tuple[str, ...]:
    """The answer in a few sentences, the market leading the news before the news leading the market."""
    sentences = [_looked_at(report, words), *(_tell_direction(report, direction, words) for direction in Direction)]
    least = report.calibration.least_effect
    if least is not None:
        sentences.append(
            words.say(
                "With this sample a link weaker than about |r| = {least} would usually go unseen, so what is not shown "
                "here is not shown to be absent.",
                least=words.plain(least),
            )
        )
    return tuple(sentence for sentence in sentences if sentence)


def _looked_at(report: CorrelationReport, words: Words) -> str:
    sample = report.sample
    return words.say(
        "Between {start} and {end}, {mentioning} of {articles} articles spoke of {target}; they give {with_sentiment} "
        "of {expected} {bars} a sentiment.",
        start=words.date(sample.start),
        end=words.date(sample.end),
        mentioning=words.count(sample.articles_mentioning),
        articles=words.count(sample.articles),
        target=words.name(sample.target, sample.target_name),
        with_sentiment=words.count(sample.bars_with_sentiment),
        expected=words.count(sample.bars_expected),
        bars=words.bars_of(sample.interval),
    )


def strongest(report: CorrelationReport, direction: Direction) -> Conclusion | None:
    """The conclusion of a direction with the strongest verdict, then the smallest p; None where there is none."""
    among = [conclusion for conclusion in report.conclusions if conclusion.direction is direction]
    if not among:
        return None
    return min(among, key=lambda item: (_STRENGTH.index(item.verdict), 1.0 if item.p_family is None else item.p_family))


def _tell_direction(report: CorrelationReport, direction: Direction, words: Words) -> str:
    best = strongest(report, direction)
    if best is None:
        return ""
    told = words.say(_STATEMENTS[direction])
    if best.verdict is Verdict.NOT_SHOWN:
        return words.say("{statement}: not shown, for any outcome.", statement=told)
    return words.say(
        "{statement}: {verdict} for {outcome} ({figures}).",
        statement=told,
        verdict=words.verdict(best.verdict),
        outcome=words.outcome_name(best.outcome),
        figures=_tell_figures(best, words),
    )


def _tell_figures(best: Conclusion, words: Words) -> str:
    r, p = words.signed(best.r), words.probability(best.p_family)
    if not best.lag:
        return words.say("r = {r}, family-wise p {p}", r=r, p=p)
    if abs(best.lag) == 1:
        return words.say("r = {r}, 1 bar apart, family-wise p {p}", r=r, p=p)
    return words.say("r = {r}, {bars} bars apart, family-wise p {p}", r=r, p=p, bars=abs(best.lag))
