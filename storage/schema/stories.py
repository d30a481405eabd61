"""The tables of stories: revision ─< story_member, and the keys under which a text is found again."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

story_member = sa.Table(
    "story_member",
    metadata,
    sa.Column(
        "revision_id", column.RowId, sa.ForeignKey("revision.id"), primary_key=True, doc="the revision it belongs to"
    ),
    column.words("story", "key of the article that told the story first"),
    column.words("kind", "first, revision, copy or translation"),
    column.words("parent", "key of the article of the earlier text it is nearest to, empty for the first"),
    column.count("parent_number", "which revision of that article, 0 for the first"),
    column.figure(
        "similarity",
        "0–1: of a copy the share of the shorter text's runs of three words in the other, of a translation the share "
        "of shared facts",
    ),
    column.count("place", "1 for the first text of the story, then one more for each that came before this one"),
    column.count("novelty", "0–100: what it adds to the texts before it"),
    column.instant("recorded_at", doc="when newscandle placed it: it is known from here on"),
    sa.Index(None, "story"),
    sqlite_with_rowid=False,
    info={"about": "In which story a revision is, told by the texts that came before it and never changed after."},
)

story_key = sa.Table(
    "story_key",
    metadata,
    sa.Column(
        "key",
        sa.BigInteger(),
        primary_key=True,
        autoincrement=False,
        comment="40 bits that texts of one story likely share, above them the number of the 72 hours they lie in",
    ),
    sa.Column("text_id", column.RowId, primary_key=True, comment="row id of the revision found under it"),
    sqlite_with_rowid=False,
    info={"about": "Where texts of one story meet; made from the texts, and holds nothing they do not."},
)
