"""Columns of numbers as Parquet and CSV and back. A column whose name ends in `_at` holds instants (UTC ms)."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column as people are told of it; a NaN among its values is written as missing."""

    name: str
    values: NDArray[Any]
    unit: str
    meaning: str


def lay_out(columns: Sequence[Column], about: Mapping[str, str]) -> "pa.Table":
    """An Arrow table with the unit and meaning of each column in its metadata, and `about` in that of the whole."""
    import pyarrow as pa

    fields, arrays = [], []
    for column in columns:
        kind = pa.timestamp("ms", tz="UTC") if is_instant(column.name) else pa.from_numpy_dtype(column.values.dtype)
        told = {"unit": column.unit, "meaning": column.meaning}
        fields.append(pa.field(column.name, kind, metadata={name: text for name, text in told.items() if text}))
        arrays.append(pa.array(column.values, kind, from_pandas=True))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(about)))


def is_instant(name: str) -> bool:
    """Whether a column of this name holds instants."""
    return name.endswith("_at")


def as_parquet(table: "pa.Table") -> bytes:
    """The table as a Parquet file; equal tables give equal bytes with equal versions of Arrow."""
    import pyarrow.parquet as parquet

    written = io.BytesIO()
    parquet.write_table(table, written, compression="zstd")
    return written.getvalue()


def as_csv(table: "pa.Table") -> bytes:
    """The table as CSV: a header, every digit a double has, instants as `2024-01-10 21:00:00.000Z`, missing empty."""
    import pyarrow.csv as csv

    written = io.BytesIO()
    csv.write_csv(table, written)
    return written.getvalue()


def read_parquet(data: bytes) -> dict[str, NDArray[Any]]:
    """The columns of a Parquet file by name: instants as int64 ms, missing as NaN. Raises `ValueError` for another."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(io.BytesIO(data))
        return {name: _read_column(table[name].combine_chunks()) for name in table.column_names}
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"is no Parquet file that can be read: {error}") from error


def _read_column(values: "pa.Array") -> NDArray[Any]:
    import pyarrow as pa

    whole = values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values
    read: NDArray[Any] = whole.to_numpy(zero_copy_only=False)
    return read
