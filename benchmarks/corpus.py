"""A seeded corpus of detection records for measurements: real JPEG headers, as many bytes as asked for, boxes.

python benchmarks/corpus.py OUT.tfrecord --records 4000 --bytes 94000 --boxes 7
"""

from __future__ import annotations

import argparse
import io
import random

from PIL import Image

from tfrecord_lite import TFRecordWriter
from tfrecord_lite.messages import Example

NAMES = ("person", "bicycle", "car", "dog", "cat", "boat", "kite")


def write_corpus(path: str, *, records: int, size: int, boxes: int, seed: int = 1) -> None:
    """Writes ``records`` Examples whose images have about ``size`` bytes. The same arguments give the same file."""
    chance = random.Random(seed)
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 60)).save(picture, "JPEG")
    head, end = picture.getvalue()[:-2], b"\xff\xd9"
    noise = chance.randbytes(2 * size).replace(b"\xff", b"\xfe")  # entropy-coded data without markers
    with TFRecordWriter(path) as out:
        for index in range(records):
            start = chance.randrange(size)
            message = Example()
            features = message.features.feature
            encoded = head + noise[start : start + max(0, size - len(head) - 2)] + end
            features["image/encoded"].bytes_list.value.append(encoded)
            features["image/format"].bytes_list.value.append(b"jpeg")
            features["image/filename"].bytes_list.value.append(b"%012d.jpg" % index)
            features["image/source_id"].bytes_list.value.append(b"%d" % index)
            features["image/width"].int64_list.value.append(640)
            features["image/height"].int64_list.value.append(480)
            sides: dict[str, list[float]] = {"xmin": [], "ymin": [], "xmax": [], "ymax": []}
            numbers, areas = [], []
            for _ in range(boxes):
                x, y = round(chance.uniform(0, 500), 2), round(chance.uniform(0, 400), 2)
                width, height = round(chance.uniform(5, 139), 2), round(chance.uniform(5, 79), 2)
                for side, value in zip(sides, (x / 640, y / 480, (x + width) / 640, (y + height) / 480), strict=True):
                    sides[side].append(value)
                numbers.append(chance.randrange(len(NAMES)) + 1)
                areas.append(width * height * 0.7)
            for side, values in sides.items():
                features[f"image/object/bbox/{side}"].float_list.value.extend(values)
            features["image/object/class/label"].int64_list.value.extend(numbers)
            features["image/object/class/text"].bytes_list.value.extend(NAMES[n - 1].encode() for n in numbers)
            features["image/object/area"].float_list.value.extend(areas)
            features["image/object/is_crowd"].int64_list.value.extend([0] * boxes)
            out.write(message.SerializeToString())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output")
    parser.add_argument("--records", type=int, default=4000)
    parser.add_argument("--bytes", type=int, default=94_000)
    parser.add_argument("--boxes", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write_corpus(options.output, records=options.records, size=options.bytes, boxes=options.boxes, seed=options.seed)


if __name__ == "__main__":
    main()
