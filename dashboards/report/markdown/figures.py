"""Certificate, stationarity gate, lead–lag, Granger and same-bar figures."""

from dashboards.report import words
from dashboards.report.markdown.text import Section, table
from service.correlation.results import CorrelationReport


def calibration(report: CorrelationReport) -> Section:
    """The study's own false-alarm rate and the least effect it could see."""
    calibration = report.calibration
    return "How far this study can be trusted", [
        *table(
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
    ]


def stationarity(report: CorrelationReport) -> Section:
    """ADF and KPSS of every series."""
    return "Stationarity", [
        *table(
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
    ]


def lead_lag(report: CorrelationReport) -> Section:
    """Every lag of every outcome with its band, then Granger both ways."""
    lines: list[str] = []
    for line in report.lead_lag:
        rows = [
            (str(lag), words.signed(r), words.signed(rho), str(n), words.band_note(line.band, r))
            for lag, r, rho, n in zip(line.lags, line.pearson, line.spearman, line.n, strict=True)
        ]
        p_values = (
            f"market first p {words.probability(line.p_reverse)}, news first p {words.probability(line.p_forward)}"
        )
        lines += [f"### {words.outcome_name(line.outcome)}: band ±{words.plain(line.band, 3)}, {p_values}", ""]
        lines += [*table(("lag", "r", "ρ", "n", "band"), rows), ""]
    granger = [
        (
            f"{words.outcome_name(row.cause)} → {words.outcome_name(row.effect)}",
            *(str(row.n), str(row.lags), words.plain(row.f), words.probability(row.p), words.probability(row.p_robust)),
        )
        for row in report.granger
    ]
    header = ("question", "n", "lags", "F", "p", "robust p")
    return "Who moves first", [*lines, "### Granger", "", *table(header, granger), ""]


def same_bar(report: CorrelationReport) -> Section:
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
    return "In the same bar", [
        *table(("outcome", "n", "effective n", "r", "95 % interval", "p", "ρ", "p", "p (Holm)"), rows),
        "",
        *(table(("other scorer", "agreement", "r with log return", "n"), others) if others else []),
        "",
    ]
