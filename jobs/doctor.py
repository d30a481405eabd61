"""`newscandle doctor`: every check, one after another; each reads and none writes, and whatever one meets is a finding.

settings ─▶ store, opened as it is ─▶ checks of the families wanted ─▶ findings ─▶ text or JSON
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.checks.ward import Examined, Ward, tell
from jobs.clock import choose_clock
from jobs.console import Advance
from jobs.house import store_url
from jobs.settings_file import find_file, read_settings
from service.errors import BadInput, NewscandleError, StoreFailed
from service.health.findings import Finding, Severity, order_findings
from service.integrity.checks import Check, Cost, Family
from storage import database, health, seals
from storage.integrity import structure

_SETTINGS = Check("settings", Family.SETTINGS, "the settings can be read", remedy="Mend the file as it says.")
_STORE = Check(
    "store",
    Family.SCHEMA,
    "the store is there, and can be read",
    remedy="See that the database runs and lets this user in; newscandle init lays a new one.",
)
_FAULT = Check("fault", Family.SCHEMA, "newscandle itself has no fault", remedy="Please report it, with the log.")
_SHUT = frozenset({"unreachable", "schema_missing", "locked", "no_right"})
"""Why a store cannot be read at all: one finding says so, and its checks are left out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which checks: of these families (none: all), and those that cost more."""

    families: frozenset[Family] = frozenset()
    deep: bool = False
    online: bool = False

    def includes(self, check: Check) -> bool:
        """Whether it is to be made."""
        is_free = check.cost in (Cost.QUICK, Cost.WHOLE)
        is_asked = (check.cost is Cost.DEEP and self.deep) or (check.cost is Cost.ONLINE and self.online)
        return (is_free or is_asked) and (not self.families or check.family in self.families)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, the gravest of each family first; `checks` says how many were made."""

    findings: tuple[Finding, ...]
    families: dict[str, Family]  # of each check that has findings
    checks: int

    @property
    def is_healthy(self) -> bool:
        """Whether there are notes at most."""
        return all(one.severity is Severity.NOTE for one in self.findings)


def choose(only: Sequence[str], *, deep: bool, online: bool) -> Wanted:
    """The checks of these families. Raises `BadInput` for one that is not known."""
    known = [family.value for family in Family]
    for name in only:
        if name not in known:
            raise BadInput("--only", name, f"name a family: {', '.join(known)}")
    return Wanted(frozenset(map(Family, only)), deep, online)


def examine(config: Path | None, wanted: Wanted, advance: Advance = lambda _: None) -> Examination:
    """Read the settings, open the store as it is, and look; raises nothing that is foreseen."""
    try:
        settings = read_settings(config)
        engine = structure.open_leniently(store_url(settings))
    except BadInput as error:
        remedy = f"Mend {find_file(config)}, or the variable it names."
        found = tell(_SETTINGS, str(error), severity=Severity.CRITICAL, remedy=remedy)
        return Examination((found,), {_SETTINGS.code: Family.SETTINGS}, 1)
    try:
        return examine_ward(Ward(settings, engine, choose_clock(), config), wanted, advance)
    finally:
        engine.dispose()


def examine_ward(ward: Ward, wanted: Wanted, advance: Advance = lambda _: None) -> Examination:
    """Make every check that is wanted."""
    from jobs.checks.everything import all_checks

    made = [one for one in all_checks() if wanted.includes(one.check)]
    found: list[tuple[Family, Finding]] = []
    shut = _find_shut(ward) if any(one.needs_store for one in made) else None
    if shut is not None:
        found.append((_STORE.family, shut))
        made = [one for one in made if not one.needs_store]
    unread: Counter[str] = Counter()
    for one in made:
        found += [(one.check.family, finding) for finding in _look(one, ward, unread)]
        advance(1)
    for failure, count in unread.items():
        text = f"{count} check{'s' * (count > 1)} could not be made: {failure}"
        found.append((_STORE.family, tell(_STORE, text, severity=Severity.CRITICAL)))
    families = {finding.check: family for family, finding in found}
    return Examination(tuple(order_findings(finding for _, finding in found)), families, len(made) + 1)


def _find_shut(ward: Ward) -> Finding | None:
    try:
        health.require_there(ward.engine)
        if database.find_release(ward.engine) is not None:
            return None
    except StoreFailed as failure:
        if failure.reason not in _SHUT:
            return None
        return tell(_STORE, f"{failure.reason}: {failure}.", severity=Severity.CRITICAL)
    return tell(_STORE, "schema_missing: it holds no newscandle tables.", severity=Severity.CRITICAL)


def _look(one: Examined, ward: Ward, unread: Counter[str]) -> Iterator[Finding]:
    """What a check finds; what keeps it from looking is counted, and a fault of ours is a finding too."""
    try:
        yield from one.examine(ward)
    except StoreFailed as failure:
        unread[" ".join(str(failure).split())] += 1
    except NewscandleError as error:
        yield tell(one.check, f"It could not be looked at: {error}")
    except Exception as error:  # noqa: BLE001 - a store may be broken in ways nobody thought of: told, not raised
        text = f"{one.check.code} could not be looked at: {type(error).__name__}: {str(error)[:200]}"
        yield tell(_FAULT, text, subject=one.check.code, severity=Severity.CRITICAL)


def as_json(found: Examination) -> str:
    """One JSON object."""
    told = [
        {
            "family": found.families[one.check].value,
            "check": one.check,
            "subject": one.subject,
            "severity": one.severity.value,
            "text": one.text,
            "remedy": one.remedy,
        }
        for one in found.findings
    ]
    return json.dumps({"healthy": found.is_healthy, "checks": found.checks, "findings": told}, ensure_ascii=False)


def as_text(found: Examination) -> str:
    """A line of what was found, then by family each finding with its remedy, families with the gravest first."""
    counts = Counter(one.severity for one in found.findings)
    told = ", ".join(f"{counts[one]} {one.value}{'s' * (counts[one] != 1 and one is not Severity.CRITICAL)}"
                     for one in (Severity.CRITICAL, Severity.WARNING, Severity.NOTE) if counts[one])  # fmt: skip
    lines = [f"doctor: {found.checks} checks, {told or 'nothing found'}"]
    order = list(dict.fromkeys(found.families[one.check] for one in found.findings))
    for family in order:
        lines.append(f"{family.value}:")
        for one in found.findings:
            if found.families[one.check] is family:
                lines += [f"  {one.severity.value:<9}{one.check} ({one.subject}): {one.text}", f"{'':11}{one.remedy}"]
    return "\n".join(lines)


def print_seal(config: Path | None) -> str:
    """The newest seal in one line: its number and its chain, which stands for all before it."""
    settings = read_settings(config)
    engine = structure.open_leniently(store_url(settings))
    try:
        health.require_there(engine)
        with database.read(engine) as connection:
            last = seals.load_newest(connection)
    finally:
        engine.dispose()
    return "seal 0" if last is None else f"seal {last.number} {last.chain}"
