"""News and candles meet by the moment each could be known: against a plain loop, against shuffling, against poison."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mstats

from service.correlation.aligned import Aggregation, CandleColumns, Origins, ScoreColumns
from service.correlation.alignment import align
from service.errors import BadInput
from service.instants import Interval, Window, to_millis
from tests.correlation.builders import START, make_candles, make_scores, origin_of

HOUR = Interval.H1.millis
T0 = to_millis(START)
BARS = 8
WINDOW = Window(START, START + dt.timedelta(hours=BARS))
SCORED, NO_SIGNAL, NO_MENTION, UNSUPPORTED = range(4)

rows = st.lists(
    st.tuples(
        st.integers(-2, 4 * BARS + 2).map(lambda quarter: T0 + quarter * HOUR // 4),
        st.integers(0, 3),
        st.floats(-1, 1).map(lambda score: round(score, 3)),
        st.sampled_from([0.0, 5.0, 20.0, 100.0]),
    ),
    max_size=40,
)
aggregations = st.builds(
    Aggregation,
    interval=st.just(Interval.H1),
    weight=st.sampled_from(["relevance", "equal"]),
    relevance_floor=st.sampled_from([0, 10]),
    minimum_articles=st.integers(0, 3),
    embargo_seconds=st.sampled_from([0, 900]),
    window_seconds=st.sampled_from([0, 0, 1800, 5400, 3 * 3600]),
    half_life_seconds=st.sampled_from([0, 600, 7200]),
    winsorise=st.sampled_from([0.0, 0.1, 0.34]),
    copies=st.sampled_from(["each", "once"]),
    source_weights=st.sampled_from([(), (("source-1", 2.5), ("source-2", 0.125))]),
)


def plain_loop(given_rows: list[tuple[int, int, float, float]], chosen: Aggregation) -> list[tuple[object, ...]]:
    """The contract once more, bar by bar and article by article."""
    made: list[tuple[object, ...]] = []
    window = 1000 * chosen.window_seconds or HOUR
    for bar in range(BARS):
        closed = T0 + (bar + 1) * HOUR
        counts, read = [0, 0, 0, 0], []
        for number, (available_at, state, score, relevance) in enumerate(given_rows, start=1):
            known_at = available_at + 1000 * chosen.embargo_seconds
            if not closed - window <= known_at < closed:
                continue
            if state in (SCORED, NO_SIGNAL) and relevance < chosen.relevance_floor:
                state = NO_MENTION
            counts[state] += 1
            if state in (SCORED, NO_SIGNAL):
                base = relevance if chosen.weight == "relevance" else 1.0
                read.append(
                    (score if state == SCORED else 0.0, base, closed - known_at, *origin_of(number)[:2], number)
                )
        made.append((weighted_mean(read, chosen), *counts))
    return made


def weighted_mean(read: list[tuple[float, float, int, str, str, int]], chosen: Aggregation) -> float | None:
    texts = [
        number if title == "Market wrap" else title.lower().replace(",", "").strip("!") for *_, title, number in read
    ]
    number_read = len(set(texts)) if chosen.copies == "once" else len(read)
    if number_read < max(1, chosen.minimum_articles):
        return None
    nothing_weighs = not any(base for _, base, *_ in read)
    weights = []
    for text, (_, base, age, source, *_) in zip(texts, read, strict=True):
        weight = 1.0 if nothing_weighs else base
        weight *= dict(chosen.source_weights).get(source, 1.0)
        if chosen.copies == "once":
            weight /= texts.count(text)
        if chosen.half_life_seconds:
            weight *= 0.5 ** (age / 1000 / chosen.half_life_seconds)
        weights.append(weight)
    values = mstats.winsorize(np.array([value for value, *_ in read]), (chosen.winsorise, chosen.winsorise))
    return float(np.dot(values, weights) / sum(weights))


@settings(max_examples=150, deadline=None)
@given(rows, aggregations)
def test_agrees_with_a_plain_loop_over_bars_and_articles(given_rows, chosen):
    series = align(make_scores(given_rows), make_candles(BARS), chosen, WINDOW)
    for bar, (mean, *counts) in enumerate(plain_loop(given_rows, chosen)):
        if mean is None:
            assert np.isnan(series.sentiment[bar])
        else:
            assert series.sentiment[bar] == pytest.approx(mean, abs=1e-12)
        assert [series.scored[bar], series.no_signal[bar], series.no_mention[bar], series.unsupported[bar]] == counts


@settings(max_examples=60, deadline=None)
@given(rows, aggregations, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_bit(given_rows, chosen, random):
    scores = make_scores(given_rows)
    order = list(range(len(given_rows)))
    random.shuffle(order)
    columns = ("available_at", "score", "relevance", "state", "revision")
    shuffled = replace(
        scores,
        **{name: getattr(scores, name)[np.array(order, int)] for name in columns},
        origins=rename(scores, lambda row: origin_of(int(scores.revision[order[row]]))),
    )
    straight, crooked = (align(s, make_candles(BARS), chosen, WINDOW) for s in (scores, shuffled))
    assert straight.sentiment.tobytes() == crooked.sentiment.tobytes()


@settings(max_examples=80, deadline=None)
@given(rows, aggregations, st.integers(0, 4 * BARS), st.integers(0, 10_000))
def test_poison_after_an_instant_changes_nothing_known_by_then(given_rows, chosen, quarter, seed):
    """Scramble every score and candle not yet known at t: rows with available_at ≤ t stay the same to the bit."""
    t = T0 + quarter * HOUR // 4
    generator = np.random.default_rng(seed)
    scores = make_scores(given_rows)
    late = scores.available_at >= t
    poisoned_scores = replace(
        scores,
        score=np.where(late, generator.uniform(-1, 1, len(late)), scores.score),
        state=np.where(late, generator.integers(0, 4, len(late)), scores.state).astype(np.int8),
        relevance=np.where(late, generator.uniform(0, 100, len(late)), scores.relevance),
        origins=rename(scores, lambda row: origin_of(int(scores.revision[row]) + int(late[row]) * seed)),
    )
    candles, finer = make_candles(BARS), make_candles(4 * BARS, interval=Interval.M15)
    before = align(scores, candles, chosen, WINDOW, finer=finer)
    after = align(poisoned_scores, poison(candles, t, generator), chosen, WINDOW, finer=poison(finer, t, generator))
    known = before.available_at <= t
    for name in ("sentiment", "scored", "no_signal", "close", "log_return", "realised_volatility", "volume"):
        assert getattr(before, name)[known].tobytes() == getattr(after, name)[known].tobytes(), name


def rename(scores: ScoreColumns, origin: Callable[[int], tuple[str, str, str]]) -> Origins:
    """The origins row by row as `origin` gives them."""
    told = [origin(row) for row in range(len(scores.revision))]
    return Origins(*(tuple(one[part] for one in told) for part in range(3)))


def poison(candles: CandleColumns, t: int, generator: np.random.Generator) -> CandleColumns:
    late = candles.open_at + candles.interval.millis > t
    scrambled = {
        name: np.where(late, generator.uniform(1, 1e5, len(late)), getattr(candles, name))
        for name in ("open", "high", "low", "close", "volume")
    }
    return replace(candles, **scrambled)


def one_article(at: int) -> ScoreColumns:
    return make_scores([(at, SCORED, 0.5, 50.0)])


def test_an_article_exactly_at_a_bars_close_belongs_to_the_next_bar():
    """At 01:00:00.000 the bar 00:00–01:00 is already known; one millisecond earlier it is not."""
    chosen, candles = Aggregation(Interval.H1), make_candles(BARS)
    at_close = align(one_article(T0 + HOUR), candles, chosen, WINDOW)
    just_before = align(one_article(T0 + HOUR - 1), candles, chosen, WINDOW)
    assert np.flatnonzero(np.isfinite(at_close.sentiment)).tolist() == [1]
    assert np.flatnonzero(np.isfinite(just_before.sentiment)).tolist() == [0]
    assert at_close.available_at[1] == T0 + 2 * HOUR


def test_an_embargo_moves_an_article_to_the_bar_it_could_be_acted_on():
    series = align(
        one_article(T0 + HOUR - 60_000), make_candles(BARS), Aggregation(Interval.H1, embargo_seconds=60), WINDOW
    )
    assert np.flatnonzero(series.scored).tolist() == [1]


def test_a_longer_window_reads_the_same_article_in_each_bar_it_reaches():
    chosen = Aggregation(Interval.H1, window_seconds=2 * 3600)
    series = align(one_article(T0 - 1), make_candles(BARS), chosen, WINDOW)
    assert np.flatnonzero(series.scored).tolist() == [0]
    series = align(one_article(T0 + HOUR), make_candles(BARS), chosen, WINDOW)
    assert np.flatnonzero(series.scored).tolist() == [1, 2]


def test_an_article_weighs_half_at_its_half_life_and_its_copies_weigh_as_one():
    """Ages at the close 30, 60 and 30 minutes, half-life 30: weights ½, ¼, ½; the first two are one text."""
    given_rows = [(T0 + HOUR // 2, SCORED, 1.0, 1.0), (T0, SCORED, -1.0, 1.0), (T0 + HOUR // 2, SCORED, 0.5, 1.0)]
    scores = make_scores(given_rows)
    titles = {1: "Bitcoin falls as miners sell", 2: "Bitcoin FALLS as miners sell", 3: "Bitcoin rises on new funds"}
    scores = replace(scores, origins=rename(scores, lambda row: ("a", titles[int(scores.revision[row])], str(row))))
    decayed = align(scores, make_candles(BARS), Aggregation(Interval.H1, half_life_seconds=1800), WINDOW)
    assert decayed.sentiment[0] == pytest.approx((0.5 - 0.25 + 0.25) / 1.25, abs=1e-15)
    once = Aggregation(Interval.H1, half_life_seconds=1800, copies="once", minimum_articles=2)
    assert align(scores, make_candles(BARS), once, WINDOW).sentiment[0] == pytest.approx((0.25 - 0.125 + 0.25) / 0.875)
    three = replace(once, minimum_articles=3)
    assert np.isnan(align(scores, make_candles(BARS), three, WINDOW).sentiment[0])


def test_texts_of_one_story_weigh_as_one_and_a_told_story_weighs_less():
    """Three articles of a bar, relevance 1: two of one story, then by novelty 100, 75 and, not placed, 100."""
    given_rows = [(T0, SCORED, 1.0, 1.0), (T0 + 1, SCORED, 0.4, 1.0), (T0 + 2, SCORED, -1.0, 1.0)]
    scores = make_scores(given_rows)
    titles = rename(scores, lambda row: ("a", f"A title of its own {row}", str(row)))
    scores = replace(scores, origins=replace(titles, story=("s", "s", ""), novelty=(100, 75, 100)))
    story = align(scores, make_candles(BARS), Aggregation(Interval.H1, copies="story", minimum_articles=2), WINDOW)
    assert story.sentiment[0] == pytest.approx((0.5 * 1.0 + 0.5 * 0.4 - 1.0) / 2, abs=1e-15)
    few = Aggregation(Interval.H1, copies="story", minimum_articles=3)
    assert np.isnan(align(scores, make_candles(BARS), few, WINDOW).sentiment[0])
    novelty = align(scores, make_candles(BARS), Aggregation(Interval.H1, weight="novelty"), WINDOW)
    assert novelty.sentiment[0] == pytest.approx((1.0 + 0.75 * 0.4 - 1.0) / 2.75, abs=1e-15)
    with pytest.raises(BadInput, match="stories"):
        align(replace(scores, origins=titles), make_candles(BARS), few, WINDOW)


def test_origins_that_are_asked_for_must_be_there():
    bare = replace(one_article(T0), origins=None)
    with pytest.raises(BadInput, match="origins"):
        align(bare, make_candles(BARS), Aggregation(Interval.H1, copies="once"), WINDOW)


def test_missing_is_never_zero_and_no_signal_is_a_reading_of_zero():
    rows_given = [(T0, NO_SIGNAL, 0.0, 40.0), (T0 + HOUR, NO_MENTION, 0.0, 0.0), (T0 + 2 * HOUR, UNSUPPORTED, 0.0, 0.0)]
    series = align(make_scores(rows_given), make_candles(BARS), Aggregation(Interval.H1), WINDOW)
    assert series.sentiment[0] == 0.0
    assert np.isnan(series.sentiment[1:]).all()
    assert (series.no_mention[1], series.unsupported[2]) == (1, 1)


def test_a_missing_candle_leaves_a_hole_and_no_return_over_it():
    positions = np.array([0, 1, 2, 4, 5, 6, 7])
    series = align(make_scores([]), make_candles(positions), Aggregation(Interval.H1), WINDOW)
    assert np.flatnonzero(np.isnan(series.close)).tolist() == [3]
    assert np.flatnonzero(np.isnan(series.log_return)).tolist() == [0, 3, 4]
    assert series.length == BARS


def test_a_candle_before_the_window_gives_the_first_bar_its_return():
    candles = make_candles(BARS)
    later = Window(START + dt.timedelta(hours=2), WINDOW.end)
    series = align(make_scores([]), candles, Aggregation(Interval.H1), later)
    assert series.log_return[0] == pytest.approx(np.log(candles.close[2] / candles.close[1]), abs=1e-15)


def test_days_from_hours_carry_the_volatility_of_their_hours():
    candles = make_candles(72)
    window = Window(START, START + dt.timedelta(days=3))
    series = align(make_scores([]), candles, Aggregation(Interval.D1), window)
    hourly = np.diff(np.log(candles.close))
    assert series.close.tolist() == candles.close[23::24].tolist()
    assert series.realised_volatility[1] == pytest.approx(np.sqrt(np.sum(hourly[23:47] ** 2)), rel=1e-12)
    assert series.volume[2] == pytest.approx(candles.volume[48:].sum(), rel=1e-12)


def test_only_bars_wholly_inside_the_window_have_a_row():
    ragged = Window(START + dt.timedelta(minutes=30), START + dt.timedelta(hours=3, minutes=30))
    series = align(make_scores([]), make_candles(BARS), Aggregation(Interval.H1), ragged)
    assert series.open_at.tolist() == [T0 + HOUR, T0 + 2 * HOUR]


def test_an_empty_window_and_no_candles_give_an_empty_series():
    nothing = make_candles(np.empty(0, np.int64))
    series = align(one_article(T0), nothing, Aggregation(Interval.H1), Window(START, START))
    assert series.length == 0


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda s, c: (s, c, Aggregation(Interval.M15)), "interval"),
        (lambda s, c: (s, replace(c, open_at=c.open_at[::-1].copy()), Aggregation(Interval.H1)), "candles"),
        (lambda s, c: (s, replace(c, open_at=c.open_at + 1), Aggregation(Interval.H1)), "candles"),
        (lambda s, c: (replace(s, score=np.empty(0)), c, Aggregation(Interval.H1)), "scores"),
        (lambda s, c: (s, c, Aggregation(Interval.H1, weight="loudness")), "aggregation.weight"),
    ],
)
def test_what_cannot_be_lined_up_is_refused_by_name(spoil, field):
    scores, candles, chosen = spoil(one_article(T0), make_candles(BARS))
    with pytest.raises(BadInput) as refused:
        align(scores, candles, chosen, WINDOW)
    assert refused.value.field == field
