"""What stands around a study: the sample card and the articles that weigh most, looked up in the store."""

import datetime as dt
from dataclasses import replace
from textwrap import shorten

import numpy as np

from jobs.house import House
from jobs.markets import REFERENCE
from jobs.venues import describe_reference, find_unpriced
from service.correlation.aggregation import describe
from service.correlation.aligned import AlignedSeries
from service.correlation.results import GapLine, SampleCard, WeightyArticle
from service.correlation.weighing import weigh
from service.instants import Window, format_instant
from service.market.candle import Gap
from service.sentiment.scorer import State
from service.wording import word
from storage import articles, candles, database, scores
from storage.candles import Held
from storage.census import load_arrivals, load_census
from storage.scores import ScoredArticle

STRONGEST_WORDS = 4
PARTS = 80  # of the span, in each of which a source's articles are counted
NO_WORDS = "(no longer held)"  # title and text were taken out: newscandle prune
LONGEST_TITLE = 140  # code points; a text without a title is shown by its opening words


def card_sample(
    house: House, window: Window, market: Held, series: AlignedSeries, as_of: dt.datetime | None = None
) -> SampleCard:
    """What the figures of this series are computed from; with `as_of`, of what newscandle knew by then."""
    catalogue = house.catalogue
    with database.read(house.engine) as connection:
        census = load_census(connection, window, as_of=as_of)
        arrivals = load_arrivals(connection, window, PARTS, as_of=as_of)
        states = scores.load_states(
            connection,
            target=series.target,
            scorer=series.scorer,
            catalogue=catalogue.digest,
            window=window,
            as_of=as_of,
        )
        gaps = candles.load_gaps(
            connection,
            venue=market.venue,
            symbol=market.symbol,
            interval=market.interval,
            window=window,
            as_of=as_of,
        )
    if market.venue == REFERENCE:  # no venue's ledger tells where two did not agree
        gaps = find_unpriced(house, market, window, as_of)
    return SampleCard(
        target=series.target,
        target_name=catalogue.name(series.target, "en"),
        start=window.start,
        end=window.end,
        interval=series.aggregation.interval.value,
        scorer=series.scorer,
        venue=market.venue,
        symbol=market.symbol,
        articles=census.articles,
        articles_mentioning=states[State.SCORED] + states[State.NO_SIGNAL],
        states=tuple((state.value, number) for state, number in states.items()),
        sources=census.sources,
        languages=census.languages,
        availability_assumed=census.availability_assumed,
        bars_expected=series.length,
        bars_with_price=int(np.isfinite(series.close).sum()),
        bars_with_sentiment=int(np.isfinite(series.sentiment).sum()),
        gaps=tuple(_clip(gap, window) for gap in gaps),
        is_sample=house.settings.report.is_sample,
        notes=_notes(house, market, series, window, census.articles - sum(states.values()), as_of),
        arrivals=tuple(arrivals.items()),
    )


def _clip(gap: Gap, window: Window) -> GapLine:
    """The part of a hole that lies in `window`: how far it goes on after that nobody could know there."""
    inside = replace(gap, start=max(gap.start, window.start), end=min(gap.end, window.end))
    return GapLine(inside.start, inside.end, inside.bars, inside.reason)


def _notes(
    house: House, market: Held, series: AlignedSeries, window: Window, unread: int, as_of: dt.datetime | None
) -> tuple[str, ...]:
    interval = series.aggregation.interval
    notes = [
        word(
            "An article counts from the bar on in which its first revision could be known; later edits do not count."
            if series.aggregation.window_seconds
            else "An article counts once, in the bar in which its first revision could be known; later edits do not "
            "count."
        )
    ]
    if as_of is not None:
        known = word(
            "As of {instant}: articles, scores, candles and points of the series as known "
            "then; what came later is left out. Settings and code are those of the run that made this report.",
            instant=format_instant(as_of),
        )
        notes.insert(0, known)
    if market.interval is not interval:
        notes.append(
            word(
                "Bars of {interval} are made of whole {candles} candles, or not made.",
                interval=interval.value,
                candles=market.interval.value,
            )
        )
    if market.venue == REFERENCE:
        notes.append(describe_reference(house, market, window, as_of))
    notes += describe(series.aggregation)
    unaligned = (window.end - window.start) // interval.duration - series.length
    if unaligned > 0:
        notes.append(
            word(
                "{number} bars of the window are not aligned yet and missing here: run `newscandle align`."
                if as_of is None
                else "{number} bars of the window were not aligned then.",
                number=unaligned,
            )
        )
    if unread > 0:
        notes.append(
            word(
                "{number} articles of the window are not yet scored: run `newscandle score`."
                if as_of is None
                else "{number} articles of the window were not scored then.",
                number=unread,
            )
        )
    return tuple(notes)


def weigh_articles(
    house: House, window: Window, series: AlignedSeries, as_of: dt.datetime | None = None
) -> tuple[WeightyArticle, ...]:
    """The ten articles that moved the series most, with their strongest words; with `as_of`, of those known by then."""
    with database.read(house.engine) as connection:
        columns = scores.load_columns(
            connection,
            target=series.target,
            scorer=series.scorer,
            catalogue=house.catalogue.digest,
            window=series.aggregation.news_window(window),
            with_origins=series.aggregation.asks_origins,
            with_stories=series.aggregation.asks_stories,
            as_of=as_of,
        )
        rows, shares = weigh(columns, series)
        chosen = [int(columns.revision[row]) for row in rows]
        found = scores.load_weighty(
            connection, chosen, target=series.target, scorer=series.scorer, catalogue=house.catalogue.digest
        )
        untitled = [item.revision for item in found if not item.title.strip()]
        openings = {stored.id: stored.article.text or NO_WORDS for stored in articles.load(connection, untitled)}
    by_revision = {item.revision: replace(item, title=item.title or openings[item.revision]) for item in found}
    return tuple(_describe(by_revision[revision], float(share)) for revision, share in zip(chosen, shares, strict=True))


def _describe(item: ScoredArticle, share: float) -> WeightyArticle:
    evidence = {
        (one.start, one.end): (one.word, one.weight)
        for mention in item.mentions
        for one in mention.evidence
        if one.weight
    }
    strongest = sorted(evidence.values(), key=lambda pair: (-abs(pair[1]), pair[0]))
    words = list(dict.fromkeys((word.lower(), round(weight, 3)) for word, weight in strongest))
    return WeightyArticle(
        title=shorten(item.title, width=LONGEST_TITLE, placeholder=" …"),
        url=item.url,
        source=item.source,
        language=item.language,
        available_at=item.available_at,
        score=item.score or 0.0,
        relevance=item.relevance,
        share=share,
        words=tuple(words[:STRONGEST_WORDS]),
    )
