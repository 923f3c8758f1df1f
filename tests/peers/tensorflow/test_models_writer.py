"""COCO -> TFRecord by the rules of TensorFlow Models -> COCO: the numbers that come out are those that went in."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator, Mapping, Sequence

import pytest

from peers.tensorflow.models import Entry, label_map_text, of_annotations, of_image
from peers.tensorflow.writing import example, ints, picture, write
from tfrecord_lite import convert

CATEGORIES = {1: "person", 2: "bicycle", 13: "stop sign", 18: "dog", 44: "bottle", 90: "toothbrush"}  # COCO's own ids
# Width and height: ordinary pictures, thin ones, and the largest side for which two decimals are promised to survive.
SIZES = [
    (640, 480),
    (427, 640),
    (333, 500),
    (1920, 1080),
    (6000, 4000),
    (1, 1),
    (3, 7),
    (17, 2048),
    (65_536, 8),
    (2, 65_536),
]


def models_example(
    image: Entry, data: bytes, annotations: Sequence[Entry], *, numbers: bool
) -> tuple[bytes, list[Entry]]:
    """One image with its annotations, by the rules of create_coco_tf_record.py.

    Versions differ in whether the category ids stand beside the names. Boxes without extent or beyond the image are
    left out.

    Returns:
        The record, and the annotations that are in it.
    """
    width, height = image["width"], image["height"]
    kept = [
        annotation
        for annotation, (x, y, w, h) in ((annotation, annotation["bbox"]) for annotation in annotations)
        if w > 0 and h > 0 and x + w <= width and y + h <= height
    ]
    features = of_image(image, data)
    if annotations:
        features |= of_annotations(image, kept, CATEGORIES)
        if numbers:
            features["image/object/class/label"] = ints(*(annotation["category_id"] for annotation in kept))
    return example(features), kept


def two_decimals(chance: random.Random, length: int) -> tuple[float, float]:
    """Start and extent of something in ``length`` pixels, as COCO writes them; at times all of it."""
    start, end = sorted(chance.sample(range(length * 100 + 1), 2))
    if chance.random() < 0.1:
        start, end = 0, length * 100
    return start / 100, (end - start) / 100


def annotations_of(chance: random.Random, image: Entry, count: int) -> Iterator[Entry]:
    """Annotations with what COCO files have: boxes of two decimals, areas of masks, some crowds."""
    for _ in range(count):
        (x, w), (y, h) = two_decimals(chance, image["width"]), two_decimals(chance, image["height"])
        yield {
            "image_id": image["id"],
            "category_id": chance.choice(list(CATEGORIES)),
            "bbox": [x, y, w, h],
            "area": mask_area(chance, w * h),
            "iscrowd": int(chance.random() < 0.1),
        }


def mask_area(chance: random.Random, box_area: float) -> float:
    """An area below that of the box: at times of six digits, at times with all of a double, as COCO has both."""
    area = chance.uniform(0.3, 1) * box_area
    return float(f"{area:.6g}") if chance.random() < 0.5 else area


def nearest_single(value: float) -> float:
    """The 32-bit float nearest to a number."""
    single: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return single


@pytest.fixture(scope="module", params=[False, True], ids=["text only", "text and label"])
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Entry, Entry]:
    """What went in, and what came out, by image id."""
    folder = tmp_path_factory.mktemp("models")
    chance = random.Random(11)
    images, went_in, payloads = [], {}, []
    for index in range(60):
        width, height = SIZES[index % len(SIZES)]
        number = chance.randint(1, 581_929)  # the largest id of COCO 2017
        name = f"{number:012d}.{'png' if max(width, height) > 65_000 else 'jpg'}"
        image = {"id": number, "file_name": name, "width": width, "height": height}
        annotations = list(annotations_of(chance, image, 0 if index % 9 == 8 else chance.randint(1, 40)))
        if index % 4 == 0 and annotations:
            x, y, w, h = annotations[0]["bbox"]
            annotations.insert(0, annotations[0] | {"bbox": [x, y, 0, h]})
            annotations.append(annotations[0] | {"bbox": [x, y + height, w, h]})
        payload, kept = models_example(image, picture(name, width, height), annotations, numbers=request.param)
        assert len(annotations) - len(kept) == (2 if index % 4 == 0 and annotations else 0)
        images.append(image)
        went_in[number] = kept
        payloads.append(payload)
    (folder / "label_map.pbtxt").write_text(label_map_text(CATEGORIES), encoding="utf-8")
    for shard in range(2):
        write(folder / f"coco_train.record-{shard:05d}-of-00002", payloads[shard * 30 : shard * 30 + 30])
    convert(folder, folder / "coco", image_ids="source", strict=True)
    coco: Entry = json.loads((folder / "coco/annotations/instances_train.json").read_text("utf-8"))
    return {"images": images, "annotations": went_in}, coco


def pairs(converted: tuple[Entry, Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Each annotation that went in, and the one that came out in its place."""
    before, after = converted
    came_out: Mapping[int, list[Entry]] = {image["id"]: [] for image in after["images"]}
    for annotation in after["annotations"]:
        came_out[annotation["image_id"]].append(annotation)
    for image in before["images"]:
        yield from zip(before["annotations"][image["id"]], came_out[image["id"]], strict=True)


def test_every_image_comes_back_with_its_id_size_and_name(converted: tuple[Entry, Entry]) -> None:
    before, after = converted
    assert [{key: image[key] for key in before["images"][0]} for image in after["images"]] == before["images"]


def test_every_box_comes_back_exactly(converted: tuple[Entry, Entry]) -> None:
    compared = list(pairs(converted))
    assert len(compared) > 900
    assert [after["bbox"] for _, after in compared] == [before["bbox"] for before, _ in compared]


def test_every_area_comes_back_as_exactly_as_a_32_bit_float_can_say_it(converted: tuple[Entry, Entry]) -> None:
    exact = 0
    for before, after in pairs(converted):
        assert nearest_single(after["area"]) == nearest_single(before["area"])
        if before["area"] == float(f"{before['area']:.6g}"):  # any number of six digits survives 32 bits
            assert after["area"] == before["area"]
            exact += 1
    assert exact > 400


def test_every_crowd_and_category_comes_back(converted: tuple[Entry, Entry]) -> None:
    for before, after in pairs(converted):
        assert (after["iscrowd"], after["category_id"]) == (before["iscrowd"], before["category_id"])


def test_the_categories_are_those_of_the_label_map_gaps_and_all(converted: tuple[Entry, Entry]) -> None:
    _, coco = converted
    assert {category["id"]: category["name"] for category in coco["categories"]} == CATEGORIES
    assert [category["id"] for category in coco["categories"]] == sorted(CATEGORIES)
