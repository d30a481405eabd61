"""`newscandle prune`: what the settings' `[prune]` no longer wants in the store, shown first, taken out when told to.

policy ─ storage.prune.count ─▶ what would go            (nothing is written)
       ─ storage.prune.ACTS ─▶ batch after batch, each committed ─▶ report files ─▶ index.html
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from jobs.report_files import report_folder, write_index
from service.errors import BadInput, WorkFailed
from service.instants import format_instant
from storage import database, prune, report_files, reports

_SUFFIXES: Final = (".html", ".json", ".md", ".csv", ".parquet", ".pdf", ".bundle.zip")
_MEGABYTE: Final = 2**20


def find_prunable(house: House) -> dict[str, Any]:
    """What would go now, as plain values: by kind before which instant, how many, and of texts the code points."""
    found: dict[str, Any] = {}
    with database.read(house.engine) as connection:
        for what, before in _list_policies(house):
            rows, characters = prune.count(connection, what, before)
            found[what] = {"before": format_instant(before), "rows": rows}
            if what == "texts":
                found[what]["characters"] = characters
    if (since := _before(house, "reports")) is not None:
        found["reports"] = {"before": format_instant(since), "files": len(_find_files(house, since))}
    return found


def describe(found: dict[str, Any]) -> str:
    """The same for people."""
    if not found:
        return "prune: the settings keep everything: say in [prune] what is to go after which age"
    lines = [f"  {what:<9}{_say(told)}, older than {told['before']}" for what, told in found.items()]
    return "\n".join(["prune would take out (newscandle prune --yes does):", *lines])


def _say(told: dict[str, Any]) -> str:
    if "files" in told:
        return f"{told['files']:,} files of reports"
    if "characters" in told:
        return f"{told['rows']:,} ({told['characters']:,} characters)"
    return f"{told['rows']:,} rows"


def prune_store(house: House, advance: Advance) -> Outcome:
    """Take it out, in batches that are committed one by one. Counts what went, by kind.

    Raises `BadInput` where the settings keep everything.
    """
    policies = list(_list_policies(house))
    reports_before = _before(house, "reports")
    if not policies and reports_before is None:
        raise BadInput("prune", "", "the settings keep everything: say in [prune] what is to go after which age")
    counts: Counter[str] = Counter()
    left = 0
    for what, before in policies:
        for step in _walk(house, what, before):
            counts[what] += step.rows
            counts["characters"] += step.characters
            left += step.left
            advance(step.rows)
    if reports_before is not None:
        counts["report_files"] = _remove_files(house, reports_before)
    failures = (
        (f"{left} ranges of rows are not what was sealed and were left alone: newscandle doctor",) if left else ()
    )
    return Outcome(dict(counts), failures, _tell_room(house) if counts.total() else ())


def _walk(house: House, what: str, before: dt.datetime) -> Iterator[prune.Step]:
    first: int | None = 0
    while first is not None:
        batch = prune.Batch(first, before, house.clock(), titles=house.settings.prune.titles)
        with database.begin(house.engine) as connection:
            step = prune.ACTS[what](connection, batch)
        yield step
        first = step.next_id


def _list_policies(house: House) -> Iterator[tuple[str, dt.datetime]]:
    """What goes, and before which instant."""
    for what in prune.ACTS:
        if (before := _before(house, what)) is not None:
            yield what, before


def _before(house: House, what: str) -> dt.datetime | None:
    age = house.settings.prune.age_of(what)
    return None if age is None else house.clock() - age


def _find_files(house: House, before: dt.datetime) -> list[Path]:
    """The report files that were last written before then, as the store tells."""
    folder = report_folder(house)
    with database.read(house.engine) as connection:
        names = reports.list_unmade_since(connection, before)
    stems = (name.removesuffix(".html") for name in names)
    return [path for stem in stems for suffix in _SUFFIXES if (path := folder / f"{stem}{suffix}").is_file()]


def _remove_files(house: House, before: dt.datetime) -> int:
    files = _find_files(house, before)
    try:
        for path in files:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise WorkFailed(
            "report_folder", f"{report_folder(house)}: {error.strerror}: let this user write there"
        ) from error
    with database.begin(house.engine) as connection:
        report_files.forget(connection, before)
    if files:
        write_index(house)
    return len(files)


def _tell_room(house: House) -> tuple[str, ...]:
    with database.read(house.engine) as connection:
        free = prune.measure_free(connection)
    if free is None:
        return ("room is used again once autovacuum has passed; VACUUM FULL of a month gives it back to the disk",)
    return (f"{free / _MEGABYTE:.1f} MB inside the file are free for what comes; VACUUM gives them back to the disk",)
