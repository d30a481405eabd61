"""What may be said of a model of one's own: names, tables, and one clear line for each thing wrong with them."""

from pathlib import Path

import pytest

from jobs.models import Model, find_model
from jobs.settings_file import read_settings
from service.errors import BadInput
from service.sentiment.scorer import Label

TABLE = """
[score]
scorers = ["rules", "finbert", "hub:./kept"]

[scorers.finbert]
model = "ProsusAI/finbert@4556d13015211d73dccd3fdd39d39232506f3e43"
languages = ["en", "nl"]
labels = { LABEL_0 = "negative", LABEL_1 = "positive" }
hide_names = true
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "newscandle.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_names_a_scorer(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, TABLE), {})
    model = settings.scorers["finbert"]
    assert find_model("finbert", settings.scorers) is model
    assert model.remote == ("ProsusAI/finbert", "4556d13015211d73dccd3fdd39d39232506f3e43")
    assert (model.folder, model.languages, model.kind, model.hide_names) == (None, ("en", "nl"), "sequence", True)
    assert model.labels == {"LABEL_0": Label.NEGATIVE, "LABEL_1": Label.POSITIVE}


@pytest.mark.parametrize(
    ("name", "remote", "folder"),
    [
        ("hub:ProsusAI/finbert", ("ProsusAI/finbert", None), None),
        ("hub:distilbert@main", ("distilbert", "main"), None),
        ("hub:./models/mine", None, Path("models/mine")),
        ("hub:../mine@home", None, Path("../mine@home")),
        ("hub:/srv/models/mine", None, Path("/srv/models/mine")),
        ("hub:~/mine", None, Path("~/mine").expanduser()),
    ],
)
def test_a_name_says_whether_the_network_may_be_asked(
    name: str, remote: tuple[str, str | None] | None, folder: Path | None
) -> None:
    """A folder looks like one; whatever lies in the working directory cannot turn a hub's name into a folder."""
    model = find_model(name, {})
    assert model is not None
    assert model.folder == folder
    if remote:
        assert model.remote == remote


def test_other_names_are_no_models() -> None:
    assert find_model("rules", {"mine": Model(model="./mine")}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scorers.a]\nmodel = 'x y'\n", ("scorers.a.model", "x y", "OWNER/NAME", "./")),
        ("[scorers.a]\nmodle = './x'\n", ("scorers.a.model", "required")),
        ("[scorers.a]\nmodel = './x'\nkinds = 'x'\n", ("scorers.a.kinds", "no such setting", "hide_names", "kind,")),
        ("[scorers.a]\nmodel = './x'\nkind = 'pair'\n", ("scorers.a.kind", "pair", "targeted")),
        ("[scorers.a]\nmodel = './x'\nlabels = { A = 'good' }\n", ("scorers.a.labels.A", "good", "positive")),
        ("[scorers.a]\nmodel = './x'\nlanguages = []\n", ("scorers.a.languages",)),
        ("[scorers.a]\nmodel = './x'\ntemperature = 0\n", ("scorers.a.temperature", "greater than 0")),
        ("[scorers.'A b']\nmodel = './x'\n", ("scorers.A b",)),
        ("[scorers.rules]\nmodel = './x'\n", ("scorers.rules", "already")),
        ("[score]\nscorers = ['hub:']\n", ("score.scorers", "hub:", "OWNER/NAME")),
        ("[score]\nscorers = ['mine']\n[scorers.ours]\nmodel = './x'\n", ("score.scorers", "mine", "ours, hub:MODEL")),
    ],
)
def test_each_fault_is_named_with_value_and_remedy(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(BadInput) as caught:
        read_settings(write(tmp_path, text), {})
    for words in said:
        assert words in str(caught.value)
