"""Digests of sets of rows, in whatever order the rows are read, and the chain that ties one seal to the one before it.

A row is written one way (`encode_row`) and hashed with sha256; a set of rows is the sum of their hashes modulo 2²⁵⁶
(the additive set hash of Bellare and Micciancio, "A new paradigm for collision-free hashing", 1997, section 3: here
against accidents, not against somebody who may choose many rows and write to the store).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

_WRITE = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":"), default=repr).encode
_MODULUS = 1 << 256


@dataclass(slots=True)
class Tally:
    """How many rows a set has, and the sum of their hashes."""

    rows: int = 0
    total: int = 0

    def add(self, row: Sequence[object]) -> None:
        """Count one row in."""
        self.rows += 1
        self.total += int.from_bytes(sha256(encode_row(row)).digest())

    @property
    def digest(self) -> str:
        """64 hex digits."""
        return f"{self.total % _MODULUS:064x}"


def encode_row(row: Sequence[object]) -> bytes:
    """The one spelling of a row of texts, whole numbers, doubles and nulls.

    Nulls at the end are left out, so that a column added behind the others, empty in the rows of before, changes no
    digest of theirs. −0.0 is 0.0, which SQLite makes of it.
    """
    if row and row[-1] is None:
        end = len(row)
        while end and row[end - 1] is None:
            end -= 1
        row = row[:end]
    written = _WRITE(row)
    if "-0.0" in written:
        written = written.replace("-0.0,", "0.0,").replace("-0.0]", "0.0]")
    return written.encode()


def tally(rows: Iterable[Sequence[object]]) -> Tally:
    """Count all of them in."""
    held = Tally()
    for row in rows:
        held.add(row)
    return held


def chain(before: str, told: Sequence[object]) -> str:
    """64 hex digits of what a seal tells and of the chain up to the seal before it ("" for the first)."""
    return sha256(before.encode() + b"\n" + encode_row(told)).hexdigest()
