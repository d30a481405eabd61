"""What a policy takes out goes, and nothing else does: scores, hashes, instants, totals and seals stay."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from service.news.article import Skipped
from service.news.identity import Likeness, Ruling, decide, read_said
from service.slots import DONE, WAITING
from storage import articles, counts, database, digest, prune, runs, schema, seals, slots, unread
from storage.pruned import find_pruned
from storage.slots import Listed
from tests.storage.builders import CATALOGUE, SCORER, an_article, at
from tests.storage.test_seals import broken_parts, seal_all
from tests.storage.victim import work

BEFORE, NOW = at(40), at(20_000)


def prune_all(
    engine: sa.Engine, what: str, before: dt.datetime = BEFORE, *, width: int = 2_000, titles: bool = True
) -> list[prune.Step]:
    """Every batch, each in a transaction of its own."""
    steps: list[prune.Step] = []
    first: int | None = 0
    while first is not None:
        with database.begin(engine) as connection:
            batch = prune.Batch(first, before, NOW, titles=titles, width=width)
            steps.append(prune.ACTS[what](connection, batch))
        first = steps[-1].next_id
    return steps


@pytest.fixture
def full(engine: sa.Engine) -> sa.Engine:
    """Every table of content filled, and sealed."""
    work(engine.url.render_as_string(hide_password=False))
    seal_all(engine, at(15_000))
    return engine


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[sa.Engine]:
    """The same on SQLite alone, not sealed."""
    work(sqlite_url)
    opened = database.open_engine(sqlite_url)
    yield opened
    opened.dispose()


def texts(engine: sa.Engine) -> list[tuple[object, ...]]:
    revision = schema.revision
    columns = (revision.c.id, revision.c.title, revision.c.text, revision.c.content_hash, revision.c.available_at)
    with database.read(engine) as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(revision.c.id))]


def digests(engine: sa.Engine) -> dict[str, str]:
    with database.read(engine) as connection:
        return digest.digest(connection)


def test_texts_go_and_all_that_was_read_in_them_stays(full: sa.Engine) -> None:
    """Told again they are the same articles, nobody reads them again, and the seals hold."""
    before, were = digests(full), texts(full)
    with database.read(full) as connection:
        counted = prune.count(connection, "texts", BEFORE)
    steps = prune_all(full, "texts", width=12)
    assert len(steps) > 3
    assert (sum(one.rows for one in steps), sum(one.characters for one in steps)) == counted
    now = texts(full)
    gone = {row[0] for row, was in zip(now, were, strict=True) if row != was}
    with database.read(full) as connection:
        old = set(
            connection.scalars(
                sa.text("SELECT id FROM revision WHERE available_at < :b AND recorded_at < :b"),
                {"b": int(BEFORE.timestamp() * 1e6)},
            )
        )
        assert gone == old == set(find_pruned(connection, [int(str(row[0])) for row in now]))
        assert 20 < len(gone) < len(now)
        left = set(connection.scalars(sa.text("SELECT DISTINCT revision_id FROM passage")))
        fresh = unread.load(connection, scorers=["new/1"], catalogue=CATALOGUE, limit=10_000)
    assert all(
        row == (*was[:2], "" if row[0] in gone else was[2], *was[3:]) for row, was in zip(now, were, strict=True)
    )
    assert left == {row[0] for row in now} - gone == {one.id for one in fresh}
    after = digests(full)
    assert {name for name in after if after[name] != before[name]} == {"revision", "passage"}
    assert broken_parts(full) == set()
    with database.read(full) as connection:
        assert seals.find_broken_chain(connection) == ""
    work(full.url.render_as_string(hide_password=False))
    assert (texts(full), digests(full)) == (now, after)
    assert prune_all(full, "texts") == [prune.Step(None)]


def test_what_is_not_what_was_sealed_is_left_for_the_doctor(on_sqlite: sa.Engine) -> None:
    full = on_sqlite
    seal_all(full, at(15_000))
    with full.begin() as connection:
        connection.execute(sa.text("UPDATE revision SET title = 'forged' WHERE id = 3"))
    were = texts(full)
    assert [(one.rows, one.left) for one in prune_all(full, "texts")] == [(0, 1), (0, 0)]
    assert texts(full) == were
    assert broken_parts(full) == {"revision"}


def test_unread_and_unplaced_texts_stay_and_untitled_ones_keep_their_opening(on_sqlite: sa.Engine) -> None:
    engine, long = on_sqlite, "Word " * 1_000
    with database.begin(engine) as connection:
        articles.save(connection, [an_article("late")], recorded_at=at(0))
        connection.execute(sa.text("DELETE FROM story_member WHERE revision_id = 2"))
        connection.execute(sa.text("UPDATE revision SET title = '', text = :long WHERE id = 3"), {"long": long})
    prune_all(engine, "texts")
    held = {row[0]: row[2] for row in texts(engine)}
    assert held[2]
    assert held[3] == long[: prune.OPENING]
    assert held[max(held)] == an_article("late").text, "nobody read it yet"  # type: ignore[type-var]
    with database.begin(engine) as connection:
        connection.execute(sa.text("DELETE FROM pruned_text"))
    prune_all(engine, "texts", titles=False)
    assert {(row[1], row[2]) for row in texts(engine) if row[0] in (1, 3)} == {("", "")}


def test_totals_do_not_go_back(engine: sa.Engine) -> None:
    """What is counted of slots, runs and skips is the same before, after, and after more of the same came."""
    with database.begin(engine) as connection:
        for hour in range(60):
            skips = [Skipped("malformed", f"{hour // 3}"), Skipped("too_large", f"{hour}")]
            articles.save_skipped(connection, skips, source="s", stage="entry", recorded_at=at(hour))
            number = runs.start(connection, "ingest", started_at=at(hour))
            outcome = "failed" if hour % 7 == 0 else "ok"
            runs.finish(connection, number, finished_at=at(hour + 0.25), outcome=outcome, counts={})
            slots.enter(
                connection,
                "ingest",
                [Listed(at(hour), at(hour), WAITING if hour in (2, 59) else DONE, slots=1 + hour % 2)],
            )
    seal_all(engine, at(15_000))

    def figures() -> dict[str, counts.By]:
        with database.read(engine) as connection:
            told = counts.count(connection, at(100), scorer=SCORER, targets=()).figures
        return {name: told[name] for name in told if "_total" in name or "duration_seconds_" in name}

    before = figures()
    assert before["skipped_total"] == {("entry", "malformed"): 60.0, ("entry", "too_large"): 60.0}
    removed = {what: sum(one.rows for one in prune_all(engine, what, width=7)) for what in ("skipped", "slots", "runs")}
    assert removed == {"skipped": 13 + 40, "slots": 39, "runs": 40}
    assert figures() == before
    assert broken_parts(engine) == set()
    with database.begin(engine) as connection:
        assert slots.count_waiting(connection) == 2
        articles.save_skipped(connection, [Skipped("malformed", "0")], source="s", stage="entry", recorded_at=at(70))
    assert prune_all(engine, "skipped")[0].rows == 0
    prune_all(engine, "skipped", at(1_000))
    now = figures()
    assert now["skipped_total"] == {("entry", "malformed"): 61.0, ("entry", "too_large"): 60.0}
    prune_all(engine, "slots", at(1_000))
    prune_all(engine, "runs", at(1_000))
    assert {name: figures()[name] for name in ("slots_total", "job_runs_total")} == {
        name: before[name] for name in ("slots_total", "job_runs_total")
    }
    with database.read(engine) as connection:
        assert [one.outcome for one in runs.recent(connection)] == ["ok", "failed"]


def test_old_entries_are_forgotten(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        for hour in range(60):
            connection.execute(
                sa.insert(schema.entry).values(key=f"{hour}", source="s", fingerprint="f", recorded_at=at(hour))
            )
    assert [one.rows for one in prune_all(engine, "entries", width=25)] == [25, 15]


def test_an_article_without_title_and_text_is_still_the_one_at_its_address() -> None:
    """A new GUID, or a new address under its GUID, makes no other article of it."""

    def a_likeness(url: str, guid: str, title: str, text: str) -> Likeness:
        return Likeness(url, "s", guid, read_said(title, text), at(0), at(0))

    blank = a_likeness("https://x.example/a", "1", "", "")
    words = "Bitcoin rises as many investors buy in on strong demand from funds. " * 5
    told = a_likeness("https://x.example/a", "2", "Bitcoin rises", words)
    assert decide(told, [blank]).ruling is Ruling.GUID_CHANGED
    moved = a_likeness("https://x.example/b", "1", "Bitcoin rises", words)
    assert decide(moved, [blank]).ruling is Ruling.PERMALINK_CHANGED
    other = a_likeness("https://x.example/a", "1", "Trump signs a law", "The senate passed the bill on Monday. " * 9)
    assert decide(told, [other]).ruling is Ruling.ADDRESS_REUSED, "with words to compare they are told apart"
