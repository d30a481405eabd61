"""Passages measured: on the lines written for the tests always, on labelled pages where the shared data lie."""

from itertools import islice
from pathlib import Path

import pytest

from benchmarks import passages as measuring
from benchmarks.passage_gold import read_gold
from benchmarks.passage_labels import Labelled, Span, cut_lines, make_neutral, read_labels
from benchmarks.passages import Measured, Window
from service.news.article import PassageKind
from service.news.passage import passages, precision


def test_lines_and_spans_are_counted_as_by_hand() -> None:
    """Two adverts of two and one lines: one found in half, one not; one body line is taken for an advert."""
    rows = [("promo", "promo"), ("promo", "body"), ("body", "body"), ("promo", "body"), ("body", "promo")]
    window = Window("en", [(kind, found, found) for kind, found in rows])
    assert measuring.measure_lines([window])["promo"] == Measured(1, 2, 3)
    spans = measuring.measure_spans([window])
    assert spans["promo"] == Measured(1, 2, 2)
    assert (spans["promo"].precision, spans["promo"].recall, spans["promo"].f1) == (0.5, 0.5, 0.5)


def test_a_neutral_text_has_a_line_a_block_and_nothing_unseen() -> None:
    page = (
        "<head><title>T</title></head><p>One <b>and</b>\n two<br>three<script>x</script></p><div>Four &amp; five</div>"
    )
    assert make_neutral(page) == "One and two\nthree\nFour & five"
    one = Labelled("x", "en", "dev", "", 10, 30, (Span("body", 10, 13), Span("promo", 15, 20)))
    lines = cut_lines("One\n two\n\nopen", one)
    assert [(line.kind, line.start, line.end) for line in lines] == [("body", 0, 3), ("promo", 5, 8), ("", 10, 14)]


def test_labels_stand_in_order_within_their_windows() -> None:
    """Every kind has labels or own lines in plenty, and no text is kept with them."""
    labels = read_labels()
    for one in labels:
        ends = [one.start, *(at for span in one.spans for at in (span.start, span.end)), one.end]
        assert ends == sorted(ends), one.source
    spans = [span.kind for one in labels for span in one.spans]
    own = [line[0] for window in measuring.label_own() for line in window.lines if line]
    assert len(spans) >= 500
    assert {kind.value for kind in PassageKind if (spans + own).count(kind.value) < 25} == set()


def test_a_rule_is_as_sure_as_its_lines_were_right() -> None:
    """A rule never seen has the prior; the passage carries the figure and the set of rules it was cut by."""
    assert precision.rate("promo.never_seen") == 0.9
    assert 0.9 < precision.rate("sponsor.mark") < 1
    found = passages.label("Bitcoin rises\n\nAdvertisement\n\nIt rose on Monday after the bank met, as many had hoped.")
    assert {passage.rules for passage in found} == {precision.find_digest()}
    assert found[1].confidence == precision.rate("sponsor.mark")


@pytest.mark.data
def test_pages_nobody_wrote_rules_on_are_read_as_well_as_was_measured(shared_data: Path) -> None:
    """A slice of the benchmark: a third of the held-out pages; the article is kept, and adverts mostly known."""
    measured = measuring.measure_lines(islice(measuring.label_windows(shared_data, "held_out"), 12))
    assert measured["body"].recall >= 0.99
    assert all(one.precision >= 0.7 for kind, one in measured.items() if kind != "body" and one.found >= 10)
    assert measured["sponsor"].f1 >= 0.9


@pytest.mark.data
def test_clean_articles_lose_less_than_one_line_in_two_hundred(shared_data: Path) -> None:
    """What it takes there are mostly lines that the gold texts kept by mistake ("Read more: …")."""
    counted = measuring.count_lost(read_gold(shared_data, ("fundus", "konsensus"))).values()
    assert sum(total for _, total in counted) > 2_500
    assert sum(lost for lost, _ in counted) / sum(total for _, total in counted) < 0.005
