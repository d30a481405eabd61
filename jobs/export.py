"""Export: aligned series and candles as Parquet or CSV with a manifest of checksums, for pandas, DuckDB and polars."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.align import aggregation_of, require_target
from jobs.console import Advance
from jobs.house import House
from jobs.markets import choose_market
from jobs.record import Outcome
from jobs.venues import load_bars
from service.correlation.aligned import AlignedSeries
from service.errors import BadInput, WorkFailed
from service.instants import Interval, Window
from service.sentiment.scorer import identify
from storage import database, series
from storage.candles import Held

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "newscandle.series/1"


def export_series(house: House, out: Path, targets: tuple[str, ...], file_format: str, advance: Advance) -> Outcome:
    """One file per series and market under `out`, then `manifest.json`; each file whole or not at all."""
    if file_format not in ("parquet", "csv"):
        raise BadInput("--format", file_format, "choose parquet or csv")
    for target in targets:
        require_target(house, target)
    counts: Counter[str] = Counter(files=0, rows=0)
    manifest = []
    tables = _tables(house, targets or house.settings.align.targets)
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
    partial = out / ".manifest.json.part"
    partial.write_text(json.dumps({"schema": SCHEMA, "files": manifest}, indent=1) + "\n", encoding="utf-8")
    partial.replace(out / "manifest.json")
    return Outcome(counts, notes=(str(out / "manifest.json"),))


def _tables(house: House, targets: tuple[str, ...]) -> "dict[str, pa.Table]":
    """Every table by name; a market that serves several intervals is there once.

    Raises `WorkFailed` for a target of which nothing is aligned.
    """
    tables: dict[str, pa.Table] = {}
    missing = set(targets)
    for interval in house.settings.align.intervals:
        market = choose_market(house, interval)
        for target, scorer, found in _load_all(house, market, interval, targets):
            tables[f"series-{target}-{interval.value}-{scorer}"] = _series_table(found)
            missing.discard(target)
        name = f"candles-{market.venue}-{market.symbol.replace('/', '')}-{market.interval.value}"
        if name not in tables:
            tables[name] = _candle_table(house, market)
    if missing:
        raise WorkFailed(
            "not_aligned",
            f"no aligned series of {', '.join(sorted(missing))}: run `newscandle align` (is it in align.targets?)",
        )
    return tables


def _window(market: Held) -> Window:
    return Window(market.first_open_at, market.last_open_at + market.interval.duration)


def _load_all(
    house: House, market: Held, interval: Interval, targets: tuple[str, ...]
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
                )
                if found is not None:
                    yield target, scorer.name, found


def _series_table(made: AlignedSeries) -> "pa.Table":
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
        },
    )


def _candle_table(house: House, market: Held) -> "pa.Table":
    import pyarrow as pa

    held = load_bars(house, market, _window(market))
    columns = {name: pa.array(getattr(held, name)) for name in ("open", "high", "low", "close", "volume")}
    opened = pa.array(held.open_at, pa.timestamp("ms", tz="UTC"))
    return pa.table(
        {"open_at": opened, **columns}, metadata={"schema": SCHEMA, "market": f"{held.venue} {held.symbol}"}
    )


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(table: "pa.Table", path: Path, file_format: str) -> None:
    partial = path.with_name(f".{path.name}.part")
    try:
        if file_format == "parquet":
            import pyarrow.parquet as parquet

            parquet.write_table(table, partial, compression="zstd")
        else:
            import pyarrow.csv as csv

            csv.write_csv(table, partial)
        partial.replace(path)
    except OSError as error:
        raise BadInput("--out", str(path), f"cannot be written: {error.strerror}") from error
