"""Any string to a UTC instant with its provenance, or to None with a reason."""

import datetime as dt
from zoneinfo import ZoneInfo

from service.errors import BadInput
from service.instants import EPOCH, ensure_utc
from service.news.article import Dated, InstantOrigin
from service.news.dating.dateforms import Epoch, Unreadable, Written, prefers_day_first, read_exact, read_form
from service.news.dating.datewords import OFFSETS, PLACES
from service.news.text.characters import fold

DAY_ONLY = "date_day_only"
TWO_DIGIT = "date_two_digit"
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
FUTURE_TOLERANCE = dt.timedelta(hours=24)
_LONGEST = 120


def read(
    text: str,
    *,
    origin: InstantOrigin,
    now: dt.datetime | None = None,
    zone: str | None = None,
    language: str = "",
    day_first: bool | None = None,
) -> Dated:
    """The instant written in `text`: RFC 822, ISO 8601, unix seconds or milliseconds, and dates with the
    names of months in English, Dutch, German, French, Spanish, Italian, Portuguese, Swedish, Danish, Norwegian, Polish.

    `zone` (IANA name) is used where the text names none, else UTC; either way `zone_assumed` is set. `now` bounds
    the future; `language` or `day_first` settles 03/04/2026. Never raises for any `text`; `BadInput` for an unknown
    `zone`.

    `instant` is None with `reason` `date_missing`, `date_unreadable`, `date_ambiguous`, `date_out_of_range` (before
    1990, after 2100) or `date_future` (more than 24 h after `now`). With an instant, `reason` may hold a note:
    `date_day_only` (midnight UTC of a bare day) or `date_two_digit` (a year of two digits, read as 1970–2069).
    """
    home = load_zone(zone) if zone else dt.UTC
    if text and (instant := read_exact(text)) is not None:
        dated = Dated(instant, origin, text)
        return dated if now is None else refuse_future(dated, now)
    raw = fold(text[: _LONGEST * 4])
    if not raw:
        return Dated(None, origin, reason="date_missing")
    if len(raw) > _LONGEST:
        return Dated(None, origin, raw[:_LONGEST], reason="date_unreadable")
    try:
        order = prefers_day_first(language) if day_first is None else day_first
        form = read_form(raw, day_first=order, language=language)
    except Unreadable as unreadable:
        return Dated(None, origin, raw, reason=unreadable.reason)
    try:
        instant, is_assumed = _place(form, home)
    except (ValueError, OverflowError):
        return Dated(None, origin, raw, reason="date_unreadable" if _is_near(form) else "date_out_of_range")
    if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        return Dated(None, origin, raw, zone_assumed=is_assumed, reason="date_out_of_range")
    return refuse_future(Dated(instant, origin, raw, is_assumed, _note(form)), now)


def refuse_future(dated: Dated, now: dt.datetime | None) -> Dated:
    """The same, or without an instant and `date_future` where it lies more than 24 h after `now`."""
    if now is None or dated.instant is None or dated.instant <= ensure_utc(now, "now") + FUTURE_TOLERANCE:
        return dated
    return Dated(None, dated.origin, dated.raw, dated.zone_assumed, "date_future")


def load_zone(name: str, field: str = "zone") -> ZoneInfo:
    """The time zone of an IANA name; raises `BadInput`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(field, name, "give an IANA name such as Europe/Amsterdam or UTC") from error


def _place(form: Written | Epoch, home: dt.tzinfo) -> tuple[dt.datetime, bool]:
    """The UTC instant of a written date and whether its zone had to be assumed."""
    if isinstance(form, Epoch):
        return EPOCH + dt.timedelta(seconds=form.seconds), False
    day = dt.datetime(form.year, form.month, form.day)  # noqa: DTZ001 - the zone is found next
    if form.time is None:
        return day.replace(tzinfo=dt.UTC), True
    hour, minute, second = form.time
    local = day + dt.timedelta(hours=hour, minutes=minute, seconds=second)
    offset = _offset(form.zone)
    if offset is not None:
        return (local - offset).replace(tzinfo=dt.UTC), False
    place = PLACES.get(form.zone)
    return _latest(local, ZoneInfo(place) if place else home), place is None


def _latest(local: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """UTC of a wall clock time; of two readings (clocks set back or forward) the later: never known too early."""
    return max(local.replace(tzinfo=zone, fold=fold_).astimezone(dt.UTC) for fold_ in (0, 1))


def _offset(zone: str) -> dt.timedelta | None:
    """The offset a written zone means, None where it means none (absent, unknown, a place, beyond ±14 h)."""
    if zone in OFFSETS:
        return dt.timedelta(minutes=OFFSETS[zone])
    if not zone.startswith(("+", "-")):
        return None
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if hours * 60 + minutes > 14 * 60 or minutes > 59:
        return None
    return dt.timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


def _is_near(form: Written | Epoch) -> bool:
    """Whether only the month or day is impossible, not the year."""
    return isinstance(form, Written) and EARLIEST_YEAR <= form.year <= LATEST_YEAR


def _note(form: Written | Epoch) -> str:
    if isinstance(form, Epoch):
        return ""
    if form.time is None:
        return DAY_ONLY
    return TWO_DIGIT if form.is_two_digit else ""
