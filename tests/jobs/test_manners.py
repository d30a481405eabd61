"""A slice of the simulated week (`python -m benchmarks.manners` is the whole), and a judge that can convict."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import stamina

from benchmarks.manners import MEMORY, RULES, judge, simulate
from benchmarks.simulated_web import HOUR, Asked

GOOD = Asked("a.example", "/f", 0.0, {}, 1.0, 200, {"etag": '"1"', "last-modified": "then", "content-length": "9"})
SENT = {"if-none-match": '"1"', "if-modified-since": "then"}


def test_a_day_of_six_feeds_is_without_fault(tmp_path: Path) -> None:
    """Nothing asked too soon, nothing asked for whole twice, one at a time; and everything published is held."""
    stamina.instrumentation.set_on_retry_hooks([])
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as folder:
        week = simulate(6, 1.1, Path(folder))
    stamina.instrumentation.set_on_retry_hooks(None)
    assert {rule: week.breaches[rule] for rule in RULES} == dict.fromkeys(RULES, 0)
    assert week.held == week.items > 0
    assert {200, 301, 304} <= set(week.statuses)


@pytest.mark.parametrize(
    ("log", "breach"),
    [
        ([GOOD, replace(GOOD, began=2 * HOUR, sent=SENT)], None),
        ([GOOD, replace(GOOD, began=2 * HOUR, sent=SENT, beside=1)], "beside"),
        ([GOOD, replace(GOOD, path="/other", began=5.9)], "gap"),
        ([GOOD, replace(GOOD, path="/other", began=6.1)], None),
        ([replace(GOOD, status=503, rest=HOUR), replace(GOOD, path="/other", began=HOUR)], "rest"),
        ([replace(GOOD, status=429, rest=HOUR), replace(GOOD, path="/other", began=HOUR + 2)], None),
        ([GOOD, replace(GOOD, began=14 * 60, sent=SENT)], "early"),
        ([replace(GOOD, fresh_for=HOUR), replace(GOOD, began=HOUR - 9, sent=SENT)], "early"),
        ([GOOD, replace(GOOD, began=2 * HOUR, sent={"if-none-match": '"1"'})], "unconditional"),
        ([GOOD, replace(GOOD, began=2 * HOUR, sent={**SENT, "if-none-match": 'W/"1"'})], "unconditional"),
        ([replace(GOOD, began=n * 100.0, ended=n * 100.0, status=500) for n in range(4)], "often"),
    ],
)
def test_the_judge_knows_a_breach(log: list[Asked], breach: str | None) -> None:
    assert set(judge(log)) == ({breach} if breach else set())
