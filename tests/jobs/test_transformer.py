"""Real classifiers of the transformers library, made here, loaded by folder and read: needs the extra `hub`.

Not part of what `make test` installs, for torch weighs more than all else together:

    pip install '.[hub]' && pytest tests/jobs/test_transformer.py
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from jobs import hub
from jobs.models import Model
from jobs.score import score_articles
from jobs.settings import Score
from jobs.transformer import Transformer, missing_libraries
from service.errors import BadInput, ModelFailed
from service.sentiment.scorer import Label, MentionContext, Scorer, identify
from tests.jobs.houses import a_house, idle, newscandle, rows
from tests.jobs.test_scorers import read_one_article
from tests.sentiment.test_scorers import run

if missing_libraries():
    pytest.skip(f"extra hub: {', '.join(missing_libraries())} not installed", allow_module_level=True)

from tests.jobs.tiny_transformer import LONGEST, write_classifier

BOTH = "gold is bad while bitcoin is good ."
GOLD, BITCOIN = MentionContext(BOTH, (0, 4), "en"), MentionContext(BOTH, (18, 25), "en")


@pytest.fixture(scope="module")
def sequence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classifier(tmp_path_factory.mktemp("models") / "sequence")


@pytest.fixture(scope="module")
def targeted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classifier(tmp_path_factory.mktemp("models") / "targeted", is_targeted=True)


def build(folder: Path, **settings: object) -> Scorer:
    return hub.build("mine", Model(model=str(folder), **settings), Path())  # type: ignore[arg-type]


def test_tone_by_a_folder_of_the_command_line(sequence: Path, tmp_path: Path) -> None:
    """A process of its own: what the model learned is what is printed, and nothing else is said."""
    lines = "".join(
        f'{{"id": {at}, "text": "Bitcoin is {word} now.", "target": "bitcoin", "lang": "en"}}\n'
        for at, word in enumerate(("good", "bad", "there"))
    )
    done = newscandle(tmp_path, "tone", "--scorer", f"hub:{sequence}", stdin=lines, HF_HUB_OFFLINE="1")
    assert (done.returncode, done.stderr) == (0, "")
    good, bad, there = (json.loads(line) for line in done.stdout.splitlines())
    assert (good["label"], bad["label"], there["label"]) == ("positive", "negative", "neutral")
    assert good["score"] > 0.8
    assert bad["score"] < -0.8
    assert good["scorer"].startswith("hub-sequence/")


def test_tone_by_a_table_of_the_settings(targeted: Path, tmp_path: Path) -> None:
    """Two targets of one sentence, opposite signs; the folder is looked for beside the settings."""
    shutil.copytree(targeted, tmp_path / "kept" / "pairs")
    table = '[scorers.pairs]\nmodel = "./pairs"\nkind = "targeted"\n'
    (tmp_path / "kept" / "newscandle.toml").write_text(table)
    lines = "".join(f'{{"id": 1, "text": "{BOTH}", "target": "{name}", "lang": "en"}}\n' for name in ("gold", "btc"))
    words = ("-c", "kept/newscandle.toml", "tone", "--scorer", "pairs")
    done = newscandle(tmp_path, *words, stdin=lines)
    assert (done.returncode, done.stderr) == (0, "")
    gold, bitcoin = (json.loads(line) for line in done.stdout.splitlines())
    assert (gold["label"], bitcoin["label"]) == ("negative", "positive")
    assert bitcoin["scorer"].startswith("hub-pairs/")


def test_articles_are_scored_under_its_name(sequence: Path, tmp_path: Path) -> None:
    tables = {"mine": Model(model=str(sequence))}
    with a_house(tmp_path, score=Score(scorers=("mine", "rules")), scorers=tables) as house:
        read_one_article(house, tmp_path)
        again = score_articles(house, idle)
        found = rows(house, "SELECT DISTINCT scorer FROM v_scores WHERE scorer LIKE 'hub-%'")
        assert found == [(identify(house.scorers["mine"]),)]
    assert again.counts["readings"] == 0


def test_readings_keep_their_order_and_do_not_depend_on_their_neighbours(targeted: Path) -> None:
    """Short and long pairs in batches of two; nothing of the padding is read."""
    contexts = [GOLD, MentionContext("bitcoin is bad", (0, 7), "en"), BITCOIN, MentionContext("gold is", (0, 4), "en")]
    scorer = build(targeted, kind="targeted", batch=2)
    together = scorer.score_mentions(contexts)
    assert [scorer.score_mentions([one])[0].score for one in contexts] == pytest.approx(
        [one.score for one in together], abs=2e-6
    )
    assert (together[0].label, together[2].label) == (Label.NEGATIVE, Label.POSITIVE)


def test_a_text_longer_than_the_model_reads_is_cut(sequence: Path) -> None:
    """At what was asked for, or at what the model can read, whichever is less; a pair loses no word of its target."""
    short = Transformer(sequence, max_tokens=8, batch=4, threads=1)
    whole = Transformer(sequence, max_tokens=256, batch=4, threads=1)
    long = "gold is good now . " + "gold is bad now . " * LONGEST
    assert np.array_equal(short([long], None), short(["gold is good now . gold"], None))
    assert not np.allclose(whole([long], None), short([long], None))
    assert short([long], ["bitcoin is bad"]).shape == (1, 3)


def test_labels_without_a_meaning_are_mapped_by_the_user(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "unnamed", labels=("LABEL_0", "LABEL_1", "LABEL_2"))
    with pytest.raises(BadInput, match="LABEL_0, LABEL_1, LABEL_2"):
        build(folder)
    meant = {"LABEL_0": "positive", "LABEL_1": "negative", "LABEL_2": "neutral"}
    [one] = build(folder, labels=meant).score_mentions([MentionContext("gold is bad now .", (0, 4), "en")])
    assert one.label is Label.NEGATIVE


def test_what_cannot_be_loaded_is_one_clear_error_at_the_first_reading(sequence: Path, tmp_path: Path) -> None:
    """Weights cut short, weights without a head (which transformers would make up)."""
    from safetensors.torch import load_file, save_file

    def spoil(name: str) -> Path:
        return Path(shutil.copytree(sequence, tmp_path / name))

    cut = spoil("cut")
    (cut / "model.safetensors").write_bytes((sequence / "model.safetensors").read_bytes()[:5000])
    headless = spoil("headless")
    weights = load_file(headless / "model.safetensors")
    save_file({name: one for name, one in weights.items() if "classifier" not in name}, headless / "model.safetensors")
    for folder, said in ((cut, "cannot load it"), (headless, "lack classifier")):
        scorer = build(folder)
        with pytest.raises(ModelFailed, match=said) as caught:
            scorer.score_mentions([GOLD])
        assert str(folder) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_folder_cannot_bring_code(sequence: Path, tmp_path: Path) -> None:
    """A model that needs its own Python is refused, not run and not asked about."""
    folder = Path(shutil.copytree(sequence, tmp_path / "coded"))
    config = json.loads((folder / "config.json").read_text())
    config |= {
        "model_type": "ours",
        "auto_map": {"AutoConfig": "ours.Config", "AutoModelForSequenceClassification": "ours.Model"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "ours.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    with pytest.raises(ModelFailed, match="cannot load it"):
        build(folder).score_mentions([GOLD])
    assert not (tmp_path / "ran").exists()


def test_a_process_that_needs_no_model_of_its_own_loads_no_torch(tmp_path: Path) -> None:
    """Neither for other scorers nor for finding a model; only reading does."""
    program = (
        "import sys; from jobs.house import build_scorer\n"
        f"build_scorer('hub:{write_classifier(tmp_path / 'model')}'); build_scorer('rules')\n"
        "print(sorted({'torch', 'transformers', 'safetensors', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = run(program)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
