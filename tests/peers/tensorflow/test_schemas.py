"""Every schema that is read, written by TensorFlow from one drawing, and converted: the drawing comes back.

A row of SCHEMAS is a family of records: how its writer puts the drawing into features (drawing.py), and what of the
drawing it can hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from peers.tensorflow import drawing as drawn
from peers.tensorflow.drawing import DRAWING, HEIGHT, LABELS, NAMES, WIDTH, Features, Picture, Thing, noise, painted
from peers.tensorflow.writing import example, ints, texts, write
from tfrecord_lite import convert


@dataclass(frozen=True)
class Schema:
    """A family of records.

    name: as the report has it. write: the drawing -> payloads. record: name of the file. beside: other files.
    options: of the conversion. tells: what of the drawing the family can hold. called: the name of a class, where the
    records do not have the one of the drawing.
    """

    name: str
    write: Callable[[Sequence[Picture]], list[bytes]]
    record: str = "x.tfrecord"
    beside: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    tells: frozenset[str] = frozenset()
    called: Callable[[int], str] = NAMES.__getitem__


def each(features: Callable[[Picture], Features]) -> Callable[[Sequence[Picture]], list[bytes]]:
    """One Example a picture."""
    return lambda drawing: [example(features(one)) for one in drawing]


MAP = {"label_map.pbtxt": "".join(f"item {{ id: {n} name: '{name}' }}\n" for n, name in NAMES.items())}
OWN = {"encoded": "pic", "number": "what", "xmin": "left", "ymin": "top", "xmax": "right", "ymax": "bottom"}
ALL, EMPTY = frozenset({"pictures", "empty"}), frozenset({"empty"})

SCHEMAS = {
    "object detection": Schema(
        "object_detection", each(drawn.object_detection), tells=ALL | {"masks", "keypoints", "crowds"}
    ),
    "text only": Schema("object_detection", each(drawn.text_only), tells=ALL),
    "names and numbers from 0": Schema("object_detection", each(drawn.zero_based), beside=MAP, tells=ALL),
    "numbers from 0": Schema("object_detection", each(drawn.bare_zero_based), beside=MAP, tells=ALL),
    "dense masks": Schema("object_detection", each(drawn.dense_masks), tells=ALL | {"masks"}),
    "sparse masks": Schema("object_detection", each(drawn.sparse_masks), tells=ALL | {"masks"}),
    "prefix": Schema("front/object_detection", each(drawn.prefixed), tells=ALL),
    "pixels": Schema("object_detection_pixels", each(drawn.in_pixels), tells=ALL),
    "pix2seq": Schema("object_detection", each(drawn.pix2seq), tells=ALL | {"polygons", "keypoints"}),
    "ssd": Schema("object_detection", each(drawn.ssd_tensorflow), tells=ALL),
    "quadrangles": Schema("object_detection_quadrangles", each(drawn.quadrangles), tells=ALL | {"polygons"}),
    "two corners": Schema("object_detection_x1_x2", each(drawn.two_corners), tells=ALL),
    "visipedia": Schema("object_detection", each(drawn.parts), tells=ALL | {"keypoints"}),
    "ocr": Schema("unified_detector", each(drawn.ocr), beside=MAP, tells=ALL | {"polygons"}),
    "tfds": Schema(
        "tfds", each(drawn.tfds), "coco-train.tfrecord-00000-of-00001", {"objects-label.labels.txt": LABELS},
        tells=ALL | {"masks", "crowds"},
    ),
    "tfds without files": Schema(
        "tfds", each(drawn.tfds), tells=ALL | {"masks", "crowds"}, called=lambda number: str(number - 1)
    ),
    "kitti": Schema("tfds", each(drawn.kitti), beside={"objects-type.labels.txt": LABELS}, tells=ALL),
    "faces": Schema("tfds", each(drawn.faces), tells=ALL, called=lambda _: "face"),
    "tao": Schema("tao", each(drawn.tao), "kitti-fold-000-of-001-shard-00000-of-00001", tells=EMPTY),
    "tao for dali": Schema("tao_dali", each(drawn.tao_dali), beside=MAP, tells=ALL),
    "tao polygons": Schema("tao", each(drawn.tao_polygons), tells=EMPTY | {"polygons"}),
    "tao faces": Schema("tao_faces", drawn.tao_faces, called=lambda _: "face", tells=frozenset({"visible keypoints"})),
    "keras.io": Schema("keras_io", drawn.keras_io, "file_00-3.tfrec", tells=frozenset({"pictures"}), called=str),
    "video": Schema("sequence_example", drawn.video, tells=ALL),
    "FastMaskRCNN": Schema("fast_mask_rcnn", each(drawn.fast_mask_rcnn), beside=MAP, tells=ALL | {"masks"}),
    "FPN": Schema("r2cnn", each(drawn.upright), beside=MAP, tells=ALL),
    "R2CNN": Schema("r2cnn", each(drawn.rotated), beside=MAP, tells=ALL | {"polygons"}),
    "keys of one's own": Schema(
        "custom", each(drawn.own_keys), beside=MAP, options={"schema": "custom", "roles": OWN}, tells=ALL
    ),
}  # fmt: skip


class Result(NamedTuple):
    """What came out. things: of each image, in order."""

    coco: dict[str, Any]
    report: dict[str, Any]
    folder: Path
    things: list[list[dict[str, Any]]]


@pytest.fixture(scope="module", params=SCHEMAS)
def converted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Schema, list[Picture], Result]:
    """A schema, what of the drawing was written, and what came out."""
    schema = SCHEMAS[request.param]
    drawing = [one for one in DRAWING if one.things or "empty" in schema.tells]
    folder = tmp_path_factory.mktemp("records")
    write(folder / schema.record, schema.write(drawing), "ZLIB" if schema.name == "fast_mask_rcnn" else "")
    for name, content in schema.beside.items():
        (folder / name).write_text(content, encoding="utf-8")
    out = tmp_path_factory.mktemp("coco") / "out"
    summary = convert(folder, out, masks="rle-uncompressed" if "masks" in schema.tells else "coco", **schema.options)
    coco = json.loads(Path(summary.files[0]).read_text(encoding="utf-8"))
    (split,) = summary.splits
    report = json.loads((out / "reports" / f"{split.split}.json").read_text(encoding="utf-8"))
    things = [[one for one in coco["annotations"] if one["image_id"] == image["id"]] for image in coco["images"]]
    return schema, drawing, Result(coco, report, out, things)


Case = tuple[Schema, list[Picture], Result]


def pairs(case: Case) -> list[tuple[Thing, dict[str, Any]]]:
    """Each object of the drawing with its annotation."""
    _, drawing, result = case
    assert [len(things) for things in result.things] == [len(one.things) for one in drawing]
    return [
        pair for one, found in zip(drawing, result.things, strict=True) for pair in zip(one.things, found, strict=True)
    ]


def test_the_schema_is_recognised(converted: Case) -> None:
    schema, _, result = converted
    assert [entry["schema"] for entry in result.report["inputs"]] == [schema.name]


def test_nothing_is_dropped_and_nothing_left_over(converted: Case) -> None:
    _, _, result = converted
    assert (result.report["dropped_records"], result.report["dropped_annotations"]) == (0, 0)
    assert result.report["keys_not_carried_over"] == {}


def test_every_picture_comes_back(converted: Case) -> None:
    schema, drawing, result = converted
    assert [(image["width"], image["height"]) for image in result.coco["images"]] == [(WIDTH, HEIGHT)] * len(drawing)
    for image, one in zip(result.coco["images"], drawing, strict=True):
        path = next(result.folder.rglob(image["file_name"]), None)
        if "pictures" not in schema.tells:
            assert path is None
            continue
        assert path is not None
        assert np.array_equal(np.asarray(Image.open(path)), noise(one.number))


def test_every_box_comes_back(converted: Case) -> None:
    for thing, annotation in pairs(converted):
        x0, y0, x1, y1 = thing.box
        assert annotation["bbox"] == [x0, y0, x1 - x0, y1 - y0]


def test_every_class_comes_back(converted: Case) -> None:
    schema, _, result = converted
    categories = {category["id"]: category["name"] for category in result.coco["categories"]}
    for thing, annotation in pairs(converted):
        assert categories[annotation["category_id"]] == schema.called(thing.number)
        if schema.beside:
            assert annotation["category_id"] == thing.number


def decoded(segmentation: dict[str, Any]) -> Any:
    """Uncompressed run lengths -> pixels, as the COCO format describes them: down the columns, background first."""
    values = np.arange(len(segmentation["counts"])) % 2
    height, width = segmentation["size"]
    return np.repeat(values, segmentation["counts"]).reshape(width, height).T


def test_every_mask_polygon_keypoint_and_crowd_comes_back(converted: Case) -> None:
    schema, _, _ = converted
    for thing, annotation in pairs(converted):
        if "masks" in schema.tells:
            assert np.array_equal(decoded(annotation["segmentation"]), thing.mask)
        elif "polygons" in schema.tells:
            assert annotation["segmentation"] == [thing.corners]
        else:
            assert annotation["segmentation"] == []
        if "keypoints" in schema.tells:
            assert annotation["keypoints"] == [value for point in thing.points for value in point]
        if "visible keypoints" in schema.tells:
            expected = [value for x, y, seen in thing.points for value in (x, y, 1 if seen == 1 else 2)]
            assert annotation["keypoints"] == expected
        assert annotation["iscrowd"] == (thing.crowd if "crowds" in schema.tells else 0)


# --------------------------------------------------------------------------------------------- labels of every pixel
def test_semantic_labels_become_stuff(tmp_path: Path) -> None:
    write(tmp_path / "train.tfrecord", [example(drawn.semantic(one)) for one in DRAWING])
    convert(tmp_path, tmp_path / "out", label_map=NAMES)
    stuff = json.loads((tmp_path / "out/annotations/stuff_train.json").read_text(encoding="utf-8"))
    areas = {(one["image_id"], one["category_id"]): one["area"] for one in stuff["annotations"]}
    assert areas == {
        (place, number): int((painted(one) == number).sum())
        for place, one in enumerate(DRAWING, 1)
        for number in np.unique(painted(one)).tolist()
        if number
    }
    assert {category["id"]: category["name"] for category in stuff["categories"]} == NAMES


@pytest.mark.parametrize(
    ("features", "options"), [(drawn.two_masks, {}), (drawn.raw_numbers, {"panoptic_divisor": 256})]
)
def test_panoptic_labels_become_segments(
    features: Callable[[Picture], Features], options: Mapping[str, Any], tmp_path: Path
) -> None:
    write(tmp_path / "train.tfrecord", [example(features(one)) for one in DRAWING])
    convert(tmp_path, tmp_path / "out", label_map=NAMES, **options)
    panoptic = json.loads((tmp_path / "out/annotations/panoptic_train.json").read_text(encoding="utf-8"))
    assert len(panoptic["annotations"]) == len(DRAWING)
    for entry, one in zip(panoptic["annotations"], DRAWING, strict=True):
        colours = np.asarray(Image.open(tmp_path / "out/annotations/panoptic_train" / entry["file_name"])).astype(int)
        ids = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
        classes = np.zeros_like(ids)
        for segment in entry["segments_info"]:
            classes[ids == segment["id"]] = segment["category_id"]
            assert segment["area"] == int((ids == segment["id"]).sum())
        assert np.array_equal(classes, painted(one))
        assert len(entry["segments_info"]) == len(one.things)


# ------------------------------------------------------------------------------------------- classes of whole pictures
@pytest.mark.parametrize(
    ("features", "beside", "expected"),
    [
        (lambda one: {"image": texts(one.data), "id": texts(one.file), "label": ints(one.number % 3)}, {}, "numbers"),
        (
            lambda one: {
                "image_bytes": texts(one.data), "filename": texts(one.file), "format": texts("png"),
                "height": ints(HEIGHT), "width": ints(WIDTH), "depth": ints(3),
                "label": texts(NAMES[1 + one.number % 3]),
            },
            {},
            "names",
        ),
        (
            lambda one: {"image": texts(one.data), "file_name": texts(one.file), "label": ints(one.number % 3)},
            {"label.labels.txt": LABELS, "features.json": '{"featuresDict": {}}'},
            "both",
        ),
    ],
    ids=["Kaggle", "FiftyOne", "TensorFlow Datasets"],
)  # fmt: skip
def test_classes_of_pictures_become_labels(
    features: Callable[[Picture], Features], beside: Mapping[str, str], expected: str, tmp_path: Path
) -> None:
    for name, content in beside.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    write(tmp_path / "train.tfrecord", [example(features(one)) for one in DRAWING])
    convert(tmp_path, tmp_path / "out")
    coco = json.loads((tmp_path / "out/annotations/instances_train.json").read_text(encoding="utf-8"))
    index = [one.number % 3 for one in DRAWING]
    assert [image["labels"] for image in coco["images"]] == {
        "numbers": [[{"label": number}] for number in index],
        "names": [[{"text": NAMES[number + 1]}] for number in index],
        "both": [[{"label": number + 1, "text": NAMES[number + 1]}] for number in index],
    }[expected]
