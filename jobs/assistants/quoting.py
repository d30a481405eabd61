"""Texts of others, told apart from what newscandle says: under `quoted`, and with nothing hidden in them.

A title may be written to instruct whoever reads it. That cannot be filtered out of language; it can be said which words
are the world's. Signs that no reader sees (control, bidi and tag characters) are written out, as `\\u202e`.
"""

from collections.abc import Mapping
from typing import Any, Final

from jobs.logs import make_plain

QUOTED: Final = "quoted"
NAMES: Final = frozenset(
    {
        *("title", "url", "text", "words", "word", "speaker", "verb", "guid", "authors", "tags", "site"),
        *("themes", "persons", "organisations", "names"),
    }
)
"""What holds words of others, wherever it stands in an answer."""


def quote(value: Any) -> Any:
    """The same JSON value; in each object what others wrote stands in an object of its own, called `quoted`."""
    if isinstance(value, Mapping):
        told = {name: quote(one) for name, one in value.items() if name not in NAMES}
        words = {name: write_out(one) for name, one in value.items() if name in NAMES}
        return {**told, QUOTED: words} if words else told
    return [quote(one) for one in value] if isinstance(value, list) else value


def write_out(value: Any) -> Any:
    """Texts with their hidden signs written out; line ends stay."""
    if isinstance(value, str):
        return "\n".join(make_plain(line) for line in value.split("\n"))
    if isinstance(value, Mapping):
        return {make_plain(str(name)): write_out(one) for name, one in value.items()}
    return [write_out(one) for one in value] if isinstance(value, list) else value
