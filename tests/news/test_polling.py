"""When a source is asked again: the rules as properties over any history of answers and failures."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.news.manners import moves, polling
from service.news.manners.caching import read_feed_wish, read_lifetime, read_retry_after
from service.news.manners.polling import Answered, Failed, Rules, SourceState, address_of, decide, is_due

NOW = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
OLD, NEW = "https://old.example/rss", "https://new.example/rss"
RULES = Rules()
FRESH = SourceState("wire", OLD)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)

spans = st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=4000))
reasons = st.sampled_from(["not_found", "gone", "rate_limited", "unavailable", "read_timeout", "dns", "html_instead"])
rules = st.builds(
    Rules,
    minimum=st.timedeltas(min_value=dt.timedelta(0), max_value=DAY),
    longest=st.timedeltas(min_value=MINUTE, max_value=DAY),
)
steps = st.tuples(
    st.timedeltas(min_value=dt.timedelta(0), max_value=3 * DAY),
    st.one_of(
        st.builds(
            Answered,
            st.just(NOW),
            st.sampled_from([OLD, NEW]),
            st.sampled_from(["", '"a"', 'W/"b"']),
            st.sampled_from(["", "Wed, 01 May 2024 10:00:00 GMT"]),
            st.booleans(),
            st.none() | spans,
            st.sampled_from(["", NEW, "http://new.example/rss", "https://third.example/"]),
            st.integers(0, 10**7),
        ),
        st.builds(Failed, st.just(NOW), reasons, st.just("why"), st.none() | spans),
    ),
    st.floats(0, 1, exclude_max=True),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=12), rules)
def test_after_any_history_the_next_check_lies_within_its_bounds(history: list[tuple], rule: Rules) -> None:  # type: ignore[type-arg]
    """Never sooner than the least interval, any hint up to its bound, and Retry-After; never later than all of them.

    Validators are those the last body came with, a stop needs a 410 of the settings' own address, a move three
    confirmations over a day, https never becomes http, and the history of moves ends before the next begins.
    """
    state, now = FRESH, NOW
    for pause, told, jitter in history:
        now += pause
        outcome = replace(told, at=now)
        before, state = state, decide(state, outcome, rule, jitter)
        assert state.next_allowed_at is not None
        wait = state.next_allowed_at - now
        assert wait >= rule.minimum
        if state.failures_in_row == 0:
            assert isinstance(outcome, Answered)
            hint = min(
                max(outcome.fresh_for or dt.timedelta(0), dt.timedelta(seconds=state.wish_seconds)), rule.longest
            )
            assert hint <= wait <= max(rule.minimum, hint) * 1.1 + MINUTE / 60
            assert state.stopped_at is None
            assert state.last_success_at == now
        else:
            rest = min(getattr(outcome, "retry_after", None) or dt.timedelta(0), rule.longest_rest)
            assert rest <= wait <= max(max(rule.minimum, rule.longest) * 1.25, rest) + MINUTE / 60
            assert state.failures_in_row == before.failures_in_row + 1
            assert (state.etag, state.last_modified) == (before.etag, before.last_modified)
        if state.stopped_at is not None:
            assert getattr(outcome, "reason", "") == "gone"
            assert address_of(before) == OLD
            assert not is_due(state, now + 4000 * DAY)
        if isinstance(outcome, Answered) and not outcome.is_unchanged:
            assert (state.etag, state.last_modified) == (outcome.etag, outcome.last_modified)
        move = moves.adopted(state.moves)
        if move is not None:
            assert move.confirmations >= moves.CONFIRMATIONS
            assert move.last_seen_at - move.first_seen_at >= moves.CONFIRMED_OVER
            assert move.to.startswith("https://")
        assert all(one.ended_at is not None for one in state.moves[:-1])
        assert moves.from_json(moves.as_json(state.moves)) == state.moves


def test_a_304_keeps_validators_and_takes_new_ones() -> None:
    held = decide(FRESH, Answered(NOW, OLD, '"a"', "Wed, 01 May 2024 10:00:00 GMT"), RULES, 0)
    same = decide(held, Answered(NOW, OLD, is_unchanged=True), RULES, 0)
    assert (same.etag, same.last_modified) == ('"a"', "Wed, 01 May 2024 10:00:00 GMT")
    renewed = decide(held, Answered(NOW, OLD, '"b"', is_unchanged=True), RULES, 0)
    assert (renewed.etag, renewed.last_modified) == ('"b"', "Wed, 01 May 2024 10:00:00 GMT")
    other = decide(held, Answered(NOW, OLD), RULES, 0)
    assert (other.etag, other.last_modified) == ("", "")


def test_a_body_nobody_could_read_stays_a_failure_when_it_is_unchanged() -> None:
    """Its validators are kept, so that it is not fetched whole again; a 304 to them is no success; new ones are."""
    unread = decide(FRESH, Failed(NOW, "malformed", answered=Answered(NOW, OLD, '"broken"')), RULES, 0)
    assert (unread.etag, unread.unread_reason) == ('"broken"', "malformed")
    again = decide(unread, Answered(NOW + HOUR, OLD, is_unchanged=True), RULES, 0)
    assert (again.failures_in_row, again.last_failure_reason, again.etag) == (2, "malformed", '"broken"')
    well = decide(again, Answered(NOW + DAY, OLD, '"whole"'), RULES, 0)
    assert (well.failures_in_row, well.unread_reason, well.etag) == (0, "", '"whole"')


def test_an_answer_is_as_fresh_as_it_says_though_nobody_could_read_it() -> None:
    """What the server asks is heeded, whatever its body; beyond the longest pause it is not."""
    fresh = Answered(NOW, OLD, '"broken"', fresh_for=2 * HOUR)
    unread = decide(FRESH, Failed(NOW, "malformed", answered=fresh), RULES, 0)
    assert unread.next_allowed_at == NOW + 2 * HOUR
    unchanged = Answered(NOW + 2 * HOUR, OLD, is_unchanged=True, fresh_for=3 * HOUR)
    assert decide(unread, unchanged, RULES, 0).next_allowed_at == NOW + 5 * HOUR
    for_ever = Answered(NOW, OLD, fresh_for=9 * DAY)
    assert decide(FRESH, Failed(NOW, "malformed", answered=for_ever), RULES, 0).next_allowed_at == NOW + RULES.longest


def _move(at: list[dt.timedelta], to: str = NEW) -> SourceState:
    state = FRESH
    for after in at:
        state = decide(state, Answered(NOW + after, NEW, moved_to=to), RULES, 0)
    return state


def test_a_move_is_believed_after_three_confirmations_over_a_day_and_not_before() -> None:
    assert address_of(_move([0 * HOUR, HOUR, 2 * HOUR, 23 * HOUR])) == OLD  # many, in less than a day
    assert address_of(_move([0 * HOUR, 48 * HOUR])) == OLD  # long, but twice
    assert address_of(_move([0 * HOUR, HOUR, 24 * HOUR])) == NEW
    assert address_of(_move([0 * HOUR, HOUR, 24 * HOUR], "http://new.example/rss")) == OLD  # a downgrade
    plain = replace(FRESH, url="http://old.example/rss")
    for hours in (0, 1, 24):
        plain = decide(plain, Answered(NOW + hours * HOUR, NEW, moved_to=NEW), RULES, 0)
    assert address_of(plain) == NEW  # a better scheme


def test_an_answer_without_the_redirect_begins_the_count_anew() -> None:
    state = _move([0 * HOUR, 12 * HOUR])
    state = decide(state, Answered(NOW + 13 * HOUR, OLD), RULES, 0)
    assert state.moves[-1].ended == "withdrawn"
    for hours in (25, 26):
        state = decide(state, Answered(NOW + hours * HOUR, NEW, moved_to=NEW), RULES, 0)
    assert address_of(state) == OLD


@pytest.mark.parametrize(
    ("failures", "address"),
    [
        (["not_found"], OLD),
        (["gone"], OLD),
        (["html_instead"], OLD),
        (["read_timeout"], NEW),
        (["read_timeout", "dns", "reset"], OLD),
        (["rate_limited", "unavailable", "rate_limited", "rate_limited"], NEW),
    ],
)
def test_a_new_address_that_fails_gives_the_old_one_back(failures: list[str], address: str) -> None:
    """At once where it fails for good, at the third time where it may pass, never where it asks for rest."""
    state = _move([0 * HOUR, HOUR, 24 * HOUR])
    for number, reason in enumerate(failures):
        state = decide(state, Failed(NOW + (25 + number) * HOUR, reason), RULES, 0)
    assert address_of(state) == address
    assert state.stopped_at is None
    assert (state.moves[-1].ended == failures[-1]) == (address == OLD)  # and the history says why


def test_the_operator_undoes_a_stop_and_a_move() -> None:
    stopped = decide(FRESH, Failed(NOW, "gone"), RULES, 0)
    assert not is_due(stopped, NOW + 1000 * DAY)
    assert is_due(polling.revive(stopped), NOW)
    assert is_due(polling.begin("wire", NEW, stopped), NOW)  # another address in the settings
    state = polling.forget_move(_move([0 * HOUR, HOUR, 24 * HOUR]), NOW + 25 * HOUR)
    assert address_of(state) == OLD
    for hours in (26, 50, 80, 99):
        state = decide(state, Answered(NOW + hours * HOUR, NEW, moved_to=NEW), RULES, 0)
    assert address_of(state) == OLD
    assert state.moves[-1].ended == moves.FORGOTTEN


def test_what_a_forgetful_history_never_forgets() -> None:
    """Twenty further moves later the forgotten one is still not believed."""
    state = polling.forget_move(_move([0 * HOUR]), NOW)
    for number in range(60):
        state = decide(state, Answered(NOW + number * HOUR, NEW, moved_to=f"https://x{number}.example/"), RULES, 0)
    assert len(state.moves) <= moves.MOST_KEPT + 1
    for hours in (100, 130, 160):
        state = decide(state, Answered(NOW + hours * HOUR, NEW, moved_to=NEW), RULES, 0)
    assert address_of(state) == OLD


def test_failures_in_a_row_double_the_interval_up_to_a_bound() -> None:
    state, waits = FRESH, []
    for _ in range(8):
        state = decide(state, Failed(NOW, "read_timeout"), RULES, 0)
        waits.append(state.next_allowed_at - NOW)  # type: ignore[operator]
    assert waits == [n * MINUTE for n in (15, 30, 60, 120, 240, 360, 360, 360)]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache_control": "max-age=600"}, 600),
        ({"cache_control": 'public, MAX-AGE="600", must-revalidate'}, 600),
        ({"cache_control": "max-age=600", "age": "500"}, 100),
        ({"cache_control": "max-age=600", "expires": "Wed, 01 May 2024 20:00:00 GMT"}, 600),
        ({"cache_control": "s-maxage=600"}, None),
        ({"cache_control": "max-age=600, no-cache"}, None),
        ({"cache_control": "no-store"}, None),
        ({"cache_control": "max-age=0"}, None),
        ({"cache_control": "max-age=-5"}, None),
        ({"cache_control": "max-age=soon"}, None),
        ({"cache_control": "max-age=600", "age": "a while"}, 600),
        ({"expires": "Wed, 01 May 2024 12:10:00 GMT"}, 600),
        ({"expires": "Wed, 01 May 2019 12:10:00 GMT", "date": "Wed, 01 May 2019 12:00:00 GMT"}, 600),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"expires": "Wed, 99 Foo 2024"}, None),
        ({"cache_control": "max-age=99999999999"}, 366 * 86_400),
        ({}, None),
    ],
)
def test_freshness_as_headers_tell_it(headers: dict[str, str], seconds: int | None) -> None:
    told = {"cache_control": "", "expires": "", "age": "", "date": "", **headers}
    found = read_lifetime(**told, now=NOW)
    assert (found and found.total_seconds()) == seconds


@pytest.mark.parametrize(
    ("feed", "seconds"),
    [
        (b"<rss><channel><ttl> 60 </ttl><item>", 3600),
        (b"<rss><channel><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1800),
        (b"<rss><channel><sy:updatePeriod> daily </sy:updatePeriod><ttl>5</ttl>", 86_400),
        (b"<rss><channel><item><ttl>60</ttl></item>", 0),
        (b"<rss><channel><ttl>many</ttl>", 0),
        (b"<ttl>0</ttl>", 0),
        (b"\xff\xfe<\x00t\x00t\x00l", 0),
    ],
)
def test_the_feeds_own_wish(feed: bytes, seconds: int) -> None:
    assert read_feed_wish(feed) == seconds


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_no_header_breaks_what_reads_it(text: str) -> None:
    wait = read_retry_after(text, NOW)
    assert wait is None or 0 <= wait <= 604_800
    read_lifetime(cache_control=text, expires=text, age=text, date=text, now=NOW)
