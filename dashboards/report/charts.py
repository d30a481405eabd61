"""The drawings of a report: price with sentiment and coverage, and lead–lag with its simultaneous band.

Each is drawn twice, for a wide page and for a phone, because text in a shrunken drawing cannot be read.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.report.svg import BAND, FAINT, INK, MUTED, NEGATIVE, PRICE, SENTIMENT, STYLE, to_inline_svg
from dashboards.report.words import outcome_name, plain, signed
from service.correlation.results import CorrelationReport, LeadLag

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 420  # more cannot be told apart at this width


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a drawing in CSS pixels, and the name that shows where it is used."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart in both sizes, as inline SVG."""

    wide: str
    narrow: str


def draw_price_and_sentiment(report: CorrelationReport) -> Drawing:
    """Close, sentiment per drawn step, and articles per step, on one time axis; gaps in the prices are shaded."""
    steps = _thin(report)
    description = (
        f"Three strips over {report.sample.start:%Y-%m-%d} to {report.sample.end:%Y-%m-%d}: the close of "
        f"{report.sample.symbol}, the mean sentiment toward {report.sample.target_name}, and how many articles "
        "speak of it. The figures stand in the tables and in the JSON beside this page."
    )

    def draw(size: Size) -> str:
        figure = _figure(size, below=26)
        price, mood, attention = figure.subplots(3, 1, sharex=True, height_ratios=[5, 3, 1.6])
        at = [step.at for step in steps]
        price.plot(at, [step.close for step in steps], color=PRICE, linewidth=1.2)
        price.set_title(f"{report.sample.symbol}, close at {report.sample.venue}")
        price.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        _draw_sentiment(mood, steps)
        mood.set_title(f"Sentiment toward {report.sample.target_name} (−1…1, mean of a step)")
        attention.fill_between(at, [step.articles for step in steps], step="mid", color=MUTED, linewidth=0)
        attention.set_title("Articles that speak of it")
        attention.set_ylim(bottom=0)
        attention.locator_params(axis="y", integer=True, nbins=3)
        for gap in report.sample.gaps:
            for axes in (price, mood, attention):
                axes.axvspan(gap.start, gap.end, color=BAND, alpha=0.5, linewidth=0)
        _time_axis(attention, size)
        return to_inline_svg(
            figure, name=f"price-{size.name}", title="Price, sentiment and attention", description=description
        )

    return _both(draw, Size("wide", 760, 430), Size("narrow", 360, 430))


def draw_lead_lag(line: LeadLag, interval: str, place: int) -> Drawing:
    """Correlation of sentiment with one outcome by lag, the reverse side marked, with the simultaneous 95 % band."""
    name = outcome_name(line.outcome)
    description = (
        f"Pearson correlation for lags {line.lags[0]} to {line.lags[-1]} bars. Band ±{plain(line.band, 3)}. "
        f"Strongest: {signed(max(line.pearson, key=lambda r: abs(r or 0.0)))}."
    )

    def draw(size: Size) -> str:
        figure = _figure(size, below=42)
        axes: Axes = figure.subplots()
        if line.band is not None:
            axes.axhspan(-line.band, line.band, color=BAND, linewidth=0, zorder=0)
        known = [(lag, r) for lag, r in zip(line.lags, line.pearson, strict=True) if r is not None]
        outside = [line.band is not None and abs(r) > line.band for _, r in known]
        axes.vlines([lag for lag, _ in known], 0, [r for _, r in known], color=MUTED, linewidth=1.2)
        axes.scatter(
            [lag for lag, _ in known],
            [r for _, r in known],
            s=[34 if out else 14 for out in outside],
            c=[SENTIMENT if out else INK for out in outside],
            marker="o",
            zorder=3,
        )
        axes.axhline(0, color=MUTED, linewidth=0.8)
        axes.axvline(0, color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        reach = max([abs(r) for _, r in known] + [line.band or 0.0, 0.02]) * 1.25
        axes.set_ylim(-reach, reach)
        axes.set_title(f"Sentiment and {name}")
        axes.set_xlabel(f"lag in bars of {interval}")
        axes.text(0.01, 0.02, "← market first", transform=axes.transAxes, color=MUTED, ha="left", va="bottom")
        axes.text(0.99, 0.02, "news first →", transform=axes.transAxes, color=MUTED, ha="right", va="bottom")
        return to_inline_svg(
            figure, name=f"lag{place}-{size.name}", title=f"Lead and lag: {name}", description=description
        )

    return _both(draw, Size("wide", 760, 250), Size("narrow", 360, 250))


@dataclass(frozen=True, slots=True)
class _Step:
    """One drawn step: several bars where there are more bars than can be drawn."""

    at: dt.datetime
    close: float
    sentiment: float | None
    articles: int


def _thin(report: CorrelationReport) -> list[_Step]:
    points = report.points
    width = max(1, -(-len(points.open_at) // MOST_POINTS))
    steps = []
    for start in range(0, len(points.open_at), width):
        closes = [value for value in points.close[start : start + width] if value is not None]
        moods = [value for value in points.sentiment[start : start + width] if value is not None]
        steps.append(
            _Step(
                points.open_at[start],
                closes[-1] if closes else float("nan"),
                sum(moods) / len(moods) if moods else None,
                sum(points.articles[start : start + width]),
            )
        )
    return steps


def _draw_sentiment(axes: "Axes", steps: list[_Step]) -> None:
    known = [(step.at, step.sentiment) for step in steps if step.sentiment is not None]
    at: Any = [a for a, _ in known]  # matplotlib reads datetimes; its annotations do not say so
    values = [v for _, v in known]
    axes.vlines(at, 0, values, color=[SENTIMENT if v >= 0 else NEGATIVE for v in values], linewidth=1.4)
    axes.axhline(0, color=MUTED, linewidth=0.8)
    reach = max([abs(v) for v in values] + [0.1]) * 1.1
    axes.set_ylim(-reach, reach)


def _time_axis(axes: "Axes", size: Size) -> None:
    from matplotlib import dates

    untyped: Any = dates
    locator = untyped.AutoDateLocator(minticks=3, maxticks=5 if size.name == "narrow" else 9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(untyped.ConciseDateFormatter(locator))


def _figure(size: Size, below: int) -> Any:
    from matplotlib.figure import Figure

    # Margins by hand: matplotlib's own layout draws everything several times to find them.
    figure = Figure(figsize=(size.width / 72, size.height / 72), dpi=72)
    figure.subplots_adjust(
        left=56 / size.width,
        right=1 - 8 / size.width,
        top=1 - 22 / size.height,
        bottom=below / size.height,
        hspace=0.32,
    )
    return figure


def _both(draw: Any, wide: Size, narrow: Size) -> Drawing:
    from matplotlib import rc_context

    with rc_context(STYLE):
        return Drawing(draw(wide), draw(narrow))
