"""Up to 0007 on PostgreSQL: texts and scores become partitioned by month, while the release before goes on working.

    prepare  in small transactions, the tables as they were   key table, filled in batches ─ foreign keys, validated ─
                                                              bounds of what is held, validated
    divide   one short transaction (the step itself)          the old table becomes the partition `…_before`

No row is copied or moved, and what `divide` does takes as long for a million rows as for none. Each function may be
called again after a kill. On a store that was not prepared (a new one) `divide` prepares it itself.
"""

import functools
import re

import sqlalchemy as sa

from service.errors import StoreFailed
from storage import months
from storage.locks import change_briefly, run

DIVIDED = {"revision": "available_at", "score": "scored_at"}
CHILDREN = ("passage", "returned", "tone", "extracted")
"""What refers to a text by its id."""

AHEAD = 3
"""So many months after the current one are laid for a release before this one that still runs: it lays none itself."""

_NO_MONTH = -62_135_596_800_000_000  # year 1: a bound below which nothing lies
_TWO_DAYS = 2 * 86_400_000_000
_BATCH = 5_000
_CONSTRAINT = "FROM pg_constraint WHERE conrelid = to_regclass(:t) AND conname = :n"
_TONE_KEY = "uq_tone_scoring_id_revision_id_scored_at"

_KEY = (
    (
        "CREATE TABLE IF NOT EXISTS revision_key ("
        "id BIGINT CONSTRAINT pk_revision_key PRIMARY KEY, article_id BIGINT NOT NULL, number INTEGER NOT NULL, "
        'content_hash TEXT COLLATE "C" NOT NULL, available_at BIGINT NOT NULL, '
        "CONSTRAINT uq_revision_key_article_id_content_hash UNIQUE (article_id, content_hash), "
        "CONSTRAINT uq_revision_key_article_id_number UNIQUE (article_id, number))"
    ),
    "CREATE INDEX IF NOT EXISTS ix_revision_key_content_hash ON revision_key (content_hash)",
)
_COPIED = "INSERT INTO revision_key (id, article_id, number, content_hash, available_at) "
_OF_NEW = "VALUES (NEW.id, NEW.article_id, NEW.number, NEW.content_hash, NEW.available_at) ON CONFLICT DO NOTHING"
NOTE = (
    (
        f"CREATE OR REPLACE FUNCTION note_revision() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_COPIED}{_OF_NEW}; RETURN NULL; END $$"
    ),
    "CREATE TRIGGER note_revision AFTER INSERT ON revision FOR EACH ROW EXECUTE FUNCTION note_revision()",
)
"""Beside an undivided table: every text has its key too."""

_CLAIM = (
    (
        f"CREATE OR REPLACE FUNCTION claim_revision() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_COPIED}{_OF_NEW}; IF FOUND THEN RETURN NEW; END IF; RETURN NULL; END $$"
    ),
    "CREATE TRIGGER claim_revision BEFORE INSERT ON revision FOR EACH ROW EXECUTE FUNCTION claim_revision()",
    (
        "CREATE OR REPLACE FUNCTION forget_revision() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM revision_key WHERE id = OLD.id; RETURN NULL; END $$"
    ),
    "CREATE TRIGGER forget_revision AFTER DELETE ON revision FOR EACH ROW EXECUTE FUNCTION forget_revision()",
)
"""Before a divided one: a text whose key another has is left out, as ON CONFLICT DO NOTHING does within one table."""


def prepare(engine: sa.Engine) -> None:
    """All that takes time. Raises the database's error where a score was not made when its tone was."""
    change_briefly(engine, _lay_keys)
    _fill_keys(engine)
    change_briefly(engine, _refer_to_keys)
    for child in CHILDREN:
        validate(engine, child, f"fk_{child}_revision_key")
    _index_tones(engine)
    change_briefly(engine, _refer_to_instants)
    validate(engine, "score", "fk_score_scored_at")
    for table in DIVIDED:
        with engine.connect() as connection:
            bound = _choose_bound(connection, table)
        change_briefly(engine, functools.partial(_lay_bound, table=table, bound=bound))
        validate(engine, table, f"ck_{table}_before")


def divide(connection: sa.Connection) -> None:
    """The step itself, in one transaction."""
    run(connection, "LOCK TABLE tone, revision, score, article, passage, returned, extracted IN ACCESS EXCLUSIVE MODE")
    _refuse_dependants(connection)
    if not has_constraint(connection, "passage", "fk_passage_revision_key", valid=True):
        _lay_keys(connection)
        _fill_batch(connection, None)
        _refer_to_keys(connection)
    _refer_to_instants(connection)
    run(
        connection,  # to validate takes no time where it was done
        *(f"ALTER TABLE {child} VALIDATE CONSTRAINT fk_{child}_revision_key" for child in CHILDREN),
        *(f"ALTER TABLE {child} DROP CONSTRAINT IF EXISTS fk_{child}_revision_id" for child in CHILDREN),
        "ALTER TABLE score VALIDATE CONSTRAINT fk_score_scored_at",
        "DROP TRIGGER note_revision ON revision",
    )
    for table, column in DIVIDED.items():
        _divide_table(connection, table, column)
    run(connection, *_CLAIM, "ALTER SEQUENCE revision_id_seq OWNED BY revision.id")


def _refuse_dependants(connection: sa.Connection) -> None:
    """Somebody's own view would go on reading the old table, which holds only what was before."""
    asked = (
        "SELECT string_agg(DISTINCT ev_class::regclass::text, ', ') FROM pg_depend "
        "JOIN pg_rewrite ON pg_rewrite.oid = objid AND classid = 'pg_rewrite'::regclass "
        "WHERE refobjid IN (to_regclass('revision'), to_regclass('score'))"
    )
    if names := connection.scalar(sa.text(asked)):
        raise StoreFailed("depended_on", f"{names}: drop these views of your own, and make them again afterwards")


def _divide_table(connection: sa.Connection, table: str, column: str) -> None:
    bound = _NO_MONTH
    if connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {table})")):  # noqa: S608 - our own names, here and below
        if not has_constraint(connection, table, f"ck_{table}_before"):
            _lay_bound(connection, table, _choose_bound(connection, table))
        bound = _find_bound(connection, table)
    reference = {
        "revision": "CONSTRAINT fk_revision_article_id FOREIGN KEY (article_id) REFERENCES article (id)",
        "score": "CONSTRAINT fk_score_scored_at FOREIGN KEY (scoring_id, revision_id, scored_at) "
        "REFERENCES tone (scoring_id, revision_id, scored_at)",
    }[table]
    kept = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS INCLUDING STORAGE"
    run(
        connection,
        f"ALTER TABLE {table} RENAME TO {table}_before",
        f"CREATE TABLE {table} (LIKE {table}_before {kept}) PARTITION BY RANGE ({column})",
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_before",
        f"ALTER TABLE {table} ADD {reference}",
        f"ALTER TABLE {table} ATTACH PARTITION {table}_before FOR VALUES FROM (MINVALUE) TO ('{bound}')",
        f"ALTER TABLE {table}_before DROP CONSTRAINT IF EXISTS ck_{table}_before",
    )
    (current,) = months.find_months([_ask_clock(connection)])
    months.lay(connection, table, [current.later(ahead).start for ahead in range(AHEAD + 1)])


def _lay_keys(connection: sa.Connection) -> None:
    run(connection, *_KEY)
    if not has_trigger(connection, "note_revision"):
        run(connection, *NOTE)


def _fill_keys(engine: sa.Engine) -> None:
    last: int | None = -1
    while last is not None:
        with engine.begin() as connection:
            last = _fill_batch(connection, last)


def _fill_batch(connection: sa.Connection, last: int | None) -> int | None:
    """Keys of the texts after `last`, a batch of them; of all where there is no `last`. The id it came to."""
    columns = "id, article_id, number, content_hash, available_at"
    part = "" if last is None else f"WHERE id > {last} ORDER BY id LIMIT {_BATCH}"
    found: int | None = connection.scalar(
        sa.text(
            f"WITH part AS (SELECT {columns} FROM revision {part}), "  # noqa: S608
            f"put AS ({_COPIED} SELECT {columns} FROM part ON CONFLICT DO NOTHING) SELECT max(id) FROM part"
        )
    )
    return found


def _refer_to_keys(connection: sa.Connection) -> None:
    for child in CHILDREN:
        lay_reference(connection, child, f"fk_{child}_revision_key", "(revision_id) REFERENCES revision_key (id)")


def _index_tones(engine: sa.Engine) -> None:
    """Without a lock that writers would wait for."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if has_constraint(connection, "tone", _TONE_KEY):
            return
        # one that was begun and not finished is of no use
        run(connection, f"DROP INDEX CONCURRENTLY IF EXISTS {_TONE_KEY}")
        run(connection, f"CREATE UNIQUE INDEX CONCURRENTLY {_TONE_KEY} ON tone (scoring_id, revision_id, scored_at)")


def _refer_to_instants(connection: sa.Connection) -> None:
    if not has_constraint(connection, "tone", _TONE_KEY):
        run(
            connection,
            f"CREATE UNIQUE INDEX IF NOT EXISTS {_TONE_KEY} ON tone (scoring_id, revision_id, scored_at)",
            f"ALTER TABLE tone ADD CONSTRAINT {_TONE_KEY} UNIQUE USING INDEX {_TONE_KEY}",
        )
    told = "(scoring_id, revision_id, scored_at) REFERENCES tone (scoring_id, revision_id, scored_at)"
    lay_reference(connection, "score", "fk_score_scored_at", told)


def _choose_bound(connection: sa.Connection, table: str) -> int:
    """The month after what is held and after now; of an empty table the beginning of time."""
    newest = connection.scalar(sa.text(f"SELECT max({DIVIDED[table]}) FROM {table}"))  # noqa: S608
    if newest is None:
        return _NO_MONTH
    # two days: nothing that is written until the step is done may lie beyond
    (month,) = months.find_months([max(newest, _ask_clock(connection) + _TWO_DAYS)])
    return month.later(1).start


def _lay_bound(connection: sa.Connection, table: str, bound: int) -> None:
    run(connection, f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_before")
    if bound != _NO_MONTH:
        run(
            connection,
            f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_before CHECK ({DIVIDED[table]} < {bound}) NOT VALID",
        )


def _find_bound(connection: sa.Connection, table: str) -> int:
    run(connection, f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_before")
    told = connection.scalar(
        sa.text(f"SELECT pg_get_constraintdef(oid) {_CONSTRAINT}"),
        {"t": table, "n": f"ck_{table}_before"},
    )
    return int(re.findall(r"-?\d+", str(told))[0])


def _ask_clock(connection: sa.Connection) -> int:
    """The server's, in microseconds since 1970: a bound in the future is all it is for."""
    return int(connection.scalar(sa.text("SELECT (extract(epoch FROM now()) * 1000000)::bigint")) or 0)


def validate(engine: sa.Engine, table: str, name: str) -> None:
    """Look at every row, while others read and write; nothing if that was done, or if there is no such constraint."""
    with engine.begin() as connection:
        if has_constraint(connection, table, name, valid=False):
            run(connection, f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def lay_reference(connection: sa.Connection, table: str, name: str, told: str) -> None:
    """Let `table` refer, from the next row on; `validate` looks at those it holds."""
    if not has_constraint(connection, table, name):
        run(connection, f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY {told} NOT VALID")


def has_constraint(connection: sa.Connection, table: str, name: str, *, valid: bool | None = None) -> bool:
    """Whether `table` has it, and whether every row was looked at, where that is asked."""
    found = connection.scalar(
        sa.text(f"SELECT convalidated {_CONSTRAINT}"),
        {"t": table, "n": name},
    )
    return found is not None and valid in (None, found)


def has_trigger(connection: sa.Connection, name: str) -> bool:
    """Whether texts have it."""
    asked = sa.text("SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass('revision') AND tgname = :t")
    return connection.scalar(asked, {"t": name}) is not None
