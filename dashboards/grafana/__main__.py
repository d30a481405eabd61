"""Writes the boards' JSON: `python -m dashboards.grafana`."""

import json
from pathlib import Path

from dashboards.grafana.boards import draw_boards

FOLDER = Path(__file__).parent / "json"


def write_boards(folder: Path = FOLDER) -> None:
    """One file a board."""
    for name, board in draw_boards().items():
        (folder / name).write_text(json.dumps(board, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_boards()
