"""Which class each output of somebody else's classifier counts for: by its own labels, or as the user says."""

from collections.abc import Mapping, Sequence
from typing import Final

from service.errors import BadInput
from service.sentiment.scorer import Label

_SPELLINGS: Final[Mapping[str, Label]] = {
    **dict.fromkeys(("negative", "neg", "bearish", "negatief"), Label.NEGATIVE),
    **dict.fromkeys(("neutral", "neu", "neutraal"), Label.NEUTRAL),
    **dict.fromkeys(("positive", "pos", "bullish", "positief"), Label.POSITIVE),
}


def read_classes(labels: Sequence[str], told: Mapping[str, Label], field: str) -> tuple[Label, ...]:
    """The class of each of a model's `labels`, in their order; `told` stands over the usual spellings, case aside.

    Several labels may share a class (five stars), and neutral may have none. Raises `BadInput` naming `field`, the
    labels the model has and how to say what they mean: where one means nothing known, where `told` names one that the
    model lacks, or where positive or negative is left without a label.
    """
    known = {**_SPELLINGS, **{_fold(label): meant for label, meant in told.items()}}
    absent = [label for label in told if _fold(label) not in map(_fold, labels)]
    unknown = [label for label in labels if _fold(label) not in known]
    found = tuple(known[_fold(label)] for label in labels if _fold(label) in known)
    if absent:
        fault = f"has no label {', '.join(absent)}"
    elif unknown:
        fault = f"does not say what {', '.join(unknown)} means"
    elif {Label.NEGATIVE, Label.POSITIVE} <= set(found):
        return found
    else:
        fault = "needs a label for negative and one for positive"
    example = ", ".join(
        f'"{label}" = "{known.get(_fold(label), Label.NEUTRAL).value}"' for label in (unknown or labels)[:3]
    )
    raise BadInput(
        field,
        list(labels),
        f"the model {fault}; say it in the settings, each label negative, neutral or positive, "
        f"e.g. labels = {{ {example} }} in its table [scorers.NAME]",
    )


def _fold(label: str) -> str:
    return label.strip().casefold()
