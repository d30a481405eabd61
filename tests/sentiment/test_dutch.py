"""Dutch toward a target and as tone: own checklist, and the rules one by one."""

import pytest

from service.sentiment import dutch, rules
from service.sentiment.scorer import Label, MentionContext, State
from service.sentiment.vocabulary import listed_entries
from tests.sentiment.checklist import DUTCH, read

SCORER = rules.build()
GATE = 0.85


def raw(text: str, target: str, *others: str) -> float:
    spans = [(text.index(name), text.index(name) + len(name)) for name in (target, *others)]
    (reading,) = SCORER.score_mentions([MentionContext(text, spans[0], "nl", others=tuple(spans[1:]))])
    return sum(item.weight for item in reading.evidence)


def tone(text: str) -> float:
    return sum(item.weight for item in SCORER.score_tone(text, "nl").evidence)


def test_checklist_passes_the_gate() -> None:
    rows = read(DUTCH, "nl")
    assert len(rows) >= 60
    readings = SCORER.score_mentions([context for context, _, _ in rows])
    wrong = [text for (_, label, text), reading in zip(rows, readings, strict=True) if reading.label is not label]
    assert 1 - len(wrong) / len(rows) >= GATE, wrong


def test_the_own_lists_are_wide() -> None:
    assert sum(len(forms) for name in ("nl_market.tsv", "nl_politics.tsv") for forms, _ in listed_entries(name)) >= 400


def test_the_vendored_list_is_whole() -> None:
    polarities = dutch.pattern_polarities()
    assert len(polarities) == 3304
    assert polarities["uitstekend"] > 0.8
    assert polarities["slecht"] < -0.5


@pytest.mark.parametrize(
    ("adjective", "forms"),
    [
        ("goed", {"goede"}),
        ("groot", {"grote", "groter", "grootste"}),
        ("slim", {"slimme", "slimmer"}),
        ("lief", {"lieve", "liever"}),
        ("boos", {"boze", "bozer"}),
        ("veilig", {"veilige", "veiliger", "veiligste"}),
    ],
)
def test_adjectives_are_inflected_as_they_are_written(adjective: str, forms: set[str]) -> None:
    assert forms <= set(dutch.inflect(adjective))


@pytest.mark.parametrize(
    "text",
    [
        "De man die naar het kind van de president loopt",
        "Best wel een kind als die man, hard en lost en stop",
        "Bukele en Trump spreken over Best Wallet",
    ],
)
def test_function_words_and_english_lookalikes_weigh_nothing(text: str) -> None:
    assert SCORER.score_tone(text, "nl").state is State.NO_SIGNAL


@pytest.mark.parametrize(
    ("plain", "negated"),
    [
        ("De koers stijgt", "De koers stijgt niet"),
        ("Er is groei", "Er is geen groei"),
        ("De bank profiteert", "De bank profiteert nauwelijks"),
        ("De export herstelt", "De export herstelt nog niet"),
    ],
)
def test_negators_work_before_and_behind(plain: str, negated: str) -> None:
    assert tone(plain) > 0 > tone(negated)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Bitcoin zakt na het weekeinde verder weg", -1),
        ("Het kabinet stelt de boeren teleur", -1),
        ("De winst valt dit jaar mee", 1),
        ("De winst valt dit jaar tegen", -1),
        ("De toezichthouder keurt het fonds goed", 1),
        ("De toezichthouder keurt het fonds af", -1),
    ],
)
def test_separable_verbs_are_read_with_their_particle(text: str, sign: int) -> None:
    assert tone(text) * sign > 0


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Koersdaling houdt aan", -1),
        ("Winststijging voor bank", 1),
        ("Bitcoinverbod in de maak", -1),
        ("Faillissementsaanvraag ingediend", -1),
        ("Verkoopgolf op de beurs", -1),
        ("Werkloosheidsdaling in het noorden", 1),
        ("Crypto-hack", -1),
    ],
)
def test_compounds_are_split(text: str, sign: int) -> None:
    assert tone(text) * sign > 0


@pytest.mark.parametrize(
    "text",
    [
        "Daling van geweld",
        "Inflatie daalt",
        "Migratiedruk verlicht",
        "Minder werkloosheid",
        "Zorgen over recessie nemen af",
        "Verbod opgeheven",
    ],
)
def test_the_fall_of_a_bad_thing_is_good(text: str) -> None:
    assert tone(text) > 0


@pytest.mark.parametrize("text", ["Werkloosheid stijgt", "Inflatie loopt verder op", "Vertrouwen neemt af"])
def test_bad_things_rising_and_good_things_falling_are_bad(text: str) -> None:
    assert tone(text) < 0


def test_subject_and_object_are_told_apart_in_each_word_order() -> None:
    for text in ("Trump prijst Bitcoin", "omdat Trump Bitcoin prijst", "Trump heeft Bitcoin geprezen"):
        assert raw(text, "Bitcoin", "Trump") > 1.5, text
        assert abs(raw(text, "Trump", "Bitcoin")) < 0.7, text
    assert raw("Bitcoin werd geprezen door Trump", "Bitcoin", "Trump") > 1.5


def test_clauses_part_what_is_said_of_whom() -> None:
    text = "Trump prijst Bitcoin maar bekritiseert Powell"
    assert raw(text, "Bitcoin", "Trump", "Powell") > 1
    assert raw(text, "Powell", "Trump", "Bitcoin") < -1


def test_tone_has_a_label_of_its_own_thresholds() -> None:
    assert SCORER.score_tone("De koers keldert en de paniek is groot", "nl").label is Label.NEGATIVE
    assert SCORER.score_tone("Vergadering over begroting", "nl").label is Label.NEUTRAL
