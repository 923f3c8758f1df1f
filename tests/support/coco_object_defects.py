"""Defects of categories, objects, masks, keypoints and segments, and of several splits: see ``coco_defects``."""

from __future__ import annotations

import copy
import json
from typing import Any

from coco_datasets import (
    SIZES,
    Dataset,
    captions,
    keypoints,
    lvis,
    object_entry,
    panoptic,
    panoptic_png,
    rectangle,
    run_lengths,
    splits,
)
from coco_defects import (
    DOCUMENT,
    IDS,
    IMAGES,
    Change,
    Defect,
    all_entries,
    category,
    entry,
    file,
    more_category,
    no_category_key,
    no_entry_key,
    nothing,
    text,
)


def normalised(each: dict[str, Any]) -> None:
    """Coordinates as shares of the image."""
    each["bbox"] = [value / 100 for value in each["bbox"]]
    each.update(area=each["bbox"][2] * each["bbox"][3], segmentation=[rectangle(*each["bbox"])])


def boxed(*box: float, **more: Any) -> Change:
    """An annotation has another box, with the mask and the area of it."""
    return entry(bbox=list(box), area=round(box[2] * box[3], 2), segmentation=[rectangle(*box)], **more)


def cornered(each: dict[str, Any]) -> None:
    """Two corners instead of one and a size, at the lower right."""
    width, height = list(SIZES.values())[each["image_id"] - 1]
    each.update(bbox=[width - 20 + each["id"], height - 16, width - 2, height - 3], area=100)


def runs(**values: Any) -> Change:
    """Other values in the run lengths of an annotation."""

    def change(dataset: Dataset) -> None:
        segmentation = {**dataset.annotations[1]["segmentation"], **values}
        dataset.annotations[1]["segmentation"] = {key: each for key, each in segmentation.items() if each != "none"}

    return change


def as_runs(dataset: Dataset) -> None:
    """All masks are run lengths."""
    for number, each in enumerate(dataset.annotations):
        each["segmentation"] = run_lengths().annotations[number]["segmentation"]


def points(number: int, *values: Any) -> Change:
    """Another place or visibility of a keypoint."""

    def change(dataset: Dataset) -> None:
        dataset.annotations[1]["keypoints"][3 * number : 3 * number + 3] = values

    return change


def segment(**values: Any) -> Change:
    """Other values in a segment."""
    return lambda dataset: dataset.annotations[0]["segments_info"][1].update(values)


def val(change: Any) -> Change:
    """Something is done to the second split."""

    def apply(dataset: Dataset) -> None:
        content = json.loads(dataset.files["annotations/instances_val.json"])
        change(content)
        dataset.files["annotations/instances_val.json"] = json.dumps(content).encode()

    return apply


def same_picture(dataset: Dataset) -> None:
    """The picture of the second split is the last one of the first."""
    dataset.files["images/val/five.png"] = dataset.files["images/train/four.png"]
    val(lambda content: content["images"][0].update(width=33, height=21))(dataset)


def same_name(dataset: Dataset) -> None:
    """The image of the second split has a name of the first, and there are no pictures to tell."""
    for name in [name for name in dataset.files if name.startswith("images/")]:
        del dataset.files[name]
    val(lambda content: content["images"][0].update(file_name="four.png", width=33, height=21))(dataset)


def shorter(dataset: Dataset) -> None:
    """Five keypoints instead of COCO's seventeen."""
    dataset.categories[0].update(keypoints=["a", "b", "c", "d", "e"], skeleton=[[1, 5]])
    for each in dataset.annotations:
        each.update(keypoints=each["keypoints"][:15], num_keypoints=4)


def crowded(dataset: Dataset) -> None:
    """More objects than COCOeval counts detections."""
    more = [object_entry(100 + x, 1, 1, (x % 20 * 3, x // 20 * 7, 2, 6)) for x in range(101)]
    dataset.annotations.extend(more)


SEGMENTS = {1: (0, 0, 10, 12), 300: (12, 4, 9, 7), 70_000: (3, 14, 18, 5)}

EXTRA = {"id": 5, "category_id": 1, "area": 4, "bbox": [0, 0, 2, 2], "iscrowd": 0}

AGAIN = {"id": 1, "category_id": 1, "area": 120, "bbox": [0, 0, 10, 12], "iscrowd": 0}

CATEGORIES = [
    Defect("E30", "missing", no_category_key("name")),
    Defect("E30", "no text", category(name=7)),
    Defect("E30", "blank", category(name=" ")),
    Defect("E31", "", more_category(name="cat")),
    Defect("W31", "", more_category(name="Cat")),
    Defect("W32", "missing", no_category_key("supercategory")),
    Defect("W32", "no text", category(supercategory=7)),
    Defect("W33", "", more_category(name="animal", supercategory="none")),
    Defect("I34", "", more_category()),
    Defect("I35", "", nothing),
    Defect("W36", "", more_category(id=0, name="background"), also=("W14",)),
    Defect("E37", "keypoints", category(keypoints="nose"), keypoints, also=("E61",)),
    Defect("E37", "skeleton", category(skeleton=[[1, 2, 3]]), keypoints),
    Defect("E37", "skeleton number", category(skeleton=[[0, 1]]), keypoints),
    Defect("E73", "missing", no_category_key("isthing"), panoptic),
    Defect("E73", "not 0 or 1", category(isthing=2), panoptic),
    Defect("I92", "", no_category_key("frequency"), lvis),
    Defect("W92", "", category(frequency="x"), lvis),
]

BOXES = [
    Defect("E40", "missing", no_entry_key("bbox")),
    Defect("E40", "null", entry(bbox=None)),
    Defect("E40", "no list", entry(bbox={"x": 1})),
    Defect("E40", "not four", entry(bbox=[1, 2, 3])),
    Defect("E40", "no number", entry(bbox=[1, "2", 3, 4])),
    Defect("E40", "not finite", text('"bbox": [2, 3', '"bbox": [2, Infinity'), also=("E01",)),
    Defect("E41", "", entry(bbox=[30, 5, -10, 14]), also=("W59",)),
    Defect("W42", "", entry(bbox=[20, 5, 0, 14]), also=("W59",)),
    Defect("W43", "", boxed(20, 5, 0.5, 14)),
    Defect("W44", "", boxed(60, 5, 10, 14), also=("W53",)),
    Defect("E45", "", boxed(100, 5, 10, 14), also=("W53",)),
    Defect("W46", "normalised", all_entries(normalised), also=("W43",)),
    Defect("W46", "corners", all_entries(cornered), also=("W44", "W49", "W59")),
    Defect("E47", "missing", no_entry_key("area")),
    Defect("E47", "null", entry(area=None)),
    Defect("E47", "no number", entry(area="140")),
    Defect("E47", "not finite", text('"area": 140', '"area": Infinity'), also=("E01",)),
    Defect("W48", "", entry(area=0)),
    Defect("W49", "box", entry(area=1400)),
    Defect("W49", "mask", entry(area=70)),
    Defect("E4A", "missing", no_entry_key("iscrowd")),
    Defect("E4A", "not 0 or 1", entry(iscrowd=2)),
    Defect("W4A", "", entry(iscrowd=False)),
    Defect("E4B", "", entry(ignore=1)),
    Defect("I4C", "", boxed(0, 5, 60, 2)),
    Defect("W4D", "", lambda d: d.annotations.append({**copy.deepcopy(d.annotations[1]), "id": 13})),
    Defect("I4E", "", lambda d: d.annotations.append({**d.annotations[1], "id": 13, "bbox": [20, 5, 10, 14.2]})),
    Defect("I4F", "", crowded),
]

MASKS = [
    Defect("E50", "null", entry(segmentation=None)),
    Defect("E50", "other", entry(segmentation="none")),
    Defect("E50", "flat", lambda d: d.annotations[1].update(segmentation=d.annotations[1]["segmentation"][0])),
    Defect("E50", "empty polygon", entry(segmentation=[[]])),
    Defect("E51", "odd", lambda d: d.annotations[1]["segmentation"][0].append(1)),
    Defect("E51", "short", entry(segmentation=[[20, 5, 30, 5]])),
    Defect("E51", "no number", lambda d: d.annotations[1]["segmentation"][0].__setitem__(0, "20")),
    Defect("E51", "not finite", text("[[2, 3", "[[NaN, 3"), also=("E01",)),
    Defect("W52", "few corners", lambda d: d.annotations[1]["segmentation"].append([20, 5, 30, 5, 20, 5])),
    Defect("W52", "no area", lambda d: d.annotations[1]["segmentation"].append([20, 5, 25, 5, 30, 5])),
    Defect("W53", "", entry(segmentation=[rectangle(20, 5, 48, 14)]), also=("W49", "W59")),
    Defect(
        "E54",
        "other",
        runs(size=[64, 64], counts=[64 * 20 + 5, 14, 4096 - 64 * 20 - 19]),
        run_lengths,
        also=("W49", "W59"),
    ),
    Defect(
        "E54",
        "swapped",
        runs(size=[64, 48], counts=[64 * 20 + 5, 14, 3072 - 64 * 20 - 19]),
        run_lengths,
        also=("W49", "W59"),
    ),
    Defect("E54", "no size", runs(size="none"), run_lengths),
    Defect("E55", "missing", runs(counts="none"), run_lengths),
    Defect("E55", "other", runs(counts=7), run_lengths),
    Defect("E55", "no integers", runs(counts=[1.5, 2, 3068.5]), run_lengths),
    Defect("E55", "negative", runs(counts=[5, -1, 3068]), run_lengths),
    Defect("E56", "list", runs(counts=[965, 14, 34]), run_lengths),
    Defect("E56", "text", runs(counts="Un0>R1"), run_lengths),
    Defect("E57", "", runs(counts="~~~"), run_lengths),
    Defect("W58", "", runs(counts=[3072]), run_lengths),
    Defect("W59", "", entry(bbox=[30, 20, 10, 14])),
    Defect("W5A", "", lambda d: entry(segmentation=run_lengths().annotations[1]["segmentation"])(d)),
    Defect("I5B", "crowd", entry(iscrowd=1)),
    Defect("I5B", "object", as_runs),
    Defect("W5C", "", no_entry_key("segmentation")),
]

KEYPOINTS = [
    Defect("E60", "no list", entry(keypoints=None), keypoints),
    Defect("E60", "no number", points(3, 1, None, 2), keypoints),
    Defect("E60", "not by three", lambda d: d.annotations[1]["keypoints"].append(1), keypoints),
    Defect("E61", "other number", lambda d: d.annotations[1]["keypoints"].extend([0, 0, 0]), keypoints),
    Defect("E61", "none in the category", lambda d: d.categories[0].pop("keypoints"), keypoints),
    Defect("E62", "", points(3, 22, 6, 3), keypoints),
    Defect("W63", "", points(0, 22, 6, 0), keypoints),
    Defect("E64", "missing", no_entry_key("num_keypoints"), keypoints),
    Defect("E64", "other number", entry(num_keypoints=17), keypoints),
    Defect("W65", "", points(3, 90, 6, 2), keypoints),
    Defect("I66", "", shorter, keypoints),
]

PANOPTIC = [
    Defect("E70", "no folder", lambda d: [d.files.pop(n) for n in list(d.files) if "panoptic" in n], panoptic),
    Defect("E70", "no name", no_entry_key("file_name"), panoptic),
    Defect("E70", "missing", file("annotations/panoptic_train/two.png", None), panoptic),
    Defect("E70", "unreadable", file("annotations/panoptic_train/two.png", b"PNG"), panoptic),
    Defect("E70", "size", file("annotations/panoptic_train/two.png", panoptic_png((51, 75), SEGMENTS)), panoptic),
    Defect("E71", "without pixels", lambda d: d.annotations[0]["segments_info"].append(EXTRA), panoptic),
    Defect("E71", "without entry", lambda d: d.annotations[0]["segments_info"].pop(), panoptic),
    Defect("E72", "area", segment(area=62), panoptic),
    Defect("E72", "bbox", segment(bbox=[12, 4, 12, 7]), panoptic),
    Defect("E74", "no list", entry(0, segments_info=None), panoptic, also=("E71",)),
    Defect("E74", "no object", lambda d: d.annotations[0]["segments_info"].append(7), panoptic),
    Defect("E74", "no id", segment(id=None), panoptic, also=("E71",)),
    Defect("E74", "repeated id", lambda d: d.annotations[0]["segments_info"].append(AGAIN), panoptic),
    Defect("E75", "", entry(0, image_id=2), panoptic, also=("E70",)),
]


OTHERS = [
    Defect("E90", "missing", entry(caption=None), captions),
    Defect("E90", "no text", entry(caption=["a", "cat"]), captions),
    Defect("E80", "id", val(lambda content: content["categories"].pop()), splits),
    Defect("E80", "name", val(lambda content: content["categories"][0].update(name="fish")), splits),
    Defect("W81", "", same_picture, splits),
    Defect("I81", "", same_name, splits),
]

DEFECTS = [*DOCUMENT, *IDS, *IMAGES, *CATEGORIES, *BOXES, *MASKS, *KEYPOINTS, *PANOPTIC, *OTHERS]
