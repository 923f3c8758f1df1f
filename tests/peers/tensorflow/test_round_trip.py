"""COCO with masks -> TFRecord by the rules of TensorFlow Models -> COCO: pixels, boxes, crowds are the original's."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pixels import as_png
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]
from pycocotools.coco import COCO  # type: ignore[import-untyped,unused-ignore]

from peers.tensorflow.models import Entry, label_map_text, of_annotations, of_image
from peers.tensorflow.writing import example, picture, texts, write
from tfrecord_lite import convert

# What pycocotools gives numpy 2 to complain about is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CATEGORIES = {1: "person", 3: "car", 17: "cat", 62: "chair", 90: "toothbrush"}
SIZES = [(640, 480), (427, 640), (500, 333), (64, 48), (1, 1), (3, 7), (1280, 720)]
KINDS = ("coco", "polygon", "rle", "rle-uncompressed")
IMAGES = 20


def outline(chance: random.Random, width: int, height: int) -> list[float]:
    """A polygon as annotators draw them: a dozen corners around a place, of two decimals, inside the image."""
    x, y = chance.uniform(0, width), chance.uniform(0, height)
    reach = max(2.0, chance.uniform(0.02, 0.4) * min(width, height))
    corners: list[float] = []
    for turn in sorted(chance.uniform(0, math.tau) for _ in range(chance.randint(5, 25))):
        far = reach * chance.uniform(0.4, 1)
        corners.append(round(min(max(x + far * math.cos(turn), 0), width), 2))
        corners.append(round(min(max(y + far * math.sin(turn), 0), height), 2))
    return corners


def run_lengths(chance: random.Random, width: int, height: int) -> Entry:
    """A crowd as the COCO files have them: uncompressed run lengths, here of a few boxes."""
    mask = np.zeros((height, width), np.uint8, order="F")
    for _ in range(6):
        x, y = chance.randrange(width), chance.randrange(height)
        mask[y : y + chance.randint(1, 90), x : x + chance.randint(1, 90)] = 1
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return {"size": [height, width], "counts": [0, *counts] if flat[0] else counts}


def bounds(segmentation: Any, height: int, width: int) -> list[float]:
    """The box of an annotation, as COCO has it: around the corners, or around the pixels of a crowd."""
    if isinstance(segmentation, dict):
        box: list[float] = pycoco.toBbox(pycoco.frPyObjects(segmentation, height, width)).tolist()
        return box
    xs, ys = [v for part in segmentation for v in part[0::2]], [v for part in segmentation for v in part[1::2]]
    return [min(xs), min(ys), round(max(xs) - min(xs), 2), round(max(ys) - min(ys), 2)]


def pixels(segmentation: Any, height: int, width: int) -> Any:
    """What pycocotools makes of a segmentation."""
    rles = pycoco.frPyObjects(segmentation, height, width)
    return pycoco.decode(pycoco.merge(rles) if isinstance(rles, list) else rles)


def original() -> Entry:
    """Twenty images with polygons of one or two parts, crowds, and one image without anything."""
    chance = random.Random(2017)
    images: list[Entry] = []
    annotations: list[Entry] = []
    for index in range(IMAGES):
        width, height = SIZES[index % len(SIZES)]
        number = chance.randint(1, 581_929)
        images.append({"id": number, "file_name": f"{number:012d}.jpg", "width": width, "height": height})
        for _ in range(0 if index == 9 else chance.randint(1, 12)):
            crowd = chance.random() < 0.15
            segmentation: Any = (
                run_lengths(chance, width, height)
                if crowd
                else [outline(chance, width, height) for _ in range(chance.choice([1, 1, 2]))]
            )
            box = bounds(segmentation, height, width)
            if min(box[2:]) <= 0 or not pixels(segmentation, height, width).any():
                continue
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": chance.choice(list(CATEGORIES)),
                    "bbox": box,
                    "area": float(pixels(segmentation, height, width).sum()) + chance.choice([0, -0.25]),
                    "iscrowd": int(crowd),
                    "segmentation": segmentation,
                }
            )
    categories = [{"id": number, "name": name} for number, name in CATEGORIES.items()]
    return {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def models_example(image: Entry, annotations: Sequence[Entry]) -> bytes:
    """One image by the rules of create_coco_tf_record.py with --include_masks: a PNG of 0 and 1 an object."""
    width, height = image["width"], image["height"]
    masks = texts(*(as_png(pixels(each["segmentation"], height, width)) for each in annotations))
    features = of_image(image, picture(image["file_name"], width, height))
    return example({**features, **of_annotations(image, annotations, CATEGORIES), "image/object/mask": masks})


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Entry]:
    """The record files with their label map, and what is in them."""
    folder, coco = tmp_path_factory.mktemp("records"), original()
    payloads = [
        models_example(image, [each for each in coco["annotations"] if each["image_id"] == image["id"]])
        for image in coco["images"]
    ]
    for shard in range(3):
        write(folder / f"coco_val.record-{shard:05d}-of-00003", payloads[shard * 7 : shard * 7 + 7])
    (folder / "mscoco_label_map.pbtxt").write_text(label_map_text(CATEGORIES), encoding="utf-8")
    return folder, coco


@pytest.fixture(scope="module", params=KINDS)
def converted(
    request: pytest.FixtureRequest, records: tuple[Path, Entry], tmp_path_factory: pytest.TempPathFactory
) -> tuple[COCO, COCO]:
    """What went in and what came out, as pycocotools loads them."""
    folder, truth = records
    output = tmp_path_factory.mktemp("coco")
    convert(folder, output, masks=request.param, image_ids="source", strict=True)
    (output / "original.json").write_text(json.dumps(truth), encoding="utf-8")
    return COCO(str(output / "original.json")), COCO(str(output / "annotations" / "instances_val.json"))


def pairs(converted: tuple[COCO, COCO]) -> list[tuple[Entry, Entry]]:
    """Each annotation that went in, and the one that came out in its place."""
    before, after = converted
    assert sorted(before.getImgIds()) == sorted(after.getImgIds())
    found = [
        pair
        for number in before.getImgIds()
        for pair in zip(
            before.loadAnns(before.getAnnIds(imgIds=number)),
            after.loadAnns(after.getAnnIds(imgIds=number)),
            strict=True,
        )
    ]
    assert len(found) > 90
    return found


def test_every_mask_has_the_pixels_of_the_original(converted: tuple[COCO, COCO]) -> None:
    before, after = converted
    for first, second in pairs(converted):
        assert np.array_equal(before.annToMask(first), after.annToMask(second)), first["id"]


def test_every_box_is_the_original_to_its_two_decimals(converted: tuple[COCO, COCO]) -> None:
    compared = pairs(converted)
    assert [second["bbox"] for _, second in compared] == [first["bbox"] for first, _ in compared]


def test_every_crowd_is_a_crowd_and_nothing_else_is(converted: tuple[COCO, COCO]) -> None:
    compared = pairs(converted)
    assert [second["iscrowd"] for _, second in compared] == [first["iscrowd"] for first, _ in compared]
    assert sum(first["iscrowd"] for first, _ in compared) > 5


def test_every_area_and_category_is_the_original(converted: tuple[COCO, COCO]) -> None:
    for first, second in pairs(converted):
        assert (second["area"], second["category_id"]) == (first["area"], first["category_id"])


def test_a_crowd_is_written_as_run_lengths_where_the_official_files_have_them(
    records: tuple[Path, Entry], tmp_path: Path
) -> None:
    convert(records[0], tmp_path / "coco", strict=True)
    coco = json.loads((tmp_path / "coco" / "annotations" / "instances_val.json").read_text("utf-8"))
    for annotation in coco["annotations"]:
        segmentation = annotation["segmentation"]
        assert isinstance(segmentation, dict if annotation["iscrowd"] else list)
        if annotation["iscrowd"]:
            assert isinstance(segmentation["counts"], list)
