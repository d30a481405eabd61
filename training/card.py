"""The card of an encoder, measured on the files that ship: `python -m training.card MODELS NAME … [--check OLD]`.

Writes metrics with their 95 % intervals, speed, bias and data into `MODELS/NAME/card.json`; what the product reads with
(temperature, alphabet …) stays. With `--check`, compares with the card of another folder of models instead of writing:
each figure must lie within the other's interval.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.name_swap import probe
from service.sentiment import targets
from service.sentiment.learned import encoder
from service.sentiment.scorer import MentionContext, Reading, Scorer
from training.evaluation import development
from training.examples import Example, training_set
from training.figures import figures

LICENCES: Final = {"newsmtsc": "MIT", "sentfin": "MIT", "ecosent": "MIT", "own, crypto labels": "MIT (this project)"}
ORIGINS: Final = {
    "encoder-large": "MIT; fitted from all-mpnet-base-v2 (Apache-2.0)",
    "encoder-small": "MIT; fitted from all-MiniLM-L6-v2 (Apache-2.0)",
    "encoder-dutch": "MIT; fitted from multilingual-e5-small (MIT)",
}
FAILURES: Final = {
    "encoder-large": "Dutch is not read; irony; who did what to whom in long sentences; terse crypto headlines whose "
    "meaning is an event (see the slice 'aside crypto')",
    "encoder-small": "Dutch is not read; long sentences with several persons (NewsMTSC mt); irony; terse crypto news",
    "encoder-dutch": "little political Dutch was seen: what a target is was learned from own sentences and English; "
    "economic headlines are labelled for the economy as a whole, and coders themselves agree on 72 %",
}
HELD_OUT: Final = (
    "NewsMTSC dev, a fifth of SEntFiN and EcoSent by hash of the text, the checklists; 1 text in 20 of the rest for "
    "the temperature alone ('aside')"
)


def read(scorer: Scorer, examples: Sequence[Example]) -> list[Reading]:
    """The readings of mentions and of whole texts, in their order."""
    contexts = [one.context for one in examples if isinstance(one.context, MentionContext)]
    found = iter(scorer.score_mentions(contexts))
    return [
        scorer.score_tone(one.context, one.language) if isinstance(one.context, str) else next(found)
        for one in examples
    ]


def measure(scorer: Scorer) -> tuple[dict[str, Any], float]:
    """The figures of each development set in the scorer's languages, and readings per second of processor time."""
    found = {}
    count, began = 0, time.process_time()
    for name, examples in development(sorted(scorer.languages)).items():
        found[name] = figures(read(scorer, examples), np.array([one.label for one in examples]))
        count += len(examples)
    return found, count / (time.process_time() - began)


def describe(scorer: Scorer, name: str) -> dict[str, Any]:
    """What the card says beyond what reading needs."""
    metrics, speed = measure(scorer)
    languages = sorted(scorer.languages)
    biased = probe(scorer, targets.load(), languages)
    learned = Counter(one.source for one in training_set() if one.language in languages or name == "encoder-dutch")
    return {
        "licence": ORIGINS[name],
        "data": {"rows": dict(sorted(learned.items())), "licences": LICENCES, "held out": HELD_OUT},
        "metrics": metrics,
        "readings_per_second_of_one_core": round(speed),
        "bias": {
            "largest_spread_between_names": round(max(one.spread for one in biased), 3),
            "largest_mean_of_neutral_sentences": round(max(abs(one.mean) for one in biased), 3),
        },
        "known_failures": FAILURES[name],
    }


def outside(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """A line for each set whose new macro-F1 lies outside the old interval."""
    return [
        f"{name}: {new[name]['macro_f1']} is outside {old[name]['interval']}"
        for name in old
        if not old[name]["interval"][0] <= new[name]["macro_f1"] <= old[name]["interval"][1]
    ]


def main() -> None:
    """Measure each model named; write its card, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("names", nargs="+", choices=sorted(ORIGINS))
    parser.add_argument("--check", type=Path, help="folder of models to compare with")
    asked = parser.parse_args()
    failed = []
    for name in asked.names:
        told = describe(encoder.build_as_read(name, asked.models), name)
        for what, value in told["metrics"].items():
            print(f"{name} {what:<18}", *(f"{key} {one}" for key, one in value.items()))
        print(name, told["bias"], "readings/s", told["readings_per_second_of_one_core"])
        if asked.check is not None:
            old = json.loads((asked.check / name / "card.json").read_text("utf-8"))["metrics"]
            failed += [f"{name} {line}" for line in outside(old, told["metrics"])]
        else:
            path = asked.models / name / "card.json"
            path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | told, indent=2) + "\n", encoding="utf-8")
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
