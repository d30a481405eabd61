"""The secrets of this process: found in its settings, and struck out of whatever it says, writes down or stores."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.redaction import Redactor, find_in_address

_redactor = Redactor()


def find_secrets(settings: Any) -> Iterator[str]:
    """Every secret in a model of settings: in its secret fields, and in addresses wherever one is written."""
    if hasattr(settings, "get_secret_value"):
        yield from find_in_address(str(settings.get_secret_value()), whole=True)
    elif isinstance(settings, str):
        yield from find_in_address(settings, whole=False)
    elif isinstance(settings, Mapping):
        for value in settings.values():
            yield from find_secrets(value)
    elif isinstance(settings, Iterable):
        for value in settings:
            yield from find_secrets(value)
    else:
        for name in getattr(type(settings), "model_fields", ()):
            yield from find_secrets(getattr(settings, name))


def learn_secrets(settings: Any, *, anew: bool = False) -> None:
    """Strike out the secrets of these settings from now on, and still those of earlier ones unless begun `anew`."""
    global _redactor  # noqa: PLW0603 - one process has one terminal and one log
    _redactor = Redactor(frozenset(find_secrets(settings)) | (frozenset() if anew else _redactor.known))


def clean(text: str) -> str:
    """`text` without secrets: neither those of the settings, nor what looks like one."""
    return _redactor.clean(text)
