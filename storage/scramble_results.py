"""Poison for what newscandle made itself: points of series, reports, and the tests counted for them."""

import sqlalchemy as sa

from storage.schema import report, series, series_point, trial
from storage.scramble import LATER, Clock, Cut, Poisoned, copy_rows, highest, minutes, rows_of


def scramble_results(connection: sa.Connection, cut: Cut) -> Poisoned:
    """Later points take other values; by the clock of knowledge, known ones are recomputed and reports made later."""
    later: sa.ColumnElement[bool] = series_point.c.available_at > cut.instant
    if cut.clock is Clock.KNOWN:
        later = sa.or_(later, series_point.c.recorded_at > cut.instant)
    figure = 2.0 * cut.noise(minutes(series_point.c.open_at), "sentiment") - 1.0
    values = {"sentiment": figure, "close": 1000.0 + 1000.0 * figure, "log_return": figure, "scored": 99}
    poisoned = Poisoned(rows_of(connection, sa.update(series_point).where(later).values(values)))
    if cut.clock is Clock.AVAILABLE:
        return poisoned
    known = sa.literal(cut.instant + LATER, series_point.c.recorded_at.type)
    first = sa.and_(~later, series_point.c.number == 1)
    recomputed = sa.and_(first, cut.noise(minutes(series_point.c.open_at), "recomputed") < 0.2)
    number = sa.literal(highest(connection, series_point.c.number) + 1)
    points = copy_rows(series_point, recomputed, number=number, sentiment=figure, recorded_at=known)
    return poisoned + Poisoned(invented=rows_of(connection, points)) + _scramble_reports(connection, cut, known)


def _scramble_reports(connection: sa.Connection, cut: Cut, known: sa.ColumnElement[object]) -> Poisoned:
    """A further series and, for every report there is, a further one with as many tests, made later."""
    later = report.c.made_at > cut.instant
    changed = rows_of(connection, sa.update(report).where(later).values(html_name=report.c.html_name + cut.suffix))
    declared, reports = highest(connection, series.c.id), highest(connection, report.c.id)
    made = {"id": series.c.id + declared, "key": series.c.key + cut.suffix, "scorer": series.c.scorer + cut.suffix}
    invented = rows_of(connection, copy_rows(series, series.c.recorded_at <= cut.instant, **made, recorded_at=known))
    again = {"id": report.c.id + reports, "key": report.c.key + cut.suffix, "made_at": known}
    invented += rows_of(connection, copy_rows(report, ~later, **again))
    known_reports = sa.select(report.c.id).where(~later)
    tests = copy_rows(trial, trial.c.report_id.in_(known_reports), report_id=trial.c.report_id + reports)
    return Poisoned(changed, 0, invented + rows_of(connection, tests))
