"""The embedded sample: what `newscandle demo` runs on where there is no network. See README.md beside this file."""

import datetime as dt
import gzip
import importlib.resources
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where the parts of the sample lie. Every item in them is dated inside `[start, end)`, UTC.

    `candles` is a gzipped CSV of hourly BTC/USD bars of Coinbase, stamped by their opening; `news` is JSON lines
    with `id`, `published`, `language`, `source`, `url`, `title`, `text`, `time_known`. `article_nl` is a plain page
    dump that carries no date of its own: it stands for a page first seen at `article_published`.
    """

    candles: Path
    news: Path
    article_nl: Path
    page_nl: Path
    feed_en: Path
    feed_nl: Path
    start: dt.datetime = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    end: dt.datetime = dt.datetime(2024, 9, 11, tzinfo=dt.UTC)
    article_published: dt.datetime = dt.datetime(2024, 6, 2, 8, 30, tzinfo=dt.UTC)

    def read_candles(self) -> str:
        """The candle CSV as text, unpacked."""
        return gzip.decompress(self.candles.read_bytes()).decode("ascii")


def files() -> SampleFiles:
    """The sample's files as they were installed (the packages are always installed as plain folders, never zipped)."""
    folder = Path(str(importlib.resources.files(__name__)))
    return SampleFiles(
        candles=folder / "candles_btcusd_1h.csv.gz",
        news=folder / "news.jsonl",
        article_nl=folder / "article_nl.txt",
        page_nl=folder / "page_nl.html",
        feed_en=folder / "feed_en.xml",
        feed_nl=folder / "feed_nl.xml",
    )
