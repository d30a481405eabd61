"""Which language a text is in: py3langid on what is scored, with the feed's or page's claim as a mild prior."""

import copy
import functools
import re
from typing import Any

# What is told apart. Near twins (Slovak of Czech, Catalan of Spanish, Afrikaans of Dutch) are left out: each one more
# costs short headlines their right answer, and "a language we do not score" is all one needs. A claim lets it in.
LANGUAGES = frozenset(
    "ar bg cs da de el en es fa fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split()  # noqa: SIM905
)
UNDETERMINED = "und"

_HOMES = {"en": 2.0, "nl": 2.0}  # prior odds of the languages newscandle's sources are written in
_CLAIM = 4.0  # odds a claim is worth
_LEAST_LETTERS = 3  # fewer are nothing to read
_FEW = 8  # bytes of letters: fewer (one word; two Chinese signs) leave it to the claim
_LEAST_CONFIDENCE = 0.25  # below this the text says nothing: then the claim is believed, or nothing said
_READ = 2_000  # code points looked at: more changes nothing

_CLAIM_CODE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_.@-]*)?\s*")
# fmt: off
_SAME = {  # other codes and plain names for what the model calls otherwise
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "eng": "en", "nld": "nl", "dut": "nl", "deu": "de", "ger": "de",
    "fra": "fr", "fre": "fr", "spa": "es", "english": "en", "dutch": "nl", "nederlands": "nl", "german": "de",
    "deutsch": "de", "french": "fr", "spanish": "es",
}
# fmt: on
_NOISE = re.compile(r"(?:https?://|www\.)\S{1,2000}|[@#$]\w{1,100}|\S{1,64}@\S{1,64}")
_LETTER = re.compile(r"[^\W\d_]")


def detect(text: str, claim: str = "") -> tuple[str, float]:
    """The language of `text` (ISO 639-1) and the confidence in it, 0–1; ("und", confidence) where nothing can be said.

    Give the title and the first ~600 code points of what is scored: bare headlines are right in .98 (nl) to .995 (en),
    with a lead in 1.0. `claim` is what the feed or page says ("nl-NL", "en", "" if nothing): it weighs 4 to 1, so it
    decides where the detector wavers and cannot turn a confident reading (feeds do lie: Dutch ones saying "en").
    Text without letters is "und" whatever is claimed. The model (100 MB of memory) loads at the first call.
    """
    readable = _NOISE.sub(" ", text[:_READ])
    letters = "".join(_LETTER.findall(readable))
    if len(letters) < _LEAST_LETTERS:
        return UNDETERMINED, 0.0
    claimed = _normalise(claim)
    weighed = {code: p * _HOMES.get(code, 1.0) for code, p in _load_identifier(claimed).rank(readable)}
    is_claimed = claimed in weighed
    is_short = len(letters.encode("utf-8", "surrogatepass")) < _FEW
    is_unsure = is_short or max(weighed.values()) < _LEAST_CONFIDENCE * sum(weighed.values())
    if is_claimed:
        weighed[claimed] *= _CLAIM
    code = claimed if is_claimed and is_unsure else max(weighed, key=weighed.__getitem__)
    confidence = round(weighed[code] / sum(weighed.values()), 4)
    return (UNDETERMINED if is_unsure and not is_claimed else code), confidence


def _normalise(claim: str) -> str:
    """`nl-NL`, `nl_BE.UTF-8`, `NL`, `Dutch` → `nl`; anything unreadable → `""`."""
    name = claim.strip().lower()
    if name in _SAME:
        return _SAME[name]
    matched = _CLAIM_CODE.fullmatch(name)
    code = matched[1] if matched else ""
    return _SAME.get(code, code)


def _load_identifier(claimed: str) -> Any:
    """The detector over LANGUAGES, and over one more if the claim names another that the model knows."""
    is_extra = len(claimed) == 2 and claimed not in LANGUAGES and claimed in _load_model().labels
    return _restrict(claimed if is_extra else "")


@functools.cache
def _restrict(extra: str) -> Any:
    """A detector of its own for each set of languages: narrowing one in place would change it for other callers."""
    identifier = copy.copy(_load_model())
    identifier.set_languages(LANGUAGES | {extra} if extra else LANGUAGES)
    return identifier


@functools.cache
def _load_model() -> Any:
    """The packaged model, once per process (half a second)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
