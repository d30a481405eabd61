"""Price, sentiment, attention and what is missing, on one time axis.

price      the close, broken where there is none; the weightiest articles as numbers; gaps hatched
sentiment  up and down from zero; nothing where nothing was read
articles   how many speak of the target
held       two strips: which steps have a price, which have a sentiment
"""

import datetime as dt
from dataclasses import dataclass

from dashboards.report.charts.canvas import Canvas, Point, Scale, polyline, short, stems
from dashboards.report.charts.steps import Step, take_steps
from dashboards.report.charts.ticks import digits_of, round_ticks, time_ticks
from dashboards.report.words import Words
from service.correlation.results import CorrelationReport

_PLOT = 1000.0
"""Width of the plots in units of their own: what lies in them is stretched to the drawing and can be zoomed."""

_LEFT, _PRICE, _MOOD, _NEWS, _HELD, _FOOT = 58, (26, 216), (250, 330), (362, 396), 432, 486
_APART = 24  # units of the plot within which two numbers would touch on a wide page


@dataclass(frozen=True, slots=True)
class Size:
    """One of the sizes a chart is drawn in: text in a shrunken drawing cannot be read."""

    name: str
    width: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart for a wide page and for a phone."""

    wide: str
    narrow: str


def draw_price(report: CorrelationReport, words: Words) -> Drawing:
    """The chart in both sizes."""
    steps = take_steps(report)
    return Drawing(
        _draw(report, steps, Size("wide", 860, 9), words), _draw(report, steps, Size("narrow", 360, 4), words)
    )


def _draw(report: CorrelationReport, steps: list[Step], size: Size, words: Words) -> str:
    canvas = Canvas(size.width, _FOOT + 24)
    start, end = report.sample.start, report.sample.end
    across = Scale(start.timestamp(), end.timestamp(), 0, _PLOT)
    right = size.width - 4
    _draw_panels(canvas, report, steps, across, right, words)
    canvas.open("g", 'class="times"')
    placed = Scale(across.low, across.high, _LEFT, right)
    for moment, label in time_ticks(start, end, size.ticks, words):
        x = placed(moment.timestamp())
        canvas.line((x, _FOOT - 4), (x, _FOOT), "axis")
        canvas.text((x, _FOOT + 15), label, anchor="middle" if x < right - 30 else "end")
    canvas.close("g")
    return canvas.render(
        name=f"price-{size.name}",
        title=words.say("Price, sentiment, articles and what is missing"),
        description=_describe(report, words),
        attributes=f' data-from="{_millis(start)}" data-to="{_millis(end)}" data-left="{_LEFT}" data-right="{right}"',
    )


def _draw_panels(
    canvas: Canvas, report: CorrelationReport, steps: list[Step], across: Scale, right: float, words: Words
) -> None:
    sample = report.sample
    target = words.name(sample.target, sample.target_name)
    market = words.say("{symbol}, close at {venue}", symbol=sample.symbol, venue=sample.venue)
    canvas.text((0, 14), market, kind="head")
    canvas.text((0, _MOOD[0] - 10), words.say("Sentiment toward {target}, −1 to 1", target=target), kind="head")
    canvas.text((0, _NEWS[0] - 10), words.say("Articles that speak of {target}", target=target), kind="head")
    canvas.text((0, _HELD - 8), words.say("What is held"), kind="head")
    upright = _price_scale(steps)
    _draw_scale(canvas, upright, right, words)
    mood = Scale(-1, 1, _MOOD[1], _MOOD[0])
    for value in (-1, 0, 1):
        canvas.text((_LEFT - 7, mood(value) + 4), words.signed(value, 0) if value else "0", anchor="end")
    most = max([step.articles for step in steps] + [1])
    news = Scale(0, most, _NEWS[1], _NEWS[0])
    canvas.text((_LEFT - 7, news(most) + 8), words.count(most), anchor="end")
    canvas.text((_LEFT - 7, news(0) + 2), "0", anchor="end")
    canvas.text((_LEFT - 7, _HELD + 9), words.say("price"), anchor="end")
    canvas.text((_LEFT - 7, _HELD + 27), words.say("tone"), anchor="end")
    canvas.open(
        "svg",
        f'class="plot" x="{_LEFT}" y="0" width="{short(right - _LEFT)}" height="{_FOOT}" '
        f'viewBox="0 0 {short(_PLOT)} {_FOOT}" preserveAspectRatio="none"',
    )
    canvas.box((0, 0), (_PLOT, _FOOT), "ground")
    _draw_series(canvas, report, steps, across, (upright, mood, news))
    canvas.close("svg")
    canvas.open("g", 'class="marks"')
    placed = Scale(0, _PLOT, _LEFT, right)
    for number, x, y, title in _place_articles(report, steps, across, upright):
        canvas.open("g", f'data-x="{short(x)}" transform="translate({short(placed(x))} {short(y)})"')
        canvas.dot((0, 0), 8, "pin", title)
        canvas.text((0, 4), str(number), anchor="middle")
        canvas.close("g")
    canvas.close("g")


def _draw_series(
    canvas: Canvas, report: CorrelationReport, steps: list[Step], across: Scale, scales: tuple[Scale, Scale, Scale]
) -> None:
    upright, mood, news = scales
    for gap in report.sample.gaps:
        x, until = across(gap.start.timestamp()), across(gap.end.timestamp())
        canvas.box((x, _PRICE[0]), (max(1.0, until - x), _MOOD[1] - _PRICE[0]), "gap")
    at = [across(step.at.timestamp()) for step in steps]
    width = _PLOT / max(1, len(steps))
    canvas.path(
        polyline(
            [
                None if step.close is None else (x + width / 2, upright(step.close))
                for x, step in zip(at, steps, strict=True)
            ]
        ),
        "price",
    )
    canvas.line((0, mood(0)), (_PLOT, mood(0)), "axis")
    moods = [(x + width / 2, step.sentiment) for x, step in zip(at, steps, strict=True) if step.sentiment is not None]
    canvas.path(stems(mood(0), [(x, mood(value)) for x, value in moods if value > 0]), "tone for")
    canvas.path(stems(mood(0), [(x, mood(value)) for x, value in moods if value < 0]), "tone against")
    canvas.path(stems(mood(0) - 1.5, [(x, mood(0) + 1.5) for x, value in moods if value == 0]), "tone neither")
    counts = [(x + width / 2, news(step.articles)) for x, step in zip(at, steps, strict=True) if step.articles]
    canvas.path(stems(news(0), counts), "news")
    canvas.line((0, news(0)), (_PLOT, news(0)), "axis")
    _draw_held(canvas, [step.priced for step in steps], _HELD, "held-price")
    _draw_held(canvas, [step.read for step in steps], _HELD + 18, "held-tone")


def _draw_held(canvas: Canvas, shares: list[float], top: float, kind: str) -> None:
    """A strip: full where all of a step's bars are held, half as high where some are, an empty frame where none is."""
    canvas.box((0, top), (_PLOT, 11), "lacks")
    width = _PLOT / max(1, len(shares))
    for full, height in ((1.0, 11.0), (0.5, 5.5)):
        runs, begun = [], None
        for place, share in enumerate([*shares, -1.0]):
            fits = share >= 1 if full == 1.0 else 0 < share < 1
            if fits and begun is None:
                begun = place
            elif not fits and begun is not None:
                runs.append((begun, place))
                begun = None
        steps = "".join(
            f"M{short(a * width)} {short(top + 11)}V{short(top + 11 - height)}H{short(b * width)}V{short(top + 11)}Z"
            for a, b in runs
        )
        canvas.path(steps, kind)


def _price_scale(steps: list[Step]) -> Scale:
    closes = [step.close for step in steps if step.close is not None] or [0.0, 1.0]
    margin = 0.06 * ((max(closes) - min(closes)) or 1.0)
    return Scale(min(closes) - margin, max(closes) + margin, _PRICE[1], _PRICE[0])


def _draw_scale(canvas: Canvas, upright: Scale, right: float, words: Words) -> None:
    ticks = round_ticks(upright.low, upright.high, 5)
    digits = digits_of(ticks)
    for value in ticks:
        canvas.line((_LEFT, upright(value)), (right, upright(value)), "grid")
        label = words.count(round(value)) if digits == 0 else words.plain(value, digits)
        canvas.text((_LEFT - 7, upright(value) + 4), label, anchor="end")


def _place_articles(
    report: CorrelationReport, steps: list[Step], across: Scale, upright: Scale
) -> list[tuple[int, float, float, str]]:
    """Number, place and title of each weighty article that became known in the window, at the close of its step."""
    placed: list[tuple[int, float, float, str]] = []
    priced = [(across(step.at.timestamp()), upright(step.close)) for step in steps if step.close is not None]
    for number, item in enumerate(report.weighty, 1):
        x = across(item.available_at.timestamp())
        if not priced or not 0 <= x <= _PLOT:
            continue
        nearest = min(priced, key=lambda point: abs(point[0] - x))
        placed.append((number, x, _lift(nearest, x, placed), item.title))
    return placed


def _lift(nearest: Point, x: float, placed: list[tuple[int, float, float, str]]) -> float:
    """A height above the line on which no number that is near already stands."""
    for step in (1, 2, 3, 4, -1, -2, -3, 5, 6):
        y = nearest[1] - 17 * step
        is_free = all(abs(other_x - x) > _APART or abs(other_y - y) > 16 for _, other_x, other_y, _ in placed)
        if is_free and _PRICE[0] + 8 <= y <= _PRICE[1]:
            return y
    return max(_PRICE[0] + 8, nearest[1] - 17)


def _millis(instant: dt.datetime) -> int:
    return int(instant.timestamp() * 1000)


def _describe(report: CorrelationReport, words: Words) -> str:
    sample = report.sample
    return words.say(
        "Four strips from {start} to {end}: the close of {symbol} with the numbers of the weightiest articles, the "
        "sentiment toward {target}, how many articles speak of it, and which steps have a price and a sentiment: "
        "{price} of the bars have a price, {tone} a sentiment.",
        start=words.date(sample.start),
        end=words.date(sample.end),
        symbol=sample.symbol,
        target=words.name(sample.target, sample.target_name),
        price=words.share(sample.price_coverage, 1),
        tone=words.share(sample.sentiment_coverage, 1),
    )
