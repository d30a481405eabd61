"""An edit as it is shown: what changed, when it could be known, whether the source said so, and how scores moved."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from service.instants import format_instant
from service.news.differences import Difference, Piece, compare
from storage.revisions import Reading, Telling


@dataclass(frozen=True, slots=True)
class Moved:
    """A scorer's score toward a target before and after; None where it found no signal, or the target is not named."""

    scorer: str
    target: str
    before: float | None
    after: float | None

    @property
    def by(self) -> float | None:
        """How much it moved, −2…2; None unless both were scored."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Edit:
    """From one telling of the article with this key to a later one."""

    article: str
    before: Telling
    after: Telling
    difference: Difference
    moved: tuple[Moved, ...]

    @property
    def is_silent(self) -> bool:
        """Whether the source let its date of modification stand, or gives none."""
        told = self.after.article.modified.instant
        return told is None or told == self.before.article.modified.instant

    @property
    def largest_move(self) -> float:
        """The largest move of a score, with its sign; 0 without one."""
        return max((one.by for one in self.moved if one.by is not None), key=abs, default=0.0)


def make_edit(key: str, before: Telling, after: Telling, readings: Iterable[Reading]) -> Edit:
    """Hold two tellings of an article side by side."""
    one, other = before.article, after.article
    difference = compare((one.title, one.text), (other.title, other.text), other.language)
    held = {(reading.revision, reading.scorer, reading.target): reading.score for reading in readings}
    pairs = sorted({key[1:] for key in held if key[0] in (before.revision, after.revision)})
    moved = tuple(Moved(*pair, held.get((before.revision, *pair)), held.get((after.revision, *pair))) for pair in pairs)
    return Edit(key, before, after, difference, moved)


def as_json(edit: Edit, *, with_words: bool) -> dict[str, Any]:
    """The edit as plain values; `with_words`: every piece of title and text too."""
    difference = edit.difference
    told = {
        "article": edit.article,
        "url": edit.after.article.url,
        "source": edit.after.article.source,
        "from": _tell(edit.before),
        "to": _tell(edit.after),
        "is_silent": edit.is_silent,
        "is_return": edit.after.is_return,
        "kinds": [kind.value for kind in difference.kinds],
        "share": round(difference.share, 6),
        "numbers": [list(pair) for pair in difference.numbers],
        "names": [list(pair) for pair in difference.names],
        "scores": [
            {"scorer": one.scorer, "target": one.target, "from": one.before, "to": one.after, "by": one.by}
            for one in edit.moved
        ],
    }
    if with_words:
        told |= {"title": _lay_out(difference.title), "text": _lay_out(difference.text)}
    return told


def _tell(telling: Telling) -> dict[str, Any]:
    modified: dt.datetime | None = telling.article.modified.instant
    return {
        "number": telling.number,
        "title": telling.article.title,
        "available_at": format_instant(telling.available_at),
        "recorded_at": format_instant(telling.recorded_at),
        "modified_at": None if modified is None else format_instant(modified),
    }


def _lay_out(pieces: Iterable[Piece]) -> list[dict[str, str]]:
    return [{"same": one.before} if one.is_equal else {"before": one.before, "after": one.after} for one in pieces]
