"""Errors of the HTTP API as RFC 9457 problem details: a type, a title, the status, and a sentence that helps."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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
"""JSON schema of an answer."""


def answer_problem(
    status: int, detail: str, *, code: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer to a request that cannot be served; `code` names the problem for programs, `more` are members."""
    kind = f"urn:newscandle:problem:{code}" if code else "about:blank"
    told = {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(told, status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def answer_bad_input(error: BadInput) -> JSONResponse:
    """422 with the parameter, what was given, and the remedy."""
    return answer_problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), code="bad-parameter", field=error.field)


def tell_problems(app: FastAPI) -> None:
    """Let all errors of `app` be told so, with nothing in them of what went wrong inside."""
    app.add_exception_handler(HTTPException, _tell_refusal)
    app.add_exception_handler(RequestValidationError, _tell_bad_input)
    app.add_exception_handler(Exception, _tell_fault)


def _tell_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"There is nothing at {request.url.path[:200]}."
    answer = answer_problem(error.status_code, detail)
    answer.headers.update(error.headers or {})
    return answer


def _tell_bad_input(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    return answer_problem(422, "The request has values that cannot be used.", errors=errors)


def _tell_fault(_request: Request, _error: Exception) -> JSONResponse:
    return answer_problem(500, "A fault in newscandle; its log says more.")
