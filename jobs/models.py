"""What a user says of a model of his own: a table `[scorers.NAME]` of the settings, or `hub:MODEL` for the defaults."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from service.errors import BadInput
from service.sentiment import scorers
from service.sentiment.scorer import Label

HUB: Final = "hub:"
_REMOTE: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?(@[\w.-]+)?")

TableName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class Model(BaseModel):
    """A text classifier in the files of the `transformers` library.

    `model` is a folder (it begins with `/`, `./`, `../` or `~`) or the name of a model on the Hugging Face hub, with
    `@revision` where it should be a certain one. `kind` sequence reads the sentence, targeted the pair of sentence and
    target. `labels` says what the model's labels mean where their names do not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    kind: Literal["sequence", "targeted"] = "sequence"
    languages: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...], Field(min_length=1)] = ("en",)
    labels: Mapping[str, Label] = {}
    hide_names: bool = False
    temperature: Annotated[float, Field(gt=0, le=100)] = 1.0
    max_tokens: Annotated[int, Field(ge=8, le=8192)] = 256
    batch: Annotated[int, Field(ge=1, le=1024)] = 16
    threads: Annotated[int, Field(ge=1, le=256)] = 1

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        if not _is_folder(value) and not _REMOTE.fullmatch(value):
            raise ValueError("name a model of the hub (OWNER/NAME or OWNER/NAME@REVISION), or a folder (./… or /…)")
        return value

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one."""
        return Path(self.model).expanduser() if _is_folder(self.model) else None

    @property
    def remote(self) -> tuple[str, str | None]:
        """Name on the hub and revision, where it is not a folder."""
        name, _, revision = self.model.partition("@")
        return name, revision or None


def _is_folder(model: str) -> bool:
    return model.startswith((".", "~")) or Path(model).is_absolute()


def find_model(name: str, tables: Mapping[str, Model], field: str = "scorer") -> Model | None:
    """The model a scorer's name stands for, None where it is none. Raises `BadInput` for a bad `hub:…`."""
    if not name.startswith(HUB):
        return tables.get(name)
    try:
        return Model(model=name.removeprefix(HUB))
    except ValidationError as error:
        raise BadInput(field, name, error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def check_names(names: Iterable[str], tables: Mapping[str, Model], field: str) -> None:
    """Raises `BadInput` where one of `names` is no scorer, or a table takes the name of a scorer that is there."""
    for taken in sorted(set(tables) & set(scorers.names())):
        raise BadInput(f"scorers.{taken}", taken, "a scorer has this name already; choose another one")
    for name in names:
        if find_model(name, tables, field) is None:
            scorers.check(name, field, also=(*tables, f"{HUB}MODEL"))
