"""What can be wrong with a candle archive, in words an analyst can act on. No fault is swallowed: it is counted."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.market.candle import Quarantined

EXPLAINED = {
    # rows that were put right or only noted, and kept
    "preamble": "lines above the header were skipped",
    "encoding": "bytes that are not UTF-8 were replaced before reading",
    "mixed_units": "the time column changes its unit within the file; each value was read by its size",
    "date_disagrees": "the written date differs from the unix time; the unix time was believed, for a date has no zone",
    "newest_first": "the file runs backwards in time; it was sorted",
    "unordered": "rows stand before an earlier one; the file was sorted",
    "volume_swapped": "base and quote volume stand in each other's column; they were swapped back",
    "volume_in_quote": "the only volume column counts quote currency; it was divided by the bar's typical price",
    "volume_inconsistent": "quote volume is not base volume times price, nor the reverse; both were kept as printed",
    "no_trade": "flat bars without volume, as venues and exporters print where nothing traded; kept as printed",
    "suspect_wick": "a high or low far outside the bar's body and its neighbours; kept, for venues do print such wicks",
    # rows that were refused
    "unreadable": "rows that are not figures",
    "other_symbol": "rows of another pair than the one asked for",
    "invalid_bar": "prices not positive, low ≤ open, close ≤ high broken, or volume below zero",
    "off_grid": "bars that do not open on the interval's grid",
    "future": "bars that open after the moment of reading",
    "unfinished": "the newest bar: nothing in the file shows that it had closed (say --last-bar-closed if it had)",
    "duplicate": "a bar printed twice, differing at most by rounding or by where the open was taken; one was kept",
    "conflicting_duplicate": "different bars for one time; a half-finished one lost to the fuller, else none was kept",
    "suspect": "an open, close or bar far from the prices right before and after, which agree with each other",
    # bars that are not there
    "missing": "bars absent from the file, recorded as gaps and never filled",
}
"""Stable code → what it means and what was done."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of fault in one file: how many rows (or bars), the first of them as printed, and what was done."""

    code: str
    count: int
    example: str
    detail: str


def defect(code: str, count: int, example: str, detail: str = "") -> Defect:
    """A defect with its standing explanation; `detail` adds the figures of this file."""
    explained = EXPLAINED[code]
    return Defect(code, count, example[:200], f"{explained}: {detail}" if detail else explained)


def count_refused(refused: Iterable[Quarantined]) -> list[Defect]:
    """One defect per reason in a quarantine, in the order the reasons first occur."""
    first: dict[str, Quarantined] = {}
    counts: dict[str, int] = {}
    for row in refused:
        first.setdefault(row.reason, row)
        counts[row.reason] = counts.get(row.reason, 0) + 1
    return [defect(reason, counts[reason], row.row, row.detail) for reason, row in first.items()]
