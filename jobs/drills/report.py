"""What a drill did, what newscandle promises about it, and what was seen."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass

_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that newscandle promises: whether it held, and what was seen, in figures."""

    text: str
    is_kept: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Report:
    """A drill that was run. `done` tells in sentences what was done, `seconds` how long all of it took."""

    drill: str
    store: str
    seed: int
    done: tuple[str, ...]
    promises: tuple[Promise, ...]
    seconds: float

    @property
    def has_passed(self) -> bool:
        """Whether every promise held; a drill that looked at nothing has not passed."""
        return bool(self.promises) and all(promise.is_kept for promise in self.promises)


def as_text(report: Report) -> str:
    """The report for people."""
    lines = [f"drill {report.drill}, on a throwaway store ({report.store}), seed {report.seed}", "", "what was done"]
    lines += textwrap.wrap(" ".join(report.done), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines += ["", "what is promised, and what was seen"]
    for promise in report.promises:
        lines += [f"  [{'kept' if promise.is_kept else 'BROKEN'}] {promise.text}", f"         {promise.seen}"]
    broken = sum(not promise.is_kept for promise in report.promises)
    verdict = "PASSED" if report.has_passed else f"FAILED: {broken} of {len(report.promises)} promises broken"
    return "\n".join([*lines, "", f"{verdict} ({report.seconds:.0f} s)"])


def tell_json(reports: Sequence[Report], not_run: Sequence[tuple[str, str]] = ()) -> str:
    """Reports for programs; `not_run` are drills that could not be run, with what they need."""
    told = [{**asdict(report), "seconds": round(report.seconds, 1), "passed": report.has_passed} for report in reports]
    return json.dumps(
        {"drills": told, "not_run": [{"drill": name, "needs": needs} for name, needs in not_run]}, ensure_ascii=False
    )
