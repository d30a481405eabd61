"""A finding beside every other test: p times their number, never above 1, and the verdict stays what it is."""

import dataclasses

import pytest

from dashboards.report import html, ledger_words, markdown
from dashboards.report.words import Words
from service.correlation.alongside import Alongside
from service.correlation.freezing import freeze, thaw
from service.correlation.inputs import digest_data
from service.correlation.results import Verdict
from service.correlation.study import run
from tests.reports import make_inputs


def test_the_family_is_every_test_ever_made_on_the_series():
    inputs = make_inputs(link=2.0)
    alone = run(dataclasses.replace(inputs, earlier_tests=0))
    among = run(dataclasses.replace(inputs, earlier_tests=1000))
    assert alone.ledger.total == alone.ledger.here == alone.tests_made
    assert (among.ledger.earlier, among.ledger.total) == (1000, 1000 + among.tests_made)
    assert among.ledger.least_p == pytest.approx(1 / 100)
    for one, other in zip(alone.conclusions, among.conclusions, strict=True):
        assert one.p_family is not None
        assert one.p_ledger == pytest.approx(min(1.0, one.p_family * alone.tests_made))
        assert other.p_ledger == pytest.approx(min(1.0, one.p_family * (1000 + alone.tests_made)))
        assert dataclasses.replace(one, p_ledger=None) == dataclasses.replace(other, p_ledger=None)


def test_a_study_is_told_from_others_by_all_its_p_values_are_computed_from():
    """Other events beside the same series make another study; the other scorers, on which no test is made, do not."""
    inputs = make_inputs(bars=20)
    alone = digest_data(inputs.series, Alongside())
    assert alone == inputs.series.digest
    beside = [inputs.alongside, dataclasses.replace(inputs.alongside, events=inputs.alongside.events[1:])]
    moved = inputs.alongside.market_return + 1e-12
    beside.append(dataclasses.replace(inputs.alongside, market_return=moved))
    assert len({alone, *(digest_data(inputs.series, one) for one in beside)}) == 4
    assert digest_data(inputs.series, thaw(Alongside, freeze(inputs.alongside))) == inputs.reproduction.data_digest


def test_where_nothing_was_computed_nothing_is_carried_over():
    report = run(make_inputs(bars=20))
    assert {item.p_ledger for item in report.conclusions} == {None}


def test_card_and_verdicts_tell_it_in_every_form():
    report = run(dataclasses.replace(make_inputs(link=2.0), earlier_tests=1000))
    found = [item for item in report.conclusions if item.verdict is not Verdict.NOT_SHOWN]
    assert found
    for form in (html.render(report), markdown.render(report)):
        plain = form.replace("\\", "")  # as read: Markdown shields brackets
        assert ledger_words.tell_count(report, Words()) in form
        for item in found:
            assert ledger_words.tell_remainder(item, report.ledger, Words()) in plain


@pytest.mark.parametrize(
    ("p_family", "surrogates", "told", "untold"),
    [
        (0.0001, 99_999, "p is 0.010: it remains at 5\u202f%.", "No finding could"),
        (0.002, 99_999, "p is 0.200: it does not remain at 5\u202f%.", "No finding could"),
        (0.001, 999, "p is 0.100: it does not remain at 5\u202f%. No finding could", "it remains"),
    ],
)
def test_what_remains_is_said_plainly(p_family, surrogates, told, untold):
    report = run(make_inputs(link=2.0))
    ledger = dataclasses.replace(report.ledger, total=100, least_p=1 / (surrogates + 1))
    item = dataclasses.replace(report.conclusions[0], verdict=Verdict.SUGGESTIVE, p_ledger=min(1, 100 * p_family))
    sentence = ledger_words.tell_remainder(item, ledger, Words())
    assert told in sentence
    assert untold not in sentence
    assert ledger_words.tell_remainder(dataclasses.replace(item, verdict=Verdict.NOT_SHOWN), ledger, Words()) == ""
