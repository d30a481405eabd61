"""The queries on quotes and events in the page for quants run as they stand there, on both databases."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.sentiment import rules, targets
from service.sentiment.extraction import extract, extractors
from service.sentiment.prepared import prepare
from service.sentiment.toward import score_prepared
from storage import articles, database, extractions, scores, unread
from storage.instant_column import to_micros
from tests.sentiment.articles import make_article
from tests.storage.builders import an_article, at

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quants.md"
CATALOGUE = targets.load()
TEXTS = (
    'Nayib Bukele said: "Bitcoin is a brilliant success and a great triumph."',
    'Donald Trump said: "Bitcoin is a terrible scam and a horrible fraud." The SEC sues Binance over tokens.',
)


def read_query(engine: sa.Engine, view: str) -> str:
    """The page's query on `view`, spelt for the database as the page says."""
    (query,) = [one for one in re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) if view in one]
    if engine.dialect.name == "postgresql":
        theirs, ours = re.findall(r"`(json_[^`]*)`", PAGE.read_text("utf-8"))[:2]
        assert ours in query or view != "v_quotes"
        query = query.replace(ours, theirs)
    return str(query)


@pytest.fixture
def told(engine: sa.Engine) -> sa.Engine:
    """A store in which two articles are scored and read for quotes and events."""
    some = [make_article(("body", text), url=f"https://news.example/{place}") for place, text in enumerate(TEXTS)]
    with database.begin(engine) as connection:
        articles.save(connection, some, recorded_at=at(0))
        waiting = unread.load(connection, scorers=["x"], catalogue="x", limit=9)
        ready = [prepare(one.article, CATALOGUE) for one in waiting]
        read = score_prepared(ready, catalogue=CATALOGUE, scorer=rules.build())
        ids = [one.id for one in waiting]
        scores.save(connection, list(zip(ids, read, strict=True)), scored_at=at(1))
        found = [
            (row, extract(one, catalogue=CATALOGUE, extractor=extractor))
            for row, one in zip(ids, ready, strict=True)
            for extractor in extractors()
        ]
        extractions.save(connection, found, extracted_at=at(1))
    return engine


def ask(engine: sa.Engine, view: str) -> list[Any]:
    with database.read(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.text(read_query(engine, view)))]


def test_who_speaks_ill_and_who_well(told: sa.Engine) -> None:
    ill, well = ask(told, "v_quotes")
    assert ill[:3] == ("trump", "bitcoin", 1)
    assert well[:3] == ("bukele", "bitcoin", 1)
    assert ill[3] < -0.3 < 0.3 < well[3]


def test_what_was_told_of_by_month(told: sa.Engine) -> None:
    assert ("2025-05", "lawsuit", 1) in ask(told, "v_events")


def test_how_an_article_read_at_an_instant(engine: sa.Engine) -> None:
    """The page's instant is 2024-01-31T21:30Z, half an hour after the first text."""
    instant = str(to_micros(at(0.5)))
    assert instant in read_query(engine, "v_tellings")
    texts = [an_article(text=text, hours=hours) for hours, text in enumerate(("rises", "falls", "rises"))]
    with database.begin(engine) as connection:
        for hours, one in enumerate(texts):
            articles.save(connection, [one], recorded_at=at(hours))
        for hours, told in ((0.5, (1, 0)), (1.5, (2, 0)), (2.5, (1, 1))):
            query = read_query(engine, "v_tellings").replace(instant, str(to_micros(at(hours))))
            [row] = connection.exec_driver_sql(query)
            assert (row.revision, int(row.is_return)) == told
        query = read_query(engine, "v_tellings").replace(instant, str(to_micros(at(-1))))
        assert connection.exec_driver_sql(query).all() == []
