"""Every key of every known schema gets a value of its own in one record: another value must show somewhere.

Somewhere is in a file that the conversion writes, or in its report, which may as well name the key as one that is not
carried over. A key whose value can change without a trace is one that is lost in silence.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tfrecords import Features, example, floats, ints, jpeg, sequence_example, shard, texts

from tfrecord_lite import RejectedInputError, compare, convert, pack
from tfrecord_lite.errors import Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import FRAME_INDEX
from tfrecord_lite.masks.rle import compress
from tfrecord_lite.schemas.detect.evidence import survey
from tfrecord_lite.schemas.known import tfds
from tfrecord_lite.schemas.registry import KNOWN
from tfrecord_lite.schemas.roles import KEY, ROLES
from tfrecord_lite.schemas.schema import Schema

WIDTH, HEIGHT = 64, 48
BOXES = ((4.0, 3.0, 14.0, 12.0), (20.0, 15.0, 60.0, 45.0))
Make = Callable[[Schema, int], bytes]
"""The feature of a role in a schema. The second value is the version: 1 says something else than 0."""


def unit(schema: Schema, axis: int) -> float:
    return 1 if schema.pixel else (WIDTH, HEIGHT)[axis]


def side(number: int) -> Make:
    return lambda schema, version: floats(*((box[number] + 2 * version) / unit(schema, number % 2) for box in BOXES))


def length(number: int) -> Make:
    return lambda schema, version: floats(
        *((box[number + 2] - box[number] + version / 2) / unit(schema, number) for box in BOXES)
    )


def picture(version: int, mode: str = "L", box: tuple[float, ...] = BOXES[0]) -> bytes:
    """An image with a rectangle of 1, or of 2."""
    image = Image.new(mode, (WIDTH, HEIGHT))
    colour: Any = 1 + version if mode == "L" else (1 + version, 0, 0)
    image.paste(colour, (int(box[0]) + version, int(box[1]), int(box[2]), int(box[3])))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def plane(version: int, box: tuple[float, ...]) -> bytes:
    return Image.open(io.BytesIO(picture(version, box=box))).tobytes()


def run_lengths(version: int) -> bytes:
    return compress([100, 50 + version, WIDTH * HEIGHT - 150 - version]).encode()


def rows(schema: Schema, version: int) -> bytes:
    kind = {"float32": "f", "int32": "i"}[schema.row_type]
    values = [value for number, box in enumerate(BOXES) for value in (*box, number + 1 + version)]
    return texts(struct.pack(f"<{len(values)}{kind}", *map(float if kind == "f" else int, values)))


def outline(axis: int) -> Make:
    def make(schema: Schema, version: int) -> bytes:
        corners = [(x0, y0) for x0, y0, _, _ in BOXES], [(x1, y0) for _, y0, x1, _ in BOXES], [b[2:] for b in BOXES]
        points = [corner[number] for number in range(2) for corner in corners]
        return floats(*((point[axis] - version / 2) / unit(schema, axis) for point in points))

    return make


MAKERS: dict[str, Make] = {
    "encoded": lambda _, v: texts(jpeg(WIDTH, HEIGHT, (9, 9, 99 * v))),
    "filename": lambda _, v: texts(f"name{v}.jpg"),
    "source_id": lambda _, v: texts(f"source{v}"),
    "original_id": lambda _, v: texts(f"original{v}"),
    "format": lambda _, v: texts(("jpeg", "webp")[v]),
    "width": lambda _, v: ints(WIDTH + v),
    "height": lambda _, v: ints(HEIGHT + v),
    "shape": lambda _, v: ints(HEIGHT, WIDTH + v, 3),
    "xmin": side(0), "ymin": side(1), "xmax": side(2), "ymax": side(3),
    "box_width": length(0), "box_height": length(1),
    "box": lambda s, v: (
        floats(*(value + v for x0, y0, x1, y1 in BOXES[:1] for value in (x0, y0, x1 - x0, y1 - y0)))
        if s.merged
        else floats(0.1, 0.1, 0.5, 0.5, 0.2, 0.2, 0.6, 0.6 + v / 8)
    ),
    "outline_x": outline(0), "outline_y": outline(1), "outline_object": lambda _, v: ints(0, 0, 0, 1, 1, 1 - v),
    "vertices": lambda _, v: texts(f"0.1,0.1,0.5,0.1,0.5,0.{5 + v}", "0.2,0.2,0.6,0.2,0.6,0.6"),
    "rows": rows, "row_count": lambda _, v: ints(2 + v),
    "number": lambda s, v: ints(1, 2 + v) if not s.merged else ints(1 + v),
    "text": lambda _, v: texts("cat", f"dog{v}"),
    "area": lambda s, v: floats(100, 200 + v) if not s.merged else floats(90 - v),
    "attribute_json": lambda _, v: texts('{"rain": null}', f'{{"rain": {v}}}'),
    "metadata_json": lambda _, v: texts(f'{{"camera": {{"number": {v}}}}}'),
    "source_json": lambda _, v: texts(f'{{"image": {{"id": {v}}}}}'),
    "crowd": lambda _, v: ints(0, v),
    "group": lambda _, v: ints(v, 0),
    "mask": lambda _, v: texts(picture(v), picture(0, box=BOXES[1])),
    "mask_bytes": lambda _, v: texts(plane(v, BOXES[0]) + plane(0, BOXES[1])),
    "mask_indices": lambda _, v: ints(0, 5, 6 + v, 1, 20, 30),
    "mask_values": lambda _, v: ints(1, 1 - v),
    "mask_weight": lambda _, v: floats(1, 1 - v),
    "mask_number": lambda _, v: ints(5, 6 + v),
    "mask_text": lambda _, v: texts("arm", f"leg{v}"),
    "rle_counts": lambda _, v: texts(run_lengths(v), run_lengths(3)),
    "rle_size": lambda _, v: ints(HEIGHT, WIDTH, HEIGHT, WIDTH + v),
    "polygon": lambda _, v: floats(4, 3, 14, 3, 14, 12 - v, 20, 15, 60, 15, 60, 45),
    "polygon_ends": lambda _, v: ints(0, 6, 12 - 2 * v),
    "keypoint_x": lambda _, v: floats(0.1, 0.2, 0.5, 0.6 + v / 8),
    "keypoint_y": lambda _, v: floats(0.1, 0.2, 0.5, 0.6 + v / 8),
    "keypoint_visibility": lambda _, v: ints(2, 1, 2, 2 - v),
    "keypoint_hidden": lambda _, v: ints(0, 1, 0, v),
    "keypoint_pairs": lambda _, v: floats(10, 11, 12, 13, 30, 31, 32, 33 + v),
    "keypoint_text": lambda _, v: texts("nose", f"ear{v}", "nose", f"ear{v}"),
    "keypoint_count": lambda _, v: ints(2, 2 + v),
    "keypoint_total": lambda _, v: ints(2, 2 - v),
    "keypoint_triples": lambda _, v: floats(5, 5, 2, 6, 6, 2, 25, 25, 2, 26, 26 + v, 2),
    "keypoint_ends": lambda _, v: ints(0, 6, 12 - 6 * v),
    "caption": lambda _, v: texts(f"a sentence {v}"),
    "semantic": lambda _, v: texts(picture(v)),
    "semantic_format": lambda _, v: texts(("png", "raw")[v]),
    "panoptic_png": lambda _, v: texts(picture(0, "RGB", BOXES[v])),
    "panoptic_number": lambda _, v: ints(1 + v),
    "panoptic_label": lambda _, v: ints(1 + v),
    "panoptic_crowd": lambda _, v: ints(v),
    "panoptic_category": lambda _, v: texts(picture(v)),
    "panoptic_instance": lambda _, v: texts(picture(v)),
    "label_number": lambda _, v: ints(3 + v),
    "label_text": lambda _, v: texts(f"label{v}"),
    "label_confidence": lambda _, v: floats(0.5 + v / 4),
}  # fmt: skip
DENSE_POSE: dict[str, Make] = {
    "num": lambda _, v: ints(1, 1 + v), "part_index": lambda _, v: ints(1, 2 + v),
    "x": lambda _, v: floats(0.1, 0.5 + v / 8), "y": lambda _, v: floats(0.1, 0.5 + v / 8),
    "u": lambda _, v: floats(0.1, 0.5 + v / 8), "v": lambda _, v: floats(0.1, 0.5 + v / 8),
}  # fmt: skip


def makers(schema: Schema) -> Iterator[tuple[str, Make]]:  # noqa: C901 - one branch a kind of feature
    """Every key that a schema knows, each once, and what makes its feature."""
    seen = {FRAME_INDEX}  # which no record has: it is ours

    def new(keys: Any, make: Make) -> Iterator[tuple[str, Make]]:
        for key in keys:
            if key not in seen:
                seen.add(key)
                yield key, make

    for role in ROLES:
        if role.takes == KEY:
            yield from new(getattr(schema, role.name), MAKERS.get(role.name, lambda _, v: ints(v)))
    for number, key in enumerate(schema.corner_keys):
        yield from new([key], lambda _, v, n=number: floats(0.1 + n % 2 / 4 + v / 8, 0.5 + n % 3 / 8))  # type: ignore[misc]
    if schema.dense_pose:
        for name, make in DENSE_POSE.items():
            yield from new([schema.dense_pose + name], make)
    yield from new(schema.metadata, lambda _, v: texts(f"metadata{v}"))
    if schema.metadata_prefix:
        yield from new([schema.metadata_prefix + "own"], lambda _, v: texts(f"fact{v}"))
    yield from new(schema.metadata_lists, lambda _, v: ints(1, 2 + v))
    yield from new(sorted(schema.implied), lambda _, v: ints(1, v))
    if schema.attribute_prefix:
        yield from new([schema.attribute_prefix + "own"], lambda _, v: ints(7, 8 + v))
        for name, size in sorted(schema.attribute_sizes.items()):
            yield from new([schema.attribute_prefix + name], lambda _, v, n=size or 2: ints(*range(v, v + 2 * n)))  # type: ignore[misc]
    yield from new([prefix + "score" for prefix in schema.predictions], lambda _, v: floats(0.5 + v / 4))
    yield from new(["nobody/knows"], lambda _, v: texts(f"unknown{v}"))


def write(path: Path, schema: Schema, features: dict[str, bytes]) -> None:
    """Writes a file of one record."""
    payload: Features | bytes = features
    if schema.name == "sequence_example":
        payload = sequence_example({}, {key: [value] for key, value in features.items()})
    path.write_bytes(shard(payload))  # type: ignore[arg-type]


def outcome(folder: Path, schema: Schema, features: dict[str, bytes]) -> dict[str, Any]:
    """Everything that a conversion leaves, or what it says where it leaves nothing."""
    write(folder / "x.tfrecord", schema, features)
    out = folder / "out"
    try:
        convert(folder / "x.tfrecord", out, schema=schema.name, on_error="skip", panoptic_divisor=256)
    except RejectedInputError as error:
        return {"rejected": str(error)}
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*") if path.is_file()}
    for path in sorted(out.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    out.rmdir()
    return files


def of_tensorflow_datasets() -> Schema:
    """The schema that is made for a dataset, here one with everything."""
    features = {"image": texts(jpeg()), "objects/bbox": floats(*[0.5] * 8), "objects/label": ints(1, 2)}
    schema = tfds.recognise(survey([Example.parse(example(features), Location("x"))]), "x")
    assert schema is not None
    return schema


SCHEMAS = {name: schema for name, schema in KNOWN.items() if schema.read_keys} | {"tfds": of_tensorflow_datasets()}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_the_value_of_every_key_shows_somewhere(schema: Schema, tmp_path: Path) -> None:
    made = dict(makers(schema))
    whole = {key: make(schema, 0) for key, make in made.items()}
    before = outcome(tmp_path, schema, whole)
    assert "rejected" not in before, before
    report = before["reports/x.json"].decode()
    assert json.loads(report)["images"] == 1
    lost = [
        key
        for key, make in made.items()
        if json.dumps(key) not in report and outcome(tmp_path, schema, whole | {key: make(schema, 1)}) == before
    ]
    assert lost == []


@pytest.mark.slow
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_what_is_converted_goes_to_records_and_back(schema: Schema, tmp_path: Path) -> None:
    whole = {key: make(schema, 0) for key, make in makers(schema)}
    if (
        schema.corner_keys and schema.dense_pose
    ):  # whose boxes have no size here, so that DensePose has no places in them
        whole = {key: value for key, value in whole.items() if not key.startswith(schema.dense_pose)}
    write(tmp_path / "x.tfrecord", schema, whole)
    convert(tmp_path / "x.tfrecord", tmp_path / "a", schema=schema.name, on_error="skip", panoptic_divisor=256)
    has_pictures = any((tmp_path / "a/images/x").iterdir())
    packed = pack(tmp_path / "a", tmp_path / "records", pictures=has_pictures, verify=True)
    assert packed.images == 1
    convert(tmp_path / "records", tmp_path / "b")
    compared = compare(tmp_path / "a", tmp_path / "b")
    assert compared.equal, str(compared)
