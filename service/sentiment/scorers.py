"""The scorers there are, by name: the packaged ones and those that other packages bring.

A package brings one by the entry point group `newscandle.scorers`: a name, and a callable without arguments that
gives a `Scorer`. Light to import: each scorer's own module is loaded when it is built.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from service.errors import BadInput
from service.sentiment.scorer import Scorer

GROUP: Final = "newscandle.scorers"
PACKAGED: Final = ("rules", "vader", "linear", "encoder", "encoder-small")
_MODELS: Final = {"encoder": "encoder-large", "encoder-small": "encoder-small"}
_DUTCH: Final = "encoder-dutch"  # reads beside either of them


@dataclass(frozen=True, slots=True)
class Built:
    """A scorer ready to read; `notice`, where not empty, says why it is not the one that was asked for."""

    scorer: Scorer
    notice: str = ""


def names() -> tuple[str, ...]:
    """Every name that `build` knows, packaged ones first; `encoder` is the most exact, `encoder-small` the faster."""
    return (*PACKAGED, *sorted(set(_brought()) - set(PACKAGED)))


def check(name: str, field: str = "scorer", also: Iterable[str] = ()) -> str:
    """`name` itself. Raises `BadInput` naming `field`, the scorers there are and `also`, what else there is."""
    if name in PACKAGED or name in _brought():
        return name
    raise BadInput(field, name, f"no such scorer; choose {', '.join((*names(), *also))}")


def build(name: str) -> Built:
    """The scorer `name`. An encoder is an English and a Dutch one together; `linear` stands in for it where the extra
    `neural` is not installed.

    Raises `BadInput` for a name that is not known or a plug-in that cannot be loaded, `ModelFailed` for weights that
    are missing or damaged.
    """
    check(name)
    if name in _MODELS:
        return _build_encoder(name)
    if name in PACKAGED:
        return Built(_build_own(name))
    return Built(_build_brought(_brought()[name]))


def _build_own(name: str) -> Scorer:
    if name == "vader":
        from service.sentiment import vader

        return vader.build()
    if name == "linear":
        from service.sentiment.learned import linear

        return linear.build()
    from service.sentiment import rules

    return rules.build()


def _build_encoder(name: str) -> Built:
    from service.sentiment.composite import CompositeScorer
    from service.sentiment.learned import network

    if not network.is_installed():
        libraries = " and ".join(network.LIBRARIES)
        instead = _build_own("linear")
        return Built(
            instead,
            f"{name} needs {libraries} (package extra neural), not installed here: {instead.name} reads instead",
        )
    from service.sentiment.learned import encoder

    return Built(CompositeScorer(encoder.build_as_read(_MODELS[name]), encoder.build_as_read(_DUTCH)))


def _brought() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _build_brought(point: EntryPoint) -> Scorer:
    try:
        make = point.load()
    except (ImportError, AttributeError) as error:
        raise BadInput("scorer", point.name, f"its plug-in {point.value} cannot be loaded: {error}") from error
    scorer: Scorer = make()
    return scorer
