"""Import of archives: articles and candles from files, through the same doors as live data."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from jobs import archive_files, bulk
from jobs.bars import keep_bars
from jobs.bulk import Reading, Taken
from jobs.console import Advance
from jobs.house import House
from jobs.record import Outcome
from service.errors import BadInput, NewscandleError, ParseFailed, StoreFailed, WorkFailed
from service.instants import Interval, Window, parse_duration
from service.market import archive
from service.market.archive import ArchiveReading
from service.news.bulk.columns import FIELDS


@dataclass(frozen=True, slots=True)
class ArticleImport:
    """Files of articles and how to read them, as typed: paths, patterns, or `-` for standard input."""

    files: tuple[Path | str, ...]
    mapping: str = ""
    zone: str | None = None
    assume_delay: str = "15m"
    source: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class CandleImport:
    """Files of candles, and what they do not say themselves."""

    files: tuple[Path, ...]
    venue: str | None = None
    symbol: str | None = None
    interval: str | None = None
    last_bar_closed: bool = False


def import_article_files(house: House, wanted: ArticleImport, advance: Advance) -> Outcome:
    """Take in every record of every file; one that cannot be used is stored as skipped, with its place and reason.

    A file read before is not read again (unless `again`), one that was broken off is taken up where it was left. With
    several files one that cannot be read is told and does not stop the others. Raises `BadInput` or `WorkFailed` where
    there is only that one.
    """
    reading = Reading(
        read_mapping(wanted.mapping),
        wanted.zone,
        parse_duration(wanted.assume_delay, "--assume-delay"),
        wanted.source,
    )
    tally = _Tally()
    for word in archive_files.find(tuple(map(str, wanted.files))):
        with tally.told_of(word), archive_files.opened(word) as found:
            for file in found:
                with tally.told_of(file.name):
                    tally.add(file.name, bulk.take(house, file, reading, advance, again=wanted.again))
    if len(tally.failures) == 1 and not tally.taken:
        raise tally.failures[0]
    return Outcome(tally.counts, tuple(map(str, tally.failures)), tuple(tally.notes))


@dataclass(slots=True)
class _Tally:
    """What came of the files so far."""

    counts: Counter[str] = field(default_factory=lambda: Counter(new=0, revised=0, unchanged=0, skipped=0))
    notes: list[str] = field(default_factory=list)
    failures: list[NewscandleError] = field(default_factory=list)
    taken: int = 0

    @contextmanager
    def told_of(self, name: str) -> Iterator[None]:
        """Keep what stops one file, which is no reason to stop the others."""
        try:
            yield
        except StoreFailed:
            raise
        except ParseFailed as error:
            self.failures.append(ParseFailed(error.reason, f"{name}: {error}"))
        except (BadInput, WorkFailed) as error:
            self.failures.append(error)

    def add(self, name: str, taken: Taken) -> None:
        """Count what came of a file, and say where it was not read from the beginning."""
        self.taken += 1
        self.counts.update(_count(taken))
        if taken.before is not None:
            told = "was read to its end on" if taken.is_known else "taken up where it was left on"
            hint = "; --again reads it once more" if taken.is_known else ""
            self.notes.append(f"{name}: {told} {taken.before.recorded_at:%Y-%m-%d %H:%M} UTC{hint}")


def _count(taken: Taken) -> dict[str, int]:
    """What a run says it counted; of a file read before, everything is unchanged."""
    told = taken.counts
    if taken.is_known:
        same = sum(told.get(name, 0) for name in ("new", "revised", "unchanged"))
        counts = {"unchanged": same, "skipped": told.get("skipped", 0)}
        opinions = sum(told.get(name, 0) for name in ("opinions", "opinions_unchanged"))
        return {**counts, "opinions_unchanged": opinions} if "opinions" in told else counts
    names = ("new", "revised", "unchanged", "skipped", "opinions", "opinions_unchanged")
    return {name: told[name] for name in names if name in told}


def read_mapping(text: str) -> dict[str, str]:
    """`title=headline,published=ts` as a mapping from our field to their column. Raises `BadInput`."""
    mapping = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        field, mark, column = part.partition("=")
        if not mark or field.strip() not in FIELDS or not column.strip():
            known = ", ".join(sorted(FIELDS))
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
