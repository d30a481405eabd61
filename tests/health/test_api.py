"""/healthz, /readyz and /metrics as an application: what they answer, in which form, and that it is never a 500."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

import storage.counts
from dashboards.api.app import build_app
from dashboards.metrics import Exposed, Liveness, expose
from dashboards.metrics_catalogue import METRICS, OF_THE_PROCESS, Kind
from dashboards.metrics_page import describe
from jobs.patience import Patient
from service.errors import StoreFailed
from service.health import facts
from service.health.readiness import Readiness, judge, refuse
from tests.health.builders import NOW, a_source, ago, failing, well
from tests.jobs.houses import REPOSITORY

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
BUILD = {"version": "0", "schema": "1", "database": "sqlite", "python": "3"}


def everything() -> Exposed:
    """Something of every metric of the catalogue, names with quotes and line ends among them."""
    told = well(
        sources=(failing(a_source("a"), dt.timedelta(hours=2)), a_source('b"\n\\')),
        unread=facts.Unread("encoder/3", 2, ago(minutes=1)),
    )
    told = replace(told, jobs={**told.jobs, "report": replace(told.jobs["report"], running_since=ago(minutes=1),
        last_success_at=ago(hours=9))})  # fmt: skip
    counted = {
        metric.name.removeprefix("newscandle_"): {tuple(f"{label} é" for label in metric.labels): 3.0}
        for metric in METRICS.values()
        if metric.kind is Kind.COUNTER
        or metric.name.removeprefix("newscandle_")
        in {"articles_held", "extract_yield_ratio", "dated_ratio", "article_latency_seconds", "scorer_spread",
            "scorer_disagreement_ratio", "candles", "candle_gaps", "candle_missing", "quarantined_candles",
            "venue_dispersion_ratio", "job_last_duration_seconds", "store_size_bytes",
            "report_last_made_timestamp_seconds"}
    }  # fmt: skip
    counted |= {"job_duration_seconds_sum": {("x",): 7.5}, "job_duration_seconds_count": {("x",): 3.0}}
    counts = storage.counts.Counts(NOW, counted)
    return Exposed(judge(told), told, counts, ("host:2:cd",), {"watch": 0.5}, BUILD)


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_the_exposition_is_read_by_prometheus_own_parser(accept: str) -> None:
    """All of the catalogue and nothing else, each with the labels it says, in both forms."""
    body, content_type = expose(everything(), accept)
    assert content_type.startswith("application/openmetrics-text" if accept else "text/plain")
    families = list((read_openmetrics if accept else read_text)(body.decode()))
    samples = {sample.name: sample for family in families for sample in family.samples}
    ours = {name for name in samples if name.startswith("newscandle_")}
    named = {
        name + suffix
        for name, metric in METRICS.items()
        for suffix in (("_sum", "_count") if metric.kind is Kind.SUMMARY else ("",))
    }
    assert ours == named
    for name in ours:
        metric = METRICS.get(name) or METRICS[name.rpartition("_")[0]]
        assert set(samples[name].labels) == set(metric.labels), name
    assert {name for name in samples if name.startswith("process_")} <= set(OF_THE_PROCESS)
    assert samples["process_resident_memory_bytes"].value > 1e6
    sources = {sample.labels["source"] for family in families for sample in family.samples
        if sample.name == "newscandle_source_failures_in_row"}  # fmt: skip
    assert sources == {"a", 'b"\n\\'}


def test_the_figures_are_those_of_the_facts() -> None:
    body, _ = expose(everything())
    told = {
        (name.removeprefix("newscandle_"), *(labels[label] for label in METRICS[name].labels)): value
        for family in read_text(body.decode())
        for name, labels, value, *_ in family.samples
        if name in METRICS and METRICS[name].kind is not Kind.INFO
    }
    assert told["ready",] == 1.0
    assert told["source_last_success_timestamp_seconds", "a"] == (NOW - dt.timedelta(hours=2)).timestamp()
    assert told["source_state", "a", "failing"] == 1.0
    # asked again from 10:16 on, at the slot of 10:20; the failing one from 13:07 on, at 13:10
    assert told["source_next_try_timestamp_seconds", 'b"\n\\'] == NOW.replace(minute=20).timestamp()
    assert told["source_next_try_timestamp_seconds", "a"] == NOW.replace(hour=13, minute=10).timestamp()
    assert told["source_expected_interval_seconds", 'b"\n\\'] == 20 * 60
    assert told["series_age_seconds", "bitcoin", "1h", "encoder/3", "kraken", "BTC/USD"] == 7 * 60
    assert told["series_lag_seconds", "bitcoin", "1h", "encoder/3", "kraken", "BTC/USD"] == 0.0
    assert told["lease_age_seconds",] == 5.0
    assert (told["leader", "host:1:ab"], told["leader", "host:2:cd"]) == (1.0, 0.0)
    assert told["job_next_due_timestamp_seconds", "report"] == NOW.replace(day=15, hour=0, minute=20).timestamp()
    assert told["findings", "source_failing", "warning"] == 1.0


def test_the_page_of_metrics_is_up_to_date() -> None:
    """If this fails: `python -m dashboards.metrics_page > docs/metrics.md`."""
    assert (REPOSITORY / "docs" / "metrics.md").read_text("utf-8") == describe()
    assert all(metric.meaning for metric in METRICS.values())


@dataclass
class Told:
    """A probe that says what it is told to."""

    liveness: Liveness
    readiness: Readiness

    def check_alive(self) -> Liveness:
        return self.liveness

    def judge(self) -> Readiness:
        return self.readiness

    def expose(self) -> Exposed:
        return Exposed(self.readiness, build=BUILD)


WELL = Told(Liveness({"watch": 0.1}), judge(well()))
AWAY = Told(
    Liveness({"watch": 999.0, "worker": 0.0}, ("watch",)), refuse(StoreFailed("unreachable", "it is gone"), NOW)
)


@pytest.fixture(scope="module")
def ask() -> Iterator[object]:
    from starlette.testclient import TestClient

    with TestClient(build_app(WELL)) as well_client, TestClient(build_app(AWAY)) as away_client:
        yield lambda method, path, probe=WELL, **more: (well_client if probe is WELL else away_client).request(
            method, path, **more
        )


def test_the_answers_of_one_that_is_well_and_one_that_is_not(ask) -> None:  # type: ignore[no-untyped-def]
    assert ask("GET", "/healthz").json() == {"alive": True, "silent": [], "seconds": {"watch": 0.1}}
    ready = ask("GET", "/readyz")
    assert (ready.status_code, ready.json()["ready"], ready.json()["findings"]) == (200, True, [])
    assert "retry-after" not in ready.headers
    for path in ("/healthz", "/readyz"):
        away = ask("GET", path, AWAY)
        assert (away.status_code, away.headers["retry-after"]) == (503, "15")
        head = ask("HEAD", path, AWAY)
        assert (head.status_code, head.content) == (503, b"")
    assert ask("GET", "/healthz", AWAY).json()["silent"] == ["watch"]
    [finding] = ask("GET", "/readyz", AWAY).json()["findings"]
    assert (finding["check"], finding["severity"]) == ("store_unreadable", "critical")
    figures = ask("GET", "/metrics", AWAY)
    assert figures.status_code == 200
    assert "newscandle_ready 0.0" in figures.text
    assert "newscandle_store_up 0.0" in figures.text
    assert ask("GET", "/metrics", headers={"Accept": OPENMETRICS}).text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/docs", 404), ("POST", "/readyz", 405)]
)
def test_what_is_not_there_is_a_problem_with_details(ask, method: str, path: str, status: int) -> None:  # type: ignore[no-untyped-def]
    answer = ask(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() == {"type", "title", "status", "detail"}
    assert answer.json()["status"] == answer.status_code == status


def test_a_look_that_hangs_keeps_nobody_waiting_and_is_not_begun_twice() -> None:
    """Whoever asks meanwhile waits for the same one; when it ends, the next gets what it saw."""
    begun, going = [], [True]

    def look() -> str:
        begun.append(1)
        while going:
            time.sleep(0.005)
        return "seen"

    looking = Patient(look, fresh_for=60.0)
    started = time.monotonic()
    assert [looking.ask(0.05), looking.ask(0.05)] == [None, None]
    assert time.monotonic() - started < 1.0
    going.clear()
    assert looking.ask(5.0) == "seen"
    assert (looking.ask(0.0), len(begun)) == ("seen", 1)


def test_what_was_seen_before_is_given_while_it_is_seen_anew() -> None:
    seen = iter(range(99))
    counting = Patient(lambda: next(seen), fresh_for=0.0)
    assert counting.ask(5.0) == 0
    time.sleep(0.1)  # as long as it took, it is fresh
    assert counting.ask(5.0, is_old_welcome=True) == 0
    time.sleep(0.1)
    assert counting.ask(5.0, is_old_welcome=True) == 1
