"""Seals: whether what was sealed still is what it was."""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial

from jobs.checks.ward import Examined, Ward, tell
from service.health.findings import Finding, Severity
from service.instants import format_instant
from service.integrity.checks import Check, Cost, Family
from storage import database, seals
from storage.instant_column import from_micros
from storage.integrity import backlog
from storage.seal_parts import MARGIN, Part, all_parts
from storage.seals import BEGINNING, Difference

_OLD = dt.timedelta(days=2)
_SHOWN = 3
_CHAIN = Check(
    "seal_chain",
    Family.SEALS,
    "each seal is the one that was set, chained with the one before, and none is missing",
    Cost.WHOLE,
    "The seals themselves were changed: hold the newest against the copy you keep (newscandle doctor --print-seal), "
    "and restore from a backup.",
)
_LAST = Check(
    "seal_last",
    Family.SEALS,
    "the last seal set on record is still there",
    remedy="Seals were taken from the end, or the database was put back without its record of runs: restore whole.",
)
_AGE = Check(
    "seal_age",
    Family.SEALS,
    "what can no longer change is sealed: within two days",
    remedy="Let the daemon run its job seal, or run newscandle seal (from cron, where no daemon runs).",
)


def list_checks() -> tuple[Examined, ...]:
    """Every check of seals."""
    parts = [
        Examined(
            check := Check(
                f"sealed_{part.name}",
                Family.SEALS,
                f"the sealed rows of {', '.join(part.tables)} are as they were sealed: none changed, is gone or came "
                "since",
                Cost.WHOLE,
                "Something wrote past newscandle, or the disk is failing: look at it, and restore from a backup.",
            ),
            partial(_verify, check, part),
        )
        for part in all_parts().values()
    ]
    return (
        Examined(_CHAIN, _follow_chain),
        Examined(_LAST, _find_last),
        Examined(_AGE, _find_age),
        *parts,
    )


def _follow_chain(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        wrong = seals.find_broken_chain(connection)
    if wrong:
        yield tell(_CHAIN, f"The chain of seals is broken: {wrong}.", severity=Severity.CRITICAL)


def _find_last(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        told, last = backlog.find_last_seal(connection), seals.load_newest(connection)
    held = 0 if last is None else last.number
    if held < told:
        yield tell(_LAST, f"Seal {told} was set, and the last one there is {held}.", severity=Severity.CRITICAL)


def _find_age(ward: Ward) -> Iterable[Finding]:
    with database.read(ward.engine) as connection:
        last = seals.load_newest(connection, is_first=True)
        if last is None:
            if any(seals.find_unsealed(connection, all_parts()[name], ward.now) for name in ("market", "article")):
                yield tell(_AGE, "Nothing is sealed: silent changes would not be seen.", severity=Severity.NOTE)
            return
    sealed_at = from_micros(last.sealed_at)
    if ward.now - sealed_at > _OLD:
        text = f"The last seal was set at {format_instant(sealed_at)}: silent changes of what came since are not seen."
        yield tell(_AGE, text)


def _verify(check: Check, part: Part, ward: Ward) -> Iterator[Finding]:
    with database.read(ward.engine) as connection:
        differ = seals.verify(connection, part)
        late = seals.find_late(connection, part)
    if differ:
        shown = "; ".join(_tell_difference(one, part) for one in differ[:_SHOWN])
        more = f"; … {len(differ):,} ranges in all" * (len(differ) > _SHOWN)
        text = f"{part.name} is not what was sealed: {shown}{more}."
        yield tell(check, text, subject=part.name, severity=Severity.CRITICAL)
    elif late:
        text = (
            f"{len(late):,} rows of {part.name} say that they came more than {MARGIN.total_seconds() / 3600:.0f} h "
            f"before a seal that does not hold them (row ids {', '.join(map(str, late[:_SHOWN]))}): put in by hand, or "
            "by a machine whose clock is behind."
        )
        yield tell(check, text, subject=part.name)


def _tell_difference(one: Difference, part: Part) -> str:
    if part.is_by_instant:
        lower = "the beginning" if one.seal.lower == BEGINNING else format_instant(from_micros(one.seal.lower))
        span = f"what came from {lower} to {format_instant(from_micros(one.seal.upper))}"
    else:
        span = f"row ids {max(one.seal.lower, 1)} to {one.seal.upper - 1}"
    if one.rows == one.seal.rows:
        return f"{span}: {one.rows:,} rows as sealed, but changed"
    return f"{span}: {one.rows:,} rows where {one.seal.rows:,} were sealed"
