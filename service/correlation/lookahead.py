"""The judgement of a poison test: no value said to be known by an instant may differ once the later data are poison."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABSENT = "absent"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One output laid out as a table: row i claims to be known at `known_at[i]` (UTC ms, int64).

    `keys` tell the rows apart, each once: opening instants (UTC ms) where `kind` is `bar`, row ids where it is
    `revision`, paths where it is `item`. All columns have the length of `keys`.
    """

    name: str
    kind: str
    keys: NDArray[Any]
    known_at: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """A value known by the instant that poison after it changed: a leak. `key` is the row's; values are as printed."""

    answer: str
    kind: str
    key: int | str
    column: str
    before: str
    after: str


def compare(before: Answer, after: Answer, until: int) -> tuple[int, list[Change]]:
    """How many values of `before` are known by `until` (UTC ms), and those of them that `after` gives otherwise.

    A row that came or went counts as one change of the column `row`. NaN equals NaN.
    """
    known = before.known_at <= until
    old, new = _cut(before, known), _cut(after, after.known_at <= until)
    values = int(known.sum()) * len(before.columns)
    if np.array_equal(old.keys, new.keys) and not any(
        _differs(old.columns[n], new.columns[n]).any() for n in old.columns
    ):
        return values, []
    return values, _list_changes(old, new)


def _cut(answer: Answer, kept: NDArray[np.bool_]) -> Answer:
    columns = {name: column[kept] for name, column in answer.columns.items()}
    return Answer(answer.name, answer.kind, answer.keys[kept], answer.known_at[kept], columns)


def _differs(old: NDArray[Any], new: NDArray[Any]) -> NDArray[np.bool_]:
    differs: NDArray[np.bool_] = np.asarray(old != new, np.bool_)
    if old.dtype.kind == "f":
        differs &= ~(np.isnan(old) & np.isnan(new))
    return differs


def _list_changes(old: Answer, new: Answer) -> list[Change]:
    keys = old.keys.tolist()
    places = {key: place for place, key in enumerate(new.keys.tolist())}
    changes = []
    both: list[tuple[int, int]] = []
    for place, key in enumerate(keys):
        if key in places:
            both.append((place, places.pop(key)))
        else:
            changes.append(Change(old.name, old.kind, key, "row", "there", ABSENT))
    changes += [Change(old.name, old.kind, key, "row", ABSENT, "there") for key in places]
    left, right = np.array(both, np.int64).reshape(-1, 2).T
    for name in old.columns:
        was, now = old.columns[name][left], new.columns[name][right]
        for row in np.flatnonzero(_differs(was, now)).tolist():
            changes.append(Change(old.name, old.kind, keys[left[row]], name, *_show(was[row], now[row])))
    return sorted(changes, key=lambda one: (str(type(one.key)), one.key, one.column))


def _show(was: Any, now: Any) -> tuple[str, str]:
    """Both as people read them; of two long texts the stretch in which they part."""
    old, new = str(was), str(now)
    if max(len(old), len(new)) > 80:
        parted = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        start = max(0, parted - 20)
        old, new = (f"…{text[start : start + 60]}…" for text in (old, new))
    return old, new


def choose_instants(
    available_at: NDArray[np.int64], open_at: NDArray[np.int64], step: int, *, number: int, seed: int
) -> list[int]:
    """At most `number` instants (UTC ms) that a look-ahead could hardly get past, the latest first.

    Each lies in a bar of `open_at` (bars of `step` ms) in which an article of `available_at` becomes available at that
    instant or later: by turns exactly where the bar opens, the earlier bar being just known, and inside it. The first
    tenth of the articles is spared: a cut there leaves little to compare. Empty where no article falls in a bar.
    """
    chance = np.random.default_rng(seed)
    inside = np.sort(available_at[np.isin(available_at - available_at % step, open_at)])
    later = inside[len(inside) // 10 :]
    chosen = chance.permutation(later)[:number].tolist()
    instants = set()
    for turn, known in enumerate(chosen):
        opened = known - known % step
        instants.add(opened if turn % 2 == 0 else int(chance.integers(opened, known + 1)))
    return sorted(instants, reverse=True)


def salt(seed: int, *words: object) -> int:
    """A number 1–65536 that these words and the seed decide: what makes one draw of poison differ from another."""
    told = "\x00".join(map(str, (seed, *words)))
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:2], "big") + 1
