"""A dataset with all that decoders of trainers look for, and what each of its pictures holds, as arrays.

Crowds as run lengths, polygons of several parts with fractions, keypoints in a file of their own, DensePose, an object
without a mask, a box beyond the picture, a picture without objects, categories and images with gaps, JPEG and PNG.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from coco_datasets import JOINTS, Dataset, Json, joints, object_entry, picture, rectangle
from PIL import Image
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]

PERSON, DOG, BRUSH = 1, 18, 90
NAMES = {PERSON: "person", DOG: "dog", BRUSH: "tooth brush's"}
FORMATS = {"JPEG": True, "PNG": True, "BMP": True, "GIF": False, "WEBP": False}  # which trainers decode
_SIZES = {139: (97, 61), 285: (64, 48), 632: (31, 77), 581929: (50, 75)}
_DENSEPOSE = {
    "dp_I": [1.0, 24.0],
    "dp_x": [0.0, 128.0],
    "dp_y": [64.0, 255.0],
    "dp_U": [0.25, 0.5],
    "dp_V": [0.75, 1.0],
}


@dataclass(frozen=True)
class Truth:
    """What a picture holds; arrays have one row an object, boxes and keypoints are y before x, from 0 to 1.

    pixels: [height, width, 3], None where decoders of JPEG may differ by a step of brightness.
    masks: [objects, height, width], 0 and 1. masked: which objects have one of their own.
    keypoints: [objects, JOINTS, 2], NaN where not labelled; None in a dataset without any.
    entries: the annotations themselves.
    """

    image: Json
    data: bytes
    pixels: Any
    boxes: Any
    classes: list[int]
    areas: list[float]
    crowds: list[bool]
    masks: Any
    masked: list[bool]
    keypoints: Any
    entries: list[Json]


def scene() -> Dataset:
    """The dataset."""
    images: list[Json] = [
        {"id": number, "width": width, "height": height, "file_name": f"{number:012d}.{ending(number)}"}
        for number, (width, height) in _SIZES.items()
    ]
    for image in images:
        image.update(neg_category_ids=[BRUSH], not_exhaustive_category_ids=[DOG, PERSON])
    files = {
        f"images/train/{image['file_name']}": picture(
            _SIZES[image["id"]], [(2, 3, 12, 9)], "PNG" if ending(image["id"]) == "png" else "JPEG"
        )
        for image in images
    }
    height, width = 61, 97
    runs = [5 * height, 40, 21, 61, 70, 7]
    crowd = {"size": [height, width], "counts": [*runs, height * width - sum(runs)]}
    whole = pycoco.frPyObjects([[3.4, 2.2, 30.7, 4.9, 28.1, 40.3, 8.8, 33.3]], 48, 64)[0]
    compressed = {"size": whole["size"], "counts": whole["counts"].decode()}
    halves = [[10.25, 8.5, 30.75, 9.1, 22.4, 50.6], [60.2, 10.4, 80.9, 12.6, 70.1, 30.3, 61.8, 25.7]]
    objects = [
        object_entry(1, 139, PERSON, (2, 3, 12, 9)),
        object_entry(2, 139, PERSON, (10, 8, 71, 43), bbox=[10.25, 8.5, 70.65, 42.1], segmentation=halves, area=731.5),
        object_entry(900100000139, 139, PERSON, (5, 0, 5, 61), segmentation=crowd, iscrowd=1, area=110),
        object_entry(3, 139, DOG, (40, 30, 20, 10)),
        object_entry(4, 285, BRUSH, (3, 2, 28, 39), bbox=[3.4, 2.2, 27.3, 38.1], segmentation=compressed, area=800.25),
        object_entry(5, 285, DOG, (20, 5, 10, 14), segmentation=[]),
        object_entry(6, 581929, DOG, (40, 60, 30, 9), segmentation=[rectangle(40, 60, 10, 9)], area=90),
    ]
    for place, each in enumerate(objects):
        each["attributes"] = {"difficult": place % 2, "group_of": each["iscrowd"], "posture": place}
        each["track_id"] = 100 + place
    categories = [{"id": number, "name": name, "supercategory": "all"} for number, name in NAMES.items()]
    coco = {"info": {}, "licenses": [], "images": images, "annotations": objects, "categories": categories}
    persons = [dict(each) for each in objects if each["category_id"] == PERSON]
    for each in persons:
        box = (2, 3, 12, 9) if each["id"] == 1 else (12, 10, 60, 40)
        given = [0] * 3 * JOINTS if each["iscrowd"] else joints(box)
        each.update(keypoints=given, num_keypoints=sum(value > 0 for value in given[2::3]))
    persons[0].update(_DENSEPOSE)
    person = {**categories[0], "keypoints": [f"joint {number}" for number in range(JOINTS)], "skeleton": [[1, 2]]}
    keypoints = {**coco, "annotations": persons, "categories": [person]}
    files["annotations/person_keypoints_train.json"] = json.dumps(keypoints).encode()
    return Dataset(coco, files=files)


def ending(number: int) -> str:
    """How the name of a picture ends."""
    return "png" if number == 581929 else "jpg"


def truths(folder: Path, split: str = "train") -> Iterator[Truth]:
    """What a COCO dataset in the usual layout holds, as pycocotools and Pillow see it, in the order of its images."""
    coco = json.loads((folder / f"annotations/instances_{split}.json").read_bytes())
    persons: dict[Any, Json] = {}
    if (path := folder / f"annotations/person_keypoints_{split}.json").exists():
        persons = {each["id"]: each for each in json.loads(path.read_bytes())["annotations"]}
    for image in coco["images"]:
        path = folder / "images" / split / image["file_name"]
        entries = [each for each in coco["annotations"] if each["image_id"] == image["id"]]
        width, height = image["width"], image["height"]
        side = [height, width, height, width]
        boxes = np.array([[y, x, y + h, x + w] for x, y, w, h in (each["bbox"] for each in entries)]).reshape(-1, 4)
        points = np.array([persons.get(each["id"], {}).get("keypoints", [0] * 3 * JOINTS) for each in entries])
        points = points.reshape(-1, JOINTS, 3)
        labelled = np.where(points[:, :, 2:] > 0, points[:, :, 1::-1] / [height, width], np.nan)
        yield Truth(
            image=image,
            data=path.read_bytes(),
            pixels=np.asarray(Image.open(path).convert("RGB")) if path.suffix == ".png" else None,
            boxes=np.minimum(boxes / side, 1),
            classes=[each["category_id"] for each in entries],
            areas=[each["area"] for each in entries],
            crowds=[bool(each["iscrowd"]) for each in entries],
            masks=np.array([drawn(each["segmentation"], height, width) for each in entries]).reshape(-1, height, width),
            masked=[bool(each["segmentation"]) for each in entries],
            keypoints=labelled if persons else None,
            entries=entries,
        )


def drawn(segmentation: Any, height: int, width: int) -> Any:
    """The pixels of a segmentation as pycocotools draws it, [height, width]."""
    if not segmentation:
        return np.zeros((height, width), np.uint8)
    if isinstance(segmentation, dict) and isinstance(segmentation["counts"], str):
        return pycoco.decode(segmentation)
    made = pycoco.frPyObjects(segmentation, height, width)
    return pycoco.decode(pycoco.merge(made) if isinstance(made, list) else made)


def of_format(name: str) -> Dataset:
    """One picture with one object. name: of a format, as Pillow has it."""
    size = (20, 30)
    image = {"id": 1, "width": size[0], "height": size[1], "file_name": f"a.{name.lower()}"}
    return Dataset(
        {
            "images": [image],
            "annotations": [object_entry(1, 1, 1, (1, 1, 5, 5))],
            "categories": [{"id": 1, "name": "a"}],
        },
        files={f"images/train/{image['file_name']}": picture(size, format_=name)},
    )
