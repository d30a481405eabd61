"""The tables of bulk imports: how far each file was read, and what others say of articles."""

import sqlalchemy as sa

from storage import column
from storage.column import metadata

imported = sa.Table(
    "imported",
    metadata,
    sa.Column("key", column.Words, primary_key=True, comment="32 hex digits of the file's bytes and how it is read"),
    column.words("name", doc="the file's name when it was last read"),
    column.words("form", doc="table, parquet, warc, mail, gkg"),
    sa.Column("place", sa.BigInteger(), nullable=False, comment="byte of the file, or row of a table, to go on at"),
    sa.Column("inside", sa.BigInteger(), nullable=False, comment="unpacked bytes to pass over from there"),
    column.flag("is_complete", doc="it was read to its end"),
    column.json("counts", "what came of it so far, by name"),
    column.instant("recorded_at", doc="when it was last read from"),
    sqlite_with_rowid=False,
    info={"about": "How far each archive was read: kept with the rows it gave, so that none is lost or taken twice."},
)

opinion = sa.Table(
    "opinion",
    metadata,
    sa.Column("source", column.Words, primary_key=True, doc="whose opinion: gdelt"),
    sa.Column("record", column.Words, primary_key=True, doc="the source's own name of it (GKGRECORDID)"),
    column.words("article_key", "32 hex digits, as article.key; the article need not be held"),
    column.words("url", doc="canonical address of what it speaks of"),
    column.words("site", doc="the publisher, as the source calls it"),
    column.figure("tone", "−100…100: percent of positive words less percent of negative ones"),
    column.figure("positive", doc="0…100, percent of words"),
    column.figure("negative", doc="0…100, percent of words"),
    column.figure("polarity", doc="0…100, percent of words with any tone"),
    column.count("words", doc="length of the text it read, 0 where not told"),
    column.words("language", doc="what it was translated from (ISO 639-3), empty for English"),
    column.json("themes", doc="list of the source's theme codes"),
    column.json("persons", doc="list of names"),
    column.json("organisations", doc="list of names"),
    column.json("names", doc="list of all names"),
    column.instant("available_at", doc="when it could be known: the stamp of the file it came in"),
    column.instant("recorded_at", doc="when newscandle came to know it"),
    sa.Index(None, "article_key"),
    sa.Index(None, "available_at"),
    sqlite_with_rowid=False,
    info={"about": "What another reader says of an article, by its address; never mixed into newscandle's own scores."},
)
