"""Tools for what follows from it all: reports with their verdicts, and health."""

import json
from typing import Any, Final

from dashboards.readiness import as_json
from jobs.assistants.answering import read_as_of, reading, tell
from jobs.assistants.arguments import Nothing, OneReport, Reports
from jobs.assistants.quoting import quote
from jobs.assistants.rows import load_rows
from jobs.house import House
from jobs.lookout import look
from service.errors import BadInput, StoreFailed
from service.health import readiness
from service.instants import format_instant
from storage import reports

_USUAL: Final = ("conclusions", "calibration", "ledger", "tests_made", "refusals", "reproduction")
_COUNTED: Final = "sample"
MOST_SIGNS: Final = 60_000
_UNITS = {
    "verdicts": "of the report's conclusions, in their order",
    "tests": "p-values computed for this report on this series",
    "tests_so_far": "p-values ever computed on this series in this store, this report's with them",
    "p_family": "within this report's family of tests; p_ledger: beside every test ever made on the series",
    "false_alarm_rate": "share of worlds with the link cut in which something would have been found",
    "least_effect": "|r| that would usually be seen: what is not shown below it is not shown to be absent",
}


def list_reports(house: House, asked: Reports) -> dict[str, Any]:
    """The newest reports with their verdicts and how often their series was tested."""
    as_of = read_as_of(house, asked.as_of)
    with reading(house) as connection:
        limit = asked.skip + asked.limit + 1
        found = reports.recent(connection, limit=limit, target=asked.target, as_of=as_of)[asked.skip :]
        told = [
            {
                "report": one.key,
                "target": one.target,
                "start": format_instant(one.window.start),
                "end": format_instant(one.window.end),
                "verdicts": list(one.verdicts),
                "made_at": format_instant(one.made_at),
                "html_name": one.html_name,
                "trials": load_rows(connection, house, "trials", [("report", one.key)], asked.as_of),
            }
            for one in found[: asked.limit]
        ]
    following = asked.skip + asked.limit if len(found) > asked.limit else None
    return tell(house, "report, v_trials", told, as_of=as_of, units=_UNITS, following=following)


def get_report(house: House, asked: OneReport) -> dict[str, Any]:
    """A report: what it concludes, how sure that is, how often was tested; or other parts of it."""
    as_of = read_as_of(house, asked.as_of)
    with reading(house) as connection:
        document = reports.load_document(connection, asked.report, as_of=as_of)
        trials = load_rows(connection, house, "trials", [("report", asked.report)], asked.as_of)
    if document is None:
        raise BadInput("report", asked.report, "no such report was made; list_reports tells their keys")
    for name in asked.parts or ():
        if name not in document:
            raise BadInput("parts", name, f"no such part; this report has {', '.join(document)}")
    told = {name: document[name] for name in asked.parts or _USUAL if name in document}
    if asked.parts is None:
        # its lists are what charts are drawn from
        sample = document.get(_COUNTED, {})
        told[_COUNTED] = {name: one for name, one in sample.items() if not isinstance(one, list | dict)}
    signs = len(json.dumps(told, ensure_ascii=False))
    if signs > MOST_SIGNS:
        remedy = f"take {signs} signs of {MOST_SIGNS}: ask for fewer; the bars of a report are those of get_series"
        raise BadInput("parts", ", ".join(told), remedy)
    answer = {"report": asked.report, "trials": trials, "parts": list(document), **told}
    return tell(house, "report, v_trials", quote(answer), as_of=as_of, units=_UNITS)


def get_health(house: House, _asked: Nothing) -> dict[str, Any]:
    """Whether newscandle is ready, and what is found wrong, now."""
    try:
        found = look(house).readiness
    except StoreFailed as failure:
        found = readiness.refuse(failure, house.clock())
    return tell(house, "the store and the settings", as_json(found))
