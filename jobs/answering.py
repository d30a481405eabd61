"""What answers over HTTP in this process: a lookout that knows, an application that tells, a door that listens."""

from collections.abc import Callable, Mapping

import structlog

from jobs.clock import choose_clock
from jobs.house import store_url
from jobs.lookout import Lookout
from jobs.serving import Listener
from jobs.settings import Settings, read_listen
from service.errors import NewscandleError
from storage import database

log = structlog.get_logger("newscandle")
Breathe = Callable[[], Mapping[str, tuple[float, float]]]


class Nobody:
    """Stands where nothing answers."""

    def start(self) -> None:
        """Nothing."""

    def furnish(self, settings: Settings) -> None:
        """Nothing."""

    def begin_to_stop(self) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


class Answering:
    """Takes the address at once (`BadInput` where it cannot), answers from `start` to `stop`.

    `tells_all`: the API too, not health alone.
    """

    def __init__(
        self, settings: Settings, host: str, port: int, field: str, breathe: Breathe = dict, *, tells_all: bool = False
    ) -> None:
        self._settings, self._tells_all = settings, tells_all
        self.lookout = Lookout(settings, choose_clock(), breathe)
        self.listener = Listener(host, port, field, self._build)

    def _build(self) -> object:
        from dashboards.api.app import build_app

        if not self._tells_all:
            return build_app(self.lookout)
        from dashboards.api.doorkeeper import Doorkeeper
        from dashboards.api.v1.listings import Reading, build_router

        engine = database.open_engine(store_url(self._settings), keeps_connections=False)
        doorkeeper = Doorkeeper(engine, needs_key=self._settings.serve.needs_key)
        return build_app(self.lookout, [build_router(Reading(engine, choose_clock()))], doorkeeper)

    def furnish(self, settings: Settings) -> None:
        """Go by these settings from now on; the address stays."""
        self.lookout.furnish(settings)

    def reload(self, read_settings: Callable[[], Settings]) -> None:
        """Go by the settings as they are now, where they can be used."""
        try:
            self.furnish(read_settings())
        except NewscandleError as error:
            log.warning("settings refused, the old ones stay", reason=str(error))
        else:
            log.info("settings read anew")

    def start(self) -> None:
        """Begin to answer."""
        self.lookout.begin()
        self.listener.start()

    def begin_to_stop(self) -> None:
        """Take no new requests; returns at once."""
        self.listener.begin_to_stop()

    def stop(self) -> None:
        """End what is under way. Raises `WorkFailed` where the server had ended by itself before."""
        self.listener.stop()


Answers = Answering | Nobody


def answer_nobody(_read_settings: Callable[[], Settings], _breathe: Breathe) -> Answers:
    """Nowhere."""
    return Nobody()


def answer_as_daemon(read_settings: Callable[[], Settings], breathe: Breathe) -> Answers:
    """At `daemon.listen`, where that is set."""
    settings = read_settings()
    if not settings.daemon.listen:
        return Nobody()
    host, port = read_listen(settings.daemon.listen)
    return Answering(settings, host, port, "daemon.listen", breathe)


def answer_as_server(read_settings: Callable[[], Settings], breathe: Breathe = dict) -> Answering:
    """At `serve.host` and `serve.port`."""
    settings = read_settings()
    return Answering(settings, settings.serve.host, settings.serve.port, "serve.port", breathe, tells_all=True)
