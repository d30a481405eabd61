"""The figures of a model card: how well readings meet their labels, and how sure the figure is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.sentiment.scorer import Reading

_DRAWS = 400


def calibration_error(chances: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over ten equal bins, weighted by rows."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == labels
    bins = np.minimum((sure * 10).astype(int), 9)
    return float(sum(abs(sure[bins == at].sum() - right[bins == at].sum()) for at in range(10)) / len(labels))


def macro_f1(gold: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """Over the three classes."""
    hits = [
        2 * ((gold == at) & (found == at)).sum() / max((gold == at).sum() + (found == at).sum(), 1) for at in range(3)
    ]
    return float(np.mean(hits))


def figures(readings: Sequence[Reading], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Rows, macro-F1 with its 95 % interval (bootstrap), accuracy and ECE, as shares."""
    none = (0.0, 1.0, 0.0)  # without a known word: neutral
    chances = np.array([reading.probabilities or none for reading in readings])
    found = chances.argmax(axis=1)
    chance = np.random.default_rng(7)
    drawn = [chance.integers(0, len(labels), len(labels)) for _ in range(_DRAWS)]
    low, high = np.quantile([macro_f1(labels[rows], found[rows]) for rows in drawn], [0.025, 0.975])
    return {
        "rows": len(labels),
        "macro_f1": round(macro_f1(labels, found), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
        "accuracy": round(float((found == labels).mean()), 3),
        "ece": round(calibration_error(chances, labels), 3),
    }
