"""One list of reasons for all the ways a venue says no."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.market.failures import Failure, classify, read_http_date, read_retry_after

DATE = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kinds", "status", "text", "reason"),
    [
        ({"RateLimitExceeded"}, 429, "", "rate_limited"),
        ({"DDoSProtection"}, 200, '{"error":["EGeneral:Too many requests"]}', "rate_limited"),
        ({"DDoSProtection"}, 418, '{"code":-1003,"msg":"banned until 1700000000000"}', "banned"),
        ({"ExchangeNotAvailable"}, 403, "<html>Request blocked</html>", "banned"),
        ({"ExchangeNotAvailable"}, 403, "block access from your country", "geo_blocked"),
        ({"ExchangeNotAvailable"}, 451, "from a restricted location", "geo_blocked"),
        ({"DDoSProtection"}, 200, '{"error":["EGeneral:Temporary lockout"]}', "banned"),
        ({"ExchangeNotAvailable"}, 503, "", "unavailable"),
        ({"ExchangeNotAvailable"}, 502, "<html>Bad gateway", "unavailable"),
        ({"ExchangeNotAvailable"}, 503, "down for Maintenance", "maintenance"),
        ({"OnMaintenance"}, 500, '["error",20060,"maintenance"]', "maintenance"),
        ({"ExchangeError"}, 500, '["error",10100,"apikey: invalid"]', "not_supported"),
        ({"ExchangeError"}, 500, "Internal error", "unavailable"),
        ({"ExchangeError"}, 200, '{"error":["EQuery:Unknown asset pair"]}', "bad_symbol"),
        ({"BadRequest"}, 400, '{"result":"error","reason":"InvalidSymbol"}', "bad_symbol"),
        ({"BadSymbol"}, None, "", "bad_symbol"),
        ({"RequestTimeout", "NetworkError"}, None, "", "timeout"),
        ({"RequestTimeout"}, 504, "", "timeout"),
        ({"NetworkError"}, None, "", "unavailable"),
        ({"ExchangeError"}, 404, '{"message":"NotFound"}', "not_supported"),
        ({"BadRequest"}, 200, "", "not_supported"),
        ({"ExchangeError"}, 200, "something nobody has seen", "unavailable"),
    ],
)  # fmt: skip
def test_reasons(kinds: set[str], status: int | None, text: str, reason: str) -> None:
    assert classify(kinds, status, text).reason == reason


def test_a_ban_is_not_hammered_and_a_wrong_pair_is_not_repeated() -> None:
    assert classify(set(), 418, "") == Failure("banned", is_retriable=True, is_passing=False)
    assert classify({"BadSymbol"}, None, "") == Failure("bad_symbol", is_retriable=False, is_passing=False)
    assert classify(set(), 429, "") == Failure("rate_limited", is_retriable=True, is_passing=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0), (" 0 ", 0.0), (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None),
        ("99999999999999999999", 999_999_999.0),
        ("Mon, 01 Jan 2024 12:01:00 GMT", 60.0), ("Mon, 01 Jan 2024 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_684_971_199.0), ("Mon, 99 Foo 2024", None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds, dates, the past, the year 9999 and rubbish."""
    found = read_retry_after(value, date=DATE)
    assert found == seconds or (found is not None and seconds is not None and found > 1e11 and seconds > 1e11)


@given(st.text(max_size=40))
def test_no_header_can_break_the_reader(value: str) -> None:
    waited = read_retry_after(value, date=DATE)
    assert waited is None or waited >= 0
    found = read_http_date(value)
    assert found is None or found.tzinfo is dt.UTC
