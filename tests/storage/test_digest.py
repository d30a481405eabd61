"""One history, one digest: on either database, in any order within a call, told once or many times."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.instants import Interval, Window
from service.market.candle import Gap
from service.news.article import Skipped
from storage import articles, candles, database, digest, extractions, schema, scores, series, unread
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
    unreadable,
)

OnBoth = Callable[[], tuple[sa.Engine, sa.Engine]]
NAMES = st.sampled_from(["a", "b", "c", "ä", "Z", "_"])
TEXTS = st.sampled_from(["one", "two", "d\x00rei", "vier 📈"])
FIGURES = st.one_of(st.floats(-1, 1), st.sampled_from([0.0, -0.0, 0.1 + 0.2, 5e-324]))


@dataclass(frozen=True)
class Call:
    """One save: what is saved, and when it is recorded (which the digest must not see)."""

    kind: str
    items: tuple[object, ...]


def _articles(text: st.SearchStrategy[str]) -> st.SearchStrategy[Call]:
    one = st.builds(
        lambda name, said, hours, language: an_article(name, text=said, hours=hours, language=language),
        *(NAMES, text, st.integers(0, 3), st.sampled_from(["en", "nl"])),
    )
    return st.lists(one, max_size=4).map(lambda some: Call("articles", tuple(some)))


_candle = st.builds(
    lambda hour, close, volume, venue: a_candle(hour, close=close, volume=volume, venue=venue),
    *(st.integers(0, 6), FIGURES, FIGURES, st.sampled_from(["kraken", "Bitvavo"])),
)
_skip = st.builds(Skipped, st.sampled_from(["malformed", "too_large"]), NAMES, TEXTS)
_hole = st.builds(
    lambda start, length, reason: Gap("kraken", "BTC/USD", Interval.H1, at(start), at(start + length), reason),
    *(st.integers(0, 9), st.integers(1, 5), st.sampled_from(["outage", "unfetched"])),
)
_reading = st.one_of(
    st.builds(unreadable),
    st.builds(
        lambda values, tone: a_reading(*(a_score(name, value) for name, value in values.items()), tone=tone),
        st.dictionaries(st.sampled_from(["bitcoin", "trump", "Ärzte"]), st.one_of(st.none(), FIGURES)),
        st.one_of(st.none(), FIGURES),
    ),
)
_SKIPS = st.lists(_skip, max_size=3).map(lambda some: Call("skips", tuple(some)))
_CALL = st.one_of(
    _articles(TEXTS),
    st.lists(_candle, max_size=4).map(lambda some: Call("candles", tuple(some))),
    _SKIPS,
    st.lists(_hole, max_size=3).map(lambda some: Call("gaps", tuple(some))),
    st.lists(_reading, min_size=1, max_size=3).map(lambda some: Call("readings", tuple(some))),
    st.integers(0, 6).map(lambda bars: Call("series", (bars,))),
)


def apply(engine: sa.Engine, call: Call, *, clock: float) -> None:
    """Do one save; readings are given to the unread revisions in the order of articles, which both databases share."""
    now = at(clock)
    with database.begin(engine) as connection:
        if call.kind == "articles":
            articles.save(connection, call.items, recorded_at=now)  # type: ignore[arg-type]
        elif call.kind == "candles":
            candles.save(connection, call.items)  # type: ignore[arg-type]
        elif call.kind == "skips":
            articles.save_skipped(connection, call.items, source="s", stage="entry", recorded_at=now)  # type: ignore[arg-type]
        elif call.kind == "gaps":
            candles.replace_gaps(
                connection,
                venue="kraken",
                symbol="BTC/USD",
                interval=Interval.H1,
                window=Window(at(2), at(11)),
                gaps=call.items,  # type: ignore[arg-type]
                noticed_at=now,
            )
        elif call.kind == "series":
            series.save(connection, a_series(call.items[0]), catalogue=CATALOGUE, recorded_at=now)  # type: ignore[arg-type]
        else:
            found = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=1000)
            found.sort(key=lambda one: (one.article.key, one.article.content_hash))
            given_out = [(one.id, call.items[place % len(call.items)]) for place, one in enumerate(found)]
            scores.save(connection, given_out, scored_at=now)  # type: ignore[arg-type]
            told = [(one.id, some) for one in found for some in (some_quotes(), some_events())]
            extractions.save(connection, told, extracted_at=now)


def digest_of(engine: sa.Engine) -> dict[str, str]:
    with database.read(engine) as connection:
        return digest.digest(connection)


_MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_MANY
@given(calls=st.lists(_CALL, max_size=8), seed=st.integers())
def test_one_history_has_one_digest_on_both_databases(on_both: OnBoth, calls: list[Call], seed: int) -> None:
    """On PostgreSQL every call is shuffled, told twice, and recorded at another time."""
    sqlite, postgresql = on_both()
    chance = random.Random(seed)
    for number, call in enumerate(calls):
        apply(sqlite, call, clock=100 + number)
        shuffled = Call(call.kind, tuple(chance.sample(call.items, len(call.items))))
        told = call if call.kind == "readings" else shuffled
        apply(postgresql, told, clock=500 + number)
        apply(postgresql, told, clock=500.5 + number)
    assert digest_of(sqlite) == digest_of(postgresql)


@_MANY
@given(
    calls=st.lists(st.one_of(_articles(st.just("one")), _SKIPS), max_size=8),
    seed=st.integers(),
)
def test_where_nothing_contradicts_the_order_of_calls_does_not_matter(
    on_both: OnBoth, calls: list[Call], seed: int
) -> None:
    """Articles without edits and skips without other details, told in another order."""
    plain = [
        Call(
            call.kind,
            tuple(
                Skipped(one.reason, one.what) if isinstance(one, Skipped) else an_article(one.guid)
                for one in call.items
            ),
        )  # type: ignore[attr-defined]
        for call in calls
    ]
    sqlite, postgresql = on_both()
    for number, call in enumerate(plain):
        apply(sqlite, call, clock=100 + number)
    for number, call in enumerate(random.Random(seed).sample(plain, len(plain))):
        apply(postgresql, call, clock=100 + number)
    assert digest_of(sqlite) == digest_of(postgresql)


def test_every_table_of_content_counts(engine: sa.Engine) -> None:
    """Each digest changes with its own table, and every table is either content or named bookkeeping."""
    bookkeeping = {"run", "source_state", "source_yield", "entry", "scoring", "market", "extraction", "series_input"}
    bookkeeping |= {
        "schedule",
        "slot",
        "lease",
        "story_key",
        "host_state",
        "robots_file",
        "imported",
        "pruned_text",
        "folded",
        "alert",
        "alert_trouble",
        "alert_message",
        "api_key",
    }
    bookkeeping |= {"seal", "report_file"}
    empty = digest_of(engine)
    assert set(empty) == set(schema.metadata.tables) - bookkeeping
    from tests.storage.victim import work

    work(engine.url.render_as_string(hide_password=False))
    full = digest_of(engine)
    assert not set(empty.items()) & set(full.items())
    with database.read(engine) as connection:
        total = digest.total(connection)
    with database.begin(engine) as connection:
        connection.execute(sa.update(schema.score).where(schema.score.c.target == "bitcoin").values(relevance=81))
        assert {name for name, told in digest.digest(connection).items() if told != full[name]} == {"score"}
        assert digest.total(connection) != total
