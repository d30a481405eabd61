"""The mean of several fits of one encoder: `python -m training.average OUT WEIGHTS WEIGHTS …`.

Fits that began at the same weights and differ in their seeds lie in one basin: the mean of their weights reads as the
mean of their answers does, at the price of one reader (Wortsman et al. 2022, "Model soups").
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor


def mean_of(fits: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Tensor by tensor; what is no floating-point number (positions) is the first's. All must have the same names."""
    first = fits[0]
    if any(fit.keys() != first.keys() for fit in fits):
        raise SystemExit("these are not fits of one encoder: the names of their weights differ")
    return {
        name: torch.stack([fit[name] for fit in fits]).mean(0) if told.is_floating_point() else told
        for name, told in first.items()
    }


def main() -> None:
    """Load, average, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("weights", type=Path, nargs="+")
    asked = parser.parse_args()
    torch.save(mean_of([torch.load(path, map_location="cpu") for path in asked.weights]), asked.out)


if __name__ == "__main__":
    main()
