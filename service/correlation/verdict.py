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
from service.wording import Worded, chain, word

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


def _sentence(findings: Findings, rule: str, verdict: Verdict, gates: Gates) -> Worded:
    claim = word("{claim}: {verdict}.", claim=_claim(findings), verdict=word(verdict.value))
    if rule == "not_stationary":
        return chain(claim, word("One of the two series is not stationary, so no correlation of them is reported."))
    if findings.r is None or findings.p_family is None:
        return chain(claim, word("There are too few complete pairs ({n}) for any coefficient.", n=findings.n))
    strongest = word("r = {r:+.3f} {place} (n = {n})", r=findings.r, place=_place(findings), n=findings.n)
    if rule == "too_few":
        return chain(claim, _too_few(findings, gates, strongest))
    odds = word(
        "Strongest: {strongest}; worlds without any link reach as much in {percent:.1f} % of cases "
        "(family of {family} correlations).",
        strongest=strongest,
        percent=100 * findings.p_family,
        family=findings.family,
    )
    return chain(claim, odds, _REASONS[rule], _hold_out(findings, rule))


def _too_few(findings: Findings, gates: Gates, strongest: Worded) -> Worded:
    return word(
        "Too little data to say: {n} pairs, worth {worth:.0f} independent ones, where {pairs} and {effective} are "
        "asked; {strongest}.",
        n=findings.n,
        worth=word("an unknown number of") if findings.effective_n is None else findings.effective_n,
        pairs=gates.pairs,
        effective=gates.effective_pairs,
        strongest=strongest,
    )


_REASONS = {
    "not_significant": word(""),
    "echo": word(
        "A stronger correlation of the same pair stands elsewhere in the scan, and this direction adds nothing to "
        "what the series' own past tells: it may be an echo."
    ),
    "own_past": word("Past values of the one add nothing to what the other's own past tells (Granger)."),
    "weak": word("That is a hint at best: it would have to be below 1 % to be called shown."),
    "ranks_disagree": word("Rank correlations do not bear it out, so a few extreme bars may carry it."),
    "halves_disagree": word("The two halves of the sample disagree about the sign."),
    "in_sample": word("Ranks and both halves of the sample agree."),
    "hold_out": word("Ranks and both halves of the sample agree."),
}


def _hold_out(findings: Findings, rule: str) -> Worded:
    if rule == "hold_out":
        return word(
            "The lag and sign fixed on the first part hold on the part held out (p = {p:.3f}).", p=findings.hold_out_p
        )
    if rule != "in_sample":
        return word("")
    if findings.hold_out_p is None:
        return word("Nothing was held out to check it against.")
    return word("The part held out does not confirm it (p = {p:.3f}).", p=findings.hold_out_p)


def _claim(findings: Findings) -> Worded:
    label = name_outcome(findings.outcome)
    if findings.direction is Direction.REVERSE:
        return word("{label:C} → sentiment after it", label=label)
    if findings.direction is Direction.FORWARD:
        return word("Sentiment → {label} after it", label=label)
    return word("Sentiment and {label} in the same bar", label=label)


def name_outcome(code: str) -> Worded:
    """How an outcome is called in a sentence."""
    return word(LABELS.get(code, code.replace("_", " ")))


def _place(findings: Findings) -> Worded:
    lag = findings.lag or 0
    if lag == 0:
        return word("in the same bar")
    if abs(lag) == 1:
        return word("with sentiment 1 bar earlier") if lag > 0 else word("with sentiment 1 bar later")
    return word(
        "with sentiment {bars} bars earlier" if lag > 0 else "with sentiment {bars} bars later",
        bars=abs(lag),
    )
