"""Shocks: judged by the past alone, against a plain loop; no signal is not zero; noise gives the rate that was set."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.alerts.alert import Kind
from service.alerts.history import LEAST_DISTANCE, History
from service.alerts.rule import ShockRule
from service.alerts.shock_words import MOST_ARTICLES, Part, describe_shock
from service.alerts.shocks import Standing, judge_sentiment, judge_volume
from service.errors import BadInput
from service.instants import Interval
from tests.alerts.builders import START, draw_quiet, make_news

RULE = ShockRule(history_days=30)
HISTORY = 30 * 24


def stand(series, row=-1, rule=RULE, judge=judge_sentiment):
    return judge(series, [row % series.length], rule)[0]


def test_a_bar_far_from_the_month_before_is_a_shock_and_says_by_what() -> None:
    sentiment = draw_quiet(HISTORY + 1)
    sentiment[-1] = -0.6
    found = stand(make_news(sentiment))
    assert (found.standing, found.days, found.scored, found.no_signal) == (Standing.SHOCK, 30, 12, 4)
    assert found.usual == np.median(sentiment[:-1])
    spread = 1.4826 * np.median(np.abs(sentiment[:-1] - found.usual))
    assert found.distance == pytest.approx((-0.6 - found.usual) / spread)
    farthest = np.sort(np.abs(sentiment[:-1] - found.usual) / spread)[-1]
    assert found.needed == pytest.approx(max(farthest, LEAST_DISTANCE))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(40 * 24, 47 * 24), st.sampled_from([Interval.H1, Interval.H4, Interval.D1]))
def test_what_comes_later_changes_no_judgement(seed: int, row: int, interval: Interval) -> None:
    """Every bar from `row` on is made anew, counts too: those before keep every figure, shocks or not."""
    generator = np.random.default_rng(seed)
    bars = 50 * 24
    scored = generator.poisson(9, bars)
    sentiment = np.where(scored > 0, generator.standard_t(3, bars) / 5, np.nan)
    first = make_news(sentiment, scored, generator.poisson(3, bars), interval=interval)
    changed = sentiment.copy()
    changed[row:] = generator.normal(0, 5, bars - row)
    more = scored.copy()
    more[row:] = generator.poisson(80, bars - row)
    other = make_news(changed, more, first.no_signal.copy(), interval=interval)
    asked = range(row - 30, row)
    for judge in (judge_sentiment, judge_volume):
        assert repr(judge(first, asked, RULE)) == repr(judge(other, asked, RULE))


@pytest.mark.parametrize("seed", range(1))
def test_agrees_with_a_plain_loop_over_days_and_bars(seed: int) -> None:
    """Medians, daily extremes and the k-th of them, written out once more with Python's own lists."""
    generator = np.random.default_rng(seed)
    bars, rule = 70 * 24, ShockRule(history_days=60, least_articles=3)
    scored, silent = generator.poisson(6, bars), generator.poisson(2, bars)
    sentiment = generator.standard_t(2, bars) / np.sqrt(np.maximum(scored, 1)) / 4
    series = make_news(sentiment, scored, silent)
    judged = judge_sentiment(series, range(bars - 60, bars), rule)
    seen = 0
    for found in judged:
        past = [j for j in range(found.row - 60 * 24, found.row) if scored[j] >= 3]
        if found.standing in (Standing.TOO_FEW, Standing.NO_SIGNAL, Standing.NO_ARTICLES):
            assert scored[found.row] < 3
            continue
        centre = sorted(sentiment[past])
        usual = (centre[(len(past) - 1) // 2] + centre[len(past) // 2]) / 2
        read = {j: int(scored[j] + silent[j]) for j in [*past, found.row]}
        middle = np.median([1 / read[j] for j in past])
        halves = {few: [j for j in past if bool(1 / read[j] > middle) is few] for few in (True, False)}
        variance = {
            few: (1.4826 * np.median([abs(sentiment[j] - usual) for j in half])) ** 2 for few, half in halves.items()
        }
        mean = {few: sum(1 / read[j] for j in half) / len(half) for few, half in halves.items()}
        slope = max(0.0, (variance[True] - variance[False]) / (mean[True] - mean[False]))
        base = max(0.0, variance[False] - slope * mean[False])
        if not slope:
            base = (1.4826 * np.median([abs(sentiment[j] - usual) for j in past])) ** 2
        far = {j: (sentiment[j] - usual) / np.sqrt(base + slope / read[j]) for j in read}
        days = [max(abs(far[j]) for j in past if (found.row - 1 - j) // 24 == day) for day in range(60)]
        needed = max(LEAST_DISTANCE, sorted(days)[-2])
        assert found.distance == pytest.approx(far[found.row], rel=1e-9)
        assert found.needed == pytest.approx(needed, rel=1e-9)
        assert (found.standing is Standing.USUAL) is bool(abs(far[found.row]) <= needed)
        seen += 1
    assert seen > 40


def test_no_signal_and_too_few_are_told_and_never_a_reading_of_zero() -> None:
    """A history at 0.9 makes 0 a shock; a bar whose articles say nothing reads as 0 in the series and is none."""
    sentiment = draw_quiet(HISTORY + 1) / 4 + 0.9
    sentiment[-1] = 0.0
    assert stand(make_news(sentiment)).standing is Standing.SHOCK
    scored = np.full(HISTORY + 1, 12)
    for told, count, silent in (
        (Standing.NO_SIGNAL, 0, 9),
        (Standing.TOO_FEW, 4, 9),
        (Standing.NO_ARTICLES, 0, 0),
        (Standing.SHOCK, 5, 0),
    ):
        scored[-1] = count
        quiet = np.full(HISTORY + 1, 4)
        quiet[-1] = silent
        found = stand(make_news(sentiment, scored, quiet))
        assert found.standing is told
        assert bool(np.isnan(found.distance)) is (told is not Standing.SHOCK)


def test_bars_of_few_articles_need_to_lie_further_out() -> None:
    """Half the bars hold 5 articles, half 80, single articles scatter by 0.4: what is far for 80 is not for 5."""
    generator = np.random.default_rng(5)
    bars = HISTORY + 1
    scored = np.where(generator.random(bars) < 0.5, 5, 80)
    sentiment = 0.4 * generator.normal(size=bars) / np.sqrt(scored)
    sentiment[-1] = 0.3
    stood = {}
    for count in (5, 80):
        scored[-1] = count
        stood[count] = stand(make_news(sentiment, scored, 0))
    assert (stood[5].standing, stood[80].standing) == (Standing.USUAL, Standing.SHOCK)
    assert stood[80].distance == pytest.approx(0.3 / (0.4 / np.sqrt(80)), rel=0.2)


def test_the_same_shock_is_told_once_a_day_and_a_turn_of_sign_is_another() -> None:
    sentiment = draw_quiet(HISTORY + 40)
    sentiment[-30:-25] = [-0.7, -0.8, -0.9, 1.2, -1.3]
    sentiment[-1] = -1.5
    standings = [one.standing for one in judge_sentiment(make_news(sentiment), range(HISTORY + 10, HISTORY + 40), RULE)]
    shock, more = Standing.SHOCK, Standing.CONTINUED
    assert standings[:5] == [shock, more, more, shock, more]
    assert standings[-1] is shock
    assert set(standings[5:-1]) == {Standing.USUAL}


def test_history_has_to_be_long_enough_for_the_rate() -> None:
    sentiment = draw_quiet(HISTORY + 1)
    sentiment[-1] = -0.9
    for bars, told in ((29 * 24, Standing.SHORT_HISTORY), (HISTORY, Standing.SHOCK)):
        assert stand(make_news(sentiment[-bars - 1 :])).standing is told
    assert stand(make_news(sentiment[-14 * 24 - 1 :]), rule=ShockRule(30, 2.0)).standing is Standing.SHORT_HISTORY
    assert stand(make_news(sentiment[-15 * 24 - 1 :]), rule=ShockRule(30, 2.0)).standing is Standing.SHOCK
    flat = np.full(HISTORY + 1, 0.1)
    flat[-1] = 0.2
    assert stand(make_news(flat)).standing is Standing.SHORT_HISTORY
    with pytest.raises(BadInput, match=r"false_alarms_a_month.*0\.33 or more"):
        ShockRule(90, 0.2)


def test_unusually_many_articles_are_a_shock_of_volume_and_silence_is_none() -> None:
    generator = np.random.default_rng(3)
    scored = generator.poisson(8, HISTORY + 1)
    for count, told in ((60, Standing.SHOCK), (9, Standing.USUAL), (0, Standing.NO_ARTICLES), (2, Standing.TOO_FEW)):
        scored[-1] = count
        found = stand(make_news(np.zeros(HISTORY + 1), scored, 0), judge=judge_volume)
        assert (found.standing, found.value) == (told, count)
    rare = np.zeros(HISTORY + 1, int)  # nobody speaks of it for a month: the scale is that of chance, not nothing
    rare[-1] = 12
    assert stand(make_news(np.zeros(HISTORY + 1), rare, 0), judge=judge_volume).standing is Standing.SHOCK


@pytest.mark.parametrize("kind", ["normal", "heavy", "skewed"])
def test_noise_gives_no_more_alarms_than_were_asked_for(kind: str) -> None:
    """Set to two a month, over 16 months of readings in no particular order, whatever their distribution."""
    rule = ShockRule(history_days=30, false_alarms_a_month=2.0)
    generator, bars = np.random.default_rng(4), 510 * 6
    draws = {"normal": generator.normal, "heavy": lambda size: generator.standard_t(2, size)}
    values = draws.get(kind, generator.exponential)(size=bars)
    history = History(values, np.ones(bars, bool), 6)
    beyond = [row for row in range(180, bars) if (found := history.measure(row, rule)) and found.is_beyond]
    alarms = sum(1 for row, before in zip(beyond, [-99, *beyond], strict=False) if row - before >= 6)
    lowest = 1 if kind == "normal" else 16  # the bell's daily extremes are mostly nearer than the least distance
    assert lowest <= alarms <= 32 + 2 * 32**0.5


def test_the_articles_of_an_alert_sum_to_the_value_and_the_price_is_beside_it() -> None:
    moves = np.random.default_rng(2).normal(0, 0.01, HISTORY + 1)
    moves[-1] = np.log(0.97)
    sentiment = draw_quiet(HISTORY + 1)
    sentiment[-1] = -0.6
    series = make_news(sentiment, log_return=moves)
    at = START + dt.timedelta(days=30)
    parts = [
        Part(f"t{n}", "wire", f"https://w.example/{n}", "en", at, at, "scored", -0.6, 1.0, -0.6 / 30) for n in range(30)
    ]
    made = describe_shock(Kind.SENTIMENT, "Bitcoin", series, stand(series), parts, RULE)
    told = made.details
    assert len(told["articles"]) == MOST_ARTICLES
    shown = sum(one["contribution"] for one in told["articles"])
    assert shown + told["other_articles"]["contribution"] == pytest.approx(told["figures"]["value"], abs=1e-12)
    assert told["price"]["change"] == pytest.approx(-0.03)
    assert told["price"]["usual_size_of_change"] == pytest.approx(np.median(np.abs(np.expm1(moves[:-1]))))
    assert "beside it, not because of it" in made.text
    assert "−3.00 %" in made.text
    assert made.key == "sentiment_shock/bitcoin/1h/rules/1@2024-01-31T00:00:00Z"
    bare = describe_shock(Kind.SENTIMENT, "Bitcoin", make_news(sentiment), stand(series), parts, RULE)
    assert bare.details["price"] is None
    assert "No candle" in bare.text
    assert replace(made, text="", details={}) == replace(bare, text="", details={})
