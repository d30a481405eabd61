"""Which of the names found in a text are meant: the longest that makes sense, by what stands around and elsewhere."""

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final

from service.sentiment import roles
from service.sentiment.aliases import Hit, Need, compile_lexicon, fold
from service.sentiment.catalogue import Catalogue, Target
from service.sentiment.score import Mention, MentionForm
from service.sentiment.surroundings import (
    fenced_spans,
    is_amount,
    is_domain,
    is_other_person,
    is_quote_side,
    is_shouted,
)

_APPOSITION: Final = re.compile(r"\s?,?\s?(?:the |de |het |a |an |een )?")
_APPOSITION_REACH: Final = 8
_SWALLOWED: Final = ""  # verdict: the words are used up, but no target is meant
Verdict = str | None  # a target's key; _SWALLOWED; None: try a shorter name here


def find_names(
    text: str, *, language: str, catalogue: Catalogue, spans: Sequence[tuple[int, int]], at: dt.datetime | None
) -> list[Mention]:
    """Mentions by name, ticker, surname or title, sorted, never overlapping; see `mentions.find`."""
    folded = fold(text)
    lexicon = compile_lexicon(catalogue, language)
    places = [hits for start, end in spans for hits in lexicon.scan(text, folded, start, end)]
    if not places:
        return []
    judge = _Judge(text, folded, catalogue, at)
    sure = _settle(places, judge.judge_sure)
    if all(hit.phrase.need is Need.NOTHING for hits in places for hit in hits):
        return _drop_appositions(text, sure)
    judge.named = {mention.target for mention in sure}
    return _drop_appositions(text, _settle(places, judge.judge_all))


def _settle(places: Sequence[tuple[Hit, ...]], judge: Callable[[Hit], Verdict]) -> list[Mention]:
    """From left to right, at each place the longest name that passes; what it covers is used up."""
    chosen: list[Mention] = []
    free = 0
    for hits in places:
        for hit in hits:
            if hit.start < free:
                continue
            verdict = judge(hit)
            if verdict is None:
                continue
            free = hit.end
            if verdict:
                chosen.append(Mention(verdict, hit.start, hit.end, hit.phrase.form))
            break
    return chosen


class _Judge:
    """Decides, from left to right, whether a name's target is meant; `named`: keys the text names beyond doubt."""

    def __init__(self, text: str, folded: str, catalogue: Catalogue, at: dt.datetime | None) -> None:
        self.text, self.folded, self.catalogue, self.at = text, folded, catalogue, at
        self.fences = fenced_spans(text)
        self.named: set[str] = set()
        self.title_end: tuple[str, int] = ("", -1)  # the last title resolved, and where it ended

    def judge_sure(self, hit: Hit) -> Verdict:
        """Only what no other part of the text must confirm."""
        return self._judge_name(hit) if hit.phrase.need is Need.NOTHING else None

    def judge_all(self, hit: Hit) -> Verdict:
        """Everything, knowing what the text names beyond doubt."""
        match hit.phrase.need:
            case Need.NOTHING:
                return self._judge_name(hit)
            case Need.OFFICE:
                return self._judge_title(hit)
            case Need.ANCHOR:
                return self._judge_ambiguous(hit)
            case Need.FULL_NAME:
                return self._judge_surname(hit)

    def _judge_name(self, hit: Hit) -> Verdict:
        target, (start, end) = hit.phrase.target, (hit.start, hit.end)
        if target is None or self._is_fenced(start, end) or (is_domain(self.text, end) and not hit.phrase.suffix):
            return _SWALLOWED
        if hit.phrase.form is MentionForm.TICKER and is_quote_side(self.text, start):
            return _SWALLOWED
        if target.not_as_amount and is_amount(self.folded, start, end):
            return _SWALLOWED
        if target.not_shouted and self.text[start:end] in target.not_shouted and is_shouted(self.text, start, end):
            return _SWALLOWED
        if hit.phrase.form is MentionForm.SURNAME and self._is_other(hit, is_safe=True):
            return _SWALLOWED
        return target.key

    def _judge_title(self, hit: Hit) -> Verdict:
        person = roles.resolve(hit, self.text, self.folded, at=self.at, named=self.named, catalogue=self.catalogue)
        if person is None:
            return None
        self.title_end = (person.key, hit.end)
        return person.key

    def _judge_ambiguous(self, hit: Hit) -> Verdict:
        target = hit.phrase.target
        is_anchored = target is not None and (
            target.key in self.named or any(key in self.named for key in target.anchors)
        )
        return self._judge_name(hit) if is_anchored else None

    def _judge_surname(self, hit: Hit) -> Verdict:
        target = hit.phrase.target
        if target is None or not self._is_introduced(target, hit):
            return None
        return _SWALLOWED if self._is_other(hit, is_safe=False) else self._judge_name(hit)

    def _is_introduced(self, target: Target, hit: Hit) -> bool:
        """The full name is in the text, or the person's title stands right before."""
        key, end = self.title_end
        if key == target.key and 0 <= hit.start - end <= 2:
            self.named.add(key)
        return target.key in self.named

    def _is_other(self, hit: Hit, *, is_safe: bool) -> bool:
        return is_other_person(self.text, hit.start, hit.end, self.catalogue.given_names, is_safe=is_safe)

    def _is_fenced(self, start: int, end: int) -> bool:
        """Whether the name lies in an address: the last fence that begins before the name's end reaches into it."""
        before = bisect_left(self.fences, (end, 0))
        return before > 0 and self.fences[before - 1][1] > start


def _drop_appositions(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """One mention where two names of one target stand side by side.

    “president Bukele”, “Gensler, the SEC chair”: the name stays; “Bitcoin (BTC)”: the first.
    """
    kept: list[Mention] = []
    for mention in mentions:
        last = kept[-1] if kept else None
        if last is None or last.target != mention.target or mention.start - last.end > _APPOSITION_REACH:
            kept.append(mention)
        elif text[last.end : mention.start] == " (" and text[mention.end : mention.end + 1] == ")":
            continue
        elif MentionForm.ROLE not in (last.form, mention.form) or not _APPOSITION.fullmatch(
            text, last.end, mention.start
        ):
            kept.append(mention)
        elif last.form is MentionForm.ROLE:
            kept[-1] = mention
    return kept
