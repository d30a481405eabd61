"""What a soak left in the store, held against what its world gave: every item and every bar, once and unaltered."""

from collections.abc import Iterator

import sqlalchemy as sa

from benchmarks.soak_run import Soak
from benchmarks.soak_time import HOUR, START

_LATELY = 8 * HOUR


def compare_content(soak: Soak, engine: sa.Engine) -> Iterator[str]:
    """What is missing, double, or not as it was given."""
    with engine.connect() as connection:
        yield from _compare_news(soak, connection)
        yield from _compare_candles(soak, connection)


def _compare_news(soak: Soak, connection: sa.Connection) -> Iterator[str]:
    """An item that was given in a whole answer is held, but for what came last; and each is one article, unedited."""
    rows = connection.exec_driver_sql(
        "SELECT a.source, a.url, count(r.id) FROM article a JOIN revision r ON r.article_id = a.id "
        "GROUP BY a.id, a.source, a.url"
    ).all()
    held: dict[tuple[str, int], int] = {}
    for source, url, _ in rows:
        feed, _, number = url.partition("/a/")[2].partition("/")
        if feed != source:
            yield f"news: {url} is held of {source}"
        held[source, int(number)] = held.get((source, int(number)), 0) + 1
    yield from (f"news: {name}/{number} is held {times} times" for (name, number), times in held.items() if times > 1)
    yield from (f"news: {url} has {number} texts" for _, url, number in rows if number != 1)
    for feed in soak.feeds:
        given = soak.stage.web.shown[feed.name]
        # what was given while nothing could be stored may be gone from the feed before anything can
        lost = [one for one in given if (feed.name, one) not in held and feed.items[one] < soak.timeline.now - _LATELY]
        if lost:
            yield f"news: {feed.name} gave {len(given)} items, of which {len(lost)} are not held: {sorted(lost)[:5]}"
        more = [number for name, number in held if name == feed.name and number not in given]
        if more:
            yield f"news: {feed.name}: held and never given whole: {more[:5]}"


def _compare_candles(soak: Soak, connection: sa.Connection) -> Iterator[str]:
    """Each bar is that of the venue, to the digit, and was over when it was fetched; none is missing in between."""
    rows = connection.exec_driver_sql(
        "SELECT m.venue, c.open_at / 1000, c.open, c.high, c.low, c.close, c.volume, c.fetched_at FROM candle c "
        "JOIN market m ON m.id = c.market_id ORDER BY m.venue, c.open_at"
    ).all()
    bars = soak.venues.bars
    newest: dict[str, int] = {}
    for venue, millis, *figures, fetched_at in rows:
        if tuple(figures) != bars[int(millis)][1:]:
            yield f"candles: {venue} {int(millis)} is {figures}, was {bars[int(millis)]}"
        if int(millis) / 1000 + HOUR > fetched_at / 1e6 + 1:
            yield f"candles: {venue} {int(millis)} was not over when it was fetched"
        newest[venue] = int(millis)
    if not rows:
        yield "candles: none"
        return
    held = {int(row[1]) for row in rows}
    since, until = min(held) // 1000, START.timestamp() + soak.timeline.now - 2 * HOUR
    missing = [at for at in bars if since <= at // 1000 < until and at not in held]
    if missing:
        yield f"candles: {len(missing)} of {len(bars)} hours are held of no venue"
