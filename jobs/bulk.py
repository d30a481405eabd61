"""One archive into the store, whatever its form; killed at any moment, it goes on where it was.

ArchiveFile ─tell_form→ Form ─read→ Step (what a record gave, the place behind it) ─store→ rows, place, one commit
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from jobs.archive_files import ArchiveFile
from jobs.console import Advance
from jobs.crawled import Aside, make
from jobs.house import House
from service.errors import WorkFailed
from service.news import assemble
from service.news.article import Article, Skipped
from service.news.bulk import archives, gdelt, mailbox, warc
from service.news.bulk.columnar import ParquetTable
from service.news.bulk.forms import Form, tell_form
from service.news.bulk.gdelt import Opinion
from service.news.bulk.records import Table
from service.news.bulk.rows import Rows
from service.news.bulk.streams import START, Position
from storage import aliases, articles, database, imports, opinions
from storage.imports import Progress

_STEPS_A_COMMIT = {Form.TABLE: 1000, Form.PARQUET: 1000, Form.WARC: 50, Form.MAIL: 50, Form.GKG: 2000}
_TEXT_A_COMMIT = 8_000_000  # characters

Made = Article | Aside | Opinion | Skipped


@dataclass(frozen=True, slots=True)
class Step:
    """What one record gave, and where reading can be taken up behind it."""

    made: tuple[Made, ...]
    after: Position


@dataclass(frozen=True, slots=True)
class Reading:
    """How archives are read. `source` "" is the file's name for tables, the host or sender for pages and mail."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    assume_delay: dt.timedelta = dt.timedelta(0)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file in this run, or before where `is_known`; `before` is how far it had been read, if at all."""

    counts: Mapping[str, int]
    before: Progress | None
    is_known: bool = False


def take(house: House, file: ArchiveFile, reading: Reading, advance: Advance, *, again: bool = False) -> Taken:
    """Read a file to its end; at once where it was read before. Raises `BadInput` for what is no archive of news."""
    form = tell_form(file.read_head(), name=file.name)
    source = reading.source or Path(file.name).stem.lower()
    key = _key_of(file, form, reading, source)
    with database.read(house.engine) as connection:
        before = imports.load(connection, key)
    if before is not None and before.is_complete and not again:
        return Taken(before.counts, before, is_known=True)
    intake = _Intake(house, file, form, key, source, None if again or before is None else before, before)
    with ExitStack() as stack:
        stack.callback(house.page_reader.close)
        for batch in _batches(_read(house, file, form, reading, source, intake.known, stack), _STEPS_A_COMMIT[form]):
            intake.store(batch)
            advance(len(batch))
        intake.store([], is_complete=True)
    return Taken(intake.gained, intake.known)


def _key_of(file: ArchiveFile, form: Form, reading: Reading, source: str) -> str:
    columns = ",".join(f"{name}={column}" for name, column in sorted(reading.mapping.items()))
    how = (file.digest, form.value, columns, reading.zone or "", str(reading.assume_delay), source)
    return hashlib.sha256("\x00".join(how).encode(errors="replace")).hexdigest()[:32]


class _Intake:
    """Stores batches of one file with how far it is read; `gained` counts what this run stored."""

    def __init__(
        self,
        house: House,
        file: ArchiveFile,
        form: Form,
        key: str,
        source: str,
        known: Progress | None,
        held: Progress | None,
    ) -> None:
        self._house, self._file, self._form, self._key, self._source = house, file, form, key, source
        self.known = known
        self._held_place = (held.place, held.inside) if held else None
        self._place = (known.place, known.inside) if known else (0, 0)
        self._total: Counter[str] = Counter(known.counts if known else {})
        self.gained: Counter[str] = Counter()

    def store(self, batch: list[Step], *, is_complete: bool = False) -> None:
        """Save what a batch gave and the place behind it. Raises `WorkFailed` where another process reads the file."""
        now = self._house.clock()
        made = [one for step in batch for one in step.made]
        place = (batch[-1].after.offset, batch[-1].after.inside) if batch else self._place
        with database.begin(self._house.engine) as connection:
            held = imports.load(connection, self._key)
            if (held and (held.place, held.inside)) != self._held_place:
                raise WorkFailed("imported_elsewhere", f"{self._file.name}: another newscandle is importing this file")
            ready, left = _choose(connection, made)
            saved = articles.save(connection, ready, recorded_at=now)
            told = opinions.save(connection, [one for one in made if isinstance(one, Opinion)], recorded_at=now)
            skipped = [one for one in made if isinstance(one, Skipped)]
            articles.save_skipped(connection, skipped, source=self._source, stage="import", recorded_at=now)
            counts = Counter(new=saved.new, revised=saved.revised, unchanged=saved.unchanged + left)
            counts.update(skipped=len(skipped), same_story=saved.same_story, records=len(batch))
            if self._form is Form.GKG:
                counts.update(opinions=told.new, opinions_unchanged=told.unchanged)
            total = self._total + counts
            state = Progress(
                self._key, self._file.name, self._form.value, *place, is_complete, dict(total), recorded_at=now
            )
            imports.save(connection, state)
        self._total, self._place, self._held_place = total, place, place
        self.gained.update(counts)


def _choose(connection: sa.Connection, made: list[Made]) -> tuple[list[Article], int]:
    """The articles to save, and how many are left because more is held of them than they tell."""
    whole = [one for one in made if isinstance(one, Article)]
    asides = [one for one in made if isinstance(one, Aside)]
    if not asides:
        return whole, 0
    keys = {one.article.key for one in asides}
    held = imports.find_held(connection, keys) | {one.key for one in whole}
    held.update(aliases.find_addresses(connection, keys))
    fresh = [one.article for one in asides if one.article.key not in held]
    return whole + fresh, len(asides) - len(fresh)


def _batches(steps: Iterator[Step], most: int) -> Iterator[list[Step]]:
    batch: list[Step] = []
    length = 0
    for step in steps:
        batch.append(step)
        length += sum(len(one.text) for one in step.made if isinstance(one, Article))
        if len(batch) >= most or length >= _TEXT_A_COMMIT:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _read(
    house: House,
    file: ArchiveFile,
    form: Form,
    reading: Reading,
    source: str,
    known: Progress | None,
    stack: ExitStack,
) -> Iterator[Step]:
    """The steps of a file from where it was left."""
    start = Position(known.place, known.inside) if known else START
    number = known.counts.get("records", 0) if known else 0
    if form in (Form.TABLE, Form.PARQUET):
        rows: Rows = (
            ParquetTable(stack.enter_context(file.seekable()), file.name)
            if form is Form.PARQUET
            else Table(lambda: stack.enter_context(file.stream_at()), file.name)
        )
        return _read_rows(house, rows, file.name, reading, source, start.offset)
    stream = stack.enter_context(file.stream_at(start))
    if form is Form.WARC:
        return (
            Step((one.made,) if isinstance(one.made, Skipped) else _make_crawled(house, one.made, reading), one.after)
            for one in warc.read(stream, name=file.name)
        )
    if form is Form.MAIL:
        return (
            Step((_make_mail(house, one.message, file.name, reading),), one.after)
            for one in mailbox.read(stream, number=number)
        )
    return (Step((one.made,), one.after) for one in gdelt.read(stream, name=file.name, number=number))


def _read_rows(house: House, rows: Rows, name: str, reading: Reading, source: str, passed: int) -> Iterator[Step]:
    items = archives.read(
        rows, name=name, mapping=reading.mapping, zone=reading.zone, assume_delay=reading.assume_delay
    )
    for number, item in enumerate(islice(items, passed, None), passed + 1):
        made = (
            item
            if isinstance(item, Skipped)
            else assemble.from_archive(
                item, source=source, first_seen_at=house.clock(), assume_delay=reading.assume_delay
            )
        )
        yield Step((made,), Position(number))


def _make_crawled(house: House, record: warc.Record, reading: Reading) -> tuple[Made, ...]:
    return tuple(make(record, source=reading.source, now=house.clock(), reader=house.page_reader))


def _make_mail(house: House, message: mailbox.Message, name: str, reading: Reading) -> Made:
    return mailbox.to_article(
        message, name=name, source=reading.source, now=house.clock(), assume_delay=reading.assume_delay
    )
