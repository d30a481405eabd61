"""Report: stored series → study → every form in the report folder, and a row in the store.

series ─▶ sample card, weighty articles ─▶ StudyInputs ─▶ study.run ─▶ report_files.save_report ─▶ files, store
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from dashboards.report.languages import ENGLISH, LANGUAGES
from dashboards.report.pdf import find_weasyprint
from jobs.align import aggregation_of, require_target
from jobs.alongside import gather_alongside
from jobs.asof import parse_as_of, spell_held
from jobs.console import Advance
from jobs.evidence import card_sample, weigh_articles
from jobs.house import House
from jobs.markets import choose_market
from jobs.record import Outcome
from jobs.report_files import Place, save_report
from service.correlation.aligned import AlignedSeries
from service.correlation.alongside import Alongside
from service.correlation.inputs import Telling, digest_data
from service.correlation.results import CorrelationReport, Reproduction
from service.correlation.study import StudyInputs, StudySettings, run
from service.errors import BadInput, WorkFailed
from service.instants import Interval, Window, format_instant, parse_instant
from service.sentiment.scorer import identify
from storage import database, series, trials
from storage.candles import Held
from storage.trials import StudyIdentity


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report: a target, an interval, a window and as of when, each as typed; None leaves it to the settings."""

    target: str | None = None
    interval: str | None = None
    start: str | None = None
    end: str | None = None
    as_of: str | None = None
    with_pdf: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Study:
    """One report to be made."""

    target: str
    interval: Interval
    market: Held
    window: Window
    as_of: dt.datetime | None = None
    language: str = ENGLISH


def write_reports(house: House, wanted: Wanted, advance: Advance) -> Outcome:
    """Make every report asked for; raises `BadInput` for what does not exist, `WorkFailed` where nothing is aligned."""
    if wanted.with_pdf:
        find_weasyprint()  # before minutes of work that would end without it
    counts: Counter[str] = Counter(reports=0)
    notes = []
    for study in _choose(house, wanted):
        path = make_report(house, study, _name_report(study), with_pdf=wanted.with_pdf)
        notes.append(f"{study.target} {study.interval.value}: {path}")
        counts["reports"] += 1
        advance(1)
    return Outcome(counts, notes=tuple(notes))


def make_report(house: House, study: Study, stem: str, *, with_pdf: bool = False) -> Path:
    """Make one report and keep it under `stem`; returns where its HTML lies. Raises as `write_reports`."""
    inputs = gather_inputs(house, study)
    place = Place(stem, study.target, study.window, _key_of(house, study, inputs.series.scorer))
    return save_report(house, place, inputs, run(inputs), with_pdf=with_pdf)


def _choose(house: House, wanted: Wanted) -> list[Study]:
    targets = (wanted.target,) if wanted.target else house.settings.report.targets
    intervals = (Interval.parse(wanted.interval, "--interval"),) if wanted.interval else house.settings.align.intervals
    for target in targets:
        require_target(house, target)
    as_of = parse_as_of(house, wanted.as_of)
    language = wanted.language or house.settings.report.language
    if language not in LANGUAGES:
        raise BadInput("--language", language, f"choose one of {', '.join(LANGUAGES)}")
    chosen = []
    for interval in intervals:
        market = choose_market(house, interval, as_of)
        window = choose_window(house, wanted, market, interval)
        chosen += [Study(target, interval, market, window, as_of, language) for target in targets]
    return chosen


def choose_window(house: House, wanted: Wanted, market: Held, interval: Interval) -> Window:
    """The span asked for, within what is held of `market`. Raises `BadInput` where nothing is left of it."""
    held_until = market.last_open_at + market.interval.duration
    end = parse_instant(wanted.end, "--to") if wanted.end else held_until
    days = dt.timedelta(days=house.settings.report.days)
    start = parse_instant(wanted.start, "--from") if wanted.start else max(end - days, market.first_open_at)
    if start >= end:
        raise BadInput("--from", format_instant(start), f"must come before the end, {format_instant(end)}")
    if start >= held_until or end <= market.first_open_at:
        raise BadInput(
            "window",
            f"{format_instant(start)} … {format_instant(end)}",
            f"prices are held from {format_instant(market.first_open_at)} to {format_instant(held_until)}",
        )
    # The card must not claim a span nobody could have looked at: what is held bounds what was asked.
    return Window(interval.ceil(max(start, market.first_open_at)), interval.floor(min(end, held_until)))


def study_target(house: House, study: Study, settings: StudySettings | None = None) -> CorrelationReport:
    """The whole study of one target from the stored series, with the house's settings unless others are given."""
    return run(gather_inputs(house, study, settings))


def gather_inputs(house: House, study: Study, settings: StudySettings | None = None) -> StudyInputs:
    """All that the study reads of the store, frozen."""
    names = [identify(scorer) for scorer in house.scorers.values()]
    stored = {name: _load_series(house, study, name) for name in names}
    leading = stored.pop(names[0])
    settings = settings or StudySettings(seed=house.settings.report.seed, surrogates=house.settings.report.surrogates)
    alongside = gather_alongside(house, leading, study.window, study.as_of)
    reproduction = _reproduction(house, study, leading, alongside, settings)
    return StudyInputs(
        series=leading,
        sample=card_sample(house, study.window, study.market, leading, study.as_of),
        weighty=weigh_articles(house, study.window, leading, study.as_of),
        companions=stored,
        settings=settings,
        reproduction=reproduction,
        earlier_tests=_count_earlier_tests(house, study, leading.scorer, reproduction),
        telling=Telling(study.language, {study.target: house.catalogue.name(study.target, study.language)}),
        alongside=alongside,
    )


def _count_earlier_tests(house: House, study: Study, scorer: str, reproduction: Reproduction) -> int:
    identity = StudyIdentity(reproduction.settings_digest, reproduction.data_digest)
    with database.read(house.engine) as connection:
        key = _key_of(house, study, scorer)
        return trials.count_tests(connection, key, as_of=study.as_of, besides=identity)


def _load_series(house: House, study: Study, scorer: str) -> AlignedSeries:
    with database.read(house.engine) as connection:
        found = series.load(
            connection,
            target=study.target,
            scorer=scorer,
            catalogue=house.catalogue.digest,
            venue=study.market.venue,
            symbol=study.market.symbol,
            aggregation=aggregation_of(house, study.interval),
            window=study.window,
            as_of=study.as_of,
        )
    if found is None or not found.length:
        raise WorkFailed(
            "not_aligned",
            f"no aligned series of {study.target} at {study.interval.value} by {scorer} in the window"
            f"{spell_held(study.as_of)}: "
            "run `newscandle align` first (is the target in align.targets and the interval in align.intervals?)",
        )
    return found


def _key_of(house: House, study: Study, scorer: str) -> str:
    aggregation = aggregation_of(house, study.interval)
    market = study.market
    return series.Declaration(
        study.target, scorer, house.catalogue.digest, market.venue, market.symbol, aggregation
    ).key


def _reproduction(
    house: House, study: Study, leading: AlignedSeries, alongside: Alongside, settings: StudySettings
) -> Reproduction:
    window = f"--from {format_instant(study.window.start)} --to {format_instant(study.window.end)}"
    if study.as_of is not None:
        window += f" --as-of {format_instant(study.as_of)}"
    if study.language != ENGLISH:
        window += f" --language {study.language}"
    return Reproduction(
        version=version("newscandle"),
        seed=settings.seed,
        surrogates=settings.surrogates,
        settings_digest=settings.digest_with(leading.aggregation),
        catalogue_digest=house.catalogue.digest,
        data_digest=digest_data(leading, alongside),
        command=f"newscandle report --target {study.target} --interval {study.interval.value} {window}",
        as_of=study.as_of,
    )


def _name_report(study: Study) -> str:
    stem = f"{study.target}-{study.interval.value}-{study.window.start:%Y%m%d}-{study.window.end:%Y%m%d}"
    if study.as_of is not None:  # beside the report of what is known now, not in its place
        stem += "-as-of-" + format_instant(study.as_of).replace("-", "").replace(":", "")
    return stem if study.language == ENGLISH else f"{stem}-{study.language}"
