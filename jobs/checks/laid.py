"""The database itself: whether it is there, sound, and laid as this release lays it."""

from collections.abc import Iterable

from jobs.checks.ward import Examined, Ward, tell, tell_broken
from service.health.findings import Finding, Severity
from service.integrity.checks import Check, Cost, Family
from storage import database
from storage.integrity import structure
from storage.schema import RELEASE

_MIGRATE = "Run newscandle init or any other command of this release: it brings the schema up to date."
_RELEASE = Check("schema_release", Family.SCHEMA, "the schema is of this release", remedy=_MIGRATE)
_LAID = Check(
    "schema_laid",
    Family.SCHEMA,
    "every table, column, key, index and reference of this release is there",
    remedy="Make again what is missing (docs/schema.md), or restore from a backup.",
)
_VIEWS = Check(
    "schema_views",
    Family.SCHEMA,
    "the SQL views are there, and of this release",
    remedy="Let the owner of the tables open the store once: newscandle status.",
)
_SOUND = Check(
    "database_sound",
    Family.SCHEMA,
    "the database finds its pages and indexes sound (SQLite: integrity_check; PostgreSQL: amcheck, where installed)",
    Cost.WHOLE,
    "Look at the disk; then restore from a backup. A broken index alone is mended by REINDEX.",
)
_AMCHECK = Check(
    "database_amcheck",
    Family.SCHEMA,
    "PostgreSQL can be asked whether its indexes are sound",
    remedy="Have an administrator run CREATE EXTENSION amcheck in this database, or run pg_amcheck.",
)
_DANGLING = Check("references", Family.SCHEMA, "every row that refers to another finds it", Cost.WHOLE)
_TYPES = Check(
    "types", Family.SCHEMA, "every value is of the kind of its column, and JSON is JSON (SQLite)", Cost.WHOLE
)
_MONTHS = Check(
    "revision_keys", Family.SCHEMA, "revision_key tells of every text, over all months (PostgreSQL)", Cost.WHOLE
)


def list_checks() -> tuple[Examined, ...]:
    """Every check of the schema."""
    return (
        Examined(_RELEASE, _find_release),
        Examined(_LAID, _find_missing),
        Examined(_VIEWS, _find_bad_views),
        Examined(_SOUND, _find_unsound),
        Examined(_AMCHECK, _find_amcheck),
        Examined(_DANGLING, lambda ward: tell_broken(_DANGLING, "the store", ward.ask(structure.find_dangling))),
        Examined(_TYPES, lambda ward: tell_broken(_TYPES, "the store", ward.ask(structure.find_untyped))),
        Examined(_MONTHS, lambda ward: tell_broken(_MONTHS, "revision", ward.ask(structure.find_unlike_keys))),
    )


def _find_release(ward: Ward) -> Iterable[Finding]:
    found = database.find_release(ward.engine)
    if found != RELEASE:
        text = f"The schema is of release {found}, this newscandle reads and writes {RELEASE}."
        yield tell(_RELEASE, text, severity=Severity.CRITICAL)


def _find_missing(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        missing = structure.find_missing(connection)
    if missing:
        yield tell(_LAID, f"Missing: {'; '.join(missing)}.", severity=Severity.CRITICAL)


def _find_bad_views(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        wrong = structure.find_bad_views(connection)
    if wrong:
        yield tell(_VIEWS, f"Missing or not of this release: {', '.join(wrong)}.")


def _find_unsound(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        told = structure.find_unsound(connection)
    if told:
        yield tell(_SOUND, f"The database says: {'; '.join(told[:5])}.", severity=Severity.CRITICAL)


def _find_amcheck(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        if not structure.has_amcheck(connection):
            yield tell(_AMCHECK, "The extension amcheck is not installed.", severity=Severity.NOTE)
