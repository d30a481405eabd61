"""Quotes and events are kept once for each version that found them, come back as they were, and are shown once."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from service.errors import BadInput
from service.instants import Window
from service.sentiment import targets
from service.sentiment.extraction import Extracted, Extractor, extract, extractors
from service.sentiment.prepared import prepare
from service.sentiment.quotes import Quote
from storage import articles, database, extractions, schema, unread
from storage.upsert import Saved
from tests.sentiment.articles import make_article
from tests.storage.builders import CATALOGUE, an_article, at, some_events, some_quotes

WHOLE = Window(at(-1000), at(10_000))
OURS: dict[str, Any] = {"version": "1", "catalogue": CATALOGUE, "window": WHOLE}
PACKAGED = targets.load()


def store(engine: sa.Engine, *some: object, hours: float = 1) -> list[int]:
    """Save articles; their row ids in the order they came."""
    with database.begin(engine) as connection:
        articles.save(connection, some, recorded_at=at(hours))  # type: ignore[arg-type]
        return [one.id for one in unread.load(connection, scorers=["x"], catalogue=CATALOGUE, limit=100)]


def save(engine: sa.Engine, *found: tuple[int, Extracted], hours: float = 2) -> Saved:
    with database.begin(engine) as connection:
        return extractions.save(connection, found, extracted_at=at(hours))


def select(engine: sa.Engine, statement: str) -> list[tuple[Any, ...]]:
    with database.read(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_what_was_found_comes_back_equal(engine: sa.Engine) -> None:
    """Speakers in any script, targets in their order, nothing where nothing was found."""
    first, second = store(engine, an_article("a"), an_article("b", hours=1))
    quotes, events = some_quotes(), some_events()
    saved = save(engine, (second, quotes), (first, events), (first, some_quotes(found=())))
    assert saved == Saved(new=3)
    with database.read(engine) as connection:
        said = extractions.load_quotes(connection, **OURS)
        told = extractions.load_events(connection, **OURS)
        assert extractions.load_quotes(connection, **OURS | {"version": "2"}) == []
        assert extractions.load_events(connection, **OURS | {"window": Window(at(1), at(2))}) == []
    assert [(one.revision, one.available_at, one.told) for one in said] == [
        (second, at(1), one) for one in quotes.found
    ]
    assert [(one.revision, one.available_at, one.told) for one in told] == [(first, at(0), one) for one in events.found]


def test_a_revision_is_read_once_by_each_version(engine: sa.Engine) -> None:
    """The same again changes nothing; a newer version stands beside the older, and the views show the newest only."""
    (article,) = store(engine, an_article())
    save(engine, (article, some_quotes()), (article, some_events()))
    assert save(engine, (article, some_quotes(found=())), (article, some_events()), hours=3) == Saved(unchanged=2)
    shown = "SELECT version, speaker, target FROM v_quotes ORDER BY position, target"
    before = [("1", "bukele", "bitcoin"), ("1", "bukele", "trump"), ("1", "Ann Öz", None)]
    assert select(engine, shown) == before
    save(engine, (article, some_quotes(Quote("sec", True, "said", 10, 17, ("trump",), True), version="2")), hours=4)
    assert select(engine, shown) == [("2", "sec", "trump")]
    assert select(engine, "SELECT version, kind, target FROM v_events ORDER BY position, target DESC") == [
        ("1", "ban", "sec"),
        ("1", "ban", "bitcoin"),
        ("1", "hack", None),
    ]
    assert select(engine, "SELECT count(*) FROM quote") == [(3,)], "the older ones are kept"
    save(engine, (article, some_quotes(found=(), version="3")), hours=5)
    assert select(engine, shown) == [], "the newest found none"


def test_the_past_is_read_as_it_was(engine: sa.Engine) -> None:
    """Known is what had been available, recorded and read by then."""
    (article,) = store(engine, an_article(hours=1), hours=2)
    save(engine, (article, some_quotes()), (article, some_events()), hours=3)
    for load in (extractions.load_quotes, extractions.load_events):
        with database.read(engine) as connection:
            counts = [len(load(connection, **OURS, as_of=at(hours))) for hours in (0, 1, 2, 2.9, 3, 4)]  # type: ignore[operator]
        assert counts == [0, 0, 0, 0, 2, 2]


def test_an_edit_is_read_too_but_the_flow_of_news_has_the_first_text_only(engine: sa.Engine) -> None:
    first, edit = store(engine, an_article(), an_article(text="edited", hours=1))
    save(engine, (first, some_quotes()), (edit, some_quotes()))
    with database.read(engine) as connection:
        assert {one.revision for one in extractions.load_quotes(connection, **OURS)} == {first}
    assert select(engine, "SELECT DISTINCT revision FROM v_quotes ORDER BY 1") == [(1,), (2,)]


def test_who_has_not_read_is_told_apart(engine: sa.Engine) -> None:
    """A new version of one extractor waits for the revisions that the other has read."""
    (article,) = store(engine, an_article())
    save(engine, (article, some_quotes()), (article, some_events()))
    old, new = Extractor("quotes", "2"), Extractor("events", "1")
    with database.read(engine) as connection:
        (waiting,) = unread.load(connection, scorers=["x"], extractors=[old, new], catalogue=CATALOGUE, limit=9)
        assert (waiting.scorers, waiting.extractors) == ({"x"}, {old})
        assert unread.load(connection, scorers=[], extractors=[new], catalogue=CATALOGUE, limit=9) == []
        assert len(unread.load(connection, scorers=[], extractors=[new], catalogue="d" * 32, limit=9)) == 1


TEXTS = {
    "en": (
        ("title", "Bukele speaks of bitcoin"),
        ("body", 'Nayib Bukele said: "We will keep buying bitcoin 📈 every day." The SEC sues Binance over tokens.'),
        ("promo", 'Donald Trump said: "We will give bitcoin away." Hackers steal 5 million in bitcoin from Binance.'),
        ("body", "Donald Trump said that the Federal Reserve is too slow. Hackers stole the jewels of a duke."),
    ),
    "nl": (
        ("title", "Bukele spreekt over bitcoin"),
        ("body", "“Wij houden elke dag meer van bitcoin 📈”, zei Nayib Bukele. De SEC klaagt Binance aan."),
        ("bio", "“Ik schrijf al jaren over bitcoin”, zei Donald Trump. China verbiedt bitcoin."),
        ("body", "Donald Trump zei dat de Federal Reserve te traag is."),
    ),
}


@pytest.mark.parametrize("language", TEXTS)
def test_who_said_what_of_whom_ends_in_the_views(engine: sa.Engine, language: str) -> None:
    """Direct and indirect speech and events of title and body with their very words; nothing of advert or biography."""
    made = make_article(*TEXTS[language], language=language, url=f"https://news.example/{language}")
    (article,) = store(engine, made)
    ready = prepare(made, PACKAGED)
    save(engine, *((article, extract(ready, catalogue=PACKAGED, extractor=one)) for one in extractors()))
    told = "speaker, target, is_direct, words, url, available_at_us, speaker_is_target"
    rows = select(engine, f"SELECT {told} FROM v_quotes ORDER BY position")
    bought = {"en": "We will keep buying bitcoin 📈 every day", "nl": "Wij houden elke dag meer van bitcoin 📈"}
    slow = {"en": "the Federal Reserve is too slow", "nl": "de Federal Reserve te traag is"}
    known = int(made.available_at.timestamp()) * 1_000_000
    assert rows == [
        ("bukele", "bitcoin", True, bought[language], made.url, known, True),
        ("trump", "federal-reserve", False, slow[language], made.url, known, True),
    ]
    events = select(engine, "SELECT kind, target, words FROM v_events ORDER BY position, target DESC")
    sued = {"en": "sues", "nl": "klaagt Binance"}[language]
    assert events[:2] == [("lawsuit", "sec", sued), ("lawsuit", "binance", sued)]
    assert events[2:] == ([("hack", None, "Hackers")] if language == "en" else [])


def test_a_language_nobody_reads_is_read_once_and_tells_nothing(engine: sa.Engine) -> None:
    """Not the same as a text in which nothing was found, and not asked for again."""
    made = make_article(("body", "Bukele a dit: « Nous achetons du bitcoin. »"), language="fr")
    (article,) = store(engine, made)
    found = [extract(prepare(made, PACKAGED), catalogue=PACKAGED, extractor=one) for one in extractors()]
    save(engine, *((article, one) for one in found), (article, some_quotes(found=())))
    with database.read(engine) as connection:
        waiting = unread.load(connection, scorers=[], extractors=extractors(), catalogue=PACKAGED.digest, limit=9)
        flags = list(connection.scalars(sa.select(schema.extracted.c.is_language_read)))
    assert waiting == []
    assert sorted(flags) == [False, False, True]
    assert select(engine, "SELECT * FROM v_quotes") == []


def test_words_a_database_cannot_hold_are_stored_one_for_one(engine: sa.Engine) -> None:
    (article,) = store(engine, an_article())
    save(engine, (article, some_quotes(Quote("A\x00n \ud800", False, "said", 0, 5, (), True))))
    assert select(engine, "SELECT speaker FROM v_quotes") == [("A\ufffdn \ufffd",)]


def test_a_naive_instant_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(BadInput), database.begin(engine) as connection:
        extractions.save(connection, [], extracted_at=dt.datetime(2024, 1, 1))  # noqa: DTZ001
