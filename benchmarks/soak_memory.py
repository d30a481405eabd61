"""What a process holds, day by day, and whether it grows: resident memory, descriptors, threads, bytes of the store."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Held:
    """At the end of `day`: resident megabytes, open descriptors, threads, megabytes of the store."""

    day: float
    resident: float
    descriptors: int
    threads: int
    store: float


def weigh(day: float, store: Path | None) -> Held:
    """What this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    size = sum(file.stat().st_size for file in store.parent.glob(f"{store.name}*")) if store else 0
    return Held(
        day=day,
        resident=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names of a pseudo file system
        threads=threading.active_count(),
        store=size / 1e6,
    )


def find_slope(days: Sequence[float], figures: Sequence[float]) -> float:
    """Theil and Sen's: the median of the slopes between any two."""
    points = list(zip(days, figures, strict=True))
    slopes = [(later[1] - one[1]) / (later[0] - one[0]) for one, later in combinations(points, 2)]
    return median(slopes) if slopes else 0.0
