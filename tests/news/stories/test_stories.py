"""Which texts are one story: copies in all edits, never two events, in any order and whatever comes later."""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from jobs.stories import find_targets_with
from service.news.stories.clusters import Placed
from service.news.stories.matching import Kind
from service.news.stories.numbers import read_number
from service.news.stories.prints import Print, StoryText, take
from service.news.stories.shelf import place_all
from service.sentiment.targets import load as load_catalogue
from tests.news.stories.pairs import Pair, copies, different, tell, translations
from tests.news.stories.writer import edit, write_price_report, write_report

CATALOGUE = load_catalogue()


def place(told: Collection[StoryText]) -> dict[int, Placed]:
    return dict(place_all([take(one) for one in told], find_targets_with(CATALOGUE)))


def are_one(pair: Pair) -> bool:
    placed = place(pair.told())
    return placed[0].story == placed[1].story


@pytest.fixture(scope="module")
def held() -> dict[str, list[tuple[Pair, bool]]]:
    """What a part of the labelled pairs is taken for, by set; `python -m benchmarks.stories` asks all of them."""
    sets = {"copies": list(copies(0.1, reports=12)), "different": list(different()), "translations": [*translations()]}
    return {name: [(pair, are_one(pair)) for pair in pairs] for name, pairs in sets.items()}


def test_two_stories_are_never_one(held: dict[str, list[tuple[Pair, bool]]]) -> None:
    assert sum(1 for _ in (*copies(0.1), *different(), *translations())) >= 500
    assert len(held["different"]) >= 250
    assert [(pair.kind, pair.texts) for pair, is_one in held["different"] if is_one] == []


def test_copies_with_a_tenth_of_their_words_edited_are_found(held: dict[str, list[tuple[Pair, bool]]]) -> None:
    found = [is_one for _, is_one in held["copies"]]
    assert sum(found) >= 0.95 * len(found)


def test_an_event_told_in_the_other_language_is_found_by_its_figures(held: dict[str, list[tuple[Pair, bool]]]) -> None:
    """Two of the fifteen events have too few figures in common to be told from another day's."""
    found = [is_one for _, is_one in held["translations"]]
    assert sum(found) >= 0.8 * len(found)


def test_numbers_are_spelt_one_way_whatever_the_language() -> None:
    thousands = (("100.000", "nl"), ("100,000", "en"), ("100k", "en"), ("100 duizend", "nl"), ("100000", "und"))
    assert {read_number(*one) for one in thousands} == {"100000"}
    billions = (("1,5 miljard", "nl"), ("1.5 billion", "en"), ("1.5bn", "en"), ("1,5 mld", "nl"))
    assert {read_number(*one) for one in billions} == {"1500000000"}
    shares = (("3,5 procent", "nl"), ("3.5%", "en"), ("3.50 percent", "en"))
    assert {read_number(*one) for one in shares} == {"3.5%"}
    dutch = {"3,125": "3.125", "1.234.567,8": "1234567.8", "0,5": "0.5"}
    assert {text: read_number(text, "nl") for text in dutch} == dutch
    english = {"3,125": "3125", "1,234,567.8": "1234567.8", "0.123": "0.123"}
    assert {text: read_number(text, "en") for text in english} == english


def make_world(seed: int, stories: int = 12) -> list[StoryText]:
    """Reports with copies of copies, and price reports that are one story each, over a few days."""
    rng = random.Random(seed)
    told = []
    for number in range(stories):
        text = write_report(1000 * seed + number) if number % 3 else write_price_report(1000 * seed + number)
        for place_ in range(rng.randint(1, 4) if number % 3 else 1):
            told.append(tell(len(told), *text, hours=6 * number + 5 * place_))
            text = edit(*text, 0.08, "words", len(told))
    return told


def lay_out(placed: dict[int, Placed]) -> dict[int, tuple[str, Kind, int, int]]:
    return {row: (one.story, one.kind, one.place, one.novelty) for row, one in placed.items()}


def test_what_comes_later_changes_nothing_and_the_order_of_arrival_neither() -> None:
    told = make_world(3)
    whole = lay_out(place(told))
    assert len({story for story, *_ in whole.values()}) == 12
    for seed in range(3):
        assert lay_out(place(random.Random(seed).sample(told, len(told)))) == whole
    for cut in (5, 11, 17):
        known = sorted(told, key=lambda one: one.order)[:cut]
        assert lay_out(place(known)) == {one.revision: whole[one.revision] for one in known}


def chain(texts: Sequence[tuple[str, str]]) -> list[Placed]:
    """Texts of several sources, an hour apart."""
    placed = place([tell(row, *text, hours=row) for row, text in enumerate(texts)])
    return [placed[row] for row in range(len(texts))]


def test_novelty_decays_along_copies_and_new_text_wins_some_back() -> None:
    title, text = write_report(7)
    update = f"{text}\n" + " ".join(f"further{number}" for number in range(160))
    copied = chain([(title, text), (title, text), (f"ANP: {title}", text), (title, text), (title, update)])
    assert len({one.story for one in copied}) == 1
    assert [one.novelty for one in copied[:4]] == [100, 75, 56, 42]
    fresh = 1 - len(text.split()) / len(update.split())  # hand count: the added share of the words
    assert copied[4].novelty == pytest.approx(100 * (fresh + (1 - fresh) * 0.75**4), abs=2)
    assert [one.place for one in copied] == [1, 2, 3, 4, 5]


def test_a_revision_stays_in_the_story_of_its_article_and_a_copy_found_late_goes_by_its_own_time() -> None:
    title, text = write_report(11)
    first = tell(0, title, text, article="a" * 32)
    revised = replace(tell(1, *write_report(12), hours=200, article="a" * 32), number=2)
    placed = place([first, revised])
    assert (placed[1].story, placed[1].kind, placed[1].parent) == ("a" * 32, Kind.REVISION, ("a" * 32, 1))
    assert placed[1].novelty > 90
    late = tell(2, title, text, hours=-1)
    assert place([first, late])[0].story == late.article


def test_a_huge_text_is_bounded() -> None:
    words = " ".join(f"word{number}" for number in range(120_000))
    taken: Print = take(tell(0, "A title of four words", f"A title of four words\n{words}"))
    assert len(taken.words) == 20_000
