"""Dates: any string becomes a UTC instant with provenance, or None with a reason; nothing is guessed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInput
from service.instants import EPOCH
from service.news.article import InstantOrigin
from service.news.dating import dates

FEED = InstantOrigin.FEED


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Wed, 23 Sep 2026 14:05:00 +0200", utc(2026, 9, 23, 12, 5)),
        ("Wed, 23 Sep 2026 14:05:00 EST", utc(2026, 9, 23, 19, 5)),
        ("23 Sep 2026 14:05 PDT", utc(2026, 9, 23, 21, 5)),
        ("Tue, 17 Feb 2026 21:10:07 -0000", utc(2026, 2, 17, 21, 10, 7)),
        ("Mo, 25 Jun 2012 10:00:00 +0200", utc(2012, 6, 25, 8)),
        ("Sept. 23rd, 2026 2:05 PM ET", utc(2026, 9, 23, 18, 5)),
        ("January 5, 2026 12:30 a.m. ET", utc(2026, 1, 5, 5, 30)),
        ("Sat Jan 10 21:00:00 CET 2024", utc(2024, 1, 10, 20)),
        ("2024-01-10T21:00:00Z", utc(2024, 1, 10, 21)),
        ("2024-01-10T21:00:00.250+01:00", utc(2024, 1, 10, 20, 0, 0, 250_000)),
        ("2024-01-10T21:00:00+01:00[Europe/Amsterdam]", utc(2024, 1, 10, 20)),
        ("2024-01-10 21:00:00 +0000 UTC", utc(2024, 1, 10, 21)),
        ("20240110T153000Z", utc(2024, 1, 10, 15, 30)),
        ("2024-01-10T21:00:00 GMT+2", utc(2024, 1, 10, 19)),
        ("1700000000", utc(2023, 11, 14, 22, 13, 20)),
        ("1700000000123", utc(2023, 11, 14, 22, 13, 20, 123_000)),
        ("Tue, 17 Feb 2026 24:00:00 GMT", utc(2026, 2, 18)),
        ("Sun, 31 Dec 2023 23:59:60 GMT", utc(2024, 1, 1)),
    ],
)
def test_dates_with_a_zone_are_exact(text: str, instant: dt.datetime) -> None:
    found = dates.read(text, origin=FEED)
    assert (found.instant, found.zone_assumed, found.reason) == (instant, False, "")


@pytest.mark.parametrize(
    "text",
    [
        "wo, 23 sep 2026 14:05",
        "woensdag 23 september 2026 om 14.05 uur",
        "Gepubliceerd op 23 september 2026 om 14:05",
        "23 september 2026, 14u05",
        "Wed Sep 23 14:05:00 2026",
        "2026-09-23 14:05",
        "2026/9/23 14:05:00",
        "202609231405",
        "23.09.2026 14:05",
        "Wed, 23 Sep 2026 14:05:00 XYZ",
        "2026-09-23T14:05:00-25:00",
    ],
)
def test_without_a_zone_the_given_one_is_assumed_and_said(text: str) -> None:
    assumed, utc_assumed = (dates.read(text, origin=FEED, zone=zone) for zone in ("Europe/Amsterdam", None))
    assert (assumed.instant, assumed.zone_assumed) == (utc(2026, 9, 23, 12, 5), True)
    assert (utc_assumed.instant, utc_assumed.zone_assumed) == (utc(2026, 9, 23, 14, 5), True)


@pytest.mark.parametrize(
    "text", ["24 november 2026", "2026-11-24", "20261124", "Tuesday, November 24, 2026", "24-11-2026"]
)
def test_a_bare_day_is_midnight_utc_with_a_note(text: str) -> None:
    found = dates.read(text, origin=FEED, zone="Europe/Amsterdam")
    assert (found.instant, found.reason, found.zone_assumed) == (utc(2026, 11, 24), "date_day_only", True)


@pytest.mark.parametrize("name", ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus"])
def test_dutch_months_are_read(name: str) -> None:
    months = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus"]
    for form in (name, name[:3] if name != "maart" else "mrt"):
        assert dates.read(f"di 3 {form} 2026 10:00", origin=FEED).instant == utc(2026, months.index(name) + 1, 3, 10)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Mittwoch, 23. September 2026, 14:05 Uhr", 9),
        ("Mi, 23 Dez 2026 14:05", 12),
        ("23. März 2026 um 14:05 Uhr", 3),
        ("mercredi 23 février 2026 à 14h05", 2),
        ("Publié le 23 août 2026 à 14:05", 8),
        ("miércoles, 23 de septiembre de 2026, 14:05", 9),
        ("mié, 23 ene 2026 14:05", 1),
        ("mercoledì 23 luglio 2026 alle ore 14:05", 7),
        ("quarta-feira, 23 de outubro de 2026 às 14:05", 10),
        ("onsdag den 23 maj 2026 kl. 14:05", 5),
        ("ons, 23 des 2026 14:05", 12),
        ("lør. 23. marts 2026 kl 14:05", 3),
        ("środa, 23 września 2026 r. godz. 14:05", 9),
        ("23 PAŹDZIERNIKA 2026 14:05", 10),
        ("juil. 23, 2026 14:05", 7),
    ],
)
def test_months_of_many_languages_are_read(text: str, month: int) -> None:
    found = dates.read(text, origin=FEED)
    assert (found.instant, found.zone_assumed) == (utc(2026, month, 23, 14, 5), True)


def test_a_month_that_differs_between_languages_is_not_guessed() -> None:
    """Listopad is November in Polish and October in Croatian."""
    assert dates.read("23 listopada 2026", origin=FEED).reason == "date_ambiguous"
    assert dates.read("23 listopada 2026", origin=FEED, language="pl").instant == utc(2026, 11, 23)
    assert dates.read("23 listopada 2026", origin=FEED, language="hr-HR").instant == utc(2026, 10, 23)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("EDT", -4), ("EST", -5), ("CDT", -5), ("MST", -7), ("PDT", -7), ("PST", -8), ("CET", 1), ("CEST", 2), ("BST", 1)],
)
def test_letters_of_zones_say_what_they_say(zone: str, hours: int) -> None:
    found = dates.read(f"Wed, 23 Sep 2026 14:05:00 {zone}", origin=FEED)
    assert (found.instant, found.zone_assumed) == (utc(2026, 9, 23, 14 - hours, 5), False)


def test_year_first_with_slashes_is_not_turned_round() -> None:
    """2016/6/29 once became the first of June in a widely used parser."""
    assert dates.read("2016/6/29", origin=FEED).instant == utc(2016, 6, 29)


def test_day_and_month_are_not_guessed() -> None:
    assert dates.read("03/04/2026", origin=FEED).reason == "date_ambiguous"
    assert dates.read("03/04/2026", origin=FEED, language="en").reason == "date_ambiguous"
    assert dates.read("03/04/2026", origin=FEED, language="nl-BE").instant == utc(2026, 4, 3)
    assert dates.read("03/04/2026", origin=FEED, language="en-US").instant == utc(2026, 3, 4)
    assert dates.read("03/04/2026", origin=FEED, day_first=True).instant == utc(2026, 4, 3)
    assert dates.read("09/23/2026", origin=FEED).instant == dates.read("23/09/2026", origin=FEED).instant


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "date_missing"),
        ("   ", "date_missing"),
        ("yesterday", "date_unreadable"),
        ("31 Feb 2024", "date_unreadable"),
        ("2003-12", "date_unreadable"),
        ("on 12 may 2024 bitcoin fell", "date_unreadable"),
        ("2024-01-10 25:00", "date_unreadable"),
        ("0001-01-01", "date_out_of_range"),
        ("1989-12-31T23:59:59Z", "date_out_of_range"),
        ("9999-12-31T23:59:59-01:00", "date_out_of_range"),
        ("0", "date_unreadable"),
    ],
)
def test_what_is_no_usable_date_has_a_reason(text: str, reason: str) -> None:
    found = dates.read(text, origin=FEED)
    assert (found.instant, found.reason) == (None, reason)


def test_two_digit_years_are_read_within_a_window_and_noted() -> None:
    found = dates.read("23 Sep 26 14:05 GMT", origin=FEED)
    assert (found.instant, found.reason) == (utc(2026, 9, 23, 14, 5), "date_two_digit")
    assert dates.read("23 Sep 70 14:05 GMT", origin=FEED).reason == "date_out_of_range"


def test_only_more_than_a_day_ahead_is_the_future() -> None:
    now = utc(2026, 1, 1)
    assert dates.read("2026-01-02T00:00:00Z", origin=FEED, now=now).instant == utc(2026, 1, 2)
    late = dates.read("2026-01-02T00:00:01Z", origin=FEED, now=now)
    assert (late.instant, late.reason, late.raw) == (None, "date_future", "2026-01-02T00:00:01Z")


def test_a_doubtful_clock_time_is_never_read_too_early() -> None:
    """Of the two readings when clocks are set back or forward the later one is taken: nothing is known too soon."""
    back = dates.read("2024-10-27 02:30", origin=FEED, zone="Europe/Amsterdam")
    forward = dates.read("2024-03-31 02:30", origin=FEED, zone="Europe/Amsterdam")
    assert (back.instant, forward.instant) == (utc(2024, 10, 27, 1, 30), utc(2024, 3, 31, 1, 30))


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "", "/etc", "Europe"])
def test_an_unknown_zone_is_named(zone: str) -> None:
    with pytest.raises(BadInput, match="IANA"):
        dates.load_zone(zone)


@given(st.text(max_size=200))
def test_any_string_is_an_instant_or_a_reason(text: str) -> None:
    found = dates.read(text, origin=FEED, now=utc(2026, 1, 1), zone="America/New_York", language=text[:5])
    assert (found.instant is None) <= bool(found.reason)
    assert found.instant is None or utc(1990, 1, 1) <= found.instant <= utc(2026, 1, 2)


@given(
    st.sampled_from(["", "Wed, ", "mié "]),
    st.integers(0, 40),
    st.sampled_from(["Jan", "Feb", "Dec", "mei"]),
    st.integers(0, 9999),
    st.integers(0, 25),
    st.integers(0, 61),
    st.sampled_from(["GMT", "Z", "+0200", "-14:30", "+13:59", "", "EST"]),
    st.booleans(),
)
def test_the_short_way_reads_as_the_long_one(
    name: str, day: int, month: str, year: int, hour: int, minute: int, zone: str, is_mail: bool
) -> None:
    """Two forms are read in one step; a trailing space sends the same text the long way."""
    clock = f"{hour:02}:{minute:02}:00"
    text = f"{name}{day} {month} {year:04} {clock} {zone}" if is_mail else f"{year:04}-{day:02}-{day:02}T{clock}{zone}"
    short, long = (dates.read(one, origin=FEED) for one in (text, f" {text}"))
    assert (short.instant, short.reason, short.zone_assumed) == (long.instant, long.reason, long.zone_assumed)


ALPHABET = st.sampled_from([*"0123456789:-/., +TZ", "jan ", "mei ", "GMT", "uur", "om ", "pm", "(", "[", "wo, "])


@given(st.lists(ALPHABET, max_size=30).map("".join))
def test_strings_of_date_like_pieces_never_raise(text: str) -> None:
    found = dates.read(text, origin=FEED)
    assert (found.instant is None) <= bool(found.reason)


@given(st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2100, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_iso_and_mail_dates_round_trip(naive: dt.datetime, minutes: int) -> None:
    aware = naive.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    for text in (aware.isoformat(), aware.strftime("%a, %d %b %Y %H:%M:%S %z")):
        assert dates.read(text, origin=FEED).instant == aware.astimezone(dt.UTC), text
    millis = (aware - EPOCH) // dt.timedelta(milliseconds=1)
    assert dates.read(str(millis), origin=FEED).instant == aware.astimezone(dt.UTC)
