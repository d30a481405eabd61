"""The curves beside the verdicts: around events, coefficient by horizon, r through time."""

from dashboards.report.charts.curve import Curve, CurvePoint, draw_curve, span_of
from dashboards.report.charts.ticks import time_ticks
from dashboards.report.further_words import relation_name
from dashboards.report.words import Words
from service.correlation.results import EventSet, InformationCoefficient, InformationHorizon, Relation, Stability


def draw_events(sets: tuple[EventSet, ...], words: Words) -> list[str]:
    """The running sum of the abnormal return of each kind of event, all on one scale."""
    curves = [_trace_event(one, words) for one in sets if one.bars]
    return [draw_curve(curve, f"event{place}", words, span_of(curves)) for place, curve in enumerate(curves)]


def _trace_event(one: EventSet, words: Words) -> Curve:
    points = tuple(
        CurvePoint(
            bar.offset,
            bar.cumulative,
            bar.cumulative_low,
            bar.cumulative_high,
            words.say("bar {bar}: {sum}", bar=_offset(bar.offset, words), sum=words.change(bar.cumulative)),
        )
        for bar in one.bars
    )
    last = one.bars[-1]
    kind, model = words.retell(one.label), words.retell(one.model)
    description = words.say(
        "Running sum of the abnormal return from {first} to {last} bars around {used} events; at its end {sum}, "
        "interval {low} to {high}.",
        first=words.signed(one.bars[0].offset, 0),
        last=words.signed(last.offset, 0),
        used=words.count(one.used),
        sum=words.change(last.cumulative),
        low=words.change(last.cumulative_low),
        high=words.change(last.cumulative_high),
    )
    reach = max(1, last.offset)
    ticks = tuple((float(offset), _offset(offset, words)) for offset in (-reach, -(reach // 2), 0, reach // 2, reach))
    foot = words.say("bars from the event")
    return Curve(f"{kind}, {model}", description, points, ticks, foot, per_cent=True, origin=0.0)


def _offset(bar: int, words: Words) -> str:
    return words.signed(bar, 0) if bar else "0"


def draw_information(told: InformationCoefficient, words: Words) -> list[str]:
    """The coefficient of each horizon with its interval, side by side at equal distance; then the return by bucket."""
    points = tuple(
        CurvePoint(
            place,
            row.coefficient,
            row.low,
            row.high,
            words.say("{bars} bars ahead: {r} (n = {n:,})", bars=row.bars, r=words.signed(row.coefficient), n=row.n),
        )
        for place, row in enumerate(told.horizons)
    )
    ticks = tuple((float(place), str(row.bars)) for place, row in enumerate(told.horizons))
    title = words.say("Information coefficient")
    description = words.say("Coefficient by horizon with its 95 % interval; the figures stand in the table below.")
    curve = Curve(title, description, points, ticks, words.say("bars ahead"), is_joined=False)
    buckets = [_trace_buckets(row, words) for row in told.horizons if any(one.mean is not None for one in row.buckets)]
    drawn = [draw_curve(one, f"buckets{place}", words, span_of(buckets)) for place, one in enumerate(buckets)]
    return [draw_curve(curve, "coefficient", words), *drawn]


def _trace_buckets(row: InformationHorizon, words: Words) -> Curve:
    points = tuple(
        CurvePoint(
            one.number,
            one.mean,
            None,
            None,
            words.say(
                "bucket {number}: {mean} (n = {n:,})", number=one.number, mean=words.change(one.mean, 3), n=one.n
            ),
        )
        for one in row.buckets
    )
    title = words.say("Mean return by bucket, bars ahead: {bars}", bars=row.bars)
    description = words.say("From the lowest sentiments to the highest; the figures stand in the table below.")
    ticks = tuple((float(one.number), str(one.number)) for one in row.buckets)
    foot = words.say("bucket, from lowest to highest sentiment")
    return Curve(title, description, points, ticks, foot, is_joined=False, per_cent=True)


def draw_rolling(stability: Stability, words: Words) -> list[str]:
    """Rolling r of each relation over the band about zero, all on one scale."""
    curves = [_trace_rolling(relation, words) for relation in stability.relations if relation.windows]
    return [draw_curve(curve, f"rolling{place}", words, span_of(curves)) for place, curve in enumerate(curves)]


def _trace_rolling(relation: Relation, words: Words) -> Curve:
    windows = relation.windows
    points = tuple(
        CurvePoint(
            one.end.timestamp(),
            one.r,
            None if one.band is None else -one.band,
            one.band,
            f"{one.start:%Y-%m-%d} – {one.end:%Y-%m-%d}: r = {words.signed(one.r)}",
        )
        for one in windows
    )
    outside = sum(one.r is not None and one.band is not None and abs(one.r) > one.band for one in windows)
    description = words.say(
        "{outside} of {windows} windows leave the band; the figures stand in the table below.",
        outside=outside,
        windows=len(windows),
    )
    ticks = tuple(
        (moment.timestamp(), label) for moment, label in time_ticks(windows[0].end, windows[-1].end, 4, words)
    )
    return Curve(relation_name(relation.lag, words), description, points, ticks, words.say("end of the window"))
