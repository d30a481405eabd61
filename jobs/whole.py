"""Files that are old or new, never partly written: also where the process is killed or the power fails.

write beside ─▶ fsync ─▶ rename over the old one ─▶ fsync of the folder
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write what is to become `path`; it does at the end of the block, with the rights the old one had.

    Where the block raises, or anything is raised by the disk (`OSError`), the old file stays and nothing else is left.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():  # a device or a pipe: there is nothing old to keep
        yield target
        return
    partial = target.with_name(f".{target.name}.part")
    try:
        yield partial
        if target.exists():
            partial.chmod(target.stat().st_mode & 0o777)
        _force(partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _force(target.parent)


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Each file whole or not at all, in this order. Raises `OSError`."""
    for path, data in files.items():
        with replacing(path) as partial:
            partial.write_bytes(data)


def _force(path: Path) -> None:
    """Let the disk have what was written, before anything that follows."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
