"""The boards Grafana is given: as they are written, whole, readable by Grafana's own models, asking for what there is.

No Grafana runs here: what it would say is judged by grafana-foundation-sdk, Grafana's published models, where that is
installed, and by the rules below. Queries are judged by promtool.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.grafana.__main__ import FOLDER, write_boards
from dashboards.grafana.boards import draw_boards
from tests.dashboards.test_prometheus_rules import find_faults, promtool
from tests.jobs.houses import REPOSITORY

BOARDS = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
PANELS = [(name, panel) for name, board in BOARDS.items() for panel in board["panels"] if panel["type"] != "row"]
UNITS = {"short", "s", "percentunit", "bytes", "dateTimeFromNow"}
BY_GRAFANA = {"$__rate_interval": "5m", "$source": ".*", "$interval": ".*", "$job": ".*"}


def queries() -> list[str]:
    """Every expression, with Grafana's variables filled in."""
    told = [target["expr"] for _, panel in PANELS for target in panel["targets"]]
    for name, value in BY_GRAFANA.items():
        told = [one.replace(name, value) for one in told]
    return told


def test_the_files_are_what_the_code_draws(tmp_path: Path) -> None:
    """If this fails: `python -m dashboards.grafana`."""
    write_boards(tmp_path)
    assert set(BOARDS) == set(draw_boards())
    for name in BOARDS:
        assert (FOLDER / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8")


def test_every_panel_says_what_it_shows_in_which_unit_and_where_to_look_further() -> None:
    headings = {
        one.lower() for one in re.findall(r"(?m)^## (\w+)$", (REPOSITORY / "docs/runbook.md").read_text("utf-8"))
    }
    assert len(PANELS) > 40
    for name, panel in PANELS:
        where = (name, panel["title"])
        assert panel["title"], where
        assert len(panel["description"]) > 15, where
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, where
        assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None, where
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, where
        assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C"][: len(panel["targets"])], where
        for link in panel["links"]:
            assert link["url"].removeprefix("${docs}/runbook.md#") in headings, where


def test_panels_have_their_own_places_and_numbers() -> None:
    assert len({board["uid"] for board in BOARDS.values()}) == 3
    for name, board in BOARDS.items():
        numbers = [panel["id"] for panel in board["panels"]]
        assert len(set(numbers)) == len(numbers)
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
            assert max(x for x, _ in cells) < 24, (name, panel["title"])
            assert not cells & taken, (name, panel["title"])
            taken |= cells
        assert len(taken) == 24 * (max(y for _, y in taken) + 1), "no hole in the board"


def test_variables_are_those_that_are_used() -> None:
    for name, board in BOARDS.items():
        named = {one["name"] for one in board["templating"]["list"]}
        text = json.dumps(board["panels"]) + json.dumps(board["links"])
        used = set(re.findall(r"\$\{?(?!__)([a-z]+)\}?", text))
        assert used == named, name
        asked = [one["definition"] for one in board["templating"]["list"] if one["type"] == "query"]
        for query in asked:
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()  # type: ignore[union-attr]
            assert find_faults(f'{metric}{{{label}="x"}}') == []


def test_every_query_asks_for_metrics_and_labels_there_are() -> None:
    assert {one: faults for one in queries() if (faults := find_faults(one))} == {}
    for _, panel in PANELS:
        for target in panel["targets"]:
            if "newscandle:" in target["expr"]:
                continue  # what is recorded has the labels its rule gives it
            legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert all(re.search(rf"\b{label}\b", target["expr"]) for label in legend - {"instance"}), target


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_every_query_parses(tmp_path: Path) -> None:
    rules = [{"record": f"query:{place}", "expr": one} for place, one in enumerate(queries())]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "boards", "rules": rules}]}), "utf-8")
    done = promtool("check", "rules", tmp_path / "queries.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules)} rules found" in done.stdout


def test_grafana_finds_boards_and_prometheus_where_compose_puts_them() -> None:
    folder = REPOSITORY / "dashboards" / "grafana" / "provisioning"
    [provider] = yaml.safe_load((folder / "dashboards" / "newscandle.yaml").read_text("utf-8"))["providers"]
    [source] = yaml.safe_load((folder / "datasources" / "newscandle.yaml").read_text("utf-8"))["datasources"]
    services = yaml.safe_load((REPOSITORY / "docs" / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    mounted = dict(one.split(":")[:2] for one in services["grafana"]["volumes"] if one.startswith("../"))
    deploy = REPOSITORY / "docs" / "deploy"
    assert (
        deploy / next(here for here, there in mounted.items() if there == provider["options"]["path"])
    ).resolve() == FOLDER
    assert any(
        there == "/etc/grafana/provisioning" and (deploy / here).resolve() == folder for here, there in mounted.items()
    )
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in services


def test_grafanas_own_models_read_the_boards_and_lose_nothing() -> None:
    """What Grafana's models do not know they leave out: the board that comes back is the board that went in."""
    sdk = "grafana_foundation_sdk"
    models = pytest.importorskip(f"{sdk}.models.dashboard", reason="grafana-foundation-sdk is not installed")
    encoder = pytest.importorskip(f"{sdk}.cog.encoder")
    pytest.importorskip(f"{sdk}.cog.plugins").register_default_plugins()
    for name, board in BOARDS.items():
        back = json.loads(encoder.JSONEncoder(sort_keys=True).encode(models.Dashboard.from_json(board)))
        assert [one for one in missing(board, back, name) if ".definition: " not in one] == [], "one the SDK leaves out"


def missing(given: Any, back: Any, where: str) -> list[str]:
    """Where `back` has not what was `given`; empty and null values need not come back."""
    if isinstance(given, dict) and isinstance(back, dict):
        return [fault for key, value in given.items() for fault in missing(value, back.get(key), f"{where}.{key}")]
    if isinstance(given, list) and isinstance(back, list) and len(given) == len(back):
        return [fault for place, pair in enumerate(zip(given, back)) for fault in missing(*pair, f"{where}[{place}]")]  # noqa: B905
    return [] if given == back or given in (None, "", [], {}, False) else [f"{where}: {given!r} came back as {back!r}"]
