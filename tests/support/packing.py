"""From a COCO dataset to records and back, as tests call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coco_datasets import Dataset

from tfrecord_lite import Packed, convert, pack, read_examples
from tfrecord_lite.example.example import Example


def packed(dataset: Dataset, folder: Path, **options: Any) -> Packed:
    """Writes a dataset to ``folder/coco`` and packs it to ``folder/records``."""
    dataset.write(folder / "coco")
    return pack(folder / "coco", folder / "records", **options)


def records(folder: Path) -> list[Example]:
    """All records, in order."""
    return list(read_examples(folder / "records", allow_missing_shards=True))


def by_name(folder: Path) -> dict[str, Example]:
    """Records by the name of their image."""
    return {each.blobs("image/filename")[0].decode(): each for each in records(folder)}


def there_and_back(dataset: Dataset, folder: Path, **options: Any) -> Any:
    """What the main file of a dataset is after it was packed and converted."""
    packed(dataset, folder, **options)
    convert(folder / "records", folder / "back")
    return json.loads((folder / "back" / dataset.path).read_text(encoding="utf-8"))
