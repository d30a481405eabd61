"""Run records, source states, entry fingerprints and reports: the bookkeeping."""

from dataclasses import replace

import sqlalchemy as sa

from service.instants import Window
from storage import database, entries, reports, runs, sources, trials
from storage.entries import SeenEntry
from storage.runs import Run
from storage.sources import SourceState
from tests.storage.builders import at


def test_a_run_is_noted_when_it_begins_and_when_it_ends(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        first = runs.start(connection, "ingest", started_at=at(0))
        killed = runs.start(connection, "score", started_at=at(1))
        runs.finish(
            connection, first, finished_at=at(2), outcome="failed", counts={"new": 3}, reason="nul \x00 in the reason"
        )
    with database.read(engine) as connection:
        assert runs.recent(connection) == [
            Run(killed, "score", at(1), None, "running", {}, ""),
            Run(first, "ingest", at(0), at(2), "failed", {"new": 3}, "nul \ufffd in the reason"),
        ]
        assert [one.id for one in runs.recent(connection, job="ingest", limit=1)] == [first]
        assert [one.id for one in runs.recent(connection, limit=1)] == [killed]


def test_a_source_has_one_state_kept_current(engine: sa.Engine) -> None:
    state = SourceState("bbc", "https://bbc.example/rss", etag='W/"é"', last_checked_at=at(0))
    failed = replace(state, failures_in_row=2, last_failure_reason="read_timeout", last_failure_at=at(1), etag="")
    with database.begin(engine) as connection:
        assert sources.load(connection, "bbc") is None
        sources.save(connection, state)
        sources.save(connection, SourceState("aaa", "https://a.example"))
        assert sources.load(connection, "bbc") == state
        sources.save(connection, failed)
        assert sources.load_all(connection) == [SourceState("aaa", "https://a.example"), failed]


def test_an_entry_belongs_to_the_source_that_brought_it_first(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        entries.save_fingerprints(connection, {"k1": "f1", "k2": "f2"}, source="a", recorded_at=at(0))
        entries.save_fingerprints(connection, {"k1": "theirs", "k3": "f3"}, source="b", recorded_at=at(1))
        entries.save_fingerprints(connection, {"k2": "edited"}, source="a", recorded_at=at(2))
        entries.save_fingerprints(connection, {}, source="a", recorded_at=at(2))
        assert entries.load_fingerprints(connection, ["k1", "k2", "k3", "k4"]) == {
            "k1": SeenEntry("a", "f1"),
            "k2": SeenEntry("a", "edited"),
            "k3": SeenEntry("b", "f3"),
        }


def test_the_same_report_made_again_is_the_one_that_is_there(engine: sa.Engine) -> None:
    told = {
        "target": "bitcoin",
        "window": Window(at(0), at(24)),
        "settings_digest": "abcd",
        "html_name": "bitcoin.html",
        "verdicts": ["not shown", "suggestive"],
    }
    with database.begin(engine) as connection:
        key = reports.save(connection, document={"n": 3, "é": [1.5, None]}, made_at=at(30), trials={"s1": 40}, **told)
        again = reports.save(connection, document={"é": [1.5, None], "n": 3}, made_at=at(31), trials={"s1": 40}, **told)
        other = reports.save(connection, document={"n": 4}, made_at=at(32), trials={"s1": 2, "s2": 1}, **told)
        assert key == again != other
        newest, first = reports.recent(connection)
        assert (newest.key, first.key, first.made_at) == (other, key, at(30))
        assert (first.window, first.verdicts) == (told["window"], ("not shown", "suggestive"))
        assert reports.recent(connection, target="trump") == []
        assert reports.load_document(connection, key) == {"n": 3, "é": [1.5, None]}
        assert reports.load_document(connection, "0" * 32) is None
        assert [trials.count_tests(connection, name) for name in ("s1", "s2", "s3")] == [42, 1, 0]


def test_reports_as_of_an_instant_are_those_made_by_then(engine: sa.Engine) -> None:
    told = {
        "target": "bitcoin",
        "window": Window(at(0), at(24)),
        "settings_digest": "a",
        "html_name": "",
        "verdicts": [],
    }
    with database.begin(engine) as connection:
        first = reports.save(connection, document={"n": 1}, made_at=at(30), trials={"s1": 40}, **told)
        later = reports.save(connection, document={"n": 2}, made_at=at(32), trials={"s1": 2}, **told)
        reports.save(connection, document={"n": 1}, made_at=at(40), trials={"s1": 40, "s2": 7}, **told)
        assert [one.key for one in reports.recent(connection, as_of=at(31))] == [first]
        assert reports.load_document(connection, later, as_of=at(31)) is None
        assert reports.load_document(connection, later, as_of=at(32)) == {"n": 2}
        assert [trials.count_tests(connection, "s1", as_of=at(hour)) for hour in (29, 30, 32)] == [0, 40, 42]
        assert trials.count_tests(connection, "s2") == 0  # told of only when the report was made again
