"""Articles are kept once each, edits beside them, and come back as they were."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from service.errors import BadInput
from service.instants import Window
from service.news.article import UNDATED, Dated, InstantOrigin, Skipped
from storage import articles, database, lookup, schema, scores
from storage import unread as waiting
from storage.census import Census, load_arrivals, load_census
from storage.upsert import Saved
from tests.storage.builders import CATALOGUE, SCORER, a_reading, an_article, at


def save(engine: sa.Engine, *some: object, hours: float = 100) -> Saved:
    with database.begin(engine) as connection:
        return articles.save(connection, some, recorded_at=at(hours))  # type: ignore[arg-type]


def unread(engine: sa.Engine, **changes: object) -> list[waiting.Unread]:
    asked = {"scorers": [SCORER], "catalogue": CATALOGUE, "limit": 100} | changes
    with database.read(engine) as connection:
        return waiting.load(connection, **asked)  # type: ignore[arg-type]


def test_an_article_comes_back_equal(engine: sa.Engine) -> None:
    """Every field survives, to the microsecond, with text in any script."""
    saved = an_article(
        text="Koers stijgt 📈 naar €60.000",
        modified=Dated(at(1) + dt.timedelta(microseconds=1), InstantOrigin.PAGE, "raw", zone_assumed=True),
        available_at=at(2) + dt.timedelta(microseconds=999_999),
        is_assumed=True,
        published=Dated(None, InstantOrigin.FEED, "wo, 32 jan", reason="date_unreadable"),
    )
    assert save(engine, saved) == Saved(new=1)
    assert [one.article for one in unread(engine)] == [saved]


def test_instants_of_another_zone_come_back_as_the_same_instant_in_utc(engine: sa.Engine) -> None:
    there = dt.timezone(dt.timedelta(hours=5))
    save(engine, an_article(first_seen_at=at(0).astimezone(there)))
    (one,) = unread(engine)
    assert one.article.first_seen_at == at(0)
    assert one.article.first_seen_at.tzinfo is dt.UTC


def test_saving_again_changes_nothing(engine: sa.Engine) -> None:
    some = [an_article(name) for name in "abc"]
    assert save(engine, *some, *some) == Saved(new=3, unchanged=3)
    assert save(engine, *some, hours=200) == Saved(unchanged=3)
    assert len(unread(engine)) == 3


def test_an_edit_is_a_further_revision_and_the_first_stays(engine: sa.Engine) -> None:
    first, edited = an_article(text="Bitcoin rises."), an_article(text="Bitcoin falls.", hours=1)
    save(engine, first)
    assert save(engine, edited) == Saved(revised=1)
    assert save(engine, first) == Saved(unchanged=1)
    assert [one.article for one in unread(engine)] == [first, edited]
    with database.read(engine) as connection:
        numbers = connection.execute(sa.select(schema.revision.c.number).order_by(schema.revision.c.id)).scalars()
        assert list(numbers) == [1, 2]


def read_tellings(engine: sa.Engine) -> list[tuple[int, int, int]]:
    """Number, revision and whether it is a return, in order."""
    with database.read(engine) as connection:
        rows = connection.exec_driver_sql("SELECT telling, revision, is_return FROM v_tellings ORDER BY telling")
        return [(row[0], row[1], int(row[2])) for row in rows]


def read_now(engine: sa.Engine, as_of: dt.datetime | None = None) -> str | None:
    with database.read(engine) as connection:
        found = lookup.load_latest(connection, an_article().key, as_of=as_of)
        current = connection.exec_driver_sql("SELECT text FROM v_articles WHERE is_current").scalars().all()
    told = None if found is None else found.article.text.partition("\n")[2]
    assert as_of is not None or [text.partition("\n")[2] for text in current] == [told]
    return told


def test_an_article_that_goes_back_to_an_earlier_text_reads_so_again(engine: sa.Engine) -> None:
    """A → B → A → B: each from when it was known, the texts themselves stored once, further edits numbered after."""
    rises, falls, stays = (an_article(text=text) for text in ("rises", "falls", "stays"))
    told = [
        save(engine, replace(one, first_seen_at=at(n), available_at=at(n)), hours=n)
        for n, one in enumerate((rises, falls, rises, falls))
    ]
    assert told == [Saved(new=1), *[Saved(revised=1)] * 3]
    assert read_now(engine) == "falls"
    save(engine, replace(stays, first_seen_at=at(4), available_at=at(4)), hours=4)
    assert [read_now(engine, at(hours)) for hours in (-1, 0, 1, 2, 3, 4)] == [
        None,
        "rises",
        "falls",
        "rises",
        "falls",
        "stays",
    ]
    assert read_tellings(engine) == [(1, 1, 0), (2, 2, 0), (3, 1, 1), (4, 2, 1), (5, 5, 0)]
    assert len(unread(engine)) == 3


def test_a_return_is_known_when_it_could_be_and_when_it_was_stored(engine: sa.Engine) -> None:
    """Seen at hour 2, published ahead for hour 5, stored at hour 4."""
    save(engine, an_article(text="rises"), hours=0)
    save(engine, an_article(text="falls", hours=1), hours=1)
    save(engine, an_article(text="rises", first_seen_at=at(2), available_at=at(5)), hours=4)
    assert [read_now(engine, at(hours)) for hours in (3, 4.5, 5)] == ["falls", "falls", "rises"]


def test_what_is_no_return(engine: sa.Engine) -> None:
    """An old look stored late, an archive, a run again, and a source that gives both texts at every look."""
    rises, falls = an_article(text="rises"), an_article(text="falls", hours=1)
    save(engine, rises, falls)
    assert save(engine, replace(rises, first_seen_at=at(1))) == Saved(unchanged=1)
    assert save(engine, replace(rises, first_seen_at=at(9), is_assumed=True)) == Saved(unchanged=1)
    both = [replace(one, first_seen_at=at(9)) for one in (rises, falls)]
    assert save(engine, *both) == save(engine, *reversed(both)) == Saved(unchanged=2)
    again = replace(rises, first_seen_at=at(10))
    assert save(engine, again, again) == Saved(revised=1, unchanged=1)
    assert save(engine, rises, falls, again) == Saved(unchanged=3)
    assert read_now(engine) == "rises"


def test_a_text_edited_and_taken_back_within_one_call(engine: sa.Engine) -> None:
    looks = [an_article(text=text, hours=hour) for hour, text in enumerate(("rises", "falls", "rises"))]
    assert save(engine, *looks) == Saved(new=1, revised=2)
    assert save(engine, *looks) == Saved(unchanged=3)
    assert read_now(engine) == "rises"


def test_within_one_call_the_earliest_seen_is_the_first_revision(engine: sa.Engine) -> None:
    first, edited = an_article(text="Bitcoin rises."), an_article(text="Bitcoin falls.", hours=1)
    assert save(engine, edited, first) == Saved(new=1, revised=1)
    assert [one.article for one in unread(engine)] == [first, edited]


def test_the_same_story_under_another_address_of_its_source_is_not_stored_twice(engine: sa.Engine) -> None:
    story = an_article("a")
    copy = replace(story, url="https://news.example/section/a")
    elsewhere = replace(story, url="https://other.example/a", source="other")
    next_day = replace(story, url="https://news.example/b", published=Dated(at(24), InstantOrigin.FEED))
    assert save(engine, story, copy) == Saved(new=1, same_story=1)
    assert save(engine, copy, elsewhere, next_day) == Saved(new=2, same_story=1)


def test_undated_copies_are_the_same_story_too(engine: sa.Engine) -> None:
    story = an_article("a", published=UNDATED)
    assert save(engine, story, replace(story, url="https://news.example/b")) == Saved(new=1, same_story=1)


def test_more_articles_than_go_to_the_driver_at_once(engine: sa.Engine) -> None:
    some = [an_article(str(number), text=str(number)) for number in range(5_100)]
    assert save(engine, *some) == Saved(new=5_100)
    assert save(engine, *some) == Saved(unchanged=5_100)
    loaded = unread(engine, limit=10_000)
    assert {one.article.url for one in loaded} == {one.url for one in some}


def test_text_that_databases_refuse_is_kept_with_its_length(engine: sa.Engine) -> None:
    """NUL (PostgreSQL) and lone surrogates (both) are replaced one for one: offsets of passages still fit."""
    saved = an_article(text="nul \x00 here", guid="half \ud83d pair", tags=("\x00",))
    save(engine, saved)
    (one,) = unread(engine)
    assert one.article == replace(
        saved, text=saved.text.replace("\x00", "\ufffd"), guid="half \ufffd pair", tags=("\ufffd",)
    )
    assert save(engine, saved) == Saved(unchanged=1)


def test_a_naive_instant_is_refused_and_nothing_is_written(engine: sa.Engine) -> None:
    with pytest.raises(BadInput, match="first_seen_at"):
        save(engine, an_article("a"), an_article("b", first_seen_at=dt.datetime(2024, 1, 1)))  # noqa: DTZ001
    with pytest.raises(BadInput, match="recorded_at"), database.begin(engine) as connection:
        articles.save(connection, [an_article()], recorded_at=dt.datetime(2024, 1, 1))  # noqa: DTZ001
    with pytest.raises(BadInput, match="naive"), database.begin(engine) as connection:
        connection.execute(
            sa.select(schema.revision).where(schema.revision.c.available_at > dt.datetime(2024, 1, 1))  # noqa: DTZ001
        )
    assert unread(engine) == []


def test_unread_is_by_scorer_and_catalogue_in_id_order_and_in_portions(engine: sa.Engine) -> None:
    save(engine, *(an_article(name) for name in "abcd"))
    first, second, *_ = ids = [one.id for one in unread(engine)]
    assert ids == sorted(ids)
    with database.begin(engine) as connection:
        scores.save(connection, [(second, a_reading())], scored_at=at(1))
    assert [one.id for one in unread(engine)] == [first, *ids[2:]]
    assert [one.id for one in unread(engine, after=first, limit=1)] == [ids[2]]
    assert len(unread(engine, scorers=["rules/2"])) == len(unread(engine, catalogue="d" * 32)) == 4


def test_load_gives_the_ids_asked_for_that_are_there(engine: sa.Engine) -> None:
    save(engine, an_article("a"), an_article("b"))
    first, second = unread(engine)
    with database.read(engine) as connection:
        found = articles.load(connection, [second.id, first.id, 10**9])
        assert [(one.id, one.article) for one in found] == [(one.id, one.article) for one in (first, second)]
        assert articles.load(connection, []) == []


def test_the_census_counts_first_revisions_of_the_window(engine: sa.Engine) -> None:
    save(
        engine,
        an_article("a"),
        an_article("a", text="edited", hours=0.5),
        an_article("b", source="other", language="nl", is_assumed=True),
        an_article("c", language="nl"),
        an_article("late", hours=5),
        hours=3,
    )
    window = Window(at(0), at(5))
    with database.read(engine) as connection:
        census = load_census(connection, window)
        assert census == Census(3, (("example", 2), ("other", 1)), (("nl", 2), ("en", 1)), 1)
        arrivals = load_arrivals(connection, window, 4)
        assert {source: sum(counts) for source, counts in arrivals.items()} == dict(census.sources)
        assert load_arrivals(connection, window, 4, as_of=at(2)) == {}
        assert load_census(connection, window, as_of=at(2)).articles == 0
        assert load_census(connection, window, as_of=at(3)) == census


def test_what_is_skipped_is_counted_and_kept_once(engine: sa.Engine) -> None:
    again = [Skipped("malformed", "x", "first"), Skipped("malformed", "x", "second"), Skipped("too_large", "y \x00")]
    told = {"source": "s", "stage": "entry"}
    with database.begin(engine) as connection:
        assert articles.save_skipped(connection, again, **told, recorded_at=at(0)) == Saved(new=2)
        assert articles.save_skipped(connection, again[:1], **told, recorded_at=at(1)) == Saved(unchanged=1)
        assert articles.save_skipped(connection, [], **told, recorded_at=at(1)) == Saved()
    with database.read(engine) as connection:
        rows = connection.execute(sa.select(schema.skipped).order_by(schema.skipped.c.reason)).all()
    assert [(row.reason, row.what, row.detail, row.count) for row in rows] == [
        ("malformed", "x", "first", 3),
        ("too_large", "y \ufffd", "", 1),
    ]
    assert (rows[0].first_recorded_at, rows[0].last_recorded_at) == (at(0), at(1))
