"""What a source yields, held against its own past; rates at length: `python -m benchmarks.drift`."""

import datetime as dt

import pytest

from benchmarks.drift import BREAKS, count_alarms, find_delays
from service.news.manners.health import LEAST_HISTORY, Yield, find_drift, find_rhythm, weigh

NOON = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)


def readings(*words: int) -> list[Yield]:
    """Readings of two articles each, both of so many words; 0 for none."""
    return [
        Yield(NOON + dt.timedelta(hours=hour), 9, 2, 0, 0, 2 * bool(length), 2, 2 * length, float(length))
        for hour, length in enumerate(words)
    ]


def test_texts_that_are_gone_and_texts_that_are_cut() -> None:
    """Told only once there is a past to hold them against, and with the figures of both."""
    past = [400, 500, 450, 550, 480] * 4
    assert find_drift(readings(*past)).reason == ""
    gone = find_drift(readings(*past, 0, 0, 0, 0))
    assert (gone.reason, gone.share_before, gone.share_now, gone.articles) == ("no_body", 1.0, 0.0, 8)
    cut = find_drift(readings(*past, 90, 80, 95, 85))
    assert cut.reason == "shorter"
    assert cut.words_before == pytest.approx(480)
    assert cut.words_now == pytest.approx(85)
    assert find_drift(readings(*past[: LEAST_HISTORY // 2 - 1], 0, 0, 0, 0)).reason == "too_little_history"
    assert find_drift(readings(*[0] * 30)).reason == ""  # a source that never had texts has lost none


def test_few_are_blamed_wrongly_and_broken_layouts_are_found() -> None:
    """On simulated histories, each judged at every reading."""
    blamed, _ = count_alarms(3, 20, 60)
    assert blamed <= 3
    for name in ("all texts lost", "nine of ten lost"):
        delays = find_delays(4, 10, *BREAKS[name])
        assert sum(delay is not None and delay <= 30 for delay in delays) >= 9


def test_a_rhythm_is_told_from_ten_readings_on() -> None:
    hours = [NOON + dt.timedelta(hours=hour) for hour in range(20)]
    assert find_rhythm(hours[:9]) is None
    rhythm = find_rhythm(hours)
    assert rhythm is not None
    assert rhythm.usual == rhythm.longest_usual == 3_600
    assert not rhythm.is_silent(20 * 3_600)  # a night is no silence
    assert rhythm.is_silent(25 * 3_600)


def test_nothing_brought_weighs_nothing() -> None:
    assert weigh([], {"entries": 9, "unchanged": 9}, NOON) is None
