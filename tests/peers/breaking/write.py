"""Writes what readers do into the table of the package.

    python tests/peers/breaking/write.py readers tfrecord_lite/coco/rules/readers.json

Run it by the interpreter of the environment whose readers are meant: ``readers`` or ``trainers``.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "support")]


def main() -> None:
    """Runs everything, and writes."""
    from coco_object_defects import DEFECTS  # noqa: PLC0415 - after the path

    from peers.breaking.behaviour import merged, table  # noqa: PLC0415 - likewise

    environment, path = sys.argv[1], Path(sys.argv[2])
    names = sys.argv[3:]
    readers = import_module(f"peers.{environment}.breaking_readers").READERS
    chosen = [reader for reader in readers if not names or reader.name in names]
    versions, effects = table(chosen, DEFECTS)
    path.write_text(json.dumps(merged(path, versions, effects), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
