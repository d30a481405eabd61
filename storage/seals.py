"""Seals: what a range of rows held once it was closed, so that a silent change of it is seen.

    ranges not sealed ─▶ tally by range ─▶ seal, chained with the one before
    sealed ranges ─▶ tally them all in one pass a table ─▶ those that differ

A seal is against accidents: bits that flip, a hand that slips, a program that writes past newscandle. Whoever may write
to the database may also seal again; against that only a copy of the newest chain that is kept elsewhere helps.
"""

import contextlib
import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final

import sqlalchemy as sa

from service.integrity.digests import Tally, chain
from storage.instant_column import to_micros
from storage.schema import seal
from storage.seal_parts import MARGIN, Part, all_parts
from storage.upsert import insert_new

BEGINNING: Final = -(1 << 62)
"""Where the first range of each part begins."""
_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Seal:
    """What the range [lower, upper) of a part held at `sealed_at` (µs)."""

    number: int
    part: str
    lower: int
    upper: int
    rows: int
    digest: str
    reason: str
    sealed_at: int
    chain: str

    def link(self, before: str) -> str:
        """What `chain` must be after `before`."""
        told = (self.number, self.part, self.lower, self.upper, self.rows, self.digest, self.reason, self.sealed_at)
        return chain(before, told)


_COLUMNS = tuple(sa.type_coerce(column, sa.BigInteger) if column.name == "sealed_at" else column for column in seal.c)


def load_newest(connection: sa.Connection, *, is_first: bool = False) -> Seal | None:
    """The seal with the highest number: its chain tells of all before it. `is_first`: of those not set again."""
    chosen = sa.select(*_COLUMNS).where(seal.c.reason == "") if is_first else sa.select(*_COLUMNS)
    row = connection.execute(chosen.order_by(seal.c.number.desc()).limit(1)).first()
    return None if row is None else Seal(*row)


def iterate(connection: sa.Connection) -> Generator[Seal, None, None]:
    """Every seal in the order they were set."""
    chosen = sa.select(*_COLUMNS).order_by(seal.c.number)
    with connection.execute(chosen, execution_options={"yield_per": _AT_ONCE}) as rows:
        for row in rows:
            yield Seal(*row)


def load_ranges(connection: sa.Connection, part: str) -> list[Seal]:
    """The seals of a part that count, by range: of each range the newest."""
    chosen = sa.select(*_COLUMNS).where(seal.c.part == part).order_by(seal.c.lower, seal.c.number)
    newest = {(one.lower, one.upper): one for one in (Seal(*row) for row in connection.execute(chosen))}
    return list(newest.values())


def tally_ranges(connection: sa.Connection, part: Part, ranges: Sequence[tuple[int, int]]) -> list[Tally]:
    """What each of these ranges [lower, upper) holds; they rise and do not overlap. One pass over the tables."""
    tallies = [Tally() for _ in ranges]
    if not ranges:
        return tallies
    starts = [lower for lower, _ in ranges]
    for select in part.selects:
        position = select.selected_columns[0]
        inside = select.where(position >= ranges[0][0], position < ranges[-1][1])
        for row in connection.execute(inside, execution_options={"yield_per": _AT_ONCE}):
            found = row[0]
            place = bisect_right(starts, found) - 1
            if found < ranges[place][1]:
                tallies[place].add(row[1:])
    return tallies


def find_unsealed(connection: sa.Connection, part: Part, now: dt.datetime) -> dict[tuple[int, int], Tally]:
    """The ranges of a part that are closed at `now` and not sealed, with what they hold.

    Of instants they reach up to `now` less `MARGIN`, whether they hold anything or not: nothing may come into them.
    """
    sealed_to = connection.scalar(sa.select(sa.func.max(seal.c.upper)).where(seal.c.part == part.name))
    lower = BEGINNING if sealed_to is None else int(sealed_to)
    if part.is_by_instant:
        upper = to_micros(now - MARGIN)
    else:
        last = connection.scalar(sa.select(sa.func.max(part.position)))
        upper = lower if last is None else int(last) + 1
    if upper <= lower:
        return {}
    found: dict[int, Tally] = {}
    for select in part.selects:
        position = select.selected_columns[0]
        inside = select.where(position >= lower, position < upper)
        for row in connection.execute(inside, execution_options={"yield_per": _AT_ONCE}):
            place = row[0] // part.step
            if (held := found.get(place)) is None:
                held = found[place] = Tally()
            held.add(row[1:])
    return _divide(found, lower, upper, part.step)


def _divide(found: Mapping[int, Tally], lower: int, upper: int, step: int) -> dict[tuple[int, int], Tally]:
    """Ranges that cover [lower, upper) without a hole and end where a step does."""
    ranges: dict[tuple[int, int], Tally] = {}
    for place in sorted(found):
        end = min((place + 1) * step, upper)
        ranges[lower, end] = found[place]
        lower = end
    if lower < upper:
        ranges[lower, upper] = Tally()
    return ranges


def save(
    connection: sa.Connection,
    part: str,
    ranges: Mapping[tuple[int, int], Tally],
    *,
    sealed_at: dt.datetime,
    reason: str = "",
) -> int:
    """Set a seal on each of these ranges; returns how many were set.

    Without a reason the first must begin where the last seal of the part ends: where another process has sealed it in
    the meantime, nothing is set.
    """
    sealed_to = connection.scalar(sa.select(sa.func.max(seal.c.upper)).where(seal.c.part == part))
    if not ranges or (not reason and min(ranges)[0] != (BEGINNING if sealed_to is None else sealed_to)):
        return 0
    last = load_newest(connection)
    number, before = (0, "") if last is None else (last.number, last.chain)
    stamped = to_micros(sealed_at)
    rows = []
    for (lower, upper), held in ranges.items():
        number += 1
        told = Seal(number, part, lower, upper, held.rows, held.digest, reason, stamped, "")
        before = told.link(before)
        rows.append((*astuple(told)[:-1], before))
    insert_new(connection, seal, tuple(column.name for column in seal.c), rows)
    return len(rows)


@dataclass(frozen=True, slots=True)
class Difference:
    """A sealed range that does not hold what it did: how many rows it has now."""

    seal: Seal
    rows: int


def verify(connection: sa.Connection, part: Part) -> list[Difference]:
    """The sealed ranges of a part whose rows are not those that were sealed."""
    sealed = load_ranges(connection, part.name)
    tallies = tally_ranges(connection, part, [(one.lower, one.upper) for one in sealed])
    return [
        Difference(one, held.rows)
        for one, held in zip(sealed, tallies, strict=True)
        if (one.rows, one.digest) != (held.rows, held.digest)
    ]


def accept(connection: sa.Connection, part: Part, *, reason: str, at: dt.datetime) -> int:
    """Seal again, with `reason`, the ranges of a part that are not what was sealed; returns how many were.

    For somebody who looked, and knows why: what was sealed before stays on record, and the chain goes on.
    """
    ranges = [(one.seal.lower, one.seal.upper) for one in verify(connection, part)]
    held = tally_ranges(connection, part, ranges)
    return save(connection, part.name, dict(zip(ranges, held, strict=True)), sealed_at=at, reason=reason)


def find_late(connection: sa.Connection, part: Part) -> list[int]:
    """Row ids beyond the sealed ones of rows that say they came long before those were sealed; at most 1,000."""
    if part.is_by_instant or part.came_at is None:
        return []
    last = connection.execute(
        sa.select(seal.c.upper, sa.type_coerce(seal.c.sealed_at, sa.BigInteger))
        .where(seal.c.part == part.name)
        .order_by(seal.c.upper.desc(), seal.c.number)
        .limit(1)
    ).first()
    if last is None:
        return []
    margin = int(MARGIN.total_seconds() * 1_000_000)
    late = (part.position >= last[0], part.came_at < last[1] - margin)
    return list(connection.scalars(sa.select(part.position).where(*late).order_by(part.position).limit(1_000)))


def find_broken_chain(connection: sa.Connection) -> str:
    """What is wrong with the seals themselves: a broken chain, one or a stretch left out; "" where nothing is."""
    with contextlib.closing(iterate(connection)) as every:
        return _follow(every)


def _follow(every: Iterator[Seal]) -> str:
    before, ends, covered = "", dict[str, int](), dict[str, set[tuple[int, int]]]()
    for number, one in enumerate(every, 1):
        if one.number != number:
            return f"seal {number} is missing"
        if one.link(before) != one.chain:
            return f"seal {number} (of {one.part}) is not what was set, or one before it is not"
        spans = covered.setdefault(one.part, set())
        if one.reason:
            if (one.lower, one.upper) not in spans:
                return f"seal {number} (of {one.part}) covers anew what was not covered"
        elif one.lower != ends.get(one.part, BEGINNING) or one.upper <= one.lower:
            return f"seal {number} (of {one.part}) does not begin where the one before it ends"
        else:
            ends[one.part] = one.upper
        spans.add((one.lower, one.upper))
        before = one.chain
    return ""


@contextlib.contextmanager
def resealing(
    connection: sa.Connection, positions: Mapping[str, Collection[int]], *, reason: str, at: dt.datetime
) -> Iterator[list[Difference]]:
    """Change sealed rows on purpose, within a transaction: the ranges they lie in are sealed again with `reason`.

    `positions`: by part the row ids (or instants in µs) of the rows that are changed or deleted in the block. Ranges
    that were not whole before are yielded and keep their seal, so that a change nobody meant is not covered up.
    """
    touched: dict[str, list[Seal]] = {}
    broken: list[Difference] = []
    for name, places in positions.items():
        sealed = load_ranges(connection, name)
        starts = [one.lower for one in sealed]
        found = {bisect_right(starts, place) - 1 for place in places}
        mine = [sealed[place] for place in sorted(found) if place >= 0]
        tallies = tally_ranges(connection, all_parts()[name], [(one.lower, one.upper) for one in mine])
        for one, held in zip(mine, tallies, strict=True):
            if (one.rows, one.digest) == (held.rows, held.digest):
                touched.setdefault(name, []).append(one)
            else:
                broken.append(Difference(one, held.rows))
    yield broken
    for name, mine in touched.items():
        ranges = [(one.lower, one.upper) for one in mine]
        now_held = tally_ranges(connection, all_parts()[name], ranges)
        changed = {
            (one.lower, one.upper): held
            for one, held in zip(mine, now_held, strict=True)
            if (one.rows, one.digest) != (held.rows, held.digest)
        }
        save(connection, name, changed, sealed_at=at, reason=reason)
