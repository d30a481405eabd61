"""Import of archives: articles and candles from files, through the same doors as live data."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs.bars import keep_bars
from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.errors import BadInput, WorkFailed
from service.instants import Interval, Window, parse_duration
from service.market import archive
from service.market.archive import ArchiveReading
from service.news import archives, assemble
from service.news.article import Article, Skipped
from storage import articles, database

BATCH = 1000


@dataclass(frozen=True, slots=True)
class ArticleImport:
    """Files of articles and how to read them, as typed."""

    files: tuple[Path, ...]
    mapping: str = ""
    zone: str | None = None
    assume_delay: str = "15m"
    source: str = ""


@dataclass(frozen=True, slots=True)
class CandleImport:
    """Files of candles, and what they do not say themselves."""

    files: tuple[Path, ...]
    venue: str | None = None
    symbol: str | None = None
    interval: str | None = None
    last_bar_closed: bool = False


def import_article_files(house: House, wanted: ArticleImport, advance: Advance) -> Outcome:
    """Take in every row of every file; a row that cannot be used is stored as skipped, with its number and reason."""
    mapping = read_mapping(wanted.mapping)
    delay = parse_duration(wanted.assume_delay, "--assume-delay")
    counts: Counter[str] = Counter(new=0, revised=0, unchanged=0, skipped=0)
    for file in wanted.files:
        source = wanted.source or file.stem.lower()
        rows = archives.read(_read(file), name=file.name, mapping=mapping, zone=wanted.zone, assume_delay=delay)
        made = (
            row
            if isinstance(row, Skipped)
            else assemble.from_archive(row, source=source, first_seen_at=house.clock(), assume_delay=delay)
            for row in rows
        )
        for batch in _batches(made):
            counts.update(_store(house, source, batch))
            advance(len(batch))
    return Outcome(counts)


def _store(house: House, source: str, batch: list[Article | Skipped]) -> Counter[str]:
    now = house.clock()
    ready = [item for item in batch if isinstance(item, Article)]
    skipped = [item for item in batch if isinstance(item, Skipped)]
    with database.begin(house.engine) as connection:
        saved = articles.save(connection, ready, recorded_at=now)
        articles.save_skipped(connection, skipped, source=source, stage="import", recorded_at=now)
    return Counter(new=saved.new, revised=saved.revised, unchanged=saved.unchanged, skipped=len(skipped))


def _batches(items: Iterator[Article | Skipped]) -> Iterator[list[Article | Skipped]]:
    batch: list[Article | Skipped] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def read_mapping(text: str) -> dict[str, str]:
    """`title=headline,published=ts` as a mapping from our field to their column. Raises `BadInput`."""
    mapping = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        field, mark, column = part.partition("=")
        if not mark or field.strip() not in archives.FIELDS or not column.strip():
            known = ", ".join(sorted(archives.FIELDS))
            raise BadInput("--map", part, f"write field=column with a field among {known}")
        mapping[field.strip()] = column.strip()
    return mapping


def import_candle_files(house: House, wanted: CandleImport, advance: Advance) -> Outcome:
    """Take in every sound candle; defects are counted and explained, refused rows kept, holes recorded."""
    interval = Interval.parse(wanted.interval, "--interval") if wanted.interval else None
    counts: Counter[str] = Counter(new=0, revised=0, unchanged=0, quarantined=0, missing_bars=0)
    notes = []
    for file in wanted.files:
        reading = archive.read(
            _read(file),
            name=file.name,
            venue=wanted.venue,
            symbol=wanted.symbol,
            interval=interval,
            now=house.clock(),
            is_last_bar_closed=wanted.last_bar_closed,
        )
        counts.update(_store_candles(house, reading))
        market = f"{reading.venue} {reading.symbol} {reading.interval.value}"
        notes.append(f"{file.name}: {market}, {len(reading.candles):,} sound bars")
        notes += [f"{file.name}: {defect.code} × {defect.count:,}: {defect.detail}" for defect in reading.defects]
        advance(1)
    return Outcome(counts, notes=tuple(notes))


def _store_candles(house: House, reading: ArchiveReading) -> Counter[str]:
    if not reading.candles:
        raise WorkFailed("no_candles", f"{reading.venue} {reading.symbol}: the file holds no sound candle")
    # A refused bar at either end is a hole beyond the sound ones.
    window = Window(
        min([reading.candles[0].open_at, *(hole.start for hole in reading.gaps)]),
        max([reading.candles[-1].close_at, *(hole.end for hole in reading.gaps)]),
    )
    return keep_bars(
        house,
        reading,
        venue=reading.venue,
        symbol=reading.symbol,
        interval=reading.interval,
        window=window,
        is_archive=True,
    )


def _read(file: Path) -> bytes:
    import gzip

    try:
        body = file.read_bytes()
        return gzip.decompress(body) if file.suffix == ".gz" else body
    except (OSError, EOFError) as error:
        raise BadInput("file", str(file), f"cannot be read: {error}") from error
