"""Which column of an archive is what: as mapped, else as named."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.errors import BadInput
from service.news.text.characters import fold

# Names without case, spaces and marks, the best first.
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "headline", "headlines", "newstitle", "heading", "subject", "titel", "kop"),
    "text": (
        *(
            "text",
            "body",
            "content",
            "articletext",
            "fulltext",
            "maintext",
            "article",
            "articlebody",
            "contents",
            "news",
        ),
        *(
            "description",
            "shortdescription",
            "summary",
            "abstract",
            "lead",
            "excerpt",
            "snippet",
            "tekst",
            "samenvatting",
        ),
    ),
    "published": (
        *(
            "publishedat",
            "published",
            "datepublished",
            "publisheddate",
            "publishdate",
            "publicationdate",
            "publishedon",
        ),
        *(
            "pubdate",
            "datetime",
            "timestamp",
            "date",
            "ts",
            "time",
            "createdat",
            "created",
            "createdutc",
            "day",
            "datum",
        ),
    ),
    "modified": ("modifiedat", "modified", "datemodified", "updatedat", "updated", "lastmodified"),
    "url": ("url", "link", "articleurl", "href", "permalink", "sourceurl", "newsurl"),
    "source": ("source", "sourcename", "site", "publisher", "outlet", "domain", "newspaper", "bron"),
    "language": ("language", "lang", "locale", "taal"),
    "authors": ("authors", "author", "byline", "creator", "auteur"),
}
FIELDS = frozenset(_NAMES)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of each field. `published` may be spread over several (day and time, day and year): joined by a
    space. Of several `text` columns the first with something in it counts, or, where mapped as `a+b`, all of them.
    """

    of: Mapping[str, tuple[str, ...]]
    joins_text: bool = False

    def cell(self, field: str, values: Mapping[str, str]) -> str:
        """What a row holds for a field, "" for nothing and for the usual words for nothing."""
        cells = [present(values.get(column, "")) for column in self.of.get(field, ())]
        if field == "published":
            return " ".join(filter(None, cells))
        if field == "text" and self.joins_text:
            return "\n\n".join(filter(None, cells))
        return next(filter(None, cells), "")


def choose_columns(columns: Sequence[str], mapping: Mapping[str, str], *, name: str) -> Columns:
    """The columns to read. `mapping` (field → column, or `day+time`) goes first, known names fill what it leaves open.

    Raises `BadInput` for a field that does not exist, a mapped column that is absent, and where no date or no text
    column can be found; the message names the columns there are.
    """
    there = ", ".join(columns)[:300]
    of: dict[str, tuple[str, ...]] = {}
    for field, wanted in mapping.items():
        if field not in FIELDS:
            raise BadInput("mapping", field, f"map one of {', '.join(sorted(FIELDS))}")
        of[field] = _mapped(columns, wanted, there)
    taken = {column for chosen in of.values() for column in chosen}
    for field in _NAMES:
        if field not in of and (found := _named(field, [column for column in columns if column not in taken])):
            of[field] = found
            taken.update(found)
    if "published" not in of:
        raise BadInput("archive", name, f"no date column found among: {there}; map one with published=COLUMN")
    if "title" not in of and "text" not in of:
        raise BadInput(
            "archive", name, f"no text column found among: {there}; map one with title=COLUMN or text=COLUMN"
        )
    return Columns(of, joins_text="+" in mapping.get("text", ""))


def _mapped(columns: Sequence[str], wanted: str, there: str) -> tuple[str, ...]:
    parts = [wanted] if wanted in columns else [part.strip() for part in wanted.split("+")]
    by_name = {column.casefold(): column for column in reversed(columns)}
    for part in parts:
        if part.casefold() not in by_name:
            raise BadInput("mapping", part, f"there is no such column; there are: {there}")
    return tuple(part if part in columns else by_name[part.casefold()] for part in parts)


def _named(field: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Columns whose names say that they hold the field."""
    by_letters = {re.sub(r"[\W_]", "", column.casefold()): column for column in reversed(columns)}
    found = [by_letters[name] for name in _NAMES[field] if name in by_letters]
    if field == "text":
        return tuple(found)
    if field == "published" and found:
        beside = [by_letters[name] for name in ("time", "year") if name in by_letters and by_letters[name] != found[0]]
        is_day = re.sub(r"[\W_]", "", found[0].casefold()) in ("date", "day", "datum")
        return (found[0], *beside) if is_day else (found[0],)
    return tuple(found[:1])


_NOTHING = frozenset(
    {
        *("", "-", "--", "nan", "none", "null", "nil", "n/a", "na", "nat", "undefined", "[removed]", "[deleted]"),
        *("no description", "no description provided", "no description available", "no summary", "no content"),
        *("geen omschrijving", "geen beschrijving"),
    }
)


def present(cell: str) -> str:
    """The cell, or "" where it holds one of the usual words for nothing."""
    return "" if len(cell) < 40 and fold(cell).casefold().rstrip(".") in _NOTHING else cell
