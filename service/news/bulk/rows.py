"""What an archive of rows is read through, whatever its form."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

LONGEST_FIELD = 10_000_000  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """One record: `number` as a spreadsheet shows it (the header is row 1) or the place in JSON, counted from 1.

    `fault` says why the record could not be read; `values` is empty then.
    """

    number: int
    values: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


class Rows(Protocol):
    """What an archive of rows is read through: its columns, and its rows as often as asked."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names in the file's order."""

    def rows(self) -> Iterator[Row]:
        """Every record in order."""

    def choose(self, columns: Collection[str]) -> None:
        """Only these columns are wanted from now on."""
