"""English toward a target: own checklist, and the rules one by one."""

import pytest

from service.sentiment import rules
from service.sentiment.scorer import Label, MentionContext
from service.sentiment.vocabulary import listed_entries
from tests.sentiment.checklist import ENGLISH, read

SCORER = rules.build()
GATE = 0.85


def raw(text: str, target: str, *others: str) -> float:
    spans = [(text.index(name), text.index(name) + len(name)) for name in (target, *others)]
    (reading,) = SCORER.score_mentions([MentionContext(text, spans[0], "en", others=tuple(spans[1:]))])
    return sum(item.weight for item in reading.evidence)


def rules_of(text: str, target: str) -> str:
    start = text.index(target)
    (reading,) = SCORER.score_mentions([MentionContext(text, (start, start + len(target)), "en")])
    return " ".join(item.rule for item in reading.evidence)


def test_checklist_passes_the_gate() -> None:
    rows = read(ENGLISH, "en")
    assert len(rows) >= 60
    readings = SCORER.score_mentions([context for context, _, _ in rows])
    wrong = [text for (_, label, text), reading in zip(rows, readings, strict=True) if reading.label is not label]
    assert 1 - len(wrong) / len(rows) >= GATE, wrong


def test_the_market_list_is_wide() -> None:
    assert sum(len(forms) for forms, _ in listed_entries("en_market.tsv")) >= 500


@pytest.mark.parametrize(
    ("plain", "steered", "rule"),
    [
        ("Bitcoin is falling", "Bitcoin isn’t falling", "negated"),
        ("Bitcoin is falling", "Bitcoin is not falling", "negated"),
        ("Bitcoin is falling", "Bitcoin is no longer falling", "negated"),
        ("Funds help Bitcoin", "Funds fail to help Bitcoin", "negated"),
    ],
)
def test_negation_turns_the_sign(plain: str, steered: str, rule: str) -> None:
    assert raw(plain, "Bitcoin") * raw(steered, "Bitcoin") < 0
    assert rule in rules_of(steered, "Bitcoin")


@pytest.mark.parametrize(
    ("strong", "weak", "rule"),
    [
        ("Bitcoin fell sharply, or sharply fell", "Bitcoin fell", "intensity"),
        ("Bitcoin will fall", "Bitcoin may fall", "modal"),
        ("Bitcoin is crashing", "Is Bitcoin crashing?", "question"),
    ],
)
def test_intensity_modality_and_questions_scale(strong: str, weak: str, rule: str) -> None:
    assert raw(strong, "Bitcoin") < 0
    assert abs(raw(strong, "Bitcoin")) > abs(raw(weak, "Bitcoin"))
    assert rule in rules_of(strong, "Bitcoin") + rules_of(weak, "Bitcoin")


@pytest.mark.parametrize(
    "text",
    [
        "Inflation falls, Bitcoin watches",
        "Bitcoin fears ease",
        "Bitcoin losses narrow",
        "China lifts ban on Bitcoin",
        "SEC drops lawsuit against Bitcoin fund",
        "Bitcoin recovers from losses",
    ],
)
def test_the_fall_of_a_bad_thing_is_good(text: str) -> None:
    assert raw(text, "Bitcoin") > 0
    assert "inverted" in rules_of(text, "Bitcoin")


@pytest.mark.parametrize("text", ["Unemployment rises in Texas", "Fears grow over Texas", "Losses widen in Texas"])
def test_the_rise_of_a_bad_thing_is_bad(text: str) -> None:
    assert raw(text, "Texas") < 0


@pytest.mark.parametrize("text", ["Profit falls at Intel", "Demand for Intel drops", "Confidence in Intel fades"])
def test_the_fall_of_a_good_thing_is_bad(text: str) -> None:
    assert raw(text, "Intel") < 0


def test_subject_and_object_are_told_apart() -> None:
    active, passive = "SEC sues Binance", "Binance was sued by the SEC"
    for text in (active, passive):
        assert raw(text, "Binance", "SEC") < -1.5
        assert abs(raw(text, "SEC", "Binance")) < 0.4
    assert raw("Ether overtakes Solana", "Ether", "Solana") > 1
    assert raw("Ether overtakes Solana", "Solana", "Ether") < -0.5


def test_a_speaker_is_not_what_is_spoken_of() -> None:
    assert abs(raw("Powell said prices collapsed", "Powell")) < 0.4 * abs(raw("Powell and prices collapsed", "Powell"))
    assert "speaker_damped" in rules_of("Powell said prices collapsed", "Powell")


def test_clause_borders_and_other_targets_damp() -> None:
    text = "Bitcoin waits while Ether crashes"
    assert abs(raw(text, "Bitcoin", "Ether")) < 0.5 * abs(raw(text, "Ether", "Bitcoin"))
    assert "clause" in rules_of(text, "Bitcoin")


def test_who_does_it_is_not_what_is_said_of_the_other() -> None:
    text = "SEC sues Binance, alleging fraud"
    assert abs(raw(text, "SEC", "Binance")) < 0.3 * abs(raw(text, "Binance", "SEC"))
    assert "doer_damped" in rules_of(text, "SEC")


def test_a_general_word_inside_a_name_says_nothing() -> None:
    assert raw("People who hold Bitcoin also use Best Wallet to store coins", "Bitcoin") == 0
    assert raw("Holders of Bitcoin had the best week", "Bitcoin") > 0


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Investors pull $500 million from Bitcoin", -1),
        ("Investors pour $500 million into Bitcoin", 1),
        ("Bitcoin erases weekly gains", -1),
        ("Bitcoin erases weekly losses", 1),
    ],
)
def test_a_verb_is_read_with_its_later_particle(text: str, sign: int) -> None:
    assert raw(text, "Bitcoin") * sign > 1


def test_labels_follow_the_raw_sum() -> None:
    (reading,) = SCORER.score_mentions([MentionContext("Bitcoin meets gold", (0, 7), "en")])
    assert reading.label is Label.NEUTRAL
