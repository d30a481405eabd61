"""Every family of tests of one report beside the others: which of them would still call, all of them counted?"""

from collections.abc import Iterator, Sequence

from service.correlation.dependence import Dependence
from service.correlation.estimates import Figures
from service.correlation.further import Further
from service.correlation.multiplicity import adjust_across, summarise_family
from service.correlation.results import Conclusion, Direction, Family
from service.correlation.worlds import holm

Row = tuple[str, Direction | None, int, float | None]
"""One test: its analysis, its direction (None: either way), how many it was adjusted over, its adjusted p-value."""

_ORDER = (*Direction, None)
_SPANS = {"market first": Direction.REVERSE, "same bar": Direction.SAME_BAR, "news first": Direction.FORWARD}


def compare_families(
    conclusions: Sequence[Conclusion], figures: Figures, dependence: Dependence, further: Further
) -> tuple[Family, ...]:
    """Each analysis in each direction by its smallest p-value inside, reverse first, and q-values over them all.

    Granger at every order is no family: it shows how far one Granger test hangs on its order. Nor is stability, which
    asks whether a link changes and not whether there is one, nor are placebos, which ought to call or ought not to.
    """
    held: dict[tuple[Direction | None, str], list[float | None]] = {}
    sizes: dict[tuple[Direction | None, str], int] = {}
    for analysis, direction, size, p in (
        *_judged(conclusions, figures),
        *_of_dependence(dependence),
        *_of_further(further),
    ):
        held.setdefault((direction, analysis), []).append(p)
        sizes[direction, analysis] = size
    ordered = [key for direction in _ORDER for key in held if key[0] is direction]
    return adjust_across([summarise_family(key[1], key[0], sizes[key], held[key]) for key in ordered])


def _judged(conclusions: Sequence[Conclusion], figures: Figures) -> Iterator[Row]:
    for row in conclusions:
        if row.direction is not Direction.SAME_BAR:  # the scan's lag 0 is the same-bar table once more
            yield "lead_lag", row.direction, row.family, row.p_family
    for beside in figures.same_bar:
        yield "same_bar", Direction.SAME_BAR, len(figures.same_bar), beside.p_holm
    adjusted = holm([test.p_robust for test in figures.granger])
    for test, p in zip(figures.granger, adjusted, strict=True):
        yield "granger", test.direction, len(adjusted), p


def _of_dependence(found: Dependence) -> Iterator[Row]:
    adjusted = holm([test.p_robust for test in found.toda_yamamoto])
    for test, p in zip(found.toda_yamamoto, adjusted, strict=True):
        yield "toda_yamamoto", test.direction, len(adjusted), p
    for horizon in found.horizons:
        yield "horizons", horizon.direction, horizon.family, horizon.p_family
    for shape in found.distance:
        yield "distance", Direction.SAME_BAR, len(found.distance), shape.p_family
    for partial in found.partial:
        yield "partial", partial.direction, len(found.partial), partial.p_family
    for flow in found.transfer_entropy:
        yield "transfer_entropy", flow.direction, len(found.transfer_entropy), flow.p_family


def _of_further(found: Further) -> Iterator[Row]:
    if found.information:
        for horizon in found.information.horizons:
            yield "information", Direction.FORWARD, found.information.family, horizon.p_family
    if found.events:
        windows = [window for one in found.events.sets for window in one.windows]
        for window in windows:
            yield "events", _way(window.first, window.last), len(windows), window.p_holm
    for analysis, matrix in (("predictors", found.predictors), ("other_targets", found.other_targets)):
        cells = matrix.cells if matrix else ()
        for cell in cells:
            yield analysis, _SPANS.get(cell.span), len(cells), cell.p_family


def _way(first: int, last: int) -> Direction:
    """Bars before an event are the market's own, those after it follow it."""
    if last < 0:
        return Direction.REVERSE
    return Direction.FORWARD if first > 0 else Direction.SAME_BAR
