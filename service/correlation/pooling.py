"""Which articles make a bar's value, each with its weight and its reading: one way for the series and its lineage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.correlation.aligned import STATES, Aggregation, Origins, ScoreColumns
from service.correlation.copies import code_stories, code_texts
from service.errors import BadInput
from service.sentiment.scorer import State

_SCORED, _NO_SIGNAL = STATES.index(State.SCORED), STATES.index(State.NO_SIGNAL)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """One row per article and bar that reads it, each bar's rows by `available_at`, then revision: the order of sums.

    `article` is the row among the scores, `bar` the row of the grid. `counts`: it is a reading of the target, and
    relevant enough. `weight` is > 0 where it counts, else 0; `reading` is −1…1 (no_signal reads as 0), `value` the
    same winsorised. `number` per bar: how many readings count, copies once where they are joined.
    """

    article: NDArray[np.int64]
    bar: NDArray[np.int64]
    counts: NDArray[np.bool_]
    weight: NDArray[np.float64]
    reading: NDArray[np.float64]
    value: NDArray[np.float64]
    number: NDArray[np.int64]

    def has_value(self, aggregation: Aggregation) -> NDArray[np.bool_]:
        """Per bar: whether it has as many readings as the aggregation asks for."""
        enough: NDArray[np.bool_] = self.number >= max(1, aggregation.minimum_articles)
        return enough


def pool(scores: ScoreColumns, aggregation: Aggregation, open_at: NDArray[np.int64]) -> Pool:
    """The articles that the bars of the grid `open_at` (ms, evenly spaced, whole bars) read.

        available_at + embargo ─▶ bars whose window holds it ─▶ base × source × 1/copies × 2^(−age/half-life) ─▶ weight
                                                             └▶ readings ─ drawn in within each bar ─▶ value

    A bar depends on the articles of its own window alone. Raises `BadInput` for a weight there is not, columns of
    unequal length, and origins that are asked for but missing.
    """
    _check(scores, aggregation)
    bars = len(open_at)
    article, bar, age = place(scores, aggregation, open_at)
    is_read = (scores.state == _SCORED) | (scores.state == _NO_SIGNAL)
    counts = (is_read & (scores.relevance >= aggregation.relevance_floor))[article]
    base = _weigh_alone(scores, aggregation)
    weight = np.where(counts, base[article], 0.0)
    # A bar whose readings all weigh nothing is still read: they count alike.
    weight = np.where(counts & (np.bincount(bar, weight, bars)[bar] == 0), 1.0, weight)
    number = np.bincount(bar[counts], minlength=bars)
    if scores.origins is not None and aggregation.source_weights:
        weight = weight * _weigh_sources(scores.origins, aggregation)[article]
    if scores.origins is not None and aggregation.copies != "each":
        code = code_texts if aggregation.copies == "once" else code_stories
        copies, number = _count_copies(code(scores.origins)[article[counts]], bar[counts], bars)
        weight[counts] /= copies
    if aggregation.half_life_seconds:
        weight = weight * np.exp2(-age / (1000.0 * aggregation.half_life_seconds))
    reading = np.where(counts, np.where(scores.state == _SCORED, scores.score, 0.0)[article], 0.0)
    value = reading
    if aggregation.winsorise:
        value = reading.copy()
        value[counts] = _winsorise(reading[counts], bar[counts], bars, aggregation.winsorise)
    return Pool(article, bar, counts, weight, reading, value, number)


def _check(scores: ScoreColumns, aggregation: Aggregation) -> None:
    columns = (scores.available_at, scores.score, scores.relevance, scores.state, scores.revision)
    lengths = {len(column) for column in columns}
    if scores.origins is not None:
        lengths |= {len(scores.origins.source), len(scores.origins.title), len(scores.origins.content_hash)}
    if len(lengths) > 1:
        raise BadInput("scores", sorted(lengths), "give all columns one length")
    if aggregation.weight not in ("relevance", "equal", "novelty"):
        raise BadInput("aggregation.weight", aggregation.weight, "choose relevance, equal or novelty")
    has_stories = scores.origins is not None and len(scores.origins.story) == len(scores.origins.title)
    if aggregation.asks_stories and not has_stories:
        raise BadInput("scores.origins", None, "read the stories along: the aggregation weighs by them")
    if aggregation.asks_origins and scores.origins is None:
        raise BadInput("scores.origins", None, "read them along: the aggregation weighs by source or copies")


def place(
    scores: ScoreColumns, aggregation: Aggregation, open_at: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(article, bar, age at the bar's close in ms) of every article and bar whose window holds it, int64 each.

    By the articles' `available_at`, then revision; those outside the grid `open_at` (ms, evenly spaced) are left out.
    """
    if not len(open_at):
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    step, window = aggregation.interval.millis, aggregation.window_millis
    reach = -(-window // step)  # in how many bars an article can count
    # Sums of floats depend on their order: one order whatever order the rows came in.
    is_rising = bool((scores.available_at[1:] > scores.available_at[:-1]).all())  # as they mostly come: no sort then
    order = np.arange(len(scores.revision)) if is_rising else np.lexsort((scores.revision, scores.available_at))
    known_at = scores.available_at[order] + 1000 * aggregation.embargo_seconds
    own = (known_at - open_at[0]) // step
    near = (own > -reach) & (own < len(open_at))
    if not near.all():
        order, known_at, own = order[near], known_at[near], own[near]
    if window == step:  # the bar itself, for every article
        return order, own, open_at[0] + (own + 1) * step - known_at
    bar = (own[:, None] + np.arange(reach)).ravel()
    age = open_at[0] + (bar + 1) * step - np.repeat(known_at, reach)
    inside = (bar >= 0) & (bar < len(open_at)) & (age <= window)
    return np.repeat(order, reach)[inside], bar[inside], age[inside]


def _weigh_alone(scores: ScoreColumns, aggregation: Aggregation) -> NDArray[np.float64]:
    """What each article weighs by itself, before copies, sources and age."""
    if aggregation.weight == "equal":
        return np.ones(len(scores.relevance))
    if aggregation.weight == "novelty" and scores.origins is not None:
        return scores.relevance * np.array(scores.origins.novelty, np.float64) / 100.0
    return scores.relevance


def _weigh_sources(origins: Origins, aggregation: Aggregation) -> NDArray[np.float64]:
    weights = dict(aggregation.source_weights)
    return np.array([weights.get(name, 1.0) for name in origins.source], np.float64)


def _count_copies(
    text: NDArray[np.int64], bar: NDArray[np.int64], bars: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many rows of a row's bar have its text, itself among them, and how many texts each bar has."""
    texts = int(text.max(initial=0)) + 1
    names, which, copies = np.unique(bar * texts + text, return_inverse=True, return_counts=True)
    return copies[which], np.bincount(names // texts, minlength=bars)


def _winsorise(reading: NDArray[np.float64], bar: NDArray[np.int64], bars: int, share: float) -> NDArray[np.float64]:
    """Per bar of n readings: the ⌊share·n⌋ lowest become the next one up, the ⌊share·n⌋ highest the next one down.

    Winsorised in the sense of Tukey (1962), "The future of data analysis", section 14: readings are drawn in, not
    dropped. The bounds are readings of the bar itself.
    """
    if not len(reading):
        return reading
    ranked = reading[np.lexsort((reading, bar))]
    number = np.bincount(bar, minlength=bars)
    first = np.cumsum(number) - number
    # 0.29 × 100 is a hair below 29
    drawn = np.minimum((share * number + 1e-9).astype(np.int64), np.maximum(number - 1, 0) // 2)
    low, high = (np.minimum(place, len(ranked) - 1) for place in (first + drawn, first + number - 1 - drawn))
    return np.clip(reading, ranked[low][bar], ranked[high][bar])
