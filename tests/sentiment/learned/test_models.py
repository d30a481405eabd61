"""Packaged weights: whole and listed, or one clear error that says what to do."""

from pathlib import Path

import pytest

from service.errors import ModelFailed
from service.sentiment.learned.encoder import build
from service.sentiment.learned.models import open_model
from service.sentiment.scorer import MentionContext
from tests.sentiment.learned.tiny import write_manifest, write_model

CONTEXT = MentionContext("Bitcoin soars", (0, 7), "en")


def test_files_come_as_they_were_listed(tmp_path: Path) -> None:
    """What is read is what was summed."""
    model = open_model("tiny", write_model(tmp_path))
    assert model.read("card.json") == (tmp_path / "tiny" / "card.json").read_bytes()


@pytest.mark.parametrize("file", ["card.json", "model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("harm", ["damaged", "cut", "missing"])
def test_a_damaged_or_missing_file_is_one_clear_error(tmp_path: Path, file: str, harm: str) -> None:
    """Model, file and remedy are named, whichever file it is and however it came to harm."""
    path = write_model(tmp_path) / "tiny" / file
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:-1] if harm == "cut" else bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(ModelFailed) as failure:
        build("tiny", tmp_path).score_mentions([CONTEXT])
    assert failure.value.reason == ("model_missing" if harm == "missing" else "model_damaged")
    assert all(part in str(failure.value) for part in ("tiny", file, "install newscandle again"))


def test_a_model_that_is_not_listed_is_not_there(tmp_path: Path) -> None:
    """Also where its folder lies there, and where there is no manifest at all."""
    with pytest.raises(ModelFailed, match="huge"):
        build("huge", write_model(tmp_path))
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(ModelFailed, match=r"manifest\.json"):
        build("tiny", tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(ModelFailed, match=r"manifest\.json"):
        build("tiny", tmp_path)


def test_weights_the_runtime_cannot_run_say_so(tmp_path: Path) -> None:
    """A file that is as listed and yet no model: the runtime is named, not its stack."""
    (write_model(tmp_path) / "tiny" / "model.onnx").write_bytes(b"\x08\x08nonsense")
    write_manifest(tmp_path)
    with pytest.raises(ModelFailed, match=r"cannot run model\.onnx; upgrade onnxruntime"):
        build("tiny", tmp_path).score_mentions([CONTEXT])


def test_a_card_without_a_needed_field_is_refused(tmp_path: Path) -> None:
    """The field is named."""
    write_model(tmp_path)
    (tmp_path / "tiny" / "card.json").write_text('{"name": "tiny", "version": "1"}')
    write_manifest(tmp_path)
    with pytest.raises(ModelFailed, match="languages"):
        build("tiny", tmp_path)


def test_weights_are_opened_at_the_first_reading_only(tmp_path: Path) -> None:
    """A job that only needs the version (aligning, reporting) does not load the model."""
    write_model(tmp_path)
    (tmp_path / "tiny" / "model.onnx").unlink()
    scorer = build("tiny", tmp_path)
    assert scorer.version.startswith("1-")
    with pytest.raises(ModelFailed):
        scorer.score_mentions([CONTEXT])
