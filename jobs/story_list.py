"""`newscandle stories`: the stories of the last days, with their texts and how new each was."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.align import require_target
from jobs.asof import parse_as_of
from jobs.house import House
from service.instants import Window, format_instant
from storage import database, stories
from storage.stories import StoredMember


def list_stories(house: House, *, target: str | None, days: int, as_of: str | None) -> dict[str, list[StoredMember]]:
    """Stories a text of which could be known in the last `days` (up to `as_of`), most sources first, then the latest.

    With `target`, those of which a text names it, as scored with the catalogue of the settings. Raises `BadInput` for a
    target that is not in it.
    """
    if target is not None:
        require_target(house, target)
    instant = parse_as_of(house, as_of)
    end = instant or house.clock()
    window = Window(end - dt.timedelta(days=days), end + dt.timedelta(microseconds=1))
    with database.read(house.engine) as connection:
        found = stories.load_window(connection, window, as_of=instant)
        if target is not None:
            rows = [one.revision for texts in found.values() for one in texts]
            naming = stories.find_naming(connection, rows, target, catalogue=house.catalogue.digest, as_of=instant)
            found = {story: texts for story, texts in found.items() if any(one.revision in naming for one in texts)}
    order = sorted(
        found, key=lambda story: (-_count_sources(found[story]), -found[story][-1].available_at.timestamp(), story)
    )
    return {story: found[story] for story in order}


def _count_sources(texts: Sequence[StoredMember]) -> int:
    return len({one.source for one in texts})


def as_json(found: Mapping[str, Sequence[StoredMember]]) -> list[dict[str, Any]]:
    """The stories as plain values."""
    return [
        {
            "story": story,
            "texts": len(texts),
            "articles": len({one.article for one in texts}),
            "sources": sorted({one.source for one in texts}),
            "languages": sorted({one.language for one in texts}),
            "first_available_at": format_instant(texts[0].available_at),
            "last_available_at": format_instant(texts[-1].available_at),
            "members": [_describe(one) for one in texts],
        }
        for story, texts in found.items()
    ]


def _describe(one: StoredMember) -> dict[str, Any]:
    return {
        "article": one.article,
        "revision": one.number,
        "kind": one.kind.value,
        "parent": one.parent or None,
        "similarity": round(one.similarity, 6),
        "place": one.place,
        "novelty": one.novelty,
        "title": one.title,
        "url": one.url,
        "source": one.source,
        "language": one.language,
        "available_at": format_instant(one.available_at),
    }


def as_text(found: Mapping[str, Sequence[StoredMember]], most: int = 20) -> str:
    """Those told more than once, at most `most` of them, and how many were told once."""
    told = [texts for texts in found.values() if len(texts) > 1]
    lines = [f"{len(found)} stories, {len(told)} of them told more than once"]
    for texts in told[:most]:
        lines.append(f"{texts[0].title or texts[0].url}: {len(texts)} texts, {_count_sources(texts)} sources")
        lines += [
            f"  {format_instant(one.available_at)}  {one.kind.value:<12}novelty {one.novelty:>3}  "
            f"{one.source} [{one.language}]  {one.title}"
            for one in texts
        ]
    lines += [f"and {len(told) - most} more: --json lists all"] if len(told) > most else []
    return "\n".join(lines)


def spell_place(texts: Sequence[StoredMember], revision: int) -> str:
    """One line on where a revision stands in its story, empty where it stands in none."""
    mine = next((one for one in texts if one.revision == revision), None)
    if mine is None:
        return ""
    where = "told first here" if mine.place == 1 else f"text {mine.place}, a {mine.kind.value}"
    return f"story: {len(texts)} texts of {_count_sources(texts)} sources; {where}; novelty {mine.novelty}"
