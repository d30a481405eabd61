"""The table of verdict rules, row by row."""

from dataclasses import replace

import pytest

from service.correlation.results import Direction, Verdict
from service.correlation.verdict import VERDICTS, Findings, Gates, conclude, judge

STRONG = Findings(
    direction=Direction.FORWARD,
    outcome="log_return",
    is_stationary=True,
    n=500,
    effective_n=400.0,
    r=-0.2,
    lag=3,
    p_family=0.002,
    family=124,
    granger_p=0.001,
    rank_p=0.002,
    rank_agrees=True,
    halves_agree=True,
)


@pytest.mark.parametrize(
    ("change", "rule", "verdict"),
    [
        ({}, "in_sample", Verdict.SHOWN_IN_SAMPLE),
        ({"held_out": True, "hold_out_p": 0.01}, "hold_out", Verdict.HELD_OUT_OF_SAMPLE),
        ({"held_out": False, "hold_out_p": 0.4}, "in_sample", Verdict.SHOWN_IN_SAMPLE),
        ({"is_stationary": False}, "not_stationary", Verdict.NOT_SHOWN),
        ({"n": 59}, "too_few", Verdict.NOT_SHOWN),
        ({"effective_n": 29.9}, "too_few", Verdict.NOT_SHOWN),
        ({"effective_n": None}, "too_few", Verdict.NOT_SHOWN),
        ({"r": None, "lag": None, "p_family": None}, "too_few", Verdict.NOT_SHOWN),
        ({"p_family": 0.05}, "not_significant", Verdict.NOT_SHOWN),
        ({"p_family": 0.049}, "weak", Verdict.SUGGESTIVE),
        ({"p_family": 0.01}, "weak", Verdict.SUGGESTIVE),
        ({"p_family": 0.0099}, "in_sample", Verdict.SHOWN_IN_SAMPLE),
        ({"granger_p": 0.3}, "own_past", Verdict.SUGGESTIVE),
        ({"granger_p": None}, "own_past", Verdict.SUGGESTIVE),
        ({"granger_p": 0.3, "elsewhere": True}, "echo", Verdict.NOT_SHOWN),
        ({"granger_p": 0.01, "elsewhere": True}, "in_sample", Verdict.SHOWN_IN_SAMPLE),
        ({"granger_p": None, "direction": Direction.SAME_BAR, "lag": 0}, "in_sample", Verdict.SHOWN_IN_SAMPLE),
        ({"rank_p": 0.06}, "ranks_disagree", Verdict.SUGGESTIVE),
        ({"rank_agrees": False}, "ranks_disagree", Verdict.SUGGESTIVE),
        ({"halves_agree": False}, "halves_disagree", Verdict.SUGGESTIVE),
    ],
)
def test_each_row_of_the_table_gives_its_verdict(change, rule, verdict):
    conclusion = conclude(replace(STRONG, **change), Gates())
    assert (conclusion.rule, conclusion.verdict) == (rule, verdict)
    assert conclusion.verdict.value in conclusion.sentence


def test_no_evidence_can_lift_a_verdict_past_a_closed_gate():
    """Everything perfect but the sample: still not shown."""
    perfect = replace(STRONG, held_out=True, hold_out_p=0.001, p_family=0.001, n=40)
    assert VERDICTS[judge(perfect, Gates())] is Verdict.NOT_SHOWN


def test_the_sentence_carries_its_figures():
    sentence = conclude(STRONG, Gates()).sentence
    for figure in ("shown in sample", "−0.200", "3 bars earlier", "n = 500", "0.2 %", "family of 124"):
        assert figure in sentence
    reverse = conclude(replace(STRONG, direction=Direction.REVERSE, lag=-1), Gates()).sentence
    assert reverse.startswith("Log return → sentiment after it")
    assert "1 bar later" in reverse


def test_the_table_in_the_docstring_names_every_rule_and_its_verdict():
    import service.correlation.verdict as module

    rows = [line.split("|") for line in module.__doc__.splitlines() if line.startswith("| ")][1:]
    assert {row[1].strip(): row[2].strip() for row in rows} == {rule: v.value for rule, v in VERDICTS.items()}
