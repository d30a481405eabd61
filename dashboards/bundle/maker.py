"""What makes a report: this newscandle's code and the libraries under it, by version and digest."""

import hashlib
import platform
import zlib
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

_ROOMS = ("service", "dashboards")
_KINDS = (".py", ".j2", ".css", ".js", ".toml")
_LIBRARIES = ("numpy", "scipy", "statsmodels", "jinja2", "pyarrow")


@cache
def describe() -> dict[str, str]:
    """Version and digest of the code that computes and renders, versions of what it stands on; by name."""
    return {
        "newscandle": metadata.version("newscandle"),
        "code": _digest_code(),
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: metadata.version(name) for name in _LIBRARIES},
    }


def _digest_code() -> str:
    """16 hex digits of every source, template, style, script and word list of the rooms a report passes through."""
    told = hashlib.sha256()
    for room in _ROOMS:
        for name, file in sorted(_walk(resources.files(room), room), key=lambda found: found[0]):
            told.update(f"{name}\n{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return told.hexdigest()[:16]


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for one in folder.iterdir():
        name = f"{path}/{one.name}"
        if one.is_dir():
            found += _walk(one, name)
        elif one.name.endswith(_KINDS):
            found.append((name, one))
    return found
