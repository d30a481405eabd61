"""A process that works on the store until it is done or killed: the same steps, each one transaction, every time."""

from collections.abc import Callable
from multiprocessing.synchronize import Barrier

import sqlalchemy as sa

from service.instants import Interval, Window
from service.market.candle import Gap, Quarantined
from service.news.article import Skipped
from service.news.bulk.gdelt import Opinion
from service.news.stories.prints import take
from service.news.stories.shelf import place_all
from storage import (
    aliases,
    articles,
    candles,
    database,
    digest,
    extractions,
    opinions,
    reports,
    runs,
    scores,
    series,
    stories,
    unread,
)
from storage.aliases import Alias
from tests.storage.builders import (
    CATALOGUE,
    SCORER,
    a_candle,
    a_reading,
    a_score,
    a_series,
    an_article,
    at,
    some_events,
    some_quotes,
)

Step = Callable[[sa.Connection], object]

ARTICLES, CANDLES, PART = 90, 600, 15
MARKET = {"venue": "coinbase", "symbol": "BTC/USD", "interval": Interval.H1}
WINDOW = Window(at(0), at(CANDLES))


def _save_articles(first: int) -> Step:
    # every third article is edited at once, every sixth goes back, every part repeats some of the one before
    numbers = range(max(0, first - 4), first + PART)
    some = [an_article(f"n{number}", text=f"Bitcoin {number}", hours=number) for number in numbers]
    some += [an_article(f"n{number}", text="edited", hours=number + 1) for number in numbers if number % 3 == 0]
    some += [
        an_article(f"n{number}", text=f"Bitcoin {number}", hours=number + 2) for number in numbers if not number % 6
    ]
    named = [Alias(one.key, f"{one.url}/moved", one.source, one.first_seen_at) for one in some[:3]]
    skips = [Skipped("malformed", f"entry {number}") for number in numbers if number % 5 == 0]

    def step(connection: sa.Connection) -> None:
        articles.save(connection, some, recorded_at=at(first))
        aliases.save(connection, named, recorded_at=at(first))
        articles.save_skipped(connection, skips, source="example", stage="entry", recorded_at=at(first))

    return step


def _save_candles(first: int) -> Step:
    hours = [hour for hour in range(first, first + CANDLES // 8) if hour % 50 != 7]
    printed = [a_candle(hour, close=9.5 + hour % 8 / 4) for hour in hours]
    restated = [a_candle(hour, close=11.5, fetched_at=at(5000)) for hour in hours if hour % 40 == 0]
    refused = [Quarantined("off_grid", "coinbase", "BTC/USD", Interval.H1, at(first + 0.5), "row")]
    holes = [
        Gap("coinbase", "BTC/USD", Interval.H1, at(hour), at(hour + 1), "unfetched")
        for hour in range(first, first + CANDLES // 8)
        if hour % 50 == 7
    ]

    def step(connection: sa.Connection) -> None:
        candles.save(connection, printed)
        candles.save(connection, restated)
        candles.save_quarantined(connection, refused, noticed_at=at(first))
        window = Window(at(first), at(first + CANDLES // 8))
        candles.replace_gaps(connection, **MARKET, window=window, gaps=holes, noticed_at=at(first))  # type: ignore[arg-type]

    return step


def _score(connection: sa.Connection) -> bool:
    found = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=PART)
    readings = [
        (one.id, a_reading(a_score("bitcoin", len(one.article.text) / 100), a_score("trump", None))) for one in found
    ]
    beside = [(row, a_reading(a_score("bitcoin", -0.5), scorer="linear/1")) for row, _ in readings]
    scores.save(connection, [*readings, *beside], scored_at=at(9000))
    told = [(one.id, some) for one in found for some in (some_quotes(), some_events())]
    extractions.save(connection, told, extracted_at=at(9000))
    return bool(found)


def _tell_stories(connection: sa.Connection) -> None:
    taken = [take(told) for told in stories.load_unplaced(connection, limit=10_000)]
    placed = place_all(taken, lambda _: frozenset())
    stories.save(connection, [(placed[one.told.revision], one.keys) for one in taken], recorded_at=at(9000))


def _save_series(bars: int) -> Step:
    def step(connection: sa.Connection) -> None:
        made = a_series(bars)
        columns = scores.load_columns(
            connection, target="bitcoin", scorer=SCORER, catalogue=CATALOGUE, window=Window(at(-1), at(1000))
        )
        made.sentiment[:] = columns.score.sum()
        series.save(connection, made, catalogue=CATALOGUE, recorded_at=at(9001))

    return step


def _save_opinions(connection: sa.Connection) -> None:
    figures = {"tone": -1.5, "positive": 1.0, "negative": 2.5, "polarity": 3.5, "words": 90, "language": "nld"}
    names = dict.fromkeys(("themes", "persons", "organisations", "names"), ("A", "é"))
    told = Opinion(  # type: ignore[call-arg]
        source="gdelt",
        record="r1",
        url="https://example/1",
        site="example",
        available_at=at(1),
        **figures,
        **names,  # type: ignore[arg-type]
    )
    opinions.save(connection, [told, told], recorded_at=at(2))


def _save_report(connection: sa.Connection) -> None:
    document = {"bars": len(candles.load_columns(connection, **MARKET, window=WINDOW).open_at)}  # type: ignore[arg-type]
    told = {"target": "bitcoin", "window": WINDOW, "settings_digest": "s", "html_name": "r.html", "verdicts": ["x"]}
    reports.save(connection, document=document, made_at=at(9002), trials={"s": 3}, **told)  # type: ignore[arg-type]


def work(url: str) -> None:
    """Lay the schema, then ingest, fetch, score, align and report, from the beginning, whatever is there already."""
    engine = database.open_engine(url)
    database.migrate(engine)
    with database.begin(engine) as connection:
        run_id = runs.start(connection, "run", started_at=at(0))
    for first in range(0, ARTICLES, PART):
        with database.begin(engine) as connection:
            _save_articles(first)(connection)
    for first in range(0, CANDLES, CANDLES // 8):
        with database.begin(engine) as connection:
            _save_candles(first)(connection)
    more = True
    while more:
        with database.begin(engine) as connection:
            more = _score(connection)
    with database.begin(engine) as connection:
        _tell_stories(connection)
    with database.begin(engine) as connection:
        _save_opinions(connection)
    for bars in (200, 300):
        with database.begin(engine) as connection:
            _save_series(bars)(connection)
    with database.begin(engine) as connection:
        _save_report(connection)
        runs.finish(connection, run_id, finished_at=at(1), outcome="done", counts={})
    engine.dispose()


def start_together(url: str, barrier: Barrier) -> None:
    """Wait for the others, then be the first to open the store; exits with 1 if that raises."""
    barrier.wait()
    engine = database.open_engine(url)
    database.migrate(engine)
    database.check(engine)
    with database.begin(engine) as connection:
        articles.save(connection, [an_article("first")], recorded_at=at(0))
    engine.dispose()


def hold_the_pen(url: str, held: Barrier, let_go: Barrier) -> None:
    """Write, wait in mid-transaction until told to go on, then commit."""
    engine = database.open_engine(url)
    with database.begin(engine) as connection:
        articles.save(connection, [an_article("theirs")], recorded_at=at(0))
        held.wait()
        let_go.wait()
    engine.dispose()


def digest_of(url: str) -> dict[str, str]:
    """The digests of the store at `url`."""
    engine = database.open_engine(url)
    with database.read(engine) as connection:
        found = digest.digest(connection)
    engine.dispose()
    return found
