"""An article by its key: the newest revision, exactly as it was saved."""

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa

from storage import articles, database, lookup
from tests.sentiment.articles import NOON, make_article


def test_the_newest_revision_is_found_by_key(engine: sa.Engine) -> None:
    first = make_article(("title", "Bitcoin plunges"), ("promo", "Buy now"))
    later = NOON + dt.timedelta(hours=1)
    edited = replace(first, text="Bitcoin gained\n\nBuy now", first_seen_at=later, available_at=later)
    other = make_article(("title", "Rain"), url="https://a.example/2")
    with database.begin(engine) as connection:
        articles.save(connection, [first, other], recorded_at=NOON)
        articles.save(connection, [edited], recorded_at=later)
    with database.read(engine) as connection:
        found = lookup.load_latest(connection, first.key)
        assert found is not None
        assert found.article == edited
        assert lookup.load_latest(connection, "0" * 32) is None
