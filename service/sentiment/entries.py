"""Reading one table of the targets' TOML field by field, so that whatever is wrong is named by key and field."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from service.errors import BadInput
from service.sentiment.catalogue import ANY, Phrases


class Entry:
    """A table being read. `place` says where it stands; fields read are ticked off, `finish` refuses the rest."""

    def __init__(self, place: str, content: object) -> None:
        if not isinstance(content, Mapping):
            raise BadInput(place, content, "write a table of fields here")
        self.place = place
        self._content: Mapping[str, Any] = content
        self._read: set[str] = set()

    def _take(self, field: str) -> Any:
        self._read.add(field)
        return self._content.get(field)

    def _refuse(self, field: str, value: object, remedy: str) -> BadInput:
        return BadInput(f"{self.place}.{field}", value, remedy)

    def left(self) -> list[str]:
        """The fields not read yet."""
        return [field for field in self._content if field not in self._read]

    def finish(self) -> None:
        """Refuse fields that nothing asked for: they would be lost silently."""
        for field in self.left():
            raise self._refuse(
                field, self._content[field], f"there is no such field; read: {', '.join(sorted(self._read))}"
            )

    def word(self, field: str) -> str:
        """A string, "" if absent."""
        value = self._take(field)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self._refuse(field, value, "write a string that is not empty")
        return value

    def words(self, field: str) -> tuple[str, ...]:
        """A list of strings, empty if absent."""
        value = self._take(field)
        return () if value is None else self._strings(field, value)

    def _strings(self, field: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._refuse(field, value, "write a list of strings")
        for item in value:
            if not isinstance(item, str) or not any(letter.isalnum() for letter in item):
                raise self._refuse(field, item, "write strings with at least one letter or digit")
        return tuple(value)

    def phrases(self, field: str) -> Phrases:
        """A string, a list of strings, or a table language → either; a bare value counts for every language."""
        value = self._take(field)
        if value is None:
            return Phrases()
        by_language = value if isinstance(value, Mapping) else {ANY: value}
        pairs: list[tuple[str, str]] = []
        for code, listed in by_language.items():
            if code != ANY and not (len(code) == 2 and code.isalpha() and code.islower()):
                raise self._refuse(field, code, "name languages by two letters (en, nl), or any")
            listed_strings = self._strings(field, [listed] if isinstance(listed, str) else listed)
            pairs.extend((code, phrase) for phrase in listed_strings)
        return Phrases(tuple(pairs))

    def claim(self, field: str) -> bool:
        """true or false; false if absent."""
        value = self._take(field)
        if value is not None and not isinstance(value, bool):
            raise self._refuse(field, value, "write true or false")
        return bool(value)

    def choice(self, field: str, choices: tuple[str, ...]) -> str:
        """One of `choices`, "" if absent."""
        value = self.word(field)
        if value and value not in choices:
            raise self._refuse(field, value, f"choose one of {', '.join(choices)}")
        return value

    def instant(self, field: str) -> dt.datetime | None:
        """A date (its midnight UTC) or a time with a zone; None if absent."""
        value = self._take(field)
        if value is None:
            return None
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            return value.astimezone(dt.UTC)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
        raise self._refuse(field, value, "write a date such as 2025-04-21, or a time with a zone")

    def tables(self, field: str) -> tuple[object, ...]:
        """A list of tables, empty if absent; each is checked where it is read."""
        value = self._take(field)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self._refuse(field, value, f"write it as [[{field}]]")
        return tuple(value)

    def table(self, field: str) -> Mapping[str, Any]:
        """A table, empty if absent."""
        value = self._take(field)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self._refuse(field, value, f"write it as [{field}]")
        return value
