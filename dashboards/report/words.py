"""Figures as people read them, and the one-paragraph answer. HTML and Markdown print through these alone."""

import datetime as dt

from service.correlation.results import Conclusion, CorrelationReport, Direction, Verdict

MISSING = "–"
OUTCOME_NAMES = {
    "log_return": "log return",
    "absolute_return": "size of return",
    "realised_volatility": "realised volatility (log)",
    "log_volume_change": "change of volume (log)",
    "sentiment": "sentiment",
    "close": "close (level)",
    "log_close": "price (log, level)",
}
STATE_NAMES = {
    "scored": "scored",
    "no_signal": "no signal",
    "no_mention": "no mention",
    "unsupported_language": "unsupported language",
}
STATE_MEANINGS = {
    "scored": "the target is spoken of and words with weight reach it",
    "no_signal": "the target is mentioned, and nothing is said for or against it",
    "no_mention": "the article was read and does not mention the target",
    "unsupported_language": "no scorer reads the article's language; it has no number at all",
}


def signed(value: float | None, digits: int = 3) -> str:
    """A figure with its sign (a real minus), or a dash where there is none."""
    if value is None:
        return MISSING
    text = f"{value:+.{digits}f}"
    return text.replace("-", "−")


def plain(value: float | None, digits: int = 2) -> str:
    """A figure without a plus sign."""
    return MISSING if value is None else f"{value:.{digits}f}".replace("-", "−")


def probability(value: float | None) -> str:
    """A p-value to three digits; `< 0.001` where smaller."""
    if value is None:
        return MISSING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def share(value: float | None, digits: int = 0) -> str:
    """A share 0–1 in per cent."""
    return MISSING if value is None else f"{100 * value:.{digits}f} %"


def change(value: float | None, digits: int = 2) -> str:
    """A log return in per cent, with its sign."""
    return MISSING if value is None else f"{signed(100 * value, digits)} %"


def count(value: int) -> str:
    """A whole number with thin thousands."""
    return f"{value:,}".replace(",", "\u202f")


def moment(instant: dt.datetime) -> str:
    """An instant to the minute, UTC."""
    return f"{instant:%Y-%m-%d %H:%M}"


def outcome_name(code: str) -> str:
    """What an outcome is called in a table."""
    return OUTCOME_NAMES.get(code, code.replace("_", " "))


def bars_of(interval: str) -> str:
    """How bars of an interval are called in a sentence."""
    return {"1h": "hourly bars", "1d": "daily bars"}.get(interval, f"bars of {interval}")


def band_note(band: float | None, r: float | None) -> str:
    """Whether a coefficient leaves its band, in words for those who cannot see the drawing."""
    if band is None or r is None:
        return MISSING
    return "outside" if abs(r) > band else "inside"


def summarise(report: CorrelationReport) -> tuple[str, ...]:
    """The answer in a few sentences: what was looked at, each direction's verdict, what could have been missed."""
    sample = report.sample
    looked_at = (
        f"Between {sample.start:%-d %B %Y} and {sample.end:%-d %B %Y}, {count(sample.articles_mentioning)} of "
        f"{count(sample.articles)} articles spoke of {sample.target_name}; they give "
        f"{count(sample.bars_with_sentiment)} of {count(sample.bars_expected)} {bars_of(sample.interval)} a sentiment."
    )
    sentences = [looked_at] + [_direction_sentence(report, direction) for direction in Direction]
    calibration = report.calibration
    if calibration.least_effect is not None:
        sentences.append(
            f"With this sample a link weaker than about |r| = {plain(calibration.least_effect)} would usually go "
            "unseen, so what is not shown here is not shown to be absent."
        )
    return tuple(sentence for sentence in sentences if sentence)


_DIRECTION_WORDS = {
    Direction.REVERSE: "The market moves first and the tone of the news follows",
    Direction.SAME_BAR: "Both move within the same bar",
    Direction.FORWARD: "The tone of the news runs ahead of the market",
}
_STRENGTH = (Verdict.HELD_OUT_OF_SAMPLE, Verdict.SHOWN_IN_SAMPLE, Verdict.SUGGESTIVE, Verdict.NOT_SHOWN)


def strongest(report: CorrelationReport, direction: Direction) -> Conclusion | None:
    """The conclusion of a direction with the strongest verdict, then the smallest p; None where there is none."""
    among = [conclusion for conclusion in report.conclusions if conclusion.direction is direction]
    if not among:
        return None
    return min(among, key=lambda item: (_STRENGTH.index(item.verdict), 1.0 if item.p_family is None else item.p_family))


def _direction_sentence(report: CorrelationReport, direction: Direction) -> str:
    best = strongest(report, direction)
    if best is None:
        return ""
    words = _DIRECTION_WORDS[direction]
    if best.verdict is Verdict.NOT_SHOWN:
        return f"{words}: not shown, for any outcome."
    where = "" if not best.lag else f", {abs(best.lag)} bar{'s' if abs(best.lag) > 1 else ''} apart"
    return (
        f"{words}: {best.verdict.value} for {outcome_name(best.outcome)} "
        f"(r = {signed(best.r)}{where}, family-wise p {probability(best.p_family)})."
    )
