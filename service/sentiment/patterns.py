"""One search pattern for many phrases: shared beginnings are tried once, so thousands cost hardly more than a few."""

from collections.abc import Iterable
from typing import TypeAlias

Branch: TypeAlias = dict[str, "Branch"]  # step → what may follow it; the empty step: a phrase ends here


def plant(tree: Branch, steps: Iterable[str]) -> None:
    """Add a phrase, given as the parts of a pattern in order (letters, or small patterns such as a gap)."""
    for step in steps:
        tree = tree.setdefault(step, {})
    tree[""] = {}


def grow(tree: Branch) -> str:
    """The pattern that matches what was planted, the longest of several; no capturing groups."""
    ways: list[str] = []
    last: list[str] = []  # single letters that end a phrase
    for step, rest in sorted(tree.items(), reverse=True):
        if step:
            following = grow(rest)
            if following or len(step) > 1:
                ways.append(step + following)
            else:
                last.append(step)
    if last:
        ways.append(last[0] if len(last) == 1 else f"[{''.join(last)}]")
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)}){'?' if '' in tree else ''}"
