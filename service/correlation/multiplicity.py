"""Many families of tests in one report: how many of those that call are chance?

Inside a family p-values are adjusted so that not even one false call is likely (step-down, Holm); across families the
share of false ones among the called is held: Y. Benjamini & Y. Hochberg (1995), Controlling the false discovery rate,
JRSS B 57. Families of one report lean on the same series, which the procedure bears as long as they lean the same way
(Y. Benjamini & D. Yekutieli 2001, Annals of Statistics 29).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.correlation.results import Direction, Family


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Step-up adjusted p-values (q-values), 0–1; None stays None and does not count."""
    given = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank in range(len(given), 0, -1):
        p, index = given[rank - 1]
        least = min(least, p * len(given) / rank)
        adjusted[index] = least
    return adjusted


def summarise_family(
    analysis: str, direction: Direction | None, size: int, p_adjusted: Iterable[float | None]
) -> Family:
    """A family by its smallest adjusted p-value; its q is still open."""
    return Family(analysis, direction, size, min((p for p in p_adjusted if p is not None), default=None), None)


def adjust_across(families: Sequence[Family]) -> tuple[Family, ...]:
    """The families with their q-values; those without a p-value are left out."""
    held = [family for family in families if family.p is not None]
    q_values = benjamini_hochberg([family.p for family in held])
    return tuple(replace(family, q=q) for family, q in zip(held, q_values, strict=True))
