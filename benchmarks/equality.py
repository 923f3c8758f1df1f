"""Whether two results agree, as far as both claim to: images, boxes, categories, bytes.

Independent of the package, whose ``compare`` would judge its own output.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

TOLERANCE = 0.01 + 1e-6  # pixels: two roundings to two decimals, and what 32-bit floats leave of 640

Boxes = list[tuple[int, str, float, float, float, float]]
"""Category id, category name, x, y, width, height of each object of an image, in the order of the annotations."""


class UnequalError(Exception):
    """Two results differ; the first difference."""


def check_same(ours: str, theirs: str) -> None:
    """Two COCO files have the same images, categories and boxes except for rounding. UnequalError where not."""
    mine, others = _load(ours), _load(theirs)
    if different := sorted(mine.keys() ^ others.keys()):
        raise UnequalError(f"{len(different)} images differ by name or size, such as {different[0]}")
    for image, boxes in mine.items():
        if len(boxes) != len(others[image]):
            raise UnequalError(f"{image[0]}: {len(boxes)} boxes, {len(others[image])}")
        for box, other in zip(boxes, others[image], strict=True):
            if box[:2] != other[:2] or any(abs(a - b) > TOLERANCE for a, b in zip(box[2:], other[2:], strict=True)):
                raise UnequalError(f"{image[0]}: a box is {box}, {other}")


def _load(path: str) -> dict[tuple[str, int, int], Boxes]:
    """The boxes of a COCO file by name, width and height of their image."""
    coco: dict[str, list[dict[str, Any]]] = json.loads(Path(path).read_bytes())
    names = {category["id"]: category["name"] for category in coco["categories"]}
    images = {image["id"]: (image["file_name"], image["width"], image["height"]) for image in coco["images"]}
    boxes: dict[tuple[str, int, int], Boxes] = {image: [] for image in images.values()}
    if len(boxes) != len(coco["images"]):
        raise UnequalError(f"{path}: an image comes twice")
    for entry in sorted(coco["annotations"], key=lambda entry: int(entry["id"])):
        category = entry["category_id"]
        boxes[images[entry["image_id"]]].append((category, names[category], *entry["bbox"]))
    return boxes


def check_files(ours: str, theirs: str, *, content: bool) -> None:
    """Two folders hold files of the same names, at any depth; with content, of the same bytes. UnequalError if not."""
    mine, others = (_files_below(Path(folder), content=content) for folder in (ours, theirs))
    if different := sorted(mine.items() ^ others.items()):
        raise UnequalError(f"{theirs}: {different[0][0]} and perhaps others are not as in {ours}")


def _files_below(folder: Path, *, content: bool) -> dict[str, str]:
    """A digest of each file, empty without content, by its path from the folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if content else ""
        for path in folder.rglob("*")
        if path.is_file()
    }
