"""What each tool is asked, as types: strict, and nothing beside what is named."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from service.errors import BadInput

MOST_ROWS = 500
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Instant = Annotated[Text, Field(description="RFC 3339 with a zone, or a date (midnight UTC)")]
AsOf = Annotated[Text | None, Field(description="answer as newscandle would have answered then; not ahead of now")]
Cursor = Annotated[Text | None, Field(description="`next` of the answer before, with the same other arguments")]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="rows at most")]
Order = Annotated[Literal["rising", "falling"], Field(description="by the listing's axis, then its key")]
Article = Annotated[Text, Field(description="key (32 hex digits) or address of a stored article")]
Target = Annotated[Text, Field(description="key of the catalogue, such as bitcoin, trump or fed")]
Value = bool | Text


class Arguments(BaseModel):
    """Base of all; what is not named is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_by_alias=True)


class Nothing(Arguments):
    """No arguments."""


class OneListing(Arguments):
    """Which listing."""

    listing: Annotated[Text, Field(description="a name of list_listings")]


class Query(OneListing):
    """Rows of a listing."""

    filters: Annotated[
        dict[str, Value | list[Value]], Field(description="column → value, or values any of which it may equal")
    ] = {}
    at_least: Annotated[dict[str, float], Field(description="column → least number, for a listing's floors")] = {}
    start: Annotated[Instant | None, Field(alias="from", description="rows whose axis is at or after it")] = None
    end: Annotated[Instant | None, Field(alias="to", description="rows whose axis is before it")] = None
    as_of: AsOf = None
    fields: Annotated[list[Text] | None, Field(min_length=1, description="these columns; usual: all but long")] = None
    order: Order = "rising"
    limit: Limit = 50
    cursor: Cursor = None


class Series(Arguments):
    """Bars of a target's series."""

    target: Target
    interval: Literal["1m", "5m", "15m", "1h", "4h", "1d"]
    scorer: Annotated[Text | None, Field(description="name/version, such as rules/1; all unless named")] = None
    venue: Annotated[Text | None, Field(description="ccxt id, or reference; all unless named")] = None
    start: Annotated[Instant | None, Field(alias="from", description="bars that open at or after it")] = None
    end: Annotated[Instant | None, Field(alias="to", description="bars that open before it")] = None
    as_of: AsOf = None
    order: Order = "rising"
    limit: Limit = 100
    cursor: Cursor = None


class OneArticle(Arguments):
    """An article."""

    article: Article
    as_of: AsOf = None
    passage: Annotated[int, Field(ge=0, description="first passage wanted: `next` of the answer before")] = 0


class OneScore(Arguments):
    """An article toward a target."""

    article: Article
    target: Target
    scorer: Annotated[Text | None, Field(description="name/version, such as rules/1; all unless named")] = None
    as_of: AsOf = None


class OnePoint(Arguments):
    """A bar of a series."""

    point: Annotated[Text, Field(description="TARGET/INTERVAL[/SCORER]@INSTANT at which the bar opens")]
    as_of: AsOf = None


class Reports(Arguments):
    """Reports made."""

    target: Annotated[Target | None, Field(description="only of this target")] = None
    as_of: AsOf = None
    limit: Annotated[int, Field(ge=1, le=100, description="reports at most, newest first")] = 20
    skip: Annotated[int, Field(ge=0, le=10_000, description="`next` of the answer before")] = 0


class OneReport(Arguments):
    """A report, or parts of it."""

    report: Annotated[Text, Field(description="key of list_reports")]
    parts: Annotated[list[Text] | None, Field(min_length=1, description="parts instead of the usual ones")] = None
    as_of: AsOf = None


Asked = TypeVar("Asked", bound=Arguments)


def read_arguments(kind: type[Asked], given: Mapping[str, Any]) -> Asked:
    """The arguments. Raises `BadInput` that names the field and the remedy."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "arguments"
        known = ", ".join(kind.model_json_schema()["properties"]) if kind.model_fields else "nothing"
        if first["type"] == "extra_forbidden":
            raise BadInput(field, first["input"], f"no such argument; there are: {known}") from error
        if first["type"] == "missing":
            raise BadInput(field, None, f"is needed; there are: {known}") from error
        raise BadInput(field, first["input"], first["msg"].replace("Input should", "should")) from error


def describe_arguments(kind: type[Arguments]) -> dict[str, Any]:
    """The JSON schema of the arguments, without what only restates names."""
    schema: dict[str, Any] = json.loads(json.dumps(kind.model_json_schema()))
    schema.pop("description", None)
    schema.setdefault("properties", {})
    return schema
