"""The reference of metrics, written from the catalogue: `python -m dashboards.metrics_page > docs/metrics.md`."""

import sys
from collections.abc import Iterator

from dashboards.metrics_catalogue import CATALOGUE, OF_THE_PROCESS

HEAD = """# Metrics

Written from the code; do not edit: `python -m dashboards.metrics_page > docs/metrics.md`.

`/metrics` of `newscandle serve`, `newscandle up` and of a daemon with `daemon.listen` tells them, as Prometheus text or
as OpenMetrics where it is asked for. All but those of the process asked and of its threads are read in the store, so
whoever is asked tells the same. What is unknown has no sample, and is never 0. A counter only ever grows: what
`newscandle prune` takes away stays counted. What is dear to count is counted in the background, in a fiftieth of the
time at most; `newscandle_counts_timestamp_seconds` says when.
"""


def describe() -> str:
    """The page."""
    return "\n".join([HEAD, *_tell_catalogue(), *_tell_process()])


def _tell_catalogue() -> Iterator[str]:
    for title, metrics in CATALOGUE.items():
        yield f"## {title}\n"
        yield "| metric | kind | labels | unit | meaning |"
        yield "|---|---|---|---|---|"
        for one in metrics:
            labels = ", ".join(f"`{label}`" for label in one.labels)
            yield f"| `{one.name}` | {one.kind.value} | {labels} | {one.unit} | {one.meaning} |"
        yield ""


def _tell_process() -> Iterator[str]:
    yield "## The process asked\n"
    yield f"{', '.join(f'`{name}`' for name in OF_THE_PROCESS)}: as Prometheus clients name and mean them.\n"


if __name__ == "__main__":
    sys.stdout.write(describe())
