"""How a source is doing: what each reading of it brought, how often something new is due, and whether its layout broke.

A broken layout is silent: the feed still answers, its pages still load, and no text is found in them any more. So what
is read of a source is held against what was read of it before.
"""

import datetime as dt
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from service.news.article import Article

LEAST_HISTORY = 30
"""Articles that must have been read before the newest ones can be held against them."""
LEAST_READINGS = 5
NEWEST = (8, 24)
"""Articles, at least, that are judged together: the newest readings until there are so many. Few tell a sudden break at
once, more tell one that spares some of the texts.
"""
_RARE = 1e-5  # how improbable by chance a loss of texts must be
_SPREAD = 1.4826  # of a normal distribution: standard deviation over median absolute deviation


@dataclass(frozen=True, slots=True)
class Yield:
    """What one reading of a source brought; `with_body`, `dated` and the words are those of the `new` articles,
    the median that of those with a body."""

    read_at: dt.datetime
    items: int
    new: int
    revised: int
    refused: int
    with_body: int
    dated: int
    words: int
    median_words: float


def weigh(newcomers: Sequence[Article], counts: Mapping[str, int], read_at: dt.datetime) -> Yield | None:
    """What a reading brought; None where it brought neither a new article nor an edit nor a refusal."""
    if not newcomers and not counts.get("revised") and not counts.get("skipped"):
        return None
    lengths = [len(one.text.removeprefix(one.title).split()) for one in newcomers]
    return Yield(
        read_at=read_at,
        items=counts.get("entries", 0),
        new=len(newcomers),
        revised=counts.get("revised", 0),
        refused=counts.get("skipped", 0),
        with_body=sum(length > 0 for length in lengths),
        dated=sum(one.published.instant is not None for one in newcomers),
        words=sum(lengths),
        median_words=float(statistics.median(filter(None, lengths))) if any(lengths) else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether the newest articles of a source are unlike those before: `reason` is "" where they are not.

    `no_body`: texts are missing that used to be there. `shorter`: texts are much shorter than ever.
    `too_little_history`: nothing can be told yet. Shares are 0–1, words are medians.
    """

    reason: str
    share_before: float = 0.0
    share_now: float = 0.0
    words_before: float = 0.0
    words_now: float = 0.0
    articles: int = 0  # judged

    @property
    def is_alarm(self) -> bool:
        """Whether somebody should look at the source."""
        return self.reason in ("no_body", "shorter")


def find_drift(readings: Sequence[Yield]) -> Drift:
    """Hold the newest articles against those before; `readings` in order of time, those without new articles count not.

    `no_body`: the share with a body fell by a quarter at least, and by more than chance does once in 100,000 times
    (binomial, at the lower end of what the history allows). `shorter`: the median length fell below half of the
    history's, and below its median by more than four spreads (1.4826 MAD of the logarithms, 0.15 at least).
    """
    found = [_compare(readings, number) for number in NEWEST]
    return next((drift for drift in found if drift.is_alarm), found[0])


def _compare(readings: Sequence[Yield], number: int) -> Drift:
    told = [one for one in readings if one.new]
    newest: list[Yield] = []
    while told and sum(one.new for one in newest) < number:
        newest.insert(0, told.pop())
    before, now = sum(one.new for one in told), sum(one.new for one in newest)
    if before < LEAST_HISTORY or len(told) < LEAST_READINGS or now < number:
        return Drift("too_little_history")
    bodies_before, bodies_now = sum(one.with_body for one in told), sum(one.with_body for one in newest)
    words_before, spread = _centre([one for one in told if one.median_words])
    words_now, _ = _centre([one for one in newest if one.median_words])
    drift = Drift(
        "",
        bodies_before / before,
        bodies_now / now,
        math.exp(words_before) if bodies_before else 0.0,
        math.exp(words_now) if bodies_now else 0.0,
        now,
    )
    # As many failures as successes are lent to the history (one each): a perfect one is not taken for certain.
    expected = (bodies_before + 1) / (before + 2)
    is_fallen = drift.share_now <= drift.share_before - 0.25
    if is_fallen and _chance_of_so_few(bodies_now, now, expected) < _RARE:
        return _because(drift, "no_body")
    fall = words_before - words_now
    if bodies_now and fall > math.log(2) and fall > 4 * max(spread, 0.15):
        return _because(drift, "shorter")
    return drift


def _because(drift: Drift, reason: str) -> Drift:
    return Drift(reason, drift.share_before, drift.share_now, drift.words_before, drift.words_now, drift.articles)


def _centre(readings: Sequence[Yield]) -> tuple[float, float]:
    """Median and spread of the logarithms of words an article, each reading weighing as many articles as it had."""
    logs = sorted((math.log(one.median_words), one.new) for one in readings)
    if not logs:
        return 0.0, 0.0
    middle = _weighted_median(logs)
    return middle, _SPREAD * _weighted_median(sorted((abs(value - middle), weight) for value, weight in logs))


def _weighted_median(ordered: Sequence[tuple[float, int]]) -> float:
    half, passed = sum(weight for _, weight in ordered) / 2, 0
    for value, weight in ordered:
        passed += weight
        if passed >= half:
            return value
    return ordered[-1][0]


def _chance_of_so_few(found: int, tried: int, expected: float) -> float:
    """Probability of at most `found` successes in `tried`, each of chance `expected` (binomial)."""
    return sum(math.comb(tried, k) * expected**k * (1 - expected) ** (tried - k) for k in range(found + 1))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a source brings something: seconds between readings that brought news, the usual and the long ones."""

    usual: float
    longest_usual: float  # the 95th percentile

    def is_silent(self, seconds: float) -> bool:
        """Whether so long without anything new is unlike this source: thrice its long gaps, a day at least."""
        return seconds > max(3 * self.longest_usual, 86_400.0)


def find_rhythm(instants: Sequence[dt.datetime]) -> Rhythm | None:
    """The rhythm of news seen at these instants (sorted); None before there are ten."""
    if len(instants) < 10:
        return None
    gaps = sorted((later - one).total_seconds() for one, later in pairwise(instants))
    return Rhythm(statistics.median(gaps), gaps[min(len(gaps) - 1, round(0.95 * (len(gaps) - 1)))])
