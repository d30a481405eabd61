"""One scorer out of several: a leading one, and companions for the languages it does not read."""

from collections.abc import Sequence

from service.sentiment.scorer import Explaining, MentionContext, Reading, Scorer, State

_UNREAD = Reading(State.UNSUPPORTED_LANGUAGE, None, None)


class CompositeScorer:
    """Reads each language with the first of its scorers that knows it; the version names them all.

    Scores of different scorers are not on one scale: compare them within a language.
    """

    def __init__(self, leading: Scorer, *companions: Scorer) -> None:
        self._readers: dict[str, Scorer] = {}
        for scorer in (leading, *companions):
            for language in scorer.languages:
                self._readers.setdefault(language, scorer)
        told = (f"{one.name}-{one.version}" for one in companions)
        self.name = leading.name
        self.version = "+".join((leading.version, *told))
        self.languages = frozenset(self._readers)

    def reader(self, language: str) -> Scorer | None:
        """Who reads this language; None: nobody."""
        return self._readers.get(language)

    def score_mentions(self, contexts: Sequence[MentionContext]) -> list[Reading]:
        """Each context read by the scorer of its language, each scorer asked once; order kept."""
        readings = [_UNREAD] * len(contexts)
        for scorer in dict.fromkeys(self._readers.values()):
            own = [at for at, context in enumerate(contexts) if self.reader(context.language) is scorer]
            if own:
                found = scorer.score_mentions([contexts[at] for at in own])
                for at, reading in zip(own, found, strict=True):
                    readings[at] = reading
        return readings

    def explain(self, context: MentionContext) -> Reading:
        """The reading of one mention with evidence, by the scorer of its language; see `Explaining`."""
        scorer = self.reader(context.language)
        if scorer is None:
            return _UNREAD
        return scorer.explain(context) if isinstance(scorer, Explaining) else scorer.score_mentions([context])[0]

    def score_tone(self, text: str, language: str) -> Reading:
        """The tone, by the scorer of the language."""
        scorer = self.reader(language)
        return _UNREAD if scorer is None else scorer.score_tone(text, language)
