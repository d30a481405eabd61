"""Opinions of other readers: stored once, paired with our first texts, and only what was known by then."""

import datetime as dt
from dataclasses import replace

import numpy as np
import sqlalchemy as sa

from service.correlation.agreement import agree
from service.news.bulk.gdelt import Opinion
from storage import articles, database, imports, opinions, scores, unread
from storage.imports import Progress
from tests.storage.builders import CATALOGUE, SCORER, a_reading, a_score, an_article, at


def an_opinion(number: int, tone: float, *, url: str, hours: float) -> Opinion:
    return Opinion(
        source="gdelt", record=f"r{number}", url=url, site="s", tone=tone, positive=0.0, negative=0.0, polarity=0.0,
        words=1, language="", themes=("A",), persons=(), organisations=(), names=(), available_at=at(hours),
    )  # fmt: skip


def test_pairs_are_of_first_texts_and_first_opinions_known_by_then(engine: sa.Engine) -> None:
    found = [an_article(f"n{number}", text=f"Bitcoin {number}", hours=number) for number in range(4)]
    edited = an_article("n0", text="edited", hours=9)
    told = [an_opinion(n, float(n), url=one.url, hours=n + 1) for n, one in enumerate(found)]
    told += [an_opinion(9, 50.0, url=found[0].url, hours=8)]
    told += [an_opinion(10, 3.0, url="https://nobody.example/x", hours=1)]
    with database.begin(engine) as connection:
        articles.save(connection, [*found, edited], recorded_at=at(10))
        saved = opinions.save(connection, [*told, told[0]], recorded_at=at(11))
        assert (saved.new, saved.unchanged) == (6, 1)
        assert opinions.save(connection, [replace(told[0], tone=7.0)], recorded_at=at(12)).unchanged == 1
        some = unread.load(connection, scorers=[SCORER], catalogue=CATALOGUE, limit=10)
        readings = [(one.id, a_reading(a_score("bitcoin", 0.5))) for one in some]
        scores.save(connection, readings, scored_at=at(13))

    def ask(as_of: dt.datetime | None) -> opinions.TonePairs:
        with database.read(engine) as connection:
            assert len(opinions.load_scorers(connection, as_of=as_of)) == (0 if as_of and as_of < at(13) else 1)
            return opinions.load_pairs(connection, source="gdelt", scorer=SCORER, catalogue=CATALOGUE, as_of=as_of)

    now = ask(None)
    assert now.theirs.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert now.articles == tuple(one.key for one in found)
    assert np.isfinite(now.ours).all()
    assert ask(at(13)).theirs.tolist() == now.theirs.tolist()
    assert ask(at(12)).theirs.tolist() == []


def test_agreement_is_that_of_numpy_and_its_interval_holds_it() -> None:
    chance = np.random.default_rng(3)
    ours = chance.normal(size=300)
    theirs = 5 * ours + chance.normal(scale=5, size=300)
    found = agree(ours, theirs, seed=1, resamples=199)
    assert found.pearson is not None
    assert found.low is not None
    assert found.high is not None
    assert abs(found.pearson - np.corrcoef(ours, theirs)[0, 1]) < 1e-12
    assert found.low < found.pearson < found.high
    assert found.same_sign == np.mean(np.sign(ours) == np.sign(theirs))
    assert agree(ours[:5], theirs[:5], seed=1).pearson is None
    assert agree(np.zeros(20), theirs[:20], seed=1) == agree(np.zeros(20), theirs[:20], seed=2)


def test_how_far_a_file_was_read_is_kept_in_place(engine: sa.Engine) -> None:
    known = Progress("k", "a.warc", "warc", 5_000_000_000, 7, False, {"new": 3}, at(1))
    for progress in (
        known,
        replace(known, place=6_000_000_000, is_complete=True, counts={"new": 4}, recorded_at=at(2)),
    ):
        with database.begin(engine) as connection:
            imports.save(connection, progress)
        with database.read(engine) as connection:
            assert imports.load(connection, "k") == progress
            assert imports.load(connection, "other") is None
    many = [an_opinion(number, 1.0, url=f"https://a.example/{number}", hours=1) for number in range(300)]
    with database.begin(engine) as connection:
        assert opinions.save(connection, many, recorded_at=at(3)).new == 300
        assert opinions.save(connection, many, recorded_at=at(4)).unchanged == 300
