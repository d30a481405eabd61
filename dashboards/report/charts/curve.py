"""A curve with the band around it or behind it: running sums around events, r through time, coefficients by horizon."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.report.charts.canvas import Canvas, Scale, area, polyline, short, stems
from dashboards.report.charts.ticks import digits_of, round_ticks
from dashboards.report.words import Words

_WIDTH, _HEIGHT = 420, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 410, 30, 160


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One place of the curve: where, how high, what it may as well be (`low`…`high`), and what is told of it."""

    x: float
    y: float | None
    low: float | None
    high: float | None
    told: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawing to be made: `ticks` are places under it with their labels, `foot` stands below them.

    `is_joined`: a line through the points with the band as ground; else dots with whiskers. `per_cent`: heights are
    shares, written in per cent.
    """

    title: str
    description: str
    points: tuple[CurvePoint, ...]
    ticks: tuple[tuple[float, str], ...]
    foot: str
    is_joined: bool = True
    per_cent: bool = False
    origin: float | None = None  # an upright line, where time zero is


def draw_curve(curve: Curve, name: str, words: Words, reach: tuple[float, float] | None = None) -> str:
    """The drawing; `reach` is the lowest and highest height shown, so that several can share one scale."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    low, high = reach or span_of([curve])
    upright = Scale(low, high, _BOTTOM, _TOP)
    xs = [point.x for point in curve.points] or [0.0]
    margin = 0.03 * ((max(xs) - min(xs)) or 1.0)
    across = Scale(min(xs) - margin, max(xs) + margin, _LEFT, _RIGHT)
    canvas.text((0, 14), curve.title, kind="head")
    _draw_axes(canvas, curve, across, upright, words)
    _draw_points(canvas, curve, across, upright)
    return canvas.render(name=name, title=curve.title, description=curve.description)


def span_of(curves: Sequence[Curve]) -> tuple[float, float]:
    """The lowest and highest height of several curves and their bands, zero among them, with a margin."""
    found = [v for curve in curves for point in curve.points for v in (point.y, point.low, point.high) if v is not None]
    low, high = min([*found, 0.0]), max([*found, 0.0])
    margin = 0.08 * (high - low) or 0.01
    return low - margin, high + margin


def _draw_axes(canvas: Canvas, curve: Curve, across: Scale, upright: Scale, words: Words) -> None:
    heights = round_ticks(upright.low, upright.high, 4)
    shown = [100 * value for value in heights] if curve.per_cent else heights
    for value, figure in zip(heights, shown, strict=True):
        label = words.plain(figure + 0.0, digits_of(shown)) + (" %" if curve.per_cent else "")
        canvas.line((_LEFT, upright(value)), (_RIGHT, upright(value)), "grid")
        canvas.text((_LEFT - 6, upright(value) + 4), label, anchor="end")
    for place, label in curve.ticks:
        canvas.text((across(place), _BOTTOM + 16), label, anchor="middle")
    canvas.text(((_LEFT + _RIGHT) / 2, _BOTTOM + 34), curve.foot, anchor="middle", kind="quiet")
    if curve.origin is not None:
        canvas.line((across(curve.origin), _TOP), (across(curve.origin), _BOTTOM), "zero")


def _draw_points(canvas: Canvas, curve: Curve, across: Scale, upright: Scale) -> None:
    banded = [
        (across(point.x), upright(point.high), upright(point.low))
        for point in curve.points
        if point.low is not None and point.high is not None
    ]
    if curve.is_joined:
        ground = area([(x, top) for x, top, _ in banded], [(x, foot) for x, _, foot in banded])
        canvas.path(ground, "band")
    else:
        canvas.path("".join(f"M{short(x)} {short(top)}V{short(foot)}" for x, top, foot in banded), "whisker")
        bare = [point for point in curve.points if point.low is None and point.y is not None]
        canvas.path(stems(upright(0), [(across(point.x), upright(point.y or 0.0)) for point in bare]), "stem")
    canvas.line((_LEFT, upright(0)), (_RIGHT, upright(0)), "axis")
    placed = [None if point.y is None else (across(point.x), upright(point.y)) for point in curve.points]
    if curve.is_joined:
        canvas.path(polyline(placed), "curve")
    for point, at in zip(curve.points, placed, strict=True):
        if at is not None and point.y is not None:
            canvas.dot(at, 2.8, "out" if _is_outside(point) else "in", point.told)


def _is_outside(point: CurvePoint) -> bool:
    """Whether a point has something to say: outside a band about zero, or its own interval clear of zero."""
    if point.y is None or point.low is None or point.high is None:
        return False
    return not point.low <= point.y <= point.high or point.low > 0 or point.high < 0
