"""Masks of every kind, keypoints, captions, stuff and panoptic segments, as other people's software reads them.

Truth is the drawing: the pixels that were put into the records.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

# Where the types are checked, only some of the readers are installed.
import faster_coco_eval as faster  # type: ignore[import-not-found,import-untyped,unused-ignore]
import numpy as np
import pytest
import supervision  # type: ignore[import-not-found,import-untyped,unused-ignore]
from datumaro.components.annotation import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    AnnotationType,
    Bbox,
    Caption,
    Mask,
    Polygon,
)
from datumaro.components.dataset import Dataset  # type: ignore[import-not-found,import-untyped,unused-ignore]
from pixels import as_png, box_of
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]
from pycocotools.coco import COCO  # type: ignore[import-untyped,unused-ignore]
from pycocotools.cocoeval import COCOeval  # type: ignore[import-untyped,unused-ignore]
from tfrecords import detection, floats, ints, shard, texts

from tfrecord_lite import convert

# What pycocotools gives numpy 2 to complain about is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Pixels: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
Tool: TypeAlias = tuple[Callable[[str], Any], Callable[[Any, Any, str], Any]]

NAMES = {1: "person", 2: "dog", 3: "grass"}  # the last is in the panoptic segments only
SIZES = [(120, 90), (75, 100), (64, 64)]
KINDS = ("coco", "polygon", "rle", "rle-uncompressed", "none")
WITH_MASKS = KINDS[:-1]
TOOLS = [
    pytest.param((COCO, COCOeval), id="pycocotools"),
    pytest.param((faster.COCO, faster.COCOeval_faster), id="faster"),
]
JOINTS = 17  # as many as COCO's own persons have, whose tolerances the readers know


def drawn(seed: int, size: tuple[int, int]) -> Pixels:
    """A box with a hole, and a part of its own beside it; it may reach the border."""
    chance = np.random.default_rng(seed)
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    x, y = int(chance.integers(0, width - 40)), int(chance.integers(0, height - 40))
    mask[y : y + 30, x : x + 25] = 1
    mask[y + 10 : y + 15, x + 5 : x + 12] = 0
    mask[y + 32 : y + 38, x + 2 : x + 20] = 1
    return mask


# By image: category, pixels, crowd.
OBJECTS = [
    [(1 + seed % 2, drawn(10 * image + seed, size), seed == 3 and image == 0) for seed in range(4)]
    for image, size in enumerate(SIZES)
]


def joints(seed: int, size: tuple[int, int]) -> list[tuple[float, float, int]]:
    """Keypoints of quarters of a pixel, some of them not labelled."""
    chance = np.random.default_rng(seed)
    return [
        (0, 0, 0) if seen == 0 else (int(x) / 4, int(y) / 4, int(seen))
        for x, y, seen in zip(
            chance.integers(0, size[0] * 4, JOINTS),
            chance.integers(0, size[1] * 4, JOINTS),
            chance.integers(0, 3, JOINTS),
            strict=True,
        )
    ]


KEYPOINTS = [
    [joints(100 * image + number, SIZES[image]) for number in range(len(objects))]
    for image, objects in enumerate(OBJECTS)
]


def segments(image: int) -> tuple[Pixels, Pixels]:
    """Classes and instances: class 3 behind everything, then the objects, one over the other."""
    width, height = SIZES[image]
    category, instance = np.full((height, width), 3, np.uint8), np.zeros((height, width), np.uint8)
    category[:5] = 0
    for number, (cls, mask, _) in enumerate(OBJECTS[image], start=1):
        category[mask > 0], instance[mask > 0] = cls, number
    return category, instance


def records() -> Iterator[dict[str, bytes]]:
    """The pictures as the Object Detection API writes them, with the Model Garden's two masks and a caption."""
    for image, (objects, size) in enumerate(zip(OBJECTS, SIZES, strict=True)):
        points = [point for each in KEYPOINTS[image] for point in each]
        category, instance = segments(image)
        yield detection(
            f"picture_{image}.jpg",
            size,
            [box_of(mask) for _, mask, _ in objects],
            [number for number, _, _ in objects],
            [NAMES[number] for number, _, _ in objects],
            **{
                "image/object/mask": texts(*(as_png(mask * 255) for _, mask, _ in objects)),
                "image/object/is_crowd": ints(*(crowd for _, _, crowd in objects)),
                "image/object/keypoint/x": floats(*(x / size[0] for x, _, _ in points)),
                "image/object/keypoint/y": floats(*(y / size[1] for _, y, _ in points)),
                "image/object/keypoint/visibility": ints(*(seen for _, _, seen in points)),
                "image/caption": texts(f"picture {image}", "größer"),
                "image/panoptic/category_mask": texts(as_png(category)),
                "image/panoptic/instance_mask": texts(as_png(instance)),
            },
        )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The conversion in each kind of masks."""
    path = tmp_path_factory.mktemp("records") / "train.tfrecord"
    path.write_bytes(shard(*records()))
    found = {}
    for kind in KINDS:
        found[kind] = tmp_path_factory.mktemp(kind)
        convert(path, found[kind], label_map=NAMES, masks=kind, strict=True)
    return found


def instances(folders: dict[str, Path], kind: str) -> Path:
    return folders[kind] / "annotations" / "instances_train.json"


def flat() -> list[tuple[int, int, Pixels, bool]]:
    """Image id, category, pixels and crowd of every object, in order."""
    return [(image, *thing) for image, objects in enumerate(OBJECTS, start=1) for thing in objects]


# ------------------------------------------------------------------------------------ pycocotools, faster-coco-eval
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("kind", WITH_MASKS)
def test_coco_finds_the_pixels_that_were_drawn(tool: Tool, kind: str, folders: dict[str, Path]) -> None:
    coco = tool[0](str(instances(folders, kind)))
    annotations = coco.loadAnns(coco.getAnnIds())
    for annotation, (image, category, mask, crowd) in zip(annotations, flat(), strict=True):
        assert (annotation["image_id"], annotation["category_id"]) == (image, category)
        assert np.array_equal(coco.annToMask(annotation), mask)
        assert annotation["area"] == mask.sum()
        assert annotation["iscrowd"] == crowd


def scores(tool: Tool, path: Path, detections: list[dict[str, Any]], what: str) -> tuple[float, float]:
    """Average precision, and average recall with the most detections."""
    load, evaluate = tool
    truth = load(str(path))
    evaluation = evaluate(truth, truth.loadRes(detections), what)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats[0], evaluation.stats[8 if what != "keypoints" else 5]


def found_masks(shift: int = 0) -> list[dict[str, Any]]:
    """Every object but the crowd, found for sure; ``shift``: moved to the right by so many pixels."""
    return [
        {
            "image_id": image,
            "category_id": category,
            "segmentation": pycoco.encode(np.asfortranarray(np.roll(mask, shift, axis=1))),
            "score": 1.0,
        }
        for image, category, mask, crowd in flat()
        if not crowd
    ]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("kind", WITH_MASKS)
def test_masks_that_are_the_truth_score_exactly_1(tool: Tool, kind: str, folders: dict[str, Path]) -> None:
    path = instances(folders, kind)
    assert scores(tool, path, found_masks(), "segm") == (1.0, 1.0)
    assert scores(tool, path, found_masks(shift=3), "segm")[0] < 1.0


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("kind", KINDS)
def test_boxes_that_are_the_truth_score_exactly_1_whatever_the_masks(
    tool: Tool, kind: str, folders: dict[str, Path]
) -> None:
    path = instances(folders, kind)
    annotations = json.loads(path.read_text("utf-8"))["annotations"]
    assert (annotations[0]["segmentation"] == []) == (kind == "none")
    detections = [
        {"image_id": image, "category_id": category, "bbox": [x0, y0, x1 - x0, y1 - y0], "score": 1.0}
        for image, category, mask, crowd in flat()
        for x0, y0, x1, y1 in [box_of(mask)]
        if not crowd
    ]
    assert scores(tool, path, detections, "bbox") == (1.0, 1.0)


@pytest.mark.parametrize("tool", TOOLS)
def test_keypoints_that_are_the_truth_score_exactly_1(tool: Tool, folders: dict[str, Path]) -> None:
    # The readers score keypoints of the category "person" alone: of the others they have no tolerances.
    persons: list[dict[str, Any]] = [
        {"image_id": image, "category_id": 1, "keypoints": [value for point in points for value in point], "score": 1.0}
        for image, (objects, several) in enumerate(zip(OBJECTS, KEYPOINTS, strict=True), start=1)
        for (category, _, crowd), points in zip(objects, several, strict=True)
        if category == 1 and not crowd
    ]
    content = json.loads(instances(folders, "coco").read_text("utf-8"))
    content["annotations"] = [each for each in content["annotations"] if each["category_id"] == 1]
    content["categories"] = [each for each in content["categories"] if each["id"] == 1]
    assert len(content["categories"][0]["keypoints"]) == JOINTS
    path = folders["coco"] / "persons.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert scores(tool, path, persons, "keypoints") == (1.0, 1.0)
    for person in persons:
        person["keypoints"] = [value + 30 for value in person["keypoints"]]
    assert scores(tool, path, persons, "keypoints")[0] < 1.0


# ------------------------------------------------------------------------------------------------------ supervision
def grown(mask: Pixels) -> Any:
    """A mask and all pixels beside it."""
    padded = np.pad(mask > 0, 1)
    height, width = mask.shape
    return np.any([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)], axis=0)


@pytest.mark.parametrize("kind", WITH_MASKS)
def test_supervision_finds_the_masks(kind: str, folders: dict[str, Path]) -> None:
    found = supervision.DetectionDataset.from_coco(
        str(folders[kind] / "images" / "train"), str(instances(folders, kind)), force_masks=True
    )
    assert found.classes == list(NAMES.values())
    for (_, _, detections), objects in zip(found, OBJECTS, strict=True):
        assert len(detections) == len(objects)
        for shown, (_, mask, crowd) in zip(detections.mask, objects, strict=True):
            if kind.startswith("rle") or (kind == "coco" and crowd):
                assert np.array_equal(shown, mask > 0)
            else:  # OpenCV fills the border of a polygon too, so that its edges look a pixel fat
                assert not np.any((mask > 0) & ~shown)
                assert not np.any(shown & ~grown(mask))


def test_supervision_opens_boxes_without_masks(folders: dict[str, Path]) -> None:
    path = instances(folders, "none")
    found = supervision.DetectionDataset.from_coco(str(folders["none"] / "images" / "train"), str(path))
    for (_, _, detections), objects in zip(found, OBJECTS, strict=True):
        assert detections.xyxy.tolist() == [list(box_of(mask)) for _, mask, _ in objects]


# --------------------------------------------------------------------------------------------------------- Datumaro
def complaints(log: pytest.LogCaptureFixture) -> list[str]:
    """Warnings and errors, but for the word that the files of the other tasks are none of this one."""
    messages = [entry.getMessage() for entry in log.records if entry.levelno >= logging.WARNING]
    return [message for message in messages if "was skipped, could't match this file" not in message]


def items(found: Any) -> list[Any]:
    """Pictures by name."""
    return sorted(found, key=lambda item: str(item.id))


@pytest.mark.parametrize("kind", KINDS)
def test_datumaro_imports_every_kind_of_mask(
    kind: str, folders: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    found = Dataset.import_from(str(folders[kind]), "coco_instances")
    assert [category.name for category in found.categories()[AnnotationType.label].items] == list(NAMES.values())
    for item, objects in zip(items(found), OBJECTS, strict=True):
        groups: dict[int, list[Any]] = {}
        for annotation in item.annotations:
            groups.setdefault(int(annotation.group or annotation.id), []).append(annotation)
        assert len(groups) == len(objects)
        for (_, parts), (category, mask, crowd) in zip(sorted(groups.items()), objects, strict=True):
            assert {part.label for part in parts} == {category - 1}
            assert {bool(part.attributes["is_crowd"]) for part in parts} == {crowd}
            shapes = [part for part in parts if isinstance(part, Mask | Polygon)]
            if kind == "none":
                assert all(type(part) is Bbox for part in parts)
            elif kind.startswith("rle") or (kind == "coco" and crowd):
                (shape,) = shapes
                assert np.array_equal(np.asarray(shape.image) > 0, mask > 0)
            else:
                # A keyhole joins the hole to its outline, so that the parts of an object are polygons of its own.
                rles = pycoco.frPyObjects([list(shape.points) for shape in shapes], *mask.shape)
                assert np.array_equal(pycoco.decode(pycoco.merge(rles)), mask)
    assert complaints(caplog) == []


def test_datumaro_imports_the_captions(folders: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    found = Dataset.import_from(str(folders["coco"]), "coco_captions")
    captions = [sorted(each.caption for each in item.annotations if isinstance(each, Caption)) for item in items(found)]
    assert captions == [["größer", f"picture {image}"] for image in range(len(SIZES))]
    assert complaints(caplog) == []


def test_datumaro_imports_the_panoptic_segments(folders: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    found = Dataset.import_from(str(folders["coco"]), "coco_panoptic")
    names = [category.name for category in found.categories()[AnnotationType.label].items]
    assert names == list(NAMES.values())
    for image, item in enumerate(items(found)):
        category, instance = segments(image)
        pairs = {(int(c), int(i)) for c, i in zip(category.ravel(), instance.ravel(), strict=True) if c}
        masks = [each for each in item.annotations if isinstance(each, Mask)]
        assert len(masks) == len(pairs)
        shown = {(each.label, np.asarray(each.image).astype(bool).tobytes()) for each in masks}
        assert shown == {(c - 1, ((category == c) & (instance == i)).tobytes()) for c, i in pairs}
    assert complaints(caplog) == []
