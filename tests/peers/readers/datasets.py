"""Datasets of known content, as record files: what a reader of their conversion must find.

Bytes come from tests/support/tfrecords.py. Coordinates are multiples of a quarter of a pixel, which survive the way
through normalised 32-bit floats and two decimals exactly.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfrecords import Box, detection, floats, ints, shard


@dataclass(frozen=True)
class Thing:
    """An object. number: category id in COCO. box: x0, y0, x1, y1 in pixels."""

    number: int
    box: Box
    crowd: bool = False

    @property
    def xywh(self) -> list[float]:
        """The box as COCO has it."""
        x0, y0, x1, y1 = self.box
        return [x0, y0, x1 - x0, y1 - y0]

    @property
    def area(self) -> float:
        """Square pixels in the box."""
        return self.xywh[2] * self.xywh[3]


@dataclass(frozen=True)
class Picture:
    """An image with its objects."""

    name: str
    size: tuple[int, int]
    things: tuple[Thing, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What there is to find.

    names: categories by id in COCO, unused ones included.
    files: pictures by the name of their record file.
    labels: the number that stands in the records, by category id.
    texts: whether the records name their classes.
    label_map: the file beside the records, empty for none.
    """

    names: Mapping[int, str]
    files: Mapping[str, Sequence[Picture]]
    labels: Mapping[int, int] = field(default_factory=dict)
    texts: bool = True
    label_map: str = ""

    def splits(self) -> dict[str, list[Picture]]:
        """Pictures by split, in order."""
        found: dict[str, list[Picture]] = {}
        for name in sorted(self.files):
            found.setdefault(name.partition("-")[0].partition(".")[0], []).extend(self.files[name])
        return found

    def write(self, folder: Path) -> None:
        """Writes the record files and the label map."""
        for name, pictures in self.files.items():
            (folder / name).write_bytes(shard(*map(self._features, pictures)))
        if self.label_map:
            (folder / "label_map.pbtxt").write_text(self.label_map, encoding="utf-8")

    def _features(self, picture: Picture) -> Mapping[str, bytes]:
        things = picture.things
        more: dict[str, bytes] = {}
        if any(thing.crowd for thing in things):
            more["image/object/is_crowd"] = ints(*(thing.crowd for thing in things))
            more["image/object/area"] = floats(*(thing.area for thing in things))
        return detection(
            picture.name,
            picture.size,
            [thing.box for thing in things],
            [self.labels[thing.number] for thing in things] if self.labels else None,
            [self.names[thing.number] for thing in things] if self.texts else None,
            **more,
        )


def scattered(numbers: Sequence[int], size: tuple[int, int], count: int, seed: int) -> tuple[Thing, ...]:
    """Objects of every one of these categories in turn, each at a random place; no two have the same box."""
    chance = random.Random(seed)
    boxes: dict[Box, None] = {}
    while len(boxes) < count:
        x0, x1 = sorted(chance.sample(range(size[0] * 4 + 1), 2))
        y0, y1 = sorted(chance.sample(range(size[1] * 4 + 1), 2))
        if min(x1 - x0, y1 - y0) >= 8:
            boxes[x0 / 4, y0 / 4, x1 / 4, y1 / 4] = None
    return tuple(Thing(numbers[i % len(numbers)], box) for i, box in enumerate(boxes))


def pictures(numbers: Sequence[int], prefix: str) -> list[Picture]:
    """A few small pictures, of both formats and one without objects, with every category twice or more."""
    return [
        Picture(f"{prefix}_1.jpg", (64, 48), scattered(numbers, (64, 48), 2 * len(numbers), 1)),
        Picture(f"{prefix}_2.png", (50, 75), scattered(numbers, (50, 75), 2 * len(numbers) + 1, 2)),
        Picture(f"{prefix}_3.jpg", (33, 33)),
    ]


# The crowd lies beside all other objects of its picture, so that what is found in it can be told from them.
_CROWD = Picture(
    "a crowd.jpg",
    (400, 300),
    (
        Thing(1, (0, 0, 100, 100)),
        Thing(3, (200, 0, 400, 300), crowd=True),
        Thing(3, (0, 120, 80.5, 290.25)),
        Thing(3, (100.25, 110, 190.75, 300)),
        Thing(1, (110, 5, 180, 95)),
    ),
)
_VARIED_NAMES = {1: "cat", 3: "Straßenbahn", 7: "電車 🚋", 8: "never seen"}
_USED = [1, 3, 7]

VARIED = Dataset(
    names=_VARIED_NAMES,
    files={
        "train-00000-of-00002.tfrecord": [
            Picture("many.jpg", (1000, 800), scattered(_USED, (1000, 800), 150, 3)),
            Picture("none.png", (20, 30)),
            Picture("Straßenbahn_電車.png", (120, 90), scattered(_USED, (120, 90), 3, 4)),
            _CROWD,
        ],
        "train-00001-of-00002.tfrecord": [
            Picture("folder/naïve café 🚋.jpg", (77, 55), scattered(_USED, (77, 55), 7, 5)),
            Picture("whole.png", (9, 5), (Thing(7, (0, 0, 9, 5)),)),
        ],
        "val.tfrecord": [
            *pictures(_USED, "val"),
            Picture("none.png", (31, 21)),  # as one of the other split is called
        ],
    },
    labels={number: number for number in _VARIED_NAMES},
    label_map="".join(f'item {{ id: {number} name: "{name}" }}\n' for number, name in _VARIED_NAMES.items()),
)
GAPS = Dataset(
    names={1: "1", 18: "18", 90: "90"},
    files={"train.tfrecord": pictures([18, 90, 1], "gaps")},
    labels={1: 1, 18: 18, 90: 90},
    texts=False,
)
FROM_ZERO = Dataset(
    names={1: "first", 2: "second", 3: "third"},
    files={"train.tfrecord": pictures([3, 1, 2], "zero"), "test.tfrecord": pictures([2, 3], "test")},
    labels={1: 0, 2: 1, 3: 2},
)
NAMED_ONLY = Dataset(
    names={1: "zebra", 2: "ant"},
    files={"train.tfrecord": pictures([1, 2], "named")},
)

DATASETS: dict[str, Dataset] = {
    "varied": VARIED,
    "ids with gaps, no label map": GAPS,
    "labels from 0, no label map": FROM_ZERO,
    "texts only, no label map": NAMED_ONLY,
}
SPLITS = [(name, split) for name, dataset in DATASETS.items() for split in dataset.splits()]


@dataclass(frozen=True)
class Converted:
    """One split of a dataset, converted.

    folder: the dataset folder, with all splits.
    """

    dataset: Dataset
    split: str
    folder: Path

    @property
    def json(self) -> Path:
        """The COCO file."""
        return self.folder / "annotations" / f"instances_{self.split}.json"

    @property
    def images(self) -> Path:
        """Where the pictures are."""
        return self.folder / "images" / self.split

    @property
    def pictures(self) -> list[Picture]:
        """What must be found."""
        return self.dataset.splits()[self.split]

    def detections(self) -> list[dict[str, Any]]:
        """Every object, found for sure, as COCO's results have it."""
        return [
            {"image_id": image, "category_id": thing.number, "bbox": thing.xywh, "score": 1.0}
            for image, picture in enumerate(self.pictures, start=1)
            for thing in picture.things
        ]
