"""TextBlob as a scorer, for the table: `pip install textblob` where it is wanted; newscandle does not need it."""

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final

from service.sentiment.scorer import Label, MentionContext, Reading, State

NAME: Final = "textblob"
UNREAD: Final = Reading(State.UNSUPPORTED_LANGUAGE, None, None)


def is_installed() -> bool:
    """Whether TextBlob can be measured here."""
    return find_spec("textblob") is not None


class TextBlobScorer:
    """The polarity of the whole sentence, whoever is spoken of; any polarity other than 0 is a label."""

    name: Final = NAME
    languages: Final = frozenset({"en"})

    def __init__(self) -> None:
        import textblob  # type: ignore[import-not-found,unused-ignore]

        self._blob = textblob.TextBlob
        self.version = version(NAME)

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        return [self.score_tone(context.text, context.language) for context in contexts]

    def score_tone(self, text: str, language: str) -> Reading:
        if language not in self.languages:
            return UNREAD
        polarity = float(self._blob(text).sentiment.polarity)
        label = Label.POSITIVE if polarity > 0 else Label.NEGATIVE if polarity < 0 else Label.NEUTRAL
        return Reading(State.SCORED, polarity, label)
