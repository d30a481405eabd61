"""From articles to scores: what is read, how mentions combine, relevance, and where the evidence stands."""

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.sentiment import rules, scorers, targets, toward
from service.sentiment.contexts import place
from service.sentiment.score import ArticleReading, Mention, MentionForm, MentionScore, Score
from service.sentiment.scorer import Label, State
from tests.fakes import WordListScorer
from tests.sentiment.articles import make_article

CATALOGUE = targets.load()
PIECES = "Bitcoin Trump praises attacks crashes falls but İ the SEC . ; ! — “he” He said plunges Bukele"


def score(*parts: tuple[str, str], language: str = "en", published: dt.datetime | None = None) -> ArticleReading:
    article = make_article(*parts, language=language, published=published)
    return toward.score_article(article, catalogue=CATALOGUE, scorer=WordListScorer())


def by_target(reading: ArticleReading) -> dict[str, Score]:
    return {one.target: one for one in reading.scores}


def test_an_article_has_a_tone_and_a_score_toward_each_target() -> None:
    """Title and body are read; each target gets its own figure, in order of relevance, under the scorer's name."""
    reading = score(("title", "Bitcoin rises"), ("body", "Bitcoin wins fans. Trump attacks the idea."))
    assert reading.scorer == "wordlist/1"
    assert reading.catalogue == CATALOGUE.digest
    assert (reading.state, reading.language) == (State.SCORED, "en")
    assert reading.tone == pytest.approx((0.5 + 0.6 - 0.6) / 3)
    assert [one.target for one in reading.scores] == ["bitcoin", "trump"]
    bitcoin, trump = reading.scores
    assert (bitcoin.score, bitcoin.label) == (pytest.approx(0.55), Label.POSITIVE)
    assert (trump.score, trump.label) == (pytest.approx(-0.6), Label.NEGATIVE)


def test_promo_disclaimer_and_bio_are_not_read() -> None:
    """Only title and body count: no mention, no tone and no relevance comes from elsewhere."""
    clean = score(("title", "Bitcoin rises"), ("body", "Trump waits."))
    cluttered = score(
        ("title", "Bitcoin rises"),
        ("promo", "Trump praises Solana and wins"),
        ("body", "Trump waits."),
        ("disclaimer", "Bitcoin crashes"),
        ("bio", "Elon Musk attacks"),
    )
    assert cluttered.tone == clean.tone
    assert [(one.target, one.score, one.relevance) for one in cluttered.scores] == [
        (one.target, one.score, one.relevance) for one in clean.scores
    ]


def test_a_language_the_scorer_does_not_read_gives_no_figure() -> None:
    """UNSUPPORTED_LANGUAGE: no tone, no scores, and the scorer is not even asked."""
    scorer = WordListScorer()
    article = make_article(("body", "Bitcoin steigt"), language="de")
    reading = toward.score_article(article, catalogue=CATALOGUE, scorer=scorer)
    assert (reading.state, reading.tone, reading.scores) == (State.UNSUPPORTED_LANGUAGE, None, ())
    assert scorer.calls == 0


def test_mentions_without_signal_count_as_neutral_once_one_is_scored() -> None:
    """The plain mean over all mentions: neutrals are not dropped, the strongest is not taken."""
    reading = score(("body", "Bitcoin crashes. Bitcoin is a currency. Bitcoin has users."))
    bitcoin = by_target(reading)["bitcoin"]
    assert bitcoin.score == pytest.approx(-0.9 / 3)
    assert [one.state for one in bitcoin.mentions] == [State.SCORED, State.NO_SIGNAL, State.NO_SIGNAL]


def test_a_target_spoken_of_without_judgement_is_no_signal() -> None:
    """Missing is never zero: NO_SIGNAL has no figure, and an absent target has no score at all."""
    reading = score(("body", "Bitcoin is a currency."))
    assert reading.state is State.NO_SIGNAL
    assert reading.tone is None
    bitcoin = by_target(reading)["bitcoin"]
    assert (bitcoin.state, bitcoin.score, bitcoin.label) == (State.NO_SIGNAL, None, Label.NEUTRAL)
    assert "trump" not in by_target(reading)


def test_a_sentence_met_before_counts_once() -> None:
    """A title repeated as the first line does not vote twice, nor with marks and a source's name; it stays listed."""
    once = score(("title", "Bitcoin crashes"), ("body", "Bitcoin has users."))
    twice = score(("title", "Bitcoin crashes"), ("body", "Bitcoin crashes"), ("body", "Bitcoin has users."))
    assert by_target(once)["bitcoin"].score == by_target(twice)["bitcoin"].score == pytest.approx(-0.45)
    first, again, other = by_target(twice)["bitcoin"].mentions
    assert [one.is_repeat for one in (first, again, other)] == [False, True, False]
    assert by_target(twice)["bitcoin"].counted == (first, other)
    assert "mentions_2" in by_target(twice)["bitcoin"].reasons
    assert (again.score, again.evidence) == (-0.9, ())
    assert again.mention.start == 17
    longer = "Bitcoin crashes as funds sell and holders leave"
    near = score(("title", longer), ("body", f"“{longer}” – Wire"), ("body", "Bitcoin has users."))
    assert by_target(near)["bitcoin"].score == pytest.approx(-0.45)


def test_a_repeat_is_not_read() -> None:
    """What is said again costs nothing: the scorer sees the first alone."""
    scorer = WordListScorer()
    article = make_article(("title", "Bitcoin crashes"), ("body", "BITCOIN CRASHES!"))
    toward.score_article(article, catalogue=CATALOGUE, scorer=scorer)
    assert [one.text for one in scorer.read] == ["Bitcoin crashes"]


def test_a_calibrated_scorer_gives_every_article_probabilities_and_an_interval() -> None:
    """From mention to article: each mention's probabilities and sureness, their mean, and an interval around it."""
    article = make_article(("title", "Bitcoin soars to a record"), ("body", "Bitcoin crashes. Bitcoin is here."))
    (bitcoin,) = toward.score_article(article, catalogue=CATALOGUE, scorer=scorers.build("linear").scorer).scores
    known = [one.probabilities for one in bitcoin.mentions if one.probabilities]
    assert len(known) == len(bitcoin.counted) == 3
    assert bitcoin.probabilities == pytest.approx([sum(column) / 3 for column in zip(*known, strict=True)])
    assert bitcoin.score is not None
    assert bitcoin.interval is not None
    assert -1 <= bitcoin.interval[0] < bitcoin.score < bitcoin.interval[1] <= 1


def test_a_score_is_sure_where_half_of_its_mentions_are() -> None:
    """Repeats have no vote."""

    def made(*flags: tuple[bool, bool]) -> Score:
        mention = Mention("bitcoin", 0, 7, MentionForm.ALIAS)
        items = tuple(
            MentionScore(mention, State.SCORED, 0.1, Label.NEUTRAL, (), None, is_sure, is_repeat)
            for is_sure, is_repeat in flags
        )
        return Score("bitcoin", State.SCORED, 0.1, Label.NEUTRAL, 50, (), items)

    assert made((True, False)).is_sure
    assert not made((False, False)).is_sure
    assert made((True, False), (False, False)).is_sure
    assert not made((True, False), (False, False), (False, False)).is_sure
    assert not made((True, True), (False, False)).is_sure


def test_a_pronoun_beside_its_name_does_not_vote_again() -> None:
    """“Trump said he wins” is one reading for Trump; “He wins” in the next sentence is another."""
    beside = score(("body", "Trump said he wins."))
    apart = score(("body", "Trump spoke. He wins."))
    assert [one.mention.form for one in by_target(beside)["trump"].mentions] == [MentionForm.SURNAME]
    assert [one.mention.form for one in by_target(apart)["trump"].mentions] == [
        MentionForm.SURNAME,
        MentionForm.PRONOUN,
    ]


def test_titles_mean_who_held_the_office_when_the_article_appeared() -> None:
    """The same words are about Gensler in 2024, Atkins in 2025, and nobody certain without a date."""
    text = ("body", "The SEC chair wins.")
    assert set(by_target(score(text, published=dt.datetime(2024, 6, 1, tzinfo=dt.UTC)))) == {"gensler"}
    assert set(by_target(score(text, published=dt.datetime(2025, 6, 1, tzinfo=dt.UTC)))) == {"atkins"}
    assert set(by_target(score(text))) == {"sec"}


def test_a_batch_is_read_in_one_call_and_like_one_by_one() -> None:
    """All articles' mentions go to the scorer at once; sentences shared by articles are read once; results agree."""
    articles = [
        make_article(("title", "Bitcoin rises"), ("body", "Trump praises Bitcoin."), url="https://a.example/1"),
        make_article(("body", "Bitcoin stijgt en Trump wint."), language="nl", url="https://a.example/2"),
        make_article(("body", "Bitcoin steigt."), language="de", url="https://a.example/3"),
        make_article(("title", "Bitcoin rises"), ("body", "Nothing else."), url="https://b.example/4"),
        make_article(("body", ""), url="https://b.example/5"),
    ]
    scorer = WordListScorer()
    readings = toward.score_articles(articles, catalogue=CATALOGUE, scorer=scorer)
    assert scorer.calls == 1
    assert len(scorer.read) == len(set(scorer.read)) == 5
    assert readings == [toward.score_article(one, catalogue=CATALOGUE, scorer=WordListScorer()) for one in articles]
    assert toward.score_articles([], catalogue=CATALOGUE, scorer=scorer) == []


def test_scorers_see_the_other_mentions_of_the_sentence() -> None:
    """`same` holds further mentions of the target, `others` those of other targets, in the sentence's own offsets."""
    scorer = WordListScorer()
    article = make_article(("body", "It began. Trump met Bukele and Trump smiled."))
    toward.score_article(article, catalogue=CATALOGUE, scorer=scorer)
    seen = {context.span: context for context in scorer.read}
    assert set(seen) == {(0, 5), (10, 16), (21, 26)}
    assert seen[0, 5].text == "Trump met Bukele and Trump smiled."
    assert (seen[0, 5].same, seen[0, 5].others) == (((21, 26),), ((10, 16),))
    assert (seen[10, 16].same, seen[10, 16].others) == ((), ((0, 5), (21, 26)))


def test_relevance_tells_the_subject_from_a_passing_mention() -> None:
    """100 for what a headline is about; more than half for what title and lead name; ≤ 20 for one mention below."""
    headline = score(("title", "Bitcoin rises"))
    assert by_target(headline)["bitcoin"].relevance == 100
    filler = "Volumes stayed thin all week. Analysts had expected worse."
    long = score(
        ("title", "Bitcoin rises"),
        ("body", f"Bitcoin rises again. {filler}"),
        ("body", f"Buyers of Bitcoin wait. {filler} Holders of Bitcoin do not, and the SEC looks on."),
    )
    bitcoin, sec = by_target(long)["bitcoin"], by_target(long)["sec"]
    assert bitcoin.relevance >= 90
    assert {"in_title", "in_lead", "opens_sentence", "mentions_4", "share_80"} <= set(bitcoin.reasons)
    assert sec.relevance <= 20
    assert "passing" in sec.reasons
    assert not {"in_title", "in_lead"} & set(sec.reasons)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["title", "body", "promo"]),
            st.lists(
                st.sampled_from(PIECES.split()),
                max_size=12,
            ).map(" ".join),
        ),
        max_size=5,
    ),
    st.booleans(),
)
def test_evidence_stands_where_it_says(parts: list[tuple[str, str]], is_real: bool) -> None:
    """For any article and both scorers: text[start:end] is the word, inside a scored passage; relevance is 1–100."""
    article = make_article(*parts)
    scorer = rules.build() if is_real else WordListScorer()
    scored = [(one.start, one.end) for one in article.passages if one.kind.is_scored]
    for one in toward.score_article(article, catalogue=CATALOGUE, scorer=scorer).scores:
        assert 1 <= one.relevance <= 100
        assert one.mentions
        assert one.score is None or -1 <= one.score <= 1
        for mention in one.mentions:
            assert any(start <= mention.mention.start and mention.mention.end <= end for start, end in scored)
            for evidence in mention.evidence:
                assert article.text[evidence.start : evidence.end] == evidence.word
                assert any(start <= evidence.start and evidence.end <= end for start, end in scored)


def test_a_page_without_full_stops_is_read_in_linear_time() -> None:
    """Thousands of mentions in one “sentence”: each context stays short, and time grows with the text only."""
    times = []
    for count in (500, 4_000):
        text = "Bitcoin and Trump met somewhere with numbers " * count
        article = make_article(("body", text))
        begin = time.process_time()
        toward.score_article(article, catalogue=CATALOGUE, scorer=WordListScorer())
        times.append(time.process_time() - begin)
    assert times[1] <= 20 * times[0] + 0.1
    words = "x" * 5_000
    mention = Mention("bitcoin", 2_000, 2_007, MentionForm.ALIAS)
    (placed,) = place(words, "en", [(0, len(words))], [mention])
    assert words[placed.offset + placed.context.span[0] : placed.offset + placed.context.span[1]] == words[2_000:2_007]


def test_real_rules_tell_the_targets_of_a_sentence_apart() -> None:
    """With the shipped scorer: who attacks and what soars get figures of their own, in both languages."""
    scorer = rules.build()
    english = make_article(
        ("title", "Bitcoin soars to a record"), ("body", "Bitcoin soars. Fraud charges hit Binance.")
    )
    dutch = make_article(("title", "Bitcoin keldert"), ("body", "De koers van Bitcoin keldert verder."), language="nl")
    first, second = toward.score_articles([english, dutch], catalogue=CATALOGUE, scorer=scorer)
    assert by_target(first)["bitcoin"].label is Label.POSITIVE
    assert by_target(first)["binance"].label is Label.NEGATIVE
    assert by_target(second)["bitcoin"].label is Label.NEGATIVE
