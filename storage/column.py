"""The kinds of column the tables are made of, and how their keys and indexes are named.

What a column means is its `comment`, which the database holds too, or its `doc`, which only the code holds: a comment
is part of the schema and changing one takes a migration. `describe.py` prints both.
"""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from storage.instant_column import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Words = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def words(name: str, comment: str | None = None, *, doc: str | None = None, unique: bool = False) -> sa.Column[str]:
    """Text that is always there, possibly empty."""
    return sa.Column(name, Words, nullable=False, unique=unique, comment=comment, doc=doc)


def instant(
    name: str, comment: str | None = None, *, doc: str | None = None, nullable: bool = False
) -> sa.Column[object]:
    """A moment; see `instant_column`."""
    return sa.Column(name, UtcDateTime(), nullable=nullable, comment=comment, doc=doc)


def count(name: str, comment: str | None = None, *, doc: str | None = None, nullable: bool = False) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=nullable, comment=comment, doc=doc)


def figure(
    name: str, comment: str | None = None, *, doc: str | None = None, nullable: bool = False
) -> sa.Column[float]:
    """A double."""
    return sa.Column(name, sa.Double(), nullable=nullable, comment=comment, doc=doc)


def flag(name: str, comment: str | None = None, *, doc: str | None = None) -> sa.Column[bool]:
    """True or false."""
    return sa.Column(name, sa.Boolean(), nullable=False, comment=comment, doc=doc)


def json(name: str, comment: str | None = None, *, doc: str | None = None) -> sa.Column[object]:
    """A JSON value, spelt one way (`upsert.encode_json`)."""
    return sa.Column(name, sa.JSON(), nullable=False, comment=comment, doc=doc)


def row_id() -> sa.Column[int]:
    """The row's number in this database; means nothing outside it."""
    return sa.Column("id", RowId, primary_key=True, doc="number of the row in this database; means nothing outside it")


def reference(name: str, target: str) -> sa.Column[int]:
    """The row id of a row of another table."""
    return sa.Column(
        name, RowId, sa.ForeignKey(target), nullable=False, doc=f"the {target.split('.', maxsplit=1)[0]} it belongs to"
    )
