"""Scorers by name: the packaged ones, those other packages bring, and what happens where a library is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.errors import BadInput
from service.sentiment import scorers
from tests.jobs.houses import REPOSITORY, environment
from tests.sentiment.learned.tiny import write_model

PLUG_IN = """
from pathlib import Path
from service.sentiment.learned import encoder

def build():
    return encoder.build("tiny", Path(__file__).parent / "models")
"""
STAND_IN = "linear"


def install(folder: Path, *points: str, source: str = PLUG_IN) -> Path:
    """A package with entry points as an installer leaves it, and a tiny encoder in it."""
    write_model(folder / "models")
    (folder / "brought.py").write_text(source)
    sys.modules.pop("brought", None)  # another test's package of that name
    told = folder / "brought-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("\n".join(["[newscandle.scorers]", *points, ""]))
    return folder


def run(
    program: str, *words: str, stdin: str = "", path: Path | None = None, **more: str
) -> "subprocess.CompletedProcess[str]":
    """A process of its own."""
    variables = environment(PYTHONPATH=f"{path or REPOSITORY}{os.pathsep}{REPOSITORY}", **more)
    return subprocess.run(
        [sys.executable, "-c", program, *words], input=stdin, env=variables, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["rules", "vader", "linear"])
def test_packaged_scorers_are_built_by_their_names(name: str) -> None:
    """Name and scorer agree, and there is nothing to notice."""
    built = scorers.build(name)
    assert (built.scorer.name, built.notice) == (name, "")
    assert name in scorers.names()


def test_an_unknown_name_lists_those_there_are() -> None:
    """One error with the field and every name."""
    with pytest.raises(BadInput) as failure:
        scorers.check("oracle", "score.scorers")
    assert failure.value.field == "score.scorers"
    assert all(name in str(failure.value) for name in scorers.names())


def test_a_package_brings_a_scorer_by_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed and built; one that takes a packaged name does not get it."""
    monkeypatch.syspath_prepend(install(tmp_path, "mine = brought:build", "rules = brought:build"))
    assert scorers.names() == (*scorers.PACKAGED, "mine")
    assert scorers.build("mine").scorer.name == "tiny"
    assert scorers.build("rules").scorer.name == "rules"


@pytest.mark.parametrize("point", ["broken = brought:nothing", "broken = absent_package:build"])
def test_a_plug_in_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    """The name and where it points."""
    monkeypatch.syspath_prepend(install(tmp_path, point))
    with pytest.raises(BadInput, match=point.partition(" = ")[2]):
        scorers.build("broken")


def test_tone_by_a_learned_plug_in(tmp_path: Path) -> None:
    """The command line end to end over a real ONNX model: two targets of one sentence, opposite signs."""
    text = "Gold slumps while Bitcoin soars"
    lines = "".join(
        f'{{"id": 1, "text": "{text}", "target": "{target}", "lang": "en"}}\n' for target in ("gold", "btc")
    )
    program = "from jobs.cli import main; main()"
    done = run(program, "tone", "--scorer", "mine", stdin=lines, path=install(tmp_path, "mine = brought:build"))
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert '"label": "negative", "scorer": "tiny/1-' in first
    assert '"label": "positive", "scorer": "tiny/1-' in second


@pytest.mark.parametrize("missing", ["onnxruntime", "tokenizers"])
def test_without_the_runtime_another_scorer_reads_and_stderr_says_so_once(missing: str) -> None:
    """One warning however many lines and names; the answers carry the name of who really read."""
    program = f"import sys; sys.modules['{missing}'] = None; from jobs.cli import main; main()"
    lines = '{"id": 1, "text": "Bitcoin crashes", "target": "bitcoin", "lang": "en"}\n' * 3
    done = run(program, "tone", "--scorer", "encoder", stdin=lines)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f'"scorer": "{STAND_IN}/') == 3
    assert done.stderr.count("\n") == 1
    assert all(word in done.stderr for word in ("newscandle: encoder", "onnxruntime", "neural", STAND_IN))


def test_a_process_that_needs_only_rules_loads_no_runtime() -> None:
    """Neither building nor reading imports onnxruntime, tokenizers or the code that would."""
    program = (
        "import sys; from service.sentiment import scorers; from service.sentiment.scorer import MentionContext\n"
        "scorers.build('rules').scorer.score_mentions([MentionContext('Bitcoin gains', (0, 7), 'en')])\n"
        "scorers.names()\n"
        "print(sorted({'onnxruntime', 'tokenizers', 'service.sentiment.learned.network'} & set(sys.modules)))"
    )
    done = run(program)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_command_for_rules_loads_no_runtime() -> None:
    """The same for `newscandle tone` as a whole."""
    program = (
        "import sys; from jobs.cli import app; app(standalone_mode=False)\n"
        "print(sorted({'onnxruntime', 'tokenizers', 'service.sentiment.learned.network'} & set(sys.modules)))"
    )
    done = run(program, "tone", stdin='{"id": 1, "text": "Bitcoin gains", "target": "bitcoin", "lang": "en"}\n')
    assert done.stdout.splitlines()[1:] == ["[]"], done.stderr
    assert '"scorer": "rules/' in done.stdout
