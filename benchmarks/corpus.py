"""A seeded corpus of detection records for measurements: JPEGs of the wanted size, boxes, masks on request.

    python benchmarks/corpus.py OUT.tfrecord [--records 4000] [--bytes 94000] [--boxes 7] [--masks]
                                             [--shards 1] [--compression gzip|zlib] [--seed 1]

The same arguments give the same file, with the same version of Pillow; more shards hold the same records. Records are
serialised with their keys sorted: protobuf's own order differs from run to run.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from pictures import Picture, draw_mask, draw_pictures, numbered

from tfrecord_lite.example.messages import Example
from tfrecord_lite.tfrecord.framing import frame

NAMES = ("person", "bicycle", "car", "dog", "cat", "boat", "kite")
COMPRESSIONS = ("none", "gzip", "zlib")
_VARIETY = 16  # different pictures; each record has one of them, with its own number inside


@dataclass(frozen=True, slots=True)
class Corpus:
    """What to write.

    size: bytes of an image, on average. masks: each object has a PNG of the size of the picture.
    """

    records: int = 4000
    size: int = 94_000
    boxes: int = 7
    masks: bool = False
    shards: int = 1
    compression: str = "none"
    seed: int = 1

    def __post_init__(self) -> None:
        if self.shards < 1 or self.records < 0 or self.boxes < 0 or self.compression not in COMPRESSIONS:
            raise ValueError(f"no such corpus: {self}")


def write_corpus(path: str, corpus: Corpus) -> list[str]:
    """Writes one file, or ``path-00000-of-NNNNN`` and so on. Returns the paths."""
    payloads = make_payloads(corpus)
    paths = []
    for shard in range(corpus.shards):
        name = path if corpus.shards == 1 else f"{path}-{shard:05d}-of-{corpus.shards:05d}"
        share = corpus.records * (shard + 1) // corpus.shards - corpus.records * shard // corpus.shards
        with _compressed(name, corpus.compression) as file:
            for _ in range(share):
                file.write(frame(next(payloads)))
        paths.append(name)
    return paths


def write_dataset(folder: str, corpus: Corpus) -> list[str]:
    """Makes a folder of its own with ``train.tfrecord`` and ``label_map.pbtxt``, as Datumaro wants them."""
    os.makedirs(folder)
    names = (f"item {{\n  id: {number}\n  name: '{name}'\n}}\n" for number, name in enumerate(NAMES, start=1))
    with open(os.path.join(folder, "label_map.pbtxt"), "w", encoding="utf-8") as file:
        file.writelines(names)
    return write_corpus(os.path.join(folder, "train.tfrecord"), corpus)


def make_payloads(corpus: Corpus) -> Iterator[bytes]:
    """The records, in order."""
    chance = random.Random(corpus.seed)
    pictures = draw_pictures(chance, _VARIETY, corpus.size)
    for index in range(corpus.records):
        yield _payload(chance, chance.choice(pictures), index, corpus)


def _payload(chance: random.Random, picture: Picture, index: int, corpus: Corpus) -> bytes:
    """One record, with the keys of the Object Detection API's create_coco_tf_record.py."""
    message = Example()
    features = message.features.feature
    width, height = picture.width, picture.height
    for key, data in {
        "encoded": numbered(picture, index),
        "format": b"jpeg",
        "filename": b"%012d.jpg" % index,
        "source_id": b"%d" % index,
    }.items():
        features[f"image/{key}"].bytes_list.value.append(data)
    features["image/width"].int64_list.value.append(width)
    features["image/height"].int64_list.value.append(height)
    boxes = [_box(chance, width, height) for _ in range(corpus.boxes)]
    for place, side in enumerate(("xmin", "ymin", "xmax", "ymax")):
        whole = height if place % 2 else width
        features[f"image/object/bbox/{side}"].float_list.value.extend(box[place] / whole for box in boxes)
    numbers = [chance.randrange(len(NAMES)) + 1 for _ in boxes]
    features["image/object/class/label"].int64_list.value.extend(numbers)
    features["image/object/class/text"].bytes_list.value.extend(NAMES[number - 1].encode() for number in numbers)
    areas = ((x1 - x0) * (y1 - y0) * 0.6 for x0, y0, x1, y1 in boxes)
    features["image/object/area"].float_list.value.extend(areas)
    features["image/object/is_crowd"].int64_list.value.extend([0] * len(boxes))
    if corpus.masks:
        masks = (draw_mask(chance, (width, height), box) for box in boxes)
        features["image/object/mask"].bytes_list.value.extend(masks)
    return message.SerializeToString(deterministic=True)


def _box(chance: random.Random, width: int, height: int) -> tuple[float, float, float, float]:
    """Corners in pixels, somewhere inside the picture."""
    x, y = round(chance.uniform(0, 0.7 * width), 2), round(chance.uniform(0, 0.7 * height), 2)
    wide, tall = chance.uniform(0.05, 0.3), chance.uniform(0.05, 0.3)
    return x, y, round(x + wide * width, 2), round(y + tall * height, 2)


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


@contextmanager
def _compressed(path: str, compression: str) -> Iterator[_Sink]:
    """A file to write to. No name and no time go into it, for equal arguments give equal bytes."""
    with open(path, "wb", 1 << 20) as file:
        if compression == "gzip":
            with gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as sink:
                yield sink
        elif compression == "zlib":
            deflating = _Deflating(file)
            yield deflating
            deflating.finish()
        else:
            yield file


class _Deflating:
    """A zlib stream, for which the standard library has no file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._stream = zlib.compressobj(1)

    def write(self, data: bytes) -> None:
        self._file.write(self._stream.compress(data))

    def finish(self) -> None:
        self._file.write(self._stream.flush())


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a seeded corpus of detection records.")
    parser.add_argument("output", metavar="OUT.tfrecord")
    parser.add_argument("--records", type=int, default=4000)
    parser.add_argument("--bytes", type=int, default=94_000, help="of an image, on average")
    parser.add_argument("--boxes", type=int, default=7, help="of each image")
    parser.add_argument("--masks", action="store_true", help="a PNG for each box")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--compression", choices=COMPRESSIONS, default="none")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus = Corpus(
        records=options.records,
        size=options.bytes,
        boxes=options.boxes,
        masks=options.masks,
        shards=options.shards,
        compression=options.compression,
        seed=options.seed,
    )
    write_corpus(options.output, corpus)


if __name__ == "__main__":
    main()
