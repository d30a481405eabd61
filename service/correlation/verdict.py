"""The rules that turn figures into one of four verdicts. Pure, in one table, no figure looked up elsewhere.

| rule            | verdict            | holds when (first match wins)                                             |
|-----------------|--------------------|---------------------------------------------------------------------------|
| not_stationary  | not shown          | sentiment or outcome failed the gate (ADF and KPSS)                       |
| too_few         | not shown          | fewer pairs or effective pairs than the gates ask                         |
| not_significant | not shown          | family-wise p ≥ 0.05                                                      |
| echo            | not shown          | a stronger lag lies elsewhere and Granger adds nothing this way           |
| own_past        | suggestive         | Granger adds nothing beyond the effect's own past (p ≥ 0.05)              |
| weak            | suggestive         | family-wise p in [0.01, 0.05)                                             |
| ranks_disagree  | suggestive         | the rank correlations have p ≥ 0.05 or another sign                       |
| halves_disagree | suggestive         | the two halves of the sample differ in sign at that lag                   |
| in_sample       | shown in sample    | none of the above                                                         |
| hold_out        | held out of sample | in_sample, and lag and sign of the first part hold on the last, p < 0.05  |
"""

from dataclasses import dataclass

from service.correlation.results import Conclusion, Direction, Verdict

SUGGESTIVE_BELOW = 0.05
SHOWN_BELOW = 0.01

LABELS = {
    "log_return": "log return",
    "absolute_return": "size of the return",
    "realised_volatility": "realised volatility",
    "log_volume_change": "change of volume",
}
"""How an outcome is called in a sentence."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All a verdict on one direction and outcome may look at.

    `r` and `lag` are the strongest of the direction, `n` its pairs; `elsewhere` says that the same outcome correlates
    more strongly in another direction. `granger_p` is the robust p this way (None: not computed, or same bar).
    `held_out` is None where nothing was held out or it was too short; `hold_out_p` is one-sided at the fixed lag.
    """

    direction: Direction
    outcome: str
    is_stationary: bool
    n: int
    effective_n: float | None
    r: float | None
    lag: int | None
    p_family: float | None
    family: int
    elsewhere: bool = False
    granger_p: float | None = None
    rank_p: float | None = None
    rank_agrees: bool = False
    halves_agree: bool = False
    held_out: bool | None = None
    hold_out_p: float | None = None


@dataclass(frozen=True, slots=True)
class Gates:
    """The least sample a claim may rest on."""

    pairs: int = 60
    effective_pairs: int = 30


def conclude(findings: Findings, gates: Gates) -> Conclusion:
    """The verdict with its rule and the same in a plain English sentence."""
    rule = judge(findings, gates)
    verdict = VERDICTS[rule]
    return Conclusion(
        direction=findings.direction,
        outcome=findings.outcome,
        verdict=verdict,
        rule=rule,
        sentence=_sentence(findings, rule, verdict, gates),
        r=findings.r,
        lag=findings.lag,
        p_family=findings.p_family,
        family=findings.family,
    )


VERDICTS = {
    "not_stationary": Verdict.NOT_SHOWN,
    "too_few": Verdict.NOT_SHOWN,
    "not_significant": Verdict.NOT_SHOWN,
    "echo": Verdict.NOT_SHOWN,
    "own_past": Verdict.SUGGESTIVE,
    "weak": Verdict.SUGGESTIVE,
    "ranks_disagree": Verdict.SUGGESTIVE,
    "halves_disagree": Verdict.SUGGESTIVE,
    "in_sample": Verdict.SHOWN_IN_SAMPLE,
    "hold_out": Verdict.HELD_OUT_OF_SAMPLE,
}


def judge(findings: Findings, gates: Gates) -> str:
    """The code of the first rule of the table that holds."""
    ruled_out = _rule_out(findings, gates)
    if ruled_out or findings.p_family is None:
        return ruled_out or "too_few"
    adds_nothing = findings.direction is not Direction.SAME_BAR and not _is_below(findings.granger_p, SUGGESTIVE_BELOW)
    if adds_nothing:
        return "echo" if findings.elsewhere else "own_past"
    if findings.p_family >= SHOWN_BELOW:
        return "weak"
    if not (findings.rank_agrees and _is_below(findings.rank_p, SUGGESTIVE_BELOW)):
        return "ranks_disagree"
    if not findings.halves_agree:
        return "halves_disagree"
    return "hold_out" if findings.held_out else "in_sample"


def _rule_out(findings: Findings, gates: Gates) -> str | None:
    if not findings.is_stationary:
        return "not_stationary"
    if findings.r is None or findings.p_family is None or findings.effective_n is None:
        return "too_few"
    if findings.n < gates.pairs or findings.effective_n < gates.effective_pairs:
        return "too_few"
    return "not_significant" if findings.p_family >= SUGGESTIVE_BELOW else None


def _is_below(p: float | None, bound: float) -> bool:
    return p is not None and p < bound


def _sentence(findings: Findings, rule: str, verdict: Verdict, gates: Gates) -> str:
    claim = f"{_claim(findings)}: {verdict.value}."
    if rule == "not_stationary":
        return f"{claim} One of the two series is not stationary, so no correlation of them is reported."
    if findings.r is None or findings.p_family is None:
        return f"{claim} There are too few complete pairs ({findings.n}) for any coefficient."
    strongest = f"r = {_signed(findings.r)} {_place(findings)} (n = {findings.n})"
    if rule == "too_few":
        worth = "unknown" if findings.effective_n is None else f"{findings.effective_n:.0f}"
        return (
            f"{claim} Too little data to say: {findings.n} pairs, worth {worth} independent ones, where "
            f"{gates.pairs} and {gates.effective_pairs} are asked; {strongest}."
        )
    odds = (
        f"worlds without any link reach as much in {100 * findings.p_family:.1f} % of cases "
        f"(family of {findings.family} correlations)"
    )
    return f"{claim} Strongest: {strongest}; {odds}. {_because(findings, rule)}".strip()


def _because(findings: Findings, rule: str) -> str:
    reasons = {
        "not_significant": "",
        "echo": (
            "A stronger correlation of the same pair stands elsewhere in the scan, and this direction adds nothing to "
            "what the series' own past tells: it may be an echo."
        ),
        "own_past": "Past values of the one add nothing to what the other's own past tells (Granger).",
        "weak": "That is a hint at best: it would have to be below 1 % to be called shown.",
        "ranks_disagree": "Rank correlations do not bear it out, so a few extreme bars may carry it.",
        "halves_disagree": "The two halves of the sample disagree about the sign.",
        "in_sample": "Ranks and both halves of the sample agree.",
        "hold_out": "Ranks and both halves agree, and",
    }
    return reasons[rule] + _hold_out(findings, rule)


def _hold_out(findings: Findings, rule: str) -> str:
    if rule == "hold_out":
        return f" the lag and sign fixed on the first part hold on the part held out (p = {findings.hold_out_p:.3f})."
    if rule != "in_sample":
        return ""
    if findings.hold_out_p is None:
        return " Nothing was held out to check it against."
    return f" The part held out does not confirm it (p = {findings.hold_out_p:.3f})."


def _claim(findings: Findings) -> str:
    label = LABELS.get(findings.outcome, findings.outcome)
    if findings.direction is Direction.REVERSE:
        return f"{label.capitalize()} → sentiment after it"
    if findings.direction is Direction.FORWARD:
        return f"Sentiment → {label} after it"
    return f"Sentiment and {label} in the same bar"


def _place(findings: Findings) -> str:
    lag = findings.lag or 0
    if lag == 0:
        return "in the same bar"
    bars = f"{abs(lag)} bar{'s' if abs(lag) > 1 else ''}"
    return f"with sentiment {bars} {'earlier' if lag > 0 else 'later'}"


def _signed(r: float) -> str:
    """Three digits with a sign, the minus a real one."""
    return f"{r:+.3f}".replace("-", "−")
