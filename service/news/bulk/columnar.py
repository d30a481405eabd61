"""Parquet as rows: a few hundred at a time, only the columns that are wanted."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from service.errors import BadInput
from service.news.bulk.jsonrows import flat
from service.news.bulk.rows import Row

_AT_ONCE = 256  # rows
_LARGEST_GROUP = 4_000_000_000  # bytes inflated, as the file itself says


class ParquetTable:
    """An archive in `file`, which can be sought in; one batch of one row group is held at a time."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        """Read the footer. Raises `BadInput` where the file is no whole Parquet."""
        import pyarrow as pa
        import pyarrow.parquet as parquet

        self._failures = (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, OverflowError)
        try:
            self._file = parquet.ParquetFile(file, pre_buffer=False, memory_map=False)
            self.columns: tuple[str, ...] = tuple(self._file.schema_arrow.names)
        except self._failures as error:
            raise BadInput("archive", name, f"is no whole Parquet file: {str(error)[:200]}") from error
        self._wanted = list(self.columns)

    def choose(self, columns: Collection[str]) -> None:
        """Only these columns are read from now on."""
        self._wanted = [column for column in self.columns if column in columns]

    def rows(self) -> Iterator[Row]:
        """Every row, counted from 1; a row group that cannot be read is one row with a fault, and the next is read."""
        number = 0
        for group in range(self._file.metadata.num_row_groups):
            counted = self._file.metadata.row_group(group).num_rows
            end = number + max(counted, 0)
            try:
                for values in self._read_group(group):
                    number += 1
                    yield Row(number, {name: _cell(value) for name, value in values.items()})
            except self._failures as error:
                yield Row(number + 1, fault=f"row group {group + 1} cannot be read on: {str(error)[:100]}")
            number = max(number, end)

    def _read_group(self, group: int) -> Iterator[dict[str, Any]]:
        if self._file.metadata.row_group(group).total_byte_size > _LARGEST_GROUP:
            raise ValueError("it says to hold more than 4 GB")
        for batch in self._file.iter_batches(_AT_ONCE, row_groups=[group], columns=self._wanted, use_threads=False):
            yield from batch.to_pylist()


def _cell(value: object) -> str:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return flat(value)
