"""The first minute: draws a small dataset, writes it as TFRecord files, and converts those."""

from __future__ import annotations

import io
import os
import random

from PIL import Image, ImageDraw

from tfrecord_lite.example.messages import Example, ExampleMessage
from tfrecord_lite.pipeline.convert import Summary, convert
from tfrecord_lite.tfrecord.records import TFRecordWriter

FOLDER = "tfrecord2coco-demo"
_SIZE = (320, 240)
_NAMES = {1: "circle", 2: "square", 3: "triangle"}
_COLOURS = {1: (214, 69, 65), 2: (38, 115, 190), 3: (67, 150, 84)}
_SHARDS = {"train": 2, "val": 1}
_RECORDS_A_SHARD = 4


def write_records(folder: str) -> list[str]:
    """Writes two splits of drawn shapes and their label map, as the Object Detection API has them.

    Returns:
        The paths of the record files. The same files every time, byte for byte.
    """
    os.makedirs(folder, exist_ok=True)
    chance = random.Random(2)  # noqa: S311 - pictures, not secrets
    paths = []
    for split, shards in _SHARDS.items():
        for shard in range(shards):
            path = os.path.join(folder, f"{split}-{shard:05d}-of-{shards:05d}.tfrecord")
            with TFRecordWriter(path) as out:
                for index in range(_RECORDS_A_SHARD):
                    name = f"{split}_{shard * _RECORDS_A_SHARD + index:03d}.png"
                    out.write(_draw(name, chance).SerializeToString(deterministic=True))
            paths.append(path)
    with open(os.path.join(folder, "label_map.pbtxt"), "w", encoding="utf-8") as file:
        for number, name in _NAMES.items():
            file.write(f'item {{\n  id: {number}\n  name: "{name}"\n}}\n')
    return paths


def run_demo(folder: str = FOLDER) -> tuple[list[str], Summary]:
    """Writes the records to ``folder/records`` and converts them to ``folder/coco``, over an earlier demo."""
    paths = write_records(os.path.join(folder, "records"))
    return paths, convert(os.path.join(folder, "records"), os.path.join(folder, "coco"), overwrite=True)


def _draw(name: str, chance: random.Random) -> ExampleMessage:
    """One picture of shapes with its boxes."""
    picture = Image.new("RGB", _SIZE, (244, 241, 233))
    pen = ImageDraw.Draw(picture)
    width, height = _SIZE
    boxes: list[tuple[int, int, int, int]] = []
    numbers: list[int] = []
    for column in range(chance.randint(1, 4)):
        side = chance.randint(30, 64)
        x = column * 80 + chance.randint(2, 78 - side)
        y = chance.randint(4, height - side - 4)
        number = chance.choice(sorted(_NAMES))
        corners = (x, y, x + side, y + side)
        if number == 1:
            pen.ellipse((x, y, x + side - 1, y + side - 1), fill=_COLOURS[number])
        elif number == 2:
            pen.rectangle((x, y, x + side - 1, y + side - 1), fill=_COLOURS[number])
        else:
            pen.polygon([(x, y + side - 1), (x + side // 2, y), (x + side - 1, y + side - 1)], fill=_COLOURS[number])
        boxes.append(corners)
        numbers.append(number)
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    message = Example()
    features = message.features.feature
    for key, blobs in {
        "image/encoded": [encoded.getvalue()],
        "image/format": [b"png"],
        "image/filename": [name.encode()],
        "image/source_id": [name.encode()],
        "image/object/class/text": [_NAMES[number].encode() for number in numbers],
    }.items():
        features[key].bytes_list.value.extend(blobs)
    for key, values in {"image/width": [width], "image/height": [height], "image/object/class/label": numbers}.items():
        features[key].int64_list.value.extend(values)
    for side_index, (key, length) in enumerate({"xmin": width, "ymin": height, "xmax": width, "ymax": height}.items()):
        features[f"image/object/bbox/{key}"].float_list.value.extend(box[side_index] / length for box in boxes)
    return message
