"""The rules Prometheus is given: they parse, speak of metrics there are, fire when they should, lead to the runbook.

`promtool` (Debian: apt-get install prometheus) judges; without it only what can be read in the files is tested.
`NEWSCANDLE_TEST_RULES=1` adds those that need two weeks of figures.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.metrics_catalogue import METRICS, OF_THE_PROCESS, Kind
from tests.jobs.houses import REPOSITORY

FOLDER = REPOSITORY / "dashboards" / "grafana" / "prometheus"
RULES = [yaml.safe_load((FOLDER / name).read_text("utf-8")) for name in ("recording.yml", "alerts.yml")]
ALERTS = [rule for group in RULES[1]["groups"] for rule in group["rules"]]
RECORDED = {rule["record"] for group in RULES[0]["groups"] for rule in group["rules"]}
with_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)"
)

SELECTOR = re.compile(r"\b((?:newscandle|process)_[a-z0-9_]+|newscandle:[a-z0-9_:]+)(?:\{([^}]*)\})?")
ADDED = {"job", "instance"}
"""Labels that Prometheus adds."""


def expressions() -> Iterator[str]:
    for rules in RULES:
        for group in rules["groups"]:
            yield from (rule["expr"] for rule in group["rules"])


def find_faults(expression: str) -> list[str]:
    """Metrics and labels in `expression` that nothing exposes or records."""
    faults = []
    for name, matchers in SELECTOR.findall(expression):
        if ":" in name:
            faults += [] if name in RECORDED else [name]
            continue
        metric = METRICS.get(name) or METRICS.get(re.sub(r"_(sum|count)$", "", name))
        if metric is None:
            faults += [] if name in OF_THE_PROCESS else [name]
            continue
        assert metric.kind is Kind.SUMMARY or name in METRICS, name
        asked = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", matchers)) - ADDED
        faults += [f"{name}{{{label}}}" for label in asked - set(metric.labels)]
    return faults


def test_every_metric_and_label_exists() -> None:
    told = list(expressions())
    assert len(told) > 40
    assert {one: faults for one in told if (faults := find_faults(one))} == {}
    assert find_faults('newscandle_nonsense{a="b"} + newscandle_candles{source="x"}') != [], "the test itself can fail"


def test_every_alert_says_what_where_and_how_grave_and_leads_to_its_words() -> None:
    headings = re.findall(r"(?m)^## (\w+)$", (REPOSITORY / "docs" / "runbook.md").read_text("utf-8"))
    assert headings == [rule["alert"] for rule in ALERTS], "one section each, in the same order"
    for rule in ALERTS:
        told = rule["annotations"]
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(told) == {"summary", "description", "runbook_url"}
        assert told["runbook_url"] == f"{{{{ $externalLabels.docs }}}}/runbook.md#{rule['alert'].lower()}"


def test_beside_every_page_stands_one_for_its_metric_being_absent() -> None:
    [missing] = [rule["expr"] for rule in ALERTS if rule["alert"] == "NewscandleMetricsMissing"]
    watched = set(re.findall(r"absent\((\w+)", missing))
    recorded = {rule["record"]: rule["expr"] for group in RULES[0]["groups"] for rule in group["rules"]}
    for rule in ALERTS:
        used = {name for name, _ in SELECTOR.findall(rule["expr"])}
        while names := {name for name in used if ":" in name}:
            used = (used - names) | {one for name in names for one, _ in SELECTOR.findall(recorded[name])}
        if rule["labels"]["severity"] == "critical" and used and rule["alert"] != "NewscandleMetricsMissing":
            assert used & watched, rule["alert"]


NOW = "0+60x20000"
"""An instant that is always now: the tests' minutes begin at 1970."""
STUCK = "0x20000"
HEALTHY: dict[str, str] = {
    'up{job="newscandle",instance="a"}': "1x20000",
    'newscandle_ready{job="newscandle",instance="a"}': "1x20000",
    'newscandle_store_up{job="newscandle",instance="a"}': "1x20000",
    'newscandle_leader{job="newscandle",instance="a",daemon="one"}': "1x20000",
    'newscandle_leader{job="newscandle",instance="a",daemon="two"}': "0x20000",
    'newscandle_lease_age_seconds{job="newscandle",instance="a"}': "3x20000",
    'newscandle_thread_silence_seconds{job="newscandle",instance="a",thread="watch"}': "2x20000",
    'newscandle_thread_silence_seconds{job="newscandle",instance="a",thread="worker"}': "300x20000",
    'newscandle_clock_skew_seconds{job="newscandle",instance="a"}': "-0.2x20000",
    'newscandle_counts_timestamp_seconds{job="newscandle",instance="a"}': NOW,
    'process_resident_memory_bytes{job="newscandle",instance="a"}': "4e8x20000",
    'newscandle_job_failures_in_row{job="score",instance="a"}': "0x20000",
    'newscandle_slots_waiting{job="score",instance="a"}': "1 0 0 0 0x20000",
    'newscandle_slots_total{job="score",instance="a",outcome="done"}': "0+1x20000",
    'newscandle_job_running_since_timestamp_seconds{job="score",instance="a"}': NOW,
    'newscandle_store_size_bytes{job="newscandle",instance="a"}': "2000000000+1000x20000",
    'newscandle_articles_total{job="newscandle",instance="a",source="wire"}': "0+1x20000",
    'newscandle_scores_total{job="newscandle",instance="a",scorer="rules",state="scored"}': "0+3x20000",
    'newscandle_skipped_total{job="newscandle",instance="a",stage="feed",reason="date_missing"}': "0+1x20000",
    'newscandle_oldest_unread_timestamp_seconds{job="newscandle",instance="a",scorer="rules"}': NOW,
    'newscandle_venue_dispersion_ratio{job="newscandle",instance="a",symbol="BTC/USD",interval="1h"}': "0.001x20000",
    'newscandle_report_last_made_timestamp_seconds{job="newscandle",instance="a",target="bitcoin"}': NOW,
    'newscandle_series_last_bar_timestamp_seconds{job="newscandle",instance="a",target="bitcoin",interval="1h"}': NOW,
}
for _source in ("wire", "desk", "blog"):
    _of = f'{{job="newscandle",instance="a",source="{_source}"}}'
    HEALTHY |= {
        f"newscandle_source_last_success_timestamp_seconds{_of}": NOW,
        f"newscandle_source_last_new_article_timestamp_seconds{_of}": NOW,
        f"newscandle_source_expected_interval_seconds{_of}": "1200x20000",
        f"newscandle_source_usual_silence_seconds{_of}": "7200x20000",
        f"newscandle_extract_yield_ratio{_of}": "0.95x20000",
        f"newscandle_dated_ratio{_of}": "1x20000",
        f'newscandle_source_state{_of[:-1]},state="fresh"}}': "1x20000",
    }
for _venue, _interval in (("coinbase", "1h"), ("kraken", "1h"), ("kraken", "1d")):
    _of = f'{{job="newscandle",instance="a",venue="{_venue}",symbol="BTC/USD",interval="{_interval}"}}'
    HEALTHY[f"newscandle_candle_last_close_timestamp_seconds{_of}"] = NOW
    HEALTHY[f"newscandle_quarantined_candles{_of}"] = "7x20000"
    HEALTHY[f'newscandle_candle_missing{_of[:-1]},reason="outage"}}'] = "90x20000"

WIRE = '{job="newscandle",instance="a",source="wire"}'
MARKET = '{job="newscandle",instance="a",venue="%s",symbol="BTC/USD",interval="%s"}'
FIRED: dict[str, tuple[Mapping[str, str], str]] = {
    "NewscandleNoneUp": ({'up{job="newscandle",instance="a"}': "1x59 0x20000"}, "65m"),
    "NewscandleMissing": ({'up{job="newscandle",instance="a"}': ""}, "65m"),
    "NewscandleInstanceDown": ({'up{job="newscandle",instance="b"}': "1x59 0x20000"}, "75m"),
    "NewscandleNotReady": ({'newscandle_ready{job="newscandle",instance="a"}': "1x59 0x20000"}, "75m"),
    "NewscandleStoreDown": ({'newscandle_store_up{job="newscandle",instance="a"}': "1x59 0x20000"}, "65m"),
    "NewscandleThreadSilent": (
        {'newscandle_thread_silence_seconds{job="newscandle",instance="a",thread="watch"}': "0+60x20000"}, "65m"
    ),
    "NewscandleClockSkew": ({'newscandle_clock_skew_seconds{job="newscandle",instance="a"}': "-3x20000"}, "65m"),
    "NewscandleCountsOld": ({'newscandle_counts_timestamp_seconds{job="newscandle",instance="a"}': STUCK}, "65m"),
    "NewscandleMemoryHigh": ({'process_resident_memory_bytes{job="newscandle",instance="a"}': "1.9e9x20000"}, "65m"),
    "NewscandleNobodyLeads": (
        {'newscandle_leader{job="newscandle",instance="a",daemon="one"}': "1x59 0x20000"}, "65m"
    ),
    "NewscandleSeveralLead": (
        {'newscandle_leader{job="newscandle",instance="b",daemon="three"}': "1x20000"}, "65m"
    ),
    "NewscandleLeaseOld": ({'newscandle_lease_age_seconds{job="newscandle",instance="a"}': "90x20000"}, "65m"),
    "NewscandleJobFailing": ({'newscandle_job_failures_in_row{job="score",instance="a"}': "4x20000"}, "65m"),
    "NewscandleJobLong": ({'newscandle_job_running_since_timestamp_seconds{job="score",instance="a"}': STUCK}, "70m"),
    "NewscandleSlotsWaiting": ({'newscandle_slots_waiting{job="score",instance="a"}': "2x20000"}, "65m"),
    "NewscandleSlotsLost": (
        {'newscandle_slots_total{job="score",instance="a",outcome="missed"}': "_x60 3x20000"}, "65m"
    ),
    "NewscandleReportOld": (
        {'newscandle_report_last_made_timestamp_seconds{job="newscandle",instance="a",target="bitcoin"}': STUCK}, "31h"
    ),
    "NewscandleSourceStale": ({f"newscandle_source_last_success_timestamp_seconds{WIRE}": STUCK}, "65m"),
    "NewscandleMostSourcesStale": (
        {f"newscandle_source_last_success_timestamp_seconds{one}": STUCK
         for one in (WIRE, WIRE.replace("wire", "desk"))}, "65m"
    ),
    "NewscandleSourceSilent": ({f"newscandle_source_last_new_article_timestamp_seconds{WIRE}": STUCK}, "26h"),
    "NewscandleSourceStopped": (
        {f"newscandle_source_state{WIRE[:-1]},state=\"stopped\"}}": "1x20000",
         f"newscandle_source_state{WIRE[:-1]},state=\"fresh\"}}": ""}, "65m"
    ),
    "NewscandleYieldFell": ({f"newscandle_extract_yield_ratio{WIRE}": "0.95x59 0.2x20000"}, "8h"),
    "NewscandleDatesLost": ({f"newscandle_dated_ratio{WIRE}": "0.1x20000"}, "7h"),
    "NewscandleRowsOdd": (
        {'newscandle_articles_total{job="newscandle",instance="a",source="wire"}': "0+5x2600 13000+10x1400"}, "235h"
    ),
    "NewscandleSkippedMany": (
        {'newscandle_skipped_total{job="newscandle",instance="a",stage="feed",reason="date_missing"}':
         "0+5x2600 13000+45x1400"}, "235h"
    ),
    "NewscandleUnread": (
        {'newscandle_oldest_unread_timestamp_seconds{job="newscandle",instance="a",scorer="rules"}': STUCK}, "80m"
    ),
    "NewscandleStoreGrows": (
        {'newscandle_store_size_bytes{job="newscandle",instance="a"}': "2000000000+1000000x20000"}, "3h"
    ),
    "NewscandleCandlesStale": (
        {f"newscandle_candle_last_close_timestamp_seconds{MARKET % (venue, '1h')}": STUCK
         for venue in ("coinbase", "kraken")}, "2h"
    ),
    "NewscandleGapsOpen": (
        {'newscandle_candle_missing{job="newscandle",instance="a",venue="k",symbol="BTC/USD",interval="1h",'
         'reason="fetch_failed"}': "30x20000"}, "7h"
    ),
    "NewscandleQuarantine": (
        {f"newscandle_quarantined_candles{MARKET % ('kraken', '1h')}": "7x59 17x20000"}, "65m"
    ),
    "NewscandleVenuesDisagree": (
        {'newscandle_venue_dispersion_ratio{job="newscandle",instance="a",symbol="BTC/USD",interval="1h"}':
         "0.03x20000"}, "65m"
    ),
    "NewscandleSeriesStale": (
        {'newscandle_series_last_bar_timestamp_seconds{job="newscandle",instance="a",target="bitcoin",interval="1h"}':
         STUCK}, "3h"
    ),
    "NewscandleMetricsMissing": (
        {'newscandle_thread_silence_seconds{job="newscandle",instance="a",thread="watch"}': "",
         'newscandle_thread_silence_seconds{job="newscandle",instance="a",thread="worker"}': ""}, "65m"
    ),
    "NewscandleBudgetBurnsFast": (
        {'newscandle_ready{job="newscandle",instance="a"}': "1x300 0x9 1x3 0x4 1x20000"}, "320m"
    ),
    "NewscandleBudgetBurns": (
        {'newscandle_ready{job="newscandle",instance="a"}': "1x300 0x9 1x10 0x9 1x20000"}, "350m"
    ),
}  # fmt: skip
"""For each alert a fault that fires it, laid over the healthy day, and by when it has."""
ALONG: Mapping[str, set[str]] = {
    "NewscandleNoneUp": {"NewscandleInstanceDown"},
    "NewscandleMostSourcesStale": {"NewscandleSourceStale"},
    "NewscandleBudgetBurnsFast": {"NewscandleBudgetBurns", "NewscandleNotReady"},
    "NewscandleBudgetBurns": {"NewscandleBudgetBurnsFast", "NewscandleNotReady"},
    "NewscandleNotReady": {"NewscandleBudgetBurnsFast", "NewscandleBudgetBurns"},
}
"""What may fire beside it."""


LONG = ("NewscandleRowsOdd", "NewscandleSkippedMany")
"""What compares with days before."""
APART = (*LONG, "NewscandleReportOld", "NewscandleSourceSilent", "NewscandleSeveralLead", "NewscandleSourceStopped")
"""What takes more than a day, or would keep another from firing."""


def a_case(
    changes: Mapping[str, str], told: Mapping[str, str], minutes: int = 1, others_at: str = ""
) -> dict[str, Any]:
    """That each alert of `told` fires at its time, and (where `others_at` is given) none that does not follow from it.

    There is a figure every so many `minutes`.
    """
    at = [*told.values(), *([others_at] if others_at else [])]
    steps = max(int(one[:-1]) * (60 if one.endswith("h") else 1) for one in at) // minutes + 5
    series = [
        {"series": one, "values": values.replace("x20000", f"x{steps}").replace("+60x", f"+{60 * minutes}x")}
        for one, values in {**HEALTHY, **changes}.items()
        if values
    ]
    firing = 'count by (alertname) (ALERTS{alertstate="firing",%s}) > bool 0'
    tests: list[dict[str, Any]] = [
        {"expr": firing % f'alertname="{name}"', "eval_time": one,
         "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1}]}
        for name, one in told.items()
    ]  # fmt: skip
    if others_at:
        allowed = "|".join({"none", *told, *(one for name in told for one in ALONG.get(name, ()))})
        tests.append({"expr": firing % f'alertname!~"{allowed}"', "eval_time": others_at, "exp_samples": []})
    return {"name": ", ".join(told), "interval": f"{minutes}m", "input_series": series, "promql_expr_test": tests}


def judge(folder: Path, *cases: dict[str, Any]) -> None:
    files = [str(FOLDER / name) for name in ("recording.yml", "alerts.yml")]
    tests = {"rule_files": files, "evaluation_interval": "5m", "tests": list(cases)}
    (folder / "tests.yml").write_text(yaml.safe_dump(tests, width=1000), encoding="utf-8")
    done = promtool("test", "rules", folder / "tests.yml")
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


@with_promtool
def test_alerts_fire_by_their_faults_and_none_on_a_healthy_day(tmp_path: Path) -> None:
    """All faults at once that do not stand in one another's way."""
    changes: dict[str, str] = {}
    told: dict[str, str] = {}
    for name, (fault, at) in FIRED.items():
        if name not in APART and all(changes.get(one, values) == values for one, values in fault.items()):
            changes |= fault
            told[name] = at
    assert len(told) >= 24
    judge(tmp_path, a_case({}, {}, others_at="9h"), a_case(changes, told))


@with_promtool
@pytest.mark.skipif("NEWSCANDLE_TEST_RULES" not in os.environ, reason="set NEWSCANDLE_TEST_RULES=1: a minute")
def test_each_alert_fires_by_its_fault_alone_and_none_in_healthy_weeks(tmp_path: Path) -> None:
    assert set(FIRED) == {rule["alert"] for rule in ALERTS}
    cases = [a_case(fault, {name: at}, 5 if name in LONG else 1, at) for name, (fault, at) in FIRED.items()]
    judge(tmp_path, a_case({}, {}, 5, others_at="300h"), *cases)


@with_promtool
def test_promtool_takes_rules_and_configuration(tmp_path: Path) -> None:
    done = promtool("check", "rules", FOLDER / "recording.yml", FOLDER / "alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SUCCESS") == 2
    config = (REPOSITORY / "docs" / "deploy" / "prometheus.yml").read_text("utf-8")
    assert "honor_labels: true" in config, "metrics of ours have a label `job`"
    (tmp_path / "prometheus.yml").write_text(config.replace("/etc/prometheus/newscandle", str(FOLDER)), "utf-8")
    done = promtool("check", "config", tmp_path / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 rule files found" in done.stdout


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, timeout=300, check=False)
