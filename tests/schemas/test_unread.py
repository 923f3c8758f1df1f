"""What looks like content and is not read: a warning with the options that would read it, and following them works."""

from __future__ import annotations

import io
import itertools
import json
import re
import shlex
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from results import Convert, named, xywh
from scene import CAT, DOG, HEIGHT, WIDTH, painted
from tfrecords import Box, delimited, detection, floats, ints, jpeg, number, texts

from tfrecord_lite.commands.cli import main
from tfrecord_lite.errors import RejectedInputError

Write = Callable[..., str]
PREFIX = "image/object/"
BOXES = (CAT, DOG)
PICTURE = {"image/encoded": texts(jpeg(WIDTH, HEIGHT)), "image/filename": texts("a.jpg")}
BARE = {key: value for key, value in detection("a.jpg").items() if not key.startswith(PREFIX)}
TRUTH = [("cat", xywh(CAT)), ("dog", xywh(DOG))]


CLASSES = texts("cat", "dog")


def sides(*names: str, boxes: tuple[tuple[float, ...], ...] = BOXES) -> dict[str, bytes]:
    """One key a side."""
    return {name: floats(*(box[n] for box in boxes)) for n, name in enumerate(names)}


CENTRES = tuple(((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0) for x0, y0, x1, y1 in BOXES)
LENGTHS = tuple((x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in BOXES)


def tensor(code: int, shape: tuple[int, ...], *content: bytes) -> bytes:
    """A TensorProto as tf.io.serialize_tensor writes it: numbers in one piece, texts one by one."""
    sizes = b"".join(delimited(2, number(1, size)) for size in shape)
    pieces = b"".join(delimited(8 if code == 7 else 4, each) for each in content)
    return texts(number(1, code) + delimited(2, sizes) + pieces)


FLAT = list(itertools.chain(*BOXES))
VOCABULARIES: Mapping[str, dict[str, bytes]] = {
    "sides without a schema": {**PICTURE, **sides("o/left", "o/top", "o/right", "o/bottom"), "o/class": CLASSES},
    "the outermost pixels": {
        **PICTURE, **sides("leftmost", "topmost", "rightmost", "bottommost"), "kinds": CLASSES
    },
    "low and high": {
        **PICTURE, **sides("x_lo", "y_lo", "x_hi", "y_hi"), "o/class": CLASSES
    },
    "sides after axes": {
        **PICTURE, **sides("o/left_x", "o/top_y", "o/right_x", "o/bottom_y"), "o/class": CLASSES
    },
    "camel case": {**PICTURE, **sides("bboxXMin", "bboxYMin", "bboxXMax", "bboxYMax"), "objectClass": CLASSES},
    "numbered corners": {**PICTURE, **sides("b.x1", "b.y1", "b.x2", "b.y2"), "b.label": CLASSES},
    "corners from 0": {**PICTURE, **sides("b.x0", "b.y0", "b.x1", "b.y1"), "b.label": CLASSES},
    "centres": {
        **PICTURE, **sides("b/x_center", "b/y_center", "b/w", "b/h", boxes=CENTRES), "b/class_name": CLASSES
    },
    "centres below the usual keys": {
        **BARE, **sides(*(PREFIX + f"bbox/{n}" for n in ("xcenter", "ycenter", "width", "height")), boxes=CENTRES),
        PREFIX + "class/text": CLASSES,
    },
    "corner and lengths": {**PICTURE, **sides("x", "y", "w", "h", boxes=LENGTHS), "labels": CLASSES},
    "a picture nobody knows": {
        "shot": texts(jpeg(WIDTH, HEIGHT)), "shot_name": texts("a.jpg"), **sides("xmin", "ymin", "xmax", "ymax"),
        "category": CLASSES,
    },
    "plural names, as scripts call their lists": {
        **PICTURE, **sides("xmins", "ymins", "xmaxs", "ymaxs"), "classes_text": CLASSES
    },
    "Spanish": {
        "imagen": texts(jpeg(WIDTH, HEIGHT)), "nombre_archivo": texts("a.jpg"), "etiquetas": CLASSES,
        **sides("caja_izquierda", "caja_arriba", "caja_ancho", "caja_alto", boxes=LENGTHS),
    },
    "Russian, in letters of its own": {
        "картинка": texts(jpeg(WIDTH, HEIGHT)), "файл": texts("a.jpg"), "рамки": floats(*FLAT), "классы": CLASSES
    },
    "a flat list": {**PICTURE, "rects": floats(*FLAT), "labels": CLASSES},
    "a flat list of lengths": {**PICTURE, "boxes": floats(*itertools.chain(*LENGTHS)), "label": CLASSES},
    "serialized tensors": {
        **PICTURE, "boxes": tensor(1, (2, 4), struct.pack("<8f", *FLAT)),
        "labels": tensor(7, (2,), b"cat", b"dog"),
    },
    "classes of the usual boxes": {**detection("a.jpg", boxes=BOXES, drop=[PREFIX + "class/label"]),
                                   PREFIX + "own_class": CLASSES},
    "classes elsewhere": {**detection("a.jpg", boxes=BOXES, drop=[PREFIX + "class/label"]), "my/labels": CLASSES},
}  # fmt: skip


def followed(path: str, out: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, list[str]]:
    """What the first run says, and the options that it prints."""
    main(["convert", path, "-o", str(out), "-q"])
    said = capsys.readouterr().err
    (line,) = re.findall(r"(?:would read it|guess is|Read it with): ?(--map .*)$", said, re.MULTILINE)
    return said, shlex.split(line)


@pytest.mark.parametrize("record", VOCABULARIES.values(), ids=VOCABULARIES)
def test_what_is_not_read_is_reported_with_options_that_read_it(
    record: dict[str, bytes], record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file(record)
    said, options = followed(path, tmp_path / "first", capsys)
    assert "not read" in said or "follow no known schema" in said
    offered = set(re.findall(r"\b(?:yxyx|xyxy|xywh)\b", said)) or {""}
    results = []
    for order in sorted(offered):
        chosen = [f"box_order={order}" if option.startswith("box_order=") else option for option in options]
        out = tmp_path / f"out-{order}"
        assert main(["convert", path, "-o", str(out), "-q", *chosen]) == 0
        assert "not-read" not in capsys.readouterr().err
        coco = json.loads((out / "annotations/instances_x.json").read_text())
        assert [each["file_name"] for each in coco["images"]] == ["a.jpg"]
        results.append(named(coco))
    assert TRUTH in results


def test_what_is_not_read_is_an_error_where_warnings_are(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="classes-not-read"):
        converted(VOCABULARIES["classes elsewhere"], strict=True)


def test_boxes_that_only_later_records_have_are_reported(converted: Convert) -> None:
    """A second vocabulary, after more records than are looked at first."""
    usual = [detection(f"{n}.jpg", boxes=[CAT]) for n in range(40)]
    done = converted(*usual, {**BARE, **sides("o/left", "o/top", "o/right", "o/bottom"), "o/class": CLASSES})
    found = done.report["warnings"]["boxes-not-read"]
    assert found["count"] == 1
    assert "record 40" in found["first"]
    for role in ("xmin=o/left", "ymin=o/top", "xmax=o/right", "ymax=o/bottom", "text=o/class"):
        assert f"--map {role}" in found["first"]


def _png(box: Box) -> bytes:
    target = io.BytesIO()
    painted(box).save(target, "PNG")
    return target.getvalue()


CONTENT: Mapping[str, tuple[dict[str, bytes], str, str]] = {
    "masks": ({"my/masks": texts(_png(CAT), _png(DOG))}, "masks", "mask=my/masks"),
    "masks as an array": ({"masks_raw/mask": texts(bytes(2 * WIDTH * HEIGHT))}, "masks", "mask_bytes=masks_raw/mask"),
    "keypoints": (
        {"my/landmarks/x": floats(0.1, 0.2, 0.3, 0.4), "my/landmarks/y": floats(0.1, 0.2, 0.3, 0.4)}, "keypoints",
        "keypoint_y=my/landmarks/y",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("features", "content", "option"), CONTENT.values(), ids=CONTENT)
def test_content_beside_boxes_that_are_read_is_reported(
    features: dict[str, bytes], content: str, option: str, converted: Convert
) -> None:
    record = detection("a.jpg", boxes=BOXES, **features)
    text = converted(record).report["warnings"][f"{content}-not-read"]["first"]
    assert f"--map {option}" in text
    roles = dict(pair.split("=") for pair in re.findall(r"--map (\S+)", text))
    done = converted(record, roles=roles)
    assert f"{content}-not-read" not in done.report["warnings"]


@pytest.mark.parametrize("seen", [(), (2,), (1,)], ids=["pairs", "triples", "triples, hidden"])
def test_keypoints_without_boxes_are_reported_with_options_that_read_them(
    seen: tuple[int, ...], record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = floats(9, 4, *seen, 20, 30, *seen, 31, 8, *seen)
    path = record_file({"image": texts(jpeg(WIDTH, HEIGHT)), "keypoints": points})
    said, options = followed(path, tmp_path / "first", capsys)
    assert "keypoints-not-read" in said
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", *options]) == 0
    coco = json.loads((tmp_path / "out/annotations/person_keypoints_x.json").read_text())
    assert [each["bbox"] for each in coco["annotations"]] == [[9, 4, 22, 26]]


@pytest.mark.parametrize("key", ["label", "target"])
def test_a_table_of_boxes_under_the_key_of_the_class_is_reported(
    key: str, record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [(x / WIDTH, y / HEIGHT, w / WIDTH, h / HEIGHT) for x, y, w, h in CENTRES]
    rows = [(number, *place) for number, place in enumerate(places)]
    tables = [floats(*itertools.chain(*each)) for each in (rows, rows[:1], rows[1:], rows)]
    records = [{"image": texts(jpeg(WIDTH, HEIGHT)), key: table} for table in tables]
    path = record_file(*records)
    _, options = followed(path, tmp_path / "first", capsys)
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", *options]) == 0
    coco = json.loads((tmp_path / "out/annotations/instances_x.json").read_text())
    assert [each["bbox"] for each in coco["annotations"][:2]] == [xywh(CAT), xywh(DOG)]


def test_several_masks_without_boxes_are_reported_without_an_option_that_fails(converted: Convert) -> None:
    masks = texts(_png(CAT)), texts(_png(CAT), _png(DOG))
    done = converted(*({"image": texts(jpeg(WIDTH, HEIGHT)), "masks": each} for each in masks))
    told = done.report["warnings"]["masks-not-read"]["first"]
    assert told.endswith("masks has several in a record without boxes, which no option reads")


def test_keys_without_letters_are_refused_as_others_are(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="follow no known schema"):
        converted({"?": texts(jpeg(WIDTH, HEIGHT)), "??": texts("a.jpg"), "": ints(7), "//": floats(*FLAT)})


def test_captions_of_records_of_no_schema_are_part_of_the_guess(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"image/data": texts(jpeg(WIDTH, HEIGHT)), "image/image_id": ints(7), "image/caption": texts("a cat")}
    path = record_file(record)
    _, options = followed(path, tmp_path / "first", capsys)
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", *options]) == 0
    coco = json.loads((tmp_path / "out/annotations/captions_x.json").read_text())
    assert [each["caption"] for each in coco["annotations"]] == ["a cat"]


def test_polygons_without_boxes_are_reported(converted: Convert) -> None:
    corners = floats(3, 4, 20, 4, 20, 30, 3, 30)
    done = converted({"image": texts(jpeg(WIDTH, HEIGHT)), "polygons": corners, "labels": texts("cat")})
    told = done.report["warnings"]["masks-not-read"]["first"]
    assert told.endswith("polygons holds polygons in records without boxes, which no option reads")


def test_polygons_that_nothing_divides_among_objects_are_reported(converted: Convert) -> None:
    done = converted(detection(boxes=[(3, 4, 20, 30)], **{"image/object/polygon": floats(3, 4, 20, 4, 20, 30, 3, 30)}))
    assert "no key says where those of each object end" in done.report["warnings"]["masks-not-read"]["first"]


def test_a_pose_that_is_one_number_an_object_is_an_attribute(converted: Convert) -> None:
    """TensorFlow Datasets' voc."""
    boxes = {"objects/bbox": floats(*[0.1, 0.2, 0.5, 0.6] * 2), "objects/label": ints(11, 14)}
    done = converted({"image": texts(jpeg(WIDTH, HEIGHT)), **boxes, "objects/pose": ints(1, 4)}, strict=True)
    assert [each["attributes"] for each in done.coco["annotations"]] == [{"pose": 1}, {"pose": 4}]


def test_records_of_something_else_than_images_are_reported_without_a_guess(converted: Convert) -> None:
    sound = {"id": texts("a"), "labels": ints(3, 4), "mean_rgb": floats(*[0.5] * 128)}
    with pytest.raises(RejectedInputError, match="None of them holds pictures, or boxes: are these records of images"):
        converted(sound)


def test_a_label_image_that_is_not_read_is_reported(converted: Convert) -> None:
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "label": ints(3), "segmentation_mask": texts(_png(CAT))}
    text = converted(record).report["warnings"]["masks-not-read"]["first"]
    assert "--map semantic=segmentation_mask" in text
    assert converted(record, roles={"semantic": "segmentation_mask"}, strict=True).coco["images"]


@pytest.mark.parametrize(
    "features",
    [
        {"image/class/label": ints(3)},
        {PREFIX + "class/score": floats(0.5, 0.25), PREFIX + "view": texts("Left", "Right")},
        {"image/detection/bbox/xmin": floats(0.1), "image/detection/label": ints(3)},
        {PREFIX + "3d_bbox/height": floats(1, 2), PREFIX + "bbox/confidence": floats(1, 0.5)},
        {"image/depth/encoded": texts(_png(CAT))},
    ],
    ids=" ".join,
)
def test_what_is_no_content_of_its_own_is_no_warning(features: dict[str, bytes], converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=BOXES, **features))
    assert done.report["warnings"] == {}


LABELS = bytes(n // 97 % 5 for n in range(WIDTH * HEIGHT))


@pytest.mark.parametrize(
    "label",
    [LABELS, struct.pack(f"<{WIDTH * HEIGHT}i", *LABELS), _png(CAT)],
    ids=["bytes", "numbers of 32 bits", "a PNG"],
)
def test_a_label_image_under_the_key_of_the_class_is_reported(
    label: bytes, record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file({"image": texts(jpeg(WIDTH, HEIGHT)), "label": texts(label)})
    said, options = followed(path, tmp_path / "first", capsys)
    assert "masks-not-read" in said
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", "--strict", *options]) == 0
    assert json.loads((tmp_path / "out/annotations/stuff_x.json").read_text())["annotations"]


def test_a_label_image_as_a_list_is_reported_without_an_option(converted: Convert) -> None:
    done = converted({"image": texts(jpeg(WIDTH, HEIGHT)), "label": ints(*LABELS)})
    told = done.report["warnings"]["masks-not-read"]["first"]
    assert told.endswith("label has a number for each pixel, and options read label images from bytes only")
