"""A real study on a small made world, for the tests of everything that shows reports."""

import datetime as dt
from typing import Any

import numpy as np

from service.correlation.aligned import Aggregation, AlignedSeries
from service.correlation.alongside import Alongside, NamedEvent
from service.correlation.inputs import digest_data
from service.correlation.results import CorrelationReport, GapLine, Reproduction, SampleCard, WeightyArticle
from service.correlation.study import StudyInputs, StudySettings, run
from service.instants import Interval, from_millis
from service.wording import word

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def make_series(
    bars: int = 300, seed: int = 7, *, link: float = 0.0, interval: Interval = Interval.D1
) -> AlignedSeries:
    """A series whose sentiment answers the return of the bar before with strength `link`; a tenth has no articles."""
    rng, interval = np.random.default_rng(seed), Interval.D1
    returns = 0.02 * rng.standard_normal(bars)
    sentiment = 0.2 * rng.standard_normal(bars)
    sentiment[1:] += link * returns[:-1] * 10
    sentiment = np.clip(sentiment, -1, 1)
    sentiment[rng.random(bars) < 0.1] = np.nan
    close = 40_000 * np.exp(np.cumsum(returns))
    close[40:43] = np.nan
    log_return = np.full(bars, np.nan)
    log_return[1:] = np.diff(np.log(close))
    open_at = np.arange(bars, dtype=np.int64) * interval.millis + int(START.timestamp() * 1000)
    scored = np.where(np.isfinite(sentiment), rng.integers(1, 6, bars), 0).astype(np.int32)
    return AlignedSeries(
        target="bitcoin",
        scorer="rules/1",
        venue="coinbase",
        symbol="BTC/USD",
        aggregation=Aggregation(interval),
        open_at=open_at,
        available_at=open_at + interval.millis,
        sentiment=sentiment,
        scored=scored,
        no_signal=rng.integers(0, 2, bars).astype(np.int32) * (scored > 0).astype(np.int32),
        no_mention=rng.integers(0, 9, bars).astype(np.int32),
        unsupported=rng.integers(0, 2, bars).astype(np.int32),
        close=close,
        log_return=log_return,
        realised_volatility=np.where(np.isfinite(close), np.exp(0.4 * rng.standard_normal(bars)) * 0.02, np.nan),
        volume=np.where(np.isfinite(close), np.exp(0.3 * rng.standard_normal(bars)) * 1000, np.nan),
    )


def _gaps(series: AlignedSeries) -> tuple[GapLine, ...]:
    if series.length < 44:
        return ()
    return (GapLine(from_millis(int(series.open_at[40])), from_millis(int(series.open_at[43])), 3, "outage"),)


def make_report(**choices: Any) -> CorrelationReport:
    """The study of `make_inputs`."""
    return run(make_inputs(**choices))


def make_inputs(
    *, link: float = 0.0, bars: int = 300, title: str = "Fund flows turn", url: str = "https://sample.invalid/1"
) -> StudyInputs:
    """What a study of such a series reads, with one article whose title and address the caller chooses."""
    series = make_series(bars, link=link)
    end = from_millis(int(series.available_at[-1]))
    gaps = _gaps(series)
    sample = SampleCard(
        target="bitcoin",
        target_name="Bitcoin",
        start=START,
        end=end,
        interval="1d",
        scorer="rules/1",
        venue="coinbase",
        symbol="BTC/USD",
        articles=2000,
        articles_mentioning=int(series.scored.sum() + series.no_signal.sum()),
        states=(("scored", 900), ("no_signal", 150), ("no_mention", 930), ("unsupported_language", 20)),
        sources=(("sample-wire-en", 1200), ("voorbeeld-nl", 800)),
        languages=(("en", 1180), ("nl", 800), ("de", 20)),
        availability_assumed=2000,
        bars_expected=series.length,
        bars_with_price=int(np.isfinite(series.close).sum()),
        bars_with_sentiment=int(np.isfinite(series.sentiment).sum()),
        gaps=gaps,
        is_sample=True,
        arrivals=(("sample-wire-en", (30,) * 40), ("voorbeeld-nl", (0,) * 20 + (40,) * 20)),
        notes=(
            word(
                "An article counts once, in the bar in which its first revision could be known; later edits do not "
                "count."
            ),
        ),
    )
    article = WeightyArticle(
        title=title,
        url=url,
        source="sample-wire-en",
        language="en",
        available_at=START + dt.timedelta(days=3),
        score=-0.61,
        relevance=90,
        share=0.021,
        words=(("outflows", -1.8), ("record", 0.6)),
    )
    settings = StudySettings(surrogates=99, bootstrap=99, certificate_runs=50, further_worlds=99)
    alongside = _make_alongside(series)
    reproduction = Reproduction(
        version="0.1.0",
        seed=20240110,
        surrogates=99,
        settings_digest=settings.digest_with(series.aggregation),
        catalogue_digest="1" * 16,
        data_digest=digest_data(series, alongside),
        command="newscandle report --target bitcoin --interval 1d",
    )
    return StudyInputs(
        series=series,
        sample=sample,
        weighty=(article,),
        companions={"vader/3.3.2": make_series(bars, seed=8)},
        settings=settings,
        reproduction=reproduction,
        earlier_tests=120,
        alongside=alongside,
    )


def _make_alongside(series: AlignedSeries) -> Alongside:
    """Ten hacks a fortnight apart, a market index that hangs on the price, two other targets."""
    noise = np.random.default_rng(9).normal(0, 0.01, series.length)
    hacks = tuple(NamedEvent("hack", START + dt.timedelta(days=130 + 14 * number, hours=5)) for number in range(10))
    others = {"SEC": make_series(series.length, seed=11), "Donald Trump": make_series(series.length, seed=12)}
    once = make_series(series.length, seed=13)
    index = 0.8 * np.nan_to_num(series.log_return) + noise
    return Alongside(events=hacks, targets=others, copies_once=once, market_return=index)
