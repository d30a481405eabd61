"""How new a text is among those that told its story before it."""

from collections.abc import Sequence

import numpy as np

from service.news.stories.matching import Kind
from service.news.stories.prints import Print
from service.news.stories.words import share_unseen

DECAY = 0.75
SUBSTANTIAL = 0.25
"""The share of unseen words from which on a text adds something; below it was reworded."""


def measure_novelty(taken: Print, earlier: Sequence[Print], kind: Kind, place: int) -> int:
    """0–100: the first text of a story has 100, a copy of it 75, the next 56, 42 …; new text wins some of it back.

    novelty = 100 · (f + (1 − f) · 0.75^(place − 1)), rounded; `place` is 1 for the first text of the story, and f the
    share of the text's words that stand in no run of three words of the `earlier` texts it was held beside (the nearest
    ones: at most twelve), taken as 0 below `SUBSTANTIAL`. All words of a translation are new; there f is the share of
    its numbers, quoted words and links that the earlier texts have not. Without f this is the scale on which
    RavenPack's Event Novelty Score counts (100, 75, 56 …).
    """
    if place == 1:
        return 100
    fresh = _share_fresh(taken, earlier, kind)
    fresh = fresh if fresh >= SUBSTANTIAL else 0.0
    return round(100 * (fresh + (1 - fresh) * DECAY ** (place - 1)))


def _share_fresh(taken: Print, earlier: Sequence[Print], kind: Kind) -> float:
    if not earlier:
        return 0.0
    if kind is Kind.TRANSLATION:
        known = frozenset[str]().union(*(one.telling for one in earlier))
        return len(taken.telling - known) / max(1, len(taken.telling))
    return share_unseen(taken.runs, np.concatenate([one.shingles for one in earlier]))
