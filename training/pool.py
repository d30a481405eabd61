"""How far the linear scorer is listened to beside an encoder: `python -m training.pool MODELS NAME …`.

Writes `pool` into `MODELS/NAME/card.json`: the powers of the two probabilities with the least log-loss on the slice
set aside. Run it after `training.quantise` and before `training.card`; the linear scorer is the packaged one.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from service.sentiment.learned import encoder, linear
from service.sentiment.learned.pooled import Pool, pool_of
from training.card import read
from training.examples import calibration_set


def fit(own: NDArray[np.float64], other: NDArray[np.float64], gold: NDArray[np.int64]) -> Pool:
    """The powers (≥ 0) of least log-loss; rows × 3 each."""

    def loss(powers: NDArray[np.float64]) -> float:
        shares = pool_of(Pool(float(powers[0]), float(powers[1])), own, other)
        return float(-np.log(shares[np.arange(len(gold)), gold]).mean())

    found = minimize(loss, np.array([0.8, 0.2]), bounds=[(0.0, 3.0)] * 2, method="L-BFGS-B")
    return Pool(round(float(found.x[0]), 2), round(float(found.x[1]), 2))


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("names", nargs="+")
    asked = parser.parse_args()
    for name in asked.names:
        alone, second = encoder.build(name, asked.models), linear.build()
        examples = [one for one in calibration_set() if one.language in alone.languages]
        pairs = zip(read(alone, examples), read(second, examples), examples, strict=True)
        told = [
            (first.probabilities, other.probabilities, one.label)
            for first, other, one in pairs
            if first.probabilities and other.probabilities
        ]
        pool = fit(
            np.array([row[0] for row in told]), np.array([row[1] for row in told]), np.array([row[2] for row in told])
        )
        path = asked.models / name / "card.json"
        card = json.loads(path.read_text())
        card["pool"] = {"own": pool.own, "linear": pool.linear}
        path.write_text(json.dumps(card, indent=2) + "\n")
        print(f"{name}: {pool} over {len(told)} texts")


if __name__ == "__main__":
    main()
