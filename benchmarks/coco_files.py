"""COCO files of any size, for the benchmark of ``validate``: the same arguments give the same file.

As ``convert`` writes them, an image or the objects of one image a line; or as the official files are: one line, spaces
after commas and colons, polygons, ids with gaps, and the objects of an image all over the file.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from typing import Any, BinaryIO

import orjson

WIDTH, HEIGHT = 640, 480
DANGLING, WITHOUT_WIDTH = range(40, 43), range(50, 55)
"""Objects of every file whose image is not there, and whose box has no width: what is timed can also be compared."""
_CATEGORIES = 80


def write_own(file: BinaryIO, images: int, objects: int) -> None:
    """As ``convert`` writes boxes."""
    chance = random.Random(1)
    file.write(b'{"info":{},"licenses":[],"images":[')
    entries = (
        {"id": number, "width": WIDTH, "height": HEIGHT, "file_name": f"{number}.jpg"}
        for number in range(1, images + 1)
    )
    file.write(b",".join(b"\n" + orjson.dumps(entry) for entry in entries))
    file.write(b'\n],"annotations":[')
    separator = b"\n"
    for image in range(images):
        numbers = range(image * objects // images, (image + 1) * objects // images)
        line = [_with_faults({"id": each + 1, "image_id": image + 1, **_boxed(chance)}, each) for each in numbers]
        file.write(separator + orjson.dumps(line)[1:-1])
        separator = b",\n"
    categories = [{"id": number + 1, "name": f"c{number}", "supercategory": ""} for number in range(_CATEGORIES)]
    file.write(b'\n],"categories":[\n' + b",\n".join(map(orjson.dumps, categories)) + b"\n]}\n")


def write_official(file: BinaryIO, images: int, objects: int) -> None:
    """As the official files have polygons."""
    chance = random.Random(2)
    ids = chance.sample(range(1, 5 * images), images)
    head = {"info": {}, "licenses": [], "images": [_official_image(number) for number in ids]}
    file.write(json.dumps(head).encode()[:-1] + b', "annotations": [')
    separator = b""
    for each, number in enumerate(chance.sample(range(1, 3 * objects), objects)):
        entry = {"segmentation": [], "id": number, "image_id": chance.choice(ids), **_boxed(chance)}
        entry["segmentation"], entry["area"] = _outline(chance, entry["bbox"])
        file.write(separator + json.dumps(_with_faults(entry, each)).encode())
        separator = b", "
    categories = [{"supercategory": "", "id": number + 1, "name": f"c{number}"} for number in range(_CATEGORIES)]
    file.write(b'], "categories": ' + json.dumps(categories).encode() + b"}")


def _official_image(number: int) -> Mapping[str, Any]:
    name = f"{number:012d}.jpg"
    url = f"http://images.cocodataset.org/train2017/{name}"
    more = {"license": 1, "coco_url": url, "flickr_url": url, "date_captured": "2013-11-14 17:02:52"}
    return {**more, "file_name": name, "height": HEIGHT, "width": WIDTH, "id": number}


def _boxed(chance: random.Random) -> dict[str, Any]:
    """An object somewhere."""
    x, y = round(chance.uniform(0, 480), 2), round(chance.uniform(0, 380), 2)
    w, h = round(chance.uniform(15, 150), 2), round(chance.uniform(10, 90), 2)
    category = chance.randrange(_CATEGORIES) + 1
    return {"category_id": category, "bbox": [x, y, w, h], "area": round(w * h, 4), "iscrowd": 0, "segmentation": []}


def _outline(chance: random.Random, box: list[float]) -> tuple[list[list[float]], float]:
    """A polygon that fills a box, and its area."""
    x, y, w, h = box
    count = chance.choice((8, 12, 20, 32, 40))
    angles = [math.tau * number / count for number in range(count)]
    corners = [
        (round(x + w / 2 * (1 + math.cos(angle)), 2), round(y + h / 2 * (1 + math.sin(angle)), 2)) for angle in angles
    ]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)) / 2
    return [[value for corner in corners for value in corner]], round(area, 4)


def _with_faults(entry: dict[str, Any], place: int) -> dict[str, Any]:
    """An object, with a fault where it has one."""
    if place in DANGLING:
        entry["image_id"] = 10**9
    elif place in WITHOUT_WIDTH:
        entry["bbox"][2] = 0
    return entry
