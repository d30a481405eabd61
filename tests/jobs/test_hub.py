"""Models of the user's own: what their files must say, how they are fetched, what is said when something is missing.

How they read once they are loaded is tested in test_transformer.py, which needs the extra `hub`.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import hub
from jobs.models import Model, find_model
from jobs.settings import Score
from jobs.tone import score_stream
from service.errors import BadInput
from service.sentiment.scorer import Label
from tests.jobs.houses import a_house
from tests.jobs.hub_server import NAME, REVISION, serve_model
from tests.sentiment.test_scorers import install, run

LABELS = {"0": "Positive", "1": "Negative", "2": "Neutral"}
PLAIN = {"architectures": ["BertForSequenceClassification"], "id2label": LABELS}
LINE = '{"id": 1, "text": "Bitcoin is good", "target": "bitcoin", "lang": "en"}\n'


def write_files(folder: Path, weights: str = "model.safetensors", **changes: Any) -> Path:
    """The files of a model that may be found, though never opened."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**PLAIN, **changes}))
    (folder / "vocab.txt").write_text("[PAD]\n")
    (folder / weights).write_bytes(b"weights")
    return folder


def version(folder: Path, **settings: Any) -> str:
    return hub.find("mine", Model(model=str(folder), **settings), Path()).classifier.version


def test_a_folder_says_how_its_model_is_read(tmp_path: Path) -> None:
    write_files(tmp_path / "My Model")
    asked = Model(model="./My Model", kind="targeted", languages=("nl",), hide_names=True, temperature=1.5)
    found = hub.find("dutch", asked, tmp_path)
    assert found.folder == tmp_path / "My Model"
    told = found.classifier
    assert (told.name, told.classes) == ("hub-dutch", (Label.POSITIVE, Label.NEGATIVE, Label.NEUTRAL))
    assert (told.languages, told.is_targeted, told.hide, told.temperature) == (frozenset({"nl"}), True, True, 1.5)
    inline = find_model("hub:./My Model", {})
    assert inline is not None
    assert hub.find("hub:./My Model", inline, tmp_path).classifier.name == "hub-my-model"  # safe in a file name


def test_the_version_follows_whatever_an_output_depends_on_and_nothing_else(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "model")
    changes: tuple[dict[str, Any], ...] = (
        {}, {"kind": "targeted"}, {"languages": ("nl",)}, {"hide_names": True}, {"temperature": 2.0},
        {"max_tokens": 64}, {"labels": {"Positive": "negative", "Negative": "positive"}},
    )  # fmt: skip
    versions = [version(folder, **change) for change in changes]
    assert len(set(versions)) == len(changes)
    assert version(folder, batch=3, threads=2) == versions[0]
    (folder / "README.md").write_text("words")
    (folder / "optimizer.pt").write_bytes(b"x")
    assert version(folder) == versions[0]
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n")
    assert version(folder) != versions[0]
    assert version(folder).partition("-")[0] == versions[0].partition("-")[0]
    (folder / "model.safetensors").write_bytes(b"others")
    assert version(folder).partition("-")[0] != versions[0].partition("-")[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"architectures": ["BertForMaskedLM"]},
            ("scorers.mine.model", "BertForMaskedLM", "ForSequenceClassification"),
        ),
        ({"problem_type": "multi_label_classification"}, ("scorers.mine.model", "exclude")),
        ({"id2label": {"a": "positive"}}, ("scorers.mine.model", "id2label")),
        ({"id2label": None}, ("scorers.mine.labels", "LABEL_0", "LABEL_1", "labels = {")),
        ({"id2label": {"1": "LABEL_1", "0": "positive"}}, ("['positive', 'LABEL_1']", "what LABEL_1 means")),
    ],
)
def test_a_model_that_is_no_classifier_of_ours_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: tuple[str, ...]
) -> None:
    folder = write_files(tmp_path / "model", **changes)
    with pytest.raises(BadInput) as caught:
        version(folder)
    for words in said:
        assert words in str(caught.value)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere.*no such folder"):
        version(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"no readable config\.json"):
        version(tmp_path)
    folder = write_files(tmp_path / "model", weights="model.gguf")
    with pytest.raises(BadInput, match=r"no weights.*safetensors"):
        version(folder)
    wordless = write_files(tmp_path / "wordless")
    (wordless / "vocab.txt").unlink()
    with pytest.raises(BadInput, match=r"no tokenizer.*vocab\.txt"):
        version(wordless)


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    """Before anything is fetched; nothing else reads in its place, for that would be another model."""
    program = "import sys; sys.modules['torch'] = None; from jobs.cli import main; main()"
    done = run(program, "tone", "--scorer", f"hub:{write_files(tmp_path / 'model')}", stdin=LINE)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert all(words in done.stderr for words in ("newscandle: scorer", "torch", "pip install '.[hub]'"))


def test_tone_reads_the_settings_only_for_a_name_that_may_stand_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines").write_text(LINE)
    (tmp_path / "newscandle.toml").write_text("[nonsense]\n")
    score_stream("lines", "rules", None, None)
    assert '"scorer": "rules/' in capsys.readouterr().out
    with pytest.raises(BadInput, match="nonsense"):
        score_stream("lines", "mine", None, None)
    (tmp_path / "other.toml").write_text("[scorers.ours]\nmodel = './model'\n")
    with pytest.raises(BadInput, match="ours, hub:MODEL"):
        score_stream("lines", "mine", None, Path("other.toml"))


def test_two_different_scorers_may_not_call_themselves_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exported files are named after them: one would take the other's place."""
    (tmp_path / "namesakes.py").write_text(
        "from service.sentiment.learned.classifier import Classifier, ClassifierScorer\n"
        "def one(): return ClassifierScorer(Classifier('same', '1', frozenset(), ()), None)\n"
        "def two(): return ClassifierScorer(Classifier('same', '2', frozenset(), ()), None)\n"
    )
    monkeypatch.syspath_prepend(install(tmp_path, "one = namesakes:one", "two = namesakes:two"))
    with (
        a_house(tmp_path, score=Score(scorers=("one", "two"))) as house,
        pytest.raises(BadInput, match=r"score\.scorers.*called same"),
    ):
        _ = house.scorers


FETCH = """
import sys
from jobs.model_hub import fetch_model
from service.errors import NewscandleError
for asked in sys.argv[1:]:
    name, _, revision = asked.partition("@")
    try:
        folder = fetch_model(name, revision or None, "scorer")
        print(*sorted(path.name for path in folder.iterdir()))
    except NewscandleError as error:
        print(type(error).__name__, error)
"""
FILES = "config.json model.safetensors vocab.txt"


def fetch(home: Path, endpoint: str, *asked: str, **more: str) -> list[str]:
    """What a process of its own gets, a line each: huggingface_hub reads its variables when it is imported."""
    done = run(FETCH, *asked, HF_HOME=str(home), HF_ENDPOINT=endpoint, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_model_of_the_hub_is_fetched_once_and_then_held(tmp_path: Path) -> None:
    """Only the files that are read; afterwards nobody is asked, whatever the hub has by then."""
    with serve_model(write_files(tmp_path / "model")) as served:
        assert fetch(tmp_path, served.url, NAME, NAME, f"{NAME}@{REVISION}") == [FILES] * 3
        asked = [path.rpartition("/")[2] for path in served.asked if path.startswith("GET") and "/resolve/" in path]
        assert " ".join(sorted(asked)) == FILES
    assert fetch(tmp_path, "http://127.0.0.1:9", NAME) == [FILES]


def test_weights_of_the_older_kind_are_fetched_where_there_are_no_others(tmp_path: Path) -> None:
    with serve_model(write_files(tmp_path / "model", weights="pytorch_model.bin")) as served:
        assert fetch(tmp_path, served.url, NAME, NAME) == ["config.json pytorch_model.bin vocab.txt"] * 2


def test_what_the_hub_lacks_or_does_not_say_is_told_in_one_line(tmp_path: Path) -> None:
    with serve_model(write_files(tmp_path / "model")) as served:
        absent, unknown, odd = fetch(tmp_path, served.url, "somebody/else", f"{NAME}@v9", "a--b/c")
        assert absent.startswith("BadInput scorer: 'somebody/else': the hub has no such model")
        assert unknown.startswith(f"BadInput scorer: '{NAME}@v9': the hub has no such model or revision")
        assert odd.startswith("BadInput scorer: 'a--b/c': ")
        [offline] = fetch(tmp_path, served.url, NAME, HF_HUB_OFFLINE="1")
        assert offline.startswith(f"BadInput scorer: '{NAME}': not held here, and HF_HUB_OFFLINE")
        assert not [path for path in served.asked if "/resolve/" in path]
    [silent] = fetch(tmp_path, served.url, NAME)
    assert silent.startswith(f"FetchFailed model {NAME} could not be fetched")
