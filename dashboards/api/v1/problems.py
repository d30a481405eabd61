"""What is told when a request cannot be answered: problem details after RFC 9457, `application/problem+json`."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from service.errors import BadInput

MEDIA_TYPE = "application/problem+json"
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": "string"},
    },
}
"""JSON schema of the body."""


def tell_problem(
    code: str, status: int, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """The response for a problem; `code` is stable and names it (`urn:newscandle:problem:CODE`)."""
    told = {"type": f"urn:newscandle:problem:{code}", "title": HTTPStatus(status).phrase, "status": status}
    told |= {"detail": detail} | ({"field": field} if field else {})
    body = json.dumps(told, ensure_ascii=True).encode()
    return Response(body, status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def tell_bad_input(error: BadInput) -> Response:
    """422 with the parameter, what was given, and the remedy."""
    return tell_problem("bad-parameter", HTTPStatus.UNPROCESSABLE_ENTITY, str(error), field=error.field)
