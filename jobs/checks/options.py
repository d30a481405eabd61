"""The settings and what they name: scorers, targets, schedules, folders, files and who is told how to reach you."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from jobs.checks.machine import folders_of
from jobs.checks.ward import Examined, Ward, tell
from jobs.house import build_scorer
from jobs.models import find_model
from jobs.schedule import plan_jobs
from jobs.settings_file import find_file
from service.errors import BadInput, NewscandleError
from service.health.findings import Finding, Severity
from service.integrity.checks import Check, Family
from service.news.urls import canonical

_EDIT = "Set it in the settings file; newscandle init --config FILE writes one with every default to compare with."
_SCORERS = Check("scorers", Family.SETTINGS, "every scorer of the settings can be made here", remedy=_EDIT)
_CATALOGUE = Check("targets_file", Family.SETTINGS, "the catalogue of targets can be read", remedy=_EDIT)
_TARGETS = Check("targets", Family.SETTINGS, "every target of the settings is in the catalogue", remedy=_EDIT)
_SCHEDULES = Check("schedules", Family.SETTINGS, "every schedule and the zone of the daemon can be read", remedy=_EDIT)
_CONTACT = Check(
    "contact",
    Family.SETTINGS,
    "hosts are told whom to write to",
    remedy='Set ingest.contact to an address, e.g. contact = "you@example.org": hosts that know you block you less.',
)
_FOLDERS = Check(
    "folders", Family.SETTINGS, "newscandle may write where it has to", remedy="Let this user write there."
)
_SECRETS = Check(
    "secrets",
    Family.SETTINGS,
    "a settings file with a password in it is its owner's alone to read",
    remedy="chmod 600 the file, or give the address in NEWSCANDLE_STORE__URL.",
)
_CLOCK = Check(
    "clock_fixed",
    Family.SETTINGS,
    "the clock goes",
    remedy="Take NEWSCANDLE_CLOCK out of the environment, unless this is a replay.",
)
_SAME = Check(
    "sources_same",
    Family.SETTINGS,
    "no two sources of the settings are one address, nor have one name",
    remedy="Take one of them out: what both tell is asked for twice.",
)
_ANY = Check("sources_any", Family.SETTINGS, "there is a source to read", remedy="newscandle sources add URL")


def list_checks() -> tuple[Examined, ...]:
    """Every check of the settings; none needs the store."""
    pairs = (
        (_SCORERS, _find_scorers),
        (_CATALOGUE, _find_catalogue),
        (_TARGETS, _find_targets),
        (_SCHEDULES, _find_schedules),
        (_CONTACT, _find_contact),
        (_FOLDERS, _find_folders),
        (_SECRETS, _find_secrets),
        (_CLOCK, _find_fixed_clock),
        (_SAME, _find_same),
        (_ANY, _find_none),
    )
    return tuple(Examined(check, examine, needs_store=False) for check, examine in pairs)


def _find_scorers(ward: Ward) -> Iterable[Finding]:
    for name in ward.settings.score.scorers:
        if find_model(name, ward.settings.scorers) is not None:
            continue  # of the user's own: gigabytes, which scoring reads and tells of
        try:
            build_scorer(name, ward.settings)
        except NewscandleError as error:
            yield tell(_SCORERS, str(error), subject=name, severity=Severity.CRITICAL)


def _find_catalogue(ward: Ward) -> Iterable[Finding]:
    try:
        _ = ward.house.catalogue
    except NewscandleError as error:
        yield tell(_CATALOGUE, str(error), severity=Severity.CRITICAL)


def _find_targets(ward: Ward) -> Iterable[Finding]:
    try:
        catalogue = ward.house.catalogue
    except NewscandleError:
        return  # told by the check before
    for field, names in (
        ("align.targets", ward.settings.align.targets),
        ("report.targets", ward.settings.report.targets),
    ):
        unknown = [name for name in names if catalogue.get(name) is None]
        if unknown:
            text = f"{field} names {', '.join(unknown)}, which the catalogue does not have."
            yield tell(_TARGETS, text, subject=field, severity=Severity.CRITICAL)
    lost = set(ward.settings.report.targets) - set(ward.settings.align.targets)
    if lost:
        text = f"report.targets names {', '.join(sorted(lost))}, which align.targets does not: no series is made of it."
        yield tell(_TARGETS, text, subject="align.targets")


def _find_schedules(ward: Ward) -> Iterable[Finding]:
    try:
        plan_jobs(ward.house)
    except BadInput as error:
        yield tell(_SCHEDULES, str(error), severity=Severity.CRITICAL)


def _find_contact(ward: Ward) -> Iterable[Finding]:
    if not ward.settings.ingest.contact:
        yield tell(_CONTACT, "ingest.contact is empty.", severity=Severity.NOTE)


def _find_folders(ward: Ward) -> Iterable[Finding]:
    for name, folder in folders_of(ward):
        if not os.access(folder, os.W_OK | os.X_OK):
            yield tell(_FOLDERS, f"{folder} cannot be written to.", subject=name, severity=Severity.CRITICAL)
    if ward.engine.dialect.name == "sqlite":
        file = Path(ward.engine.url.database or "")
        if file.exists() and not os.access(file, os.R_OK | os.W_OK):
            yield tell(_FOLDERS, f"{file} cannot be read and written.", subject=file.name, severity=Severity.CRITICAL)


def _find_secrets(ward: Ward) -> Iterable[Finding]:
    file, password = find_file(ward.config), ward.engine.url.password
    if not password or not file.exists() or not file.stat().st_mode & 0o004:
        return
    if str(password) in file.read_text(encoding="utf-8", errors="replace"):
        yield tell(_SECRETS, f"Everybody on this machine may read {file}, which holds a password.")


def _find_fixed_clock(ward: Ward) -> Iterable[Finding]:  # noqa: ARG001 - the shape of every check
    if os.environ.get("NEWSCANDLE_CLOCK"):
        yield tell(_CLOCK, "NEWSCANDLE_CLOCK fixes the clock: no age can be told.")


def _find_same(ward: Ward) -> Iterator[Finding]:
    enabled = [one for one in ward.settings.source if one.enabled]
    names = Counter(one.name for one in ward.settings.source)
    for name in sorted(name for name, count in names.items() if count > 1):
        yield tell(_SAME, f"Two sources are called {name}.", subject=name, severity=Severity.CRITICAL)
    by_url: dict[str, list[str]] = {}
    for one in enabled:
        by_url.setdefault(canonical(one.url) or one.url, []).append(one.name)
    for url, together in sorted(by_url.items()):
        if len(together) > 1 and len(set(together)) > 1:
            yield tell(_SAME, f"{', '.join(together)} are one address: {url}.", subject=together[0])


def _find_none(ward: Ward) -> Iterable[Finding]:
    if not any(one.enabled for one in ward.settings.source):
        yield tell(_ANY, "No source is enabled.", severity=Severity.NOTE)
