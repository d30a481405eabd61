"""A page as JSON and back: what crosses from a process that read hostile HTML is data, never code."""

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from service.news.article import Dated, InstantOrigin
from service.news.page.pages import Page

_DATES = ("published", "modified")


def encode_page(page: Page) -> bytes:
    """The page as one JSON object."""
    told = asdict(page)
    for name in _DATES:
        told[name] |= {"origin": told[name]["origin"].value, "instant": _spell(told[name]["instant"])}
    return json.dumps(told).encode()


def decode_page(told: bytes) -> Page:
    """The page of `encode_page`. Raises `ValueError` where it is none."""
    try:
        values: dict[str, Any] = json.loads(told)
        values |= {name: _read_dated(values[name]) for name in _DATES}
        held: Any = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
        return Page(**held)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"this is no page: {error}") from error


def _spell(instant: dt.datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _read_dated(told: dict[str, Any]) -> Dated:
    instant = None if told["instant"] is None else dt.datetime.fromisoformat(told["instant"])
    return Dated(instant, InstantOrigin(told["origin"]), told["raw"], told["zone_assumed"], told["reason"])
