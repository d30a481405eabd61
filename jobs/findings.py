"""What an audit found, for people and for programs."""

from typing import Any

from jobs.audit import Findings, Step
from service.correlation.lookahead import Change
from service.instants import format_instant, from_millis

SHOWN = 20


def describe(found: Findings) -> str:
    """A line for each instant, for each planted leak, and the first changes there are."""
    lines = [
        f"audit lookahead: {len(found.steps)} instants, seed {found.seed}, on copies of the {found.store} store",
        f"  {'known by':<28}{'clock':<11}{'changed':>10}{'deleted':>9}{'invented':>10}{'compared':>12}{'leaks':>8}",
        *(_write_step(step) for step in found.steps),
    ]
    for leak, changes in found.planted.items():
        seen = f"found, {changes:,} changes" if changes else "NOT FOUND: this audit proves nothing"
        lines.append(f"planted leak, {leak}: {seen}")
    if found.restated_bars:
        lines.append(
            f"note: {found.restated_bars:,} bars were restated after they were first known; series show the newest "
            "figures, and only reads with as_of those of the time"
        )
    leaks = [(step, change) for step in found.steps for change in step.changes]
    lines += [f"LEAK {_write_change(step, change)}" for step, change in leaks[:SHOWN]]
    if len(leaks) > SHOWN:
        lines.append(f"… and {len(leaks) - SHOWN:,} more (all of them with --json)")
    lines.append("passed: no value known by an instant changed" if found.is_passed else "FAILED")
    return "\n".join(lines)


def _write_step(step: Step) -> str:
    poisoned = step.poisoned
    return (
        f"  {format_instant(step.instant):<28}{step.clock.value:<11}{poisoned.changed:>10,}{poisoned.deleted:>9,}"
        f"{poisoned.invented:>10,}{step.values:>12,}{len(step.changes):>8,}"
    )


def _write_change(step: Step, change: Change) -> str:
    return (
        f"{format_instant(step.instant)} ({step.clock.value}): {change.answer}, {change.kind} {_name_key(change)}, "
        f"{change.column}: {change.before} became {change.after}"
    )


def _name_key(change: Change) -> str:
    return format_instant(from_millis(int(change.key))) if change.kind == "bar" else str(change.key)


def as_json(found: Findings) -> dict[str, Any]:
    """The same as plain values, with every change."""
    return {
        "store": found.store,
        "seed": found.seed,
        "passed": found.is_passed,
        "restated_bars": found.restated_bars,
        "planted": dict(found.planted),
        "instants": [
            {
                "known_by": format_instant(step.instant),
                "clock": step.clock.value,
                "rows_changed": step.poisoned.changed,
                "rows_deleted": step.poisoned.deleted,
                "rows_invented": step.poisoned.invented,
                "values_compared": step.values,
                "leaks": [
                    {
                        "output": one.answer,
                        one.kind: _name_key(one),
                        "column": one.column,
                        "before": one.before,
                        "after": one.after,
                    }
                    for one in step.changes
                ],
            }
            for step in found.steps
        ],
    }
