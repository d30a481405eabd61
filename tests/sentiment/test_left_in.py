"""What passages that are left out would have done: told against the same article scored with them as its body."""

from dataclasses import replace

import pytest

from service.news.article import PassageKind
from service.sentiment import rules, targets, toward
from service.sentiment.left_in import leave_in
from tests.sentiment.articles import make_article

CATALOGUE = targets.load()
PARTS = (
    ("title", "Bitcoin falls as Trump waits"),
    ("body", "Bitcoin crashed on Monday after a devastating hack."),
    ("promo", "Bitcoin is the best and safest coin, buy it with Best Wallet."),
    ("sponsor", "Advertisement"),
    ("bio", "Jane Roe admires Trump."),
)


def test_each_kind_by_itself_and_all_together_score_as_if_they_were_the_body() -> None:
    article, scorer = make_article(*PARTS), rules.build()
    rows = leave_in(article, catalogue=CATALOGUE, scorer=scorer)
    promo, sponsor, bio = PassageKind.PROMO, PassageKind.SPONSOR, PassageKind.BIO
    assert [row.kinds for row in rows] == [(promo,), (sponsor,), (bio,), (promo, sponsor, bio)]
    before = toward.score_article(article, catalogue=CATALOGUE, scorer=scorer)
    for row in rows:
        turned = tuple(
            replace(passage, kind=PassageKind.BODY) if passage.kind in row.kinds else passage
            for passage in article.passages
        )
        after = toward.score_article(replace(article, passages=turned), catalogue=CATALOGUE, scorer=scorer)
        assert (row.tone_without, row.tone_left_in) == (before.tone, after.tone)
        was, now = ({score.target: score.score for score in one.scores} for one in (before, after))
        assert {one.target: (one.without, one.left_in) for one in row.targets} == {
            key: (was.get(key), now.get(key)) for key in now if key in {one.target for one in row.targets}
        }
        assert {key for key in now if was.get(key) != now[key]} <= {one.target for one in row.targets}


def test_the_advert_lifts_the_coin_it_praises_and_the_mark_does_nothing() -> None:
    advert, mark, author, together = leave_in(make_article(*PARTS), catalogue=CATALOGUE, scorer=rules.build())
    [bitcoin] = advert.targets
    assert (bitcoin.target, bitcoin.mentions_without, bitcoin.mentions_left_in) == ("bitcoin", 2, 3)
    assert bitcoin.without is not None
    assert bitcoin.left_in is not None
    assert bitcoin.left_in > bitcoin.without
    assert (mark.passages, mark.words, mark.targets) == (1, 1, ())
    assert mark.tone_without == mark.tone_left_in
    assert [one.target for one in author.targets] == ["trump"]
    assert {one.target for one in together.targets} == {"bitcoin", "trump"}
    assert (together.passages, together.words) == (3, 12 + 1 + 4)


@pytest.mark.parametrize(
    ("parts", "language"), [(PARTS[:2], "en"), (PARTS, "de")], ids=["nothing left out", "not a language it reads"]
)
def test_there_is_nothing_to_tell(parts: tuple[tuple[str, str], ...], language: str) -> None:
    assert leave_in(make_article(*parts, language=language), catalogue=CATALOGUE, scorer=rules.build()) == ()
