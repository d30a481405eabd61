"""Which article an item is: by address, GUID and words, precision first; the order of what is held does not matter."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.news.identity import Decision, Likeness, Register, Ruling, decide, read_said

NOON = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)
TEXT = (
    "The Senate voted on Thursday to let banks hold Bitcoin for their clients, after months of talks in which Lummis "
    "and Gillibrand had asked for softer rules. The price rose by 4 percent to 64,000 dollars within the hour, and "
    "shares of Coinbase and Marathon rose with it, while traders in London said that they had not expected a vote "
    "before June."
)
OTHER = (
    "A court in Amsterdam found two men guilty of stealing coins worth 3 million euros from clients of a broker in "
    "Utrecht, and sent both to prison for four years. The judge said that Jansen had planned the theft since 2021 and "
    "that De Vries, his nephew, had written the program that emptied the wallets during one weekend in November."
)
FORM = (
    "The exchange said that {coin} trades from noon on, that {coin} deposits are open and that 1 {coin} costs {price}. "
)
HELD = Likeness("https://a.example/vote", "a", "g1", read_said("Senate lets banks hold Bitcoin", TEXT), NOON, NOON)


def told(title: str = "Senate lets banks hold Bitcoin", text: str = TEXT, **more: object) -> Likeness:
    return replace(HELD, said=read_said(title, text), **more)  # type: ignore[arg-type]


CASES = {
    "the same again": (told(), Ruling.SAME),
    "an edit": (told(text=TEXT + " More soon."), Ruling.SAME),
    "a rewrite under the same address and GUID": (told("Live: the vote", OTHER), Ruling.SAME),
    "another GUID": (told(guid="g2"), Ruling.GUID_CHANGED),
    "another permalink": (told(url="https://a.example/banks-win"), Ruling.PERMALINK_CHANGED),
    "another host": (told(text="", url="https://b.example/vote"), Ruling.PERMALINK_CHANGED),
    "another headline, slug and GUID": (
        told("Banks win vote on Bitcoin", url="https://a.example/banks-win", guid="g2"), Ruling.SAME_STORY,
    ),
    "a copy without GUID": (told(url="https://a.example/markets/vote", guid=""), Ruling.SAME_STORY),
    "an old GUID for another story": (told("Two jailed", OTHER, url="https://a.example/jailed"), Ruling.GUID_REUSED),
    "an old address for another story": (told("Two jailed for theft", OTHER, guid="g2"), Ruling.ADDRESS_REUSED),
    "another story": (told("Two jailed", OTHER, url="https://a.example/jailed", guid="g2"), Ruling.NEW),
    "a wall in place of its text": (
        told("Two jailed for theft of coins", url="https://a.example/jailed", guid="g2"), Ruling.NEW,
    ),
    "the same words a week later": (
        told(url="https://a.example/again", guid="g2", published=NOON + dt.timedelta(days=7)), Ruling.NEW,
    ),
    "another source at the same address": (told(source="b"), Ruling.ELSEWHERE),
    "another source's GUID": (told(source="b", url="https://b.example/vote"), Ruling.NEW),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_an_item_is(case: str) -> None:
    found, ruling = CASES[case]
    decision = decide(found, [HELD])
    assert decision.ruling is ruling
    assert decision.is_held == (decision.url == HELD.url)


def test_a_form_filled_in_twice_is_two_stories() -> None:
    """Nearly all words are the same; each tells a name and a figure that the other does not."""
    one, other = (
        told(
            f"Exchange lists {coin}",
            FORM.format(coin=coin, price=price) * 4,
            url=f"https://a.example/{coin}",
            guid=coin,
        )
        for coin, price in (("Alpha", 17), ("Omega", 29))
    )
    assert decide(other, [one]).ruling is Ruling.NEW


def test_a_guid_without_an_address_that_is_used_again() -> None:
    """The second story has a name of its own, and its edit is known under it."""
    first = told(url="guid:a:g1")
    second = told("Two jailed", OTHER, url="guid:a:g1")
    decision = decide(second, [first])
    assert decision.ruling is Ruling.GUID_REUSED
    assert decision.url != first.url
    edited = told("Two jailed", OTHER + " They appealed.", url="guid:a:g1")
    assert decide(edited, [first, replace(second, url=decision.url)]).url == decision.url


def test_a_story_whose_address_and_guid_are_both_anothers_has_a_name_of_its_own() -> None:
    """Else it would be a revision of a story it has nothing to do with."""
    by_guid = told("Alpha is listed", FORM.format(coin="Alpha", price=17) * 4, url="guid:a:g1", guid="")
    held = [replace(HELD, guid="g2"), by_guid]
    decision = decide(told("Two jailed", OTHER, guid="g1"), held)
    assert decision.ruling is Ruling.ADDRESS_REUSED
    assert decision.url not in {one.url for one in held}
    assert Register(held).decide(told("Two jailed", OTHER, guid="g1")) == decision


def test_side_by_side_under_one_address_takes_more_to_be_one() -> None:
    """A page to which a feed links all its items: half the headline in common is no longer enough."""
    found = told("Senate lets banks sell gold", OTHER, guid="g2")
    assert decide(found, [HELD]).ruling is Ruling.GUID_CHANGED
    assert decide(found, [HELD], is_beside=True).ruling is Ruling.ADDRESS_REUSED


names = st.sampled_from(["", "g1", "g2"])
addresses = st.sampled_from(["https://a.example/vote", "https://a.example/jailed", "guid:a:g1", "text:1"])
likenesses = st.builds(
    lambda url, source, guid, title, text, hours: Likeness(
        url, source, guid, read_said(title, text), NOON + dt.timedelta(hours=hours), NOON + dt.timedelta(hours=hours)
    ),
    addresses,
    st.sampled_from(["a", "b"]),
    names,
    st.sampled_from(["Senate lets banks hold Bitcoin", "Two jailed for theft", "", "Banks win"]),
    st.sampled_from([TEXT, OTHER, TEXT + " More soon.", "Short.", ""]),
    st.integers(0, 200),
)


@settings(max_examples=60)
@given(likenesses, st.lists(likenesses, max_size=5), st.booleans(), st.randoms())
def test_a_decision_rests_on_what_is_held_and_not_on_its_order(found, known, is_beside, chance) -> None:  # type: ignore[no-untyped-def]
    """It names an article that is held, or says that the item is none of them; and a register decides alike."""
    decision = decide(found, known, is_beside=is_beside)
    shuffled = list(known)
    chance.shuffle(shuffled)
    assert decide(found, shuffled, is_beside=is_beside) == decision
    assert decision.is_held == (decision.url in {one.url for one in known})
    if decision.ruling in (Ruling.SAME_STORY, Ruling.PERMALINK_CHANGED):
        assert any(one.url == decision.url and one.source == found.source for one in known)
    register = Register(shuffled)
    assert register.decide(found, is_beside=is_beside) == decision
    if not decision.is_held:  # what was decided stands when the same is told again
        register.add(replace(found, url=decision.url))
        again: Decision = register.decide(replace(found, url=decision.url), is_beside=is_beside)
        assert again.url == decision.url
