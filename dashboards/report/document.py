"""The report as JSON: every field of the study under its own name, so programs read what people see."""

import dataclasses
import datetime as dt
import enum
import json
from typing import Any

from service.correlation.results import CorrelationReport
from service.instants import format_instant

SCHEMA = "newscandle.report/1"


def build(report: CorrelationReport) -> dict[str, Any]:
    """Plain values: instants as RFC 3339 with Z, enums as their words, a figure that could not be computed as null."""
    return {"schema": SCHEMA, **_plain(report)}


def render(report: CorrelationReport) -> str:
    """The document as JSON text, keys in order of reading; equal reports give equal bytes."""
    return json.dumps(build(report), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dt.datetime):
        return format_instant(value)
    if isinstance(value, enum.Enum):
        return value.value
    return value
