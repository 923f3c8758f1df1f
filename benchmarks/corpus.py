"""A seeded corpus of detection records for measurements: JPEGs of the wanted size, boxes, masks on request.

    python benchmarks/corpus.py OUT.tfrecord [--records 4000] [--size 94000] [--boxes 7] [--masks 0] [--shards 1]

The same arguments give the same file with the same version of Pillow; more shards hold the same records. The JPEGs
decode to something like a photograph, coarse shapes under fine grain, so that a program that decodes and encodes them
again does realistic work.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import NamedTuple

from PIL import Image, ImageDraw

from tfrecord_lite import build_example
from tfrecord_lite.tfrecord.framing import frame

NAMES = ("person", "bicycle", "car", "dog", "cat", "boat", "kite")
_VARIETY = 16  # different pictures; each record has one of them, with its own number inside
_BYTES_OF_VGA = 94_000  # of a photograph of 640 x 480: a third of a byte a pixel
_GRAY_BELOW = 4000  # bytes: three channels alone need 600 bytes of tables
_LONGEST_COMMENT = 65_533  # bytes, without marker and length


@dataclass(frozen=True, slots=True)
class Corpus:
    """What to write.

    size: bytes of an image, on average. boxes: of each image. masks: each object has a PNG of the size of the picture.
    """

    records: int = 4000
    size: int = 94_000
    boxes: int = 7
    masks: bool = False
    shards: int = 1
    seed: int = 1


def write_corpus(path: str, corpus: Corpus) -> list[str]:
    """Writes one file, or ``path-00000-of-NNNNN`` and so on. Returns the paths."""
    payloads = make_payloads(corpus)
    paths = []
    for shard in range(corpus.shards):
        name = path if corpus.shards == 1 else f"{path}-{shard:05d}-of-{corpus.shards:05d}"
        share = corpus.records * (shard + 1) // corpus.shards - corpus.records * shard // corpus.shards
        with open(name, "wb", 1 << 20) as file:
            file.writelines(frame(next(payloads)) for _ in range(share))
        paths.append(name)
    return paths


def write_dataset(folder: str, corpus: Corpus) -> list[str]:
    """Makes a folder with ``train.tfrecord`` and ``label_map.pbtxt``, as Datumaro wants them. Returns the records."""
    os.makedirs(folder)
    with open(os.path.join(folder, "label_map.pbtxt"), "w", encoding="utf-8") as file:
        file.writelines(f"item {{\n  id: {index}\n  name: '{name}'\n}}\n" for index, name in enumerate(NAMES, start=1))
    return write_corpus(os.path.join(folder, "train.tfrecord"), corpus)


def make_payloads(corpus: Corpus) -> Iterator[bytes]:
    """The records, in order."""
    chance = random.Random(corpus.seed)
    pictures = draw_pictures(chance, _VARIETY, corpus.size)
    for index in range(corpus.records):
        yield _payload(chance, chance.choice(pictures), index, corpus)


def _payload(chance: random.Random, picture: Picture, index: int, corpus: Corpus) -> bytes:
    """One record, with the keys of the Object Detection API's create_coco_tf_record.py."""
    width, height = picture.size
    boxes = [_box(chance, width, height) for _ in range(corpus.boxes)]
    labels = [chance.randrange(len(NAMES)) + 1 for _ in boxes]
    features: dict[str, bytes | int | list[bytes] | list[int] | list[float]] = {
        "image/encoded": numbered(picture, index),
        "image/format": b"jpeg",
        "image/filename": b"%012d.jpg" % index,
        "image/source_id": b"%d" % index,
        "image/width": width,
        "image/height": height,
        "image/object/bbox/xmin": [x0 / width for x0, _, _, _ in boxes],
        "image/object/bbox/ymin": [y0 / height for _, y0, _, _ in boxes],
        "image/object/bbox/xmax": [x1 / width for _, _, x1, _ in boxes],
        "image/object/bbox/ymax": [y1 / height for _, _, _, y1 in boxes],
        "image/object/class/label": labels,
        "image/object/class/text": [NAMES[label - 1].encode() for label in labels],
        "image/object/area": [(x1 - x0) * (y1 - y0) * 0.6 for x0, y0, x1, y1 in boxes],
        "image/object/is_crowd": [0] * len(boxes),
    }
    if corpus.masks:
        features["image/object/mask"] = [draw_mask(chance, picture.size, box) for box in boxes]
    return build_example(features)


def _box(chance: random.Random, width: int, height: int) -> tuple[float, float, float, float]:
    """Corners in pixels, somewhere inside the picture."""
    x, y = round(chance.uniform(0, 0.7 * width), 2), round(chance.uniform(0, 0.7 * height), 2)
    wide, tall = chance.uniform(0.05, 0.3), chance.uniform(0.05, 0.3)
    return x, y, round(x + wide * width, 2), round(y + tall * height, 2)


# ------------------------------------------------------------------------------------------------ pictures
class Picture(NamedTuple):
    """An encoded picture, and its width and height in pixels."""

    data: bytes
    size: tuple[int, int]


def draw_pictures(chance: random.Random, count: int, mean_bytes: int) -> list[Picture]:
    """JPEGs between 3/4 and 5/4 of the mean size, landscape and portrait in turn."""
    scale = math.sqrt(mean_bytes / _BYTES_OF_VGA)
    long, short = max(16, round(640 * scale)), max(12, round(480 * scale))
    pictures = []
    for index in range(count):
        size = (long, short) if index % 2 == 0 else (short, long)
        share = 0.75 + (0.5 * index / (count - 1) if count > 1 else 0.25)
        pictures.append(Picture(_jpeg(chance, size, round(share * mean_bytes)), size))
    return pictures


def numbered(picture: Picture, number: int) -> bytes:
    """The picture with a number in a comment, so that no two records hold the same bytes."""
    return picture.data[:2] + _comment(b"%012d" % number) + picture.data[2:]


def draw_mask(chance: random.Random, size: tuple[int, int], box: tuple[float, float, float, float]) -> bytes:
    """A blob that fills the box (x0, y0, x1, y1 in pixels), 1 on 0, as a PNG of the size of the whole picture."""
    x0, y0, x1, y1 = box
    phase, waves = chance.uniform(0, math.tau), chance.randrange(2, 7)
    outline = []
    for step in range(48):
        angle = math.tau * step / 48
        reach = 0.45 + 0.05 * math.sin(waves * angle + phase)
        x, y = 0.5 + reach * math.cos(angle), 0.5 + reach * math.sin(angle)
        outline.append((x0 + (x1 - x0) * x, y0 + (y1 - y0) * y))
    image = Image.new("L", size)
    ImageDraw.Draw(image).polygon(outline, fill=1)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _jpeg(chance: random.Random, size: tuple[int, int], length: int) -> bytes:
    """A JPEG of exactly this many bytes: the best quality that fits, and a comment for the rest."""
    mode, channels = ("L", 1) if length < _GRAY_BELOW else ("RGB", 3)
    coarse = (size[0] // 16 + 1, size[1] // 16 + 1)
    shapes = Image.frombytes(mode, coarse, chance.randbytes(coarse[0] * coarse[1] * channels))
    grain = Image.frombytes(mode, size, chance.randbytes(size[0] * size[1] * channels))
    picture = Image.blend(shapes.resize(size, Image.Resampling.BICUBIC), grain, 0.2)
    best, low, high = b"", 1, 95
    while low <= high:
        quality = (low + high) // 2
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= length:
            best, low = file.getvalue(), quality + 1
        else:
            high = quality - 1
    if not best:
        raise ValueError(f"no JPEG of {size[0]}x{size[1]} pixels has {length} bytes or fewer: ask for larger images")
    padding = b""
    while (missing := length - len(best) - len(padding)) >= 4:
        padding += _comment(b" " * min(missing - 4, _LONGEST_COMMENT))
    return best[:-2] + padding + best[-2:]


def _comment(text: bytes) -> bytes:
    """A comment segment (ITU-T T.81, B.2.4.5): its length counts itself, not the marker."""
    return b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("output", metavar="OUT.tfrecord")
    for name, default in asdict(Corpus()).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    write_corpus(options.pop("output"), Corpus(**options))


if __name__ == "__main__":
    main()
