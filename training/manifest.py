"""The sums that packaged weights are checked against: `python -m training.manifest service/sentiment/models`."""

import argparse
import hashlib
import json
from pathlib import Path


def main() -> None:
    """Write `manifest.json` anew: the sha256 of every file in every model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    models = parser.parse_args().models
    files = sorted(path for path in models.glob("*/*") if path.is_file())
    sums = {str(path.relative_to(models)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (models / "manifest.json").write_text(json.dumps(sums, indent=2) + "\n")


if __name__ == "__main__":
    main()
