"""Figures and messages as people read them, in the language asked for. HTML, Markdown and drawings print by these."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from dashboards.report.languages import ENGLISH, read_catalogue
from service.correlation.results import Direction, Verdict
from service.wording import Worded, fill, write_english

MISSING = "–"
OUTCOME_NAMES = {
    "log_return": "log return",
    "absolute_return": "size of return",
    "realised_volatility": "realised volatility (log)",
    "log_volume_change": "change of volume (log)",
    "sentiment": "sentiment",
    "close": "close (level)",
    "log_close": "price (log, level)",
}
STATE_NAMES = {
    "scored": "scored",
    "no_signal": "no signal",
    "no_mention": "no mention",
    "unsupported_language": "unsupported language",
}
STATE_MEANINGS = {
    "scored": "the target is spoken of and words with weight reach it",
    "no_signal": "the target is mentioned, and nothing is said for or against it",
    "no_mention": "the article was read and does not mention the target",
    "unsupported_language": "no scorer reads the article's language; it has no number at all",
}
LANGUAGE_NAMES = {
    "en": "English",
    "nl": "Dutch",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BARS = {"1h": "hourly bars", "1d": "daily bars"}
RULES = {
    "not_stationary": "not stationary",
    "too_few": "too few pairs",
    "not_significant": "no more than chance gives",
    "echo": "an echo of another lag",
    "own_past": "adds nothing to its own past",
    "weak": "weak",
    "ranks_disagree": "ranks disagree",
    "halves_disagree": "halves disagree",
    "in_sample": "holds in sample",
    "hold_out": "holds in the part held out",
}


class Words:
    """All of our own words in one language; numbers with its decimal mark. Text from outside passes unchanged.

    `names` are targets' display names in that language by key; a target not among them keeps the one it has.
    """

    def __init__(self, language: str = ENGLISH, names: Mapping[str, str] | None = None) -> None:
        self.language: Final = language
        self._messages = read_catalogue(language)
        self._names: Final = names or {}

    def say(self, message: str, **values: object) -> str:
        """`message`, given in English, in this language with `values` filled in; a `Worded` brings its own."""
        if isinstance(message, Worded):
            # A plain text among its values is a name: ours, and then known here, or someone else's.
            named = {
                name: self.template(value) if type(value) is str else value for name, value in message.values.items()
            }
            return self._fill(message.pattern, named)
        return self._fill(message, values)

    def template(self, message: str) -> str:
        """The pattern of `message` in this language, its fields still open; the English one where there is none."""
        return self._messages.get(message, message)

    def retell(self, sentence: str) -> str:
        """A sentence made elsewhere in English: in this language where it is known here, else as it is."""
        return self.say(sentence) if isinstance(sentence, Worded) else self.template(sentence)

    def knows(self, message: str) -> bool:
        """Whether `message` can be said in this language: anything in English, and what has no letters of its own."""
        if self.language == ENGLISH:
            return True
        if isinstance(message, Worded):
            parts = [value for value in message.values.values() if isinstance(value, Worded)]
            return self.knows(message.pattern) and all(self.knows(part) for part in parts)
        return message in self._messages or is_wordless(message)

    def name(self, target: str, otherwise: str) -> str:
        """What readers call a target."""
        return self._names.get(target, otherwise)

    def signed(self, value: float | None, digits: int = 3) -> str:
        """A figure with its sign (a real minus), or a dash where there is none."""
        return MISSING if value is None else self._write(value, f"+.{digits}f")

    def plain(self, value: float | None, digits: int = 2) -> str:
        """A figure without a plus sign."""
        return MISSING if value is None else self._write(value, f".{digits}f")

    def probability(self, value: float | None) -> str:
        """A p-value to three digits; `< 0.001` where smaller."""
        if value is None:
            return MISSING
        return f"< {self._write(0.001, '.3f')}" if value < 0.001 else self._write(value, ".3f")

    def share(self, value: float | None, digits: int = 0) -> str:
        """A share 0–1 in per cent."""
        return MISSING if value is None else f"{self._write(100 * value, f'.{digits}f')}\u202f%"

    def change(self, value: float | None, digits: int = 2) -> str:
        """A log return in per cent, with its sign."""
        return MISSING if value is None else f"{self.signed(100 * value, digits)}\u202f%"

    def count(self, value: int) -> str:
        """A whole number with thin thousands."""
        return f"{value:,}".replace(",", "\u202f")

    def moment(self, instant: dt.datetime) -> str:
        """An instant to the minute, UTC."""
        return f"{instant:%Y-%m-%d %H:%M}"

    def lag(self, lag: int | None) -> str:
        """A lag with its sign, a plain 0, or a dash."""
        return MISSING if lag is None else self.signed(lag, 0) if lag else "0"

    def date(self, instant: dt.datetime) -> str:
        """A day as it is written in a sentence."""
        return f"{instant.day} {self.say(MONTHS[instant.month - 1])} {instant.year}"

    def month(self, instant: dt.datetime) -> str:
        """A month's short name, as it stands under an axis."""
        return self.say(SHORT_MONTHS[instant.month - 1])

    def outcome_name(self, code: str) -> str:
        """What an outcome is called in a table."""
        return self.say(OUTCOME_NAMES.get(code, code.replace("_", " ")))

    def state_name(self, code: str) -> str:
        """What a state is called."""
        return self.say(STATE_NAMES[code])

    def state_meaning(self, code: str) -> str:
        """What a state means."""
        return self.say(STATE_MEANINGS[code])

    def verdict(self, verdict: Verdict) -> str:
        """The phrase of a verdict."""
        return self.say(verdict.value)

    def direction(self, direction: Direction) -> str:
        """The heading of a direction."""
        return self.say(direction.value)

    def rule(self, code: str) -> str:
        """Which rule gave a verdict."""
        return self.say(RULES.get(code, code.replace("_", " ")))

    def gap_reason(self, code: str) -> str:
        """Why a price is missing."""
        return self.say(code.replace("_", " "))

    def language_name(self, code: str) -> str:
        """A language's name, or its code where it has none here."""
        return self.say(LANGUAGE_NAMES[code]) if code in LANGUAGE_NAMES else code

    def bars_of(self, interval: str) -> str:
        """How bars of an interval are called in a sentence."""
        return self.say(BARS[interval]) if interval in BARS else self.say("bars of {interval}", interval=interval)

    def band_note(self, band: float | None, r: float | None) -> str:
        """Whether a coefficient leaves its band, in words for those who cannot see the drawing."""
        if band is None or r is None:
            return MISSING
        return self.say("outside") if abs(r) > band else self.say("inside")

    def _fill(self, pattern: str, values: Mapping[str, object]) -> str:
        said = {name: self.say(value) if isinstance(value, Worded) else value for name, value in values.items()}
        return fill(self.template(pattern), said, self._write)

    def _write(self, value: float, specification: str) -> str:
        text = write_english(value, specification)
        return text.translate(_COMMA) if self.language != ENGLISH else text


def is_wordless(message: str) -> bool:
    """Whether a message has no letters but in its fields, so that it is the same in every language."""
    return not re.search(r"[^\W\d_]", re.sub(r"\{[^}]*\}", "", message))


_COMMA = str.maketrans(",.", ".,")
_ENGLISH = Words()
signed, moment = _ENGLISH.signed, _ENGLISH.moment
"""The English ones, for pages that are only in English."""
