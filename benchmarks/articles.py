"""From mentions to articles: is the interval of an article's score as wide as it has to be?

`python -m benchmarks.articles [--scorer NAME …] [--articles N]`

The public sets label mentions, not articles, so articles of 1, 3, 6 and 12 mentions are drawn from them. The mentions
of a real article are alike: in the training part of NewsMTSC two mentions of one person in one article share their
label more often than chance, kappa 0.31 (1,905 pairs; `--alike` counts them again). Articles are drawn with exactly
that likeness, by a Pólya urn: the first label by the set's shares, each further one likewise or, with the odds that
give this kappa, one that the article has already. Each label is then a mention of the set that has it. Only rows that
no scorer was fitted on are read: NewsMTSC dev (politics, mt and rw together) and the held-out fifth of SEntFiN
(finance); the checklists (own) are printed beside them and choose nothing.

`pooling.LIKENESS` is chosen on one half of the rows (by hash of the text) as the least hundredth with which the
interval holds the mean of the readers' labels in nine articles of ten of 3, 6 and 12 mentions together, for each of
`encoder` and `linear` and either set; its worth is what the other half shows. Columns: share of articles whose gold
mean lies in the interval, plain (mentions independent) and widened; correlation of score and gold mean; mean absolute
error; share of articles that count as sure, and their error.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import sets
from service.sentiment import pooling, scorers
from service.sentiment.score import is_mostly_sure
from service.sentiment.scorer import Label, Reading, Scorer

ALIKE: Final = 0.31
SIZES: Final = (1, 3, 6, 12)
SEED: Final = 12
CHOOSING, TELLING = 0, 1
GROUPS: Final = {
    "politics": ("NewsMTSC dev_mt", "NewsMTSC dev_rw"),
    "finance": ("SEntFiN held out",),
    "own en": ("checklist en",),
    "own nl": ("checklist nl",),
}
CHOOSERS: Final = ("politics", "finance")
VALUES: Final = {Label.NEGATIVE: -1.0, Label.NEUTRAL: 0.0, Label.POSITIVE: 1.0}

Articles = NDArray[np.int64]  # articles × mentions, rows of a set


def half_of(text: str) -> int:
    """CHOOSING or TELLING; another hash than `sets.is_held_out`, which would put a held-out set in one half."""
    return hashlib.sha256(f"half {text}".encode()).digest()[0] % 2


def draw(gold: Sequence[Label], rows: Sequence[int], mentions: int, articles: int) -> Articles:
    """Articles of so many mentions out of `rows`, labels alike by ALIKE; a mention comes twice only if it must."""
    rng = np.random.default_rng((SEED, mentions))
    by_label = [[row for row in rows if gold[row] is label] for label in Label]
    shares = np.array([len(found) for found in by_label]) / len(rows)
    strength = (1 - ALIKE) / ALIKE
    drawn = []
    for _ in range(articles):
        labels: list[int] = []
        for at in range(mentions):
            is_new = rng.random() < strength / (strength + at)
            labels.append(int(rng.choice(len(shares), p=shares)) if is_new else labels[rng.integers(at)])
        article: list[int] = []
        for label, found in enumerate(by_label):
            count = labels.count(label)
            article += list(rng.choice(found, count, replace=count > len(found)))
        drawn.append(article)
    return np.array(drawn, dtype=np.int64)


class Read:
    """A scorer's readings of a set, beside the readers' labels."""

    def __init__(self, scorer: Scorer, group: str) -> None:
        rows = [row for name in GROUPS[group] for row in sets.load(name)]
        contexts = [context for context, _ in rows]
        self.gold = [label for _, label in rows]
        self.value = np.array([VALUES[label] for label in self.gold])
        self.readings: list[Reading] = scorer.score_mentions(contexts)
        self.halves = [half_of(context.text) for context in contexts]

    def draw(self, half: int, mentions: int, articles: int) -> Articles:
        """Articles out of one half of the rows."""
        return draw(self.gold, [row for row, own in enumerate(self.halves) if own == half], mentions, articles)

    def pool(self, articles: Articles) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score and mean variance of each article."""
        chances = np.array([reading.probabilities or (0.0, 1.0, 0.0) for reading in self.readings])
        value = chances[:, 2] - chances[:, 0]
        variance = chances[:, 2] + chances[:, 0] - value**2
        return value[articles].mean(axis=1), variance[articles].mean(axis=1)


def coverage(error: NDArray[np.float64], variance: NDArray[np.float64], mentions: int, likeness: float) -> float:
    """Share of articles whose error lies within the interval of this likeness."""
    width = pooling.NORMAL * np.sqrt(variance * (1 + (mentions - 1) * likeness) / mentions)
    return float((np.abs(error) <= width).mean())


def choose(reads: Sequence[Read], articles: int) -> float:
    """The least likeness, in hundredths, that is enough for each of `reads` on the half that chooses."""
    known = []
    for read in reads:
        drawn = {mentions: read.draw(CHOOSING, mentions, articles) for mentions in SIZES[1:]}
        known.append([(*read.pool(found), read.value[found].mean(axis=1), size) for size, found in drawn.items()])
    for hundredth in range(100):
        shares = [
            np.mean([coverage(gold - score, variance, size, hundredth / 100) for score, variance, gold, size in one])
            for one in known
        ]
        if min(shares) >= 0.9:
            return hundredth / 100
    return 1.0


def print_lines(name: str, group: str, read: Read, articles: int) -> None:
    """A line for each size, from the half that did not choose, through the code that ships."""
    for mentions in SIZES:
        drawn = read.draw(TELLING, mentions, articles)
        score, variance = read.pool(drawn)
        gold = read.value[drawn].mean(axis=1)
        pooled = [pooling.combine([read.readings[row] for row in article]) for article in drawn]
        ends = [one.interval or (0.0, 0.0) for one in pooled]
        held = np.mean([low <= mean <= high for (low, high), mean in zip(ends, gold, strict=True)])
        sure = np.array([is_mostly_sure([read.readings[row].is_sure for row in article]) for article in drawn])
        error = np.abs(gold - score)
        print(
            f"{name:<10} {group:<10} {mentions:>8} {coverage(error, variance, mentions, 0.0):>7.3f} {held:>8.3f} "
            f"{np.mean([high - low for low, high in ends]):>6.2f} {np.corrcoef(score, gold)[0, 1]:>6.3f} "
            f"{error.mean():>6.3f} {sure.mean():>6.3f} {error[sure].mean():>6.3f}",
            flush=True,
        )


def measure_alike() -> tuple[float, int]:
    """Cohen's kappa of two mentions of one person in one article of NewsMTSC's training part, and their pairs."""
    labels: dict[tuple[str, str], list[int]] = defaultdict(list)
    every: list[int] = []
    for line in (sets.data_folder() / "sentiment" / "newsmtsc" / "train.jsonl").read_text("utf-8").splitlines():
        targets = {(item["from"], item["to"]): item for item in json.loads(line)["targets"]}
        for item in targets.values():
            parts = item["Input.gid"].split("_")  # outlet, article (two parts), sentence, person, from, to
            polarity = (int(item["polarity"]) - 2) // 2
            labels["_".join(parts[:3]), parts[-3].split()[-1].lower()].append(polarity)
            every.append(polarity)
    pairs = [pair for group in labels.values() for pair in combinations(group, 2)]
    chance = float(((np.bincount(every) / len(every)) ** 2).sum())
    return (sum(left == right for left, right in pairs) / len(pairs) - chance) / (1 - chance), len(pairs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000, help="drawn for each line")
    parser.add_argument("--scorer", action="append", metavar="NAME", help="only this one; may be said again")
    parser.add_argument("--alike", action="store_true", help="count again how alike the mentions of an article are")
    wanted = parser.parse_args()
    if wanted.alike:
        kappa, pairs = measure_alike()
        print(f"kappa of mentions of one person in one article: {kappa:.2f} ({pairs} pairs)\n")
    built = {name: scorers.build(name).scorer for name in wanted.scorer or ("encoder", "linear")}
    reads = {
        (name, group): Read(scorer, group)
        for name, scorer in built.items()
        for group, names in GROUPS.items()
        if all(map(sets.is_here, names)) and not (group == "own nl" and name == "encoder")  # linear reads it there too
    }
    choosers = [read for (_, group), read in reads.items() if group in CHOOSERS]
    told = f"{choose(choosers, wanted.articles):.2f}" if choosers else "not measured here"
    print(f"least likeness on the half that chooses: {told}; in the code: {pooling.LIKENESS:.2f}\n")
    heads = (
        f"{'mentions':>8} {'plain':>7} {'widened':>8} {'width':>6} {'corr':>6} {'error':>6} {'sure':>6} {'error':>6}"
    )
    print(f"{'scorer':<10} {'set':<10} {heads}")
    for (name, group), read in reads.items():
        print_lines(name, group, read, wanted.articles)


if __name__ == "__main__":
    main()
