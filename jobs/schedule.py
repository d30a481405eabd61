"""The settings' schedules as the daemon keeps them: for each job its rule, its zone, its work and its catching up."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from jobs.console import Advance
from jobs.house import House
from jobs.pipeline import STEPS, Work
from jobs.record import Outcome
from jobs.settings import Daemon
from jobs.zones import read_zone
from service.errors import BadInput
from service.schedules import Schedule, find_next, read_schedule
from service.slots import CatchUp

_OTHERS = "*"


def _seal(house: House, advance: Advance) -> Outcome:
    from jobs.seal import seal_store

    return seal_store(house, advance)


def _tell_alerts(house: House, advance: Advance) -> Outcome:
    from jobs.alerts import tell_alerts

    return tell_alerts(house, advance)


def _write_editions(house: House, advance: Advance) -> Outcome:
    from jobs.editions import write_editions

    return write_editions(house, advance)


def _back_up(house: House, advance: Advance) -> Outcome:
    from jobs.backup import scheduled

    return scheduled(house, advance)


def _prune(house: House, advance: Advance) -> Outcome:
    from jobs.prune import prune_store

    return prune_store(house, advance)


OPTIONAL: Mapping[str, Work] = {"backup": _back_up, "prune": _prune}
"""What the daemon does only where the settings have a rule for it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One job of the daemon. `rule` and `zone` are as the settings say them, `schedule` is what they mean."""

    job: str
    rule: str
    zone: str
    schedule: Schedule
    catch_up: CatchUp
    work: Work

    def period_at(self, slot: dt.datetime) -> dt.timedelta:
        """How long after `slot` the next one comes."""
        return find_next(self.schedule, slot) - slot


def plan_jobs(house: House) -> dict[str, Planned]:
    """What the daemon does, by job: the steps, seals, alerts, and editions where there are any. Raises `BadInput`."""
    settings = house.settings.daemon
    works: dict[str, Work] = {**STEPS, "seal": _seal, "alerts": _tell_alerts}
    if house.settings.report.editions:
        works["editions"] = _write_editions
    works |= {job: work for job, work in OPTIONAL.items() if getattr(settings, job)}
    return plan(settings, {job: getattr(settings, job) for job in works}, works)


def plan(settings: Daemon, rules: Mapping[str, str], works: Mapping[str, Work]) -> dict[str, Planned]:
    """Jobs by these rules. Raises `BadInput` where a rule, the zone or a job named for catching up is not known."""
    unknown = settings.catch_up.keys() - {*STEPS, "seal", "alerts", "editions", *OPTIONAL, *works, _OTHERS}
    if unknown:
        raise BadInput("daemon.catch_up", min(unknown), f"name a job: {', '.join(works)}")
    general = settings.catch_up.get(_OTHERS, CatchUp.LATEST.value)
    return {
        job: Planned(
            job,
            rules[job],
            settings.zone,
            read_rule(f"daemon.{job}", rules[job], settings.zone),
            CatchUp(settings.catch_up.get(job, general)),
            work,
        )
        for job, work in works.items()
    }


def read_rule(field: str, rule: str, zone: str) -> Schedule:
    """The schedule that a rule means by the clock of a zone; raises `BadInput`."""
    return read_schedule(field, rule, read_zone(zone))
