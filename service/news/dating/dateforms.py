"""Read how a date is written, without knowing what its zone means or whether it is plausible."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from service.news.dating.datewords import DAY_FIRST_LANGUAGES, DOUBTFUL_MONTHS, MONTHS, NOISE, OFFSETS, PLACES, WEEKDAYS


@dataclass(frozen=True, slots=True)
class Written:
    """The parts of a written date. `time` is None for a bare day; `zone` is as written, lower case, "" if absent."""

    year: int
    month: int
    day: int
    time: tuple[int, int, float] | None = None
    zone: str = ""
    is_two_digit: bool = False


@dataclass(frozen=True, slots=True)
class Epoch:
    """Seconds since 1970-01-01T00:00Z."""

    seconds: float


class Unreadable(Exception):
    """The text is no date; `reason` is `date_unreadable` or `date_ambiguous`."""

    def __init__(self, reason: str = "date_unreadable") -> None:
        self.reason = reason
        super().__init__(reason)


_MONTH = "|".join(sorted({*MONTHS, *DOUBTFUL_MONTHS}, key=len, reverse=True))
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d{1,9})?))?"
_TIME = re.compile(
    rf"(?<![\d:])(?:{_CLOCK}|(?P<hour2>\d{{1,2}})[.](?P<minute2>\d{{2}})"
    r"(?: ?uur\b|(?<=om \d\d.\d\d)|(?<=om \d.\d\d))"  # "14.05 uur", "om 14.05": bare dots are dates
    r"|(?P<hour3>\d{1,2}) ?[uh] ?(?P<minute3>\d{2})(?!\d)|(?P<hour4>\d{1,2})(?= ?[ap]\.?m\b))"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?(?: uur\b)?",
)
_ZONE = re.compile(
    r"\s*(?P<name>[a-z]{1,7}\b)?(?:\s*(?P<offset>[+\-\u2212]\d{1,2}(?::?\d{2})?)(?!\d))?(?:\s*\([^()]{0,40}\))?(?:\s*\[[^\[\]]{0,40}\])?"
)
_DATES = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})\.(?P<month>\d{1,2})\.(?P<day>\d{1,2})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|ste|de|er|e|º)?[\s.,/\-]*(?:of |de )?(?P<name>{_MONTH})\b\.?"
        r"[\s.,/\-']*(?:del? )?(?P<year>\d{4}|\d{2})(?!\d)"
    ),
    re.compile(rf"\b(?P<name>{_MONTH})\b\.?[\s\-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b[\s,\-]+(?P<year>\d{{4}})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<year>\d{{4}})[\s\-/.]*(?P<name>{_MONTH})\b\.?[\s\-/.]*(?P<day>\d{{1,2}})(?!\d)"),
    re.compile(r"(?<!\d)(?P<first>\d{1,2})(?P<mark>[/.\-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?!\d)"),
)
# Years 1991 to 2099 stay within the bounds in every zone; offsets beyond ±13:59 and odd clock times take the long way.
_MAIL_DAYS = frozenset({"Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, "})
_MAIL_MONTHS_WORDS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_MAIL_MONTHS = {name: f"-{number:02d}-" for number, name in enumerate(_MAIL_MONTHS_WORDS.split(), 1)}
_LONGEST_EXACT = 32
_OFFSET_FORM = re.compile(r"[+-](?:0\d|1[0-3]):?[0-5]\d", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{9,19}(?:\.\d{1,9})?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[t ]?(\d{2})(\d{2})(\d{2})?)?(z|[+-]\d{2}:?\d{2})?")
_SCALES = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (float("inf"), 1e9))  # seconds, milli-, micro-, nanoseconds


def read_exact(text: str) -> dt.datetime | None:
    """The instant of the two forms nearly every feed writes, to the second and with a zone; None for all others.

    Only a shorter way: `read_form` and what follows it read these texts as the same instants.
    """
    spelled = text if text[4:5] == "-" else _spell_mail_date(text)
    if len(spelled) > _LONGEST_EXACT or spelled[7:8] + spelled[10:11] + spelled[13:14] + spelled[16:17] != "-T::":
        return None
    zone = spelled[19:]
    if not ("1991" <= spelled[:4] <= "2099" and spelled[11:13] <= "23" and (zone == "Z" or _is_offset(zone))):
        return None
    try:
        instant = dt.datetime.fromisoformat(spelled)  # which also sees to it that all the rest are digits
    except ValueError:
        return None
    return instant if instant.tzinfo is dt.UTC else instant.astimezone(dt.UTC)


def _spell_mail_date(text: str) -> str:
    """A date of mail (RFC 5322) in ISO's order, "" where the text is none; digits are not looked at."""
    parts = (text[5:] if text[:5] in _MAIL_DAYS else text).split(" ", 5)
    if len(parts) != 5:
        return ""
    day, name, year, clock, zone = parts
    month = _MAIL_MONTHS.get(name)
    if month is None or len(year) != 4 or len(day) > 2 or len(clock) != 8:
        return ""
    return f"{year}{month}{day:0>2}T{clock}{'Z' if zone in ('GMT', 'UTC') else zone}"


@lru_cache(64)
def _is_offset(zone: str) -> bool:
    return _OFFSET_FORM.fullmatch(zone) is not None


def read_form(text: str, *, day_first: bool | None = None, language: str = "") -> Written | Epoch:
    """The date written in `text`, which must hold nothing else but a weekday and words like "updated".

    `day_first` settles 03/04/2026; None makes such a date `date_ambiguous`. `language` settles the few names of months
    that differ. Raises `Unreadable`.
    """
    text = text.lower().strip()
    if (compact := _read_compact(text)) is not None:
        return compact
    if _NUMBER.fullmatch(text):
        number = float(text)
        return Epoch(next(number / scale for limit, scale in _SCALES if abs(number) < limit))
    time, zone, rest = _take_time(text.replace("t", " ", 1) if re.match(r"\d{4}-\d\d?-\d\d?t\d", text) else text)
    return _read_day(rest, time, zone, day_first=day_first, language=language)


def prefers_day_first(language: str) -> bool | None:
    """How 03/04 is read in a language (`nl`, `en-US`): day first, month first, or None where readers differ."""
    claim = language.lower().replace("_", "-").strip()
    if claim.startswith(("en-us", "en-ph")):
        return False
    if claim.startswith(("en-gb", "en-ie", "en-au", "en-nz", "en-in", "en-za")):
        return True
    return True if claim.split("-")[0] in DAY_FIRST_LANGUAGES else None


def _read_compact(text: str) -> Written | None:
    """20240110, 202401101530, 20240110T153000Z; None where the digits are no such date (an epoch, for example)."""
    found = _COMPACT.fullmatch(text)
    if (
        found is None
        or not 1900 <= int(found[1]) <= 2100
        or not 1 <= int(found[2]) <= 12
        or not 1 <= int(found[3]) <= 31
    ):
        return None
    if found[4] is None and found[7]:
        return None
    time = None if found[4] is None else _checked(int(found[4]), int(found[5]), float(found[6] or 0))
    return Written(int(found[1]), int(found[2]), int(found[3]), time, found[7] or "")


def _take_time(text: str) -> tuple[tuple[int, int, float] | None, str, str]:
    """Cut the clock time and the zone behind it out of the text: (time, zone, rest)."""
    found = _TIME.search(text)
    if found is None:
        return None, "", text
    part = found.groupdict()
    hour = int(part["hour"] or part["hour2"] or part["hour3"] or part["hour4"])
    minute = int(part["minute"] or part["minute2"] or part["minute3"] or 0)
    if part["half"]:
        if not 1 <= hour <= 12:
            raise Unreadable
        hour = hour % 12 + (12 if part["half"] == "p" else 0)
    time = _checked(hour, minute, float((part["second"] or "0").replace(",", ".")))
    zone, end = _take_zone(text, found.end())
    return time, zone, f"{text[: found.start()]} {text[end:]}"


def _take_zone(text: str, start: int) -> tuple[str, int]:
    """The zone that begins at `start` ("" if none) and where it ends. A month or weekday there is no zone."""
    found = _ZONE.match(text, start)
    if found is None:
        return "", start
    name, offset = found["name"] or "", found["offset"] or ""
    if name in MONTHS or name in NOISE or (name and not offset and _is_weekday(name) and name not in OFFSETS):
        return "", start
    return (offset or name).replace("\u2212", "-"), found.end()


def _checked(hour: int, minute: int, second: float) -> tuple[int, int, float]:
    if hour > 24 or minute > 59 or second >= 61 or (hour == 24 and (minute or second)):
        raise Unreadable
    return hour, minute, second


def _read_day(
    text: str, time: tuple[int, int, float] | None, zone: str, *, day_first: bool | None, language: str
) -> Written:
    for pattern in _DATES:
        if (found := pattern.search(text)) is None:
            continue
        _require_noise(text[: found.start()], text[found.end() :])
        part = found.groupdict()
        year, is_two_digit = int(part["year"]), len(part["year"]) == 2
        if is_two_digit:
            year += 2000 if year < 70 else 1900
        if "first" in part:
            day, month = _order(int(part["first"]), int(part["second"]), part["mark"], day_first=day_first)
        else:
            day = int(part["day"])
            month = _month_of(part["name"], language) if "name" in part else int(part["month"])
        return Written(year, month, day, time, zone, is_two_digit)
    raise Unreadable


def _month_of(name: str, language: str) -> int:
    if name in MONTHS:
        return MONTHS[name]
    month = DOUBTFUL_MONTHS[name].get(language.lower().replace("_", "-").split("-")[0])
    if month is None:
        raise Unreadable("date_ambiguous")
    return month


def _order(first: int, second: int, mark: str, *, day_first: bool | None) -> tuple[int, int]:
    """(day, month) of two numbers; dotted dates are European; others may need `day_first`."""
    if first > 12 or first == second or (mark == "." and second <= 12):
        return first, second
    if second > 12:
        return second, first
    if day_first is None:
        raise Unreadable("date_ambiguous")
    return (first, second) if day_first else (second, first)


def _require_noise(before: str, after: str) -> None:
    """Refuse prose that merely contains a date: around it stand a weekday, a zone or words that carry no date."""
    words = re.findall(r"[^\W_]+", f"{before} {after}")
    opening = re.match(r"\s*([^\W\d_]{1,12})\.?,?\s*$", before)
    for word in words:
        if word in NOISE or word in OFFSETS or word in PLACES or _is_weekday(word):
            continue
        if opening and word == opening.group(1):  # the weekday of a language we have no list for
            continue
        raise Unreadable


def _is_weekday(word: str) -> bool:
    return word.rstrip(".") in WEEKDAYS
