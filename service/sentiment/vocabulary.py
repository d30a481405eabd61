"""What a language knows of each word: valences toward its subject and object, and the role it plays for others."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from service.sentiment.lexicons import read_rows

TOKEN: Final = re.compile(r"(?:[^\W_]\.){2,}|[^\W_]+(?:['’.&-][^\W_]+)*%?|[.,;:!?()\[\]\"“”„«»…–—]|(?<!\S)-+(?!\S)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A valence (−4…4): of the whole, toward what stands as its subject, and toward its object.

    `kind` says how it joins with others: up, down (direction of a quantity), ease (relief), bad (a thing whose fall
    is good), burden (the same, but nothing by itself), good (a thing whose fall is bad), boon (the same, but nothing
    by itself), level (a thing whose move is neither), link (nothing after another hit), or empty. `source` names the
    list it stands in.
    """

    whole: float
    subject: float
    object: float
    kind: str
    source: str

    @property
    def is_directed(self) -> bool:
        """Whether subject and object are spoken of differently."""
        return self.subject != self.object


@dataclass(slots=True)
class Term:
    """Everything known of one word form."""

    entry: Entry | None = None
    roles: frozenset[str] = frozenset()
    amount: float = 1.0
    phrases: tuple[tuple[tuple[str, ...], "Term"], ...] = ()  # rest of the phrase → its own term, longest first
    particles: dict[str, Entry] = field(default_factory=dict)  # separable verb: particle → entry


def parse_valence(cell: str) -> tuple[float, float, float]:
    """`v` or `whole/subject/object`."""
    parts = [float(part) for part in cell.split("/")]
    whole, subject, target = parts if len(parts) == 3 else (parts[0],) * 3
    return whole, subject, target


class Vocabulary:
    """A language's terms by lower-case form; `guess` is asked about forms that are not listed."""

    def __init__(self, guess: Callable[["Vocabulary", str], Term | None] | None = None) -> None:
        self.terms: dict[str, Term] = {}
        self._guess = guess
        self._guessed: dict[str, Term | None] = {}

    def find(self, form: str) -> Term | None:
        """The term of a lower-case form, guessed where not listed (compounds, hyphens)."""
        term = self.terms.get(form)
        if term is not None or self._guess is None or len(form) < 5:
            return term
        if form not in self._guessed:
            if len(self._guessed) > 50_000:
                self._guessed.clear()
            self._guessed[form] = self._guess(self, form)
        return self._guessed[form]

    def add_entry(self, form: str, entry: Entry) -> None:
        """List a word or phrase; a later listing wins."""
        self._term(form).entry = entry

    def drop_entry(self, form: str) -> None:
        """Take the valence of a listed word away."""
        if form in self.terms:
            self.terms[form].entry = None

    def add_particle(self, verb: str, particle: str, entry: Entry) -> None:
        """List a separable verb: `verb … particle`."""
        self._term(verb).particles[particle] = entry

    def add_role(self, form: str, role: str, amount: float = 1.0) -> None:
        """Let a word or phrase play a role."""
        term = self._term(form)
        term.roles |= {role}
        term.amount = amount if amount != 1.0 else term.amount

    def _term(self, form: str) -> Term:
        first, *rest = [token.group().lower() for token in TOKEN.finditer(form)]
        head = self.terms.setdefault(first, Term())
        if not rest:
            return head
        tail = tuple(rest)
        for known, term in head.phrases:
            if known == tail:
                return term
        term = Term()
        head.phrases = tuple(sorted((*head.phrases, (tail, term)), key=lambda pair: -len(pair[0])))
        return term


def listed_entries(name: str) -> Iterator[tuple[list[str], Entry]]:
    """The rows of a word list: forms, and the entry they share."""
    source = f"lexicon:{name.removesuffix('.tsv').split('_', 1)[1]}"
    for row in read_rows(name):
        forms, valence, kind, *_ = [*row, "", ""]
        yield [form.strip() for form in forms.split(",") if form.strip()], Entry(*parse_valence(valence), kind, source)


def load_grammar(vocabulary: Vocabulary, name: str) -> None:
    """Read the words that steer others."""
    for head, words in read_rows(name):
        role, _, amount = head.partition(" ")
        for word in words.split():
            vocabulary.add_role(word.replace("_", " "), role, float(amount or 1))


def load_lists(vocabulary: Vocabulary, names: Iterable[str]) -> None:
    """Read word lists, later ones winning."""
    for name in names:
        for forms, entry in listed_entries(name):
            for form in forms:
                verb, plus, particle = form.partition(" + ")
                if plus:
                    vocabulary.add_particle(verb, particle, entry)
                else:
                    vocabulary.add_entry(form, entry)
