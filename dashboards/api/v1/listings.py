"""The listings over HTTP.

    query ─read_question→ Question ─listings.stream→ rows ─Format.write→ bytes, spooled ─▶ ETag, length, then sent

An answer is written whole before its first byte leaves (in memory, a large one on disk): so it has a strong ETag and a
length, a failure half-way is a clean 503, and a slow reader holds neither a connection nor a snapshot of the store.
"""

import datetime as dt
import gzip
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from importlib.metadata import version
from itertools import chain
from typing import IO, Any

import anyio
import sqlalchemy as sa
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from dashboards.api.doorkeeper import answer_unreadable
from dashboards.api.problems import MEDIA_TYPE, SCHEMA, answer_bad_input
from dashboards.api.v1.asking import Question, list_parameters, read_question, write_cursor
from dashboards.api.v1.formats import FORMATS, Format, describe_row, spell_instant
from service.errors import BadInput, StoreFailed
from storage import database, listings
from storage.listings import LISTINGS, Listing
from storage.schema import RELEASE

PAGES_AT_ONCE, FILES_AT_ONCE = 8, 2
"""Answers being made at once: pages do not wait for files, and all together stay below the store's connections."""
_IN_MEMORY = 4_000_000  # bytes of an answer; a larger one goes to disk
_PIECE = 256_000
_GZIP_LEVEL = 4
_GZIP_FROM = 1_000  # bytes
_SUFFIXES = ", ".join(f"`.{name}`" for name in FORMATS)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the API reads: the store, and the clock that says what is still ahead."""

    engine: sa.Engine
    clock: Callable[[], dt.datetime]


def build_router(reading: Reading) -> APIRouter:
    """`/v1` and a route per listing, with and without the suffix of a format."""
    router = APIRouter(prefix="/v1")
    pages, files = anyio.CapacityLimiter(PAGES_AT_ONCE), anyio.CapacityLimiter(FILES_AT_ONCE)
    for listing in LISTINGS.values():
        for suffix in ("", *FORMATS):
            path = f"/{listing.name}.{suffix}" if suffix else f"/{listing.name}"
            endpoint = _make_endpoint(reading, listing, suffix, pages, files)
            router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
            router.add_api_route(
                path,
                endpoint,
                operation_id=f"list-{listing.name}",
                summary=listing.about,
                description=f"The same as a file: `/v1/{listing.name}` with {_SUFFIXES} behind it.",
                tags=["listings"],
                response_class=Response,
                responses=_describe_responses(listing),
                openapi_extra={"parameters": list_parameters(listing)},
                include_in_schema=not suffix,
            )
    router.add_api_route("", index, summary="the listings there are", tags=["listings"])
    return router


def index() -> dict[str, Any]:
    """Every listing with its columns."""
    return {
        "listings": {
            one.name: {
                "about": one.about,
                "axis": one.axis,
                "filters": list(one.filters),
                "columns": {column.name: column.meaning for column in one.columns.values()},
            }
            for one in LISTINGS.values()
        },
        "formats": list(FORMATS),
    }


def _make_endpoint(
    reading: Reading, listing: Listing, suffix: str, pages: anyio.CapacityLimiter, files: anyio.CapacityLimiter
) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            question = read_question(
                listing,
                request.query_params.multi_items(),
                now=reading.clock(),
                suffix=suffix,
                accept=request.headers.get("accept", ""),
            )
        except BadInput as error:
            return answer_bad_input(error)
        limiter = pages if question.format.is_paged else files
        try:
            made = await run_sync(_make, reading, question, _takes_gzip(request), limiter=limiter)
        except StoreFailed:
            return answer_unreadable()
        return made.respond(request, question)

    return answer


@dataclass(frozen=True, slots=True)
class _Made:
    """An answer in bytes."""

    file: IO[bytes]
    length: int
    etag: str
    is_gzipped: bool
    next: str | None

    def respond(self, request: Request, question: Question) -> Response:
        """200 with the body, or 304 where the caller has it already."""
        headers = {"ETag": self.etag, "Vary": "Accept, Accept-Encoding", "Cache-Control": "private, no-cache"}
        if self.next is not None:
            headers["Link"] = f'<{request.url.include_query_params(cursor=self.next)}>; rel="next"'
        if _has_it(request.headers.get("if-none-match", ""), self.etag):
            self.file.close()
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        headers |= {"Content-Length": str(self.length), "X-Content-Type-Options": "nosniff"}
        if self.is_gzipped:
            headers["Content-Encoding"] = "gzip"
        if not question.format.is_paged:
            headers["Content-Disposition"] = f'attachment; filename="{question.listing.name}.{question.format.name}"'
        if request.method == "HEAD":
            self.file.close()
            return Response(headers=headers, media_type=question.format.media_type)
        return StreamingResponse(_read(self.file), headers=headers, media_type=question.format.media_type)


def _make(reading: Reading, question: Question, takes_gzip: bool) -> _Made:  # noqa: FBT001 - called by name of a thread
    """Write the answer. Raises `StoreFailed`."""
    listing, asked = question.listing, question.asked
    columns = [listing.columns[name] for name in asked.fields]
    about = {
        "schema": f"newscandle.{listing.name}/1",
        "newscandle": version("newscandle"),
        "release": RELEASE,
        "as_of": None if asked.as_of is None else spell_instant(asked.as_of),
        "question": question.digest,
    }
    following = None
    with database.read(reading.engine) as connection:
        if question.format.is_paged:
            limit = asked.limit or 0
            one_more = replace(asked, limit=limit + 1)
            rows = list(chain.from_iterable(listings.stream(connection, listing, one_more)))
            if len(rows) > limit:
                following = write_cursor(question, rows[limit - 1][len(columns) :])
            pieces = question.format.write(columns, [rows[:limit]] if rows else [], {**about, "next": following})
        else:
            pieces = question.format.write(columns, listings.stream(connection, listing, asked), about)
        return _spool(pieces, question.format, following, takes_gzip=takes_gzip)


def _spool(pieces: Iterator[bytes], chosen: Format, following: str | None, *, takes_gzip: bool) -> _Made:
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    try:
        first = next(pieces, b"")
        second = next(pieces, b"")
        is_gzipped = takes_gzip and not chosen.is_packed and len(first) + len(second) >= _GZIP_FROM
        digest = hashlib.sha256()
        if is_gzipped:
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0) as packed:
                for piece in chain((first, second), pieces):
                    digest.update(piece)
                    packed.write(piece)
        else:
            for piece in chain((first, second), pieces):
                digest.update(piece)
                file.write(piece)
        length = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    etag = f'"{digest.hexdigest()[:32]}{"-gzip" if is_gzipped else ""}"'
    return _Made(file, length, etag, is_gzipped, following)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _takes_gzip(request: Request) -> bool:
    for told in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = told.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _has_it(told: str, etag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in told.split(",")) if told else False


def _describe_responses(listing: Listing) -> dict[int | str, dict[str, Any]]:
    page = {
        "type": "object",
        "required": ["next", "meta", "data"],
        "properties": {
            "next": {"type": ["string", "null"]},
            "meta": {"type": "object"},
            "data": {"type": "array", "items": describe_row(listing.columns.values())},
        },
    }
    content: dict[str, Mapping[str, Any]] = {}
    for one in FORMATS.values():
        media_type = one.media_type.partition(";")[0]
        content[media_type] = {"schema": page if one.name == "json" else {"type": "string", "format": "binary"}}
    problem = {"content": {MEDIA_TYPE: {"schema": SCHEMA}}}
    return {
        200: {"description": listing.about, "content": content},
        304: {"description": "the answer is the one named by If-None-Match"},
        422: {"description": "a parameter cannot be used", **problem},
        503: {"description": "the store cannot be read at the moment", **problem},
    }
