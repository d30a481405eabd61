"""The report as Markdown: the same figures through the same words, for mail, diffs and repositories."""

import re
from collections.abc import Iterable, Sequence

from dashboards.report import words
from service.correlation.results import CorrelationReport, Direction

NO_GAPS = "No gaps: every expected bar has a price."


def render(report: CorrelationReport) -> str:
    """The whole report; text from outside is escaped so that it cannot become markup."""
    parts = [*_opening(report), *_sample(report), *_verdicts(report), *_figures(report), *_articles(report)]
    return "\n".join([*parts, *_reproduction(report)]) + "\n"


def _opening(report: CorrelationReport) -> list[str]:
    sample = report.sample
    lines = [f"# {escape(sample.target_name)}: does the tone of the news go with {sample.symbol}?", ""]
    span = f"{words.moment(sample.start)} to {words.moment(sample.end)} UTC"
    lines += [f"newscandle correlation report, {sample.interval} bars, {span}", ""]
    if sample.is_sample:
        lines += ["> **This is a sample** made from the news items embedded in newscandle; it is no evidence.", ""]
    return [*lines, *(f"{escape(sentence)}  " for sentence in words.summarise(report)), ""]


def _sample(report: CorrelationReport) -> list[str]:
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
        ("p-values in this report", words.count(report.tests_made)),
    ]
    lines = ["## 1. What it was computed from", "", *_table(("what", "value"), rows), ""]
    lines += [f"{note}  " for note in sample.notes]
    gaps = [(words.moment(gap.start), words.moment(gap.end), str(gap.bars), gap.reason) for gap in sample.gaps]
    unpriced = sample.bars_expected - sample.bars_with_price
    none = f"None is recorded, yet {words.count(unpriced)} expected bars have no price."
    held = _table(("from", "to", "bars", "reason"), gaps) if gaps else [none if unpriced else NO_GAPS]
    return [*lines, "", "### Gaps in the prices", "", *held, ""]


def _verdicts(report: CorrelationReport) -> list[str]:
    lines = ["## 2. Verdicts", ""]
    for direction in Direction:
        rows = [
            (
                words.outcome_name(item.outcome),
                f"**{item.verdict.value}**",
                words.signed(item.r),
                words.MISSING if item.lag is None else str(item.lag),
                words.probability(item.p_family),
                str(item.family),
                item.rule.replace("_", " "),
            )
            for item in report.conclusions
            if item.direction is direction
        ]
        header = ("outcome", "verdict", "strongest r", "lag", "p in the family", "family", "rule")
        lines += [f"### {direction.value}", "", *_table(header, rows), ""]
    if report.refusals:
        lines += ["### Refused", "", *(f"- {escape(refusal)}" for refusal in report.refusals), ""]
    return lines


def _figures(report: CorrelationReport) -> list[str]:
    calibration = report.calibration
    lines = [
        "## 3. How far this study can be trusted",
        "",
        *_table(
            ("what", "value"),
            [
                (
                    "false alarms with the link cut",
                    f"{words.share(calibration.false_alarm_rate, 1)} of {calibration.runs}",
                ),
                ("least |r| seen with 80 % power", words.plain(calibration.least_effect, 3)),
            ],
        ),
        "",
        "## 4. Stationarity",
        "",
        *_table(
            ("series", "n", "ADF", "p", "KPSS", "p", "reads", "used"),
            [
                (
                    words.outcome_name(row.series),
                    str(row.n),
                    words.signed(row.adf_statistic, 2),
                    words.probability(row.adf_p),
                    words.plain(row.kpss_statistic, 3),
                    words.probability(row.kpss_p),
                    row.conclusion,
                    "yes" if row.is_used else "no",
                )
                for row in report.stationarity
            ],
        ),
        "",
        "## 5. Who moves first",
        "",
    ]
    for line in report.lead_lag:
        rows = [
            (str(lag), words.signed(r), words.signed(rho), str(n), words.band_note(line.band, r))
            for lag, r, rho, n in zip(line.lags, line.pearson, line.spearman, line.n, strict=True)
        ]
        p_values = (
            f"market first p {words.probability(line.p_reverse)}, news first p {words.probability(line.p_forward)}"
        )
        lines += [f"### {words.outcome_name(line.outcome)}: band ±{words.plain(line.band, 3)}, {p_values}", ""]
        lines += [*_table(("lag", "r", "ρ", "n", "band"), rows), ""]
    return [*lines, *_granger_and_same_bar(report)]


def _granger_and_same_bar(report: CorrelationReport) -> list[str]:
    granger = [
        (
            f"{words.outcome_name(row.cause)} → {words.outcome_name(row.effect)}",
            *(str(row.n), str(row.lags), words.plain(row.f), words.probability(row.p), words.probability(row.p_robust)),
        )
        for row in report.granger
    ]
    same_bar = [
        (
            words.outcome_name(row.outcome),
            *(str(row.n), words.plain(row.effective_n, 0), words.signed(row.pearson)),
            f"{words.signed(row.pearson_low)} … {words.signed(row.pearson_high)}",
            *(words.probability(row.pearson_p), words.signed(row.spearman), words.probability(row.spearman_p)),
            words.probability(row.p_holm),
        )
        for row in report.same_bar
    ]
    others = [
        (row.scorer, words.signed(row.agreement), words.signed(row.same_bar_r), str(row.n))
        for row in report.comparisons
    ]
    return [
        "### Granger",
        "",
        *_table(("question", "n", "lags", "F", "p", "robust p"), granger),
        "",
        "## 6. In the same bar",
        "",
        *_table(("outcome", "n", "effective n", "r", "95 % interval", "p", "ρ", "p", "p (Holm)"), same_bar),
        "",
        *(_table(("other scorer", "agreement", "r with log return", "n"), others) if others else []),
        "",
    ]


def _articles(report: CorrelationReport) -> list[str]:
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
    return ["## 7. The articles that weigh most", "", *_table(header, rows), ""]


def _reproduction(report: CorrelationReport) -> list[str]:
    made = report.reproduction
    return [
        "## 8. Make it again",
        "",
        f"    {made.command}",
        "",
        f"newscandle {made.version}, seed {made.seed}, {made.surrogates} surrogate worlds  ",
        f"settings {made.settings_digest}, catalogue {made.catalogue_digest}, data {made.data_digest}",
    ]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}", *(f"| {' | '.join(row)} |" for row in rows)]


def escape(text: str) -> str:
    """`text` on one line, with every character that could become Markdown or HTML made plain."""
    return re.sub(r"([\\`*_{}\[\]()#|<>~!&])", r"\\\1", " ".join(text.split()))
