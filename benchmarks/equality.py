"""Whether two results say the same, as far as both claim to: images, boxes, categories, bytes."""

from __future__ import annotations

import filecmp
import json
import os
from typing import Any, NamedTuple

TOLERANCE = 0.01 + 1e-6  # pixels: two roundings to two decimals, and what 32-bit floats leave of 640


class UnequalError(Exception):
    """Two results differ; the first difference."""


class Dataset(NamedTuple):
    """A COCO file as far as it is compared: everything by the name of the image, in the order of the annotations.

    sizes: width and height. boxes: (category id, category name, x, y, width, height).
    """

    sizes: dict[str, tuple[int, int]]
    boxes: dict[str, list[tuple[int, str, float, float, float, float]]]


def load(path: str) -> Dataset:
    """Reads a COCO file."""
    with open(path, encoding="utf-8") as file:
        coco: dict[str, list[dict[str, Any]]] = json.load(file)
    names = {category["id"]: category["name"] for category in coco["categories"]}
    files = {image["id"]: image["file_name"] for image in coco["images"]}
    if len(files) != len(coco["images"]) or len(set(files.values())) != len(files):
        raise UnequalError(f"{path}: an image id or a file name comes twice")
    boxes: dict[str, list[tuple[int, str, float, float, float, float]]] = {name: [] for name in files.values()}
    for entry in sorted(coco["annotations"], key=lambda entry: int(entry["id"])):
        category = entry["category_id"]
        boxes[files[entry["image_id"]]].append((category, names[category], *entry["bbox"]))
    return Dataset({image["file_name"]: (image["width"], image["height"]) for image in coco["images"]}, boxes)


def check_same(ours: Dataset, theirs: Dataset) -> None:
    """Same images, sizes, categories in use, and boxes, which may differ by the rounding. UnequalError where not."""
    if ours.sizes != theirs.sizes:
        names = sorted(dict(ours.sizes.items() ^ theirs.sizes.items()))
        raise UnequalError(f"{len(names)} images differ by name or size, such as {names[0]}")
    for name, mine in ours.boxes.items():
        others = theirs.boxes[name]
        if [box[:2] for box in mine] != [box[:2] for box in others]:
            raise UnequalError(f"{name}: the categories are {[box[:2] for box in mine]}, {[box[:2] for box in others]}")
        for box, other in zip(mine, others, strict=True):
            if any(abs(a - b) > TOLERANCE for a, b in zip(box[2:], other[2:], strict=True)):
                raise UnequalError(f"{name}: a box is {box[2:]}, {other[2:]}")


def check_files(ours: str, theirs: str, *, content: bool) -> None:
    """Two folders hold files of the same names, at any depth; with content, of the same bytes. UnequalError if not."""
    names = _files_below(ours)
    if names != _files_below(theirs):
        raise UnequalError(f"{theirs}: other files than in {ours}")
    if content:
        _, mismatch, errors = filecmp.cmpfiles(ours, theirs, names, shallow=False)
        if mismatch or errors:
            raise UnequalError(f"{theirs}: {len(mismatch + errors)} files differ, such as {(mismatch + errors)[0]}")


def _files_below(folder: str) -> list[str]:
    """Every file, by its path from the folder."""
    return sorted(
        os.path.relpath(os.path.join(parent, name), folder) for parent, _, files in os.walk(folder) for name in files
    )
