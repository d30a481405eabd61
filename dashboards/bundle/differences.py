"""Where two forms of one report part: field by field in JSON, at the first byte in anything else."""

import json
from collections.abc import Iterator
from typing import Any

SHOWN = 5
"""Fields of a document that are named; the rest is counted."""

_AROUND = 24


def compare_form(name: str, told: bytes, made: bytes) -> list[str]:
    """What differs between the form as it was handed out and as it was made again; empty for equal bytes."""
    if told == made:
        return []
    fields = list(_compare_documents(told, made)) if name.endswith((".json", ".json beside it")) else []
    if fields:
        rest = [f"{name}: {len(fields) - SHOWN} fields more differ"] if len(fields) > SHOWN else []
        return [f"{name}: {one}" for one in fields[:SHOWN]] + rest
    place = next((i for i, (a, b) in enumerate(zip(told, made, strict=False)) if a != b), min(len(told), len(made)))
    return [
        f"{name}: differs from byte {place} of {len(told)}: {_show(told, place)} instead of {_show(made, place)}",
    ]


def _show(data: bytes, place: int) -> str:
    part = data[max(0, place - _AROUND // 2) : place + _AROUND].decode(errors="replace")
    return repr(part)


def _compare_documents(told: bytes, made: bytes) -> Iterator[str]:
    try:
        one, other = json.loads(told), json.loads(made)
    except ValueError:
        return
    yield from compare_values(one, other)


def compare_values(one: Any, other: Any) -> Iterator[str]:
    """Every field of two JSON values that differs, by path, with both values."""
    for path, before, after in walk_differences(one, other):
        yield f"{path or '/'}: {_spell(before)} instead of {_spell(after)}"


def walk_differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Path, first and second value of every field of two JSON values that differs."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(key for key in other if key not in one)]:
            yield from walk_differences(one.get(name), other.get(name), f"{path}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from walk_differences(a, b, f"{path}/{place}")
    elif one != other or type(one) is not type(other):
        yield path, one, other


def _spell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "…"
