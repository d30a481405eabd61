"""The trial ledger: how many p-values were ever computed on a series. One small p is to be read beside all of them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.schema import report, trial
from storage.upsert import insert_new

_COLUMNS = ("series_key", "report_id", "tests", "settings_digest", "data_digest")


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """What makes two studies of a series the same: every choice and every value read are equal."""

    settings_digest: str
    data_digest: str


def record(
    connection: sa.Connection, report_id: int, tests: Mapping[str, int], study: StudyIdentity | None = None
) -> None:
    """Enter the p-values of one report, by key of the series, each once.

    The same `study` made again has nothing to enter, however its page has changed since; where a later newscandle
    computes more of them, the further ones are. Without `study` all are taken as new.
    """
    rows = []
    for series_key, number in tests.items():
        further = number - (0 if study is None else _sum(connection, series_key, _is_of(study)))
        if further > 0:
            digests = (None, None) if study is None else (study.settings_digest, study.data_digest)
            rows.append((series_key, report_id, further, *digests))
    insert_new(connection, trial, _COLUMNS, rows)


def count_tests(
    connection: sa.Connection,
    series_key: str,
    *,
    as_of: dt.datetime | None = None,
    besides: StudyIdentity | None = None,
) -> int:
    """How many p-values were ever computed on one series (by `as_of`, without those of `besides`)."""
    if besides is None:
        return _sum(connection, series_key, sa.true(), as_of)
    others = sa.or_(trial.c.settings_digest.is_(None), ~_is_of(besides))
    return _sum(connection, series_key, others, as_of)


def _is_of(study: StudyIdentity) -> sa.ColumnElement[bool]:
    return sa.and_(trial.c.settings_digest == study.settings_digest, trial.c.data_digest == study.data_digest)


def _sum(
    connection: sa.Connection, series_key: str, chosen: sa.ColumnElement[bool], as_of: dt.datetime | None = None
) -> int:
    total: sa.Select[Any] = sa.select(sa.func.coalesce(sa.func.sum(trial.c.tests), 0))
    total = total.where(trial.c.series_key == series_key, chosen)
    if as_of is not None:
        total = total.join(report, report.c.id == trial.c.report_id).where(report.c.made_at <= as_of)
    return int(connection.scalar(total) or 0)
