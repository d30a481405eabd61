"""A slice of the hostile web against the real ingest; `python -m benchmarks.hostile_web` does ten thousand and more."""

import datetime as dt
import os
from pathlib import Path

import pytest

from jobs.house import House
from jobs.ingest import ingest_sources
from jobs.settings import Source
from tests.hostile_web import (
    KINDS,
    OUTCOMES,
    HostileWeb,
    Plan,
    manners,
    plan_kind,
    plan_mutant,
    serve,
)
from tests.jobs.houses import Hands, a_house, digest_of, idle, rows

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif("NEWSCANDLE_TEST_DATA" not in os.environ, reason="needs NEWSCANDLE_TEST_DATA"),
]


def sources_of(web: HostileWeb, plans: list[Plan]) -> tuple[Source, ...]:
    return tuple(Source(name=plan.name, url=f"http://{plan.host}:{web.port}/feed", fetch_pages=False) for plan in plans)


def outcomes_by_source(house: House) -> dict[str, str]:
    each = OUTCOMES.replace("SELECT outcome, count(*)", "SELECT source, outcome").replace(
        "GROUP BY outcome ORDER BY 2 DESC, 1", ""
    )
    return {str(source): str(outcome) for source, outcome in rows(house, each)}


def test_each_kind_of_failure_ends_in_its_reason_or_in_entries(memory_path: Path) -> None:
    """One of each kind, then mutants: every source has at least one entry or exactly one reason, and that one is right.

    Nothing reaches an address it may not; reading all of it again changes nothing.
    """
    plans = [plan_kind(kind, number) for number, kind in enumerate(KINDS, start=1)]
    plans += [plan_mutant(1_000 + 37 * number) for number in range(80)]
    clock = Hands()
    with (
        serve(plans) as web,
        a_house(memory_path, *sources_of(web, plans), ingest=manners(), clock=clock) as house,
    ):
        ingest_sources(house, frozenset({plans[0].name}), idle)  # what is loaded at first use delays nobody's answer
        wrong = find_wrong(house, plans)
        for _ in range(3):  # on a busy machine an answer may come too late: that source is asked again
            clock.now += dt.timedelta(days=8)
            ingest_sources(house, frozenset(wrong), idle)
            wrong = find_wrong(house, plans)
            if not any(outcome.endswith("_timeout") for outcome in wrong.values()):
                break
        before = digest_of(house)
        ingest_sources(house, frozenset(plan.name for plan in plans if "" in plan.expected), idle)
        assert digest_of(house) == before
    assert web.secrets == []
    assert wrong == {}


def find_wrong(house: House, plans: list[Plan]) -> dict[str, str]:
    """Sources that ended otherwise than they should, and in what; a mutant may end in any reason but a late answer."""
    found = outcomes_by_source(house)
    wrong = {}
    for plan in plans:
        outcome = found.get(plan.name, "not asked")
        is_late = not plan.expected and outcome.endswith("_timeout")
        if outcome in ("not asked", "nothing at all") or is_late or (plan.expected and outcome not in plan.expected):
            wrong[plan.name] = outcome
    return wrong
