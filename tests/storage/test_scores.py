"""Readings are kept once per scoring; the four states stay apart; a series sees each article once."""

import datetime as dt
from collections.abc import Callable
from dataclasses import astuple, replace

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.correlation.aligned import STATES, ScoreColumns
from service.errors import BadInput
from service.instants import Window, to_millis
from service.sentiment.disagreement import compare
from service.sentiment.scorer import State
from storage import articles, database, scores, unread
from storage.explanations import read_explanation, write_explanation
from storage.scores import TargetCount
from storage.upsert import Saved
from tests.storage.builders import CATALOGUE, SCORER, a_reading, a_score, an_article, at, unreadable

WHOLE = Window(at(-1000), at(1000))
OURS = {"scorer": SCORER, "catalogue": CATALOGUE}


def store(engine: sa.Engine, *names: str) -> dict[str, int]:
    """Articles named so, an hour apart; their revision ids."""
    some = [an_article(name, hours=hours) for hours, name in enumerate(names)]
    with database.begin(engine) as connection:
        articles.save(connection, some, recorded_at=at(100))
        found = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=1000)
    return {one.article.guid: one.id for one in found}


def save(engine: sa.Engine, *readings: tuple[int, object], hours: float = 200) -> Saved:
    with database.begin(engine) as connection:
        return scores.save(connection, readings, scored_at=at(hours))  # type: ignore[arg-type]


def columns(engine: sa.Engine, target: str = "bitcoin", window: Window = WHOLE, **changes: object) -> ScoreColumns:
    with database.read(engine) as connection:
        return scores.load_columns(connection, target=target, window=window, **(OURS | changes))  # type: ignore[arg-type]


def test_all_four_states_come_out_apart(engine: sa.Engine) -> None:
    ids = store(engine, "scored", "no_signal", "other", "french", "unread")
    save(
        engine,
        (ids["scored"], a_reading(a_score("bitcoin", -0.5, 90), a_score("trump", 0.25, 20))),
        (ids["no_signal"], a_reading(a_score("bitcoin", None, 40))),
        (ids["other"], a_reading(a_score("trump"), tone=None)),
        (ids["french"], unreadable()),
    )
    found = columns(engine)
    assert [STATES[code] for code in found.state] == list(STATES)
    assert found.available_at.tolist() == [to_millis(at(hours)) for hours in range(4)]
    assert np.array_equal(found.score, [-0.5, np.nan, np.nan, np.nan], equal_nan=True)
    assert found.relevance.tolist() == [90, 40, 0, 0]
    assert found.revision.tolist() == [ids[name] for name in ("scored", "no_signal", "other", "french")]
    with database.read(engine) as connection:
        counted = scores.load_states(connection, target="bitcoin", window=WHOLE, **OURS)
        assert counted == dict.fromkeys(STATES, 1)
        assert scores.load_states(connection, target="nobody", window=WHOLE, **OURS) == {
            State.SCORED: 0,
            State.NO_SIGNAL: 0,
            State.NO_MENTION: 3,
            State.UNSUPPORTED_LANGUAGE: 1,
        }
        assert scores.load_targets(connection, window=WHOLE, **OURS) == [
            TargetCount("bitcoin", 2, 65.0),
            TargetCount("trump", 2, 50.0),
        ]
        assert scores.load_targets(connection, window=Window(at(1), at(2)), **OURS) == [TargetCount("bitcoin", 1, 40.0)]


def test_what_a_scoring_said_first_stands_and_another_scoring_stands_beside_it(engine: sa.Engine) -> None:
    ids = store(engine, "a")
    assert save(engine, (ids["a"], a_reading(a_score(value=0.5)))) == Saved(new=1)
    assert save(engine, (ids["a"], a_reading(a_score(value=-0.5), a_score("trump")))) == Saved(unchanged=1)
    other = a_reading(a_score(value=-0.25), scorer="rules/2")
    assert save(engine, (ids["a"], other), (ids["a"], other)) == Saved(new=1)
    assert columns(engine).score.tolist() == [0.5]
    assert columns(engine, scorer="rules/2").score.tolist() == [-0.25]
    assert columns(engine, "trump").state.tolist() == [STATES.index(State.NO_MENTION)]
    assert len(columns(engine, catalogue="d" * 32).score) == 0


def test_an_edit_is_scored_but_does_not_enter_the_flow_again(engine: sa.Engine) -> None:
    store(engine, "a")
    with database.begin(engine) as connection:
        articles.save(connection, [an_article("a", text="Bitcoin falls.", hours=3)], recorded_at=at(101))
        first, edit = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=10)
    save(engine, (first.id, a_reading(a_score(value=0.5))), (edit.id, a_reading(a_score(value=-0.5))))
    assert columns(engine).score.tolist() == [0.5]
    with database.read(engine) as connection:
        assert scores.load_targets(connection, window=WHOLE, **OURS) == [TargetCount("bitcoin", 1, 80.0)]
        both = scores.load_weighty(connection, [first.id, edit.id], target="bitcoin", **OURS)
        assert [one.score for one in both] == [0.5, -0.5]


def test_the_window_is_half_open(engine: sa.Engine) -> None:
    ids = store(engine, "a", "b", "c")
    save(engine, *((row, a_reading(a_score())) for row in ids.values()))
    assert columns(engine, window=Window(at(0), at(2))).revision.tolist() == [ids["a"], ids["b"]]


def test_as_of_shows_only_what_was_available_recorded_and_scored_by_then(engine: sa.Engine) -> None:
    ids = store(engine, "a", "b")
    save(engine, (ids["a"], a_reading(a_score())), hours=200)
    save(engine, (ids["b"], a_reading(a_score())), hours=300)
    assert [len(columns(engine, as_of=at(hours)).score) for hours in (0, 99, 199, 200, 299, 300)] == [0, 0, 0, 1, 1, 2]


def test_articles_of_one_instant_come_by_id(engine: sa.Engine) -> None:
    with database.begin(engine) as connection:
        articles.save(connection, [an_article(name) for name in "cab"], recorded_at=at(0))
        found = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=10)
        scores.save(connection, [(one.id, a_reading()) for one in reversed(found)], scored_at=at(0))
    assert columns(engine).revision.tolist() == [one.id for one in found]


def test_the_explanation_comes_back_equal(engine: sa.Engine) -> None:
    """Every mention with its span, form, state, score, label and evidence."""
    ids = store(engine, "a")
    score = a_score("bitcoin", -0.1234567890123456, 77)
    save(engine, (ids["a"], a_reading(score)))
    with database.read(engine) as connection:
        (found,) = scores.load_weighty(connection, [ids["a"]], target="bitcoin", **OURS)
    assert (found.title, found.url) == ("Title of a", "https://news.example/a")
    assert (found.source, found.language, found.available_at) == ("example", "en", at(0))
    assert (found.state, found.score, found.relevance) == (State.SCORED, -0.1234567890123456, 77)
    assert found.mentions == score.mentions


def test_how_sure_a_score_is_comes_back_equal(engine: sa.Engine) -> None:
    """Probabilities and interval of the score, probabilities and sureness of each mention, and which say it again."""
    ids = store(engine, "a")
    told = a_score(value=-0.25, probabilities=(0.5, 0.25, 0.25), interval=(-0.75, 0.25), is_sure=False)
    again = replace(told.mentions[0], evidence=(), is_repeat=True)
    save(engine, (ids["a"], a_reading(replace(told, mentions=(*told.mentions, again)), a_score("trump"))))
    with database.read(engine) as connection:
        (found,) = scores.load_weighty(connection, [ids["a"]], target="bitcoin", **OURS)
        (plain,) = scores.load_weighty(connection, [ids["a"]], target="trump", **OURS)
        shown = connection.exec_driver_sql(
            "SELECT negative, neutral, positive, low, high, mention_count FROM v_scores ORDER BY target"
        ).all()
    assert (found.probabilities, found.interval) == (told.probabilities, told.interval)
    assert found.mentions == (*told.mentions, again)
    assert not found.mentions[0].is_sure
    assert (plain.probabilities, plain.interval) == (None, None)
    assert [tuple(row) for row in shown] == [(0.5, 0.25, 0.25, -0.75, 0.25, 1), (None, None, None, None, None, 1)]


def test_an_explanation_from_before_probabilities_is_still_read() -> None:
    """A row of schema 0002: nothing known of them, the reading counted as sure and as its own."""
    score = a_score()
    stored = write_explanation(score.mentions)
    for name in ("probabilities", "is_sure", "is_repeat"):
        del stored[0][name]
    assert read_explanation("bitcoin", stored) == score.mentions


SAID = st.sampled_from([-0.75, -0.25, 0.0, 0.25, 0.5, None])
VERSIONS = st.sampled_from(["rules/1", "rules/2", "linear/1-a", "encoder/1-b+linear-1-a"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(st.tuples(VERSIONS, SAID), max_size=8))
def test_the_view_of_disagreement_is_the_function(
    on_both: Callable[[], tuple[sa.Engine, sa.Engine]], said: list[tuple[str, float | None]]
) -> None:
    """Whatever was read in whatever order: each scorer's last version counts, unscored ones do not, two are needed."""
    first: dict[str, float | None] = {}
    for version, value in said:
        first.setdefault(version, value)  # what a version said first stands
    latest = {version.split("/")[0]: value for version, value in first.items()}
    scored = [a_score(value=value) for value in latest.values()]
    wanted = compare([(one.score, one.label) for one in scored if one.score is not None and one.label is not None])
    for engine in on_both():
        ids = store(engine, "a")
        for hours, (version, value) in enumerate(said):
            save(engine, (ids["a"], a_reading(a_score(value=value), scorer=version)), hours=200 + hours)
        with database.read(engine) as connection:
            rows = connection.exec_driver_sql(
                "SELECT scorers, lowest, highest, spread, signs_differ, target FROM v_disagreement"
            ).all()
        assert [tuple(row) for row in rows] == ([] if wanted is None else [(*astuple(wanted), "bitcoin")])


def test_scorings_of_two_catalogues_do_not_disagree(engine: sa.Engine) -> None:
    """They may have read other mentions: only scorings of one catalogue are set side by side."""
    ids = store(engine, "a")
    save(engine, (ids["a"], a_reading(a_score(value=0.5))))
    save(engine, (ids["a"], a_reading(a_score(value=-0.5), scorer="linear/1", catalogue="d" * 32)))
    with database.read(engine) as connection:
        assert connection.exec_driver_sql("SELECT * FROM v_disagreement").all() == []


def test_a_naive_instant_is_refused(engine: sa.Engine) -> None:
    ids = store(engine, "a")
    with pytest.raises(BadInput, match="scored_at"), database.begin(engine) as connection:
        scores.save(connection, [(ids["a"], a_reading())], scored_at=dt.datetime(2024, 1, 1))  # noqa: DTZ001
    assert len(columns(engine).score) == 0
