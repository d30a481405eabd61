"""Export: aligned series and candles as Parquet or CSV with a manifest of checksums, for pandas, DuckDB and polars."""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.align import aggregation_of, require_target
from jobs.asof import parse_as_of, spell_held
from jobs.console import Advance
from jobs.house import House
from jobs.markets import choose_market
from jobs.record import Outcome
from jobs.venues import load_bars
from jobs.whole import replacing, write_whole
from service.correlation.aligned import AlignedSeries
from service.errors import BadInput, WorkFailed
from service.instants import Interval, Window, format_instant
from service.sentiment.scorer import identify
from storage import database, series
from storage.candles import Held

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "newscandle.series/1"


def export_series(
    house: House,
    out: Path,
    targets: tuple[str, ...],
    file_format: str,
    advance: Advance,
    *,
    as_of: str | None = None,
) -> Outcome:
    """One file per series and market under `out`, then `manifest.json`; each file whole or not at all.

    With `as_of` (as typed), what newscandle would have exported then of bars that had closed.
    """
    if file_format not in ("parquet", "csv"):
        raise BadInput("--format", file_format, "choose parquet or csv")
    for target in targets:
        require_target(house, target)
    counts: Counter[str] = Counter(files=0, rows=0)
    manifest = []
    instant = parse_as_of(house, as_of)
    tables = _tables(house, targets or house.settings.align.targets, instant)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput("--out", str(out), f"cannot be written: {error.strerror}") from error
    for name, table in tables.items():
        path = out / f"{name}.{file_format}"
        _write(table, path, file_format)
        manifest.append({"file": path.name, "rows": table.num_rows, "sha256": _checksum(path)})
        counts.update(files=1, rows=table.num_rows)
        advance(1)
    told = {"schema": SCHEMA, **_tell_as_of(instant), "files": manifest}
    try:
        write_whole({out / "manifest.json": f"{json.dumps(told, indent=1)}\n".encode()})
    except OSError as error:
        raise BadInput("--out", str(out), f"cannot be written: {error.strerror}") from error
    return Outcome(counts, notes=(str(out / "manifest.json"),))


def _tell_as_of(as_of: dt.datetime | None) -> dict[str, str]:
    return {} if as_of is None else {"as_of": format_instant(as_of)}


def _tables(house: House, targets: tuple[str, ...], as_of: dt.datetime | None) -> "dict[str, pa.Table]":
    """Every table by name; a market that serves several intervals is there once.

    Raises `WorkFailed` for a target of which nothing is aligned.
    """
    tables: dict[str, pa.Table] = {}
    missing = set(targets)
    for interval in house.settings.align.intervals:
        market = choose_market(house, interval, as_of)
        for target, scorer, found in _load_all(house, market, interval, targets, as_of):
            tables[f"series-{target}-{interval.value}-{scorer}"] = _series_table(found, as_of)
            missing.discard(target)
        name = f"candles-{market.venue}-{market.symbol.replace('/', '')}-{market.interval.value}"
        if name not in tables:
            tables[name] = _candle_table(house, market, as_of)
    if missing:
        raise WorkFailed(
            "not_aligned",
            f"no aligned series of {', '.join(sorted(missing))}{spell_held(as_of)}: "
            "run `newscandle align` (is it in align.targets?)",
        )
    return tables


def _window(market: Held) -> Window:
    return Window(market.first_open_at, market.last_open_at + market.interval.duration)


def _load_all(
    house: House, market: Held, interval: Interval, targets: tuple[str, ...], as_of: dt.datetime | None
) -> Iterator[tuple[str, str, AlignedSeries]]:
    with database.read(house.engine) as connection:
        for target in targets:
            for scorer in house.scorers.values():
                found = series.load(
                    connection,
                    target=target,
                    scorer=identify(scorer),
                    catalogue=house.catalogue.digest,
                    venue=market.venue,
                    symbol=market.symbol,
                    aggregation=aggregation_of(house, interval),
                    window=_window(market),
                    as_of=as_of,
                )
                if found is not None:
                    yield target, scorer.name, found


def _series_table(made: AlignedSeries, as_of: dt.datetime | None) -> "pa.Table":
    import pyarrow as pa

    instant = pa.timestamp("ms", tz="UTC")
    return pa.table(
        {
            "open_at": pa.array(made.open_at, instant),
            "available_at": pa.array(made.available_at, instant),
            **{
                name: pa.array(getattr(made, name), from_pandas=True)  # NaN is missing, and missing is null
                for name in ("sentiment", "scored", "no_signal", "no_mention", "unsupported", "close", "log_return")
            },
            "realised_volatility": pa.array(made.realised_volatility, from_pandas=True),
            "volume": pa.array(made.volume, from_pandas=True),
        },
        metadata={
            "schema": SCHEMA,
            "target": made.target,
            "scorer": made.scorer,
            "market": f"{made.venue} {made.symbol} {made.aggregation.interval.value}",
            "aggregation": made.aggregation.digest,
            "digest": made.digest,
            **_tell_as_of(as_of),
        },
    )


def _candle_table(house: House, market: Held, as_of: dt.datetime | None) -> "pa.Table":
    import pyarrow as pa

    held = load_bars(house, market, _window(market), as_of)
    columns = {name: pa.array(getattr(held, name)) for name in ("open", "high", "low", "close", "volume")}
    opened = pa.array(held.open_at, pa.timestamp("ms", tz="UTC"))
    told = {"schema": SCHEMA, "market": f"{held.venue} {held.symbol}", **_tell_as_of(as_of)}
    return pa.table({"open_at": opened, **columns}, metadata=told)


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(table: "pa.Table", path: Path, file_format: str) -> None:
    try:
        with replacing(path) as partial:
            if file_format == "parquet":
                import pyarrow.parquet as parquet

                parquet.write_table(table, partial, compression="zstd")
            else:
                import pyarrow.csv as csv

                csv.write_csv(table, partial)
    except OSError as error:
        raise BadInput("--out", str(path), f"cannot be written: {error.strerror}") from error
