"""Content under names that tell nothing is found by its values, over several records; what is none is not reported."""

from __future__ import annotations

import io
import itertools
import json
import random
import re
import shlex
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from results import Convert
from scene import painted
from tfrecords import Box, delimited, detection, floats, ints, jpeg, number, texts

from tfrecord_lite.commands.cli import main

Write = Callable[..., str]
Four = tuple[float, float, float, float]
SIZE = WIDTH, HEIGHT = 120, 90
NAMES = ("cat", "dog", "bird")
SCENES: Sequence[tuple[Sequence[tuple[int, int, int, int]], Sequence[int]]] = (
    (((41, 9, 74, 35), (9, 34, 23, 51)), (0, 1)),
    (((7, 48, 52, 83),), (2,)),
    (((30, 20, 70, 80), (55, 3, 80, 35), (7, 6, 27, 13)), (1, 2, 0)),
    (((64, 40, 101, 70), (2, 2, 90, 60)), (2, 2)),
)
"""Boxes of four pictures, with their classes."""


def fractions(box: Box) -> Four:
    return box[0] / WIDTH, box[1] / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT


def lengths(box: Box) -> Four:
    return box[0], box[1], box[2] - box[0], box[3] - box[1]


def centre(box: Box) -> Four:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]


def flat(boxes: Sequence[Sequence[float]]) -> list[float]:
    return list(itertools.chain(*boxes))


def words(classes: Sequence[int]) -> bytes:
    return texts(*(NAMES[each] for each in classes))


def sides(names: str, boxes: Sequence[Four]) -> dict[str, bytes]:
    return {name: floats(*(box[place] for box in boxes)) for place, name in enumerate(names.split())}


def _png(box: tuple[int, int, int, int]) -> bytes:
    target = io.BytesIO()
    painted(box, size=SIZE).save(target, "PNG")
    return target.getvalue()


def _plane(box: tuple[int, int, int, int]) -> bytes:
    return painted(box, size=SIZE).tobytes()


def _runs(box: tuple[int, int, int, int]) -> str:
    """The pixels of a box, column by column, as COCO counts them."""
    x0, y0, x1, y1 = box
    high = y1 - y0
    counts = [x0 * HEIGHT + y0, *[high, HEIGHT - high] * (x1 - x0)]
    counts[-1] += (WIDTH - x1) * HEIGHT - y0
    text = ""
    for place, count in enumerate(counts):
        rest = count - counts[place - 2] if place > 2 else count
        while True:  # five bits a character, the lowest first, 32 where more follow (pycocotools, rleToString)
            bits, rest = rest & 31, rest >> 5
            is_last = rest == (-1 if bits & 16 else 0)
            text += chr(48 + bits + (0 if is_last else 32))
            if is_last:
                break
    return text


def _outline(box: tuple[int, int, int, int]) -> tuple[int, ...]:
    x0, y0, x1, y1 = box
    return x0, y0, x1, y0, x1, y1, x0, y1


def _points(box: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    return [(box[0] + 1, box[1] + 2), (box[2] - 1, box[1] + 3), (box[0] + 4, box[3] - 2)]


def _tensor(code: int, shape: tuple[int, ...], content: bytes) -> bytes:
    dimensions = b"".join(delimited(2, number(1, size)) for size in shape)
    return texts(number(1, code) + delimited(2, dimensions) + delimited(4, content))


Features = Callable[[Sequence[tuple[int, int, int, int]], Sequence[int]], dict[str, bytes]]
WITHOUT_BOXES: Mapping[str, Features] = {
    "fractions, numbers": lambda b, c: {"bb": floats(*flat([*map(fractions, b)])), "k": ints(*c)},
    "pixels and lengths, texts": lambda b, c: {"cajas": floats(*flat([*map(lengths, b)])), "etiquetas": words(c)},
    "whole pixels": lambda b, c: {"zz": ints(*map(int, flat(b))), "names": words(c)},
    "centres, by the name": lambda b, c: {
        "yolo": floats(*flat([centre(fractions(each)) for each in b])), "cls": ints(*c)
    },
    "centres": lambda b, c: {"zz": floats(*flat([centre(fractions(each)) for each in b])), "cls": ints(*c)},
    "beside predictions": lambda b, c: {
        "a_pred": floats(*flat([*map(fractions, b)])), "a_pred_k": ints(*c),
        "truth": floats(*flat([*map(fractions, b)])), "truth_k": words(c),
    },
    "a padded list": lambda b, c: {
        "gt": floats(*flat([*map(fractions, b)]), *[-1] * (20 - 4 * len(b))), "gt_cls": ints(*c, *[-1] * (5 - len(c))),
        "num": ints(len(b)),
    },
    "arrays": lambda b, c: {
        "bb": _tensor(1, (len(b), 4), struct.pack(f"<{4 * len(b)}f", *flat([*map(fractions, b)]))),
        "cl": _tensor(9, (len(c),), struct.pack(f"<{len(c)}q", *c)),
    },
    "rows with a class": lambda b, c: {
        "targets": floats(*(v for x, k in zip(b, c, strict=True) for v in (*centre(fractions(x)), k)))
    },
    "rows with a class and a score": lambda b, c: {
        "dets": floats(*(v for x, k in zip(b, c, strict=True) for v in (*x, k, 1)))
    },
    "single letters": lambda b, c: {**sides("o_l o_t o_r o_b", b), "what": words(c)},
    "a corner and lengths with their unit": lambda b, c: {
        **sides("left_px top_px width_px height_px", [*map(lengths, b)]), "what": words(c)
    },
    "rows after a class": lambda b, c: {"t": floats(*(v for x, k in zip(b, c, strict=True) for v in (k, *x)))},
    "sides and a word like class": lambda b, c: {
        **sides("x_lo y_lo x_hi y_hi", [*map(fractions, b)]), "Klass": words(c)
    },
    "sides and numbers": lambda b, c: {
        **sides("x_lo y_lo x_hi y_hi", b), "zz": ints(*c), "difficult": ints(*[0] * len(c))
    },
    "sides in another language": lambda b, c: {
        **sides("links oben rechts unten", [*map(fractions, b)]), "klasse": words(c)
    },
    "centres and lengths": lambda b, c: {
        **sides("o.mid_x o.mid_y o.breadth o.tallness", [centre(fractions(each)) for each in b]), "o.kind": words(c)
    },
}  # fmt: skip
WITH_BOXES: Mapping[str, tuple[str, Features]] = {
    "numbers among attributes": ("classes", lambda _, c: {"image/object/zz": ints(*c)}),
    "numbers elsewhere": ("classes", lambda _, c: {"kategorie": ints(*c)}),
    "texts": ("classes", lambda _, c: {"animal": words(c)}),
    "digits": ("classes", lambda _, c: {"klass": texts(*map(str, c))}),
    "one of several": ("classes", lambda _, c: {"one_hot": floats(*(float(k == n) for k in c for n in range(3)))}),
    "whole floats": ("classes", lambda _, c: {"zz": floats(*c)}),
    "one of several, by the values": (
        "classes", lambda _, c: {"zz": ints(*(int(k == n) for k in c for n in range(3)))}
    ),
    "an array an object": ("masks", lambda b, _: {"zz": texts(*map(_plane, b))}),
    "one array of all": ("masks", lambda b, _: {"zz": texts(b"".join(map(_plane, b)))}),
    "floats": ("masks", lambda b, _: {"zz": floats(*(float(v) for each in b for v in _plane(each)))}),
    "points in pixels": (
        "keypoints", lambda b, _: {"zz": ints(*(v for each in b for p in _points(each) for v in (*p, 2)))}
    ),
    "images": ("masks", lambda b, _: {"silhouettes": texts(*map(_png, b))}),
    "run lengths": ("masks", lambda b, _: {"runs": texts(*map(_runs, b)), "hw": ints(*[HEIGHT, WIDTH] * len(b))}),
    "run lengths without a size": ("masks", lambda b, _: {"runs": texts(*map(_runs, b))}),
    "corners and their ends": (
        "masks", lambda b, _: {"line": floats(*flat([*map(_outline, b)])), "ends": ints(*range(0, 8 * len(b) + 1, 8))}
    ),
    "corners and their number": (
        "masks", lambda b, _: {"p/values": floats(*flat([*map(_outline, b)])), "p/row_lengths": ints(*[8] * len(b))}
    ),
    "points as pairs": (
        "keypoints",
        lambda b, _: {"skel": floats(*(v for each in b for x, y in _points(each) for v in (x / WIDTH, y / HEIGHT)))},
    ),
    "points as triples": (
        "keypoints", lambda b, _: {"kpts": floats(*(v for each in b for p in _points(each) for v in (*p, 2)))}
    ),
    "points by their axes": (
        "keypoints",
        lambda b, _: {
            "spot_x": floats(*(p[0] / WIDTH for each in b for p in _points(each))),
            "spot_y": floats(*(p[1] / HEIGHT for each in b for p in _points(each))),
        },
    ),
}  # fmt: skip


def _told(said: str) -> list[str]:
    (line,) = re.findall(r"would read it: (--map .*)$", said, re.MULTILINE)
    return shlex.split(line)


def _read(out: Path) -> list[dict[str, Any]]:
    """The annotations, each with the name of its category."""
    coco = json.loads((out / "annotations/instances_x.json").read_text())
    names = {each["id"]: each["name"] for each in coco["categories"]}
    return [{**each, "name": names[each["category_id"]]} for each in coco["annotations"]]


def _follow(path: str, out: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, list[list[dict[str, Any]]]]:
    """What is said first, and what comes of the advice, with each order of a box's numbers that it offers."""
    assert main(["convert", path, "-o", str(out / "first"), "-q"]) == 0
    said = capsys.readouterr().err
    options = _told(said)
    results = []
    for order in sorted(set(re.findall(r"\b(?:yxyx|xyxy|xywh|cxcywh)\b", said)) or {""}):
        chosen = [f"box_order={order}" if option.startswith("box_order=") else option for option in options]
        assert main(["convert", path, "-o", str(out / f"then-{order}"), "-q", *chosen]) == 0
        assert "not-read" not in capsys.readouterr().err
        results.append(_read(out / f"then-{order}"))
    return said, results


def _pictures(features: Features) -> list[dict[str, bytes]]:
    return [
        {"image/encoded": texts(jpeg(*SIZE)), "image/filename": texts(f"{place}.jpg"), **features(*scene)}
        for place, scene in enumerate(SCENES)
    ]


@pytest.mark.parametrize("features", WITHOUT_BOXES.values(), ids=WITHOUT_BOXES)
def test_boxes_under_any_name_are_reported_with_their_classes(
    features: Features, record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, results = _follow(record_file(*_pictures(features)), tmp_path, capsys)
    assert "boxes-not-read: 4 times" in said
    boxes = [[[round(value) for value in each["bbox"]] for each in found] for found in results]
    truth = [list(lengths(box)) for scene, _ in SCENES for box in scene]
    assert truth in boxes
    named = [each["name"] for each in results[boxes.index(truth)]]
    meant = [kind for _, kinds in SCENES for kind in kinds]
    assert len(set(zip(named, meant, strict=True))) == len(NAMES) == len(set(named))


@pytest.mark.parametrize(("content", "features"), WITH_BOXES.values(), ids=WITH_BOXES)
def test_content_of_any_name_beside_boxes_is_reported(
    content: str, features: Features, record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = []
    for place, (boxes, kinds) in enumerate(SCENES):
        record = detection(f"{place}.jpg", SIZE, boxes, [kind + 1 for kind in kinds], **features(boxes, kinds))
        if content == "classes":
            del record["image/object/class/label"]
        records.append(record)
    said, (found,) = _follow(record_file(*records), tmp_path, capsys)
    assert f"{content}-not-read" in said
    boxes = [box for scene, _ in SCENES for box in scene]
    meant = [kind for _, kinds in SCENES for kind in kinds]
    assert len({(each["name"], kind) for each, kind in zip(found, meant, strict=True)}) == len(NAMES)
    for each, box in zip(found, boxes, strict=True):
        if content == "masks":
            assert each["segmentation"]
            assert each["area"] == each["bbox"][2] * each["bbox"][3]
        if content == "keypoints":
            truth = [value for point in _points(box) for value in (*point, 2)]
            assert each["keypoints"] == pytest.approx(truth, abs=0.01)


@pytest.mark.parametrize("code", "fidq")
def test_boxes_as_the_bytes_of_an_array_are_reported(
    code: str, record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = float if code in "fd" else int
    path = record_file(
        *_pictures(lambda b, _: {"zz": texts(struct.pack(f"<{4 * len(b)}{code}", *map(numbers, flat(b))))})
    )
    said, (found,) = _follow(path, tmp_path, capsys)
    assert "boxes-not-read" in said
    assert [each["bbox"] for each in found] == [list(lengths(box)) for scene, _ in SCENES for box in scene]


@pytest.mark.parametrize("key", ["labels", "y/boxes", "annotations"])
def test_two_rows_of_a_table_are_enough_where_the_name_says_something(key: str, converted: Convert) -> None:
    (first, second), kinds = SCENES[0]
    rows = [(kind, *fractions(centre(box))) for kind, box in zip(kinds, (first, second), strict=True)]
    told = converted({"image": texts(jpeg(*SIZE)), key: floats(*flat(rows))}).report["warnings"]["boxes-not-read"]
    assert f"--map rows={key} --map 'row_columns=number xcenter ycenter box_width box_height'" in told["first"]
    whole = {"image": texts(jpeg(*SIZE)), "labels": ints(3, 7, 12, 40, 55, 58, 60, 61, 70, 80)}
    assert converted(whole).report["warnings"] == {}


def test_content_that_no_option_reads_is_reported_without_one(converted: Convert) -> None:
    boxes, kinds = SCENES[0]
    bare = {**detection("a.jpg", SIZE), "meta": texts(json.dumps([{"bbox": boxes[0], "class": "cat"}]))}
    for others in ([], [detection(f"{n}.jpg", SIZE, boxes, kinds) for n in range(20)]):
        text = converted(*others, bare).report["warnings"]["boxes-not-read"]["first"]
        assert "meta holds boxes as JSON, which no option reads" in text
        assert "These options" not in text
        assert "what follows" not in text
    points = floats(*(value for box in boxes for point in _points(box) for value in point))
    found = converted(detection("a.jpg", SIZE, boxes, kinds, landmarks=points))
    text = found.report["warnings"]["keypoints-not-read"]["first"]
    assert "landmarks is in pixels and the boxes in fractions" in text
    assert "These options" not in text


def test_polygons_in_fractions_are_reported_without_an_option(converted: Convert) -> None:
    boxes, kinds = SCENES[0]
    corners = floats(*(value / (WIDTH, HEIGHT)[n % 2] for box in boxes for n, value in enumerate(_outline(box))))
    found = converted(detection("a.jpg", SIZE, boxes, kinds, line=corners, line_n=ints(8, 8)))
    text = found.report["warnings"]["masks-not-read"]["first"]
    assert "line has polygons as fractions" in text
    assert "These options" not in text


def test_boxes_of_two_vocabularies_in_one_file_are_reported_with_how_to_get_both(converted: Convert) -> None:
    usual = [detection(f"{n}.jpg", SIZE, [(1, 2, 30, 40)], texts=["cat"]) for n in range(20)]
    boxes, kinds = SCENES[0]
    other = {**detection("b.jpg", SIZE), "cajas": floats(*flat(boxes))}
    text = converted(*usual, {**other, "klass": words(kinds)}).report["warnings"]["boxes-not-read"]["first"]
    assert "other unit: convert the file once as it is, and once with --coordinates=pixel --on-error=skip" in text
    roles = {"box": "cajas", "box_order": "xyxy", "text": "klass"}
    done = converted(*usual, {**other, "klass": words(kinds)}, roles=roles, coordinates="pixel", on_error="skip")
    assert [each["bbox"] for each in done.coco["annotations"]] == [list(lengths(box)) for box in boxes]


def test_a_list_of_boxes_is_read_where_it_is_and_sides_elsewhere(converted: Convert) -> None:
    usual = [detection(f"{n}.jpg", SIZE, [(12, 9, 30, 45)]) for n in range(20)]
    boxes, _ = SCENES[0]
    other = {**detection("b.jpg", SIZE, labels=[1, 1]), "cajas": floats(*flat([*map(fractions, boxes)]))}
    text = converted(*usual, other).report["warnings"]["boxes-not-read"]["first"]
    assert "convert the file once" not in text
    done = converted(*usual, other, roles={"box": "cajas", "box_order": "xyxy"})
    truth = [[12, 9, 18, 36]] * 20 + [list(lengths(box)) for box in boxes]
    assert [[round(value) for value in each["bbox"]] for each in done.coco["annotations"]] == truth


def test_the_class_of_one_flag_only_is_no_class(converted: Convert) -> None:
    records = [
        detection(
            f"{n}.jpg", SIZE, boxes, drop=["image/object/class/label"], **{"image/object/lit": ints(*[1] * len(boxes))}
        )
        for n, (boxes, _) in enumerate(SCENES)
    ]
    assert converted(*records).report["warnings"] == {}


DRAWN = random.Random(3)
Values = Callable[[int], bytes]


def _some(least: int, most: int, count: int) -> list[float]:
    return [DRAWN.uniform(least, most) for _ in range(count)]


OTHERS: Mapping[str, Values] = {
    "embedding": lambda _: floats(*_some(-2, 2, 128)),
    "activations": lambda _: floats(*_some(0, 1, 64)),
    "probabilities": lambda n: floats(0.1, 0.2, 0.3 + n / 1000, 0.4 - n / 1000),
    "histogram": lambda _: ints(*map(int, _some(0, 90, 256))),
    "constants": lambda _: floats(0.1, 0.2, 0.5, 0.9),
    "anchors": lambda _: floats(*[0.1, 0.1, 0.4, 0.5] * 9),
    "quaternion": lambda _: floats(*_some(-1, 1, 4)),
    "four numbers": lambda _: floats(*_some(0, 1, 4)),
    "samples": lambda _: floats(*_some(-1, 1, 4 * DRAWN.randrange(20, 90))),
    "times": lambda _: floats(*sorted(_some(0, 90, DRAWN.randrange(1, 30)))),
    "tokens": lambda _: ints(*map(int, _some(1, 80, 4 * DRAWN.randrange(1, 9)))),
    "mean": lambda _: floats(*_some(0, 1, 3)),
    "fives": lambda _: floats(*_some(0, 1, 5 * DRAWN.randrange(1, 9))),
    "tokens by five": lambda _: ints(*map(int, _some(1, 80, 5 * DRAWN.randrange(1, 9)))),
    "embedding in bytes": lambda _: texts(struct.pack("<64f", *_some(0, 1, 64))),
    "any bytes": lambda _: texts(DRAWN.randbytes(16 * DRAWN.randrange(1, 9))),
}


@pytest.mark.parametrize("values", OTHERS.values(), ids=OTHERS)
def test_numbers_that_are_no_boxes_are_not_reported(values: Values, converted: Convert) -> None:
    done = converted(*(detection(f"{n}.jpg", SIZE, zz=values(n)) for n in range(20)))
    assert done.report["warnings"] == {}


def test_a_list_of_numbers_in_a_lone_record_is_no_box(converted: Convert) -> None:
    assert converted(detection(size=SIZE, zz=floats(*_some(0, 3, 128)))).report["warnings"] == {}


def test_records_with_very_many_keys_are_read_in_time(converted: Convert) -> None:
    """Each of them has a vocabulary that no record had before: what that takes grows no faster than the keys."""
    usual = [detection(f"u{n}.jpg") for n in range(16)]
    odd = {f"k{n}": floats(*[0.1, 0.2, 0.3, 0.4] * 2) for n in range(400)}
    done = converted(*usual, *({**detection(f"{n}.jpg"), **odd} for n in range(4)))
    assert len(done.report["keys_not_carried_over"]) == len(odd)
