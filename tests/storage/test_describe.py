"""The written reference is the schema of this release: nothing missing, nothing stale, nothing without a meaning."""

from pathlib import Path

import sqlalchemy as sa

from storage import database, views
from storage.column import metadata
from storage.describe import describe
from tests.storage.victim import work

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schema.md"


def sections() -> dict[str, list[list[str]]]:
    """The rows of each table of columns on the page, by the heading above it."""
    found: dict[str, list[list[str]]] = {}
    for part in describe().split("\n### ")[1:]:
        heading, _, body = part.partition("\n")
        rows = [line for line in body.splitlines() if line.startswith("| `")]
        found[heading] = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]
    return found


def test_the_page_is_up_to_date() -> None:
    """If this fails: `python -m storage.describe > docs/schema.md`."""
    assert PAGE.read_text("utf-8") == describe()


def test_every_view_and_table_has_a_section_and_every_column_a_meaning() -> None:
    found = sections()
    assert list(found) == [*views.NAMES, *metadata.tables]
    for heading, rows in found.items():
        assert rows, heading
        for row in rows:
            assert len(row) == 4, (heading, row)
            assert row[3], (heading, row)


def test_the_columns_told_are_the_ones_a_database_gives(engine: sa.Engine) -> None:
    """On both databases, in their order, and null only where the page says so."""
    work(str(engine.url.render_as_string(hide_password=False)))
    found = sections()
    with database.read(engine) as connection:
        for name in views.NAMES:
            result = connection.exec_driver_sql(f"SELECT * FROM {name}")
            told = [row[0].strip("`") for row in found[name]]
            assert told == list(result.keys())
            required = [row[0].strip("`") for row in found[name] if row[2] != "yes"]
            rows = result.mappings().all()
            assert rows, name
            assert all(row[column] is not None for row in rows for column in required), name


def test_instants_and_their_integers_are_told_apart(engine: sa.Engine) -> None:
    """A column told as an instant is text or a timestamp, one ending in _us an integer."""
    work(str(engine.url.render_as_string(hide_password=False)))
    found = sections()
    with database.read(engine) as connection:
        for name in views.NAMES:
            row = connection.exec_driver_sql(f"SELECT * FROM {name}").mappings().first()
            assert row is not None
            for column, kind, *_ in found[name]:
                value = row[column.strip("`")]
                if kind == "instant" and value is not None:
                    assert str(value)[4] == "-", column
                if column.endswith("_us`"):
                    assert kind == "integer"
                    assert isinstance(value, int)
