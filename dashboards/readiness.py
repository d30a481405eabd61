"""The judgement of readiness, in words for people and as plain values for programs."""

from typing import Any

from service.health.findings import Finding
from service.health.readiness import Readiness
from service.health.standing import Standing
from service.instants import format_instant


def as_text(readiness: Readiness) -> str:
    """A line of the verdict, then two for each finding: what it is, and what to do."""
    verdict = "ready" if readiness.is_ready else f"not ready: {', '.join(readiness.reasons)}"
    lines = [verdict]
    for one in readiness.findings:
        lines += [f"  {one.severity.value:<9}{one.text}", f"           {one.remedy}"]
    return "\n".join(lines)


def as_json(readiness: Readiness) -> dict[str, Any]:
    """Whether it is ready, why not, what was found, what was expected and is held."""
    return {
        "ready": readiness.is_ready,
        "judged_at": format_instant(readiness.judged_at),
        "reasons": list(readiness.reasons),
        "findings": [_tell_finding(one) for one in readiness.findings],
        "expected": [_tell_standing(one) for one in readiness.standings],
    }


def _tell_finding(one: Finding) -> dict[str, str]:
    return {
        "check": one.check,
        "subject": one.subject,
        "severity": one.severity.value,
        "text": one.text,
        "remedy": one.remedy,
    }


def _tell_standing(one: Standing) -> dict[str, str | None]:
    return {
        "kind": one.kind,
        "subject": one.subject,
        "state": one.state.value,
        "held_at": format_instant(one.held_at) if one.held_at else None,
        "expected_by": format_instant(one.expected_by) if one.expected_by else None,
    }
