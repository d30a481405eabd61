"""Down from 0007 on PostgreSQL: the months become one table again, while the release before goes on working.

    prepare  join    one short transaction   `…_before` is the table again, the months lie beside it and are read with
                                             it (inheritance): the store is whole, and undivided for whoever writes
             move    in batches              the rows of the months, each in one statement that takes and puts it
             refer   in small transactions   the old foreign keys, validated
    finish   one short transaction (the step itself)   takes away the empty months and the key table

Each function may be called again after a kill.
"""

import time

import sqlalchemy as sa

from service.errors import StoreFailed
from storage import views
from storage.locks import change_briefly, run
from storage.migrations.dividing import (
    CHILDREN,
    DIVIDED,
    NOTE,
    has_trigger,
    lay_reference,
    validate,
)

_BATCH = 2_000
_PATIENCE_SECONDS = 300
_LYING = sa.text(
    "SELECT child.relname, child.relispartition FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
    "WHERE inhparent = to_regclass(:parent) ORDER BY child.relname"
)


def prepare(engine: sa.Engine) -> None:
    """All that takes time. Takes away the views, as every step down does.

    Raises `StoreFailed` (`months_missing`) where texts are referred to that lie in no month.
    """
    _refuse_missing(engine)
    change_briefly(engine, _join)
    for table in DIVIDED:
        with engine.connect() as connection:
            beside = [name for name, _ in connection.execute(_LYING, {"parent": table})]
        for name in beside:
            moved = True
            while moved:
                with engine.begin() as connection:
                    moved = _move_batch(connection, table, name, _BATCH)
    change_briefly(engine, _refer_to_rows)
    for child in CHILDREN:
        validate(engine, child, f"fk_{child}_revision_id")
    _outlive_readers(engine)


def finish(connection: sa.Connection) -> None:
    """The step itself, in one transaction; does everything where nothing was prepared."""
    run(connection, "LOCK TABLE tone, revision, score, article, passage, returned, extracted IN ACCESS EXCLUSIVE MODE")
    _join(connection)
    for table in DIVIDED:
        for name, _ in connection.execute(_LYING, {"parent": table}).all():
            _move_batch(connection, table, name, None)
            run(connection, f"DROP TABLE {name}")
    _refer_to_rows(connection)
    run(
        connection,
        *(f"ALTER TABLE {child} VALIDATE CONSTRAINT fk_{child}_revision_id" for child in CHILDREN),
        *(f"ALTER TABLE {child} DROP CONSTRAINT fk_{child}_revision_key" for child in CHILDREN),
        "DROP TRIGGER note_revision ON revision",
        "DROP FUNCTION note_revision(), claim_revision(), forget_revision()",
        "DROP TABLE revision_key",
        "ALTER TABLE score DROP CONSTRAINT fk_score_scored_at",
        "ALTER TABLE tone DROP CONSTRAINT uq_tone_scoring_id_revision_id_scored_at",
    )


def _refuse_missing(engine: sa.Engine) -> None:
    asked = sa.text(
        "SELECT count(*) FROM revision_key WHERE NOT EXISTS (SELECT FROM revision "
        "WHERE revision.id = revision_key.id AND revision.available_at = revision_key.available_at)"
    )
    with engine.connect() as connection:
        if missing := connection.scalar(asked):
            raise StoreFailed(
                "months_missing",
                f"{missing} texts are referred to and lie in no month: attach the months that were detached, or delete "
                "what refers to their texts, and their rows of revision_key",
            )


def _join(connection: sa.Connection) -> None:
    run(connection, "LOCK TABLE tone, revision, score, article IN ACCESS EXCLUSIVE MODE")
    views.drop(connection)
    if has_trigger(connection, "claim_revision"):
        run(connection, "DROP TRIGGER claim_revision ON revision", "DROP TRIGGER forget_revision ON revision")
    for table in DIVIDED:
        lying = connection.execute(_LYING, {"parent": table}).all()
        if not any(is_partition for _, is_partition in lying):
            continue
        months = [name for name, _ in lying if name != f"{table}_before"]
        statements = [f"ALTER TABLE {table} DETACH PARTITION {name}" for name in (f"{table}_before", *months)]
        if table == "revision":
            statements.append("ALTER SEQUENCE revision_id_seq OWNED BY revision_before.id")
        statements += [f"DROP TABLE {table}", f"ALTER TABLE {table}_before RENAME TO {table}"]
        for name in months:
            is_held = connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {name})"))  # noqa: S608 - our own names
            statements.append(f"ALTER TABLE {name} INHERIT {table}" if is_held else f"DROP TABLE {name}")
        run(connection, *statements)
    if not has_trigger(connection, "note_revision"):
        run(connection, *NOTE)


def _move_batch(connection: sa.Connection, table: str, name: str, rows: int | None) -> bool:
    """Take so many rows, or all, out of the month and put them into the table; whether there were any."""
    columns = ", ".join(f'"{column["name"]}"' for column in sa.inspect(connection).get_columns(name))
    part = "" if rows is None else f"WHERE ctid = ANY (ARRAY(SELECT ctid FROM {name} LIMIT {rows}))"  # noqa: S608
    moved = connection.exec_driver_sql(
        f"WITH taken AS (DELETE FROM {name} {part} RETURNING {columns}) "  # noqa: S608
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM taken"
    )
    return moved.rowcount > 0


def _refer_to_rows(connection: sa.Connection) -> None:
    for child in CHILDREN:
        lay_reference(connection, child, f"fk_{child}_revision_id", "(revision_id) REFERENCES revision (id)")


def _outlive_readers(engine: sa.Engine) -> None:
    """Wait for readers that began before the last row was moved: they see it where it lay."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        moved = connection.scalar(sa.text("SELECT pg_current_xact_id()::text::bigint"))
        older = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND age(backend_xmin) > age(CAST(CAST(CAST(:moved AS bigint) % 4294967296 AS text) AS xid))"
        )
        for _ in range(_PATIENCE_SECONDS):
            if not connection.scalar(older, {"moved": moved}):
                return
            time.sleep(1)
    raise StoreFailed("locked", "a reader began before the months were joined and still reads; end it and try again")
