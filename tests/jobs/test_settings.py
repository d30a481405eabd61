"""Settings: the file, the variables over it, and one clear line for everything that is wrong."""

import tomllib
from pathlib import Path

import pytest

from jobs.settings import Settings
from jobs.settings_file import read_settings, read_template, write_template
from service.errors import BadInput
from service.instants import Interval


def write(folder: Path, text: str) -> Path:
    file = folder / "newscandle.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_template_states_exactly_the_defaults() -> None:
    """Whoever deletes every key of the written file changes nothing."""
    document = tomllib.loads(read_template())
    sources = document.pop("source")
    assert Settings.model_validate({**document, "source": sources}) == read_settings(None, {})
    assert Settings.model_validate({"source": sources}) == read_settings(None, {})


def test_the_template_leaves_no_setting_unsaid() -> None:
    """But for what is for tests, and for the hooks, which stand there as a comment."""
    unsaid = {("prices", "base_url"), ("alerts", "hook")}
    document = tomllib.loads(read_template())
    for name, field in Settings.model_fields.items():
        for key in getattr(field.annotation, "model_fields", {}):
            assert key in document[name] or (name, key) in unsaid, f"{name}.{key}"


def test_default_sources_speak_both_languages_and_are_named_once() -> None:
    sources = read_settings(None, {}).source
    assert len({source.name for source in sources}) == len(sources) >= 25
    assert sum(source.language == "nl" for source in sources) >= 7


def test_variables_stand_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, '[prices]\nvenues = ["kraken"]\nhistory_days = 5\n')
    settings = read_settings(
        file, {"NEWSCANDLE_PRICES__VENUES": "bitstamp, kraken", "NEWSCANDLE_ALIGN__INTERVALS": "4h"}
    )
    assert settings.prices.venues == ("bitstamp", "kraken")
    assert settings.prices.history_days == 5
    assert settings.align.intervals == (Interval.H4,)
    assert settings.folder == tmp_path


def test_a_file_named_by_variable_must_exist() -> None:
    with pytest.raises(BadInput, match="newscandle init"):
        read_settings(None, {"NEWSCANDLE_CONFIG": "/nowhere/newscandle.toml"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[prices]\nvenus = ['x']\n", ("prices.venus", "venues")),
        ("[pries]\n", ("pries", "prices")),
        ("[prices]\nhistory_days = -1\n", ("prices.history_days", "-1", "greater")),
        ("[align]\nintervals = ['7h']\n", ("7h", "1h")),
        ("[ingest]\nallow_networks = ['10.0.0.1/8']\n", ("ingest.allow_networks", "10.0.0.1/8", "10.20.0.0/16")),
        ("[[source]]\nname = 'A b'\nurl = 'x'\n", ("source.0.name", "A b")),
        ("[[source]]\nname = 'a'\nurl = 'x'\nassume_delay = 'soon'\n", ("assume_delay", "15m")),
        ("folder = '/etc'\n", ("folder",)),
        ("[prices\n", ("not valid TOML",)),
        ("[score]\nscorers = ['magic']\n", ("score.scorers", "magic", "rules")),
    ],
)
def test_each_fault_is_named_with_value_and_remedy(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    with pytest.raises(BadInput) as caught:
        read_settings(write(tmp_path, text), {})
    for words in said:
        assert words in str(caught.value)


def test_an_unknown_variable_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(BadInput, match="NEWSCANDLE_STORE__URL"):
        read_settings(None, {"NEWSCANDLE_STORE_URL": "sqlite:///x.db"})


def test_the_store_url_is_never_repeated(tmp_path: Path) -> None:
    settings = read_settings(None, {"NEWSCANDLE_STORE__URL": "postgresql://me:hunter2@db/x"})
    assert "hunter2" not in repr(settings)
    with pytest.raises(BadInput) as caught:
        read_settings(write(tmp_path, "[store]\nurl = ['hunter2']\n"), {})
    assert "hunter2" not in str(caught.value)


def test_init_does_not_replace_a_file_unasked(tmp_path: Path) -> None:
    file = write(tmp_path, "# mine")
    with pytest.raises(BadInput, match="--force"):
        write_template(file, force=False)
    assert file.read_text() == "# mine"
    write_template(file, force=True)
    assert read_settings(file, {}).source
