"""What the doctor looks at: checks by family, each with what it proves and what it costs."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What belongs together, in the order the doctor goes: what is broken below makes what is above it doubtful."""

    SETTINGS = "settings"
    SCHEMA = "schema"
    DISK = "disk"
    CLOCK = "clock"
    SEALS = "seals"
    NEWS = "news"
    SCORES = "scores"
    PRICES = "prices"
    SERIES = "series"
    REPORTS = "reports"
    LEDGER = "ledger"
    FRESH = "fresh"
    SOURCES = "sources"
    VENUES = "venues"


class Cost(StrEnum):
    """`quick`: some rows or none · `whole`: every row of a table is read once · `deep`: with `--deep` only, computes
    again · `online`: with `--online` only, asks others.
    """

    QUICK = "quick"
    WHOLE = "whole"
    DEEP = "deep"
    ONLINE = "online"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. `code` is stable and names its findings; `proves` is what holds where none is."""

    code: str
    family: Family
    proves: str
    cost: Cost = Cost.QUICK
    remedy: str = ""
