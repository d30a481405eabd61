"""What a p-value is still worth beside every other one ever computed on the same series (Bonferroni)."""

from collections.abc import Sequence
from dataclasses import replace

from service.correlation.results import Conclusion, TrialLedger


def open_ledger(*, earlier: int, here: int, surrogates: int) -> TrialLedger:
    """`earlier` p-values of other studies of the series and `here` of this one, which has so many surrogate worlds."""
    return TrialLedger(earlier=earlier, here=here, total=earlier + here, least_p=1 / (surrogates + 1))


def carry_over(conclusions: Sequence[Conclusion], ledger: TrialLedger) -> tuple[Conclusion, ...]:
    """The conclusions, each with its p-value times the number of tests ever made, at most 1.

    The p-value is family-wise already, so this is more than strict: it bounds the chance that any of all the tests made
    on the series called falsely, whatever hangs together with what.
    """
    return tuple(
        replace(item, p_ledger=None if item.p_family is None else min(1.0, item.p_family * ledger.total))
        for item in conclusions
    )
