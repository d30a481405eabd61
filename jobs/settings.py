"""The settings, section by section, with what each may be; read by `settings_file`. Secrets are never printed."""

import datetime as dt
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from jobs.alert_settings import Alerts
from jobs.care_settings import Backup, Prune
from jobs.models import Model, TableName, check_names
from jobs.sections import Section as _Section
from service.errors import BadInput
from service.instants import Interval, parse_duration, parse_instant
from service.sentiment.events import EventKind


class Source(_Section):
    """One place news comes from. `kind` feed: RSS, RDF, Atom or JSON Feed; sitemap; page: one article page."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    url: Annotated[str, Field(min_length=1)]
    kind: Literal["feed", "sitemap", "page"] = "feed"
    language: str = ""
    fetch_pages: bool = True
    enabled: bool = True
    days: Annotated[int, Field(ge=1, le=5000)] = 3  # of a sitemap: pages dated further back are left alone
    assume_delay: str = ""  # replays of saved feeds: items count as known this long after publication
    every: str = ""  # the least time between two checks; "": ingest.minutes_between_checks

    @field_validator("assume_delay", "every")
    @classmethod
    def _check_delay(cls, value: str, info: ValidationInfo) -> str:
        if value:
            parse_duration(value, f"source.{info.field_name}")
        return value


class Store(_Section):
    """Where newscandle remembers: `sqlite:///file.db` or `postgresql://user:password@host/name`."""

    url: SecretStr = SecretStr("sqlite:///newscandle.db")


class Ingest(_Section):
    """Manners and bounds of the one way out."""

    contact: str = ""
    connect_timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 10.0
    total_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 45.0
    max_megabytes: Annotated[float, Field(gt=0, le=100)] = 10.0
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    concurrent: Annotated[int, Field(ge=1, le=64)] = 8
    seconds_between_requests_to_a_host: Annotated[float, Field(ge=0, le=600)] = 2.0
    minutes_between_checks: Annotated[float, Field(ge=0, le=10_080)] = 15.0
    hours_between_checks_at_most: Annotated[float, Field(gt=0, le=168)] = 6.0
    allow_private_addresses: bool = False
    allow_networks: tuple[str, ...] = ()
    allow_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    follow_robots: bool = True
    page_worker: bool = True  # pages are read in a process of their own, whose time and memory are bounded

    @field_validator("allow_networks")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise BadInput("ingest.allow_networks", network, f"write it as 10.20.0.0/16 ({error})") from error
        return value


class Score(_Section):
    """Which scorers read, and the user's own targets (TOML in the catalogue's form) beside the packaged ones."""

    scorers: tuple[str, ...] = ("encoder", "rules", "vader")
    targets_file: str = ""
    batch: Annotated[int, Field(ge=1, le=10_000)] = 500


class Prices(_Section):
    """Which candles, from which venues, in which order of preference."""

    venues: tuple[str, ...] = ("coinbase", "kraken", "bitstamp", "bitfinex", "binance")
    symbol: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}/[A-Z0-9]{2,10}$")] = "BTC/USD"
    intervals: tuple[Interval, ...] = (Interval.H1,)
    history_days: Annotated[int, Field(ge=1, le=5000)] = 90
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    base_url: str = ""

    @field_validator("intervals", mode="before")
    @classmethod
    def _read_intervals(cls, value: Any) -> Any:
        return tuple(Interval.parse(item) if isinstance(item, str) else item for item in value)


class Align(_Section):
    """How article scores become one value per bar, for which targets."""

    targets: tuple[str, ...] = ("bitcoin", "trump", "federal-reserve", "sec", "el-salvador")
    intervals: tuple[Interval, ...] = (Interval.H1, Interval.D1)
    weight: Literal["relevance", "equal", "novelty"] = "relevance"
    relevance_floor: Annotated[int, Field(ge=0, le=100)] = 0
    minimum_articles: Annotated[int, Field(ge=1)] = 1
    embargo_seconds: Annotated[int, Field(ge=0)] = 0
    window: str = ""  # how far back from its close a bar reads; "": the bar itself
    half_life: str = ""  # "": an article's age does not count
    winsorise: Annotated[float, Field(ge=0, lt=0.5)] = 0.0
    copies: Literal["each", "once", "story"] = "each"
    source_weights: dict[str, Annotated[float, Field(ge=0.001, le=1000)]] = Field(default_factory=dict)
    venue: Annotated[str, Field(pattern=r"^[a-z0-9]*$")] = ""  # "": the one held longest; reference: all that agree

    @field_validator("window", "half_life")
    @classmethod
    def _check_duration(cls, value: str, info: ValidationInfo) -> str:
        if value and not parse_duration(value, f"align.{info.field_name}"):
            raise BadInput(f"align.{info.field_name}", value, 'give more than nothing, or "" for none')
        return value

    @field_validator("source_weights", mode="before")
    @classmethod
    def _read_weights(cls, value: Any) -> Any:
        """From a variable it comes as `name=weight,name=weight`."""
        return dict(item.split("=", 1) for item in value.split(",") if "=" in item) if isinstance(value, str) else value

    @field_validator("intervals", mode="before")
    @classmethod
    def _read_intervals(cls, value: Any) -> Any:
        return tuple(Interval.parse(item) if isinstance(item, str) else item for item in value)


_NEWS_EVENTS = (EventKind.HACK, EventKind.BAN, EventKind.ETF, EventKind.RATE)


class DatedEvent(_Section):
    """Something that happened: `at` as 2024-01-10T21:00:00Z or 2024-01-10, which is its midnight UTC."""

    label: Annotated[str, Field(min_length=1, max_length=80)]
    at: dt.datetime

    @field_validator("at", mode="before")
    @classmethod
    def _read_instant(cls, value: Any) -> Any:
        # TOML has dates and times of its own; they are read as text is, so that a missing zone is an error alike.
        text = value.isoformat() if isinstance(value, dt.date) else value
        return parse_instant(text, "report.events.at") if isinstance(text, str) else text


class Report(_Section):
    """Where reports go and how the study is run."""

    folder: str = "reports"
    targets: tuple[str, ...] = ("bitcoin",)
    is_sample: bool = False  # say on every report that it was made from the embedded sample
    days: Annotated[int, Field(ge=1, le=5000)] = 90
    editions: tuple[Literal["daily", "weekly"], ...] = ("daily", "weekly")
    weekly_days: Annotated[int, Field(ge=1, le=5000)] = 364
    seed: int = 20240110
    surrogates: Annotated[int, Field(ge=99, le=9999)] = 999
    language: Literal["en", "nl"] = "en"
    events: tuple[DatedEvent, ...] = ()  # event study: those of one label together
    news_events: tuple[EventKind, ...] = _NEWS_EVENTS  # and where unusually many articles tell of one
    index: Annotated[str, Field(pattern=r"^([A-Z0-9]{2,10}/[A-Z0-9]{2,10})?$")] = ""  # event study: the market at large
    splits: tuple[DatedEvent, ...] = ()  # dates with a before and an after; none: the spot ETF's and the halving's


class Daemon(_Section):
    """When the jobs and the editions are due (cron expression or `every 90s`), and how daemons keep to that."""

    ingest: str = "*/10 * * * *"
    stories: str = "1-59/10 * * * *"
    score: str = "2-59/10 * * * *"
    prices: str = "3-59/10 * * * *"
    align: str = "5-59/10 * * * *"
    report: str = "20 0 * * *"
    seal: str = "50 */3 * * *"
    editions: str = "10 * * * *"
    backup: str = ""  # "": not by the daemon
    prune: str = ""
    alerts: str = "*/5 * * * *"
    zone: str = "UTC"  # whose clock cron expressions are read by
    catch_up: Mapping[str, Literal["latest", "all", "none"]] = {"*": "latest"}  # by job; "*": all others
    catch_up_limit: Annotated[int, Field(ge=1, le=10_000)] = 1000
    catch_up_pause_seconds: Annotated[float, Field(ge=0, le=3600)] = 10.0
    misfire_grace_seconds: Annotated[int, Field(ge=1)] = 60
    lease_seconds: Annotated[float, Field(ge=1, le=600)] = 20.0
    listen: str = ""  # where it answers /healthz, /readyz and /metrics itself: 127.0.0.1:8601; "": nowhere

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        if value:
            read_listen(value)
        return value

    @field_validator("catch_up", mode="before")
    @classmethod
    def _read_catch_up(cls, value: Any) -> Any:
        """A word is for all jobs; from a variable it comes as `report=all,score=none`."""
        if not isinstance(value, str):
            return value
        return dict(item.split("=", 1) for item in value.split(",")) if "=" in value else {"*": value}


def read_listen(text: str) -> tuple[str, int]:
    """`127.0.0.1:8601` or `[::1]:8601` as a host and a port. Raises `BadInput`."""
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 <= int(port) <= 65535):
        raise BadInput("daemon.listen", text, "write an address and a port, as 127.0.0.1:8601")
    return host.removeprefix("[").removesuffix("]"), int(port)


class Serve(_Section):
    """Where `newscandle serve` and `newscandle up` answer. Health is told to anyone, the rest on the machine itself
    or to whoever has a key.
    """

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8600  # 0: one that is free, told in the log
    needs_key: bool = False  # of this machine too, as behind a proxy: all it passes on seems to come from here


class Log(_Section):
    """What is told on stderr while jobs run."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Section):
    """All settings, checked; `folder` is where relative paths start (the folder of the file)."""

    store: Store = Store()
    ingest: Ingest = Ingest()
    score: Score = Score()
    prices: Prices = Prices()
    align: Align = Align()
    report: Report = Report()
    daemon: Daemon = Daemon()
    serve: Serve = Serve()
    backup: Backup = Backup()
    prune: Prune = Prune()
    log: Log = Log()
    alerts: Alerts = Alerts()
    source: tuple[Source, ...] = ()
    scorers: Mapping[TableName, Model] = {}  # the user's own models, by the name under which score.scorers has them
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _check_scorers(self) -> Self:
        check_names(self.score.scorers, self.scorers, "score.scorers")
        return self
