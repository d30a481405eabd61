"""`newscandle compare-opinions`: our tones of articles beside another reader's of the same ones."""

from dataclasses import asdict, dataclass
from typing import Any

from jobs.asof import parse_as_of
from jobs.house import House
from service.correlation.agreement import FEWEST, Agreement, agree
from service.news.bulk.gdelt import SOURCE
from storage import database, opinions

_SEED = 20240110


@dataclass(frozen=True, slots=True)
class Compared:
    """How one scorer (name/version, with the catalogue it read for) agrees with another reader."""

    scorer: str
    catalogue: str
    source: str
    agreement: Agreement


def compare_opinions(house: House, as_of: str | None = None) -> list[Compared]:
    """Every scorer's tones of first texts against GDELT's of the same addresses, all known by `as_of`."""
    instant = parse_as_of(house, as_of)
    compared = []
    with database.read(house.engine) as connection:
        for scorer, catalogue in opinions.load_scorers(connection, as_of=instant):
            pairs = opinions.load_pairs(connection, source=SOURCE, scorer=scorer, catalogue=catalogue, as_of=instant)
            compared.append(Compared(scorer, catalogue, SOURCE, agree(pairs.ours, pairs.theirs, seed=_SEED)))
    return compared


def as_json(compared: list[Compared]) -> list[dict[str, Any]]:
    """Plain values."""
    return [asdict(one) for one in compared]


def describe(compared: list[Compared]) -> str:
    """A line per scorer, and what it means."""
    if not compared:
        return "no article held and scored has an opinion of another reader: import the .gkg files of its days"
    lines = [_describe_one(one) for one in compared]
    return "\n".join([*lines, "Agreement says that two readers hear the same, not that either is right."])


def _describe_one(one: Compared) -> str:
    found, who = one.agreement, f"{one.scorer} and {one.source}"
    same = "" if found.same_sign is None else f", the same sign in {found.same_sign:.0%} of those with two signs"
    if found.pearson is None or found.spearman is None:
        return f"{who}: n = {found.n}, too few or too alike to correlate (at least {FEWEST} that differ){same}"
    bounds = "" if found.low is None else f" [{found.low:+.2f}, {found.high:+.2f}]"
    return f"{who}: n = {found.n}, Pearson {found.pearson:+.2f}{bounds}, Spearman {found.spearman:+.2f}{same}"
