"""What is exported is what is stored, to the last digit, and the manifest says which bytes."""

import hashlib
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jobs.align import aggregation_of, align_series
from jobs.export import export_series
from jobs.house import House
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.score import score_articles
from jobs.settings import Align
from service.correlation.aligned import AlignedSeries
from service.errors import BadInput, WorkFailed
from service.instants import Interval, Window, from_millis
from service.sentiment.scorer import identify
from storage import candles, database, series
from tests.jobs.houses import a_house, idle

FIRST, HOURS = 1_704_067_200, 24 * 20
COLUMNS = (
    *("sentiment", "scored", "no_signal", "no_mention", "unsupported"),
    *("close", "log_return", "realised_volatility", "volume"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Twenty days of hours with a hole, a story every seven hours, aligned by the hour and by the day."""
    folder = tmp_path_factory.mktemp("exported")
    chance = random.Random(3)
    hours = [
        f"{FIRST + 3600 * hour},42000,42900,41000,{42000 + chance.randint(-500, 500)},{chance.random():.6f}"
        for hour in range(HOURS)
        if hour not in (50, 51)
    ]
    (folder / "hours.csv").write_text("unix,open,high,low,close,volume\n" + "\n".join(hours) + "\n", encoding="utf-8")
    titles = (
        "Bitcoin plunges as miners panic",
        "Bitcoin gains again",
        "The SEC sues a Bitcoin broker",
        "Bitcoin is a coin",
    )
    stories = [
        f"{from_millis((FIRST + n * 25_200) * 1000):%Y-%m-%dT%H:%M:%SZ},{titles[n % 4]} ({n})" for n in range(60)
    ]
    (folder / "news.csv").write_text("published,title\n" + "\n".join(stories) + "\n", encoding="utf-8")
    with a_house(folder, align=Align(targets=("bitcoin", "sec"), intervals=(Interval.H1, Interval.D1))) as made:
        import_article_files(made, ArticleImport((folder / "news.csv",)), idle)
        wanted = CandleImport((folder / "hours.csv",), "coinbase", "BTC/USD", "1h", last_bar_closed=True)
        import_candle_files(made, wanted, idle)
        score_articles(made, idle)
        align_series(made, idle)
        yield made


def stored(house: House, target: str, interval: Interval, scorer: str) -> AlignedSeries:
    with database.read(house.engine) as connection:
        [market] = candles.venues(connection)
        found = series.load(
            connection,
            target=target,
            scorer=identify(house.scorers[scorer]),
            catalogue=house.catalogue.digest,
            venue=market.venue,
            symbol=market.symbol,
            aggregation=aggregation_of(house, interval),
            window=Window(market.first_open_at, market.last_open_at + market.interval.duration),
        )
    assert found is not None
    return found


def read_back(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, parse_dates=["open_at"])


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_every_number_comes_back_and_missing_stays_missing(house: House, tmp_path: Path, file_format: str) -> None:
    outcome = export_series(house, tmp_path / "out", (), file_format, idle)
    assert outcome.counts["files"] == 2 * 2 * 2 + 1 == len(list((tmp_path / "out").glob(f"*.{file_format}")))
    for target in ("bitcoin", "sec"):
        for interval in (Interval.H1, Interval.D1):
            for scorer in ("rules", "vader"):
                want = stored(house, target, interval, scorer)
                got = read_back(tmp_path / "out" / f"series-{target}-{interval.value}-{scorer}.{file_format}")
                assert len(got) == want.length
                assert got["open_at"].dt.tz is not None
                opened = (got["open_at"] - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(milliseconds=1)
                np.testing.assert_array_equal(opened, want.open_at)
                for name in COLUMNS:
                    np.testing.assert_array_equal(got[name].to_numpy(float), getattr(want, name).astype(float), name)
    hourly = read_back(tmp_path / "out" / f"series-bitcoin-1h-rules.{file_format}")
    assert hourly["sentiment"].isna().any()
    assert hourly["sentiment"].notna().any()
    assert hourly["close"].isna().sum() == 2


def test_missing_is_null_and_not_a_number_in_parquet(house: House, tmp_path: Path) -> None:
    """DuckDB and polars tell NULL from NaN, and average over NaN."""
    import pyarrow.parquet as parquet

    export_series(house, tmp_path, ("bitcoin",), "parquet", idle)
    table = parquet.read_table(tmp_path / "series-bitcoin-1h-rules.parquet")
    want = stored(house, "bitcoin", Interval.H1, "rules")
    for name in ("sentiment", "close", "log_return"):
        assert table[name].null_count == int(np.isnan(getattr(want, name)).sum())
        assert not any(value is not None and math.isnan(value) for value in table[name].to_pylist())
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert metadata["target"] == "bitcoin"
    assert metadata["digest"] == want.digest


def test_candles_come_along(house: House, tmp_path: Path) -> None:
    export_series(house, tmp_path, ("bitcoin",), "parquet", idle)
    got = pd.read_parquet(tmp_path / "candles-coinbase-BTCUSD-1h.parquet")
    want = pd.read_csv(house.path("hours.csv"))
    assert len(got) == HOURS - 2
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(got[name], want[name].astype(float))


def test_the_manifest_names_every_file_with_its_checksum(house: House, tmp_path: Path) -> None:
    export_series(house, tmp_path, ("sec",), "csv", idle)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "newscandle.series/1"
    named = {entry["file"]: entry for entry in manifest["files"]}
    assert set(named) == {path.name for path in tmp_path.iterdir()} - {"manifest.json"}
    assert len(named) == len(manifest["files"])
    for name, entry in named.items():
        body = (tmp_path / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(body).hexdigest()
        assert entry["rows"] == body.count(b"\n") - 1


def test_the_same_store_gives_the_same_bytes(house: House, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_series(house, tmp_path / name, (), "parquet", idle)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_what_cannot_be_exported(house: House, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="choose parquet or csv"):
        export_series(house, tmp_path, (), "xlsx", idle)
    with pytest.raises(BadInput, match="did you mean bitcoin"):
        export_series(house, tmp_path, ("bitcon",), "csv", idle)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(BadInput, match="--out"):
        export_series(house, tmp_path / "file", (), "csv", idle)


def test_where_nothing_is_held_it_says_what_to_do(tmp_path: Path) -> None:
    with a_house(tmp_path) as empty, pytest.raises(WorkFailed, match="newscandle prices"):
        export_series(empty, tmp_path / "out", (), "csv", idle)


def test_a_target_that_was_never_aligned(house: House, tmp_path: Path) -> None:
    """Candles alone are no series: it says that nothing is aligned rather than exporting half of what was asked."""
    with pytest.raises(WorkFailed, match="newscandle align"):
        export_series(house, tmp_path / "out", ("musk",), "csv", idle)
