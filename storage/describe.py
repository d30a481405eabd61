"""The reference of views and tables, written from the schema: `python -m storage.describe > docs/schema.md`.

Everything comes out of `schema/` and `views.py`: a column's meaning is its comment, else its doc.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from storage import schema, views
from storage.column import metadata
from storage.instant_column import UtcDateTime

HEAD = f"""# Schema

Written from the code for schema revision {schema.RELEASE}; do not edit: `python -m storage.describe > docs/schema.md`.

The views are the contract: the same columns with the same meaning on SQLite and PostgreSQL, kept over releases. Tables
are described for whoever must look underneath; they may change with any release.

| type | SQLite | PostgreSQL |
|---|---|---|
| text | `TEXT`, sorted by code point | `TEXT COLLATE "C"`, sorted by code point |
| integer | `INTEGER`, `BIGINT` | `INTEGER`, `BIGINT` |
| double | `DOUBLE`; missing is null, never NaN | `DOUBLE PRECISION`; missing is null, never NaN |
| boolean | 0 or 1 | `BOOLEAN` |
| JSON | text, `->>` works | `JSON`, `->>` works |
| instant, in a view | text in UTC such as `2024-01-10T21:00:00.000000Z`, which sorts as time | `TIMESTAMPTZ` |
| instant, in a table | `BIGINT`: microseconds since 1970-01-01T00:00Z | the same |
"""

_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (UtcDateTime, "instant"),
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),  # BigInteger is one
    (sa.Float, "double"),  # Double is one
    (sa.JSON, "JSON"),
    (sa.Text, "text"),
    (sa.String, "text"),
)
_DERIVED = {
    ("v_articles", "is_current"): ("", "the article reads so now: it was told last, or gone back to last"),
    ("v_tellings", "telling"): ("", "1, 2 … of one article: the highest known by an instant is how it read then"),
    ("v_tellings", "is_return"): ("", "the source went back to a text it had changed"),
    ("v_tellings", "available_at"): ("", "when it could be known that the article reads so"),
    ("v_stories", "story"): ("", "key of the article that told it first"),
    ("v_stories", "texts"): ("", "revisions that tell it"),
    ("v_stories", "articles"): ("", "articles that tell it"),
    ("v_stories", "sources"): ("", "sources that tell it"),
    ("v_stories", "languages"): ("", "languages in which it is told"),
    ("v_stories", "first_available_at"): ("", "when its first text could be known"),
    ("v_stories", "last_available_at"): ("", "when its last text could be known"),
    ("v_series", "interval"): ("", "length of the bars: 1m 5m 15m 1h 4h 1d"),
    ("v_quotes", "words"): ("", "what is said, without marks"),
    ("v_quotes", "target"): ("yes", "key of the catalogue: who is spoken of; null where nobody listed is"),
    ("v_events", "words"): ("", "the words that tell it"),
    ("v_events", "target"): ("yes", "key of the catalogue: who is named in its sentence; null where nobody listed is"),
    ("v_opinions", "article"): ("yes", "key of the article of that address; null where it is not held"),
    ("v_lineage", "interval"): ("", "length of the bars: 1m 5m 15m 1h 4h 1d"),
    ("v_lineage", "point_recorded_at"): ("", "when the point took its value: what came later is not behind it"),
    ("v_lineage", "candle_statement"): ("yes", "which statement of the bar's own candle stood then, null where none"),
    ("v_lineage", "candle_close"): ("yes", "its close, in quote currency; null where the price is not one candle's"),
    ("v_lineage", "candle_fetched_at"): ("yes", "when newscandle came to know that statement"),
    **{
        ("v_trials", name): ("yes", f"{meaning}; null for a series that is not stored here")
        for name, meaning in (
            ("target", "key of the catalogue"),
            ("scorer", "name/version"),
            ("venue", "ccxt id"),
            ("symbol", "unified, as BTC/USD"),
            ("interval", "length of the bars: 1m 5m 15m 1h 4h 1d"),
        )
    },
    ("v_trials", "tests_so_far"): ("", "the tests of this row and of all studies of the series made before it"),
    ("v_disagreement", "scorers"): ("", "how many scorers gave a score: two or more"),
    ("v_disagreement", "lowest"): ("", "−1…1, the least of their scores"),
    ("v_disagreement", "highest"): ("", "−1…1, the greatest of their scores"),
    ("v_disagreement", "spread"): ("", "0…2, highest − lowest; not on one scale for all pairs of scorers"),
    ("v_disagreement", "signs_differ"): ("", "one of them says negative and another positive"),
}
"""What cannot be said by the column it is taken from: whether it may be null, and its meaning."""


class Told(NamedTuple):
    """A column as the reference has it: its kind in words, `yes` where it may be null, and what it means."""

    name: str
    kind: str
    null: str
    meaning: str


def tell_columns(view: str) -> list[Told]:
    """The columns of a view, in order."""
    return [_view_row(view, column) for column in views.define(lambda column: column)[view].selected_columns]


def describe() -> str:
    """The whole page in Markdown; the same text for the same schema."""
    lines = [HEAD, "## Views", ""]
    lines += [
        "| view | holds |",
        "|---|---|",
        *(f"| [`{name}`](#{name}) | {views.ROWS[name]} |" for name in views.ROWS),
    ]
    for name in views.NAMES:
        lines += ["", f"### {name}", "", f"{_sentence(views.ROWS[name])}", ""]
        lines += _table(tell_columns(name))
    lines += ["", "## Tables"]
    for table in metadata.tables.values():
        lines += ["", f"### {table.name}", "", table.info["about"], ""]
        lines += _table(_row(column.name, column.type, column) for column in table.columns)
        lines += ["", *_keys(table)]
    return "\n".join(lines) + "\n"


def _table(rows: Iterable[Told]) -> list[str]:
    told = [f"| `{name}` | {kind} | {null} | {meaning} |" for name, kind, null, meaning in rows]
    return ["| column | type | null | meaning |", "|---|---|---|---|", *told]


def _view_row(view: str, column: sa.ColumnElement[Any]) -> Told:
    name = str(getattr(column, "name", ""))
    if told := _DERIVED.get((view, name)):
        return Told(name, _kind(column.type), *told)
    if name.endswith("_us"):
        return Told(name, "integer", "", f"`{name.removesuffix('_us')}` in microseconds since 1970; filter on this one")
    return _row(name, column.type, _origin(column))


def _row(name: str, kind: sa.types.TypeEngine[Any], origin: sa.Column[Any]) -> Told:
    meaning = origin.comment or origin.doc or ""
    null = "yes" if origin.nullable else ""
    return Told(name, _kind(kind), null, meaning.replace("|", "\\|").replace("<", "&lt;"))


def _origin(element: sa.ColumnElement[Any]) -> sa.Column[Any]:
    """The column of a table that an element of a view shows."""
    return next(part for part in visitors.iterate(element) if isinstance(part, sa.Column))


def _kind(kind: sa.types.TypeEngine[Any]) -> str:
    return next(name for known, name in _KINDS if isinstance(kind, known))


def _keys(table: sa.Table) -> Iterator[str]:
    """Primary and natural keys, references and indexes, a line each."""
    yield f"- key: {_listed(table.primary_key.columns)}"
    unique = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    for told in sorted(_listed(one.columns) for one in unique):
        yield f"- unique: {told}"
    for told in sorted(
        f"{_listed(one.columns)} → `{one.elements[0].target_fullname.split('.')[0]}`"
        for one in table.foreign_key_constraints
    ):
        yield f"- refers to: {told}"
    for told in sorted(_listed(one.columns) for one in table.indexes):
        yield f"- index: {told}"
    if month := table.info.get("month"):
        yield f"- PostgreSQL: one partition per month of `{month}` ([operations.md](operations.md#months))"


def _listed(columns: Iterable[sa.Column[Any]]) -> str:
    return ", ".join(f"`{column.name}`" for column in columns)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


if __name__ == "__main__":
    sys.stdout.write(describe())
