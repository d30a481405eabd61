"""Lead and lag of one outcome: every lag's r as a stem, the band that chance alone reaches behind them."""

from dashboards.report.charts.canvas import Canvas, Scale, stems
from dashboards.report.charts.ticks import digits_of, round_ticks
from dashboards.report.words import Words
from service.correlation.results import LeadLag

_WIDTH, _HEIGHT = 420, 218
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 410, 30, 172


def common_reach(lines: tuple[LeadLag, ...]) -> float:
    """The |r| up to which all drawings of a report go, so that they can be set side by side."""
    found = [abs(r) for line in lines for r in line.pearson if r is not None]
    return 1.15 * max([*found, *(line.band or 0.0 for line in lines), 0.02])


def draw_lead_lag(line: LeadLag, reach: float, place: int, words: Words) -> str:
    """The scan of one outcome; filled dots leave the band, open dots stay inside."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    across = Scale(line.lags[0] - 0.5, line.lags[-1] + 0.5, _LEFT, _RIGHT)
    upright = Scale(-reach, reach, _BOTTOM, _TOP)
    name = words.outcome_name(line.outcome)
    canvas.text((0, 14), words.say("Sentiment and {outcome}", outcome=name), kind="head")
    if line.band is not None:
        top, foot = upright(line.band), upright(-line.band)
        canvas.box((_LEFT, top), (_RIGHT - _LEFT, foot - top), "band")
        canvas.line((_LEFT, top), (_RIGHT, top), "edge")
        canvas.line((_LEFT, foot), (_RIGHT, foot), "edge")
    _draw_axes(canvas, line, across, upright, words)
    known = [(lag, r, n) for lag, r, n in zip(line.lags, line.pearson, line.n, strict=True) if r is not None]
    canvas.path(stems(upright(0), [(across(lag), upright(r)) for lag, r, _ in known]), "stem")
    for lag, r, n in known:
        is_outside = line.band is not None and abs(r) > line.band
        told = words.say("lag {lag:+d}: r = {r:+.3f} (n = {n:,})", lag=lag, r=r, n=n)
        canvas.dot((across(lag), upright(r)), 3.6 if is_outside else 2.2, "out" if is_outside else "in", told)
    title = words.say("Lead and lag: {outcome}", outcome=name)
    return canvas.render(name=f"lag{place}", title=title, description=_describe(line, words))


def _draw_axes(canvas: Canvas, line: LeadLag, across: Scale, upright: Scale, words: Words) -> None:
    ticks = round_ticks(upright.low, upright.high, 4)
    for value in ticks:
        canvas.line((_LEFT - 4, upright(value)), (_LEFT, upright(value)), "axis")
        canvas.text((_LEFT - 7, upright(value) + 4), words.plain(value + 0.0, digits_of(ticks)), anchor="end")
    canvas.line((_LEFT, upright(0)), (_RIGHT, upright(0)), "axis")
    canvas.line((across(0), _TOP), (across(0), _BOTTOM), "zero")
    for lag in round_ticks(line.lags[0], line.lags[-1], 6):
        canvas.text((across(lag), _BOTTOM + 16), words.signed(lag, 0) if lag else "0", anchor="middle")
    foot = _BOTTOM + 38
    canvas.text((_LEFT, foot), words.say("← market first"), kind="quiet")
    canvas.text((across(0), foot), words.say("lag in bars"), anchor="middle", kind="quiet")
    canvas.text((_RIGHT, foot), words.say("news first →"), anchor="end", kind="quiet")


def _describe(line: LeadLag, words: Words) -> str:
    known = [(lag, r) for lag, r in zip(line.lags, line.pearson, strict=True) if r is not None]
    scope = words.say(
        "Pearson correlation for lags {first} to {last} bars; the band of chance is ±{band}.",
        first=line.lags[0],
        last=line.lags[-1],
        band=words.plain(line.band, 3),
    )
    if not known:
        return scope
    lag, r = max(known, key=lambda pair: abs(pair[1]))
    strongest = words.say("Strongest: {r:+.3f} at lag {lag:+d}.", r=r, lag=lag)
    outside = sum(line.band is not None and abs(r) > line.band for _, r in known)
    return f"{scope} {strongest} {words.say('{n} of {all} lags leave the band.', n=outside, all=len(known))}"
