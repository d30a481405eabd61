"""`newscandle diff` and `newscandle edits`: what was changed in articles after they were first known.

key or address ─ revisions.load_tellings ─▶ two tellings ─ edits.edit.make_edit ─▶ Edit ─▶ text | JSON | page
"""

import datetime as dt
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from dashboards.edits.edit import Edit, make_edit
from jobs.asof import parse_as_of, spell_held
from jobs.house import House
from jobs.read import name_key
from jobs.whole import write_whole
from service.errors import BadInput
from service.instants import Window
from storage import database, revisions
from storage.pruned import find_pruned
from storage.revisions import Telling


@dataclass(frozen=True, slots=True)
class Asked:
    """Which article, by key or address, from which of its tellings to which (None: the last two), as of when."""

    what: str
    start: int | None = None
    end: int | None = None
    as_of: str | None = None


def find_edit(house: House, asked: Asked) -> Edit:
    """What changed between two tellings of an article. Raises `BadInput` where it has not both."""
    as_of = parse_as_of(house, asked.as_of)
    key = name_key(asked.what)
    if key is None:
        raise BadInput("article", asked.what, "is neither the key nor the address of a stored article")
    with database.read(house.engine) as connection:
        told = revisions.load_tellings(connection, [key], as_of=as_of).get(key, [])
        if not told:
            raise BadInput("article", asked.what, f"no such article is stored{spell_held(as_of)}")
        if len(told) == 1:
            raise BadInput("article", asked.what, f"has one text only{spell_held(as_of)}: it was not edited")
        by_number = {one.number: one for one in told}
        after = _choose(by_number, "--to", told[-1].number if asked.end is None else asked.end)
        earlier = [number for number in by_number if number < after.number]
        before = _choose(by_number, "--from", max(earlier, default=0) if asked.start is None else asked.start)
        rows = (before.revision, after.revision)
        if gone := find_pruned(connection, rows):
            on = f"{min(gone.values()):%Y-%m-%d}"
            raise BadInput("article", asked.what, f"a text of it was taken out on {on} (newscandle prune)")
        read = revisions.load_readings(connection, rows, catalogue=house.catalogue.digest, as_of=as_of)
    return make_edit(key, before, after, read)


def _choose(by_number: dict[int, Telling], option: str, number: int) -> Telling:
    if number not in by_number:
        raise BadInput(option, number, f"the article has {', '.join(map(str, by_number))}")
    return by_number[number]


def list_edits(house: House, days: int, as_of: str | None) -> list[Edit]:
    """Every edit that could be known in the last `days` (up to `as_of`), the largest move of a score first.

    Of equal moves the larger edit comes first, then the later one, then by key. Texts taken out are left out.
    """
    instant = parse_as_of(house, as_of)
    end = instant or house.clock()
    window = Window(end - dt.timedelta(days=days), end + dt.timedelta(microseconds=1))
    with database.read(house.engine) as connection:
        keys = revisions.find_edited(connection, window, as_of=instant)
        told = revisions.load_tellings(connection, keys, as_of=instant)
        rows = {one.revision for some in told.values() for one in some}
        gone = find_pruned(connection, rows)
        read = revisions.load_readings(connection, rows, catalogue=house.catalogue.digest, as_of=instant)
    by_revision: dict[int, list[revisions.Reading]] = {}
    for one in read:
        by_revision.setdefault(one.revision, []).append(one)
    edits = [
        make_edit(key, before, after, by_revision.get(before.revision, []) + by_revision.get(after.revision, []))
        for key, some in told.items()
        for before, after in pairwise(some)
        if after.available_at in window and not {before.revision, after.revision} & gone.keys()
    ]
    return sorted(
        edits,
        key=lambda one: (
            -abs(one.largest_move),
            -one.difference.share,
            -one.after.available_at.timestamp(),
            one.article,
        ),
    )


def write_page(edit: Edit, file: Path) -> None:
    """Write the page of an edit. Raises `BadInput` where the file cannot be written."""
    from dashboards.edits import html

    page = html.render(edit, made_by=f"newscandle {version('newscandle')}")
    try:
        write_whole({file: page.encode()})
    except OSError as error:
        raise BadInput("--html", str(file), f"cannot be written ({error.strerror}); name a file in a folder") from error
