"""The composition root: settings, store, clock, catalogue and scorers, opened once and handed to every job."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from jobs import logs
from jobs.clock import Clock, choose_clock
from jobs.manners import Hosts
from jobs.models import check_names, find_model
from jobs.page_worker import InProcess, PageReader, PageWorker
from jobs.redacting import learn_secrets
from jobs.settings import Settings
from jobs.settings_file import read_settings
from service.errors import BadInput
from service.sentiment.scorer import Scorer, identify
from service.sentiment.targets import Catalogue
from storage import database


@dataclass(frozen=True)
class House:
    """Everything a job needs; the catalogue and the scorers are made when first asked for."""

    settings: Settings
    engine: Engine
    clock: Clock

    @cached_property
    def catalogue(self) -> Catalogue:
        """The packaged targets and the user's own."""
        named = self.settings.score.targets_file
        return read_catalogue(self.path(named) if named else None)

    @cached_property
    def hosts(self) -> Hosts:
        """What is known of hosts (rests, robots.txt), kept as long as this process lives."""
        return Hosts()

    @cached_property
    def page_reader(self) -> PageReader:
        """What reads pages: a process of its own, or this one where the settings say so."""
        return PageWorker() if self.settings.ingest.page_worker else InProcess()

    @cached_property
    def scorers(self) -> Mapping[str, Scorer]:
        """The scorers of the settings by name, the leading one first; two names of one scorer count once.

        Raises `BadInput` where two different ones call themselves the same: files are named after them.
        """
        distinct: dict[str, tuple[str, Scorer]] = {}
        for name in self.settings.score.scorers:
            scorer = build_scorer(name, self.settings)
            distinct.setdefault(identify(scorer), (name, scorer))
        built = dict(distinct.values())
        calls = Counter(scorer.name for scorer in built.values())
        for name, scorer in built.items():
            if calls[scorer.name] > 1:
                raise BadInput("score.scorers", name, f"two scorers are called {scorer.name}; give it a [scorers.NAME]")
        return built

    def path(self, name: str | Path) -> Path:
        """`name` as seen from the folder of the settings file."""
        return self.settings.folder / name


def open_house(config: Path | None) -> House:
    """Read the settings, open the store and bring its schema up to date. Raises `BadInput` or `StoreFailed`."""
    return furnish(read_settings(config), choose_clock())


def furnish(settings: Settings, clock: Clock) -> House:
    """A house from ready settings; their secrets are struck out of all this process says from now on."""
    learn_secrets(settings, anew=True)
    logs.begin(settings.log)
    engine = database.open_engine(store_url(settings))
    kept = database.migrate(engine)
    if kept is not None:
        from jobs.console import warn

        warn(f"the SQL views stay those of another newscandle: {kept}")
    return House(settings, engine, clock)


def store_url(settings: Settings) -> str:
    """The address of the store; a SQLite file as seen from the folder of the settings file."""
    url = settings.store.url.get_secret_value()
    scheme, mark, file = url.partition(":///")
    if scheme == "sqlite" and mark and file and not Path(file).is_absolute():
        return f"sqlite:///{(settings.folder / file).as_posix()}"
    return url


def read_catalogue(file: Path | None) -> Catalogue:
    """The packaged targets, with those of `file` added."""
    from service.sentiment import targets

    packaged = targets.load()
    if file is None:
        return packaged
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "score.targets_file", str(file), "cannot be read; name a TOML file with [[target]] tables"
        ) from error
    return targets.parse(text, base=packaged)


def build_scorer(name: str, settings: Settings | None = None) -> Scorer:
    """The scorer of this name, a model of the `settings` or `hub:MODEL` among them, or the one that stands in for it,
    which is said on stderr. Raises as `scorers.build` and `hub.build`.
    """
    from jobs.console import warn
    from service.sentiment import scorers

    tables, base = (settings.scorers, settings.folder) if settings else ({}, Path())
    model = find_model(name, tables)
    if model is not None:
        from jobs import hub

        return hub.build(name, model, base)
    check_names([name], tables, "scorer")
    built = scorers.build(name)
    if built.notice:
        warn(built.notice)
    return built.scorer
