"""The view `v_trials`: the trial ledger, with how many tests each series had seen by then."""

from typing import Any

import sqlalchemy as sa

from storage.schema import report, series, trial
from storage.shown import KnownBy, Shown, by, micros


def define_trials(shown: Shown, known_by: KnownBy = None) -> sa.Select[Any]:
    """`tests_so_far` counts the row's own tests too; a series that is not stored here has its key alone."""
    order = (report.c.made_at, report.c.id)
    so_far = sa.func.sum(trial.c.tests).over(partition_by=trial.c.series_key, order_by=order)
    return (
        sa.select(
            trial.c.series_key.label("series"),
            *(series.c.target, series.c.scorer, series.c.venue, series.c.symbol),
            series.c.declaration["interval"].as_string().label("interval"),
            report.c.key.label("report"),
            *(report.c.html_name, trial.c.settings_digest, trial.c.data_digest, trial.c.tests),
            so_far.label("tests_so_far"),
            shown(report.c.made_at),
            micros(report.c.made_at).label("made_at_us"),
        )
        .join(report, report.c.id == trial.c.report_id)
        .join(series, sa.and_(series.c.key == trial.c.series_key, *by(known_by, series.c.recorded_at)), isouter=True)
        .where(*by(known_by, report.c.made_at))
    )
