"""Troubles over time, messages' times and signatures: against what is written by hand, and properties."""

import datetime as dt
import textwrap
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.alerts.delivery import find_next_try, read_quiet_hours
from service.alerts.signing import is_genuine, sign
from service.alerts.trouble import Patience, Step, Trouble, decide
from service.errors import BadInput
from service.health.findings import Finding, Severity

NOW = dt.datetime(2024, 5, 10, 12, tzinfo=dt.UTC)
PATIENCE = Patience()
STALE = Finding("stale", "coindesk", Severity.WARNING, "no article for 9 h", "newscandle sources show coindesk")
GRAVE = Finding("stale", "coindesk", Severity.CRITICAL, "no article for 3 d", "newscandle sources show coindesk")


def minutes(number: float) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def walk(looks: list[tuple[float, list[Finding]]], patience: Patience = PATIENCE) -> list[tuple[float, str]]:
    """What is told at which minute."""
    held: dict[tuple[str, str], Trouble] = {}
    told = []
    for at, findings in looks:
        made = decide(held, findings, NOW + minutes(at), patience)
        held = {one.name: one for one in made.held}
        told += [(at, one.step.value) for one in made.told]
    return told


def test_a_trouble_is_told_when_it_lasts_and_told_off_when_it_stays_away() -> None:
    there, away = [STALE], list[Finding]()
    looks = [(0, there), (5, there), (10, there), (15, there), (20, away), (25, away), (30, away), (35, away)]
    assert walk(looks) == [(10, "opened"), (30, "resolved")]


def test_what_comes_and_goes_opens_nothing_and_closes_nothing() -> None:
    flapping = [(5.0 * n, [STALE] if n % 2 else []) for n in range(40)]
    assert walk(flapping) == []
    lasting = [(5.0 * n, [STALE]) for n in range(4)]
    assert walk(lasting + [(20 + at, found) for at, found in flapping]) == [(10, "opened")]


def test_it_is_reminded_of_once_a_day_told_when_graver_and_left_alone_when_acknowledged() -> None:
    looks = [(0, [STALE]), (10, [STALE]), (1449, [STALE]), (1450, [STALE]), (1455, [GRAVE]), (1460, [STALE])]
    told = [(10, "opened"), (1450, "reminder"), (1455, "worse")]
    assert walk(looks) == told
    assert walk([*looks, (1465, [GRAVE]), (2895, [GRAVE])]) == [*told, (2895, "reminder")]
    assert walk(looks, Patience(remind=None)) == [told[0], told[2]]
    known = Trouble(STALE, NOW, NOW, None, NOW, is_acknowledged=True)
    later = decide({known.name: known}, [GRAVE], NOW + dt.timedelta(days=9), PATIENCE)
    assert later.told == ()
    gone = decide({known.name: later.held[0]}, [], NOW + dt.timedelta(days=9, minutes=1), PATIENCE)
    over = decide({known.name: gone.held[0]}, [], NOW + dt.timedelta(days=9, minutes=11), PATIENCE)
    assert [one.step for one in over.told] == [Step.RESOLVED]
    assert (over.held, over.forgotten) == ((), (known.name,))


def test_notes_are_nobodys_alert_and_of_one_name_the_graver_counts() -> None:
    note = Finding("gaps", "kraken", Severity.NOTE, "3 bars", "nothing")
    assert walk([(0, [note]), (10, [note])]) == []
    made = decide({}, [STALE, GRAVE, STALE], NOW, PATIENCE)
    assert [one.finding for one in made.held] == [GRAVE]


def test_two_looks_far_apart_are_not_a_trouble_that_lasted() -> None:
    assert walk([(0, [STALE]), (600, [STALE])]) == []
    assert walk([(0, [STALE]), (600, [STALE]), (610, [STALE])]) == [(610, "opened")]


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_openings_and_endings_take_turns_and_nothing_is_told_of_what_is_not_open(
    history: list[tuple[int, bool, bool]],
) -> None:
    at, looks = 0, []
    for passed, is_there, is_grave in history:
        at += passed
        looks.append((at, [GRAVE if is_grave else STALE] if is_there else []))
    told = walk(looks)
    is_open = False
    for _, step in told:
        assert is_open is (step != "opened")
        is_open = step != "resolved"
    for moment, step in told:  # what is opened was there at every look of the ten minutes before
        if step == "opened":
            assert all(found for one, found in looks if moment - 10 <= one <= moment)
        if step == "resolved":
            assert not any(found for one, found in looks if moment - 10 <= one <= moment)


def test_tries_grow_apart_up_to_six_hours_and_end() -> None:
    waits = [find_next_try(n, NOW, most=12) for n in range(1, 13)]
    assert [None if one is None else (one - NOW) // minutes(1) for one in waits] == [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, None,
    ]  # fmt: skip
    assert find_next_try(1, NOW, most=12, wish_seconds=1800) == NOW + minutes(30)
    assert find_next_try(1, NOW, most=12, wish_seconds=1e12) == NOW + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "released"),
    [
        ("2024-05-10T19:59:00Z", None),
        ("2024-05-10T20:00:00Z", "2024-05-11T05:00:00Z"),
        ("2024-05-11T04:59:00Z", "2024-05-11T05:00:00Z"),
        ("2024-05-11T05:00:00Z", None),
        ("2024-10-26T23:00:00Z", "2024-10-27T06:00:00Z"),  # summer time ends in that night
    ],
)
def test_quiet_hours_are_read_by_a_clock_on_a_wall(now: str, released: str | None) -> None:
    quiet = read_quiet_hours("22:00-07:00", ZoneInfo("Europe/Amsterdam"), "alerts.quiet_hours")
    assert quiet is not None
    at = dt.datetime.fromisoformat(now)
    assert quiet.find_release(at, Severity.WARNING) == (dt.datetime.fromisoformat(released) if released else at)
    assert quiet.find_release(at, Severity.CRITICAL) == at


def test_quiet_hours_that_cannot_be_read_are_refused() -> None:
    for text in ("22-7h", "22:00", "07:00-07:00", "late-early"):
        with pytest.raises(BadInput, match="22:00-07:00"):
            read_quiet_hours(text, dt.UTC, "alerts.quiet_hours")
    assert read_quiet_hours("", dt.UTC, "alerts.quiet_hours") is None


def test_receivers_can_check_it_as_the_documentation_says() -> None:
    """The function on the page is run as it stands there."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text("utf-8")
    code = page[page.index("    import hashlib, hmac, time") :]
    found: dict[str, Any] = {}
    exec(textwrap.dedent(code), found)  # our own page
    body, now = '{"title": "é"}'.encode(), dt.datetime.now(dt.UTC)
    header = sign("a secret of sixteen", body, now)
    assert found["is_ours"](b"a secret of sixteen", header, body)
    assert not found["is_ours"](b"another of sixteen", header, body)
    assert not found["is_ours"](b"a secret of sixteen", sign("a secret of sixteen", body, NOW), body)


def test_a_signature_holds_for_its_body_its_secret_and_five_minutes() -> None:
    """The digest is that of `printf '1715342400.{}' | openssl dgst -sha256 -hmac secret`."""
    header = sign("secret", b"{}", NOW)
    assert header == "t=1715342400,v1=151a1fb5fa2880810e8870336652020f1b280f4f34ec0bfd55580b0ed8202fbd"
    assert is_genuine("secret", b"{}", header, NOW + minutes(4))
    for secret, body, told, at in (
        ("other", b"{}", header, NOW),
        ("secret", b"{ }", header, NOW),
        ("secret", b"{}", header, NOW + minutes(6)),
        ("secret", b"{}", header.replace("1715342400", "1715342401"), NOW),
        ("secret", b"{}", "t=x,v1=", NOW),
    ):
        assert not is_genuine(secret, body, told, at)
