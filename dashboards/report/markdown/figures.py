"""Certificate, stationarity gate, lead–lag, Granger and same-bar figures."""

from dashboards.report.markdown.text import Section, escape, table
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport


def calibration(report: CorrelationReport, words: Words) -> Section:
    """The study's own false-alarm rate and the least effect it could see."""
    calibration = report.calibration
    return words.say("How far this study can be trusted"), [
        *table(
            (words.say("what"), words.say("value")),
            [
                (
                    words.say("False alarms with the link cut"),
                    words.say(
                        "{rate} of {runs} worlds",
                        rate=words.share(calibration.false_alarm_rate, 1),
                        runs=words.count(calibration.runs),
                    ),
                ),
                (escape(words.say("Least |r| seen with 80 % power")), words.plain(calibration.least_effect, 3)),
                (words.say("Pairs the scan rests on"), words.count(calibration.n)),
            ],
        ),
        "",
    ]


def stationarity(report: CorrelationReport, words: Words) -> Section:
    """ADF and KPSS of every series."""
    return words.say("Stationarity"), [
        *table(
            (
                *(words.say("Series"), "n", "ADF", words.say("p of ADF"), "KPSS", words.say("p of KPSS")),
                *(words.say("Reads"), words.say("Used")),
            ),
            [
                (
                    words.outcome_name(row.series),
                    str(row.n),
                    words.signed(row.adf_statistic, 2),
                    words.probability(row.adf_p),
                    words.plain(row.kpss_statistic, 3),
                    words.probability(row.kpss_p),
                    words.say(row.conclusion),
                    words.say("yes") if row.is_used else words.say("no"),
                )
                for row in report.stationarity
            ],
        ),
        "",
    ]


def lead_lag(report: CorrelationReport, words: Words) -> Section:
    """Every lag of every outcome with its band, then Granger both ways."""
    lines: list[str] = []
    for line in report.lead_lag:
        rows = [
            (words.lag(lag), words.signed(r), words.signed(rho), str(n), words.band_note(line.band, r))
            for lag, r, rho, n in zip(line.lags, line.pearson, line.spearman, line.n, strict=True)
        ]
        title = words.say(
            "{outcome}: band ±{band}; market first ±{low}, p {reverse}; news first ±{high}, p {forward}",
            outcome=words.outcome_name(line.outcome),
            band=words.plain(line.band, 3),
            low=words.plain(line.band_reverse, 3),
            high=words.plain(line.band_forward, 3),
            reverse=words.probability(line.p_reverse),
            forward=words.probability(line.p_forward),
        )
        lines += [f"### {title}", "", *table((words.say("lag"), "r", "ρ", "n", words.say("band")), rows), ""]
    granger = [
        (
            f"{words.outcome_name(row.cause)} → {words.outcome_name(row.effect)}",
            *(str(row.n), str(row.lags), words.plain(row.f), words.probability(row.p), words.probability(row.p_robust)),
        )
        for row in report.granger
    ]
    header = (words.say("Question"), "n", words.say("Lags"), "F", "p", words.say("robust p"))
    return words.say("Who moves first"), [*lines, "### Granger", "", *table(header, granger), ""]


def same_bar(report: CorrelationReport, words: Words) -> Section:
    """Same-bar coefficients of every outcome, and of other scorers."""
    rows = [
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
    header = (
        *(words.say("Outcome"), "n", words.say("effective n"), "r", words.say("95 % interval"), "p"),
        *(words.say("ρ (ranks)"), words.say("p of ρ"), words.say("p (Holm)")),
    )
    agreement = words.say("Agreement with {scorer} (r, bar by bar)", scorer=report.sample.scorer)
    other_header = (words.say("Scorer"), agreement, words.say("r with the log return, same bar"), "n")
    return words.say("In the same bar"), [
        *table(header, rows),
        "",
        *(table(other_header, others) if others else []),
        "",
    ]
