"""How article scores become one value per bar: declared once, hashed, stored with the series."""

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from service.errors import BadInput
from service.instants import Interval, Window
from service.wording import Worded, word

LONGEST_WINDOW = 200
"""Bars: an article of a longer window would weigh in so many bars that they hardly differ."""

_HALVINGS = 500  # more of them within one window, and the oldest weight would round to nothing


@dataclass(frozen=True, slots=True)
class Aggregation:
    """How article scores become one value per bar.

    An article known at t (its `available_at` plus the embargo) counts in each bar that closes in (t, t + window]. It
    weighs there base × source weight × 1/copies × 2^(−age/half-life), with its age at the bar's close; the value is
    the weighted mean of the winsorised readings. What is left at its default is not part of what is hashed beyond the
    first five fields, so that a field added later leaves the digests of earlier declarations as they were.
    """

    interval: Interval
    weight: str = "relevance"  # relevance | equal | novelty (relevance × novelty / 100): the base
    relevance_floor: int = 0  # 0–100; articles below it are not mentions that count
    minimum_articles: int = 1  # scored or no_signal articles a bar needs to have a value; copies count once if joined
    embargo_seconds: int = 0  # added to available_at before it is placed in a bar
    window_seconds: int = 0  # how far back from its close a bar reads; 0: to its own opening
    half_life_seconds: int = 0  # after so long an article weighs half; 0: age does not count
    winsorise: float = 0.0  # 0 ≤ share < 0.5 of a bar's readings, from each end, drawn in to the next one
    copies: str = "each"  # each | once | story: the copies of one text, or texts of one story, in a window weigh as one
    source_weights: tuple[tuple[str, float], ...] = ()  # by name of the source; one not named weighs 1

    def __post_init__(self) -> None:
        if self.window_seconds < 0 or self.window_millis > LONGEST_WINDOW * self.interval.millis:
            raise BadInput(
                "aggregation.window",
                f"{self.window_seconds} s for {self.interval.value} bars",
                f"give at most {LONGEST_WINDOW} bars",
            )
        if self.half_life_seconds < 0 or 0 < self.half_life_seconds * 1000 * _HALVINGS < self.window_millis:
            raise BadInput(
                "aggregation.half_life",
                f"{self.half_life_seconds} s for {self.interval.value} bars",
                f"give at least a {_HALVINGS}th of the window, or none",
            )
        if not 0 <= self.winsorise < 0.5:
            raise BadInput("aggregation.winsorise", self.winsorise, "give the share of each end, from 0 to below 0.5")
        if self.copies not in ("each", "once", "story"):
            raise BadInput("aggregation.copies", self.copies, "choose each, once or story")
        for source, weight in self.source_weights:
            if not (math.isfinite(weight) and 1e-3 <= weight <= 1e3):
                raise BadInput(
                    f"aggregation.source_weights.{source}",
                    weight,
                    "give 0.001 to 1000; to leave a source out take it from the settings",
                )

    @property
    def window_millis(self) -> int:
        """How far back from its close a bar reads, ms."""
        return 1000 * self.window_seconds or self.interval.millis

    @property
    def asks_origins(self) -> bool:
        """Whether the weights ask where an article comes from."""
        return bool(self.source_weights) or self.copies == "once" or self.asks_stories

    @property
    def asks_stories(self) -> bool:
        """Whether the weights ask in which story an article is, or how new it was there."""
        return self.copies == "story" or self.weight == "novelty"

    def declare(self) -> dict[str, Any]:
        """The choices as JSON values: the first five always, the others where they are not the default."""
        declared: dict[str, Any] = {"interval": self.interval.value}
        for position, one in enumerate(fields(self)[1:], start=1):
            value = getattr(self, one.name)
            if position < 5 or value != one.default:
                declared[one.name] = dict(value) if one.name == "source_weights" else value
        return declared

    @property
    def digest(self) -> str:
        """16 hex digits that name these choices."""
        return hashlib.sha256(json.dumps(self.declare(), sort_keys=True).encode()).hexdigest()[:16]

    def news_window(self, bars: Window) -> Window:
        """When an article has to become available to count in one of `bars`: earlier by the embargo and the reach."""
        held_back = dt.timedelta(seconds=self.embargo_seconds)
        reach = dt.timedelta(milliseconds=max(0, self.window_millis - self.interval.millis))
        return Window(bars.start - held_back - reach, bars.end - held_back)


def read_declaration(declared: Mapping[str, Any]) -> Aggregation:
    """The aggregation that `Aggregation.declare` wrote."""
    weights = tuple(sorted(declared.get("source_weights", {}).items()))
    known = dict(declared) | {"interval": Interval(declared["interval"]), "source_weights": weights}
    return Aggregation(**known)


def describe(aggregation: Aggregation) -> list[Worded]:
    """What a reader of the figures has to know of the choices: one sentence for each that departs from the plainest."""
    chosen = aggregation
    weights = ", ".join(f"{source} {weight:g}" for source, weight in chosen.source_weights)
    return [
        sentence
        for holds, sentence in (
            (
                chosen.embargo_seconds,
                word("Every article is held back by {seconds} s.", seconds=chosen.embargo_seconds),
            ),
            (
                chosen.window_seconds,
                word("A bar reads the articles of the {span} before its close.", span=_spell(chosen.window_seconds)),
            ),
            (
                chosen.half_life_seconds,
                word(
                    "An article weighs half when it is {age} old at the bar's close.",
                    age=_spell(chosen.half_life_seconds),
                ),
            ),
            (
                chosen.winsorise,
                word(
                    "Of a bar's readings {percent:g} % at each end are drawn in (winsorised).",
                    percent=100 * chosen.winsorise,
                ),
            ),
            (
                chosen.copies == "once",
                word("Copies of one text or title within a bar's window weigh as one article."),
            ),
            (
                chosen.copies == "story",
                word("Texts of one story within a bar's window weigh as one article."),
            ),
            (
                chosen.weight == "novelty",
                word("An article weighs as much as it is relevant, and less the more its story was told before."),
            ),
            (chosen.source_weights, word("Sources weigh: {weights}; others 1.", weights=weights)),
        )
        if holds
    ]


def _spell(seconds: int) -> Worded:
    if seconds % 86_400 == 0:
        return word("{number} d", number=seconds // 86_400)
    if seconds % 3600 == 0:
        return word("{number} h", number=seconds // 3600)
    return word("{number} min", number=seconds // 60) if seconds % 60 == 0 else word("{number} s", number=seconds)
