"""The settings file and the variables that override it, read into `jobs.settings`; unknown keys are refused."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from jobs import alert_settings
from jobs.alert_settings import Hook
from jobs.models import Model
from jobs.redacting import learn_secrets
from jobs.settings import Settings, Source
from jobs.whole import write_whole
from service.errors import BadInput

DEFAULT_FILE = Path("newscandle.toml")
PREFIX = "NEWSCANDLE_"
OTHER_VARIABLES = ("CONFIG", "CLOCK", "TEST_")
"""How variables with our prefix begin that are no settings: where the file is, a fixed clock, what tests are given."""


_SECRET = re.compile(r"(?i)pass|pwd|secret|token|key|auth|dsn|credential|webhook")
"""What is named so, even misspelt, may be a secret: what was given is not repeated."""


def read_settings(file: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `file` (TOML; `None`: `NEWSCANDLE_CONFIG`, else ./newscandle.toml where it exists) and variables.

    A variable is `NEWSCANDLE_<SECTION>__<KEY>`, e.g. `NEWSCANDLE_STORE__URL`; lists are comma-separated. Raises
    `BadInput` naming the key, the value and the remedy; the value of a secret is not repeated, here or anywhere later.
    """
    environment = os.environ if environment is None else environment
    path, is_demanded = _locate(file, environment)
    document = _read_toml(path.read_text, str(path)) if path.exists() or is_demanded else {}
    if "source" not in document:
        document["source"] = _read_toml(read_template, "packaged settings")["source"]
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX) and not name.removeprefix(PREFIX).startswith(OTHER_VARIABLES):
            _override(document, name, value)
    try:
        settings = Settings.model_validate({**document, "folder": path.parent})
    except ValidationError as error:
        raise _translate(error) from None
    learn_secrets(settings)
    return settings


def find_file(file: Path | None) -> Path:
    """The settings file that `read_settings` would read, whether it is there or not."""
    return _locate(file, os.environ)[0]


def _locate(file: Path | None, environment: Mapping[str, str]) -> tuple[Path, bool]:
    if file is not None:
        return file, True
    named = environment.get(PREFIX + "CONFIG")
    return (Path(named), True) if named else (DEFAULT_FILE, False)


def read_template() -> str:
    """The commented settings file that `newscandle init` writes, with the default list of sources."""
    return resources.files("jobs").joinpath("newscandle.toml").read_text(encoding="utf-8")


def _read_toml(read_text: Callable[[], str], name: str) -> dict[str, Any]:
    try:
        text = read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("settings file", name, "write one with `newscandle init`, or name another") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("settings file", name, f"not valid TOML: {error}") from error
    if "folder" in document:
        raise BadInput("folder", document["folder"], "there is no such setting")
    return document


def _override(document: dict[str, Any], variable: str, value: str) -> None:
    if alert_settings.override(document, variable.removeprefix(PREFIX), variable, value):
        return
    section, _, key = variable.removeprefix(PREFIX).lower().partition("__")
    model = Settings.model_fields[section].annotation if section in Settings.model_fields else None
    fields = getattr(model, "model_fields", {})
    if key not in fields:
        known = [f"{PREFIX}{s.upper()}__{k.upper()}" for s, k in _variables()]
        near = get_close_matches(variable, known, n=3, cutoff=0.3) or known
        raise BadInput(
            variable, "(set in the environment)", f"there is no such setting; did you mean {', '.join(near)}?"
        )
    is_list = "tuple" in str(fields[key].annotation)
    items: Any = [item.strip() for item in value.split(",") if item.strip()] if is_list else value
    document.setdefault(section, {})[key] = items


def _variables() -> list[tuple[str, str]]:
    return [
        (section, key)
        for section, field in Settings.model_fields.items()
        for key in getattr(field.annotation, "model_fields", {})
    ]


def _translate(error: ValidationError) -> BadInput:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    is_hidden = field == "store.url" or _SECRET.search(field) or isinstance(first["input"], Mapping)
    is_hidden = is_hidden or first["type"] == "extra_forbidden"  # a misspelt name may be a secret's
    value = "(not shown)" if is_hidden or alert_settings.is_hidden(first["loc"]) else first["input"]
    if first["type"] == "extra_forbidden":
        remedy = f"there is no such setting; look at `newscandle init` for those there are ({_siblings(first['loc'])})"
    else:
        remedy = first["msg"].removeprefix("Value error, ")
    return BadInput(field, value, remedy)


_TABLES: Mapping[str, type[BaseModel]] = {"source": Source, "scorers": Model, "hook": Hook}


def _siblings(location: tuple[str | int, ...]) -> str:
    model: Any = Settings
    for part in location[:-1]:
        field = getattr(model, "model_fields", {}).get(str(part))
        if str(part) in _TABLES or model in _TABLES.values():
            model = _TABLES.get(str(part), model)
        else:
            model = getattr(field, "annotation", Settings)
    return ", ".join(sorted(name for name in getattr(model, "model_fields", {}) if name != "folder"))


def write_template(path: Path, *, force: bool) -> None:
    """Write the commented settings file; refuses (`BadInput`) to replace one that is there unless `force`."""
    if path.exists() and not force:
        raise BadInput("settings file", str(path), "is there already; use --force to replace it")
    try:
        write_whole({path: read_template().encode()})
    except OSError as error:
        raise BadInput("settings file", str(path), f"cannot be written: {error.strerror}") from error
