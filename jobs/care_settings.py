"""The settings of keeping the store: backups, and what is taken out of it after which time."""

import datetime as dt
from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from jobs.sections import Section
from service.errors import BadInput
from service.instants import parse_duration

_LEAST: Final = {
    "texts_after": 30,
    "skipped_after": 7,
    "slots_after": 7,
    "runs_after": 7,
    "entries_after": 90,
    "reports_after": 7,
}
"""Days: what is younger is still worked with."""


class Backup(Section):
    """Where the daemon's backups go (`daemon.backup` says when), and how many stay."""

    folder: Annotated[str, Field(min_length=1)] = "backups"
    keep: Annotated[int, Field(ge=1, le=10_000)] = 7
    reports: bool = False  # the report files as well


class Prune(Section):
    """After how long what is taken out; "": never. What stays of it is told in docs/care.md."""

    texts_after: str = ""
    titles: bool = True  # they stay when their texts go
    skipped_after: str = ""
    slots_after: str = ""
    runs_after: str = ""
    entries_after: str = ""
    reports_after: str = ""

    @field_validator(*_LEAST)
    @classmethod
    def _check_age(cls, value: str, info: ValidationInfo) -> str:
        field = str(info.field_name)
        least = dt.timedelta(days=_LEAST[field])
        if value and parse_duration(value, f"prune.{field}") < least:
            raise BadInput(f"prune.{field}", value, f'give {least.days}d or more, or "" for never')
        return value

    def age_of(self, what: str) -> dt.timedelta | None:
        """The age after which `what` (as `texts`) goes; None for never."""
        value: str = getattr(self, f"{what}_after")
        return parse_duration(value, f"prune.{what}_after") if value else None
