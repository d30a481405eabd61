"""The parts of a Grafana board as plain values, by Grafana's own names; `boards.py` puts them together.

Every panel says what it shows, in which unit, from when on it is bad, and where the runbook speaks of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
"""How wide Grafana's grid is."""
SCHEMA_VERSION = 41
"""Of Grafana 12; later ones read it and bring it up to date."""
GREEN, YELLOW, RED, BLUE = "green", "yellow", "red", "blue"

Json = dict[str, Any]
Levels = Sequence[tuple[float, str]]
"""From which value on which colour holds; below the first it is green."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: `queries` are expressions with what each line is called; `alert` is its section in the runbook."""

    kind: str
    title: str
    description: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    levels: Levels = ()
    base: str = GREEN
    alert: str = ""
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # what a value is called, and its colour
    options: Json = field(default_factory=dict)
    custom: Json = field(default_factory=dict)
    bounds: tuple[float | None, float | None] = (None, None)
    is_instant: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels beside one another, each as wide as it says (of 24), under a title."""

    title: str
    height: int
    panels: Sequence[tuple[int, Panel]]


def draw_board(uid: str, title: str, description: str, variables: Sequence[Json], rows: Sequence[Row]) -> Json:
    """A whole board, as Grafana's provisioning reads it."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["newscandle"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "timezone": "utc",
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timepicker": {},
        "annotations": {"list": []},
        "templating": {"list": [_choose_datasource(), *variables, _name_docs()]},
        "links": [
            {
                "type": "dashboards", "title": "newscandle", "tags": ["newscandle"], "asDropdown": False,
                "includeVars": True, "keepTime": True, "icon": "dashboard", "targetBlank": False, "tooltip": "",
                "url": "",
            },
            {
                "type": "link", "title": "Runbook", "url": "${docs}/runbook.md", "icon": "doc", "targetBlank": True,
                "asDropdown": False, "includeVars": False, "keepTime": False, "tags": [], "tooltip": "",
            },
        ],
        "panels": list(_place(rows)),
    }  # fmt: skip


def ask_values(name: str, label: str, metric: str) -> Json:
    """A variable over the values of the label `name` of `metric`; all of them unless chosen."""
    query = f"label_values({metric}, {name})"
    return {
        "type": "query", "name": name, "label": label, "datasource": DATASOURCE, "definition": query,
        "query": {"query": query, "refId": "variable"}, "refresh": 2, "sort": 1, "multi": True, "includeAll": True,
        "allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}, "hide": 0, "options": [], "regex": "",
        "skipUrlSync": False,
    }  # fmt: skip


def _choose_datasource() -> Json:
    return {
        "type": "datasource", "name": "datasource", "label": "Prometheus", "query": "prometheus", "refresh": 1,
        "current": {}, "hide": 0, "includeAll": False, "multi": False, "options": [], "regex": "",
        "skipUrlSync": False,
    }  # fmt: skip


def _name_docs() -> Json:
    return {
        "type": "textbox", "name": "docs", "label": "Where docs/ are read", "query": "docs", "hide": 0,
        "current": {"text": "docs", "value": "docs"}, "options": [{"selected": True, "text": "docs", "value": "docs"}],
        "skipUrlSync": False,
    }  # fmt: skip


def _place(rows: Sequence[Row]) -> Iterator[Json]:
    number, top = 1, 0
    for row in rows:
        yield {
            "type": "row", "id": number, "title": row.title, "collapsed": False, "panels": [],
            "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top},
        }  # fmt: skip
        number, top, left = number + 1, top + 1, 0
        for width, panel in row.panels:
            place = {"h": row.height, "w": width, "x": left, "y": top}
            yield {"id": number, "gridPos": place, **_draw(panel)}
            number, left = number + 1, left + width
        top += row.height


def _draw(panel: Panel) -> Json:
    least, most = panel.bounds
    defaults: Json = {
        "unit": panel.unit,
        "custom": panel.custom,
        "mappings": [
            {
                "type": "value",
                "options": {
                    value: {"index": place, "text": text, "color": colour}
                    for place, (value, (text, colour)) in enumerate(panel.names.items())
                },
            }
        ]
        if panel.names
        else [],
        "thresholds": {
            "mode": "absolute",
            "steps": [
                {"value": None, "color": panel.base},
                *({"value": value, "color": colour} for value, colour in panel.levels),
            ],
        },
        **({"min": least} if least is not None else {}),
        **({"max": most} if most is not None else {}),
    }
    anchor = f"${{docs}}/runbook.md#{panel.alert.lower()}"
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "links": [{"title": f"Runbook: {panel.alert}", "url": anchor, "targetBlank": True}] if panel.alert else [],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": panel.options,
        "targets": [
            {
                "refId": chr(ord("A") + place), "datasource": DATASOURCE, "expr": expression, "legendFormat": legend,
                "editorMode": "code", "range": not panel.is_instant, "instant": panel.is_instant,
                "format": "table" if panel.kind == "table" else "time_series",
            }
            for place, (expression, legend) in enumerate(panel.queries)
        ],
        "transformations": [
            {"id": "organize", "options": {"excludeByName": {"Time": True, "__name__": True}, "indexByName": {},
                                           "renameByName": {}}}
        ] if panel.kind == "table" else [],
    }  # fmt: skip


def stat(title: str, description: str, expression: str, unit: str = "short", legend: str = "", **more: Any) -> Panel:
    """One figure as it is now, coloured by its levels."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "textMode": more.pop("text", "auto"),
    }
    queries = [(expression, legend)]
    return Panel("stat", title, description, queries, unit, options=options, is_instant=True, **more)


def graph(title: str, description: str, *queries: tuple[str, str], unit: str = "short", **more: Any) -> Panel:
    """Lines over time; `stacked=True` for parts of a whole, `bars=True` for what was counted in each step."""
    is_stacked, has_bars = more.pop("stacked", False), more.pop("bars", False)
    custom = {
        "drawStyle": "bars" if has_bars else "line",
        "lineWidth": 1,
        "fillOpacity": 60 if has_bars else 10 if is_stacked else 0,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if is_stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if more.get("levels") else "off"},
        "axisPlacement": "auto",
        "axisSoftMin": 0,
    }
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return Panel("timeseries", title, description, queries, unit, options=options, custom=custom, **more)


def table(title: str, description: str, expression: str, unit: str = "short", **more: Any) -> Panel:
    """What holds now, a line for each, with all its labels."""
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "fields": ""}}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": True}
    queries = [(expression, "")]
    return Panel("table", title, description, queries, unit, options=options, custom=custom, is_instant=True, **more)


def timeline(title: str, description: str, *queries: tuple[str, str], **more: Any) -> Panel:
    """In which state something was, over time."""
    options = {
        "showValue": "never",
        "mergeValues": True,
        "alignValue": "left",
        "rowHeight": 0.9,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
        "tooltip": {"mode": "single", "sort": "none"},
    }
    custom = {"lineWidth": 0, "fillOpacity": 80}
    return Panel("state-timeline", title, description, queries, options=options, custom=custom, **more)
