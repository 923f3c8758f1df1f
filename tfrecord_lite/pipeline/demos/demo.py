"""The first minute: draws a small dataset, writes it as TFRecord files, converts those, and shows what came of it."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from tfrecord_lite.errors import OutputError
from tfrecord_lite.example.build import build_example
from tfrecord_lite.output.checks import refuse_url
from tfrecord_lite.output.renames import is_empty_folder
from tfrecord_lite.pipeline.conversion.convert import convert
from tfrecord_lite.pipeline.conversion.summary import Summary
from tfrecord_lite.pipeline.demos.scene import KEYPOINTS, NAMES, Scene, Thing
from tfrecord_lite.pipeline.previews.preview import Preview, preview
from tfrecord_lite.schemas.write.record_writer import TFRecordWriter

FOLDER = "tfrecord2coco-demo"
_SHARDS = {"train": 2, "val": 1}
_RECORDS_A_SHARD = 4
_SEED = 1
_LABEL_MAP = "label_map.pbtxt"


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo made: the record files; the dataset and its page; a sheet of pictures."""

    records: tuple[str, ...]
    summary: Summary
    sheet: Preview


def run_demo(folder: str = FOLDER) -> Demo:
    """Writes the records to ``folder/records`` and converts them to ``folder/coco``, over an earlier demo."""
    records, coco = os.path.join(folder, "records"), os.path.join(folder, "coco")
    refuse_url(folder)
    _refuse_others(records, coco)
    paths = write_records(records)
    summary = convert(records, coco, html=os.path.join(folder, "page.html"), overwrite=True)
    return Demo(tuple(paths), summary, preview(coco, os.path.join(folder, "sheet.png"), overwrite=True))


def write_records(folder: str) -> list[str]:
    """Writes two splits of drawn scenes and their label map, as the Object Detection API has them.

    Returns:
        The paths of the record files. The same files every time, byte for byte.
    """
    os.makedirs(folder, exist_ok=True)
    chance = random.Random(_SEED)  # noqa: S311 - pictures, not secrets
    paths = []
    number = 0
    for split, shards in _SHARDS.items():
        for shard in range(shards):
            path = os.path.join(folder, f"{split}-{shard:05d}-of-{shards:05d}.tfrecord")
            with TFRecordWriter(path) as out:
                for _ in range(_RECORDS_A_SHARD):
                    number += 1
                    out.write(_record(f"harbour_{number:02d}.jpg", Scene(chance)))
            paths.append(path)
    with open(os.path.join(folder, _LABEL_MAP), "w", encoding="utf-8") as file:
        file.write(_label_map())
    return paths


def _refuse_others(*folders: str) -> None:
    """Refuses folders that are in use, unless the label map in the first is that of an earlier demo."""
    try:
        with open(os.path.join(folders[0], _LABEL_MAP), encoding="utf-8") as file:
            if file.read(1 << 16) == _label_map():
                return
    except (OSError, ValueError):  # there is none
        pass
    for folder in folders:
        if os.path.lexists(folder) and not is_empty_folder(folder):
            raise OutputError(folder, "this is of no earlier demo, and is not replaced. Name another folder")


def _label_map() -> str:
    items = []
    for label, name in enumerate(NAMES, 1):
        points = KEYPOINTS if name == "person" else ()
        lines = "".join(f'  keypoints {{ id: {i} label: "{point}" }}\n' for i, point in enumerate(points))
        items.append(f'item {{\n  id: {label}\n  name: "{name}"\n{lines}}}\n')
    return "".join(items)


def _record(file_name: str, scene: Scene) -> bytes:
    """One picture with boxes, classes, masks and keypoints."""
    picture, things = scene.finish()
    width, height = picture.size
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=90)
    boxes = [thing.mask.getbbox() or (0, 0, 0, 0) for thing in things]
    points = [point for thing in things for point in thing.keypoints or ((nan, nan, 0),) * len(KEYPOINTS)]
    features: dict[str, Sequence[bytes | str | int | float]] = {
        "image/encoded": [encoded.getvalue()],
        "image/format": ["jpeg"],
        "image/filename": [file_name],
        "image/source_id": [file_name],
        "image/width": [width],
        "image/height": [height],
        "image/object/class/text": [thing.name for thing in things],
        "image/object/class/label": [NAMES.index(thing.name) + 1 for thing in things],
        "image/object/is_crowd": [int(thing.crowd) for thing in things],
        "image/object/mask": [_png(thing) for thing in things],
        "image/object/keypoint/text": [*KEYPOINTS] * len(things),
        "image/object/keypoint/x": [x / width for x, _, _ in points],
        "image/object/keypoint/y": [y / height for _, y, _ in points],
        "image/object/keypoint/visibility": [visibility for _, _, visibility in points],
    }
    for at, side in enumerate(("xmin", "ymin", "xmax", "ymax")):
        features[f"image/object/bbox/{side}"] = [box[at] / (width, height)[at % 2] for box in boxes]
    return build_example(features)


def _png(thing: Thing) -> bytes:
    """The mask of a thing as the Object Detection API has it: a gray PNG, 0 and more than 0."""
    data = io.BytesIO()
    thing.mask.convert("1").save(data, "PNG")
    return data.getvalue()
