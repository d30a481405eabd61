"""Information that flows one way."""

from dataclasses import dataclass

from service.correlation.results.words import Direction


@dataclass(frozen=True, slots=True)
class TransferEntropy:
    """How many nats the last bar of `cause` adds to what the last bar of `effect` tells of its next one.

    Both series are cut into `bins` classes of equal count. `transfer` is the plug-in estimate, above 0 even without a
    link; `effective` is what is left after taking off the mean of the worlds, `z` the same in their standard
    deviations. `p` is against the worlds, `p_family` steps down over outcomes and directions.
    """

    direction: Direction
    cause: str
    effect: str
    n: int
    bins: int
    transfer: float | None
    effective: float | None
    z: float | None
    p: float | None
    p_family: float | None
    worlds: int
