"""Room for what articles tell (quotes, events), for how sure a score is, and for how often a hole was asked for again.

Columns are added without a default: neither database rewrites the rows it holds.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
INSTANT = sa.BigInteger()  # microseconds since 1970-01-01T00:00Z
FIGURE: sa.Double[float] = sa.Double()

ADDED: dict[str, tuple[tuple[str, sa.types.TypeEngine[Any], str], ...]] = {
    "score": (
        ("negative", FIGURE, "0–1, mean over the mentions, null where the scorer is not calibrated"),
        ("neutral", FIGURE, "0–1, mean over the mentions, null where the scorer is not calibrated"),
        ("positive", FIGURE, "0–1, mean over the mentions, null where the scorer is not calibrated"),
        ("low", FIGURE, "−1…1, lower end of the score's interval, null where not known"),
        ("high", FIGURE, "−1…1, upper end of the score's interval, null where not known"),
    ),
    "gap": (
        ("retried", sa.Integer(), "how often it was asked for again, null where never"),
        ("last_retried_at", INSTANT, "when it was last asked for again, null where never"),
    ),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind, comment in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True, comment=comment))
    _lay_extractions()
    _lay_quotes()
    _lay_events()


def _lay_extractions() -> None:
    op.create_table(
        "extraction",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("extractor", WORDS, nullable=False, comment="quotes or events"),
        sa.Column("version", WORDS, nullable=False, comment="changes whenever what the extractor finds could"),
        sa.Column("catalogue", WORDS, nullable=False, comment="content hash of the target catalogue"),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_extraction"),
        sa.UniqueConstraint("extractor", "version", "catalogue", name="uq_extraction_extractor_version_catalogue"),
    )
    op.create_table(
        "extracted",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("extraction_id", ROW_ID, nullable=False),
        sa.Column(
            "is_language_read",
            sa.Boolean(),
            nullable=False,
            comment="false: the extractor does not know the revision's language, and looked no further",
        ),
        sa.Column("extracted_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_extracted_revision_id"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_extracted_extraction_id"),
        sa.PrimaryKeyConstraint("revision_id", "extraction_id", name="pk_extracted"),
        sqlite_with_rowid=False,
    )


def _lay_quotes() -> None:
    op.create_table(
        "quote",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("extraction_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="0, 1 … in order of the text"),
        sa.Column(
            "speaker",
            WORDS,
            nullable=False,
            comment="key of the catalogue, else the name as it stands in the text",
        ),
        sa.Column("is_target", sa.Boolean(), nullable=False),
        sa.Column("verb", WORDS, nullable=False, comment="what introduces the words: said, warned, volgens …"),
        sa.Column(
            "start_offset", sa.Integer(), nullable=False, comment="first code point of revision.text, marks left out"
        ),
        sa.Column("end_offset", sa.Integer(), nullable=False, comment="one past the last code point"),
        sa.Column("is_direct", sa.Boolean(), nullable=False, comment="the words stand between marks"),
        sa.ForeignKeyConstraint(
            ["revision_id", "extraction_id"],
            ["extracted.revision_id", "extracted.extraction_id"],
            name="fk_quote_revision_id",
        ),
        sa.PrimaryKeyConstraint("revision_id", "extraction_id", "position", name="pk_quote"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quote_speaker", "quote", ["speaker"])
    _lay_targets("quote", "words")


def _lay_events() -> None:
    op.create_table(
        "event",
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("extraction_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="0, 1 … in order of the text"),
        sa.Column("kind", WORDS, nullable=False, comment="law, ban, etf, hack, reserve, lawsuit, rate …"),
        sa.Column(
            "start_offset",
            sa.Integer(),
            nullable=False,
            comment="first code point of revision.text that tells it",
        ),
        sa.Column("end_offset", sa.Integer(), nullable=False, comment="one past the last code point"),
        sa.Column("rule", WORDS, nullable=False, comment="which rule of events.toml saw it"),
        sa.ForeignKeyConstraint(
            ["revision_id", "extraction_id"],
            ["extracted.revision_id", "extracted.extraction_id"],
            name="fk_event_revision_id",
        ),
        sa.PrimaryKeyConstraint("revision_id", "extraction_id", "position", name="pk_event"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_event_kind", "event", ["kind"])
    _lay_targets("event", "sentence")


def _lay_targets(told: str, within: str) -> None:
    table = f"{told}_target"
    op.create_table(
        table,
        sa.Column("revision_id", ROW_ID, nullable=False),
        sa.Column("extraction_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("target", WORDS, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, comment=f"0, 1 … in order of the {within}"),
        sa.ForeignKeyConstraint(
            ["revision_id", "extraction_id", "position"],
            [f"{told}.revision_id", f"{told}.extraction_id", f"{told}.position"],
            name=f"fk_{table}_revision_id",
        ),
        sa.PrimaryKeyConstraint("revision_id", "extraction_id", "position", "target", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{table}_target", table, ["target"])


def downgrade() -> None:
    for table in ("event_target", "event", "quote_target", "quote", "extracted", "extraction"):
        op.drop_table(table)
    for table, columns in ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
