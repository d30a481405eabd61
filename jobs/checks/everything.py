"""Every check there is, in the order the doctor goes, and the table of them for docs/doctor.md."""

from functools import cache

from jobs.checks import content, deep, laid, machine, online, options, sealed, work
from jobs.checks.ward import Examined
from service.integrity.checks import Check, Family
from storage.seal_parts import COLUMNS_NOT_SEALED, NOT_SEALED


@cache
def all_checks() -> tuple[Examined, ...]:
    """Every check, by family."""
    every = [
        one for room in (options, laid, machine, sealed, content, work, deep, online) for one in room.list_checks()
    ]
    order = list(Family)
    return tuple(sorted(every, key=lambda one: order.index(one.check.family)))


def write_table() -> str:
    """The checks and what no seal holds, in Markdown."""
    lines = ["| family | check | what holds where it finds nothing | cost |", "|---|---|---|---|"]
    lines += [_write_row(one.check) for one in all_checks()]
    lines += ["", "What no seal holds, because it may change by design:", "", "| table or column | why |", "|---|---|"]
    lines += [f"| `{table}` | {why} |" for table, why in NOT_SEALED.items()]
    lines += [f"| `{table}.{column}` | {why} |" for (table, column), why in COLUMNS_NOT_SEALED.items()]
    return "\n".join(lines)


def _write_row(check: Check) -> str:
    return f"| {check.family.value} | `{check.code}` | {check.proves} | {check.cost.value} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(f"{write_table()}\n")
