"""All scorers and their peers side by side: `python -m benchmarks.sentiment [--slice N] [--scorer NAME …]`.

Sets: see `benchmarks.sets`; without their files only our own checklists are read. Columns: macro-F1 over negative,
neutral, positive; accuracy; ECE, the calibration error, where a scorer gives probabilities; mentions read per second of
processor time (one thread). Then the name swap (`benchmarks.name_swap`): largest bias, and the five worst targets.
The public fifths were watched while rules were written, so a set never looked at may read a little lower.
"""

import argparse
from collections.abc import Sequence

from benchmarks import peers, sets
from benchmarks.measures import measure
from benchmarks.name_swap import probe
from service.errors import BadInput, ModelFailed
from service.sentiment import scorers, targets
from service.sentiment.scorer import Scorer, identify

IN_ORDER = ("vader", peers.NAME, "rules", "linear", "encoder-small", "encoder")


def choose(names: Sequence[str]) -> tuple[list[Scorer], list[str]]:
    """The scorers of these names that can be built here, and a line for each that cannot."""
    built: list[Scorer] = []
    missing: list[str] = []
    for name in names:
        if name == peers.NAME:
            if peers.is_installed():
                built.append(peers.TextBlobScorer())
            else:
                missing.append(f"{name}: not installed here")
            continue
        try:
            one = scorers.build(name)
        except (BadInput, ModelFailed) as error:
            missing.append(f"{name}: {error}")
            continue
        if one.notice:
            missing.append(one.notice)
        else:
            built.append(one.scorer)
    return built, missing


def print_sets(chosen: Sequence[Scorer], slice_of: int) -> None:
    """A line for each set and scorer that reads its language."""
    print(f"{'set':<18} {'scorer':<14} {'rows':>6} {'macro-F1':>8} {'accuracy':>8} {'ECE':>6} {'mentions/s':>11}")
    for name in sets.NAMES:
        if not sets.is_here(name):
            print(f"{name:<18} left out: its file is not in {sets.data_folder()}")
            continue
        rows = sets.load(name, slice_of)
        for scorer in chosen:
            if rows[0][0].language not in scorer.languages:
                continue
            found = measure(scorer, rows, is_tone=name in sets.TONES)
            error = "–" if found.error is None else f"{found.error:.3f}"
            print(
                f"{name:<18} {scorer.name:<14} {found.rows:>6} {found.macro_f1:>8.3f} {found.accuracy:>8.3f} "
                f"{error:>6} {found.speed:>11,.0f}",
                flush=True,
            )


def print_name_swap(chosen: Sequence[Scorer], worst: int = 5) -> None:
    """The largest bias of each scorer, and the targets it is most biased about."""
    for scorer in chosen:
        found = probe(scorer, targets.load(), sorted(scorer.languages))
        over = sum(one.worst > 0.05 for one in found)
        print(f"\nname swap, {scorer.name}: largest {found[0].worst:.3f}; above 0.05: {over} of {len(found)}")
        for one in found[:worst]:
            told = f"mean {one.mean:+.3f}  spread {one.spread:.3f}  lowest {one.lowest!r}, highest {one.highest!r}"
            print(f"  {one.target:<22} {one.language}  {told}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slice", type=int, default=0, help="rows of each set (0: all)")
    parser.add_argument("--scorer", action="append", metavar="NAME", help="only this one; may be said again")
    wanted = parser.parse_args()
    chosen, missing = choose(wanted.scorer or IN_ORDER)
    for line in missing:
        print(f"left out: {line}")
    if not chosen:
        parser.error("no scorer is left to measure")
    print("measured: " + ", ".join(map(identify, chosen)) + "\n")
    print_sets(chosen, wanted.slice)
    print_name_swap(chosen)


if __name__ == "__main__":
    main()
