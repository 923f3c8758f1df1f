"""What a conversion wrote, as tests look at it: files, and annotations in few words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfrecords import Box

if TYPE_CHECKING:  # the tests of one module do not import them all
    from tfrecord_lite import Summary


@dataclass(frozen=True)
class Converted:
    """What one conversion to a dataset folder gave. coco and report: of its only split."""

    summary: Summary
    folder: Path
    coco: dict[str, Any]
    report: dict[str, Any]


Convert = Callable[..., Converted]


def load(path: Path | str) -> Any:
    """What is in a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def task(done: Converted, name: str) -> Any:
    """One of the files beside that of the instances."""
    return load(done.folder / "annotations" / f"{name}_x.json")


def files(folder: Path) -> set[str]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder, with a hash of what is in it."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files(folder)}


def choice(result: Converted) -> tuple[str, str]:
    """What the report says of how the file was read."""
    (entry,) = result.report["inputs"]
    assert entry["evidence"]
    return entry["schema"], entry["coordinates"]


def names(coco: dict[str, Any]) -> dict[int, str]:
    """The category table."""
    return {category["id"]: category["name"] for category in coco["categories"]}


def found(coco: dict[str, Any]) -> list[tuple[str, int, list[float]]]:
    """Name and id of the category, and the box, of every annotation."""
    known = names(coco)
    return [(known[each["category_id"]], each["category_id"], each["bbox"]) for each in coco["annotations"]]


def named(coco: dict[str, Any]) -> list[tuple[str, list[float]]]:
    """Name of the category, and the box, of every annotation."""
    return [(name, box) for name, _, box in found(coco)]


def xywh(box: Box) -> list[float]:
    """Corners as COCO has the box."""
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]
