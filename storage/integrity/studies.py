"""What must hold of series, their points, reports and trials."""

from functools import cache

import sqlalchemy as sa

from storage.integrity.rule import Rule, length_of, micros, outside, plain
from storage.schema import report, series, series_input, series_point, trial

_POINT = (series_point.c.series_id, plain(series_point.c.open_at), series_point.c.number)
_DAY = 86_400_000_000


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of series and reports."""
    return (*of_series(), *of_reports())


@cache
def of_series() -> tuple[Rule, ...]:
    """Every rule of series."""
    p, opened = series_point.c, micros(series_point.c.open_at)
    length = length_of(series.c.declaration["interval"].as_string())
    joined = series_point.join(series, series.c.id == p.series_id)
    earlier = series_point.alias("earlier")
    follows = sa.and_(
        earlier.c.series_id == p.series_id, micros(earlier.c.open_at) == opened, earlier.c.number == p.number - 1
    )
    same = [
        (micros(earlier.c[one.name]) if one.name == "available_at" else earlier.c[one.name]).is_not_distinct_from(
            micros(one) if one.name == "available_at" else one
        )
        for one in p
        if one.name not in ("series_id", "open_at", "number", "recorded_at")
    ]
    counts = (p.scored, p.no_signal, p.no_mention, p.unsupported)
    return (
        Rule(
            "series_declared",
            "series",
            "each series declares the length of its bars and who is read by whom",
            sa.select(series.c.id, series.c.key).where(
                sa.or_(
                    length.is_(None),
                    series.c.target == "",
                    sa.not_(series.c.scorer.like("%_/_%")),
                    series.c.venue == "",
                )
            ),
        ),
        Rule(
            "point_instants",
            "series_point",
            "a point can be known at the end of its bar, which lies on the grid",
            sa.select(*_POINT)
            .select_from(joined)
            .where(sa.or_(micros(p.available_at) != opened + length, opened % length != 0)),
        ),
        Rule(
            "point_range",
            "series_point",
            "sentiment is −1…1, a return has a close, and no count, volatility or volume is below zero",
            sa.select(*_POINT).where(
                sa.or_(
                    *(one < 0 for one in counts),
                    outside(p.sentiment, -1, 1),
                    p.close <= 0,
                    p.realised_volatility < 0,
                    p.volume < 0,
                    sa.and_(p.log_return.is_not(None), p.close.is_(None)),
                    outside(p.log_return, -20, 20),
                )
            ),
        ),
        Rule(
            "point_numbers",
            "series_point",
            "the values of a point are numbered 1, 2 … without a hole",
            sa.select(p.series_id, plain(p.open_at), sa.func.count().label("values"))
            .group_by(p.series_id, p.open_at)
            .having(sa.or_(sa.func.min(p.number) != 1, sa.func.max(p.number) != sa.func.count())),
        ),
        Rule(
            "point_restated",
            "series_point",
            "a further value of a point differs from the one before it",
            sa.select(*_POINT).join(earlier, follows).where(*same),
        ),
        Rule(
            "input_days",
            "series_input",
            "what a day was computed from is told for whole days of series held",
            sa.select(series_input.c.series_id, series_input.c.day).where(
                sa.or_(series_input.c.inputs == "", outside(series_input.c.day, 0, 100_000))
            ),
        ),
    )


@cache
def of_reports() -> tuple[Rule, ...]:
    """Every rule of reports."""
    r = report.c
    return (
        Rule(
            "report_window",
            "report",
            "a report looks at a window that begins before it ends, and names its page",
            sa.select(r.id, r.key).where(sa.or_(micros(r.window_start) >= micros(r.window_end), r.html_name == "")),
        ),
        Rule(
            "trial_tests",
            "trial",
            "a trial counts tests, of a series with a key",
            sa.select(trial.c.series_key, trial.c.report_id).where(
                sa.or_(trial.c.tests < 1, sa.func.length(trial.c.series_key) != 32)
            ),
        ),
    )
