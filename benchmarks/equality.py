"""Whether two results agree, as far as both claim to: images, boxes, categories, bytes."""

from __future__ import annotations

import filecmp
import json
import os
from typing import Any

TOLERANCE = 0.01 + 1e-6  # pixels: two roundings to two decimals, and what 32-bit floats leave of 640

Boxes = list[tuple[int, str, float, float, float, float]]
"""Category id, category name, x, y, width, height of each object of an image, in the order of the annotations."""


class UnequalError(Exception):
    """Two results differ; the first difference."""


def load(path: str) -> dict[tuple[str, int, int], Boxes]:
    """A COCO file as far as it is compared: boxes by name, width and height of their image."""
    with open(path, encoding="utf-8") as file:
        coco: dict[str, list[dict[str, Any]]] = json.load(file)
    names = {category["id"]: category["name"] for category in coco["categories"]}
    images = {image["id"]: (image["file_name"], image["width"], image["height"]) for image in coco["images"]}
    boxes: dict[tuple[str, int, int], Boxes] = {image: [] for image in images.values()}
    if len(boxes) != len(coco["images"]):
        raise UnequalError(f"{path}: an image comes twice")
    for entry in sorted(coco["annotations"], key=lambda entry: int(entry["id"])):
        category = entry["category_id"]
        boxes[images[entry["image_id"]]].append((category, names[category], *entry["bbox"]))
    return boxes


def check_same(ours: str, theirs: str) -> None:
    """Two COCO files have the same images, categories and boxes but for rounding. UnequalError where not."""
    mine, others = load(ours), load(theirs)
    if different := sorted(mine.keys() ^ others.keys()):
        raise UnequalError(f"{len(different)} images differ by name or size, such as {different[0]}")
    for image, boxes in mine.items():
        for box, other in zip(boxes, others[image], strict=False):
            if box[:2] != other[:2] or any(abs(a - b) > TOLERANCE for a, b in zip(box[2:], other[2:], strict=True)):
                raise UnequalError(f"{image[0]}: a box is {box}, {other}")
        if len(boxes) != len(others[image]):
            raise UnequalError(f"{image[0]}: {len(boxes)} boxes, {len(others[image])}")


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
