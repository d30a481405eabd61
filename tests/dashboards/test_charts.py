"""Drawings say what the figures say: ticks are round, gaps stay open, a band is left where it is left."""

import datetime as dt
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.report import heat
from dashboards.report.charts.arrivals import draw_arrivals
from dashboards.report.charts.canvas import Scale, polyline
from dashboards.report.charts.curve import Curve, CurvePoint, draw_curve
from dashboards.report.charts.lead_lag import common_reach, draw_lead_lag
from dashboards.report.charts.price import draw_price
from dashboards.report.charts.steps import take_steps
from dashboards.report.charts.ticks import digits_of, round_ticks, time_ticks
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport, Matrix, MatrixCell
from tests.reports import make_report

ENGLISH = Words()


@pytest.fixture(scope="module")
def report() -> CorrelationReport:
    """A study with a hole in the prices and a planted link."""
    return make_report(link=2.0)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_ticks_are_round_few_and_inside(low: float, span: float, most: int) -> None:
    """Evenly apart, told apart by their decimals, never more than asked for and one."""
    high = low + span
    ticks = round_ticks(low, high, most)
    assert len(ticks) <= most + 1
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in ticks)
    if len(ticks) > 1:
        digits = digits_of(ticks)
        told = [f"{tick:.{digits}f}" for tick in ticks]
        assert len(set(told)) == len(told)
        assert [float(text) for text in told] == pytest.approx(ticks, abs=1e-6 * span)


@given(st.integers(1, 5000 * 24), st.integers(3, 9))
def test_time_ticks_are_in_order_few_and_inside(hours: int, most: int) -> None:
    start = dt.datetime(2023, 12, 31, 22, tzinfo=dt.UTC)
    end = start + dt.timedelta(hours=hours)
    ticks = time_ticks(start, end, most, ENGLISH)
    moments = [moment for moment, _ in ticks]
    assert moments == sorted(set(moments))
    assert len(moments) <= most
    assert all(start <= moment <= end for moment in moments)


def test_a_line_is_broken_where_there_is_no_value() -> None:
    assert polyline([(0, 1), (1, 1), None, (3, 2), (4, 2)]) == "M0 1L1 1M3 2L4 2"
    assert polyline([None, (5, 5), None]) == "M5 5h1"
    assert polyline([]) == ""


@pytest.mark.parametrize("most", [7, 50, 1000])
def test_steps_keep_every_article_and_invent_no_price(report: CorrelationReport, most: int) -> None:
    steps = take_steps(report, most)
    assert len(steps) <= most
    assert sum(step.articles for step in steps) == sum(report.points.articles)
    assert {step.close for step in steps} - {None} <= set(report.points.close)
    if most == 1000:
        assert [step.close for step in steps] == list(report.points.close)
        assert [step.sentiment for step in steps] == list(report.points.sentiment)


def test_the_hole_in_the_prices_is_drawn_as_a_hole(report: CorrelationReport) -> None:
    """One hatched box, the line in two pieces, the strip of what is held in two."""
    drawing = ET.fromstring(draw_price(report, ENGLISH).wide)
    assert len(drawing.findall(".//rect[@class='gap']")) == len(report.sample.gaps) == 1
    for name in ("price", "held-price"):
        (path,) = drawing.findall(f".//path[@class='{name}']")
        assert path.attrib["d"].count("M") == 2, name


def test_only_lags_beyond_the_band_are_filled(report: CorrelationReport) -> None:
    reach = common_reach(report.lead_lag)
    for line in report.lead_lag:
        drawing = ET.fromstring(draw_lead_lag(line, reach, 0, ENGLISH))
        told = [mark.findtext("title") or "" for mark in drawing.findall(".//circle[@class='out']")]
        beyond = [
            lag
            for lag, r in zip(line.lags, line.pearson, strict=True)
            if r is not None and line.band is not None and abs(r) > line.band
        ]
        assert [int(re.findall(r"lag ([+−]\d+)", text)[0].replace("−", "-")) for text in told] == beyond


def test_a_point_clear_of_zero_is_filled_whether_its_band_lies_about_it_or_about_zero() -> None:
    inside, outside = CurvePoint(0, 0.1, -0.2, 0.3, "a"), CurvePoint(1, 0.1, 0.05, 0.3, "b")
    beyond, unknown = CurvePoint(2, 0.5, -0.3, 0.3, "c"), CurvePoint(3, 0.5, None, None, "d")
    curve = Curve("t", "d", (inside, outside, beyond, unknown), (), "f")
    drawing = ET.fromstring(draw_curve(curve, "name", ENGLISH))
    assert [mark.findtext("title") for mark in drawing.findall(".//circle[@class='out']")] == ["b", "c"]


def test_names_from_outside_stay_text_in_a_drawing(report: CorrelationReport) -> None:
    hostile = replace(report, sample=replace(report.sample, symbol="</title><script>x</script>"))
    drawing = ET.fromstring(draw_price(hostile, ENGLISH).narrow)
    assert not drawing.findall(".//script")


def test_a_source_that_fell_silent_shows_it() -> None:
    drawing = ET.fromstring(draw_arrivals((3, 0, 1, 0, 0, 0)))
    (path,) = drawing.findall(".//path")
    assert path.attrib["d"].count("M") == 2
    assert max(float(place) for place in re.findall(r"M([\d.]+)", path.attrib["d"])) < Scale(0, 6, 0, 200)(3)
    assert not ET.fromstring(draw_arrivals((0, 0))).findall(".//path")


def test_a_heat_table_has_a_place_for_every_cell_and_marks_what_is_called() -> None:
    cells = (
        MatrixCell("a", "x", "any", 90, -0.4, 1, 0.001, 0.01),
        MatrixCell("a", "y", "any", 90, 0.1, 0, 0.5, 1.0),
        MatrixCell("b", "y", "any", 9, None, None, None, None),
    )
    laid = heat.lay_out(Matrix(cells, 2, 60, 99, 4))
    assert laid.columns == (("x", "any"), ("y", "any"))
    (name, (first, second)), (_, (empty, third)) = laid.rows
    assert (name, empty) == ("a", None)
    assert first
    assert second
    assert third
    assert [(tile.side, tile.weight, tile.is_marked) for tile in (first, second, third)] == [
        ("against", 45, True),
        ("for", 11, False),
        ("for", 0, False),
    ]
