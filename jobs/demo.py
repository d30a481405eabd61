"""`newscandle demo`: the whole main job on the embedded sample, without network, in a folder of its own."""

import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import typer
from pydantic import SecretStr

from jobs import sample
from jobs.console import Advance, show
from jobs.house import House, furnish
from jobs.imports import ArticleImport, CandleImport, import_article_files, import_candle_files
from jobs.ingest import Given, ingest_given
from jobs.pipeline import STEPS
from jobs.record import Outcome, RunRecord
from jobs.running import run_job
from jobs.settings import Align, Prices, Report, Score, Settings, Store
from service.errors import BadInput
from service.instants import Interval, format_instant

STORE = "demo.db"
MARKER = "newscandle-demo.txt"  # tells an earlier demo from anything else: only that is replaced
SCORERS = ("rules", "vader")  # the encoder reads better and would take minutes: too long for a first look
DELAY = "15m"  # an item of the sample counts as known this long after it was published


def run_demo(folder: Path) -> None:
    """Make `folder` anew, walk the sample through every job, and print what each did and where the reports lie."""
    started = time.monotonic()
    house = _furnish(folder)
    typer.echo(f"newscandle demo: the embedded sample ({format_instant(house.clock())}), no network\n")
    for record in _walk(house):
        show(record, as_json=False)
    report = max(house.path(house.settings.report.folder).glob("bitcoin-1d-*.html"))
    typer.echo(f"\ndone in {time.monotonic() - started:.0f} s. Open the report:\n\n    {report.resolve()}\n")
    typer.echo("It was made from a sample and proves nothing. For the real thing: newscandle init && newscandle run")


def _furnish(folder: Path) -> House:
    _clear(folder)
    store = folder / STORE
    files = sample.files()
    days = (files.end - files.start).days
    settings = Settings(
        store=Store(url=SecretStr(f"sqlite:///{store.resolve()}")),
        score=Score(scorers=SCORERS),
        prices=Prices(intervals=(Interval.H1,)),
        align=Align(intervals=(Interval.H1, Interval.D1)),
        report=Report(days=days, is_sample=True),
        folder=folder,
    )
    return furnish(settings, lambda: files.end)


def _clear(folder: Path) -> None:
    """An empty or new folder, or an earlier demo's with what that demo made taken away; nothing else is touched."""
    marker = folder / MARKER
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not marker.exists())):
        raise BadInput("--folder", str(folder), "holds something that is no earlier demo; name an empty or new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob(f"{STORE}*"):
            file.unlink()
        shutil.rmtree(folder / Report().folder, ignore_errors=True)
        marker.write_text("Made by `newscandle demo`, which replaces its store and reports.\n", encoding="utf-8")
    except OSError as error:
        raise BadInput("--folder", str(folder), f"cannot be written: {error.strerror}") from error


def _walk(house: House) -> Iterator[RunRecord]:
    works: dict[str, Callable[[Advance], Outcome]] = {
        job: partial(work, house) for job, work in {**STEPS, "ingest": _ingest, "prices": _import_prices}.items()
    }
    for job in STEPS:
        yield run_job(house, job, works[job])


def _ingest(house: House, advance: Advance) -> Outcome:
    """The archive, two feeds, a page and a plain text: every way in that needs no network."""
    files = sample.files()
    outcomes = [import_article_files(house, ArticleImport((files.news,), assume_delay=DELAY, source="sample"), advance)]
    for file, source, published in (
        (files.feed_en, "sample-feed-en", None),
        (files.feed_nl, "sample-feed-nl", None),
        (files.page_nl, "sample-page-nl", None),
        (files.article_nl, "sample-text-nl", format_instant(files.article_published)),
    ):
        given = Given((str(file),), source, published, assume_delay=DELAY)
        outcomes.append(ingest_given(house, given, advance))
    return _add(outcomes)


def _import_prices(house: House, advance: Advance) -> Outcome:
    wanted = CandleImport((sample.files().candles,), "coinbase", interval="1h", last_bar_closed=True)
    return import_candle_files(house, wanted, advance)


def _add(outcomes: list[Outcome]) -> Outcome:
    total: dict[str, int] = {}
    for outcome in outcomes:
        for name, number in outcome.counts.items():
            total[name] = total.get(name, 0) + number
    failures = tuple(failure for outcome in outcomes for failure in outcome.failures)
    return Outcome(total, failures)
