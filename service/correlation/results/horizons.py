"""Sentiment beside returns over several bars."""

from dataclasses import dataclass

from service.correlation.results.words import Direction


@dataclass(frozen=True, slots=True)
class HorizonReturn:
    """Sentiment beside the log return summed over `bars` bars; neighbouring sums share bars.

    Reverse: the `bars` bars before the sentiment's; forward: those after it. `t_transformed` (forward only) tests the
    same slope on single-bar returns. `p_family` is the judge: that statistic of every horizon and both directions,
    stepped down against surrogate worlds. `p_hac` is a companion that calls too much at long horizons, `p_plain` what a
    test that ignores the overlap would say.
    """

    direction: Direction
    bars: int
    n: int
    r: float | None
    slope: float | None  # of the later series on the earlier one
    t_transformed: float | None
    p_transformed: float | None
    p_hac: float | None
    hac_lags: int
    p_plain: float | None
    p_family: float | None
    family: int
    worlds: int
