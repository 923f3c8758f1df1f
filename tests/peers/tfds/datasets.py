"""Small datasets as people define them for tensorflow-datasets; its own builder writes them to disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

# Where the types are checked, tensorflow-datasets is not installed.
import tensorflow_datasets as tfds  # type: ignore[import-not-found,import-untyped,unused-ignore]

WIDTH, HEIGHT = 64, 48
SPLITS = {"train": 7, "validation": 3}  # pictures
SHARDS = 2
NAMES = ("person", "traffic light", "dog", "café")

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in pixels, the upper ends exclusive


def picture(split: str, number: int) -> Any:
    """Noise, another for each picture."""
    chance = np.random.default_rng([number, len(split)])
    return chance.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def boxes_of(split: str, number: int) -> list[Box]:
    """None to three boxes of whole pixels."""
    chance = np.random.default_rng([number, len(split), 1])
    boxes = []
    for _ in range(number % 4):
        x, y = (sorted(chance.choice(length + 1, 2, replace=False).tolist()) for length in (WIDTH, HEIGHT))
        boxes.append((float(x[0]), float(y[0]), float(x[1]), float(y[1])))
    return boxes


def name_of(number: int, index: int) -> str:
    """The class of an object."""
    return NAMES[(number + index) % len(NAMES)]


def mask_of(box: Box) -> Any:
    """A rectangle without its first pixel."""
    x0, y0, x1, y1 = map(int, box)
    mask = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    mask[y0:y1, x0:x1] = 1
    return mask


def relative(box: Box) -> Any:
    """A box as tensorflow-datasets has it by default: normalised, y before x."""
    return tfds.features.BBox(ymin=box[1] / HEIGHT, xmin=box[0] / WIDTH, ymax=box[3] / HEIGHT, xmax=box[2] / WIDTH)


# What each format of a box stores for one in pixels.
FORMATS: dict[str, Any] = {
    "REL_YXYX": lambda x0, y0, x1, y1: (y0 / HEIGHT, x0 / WIDTH, y1 / HEIGHT, x1 / WIDTH),
    "YXYX": lambda x0, y0, x1, y1: (y0, x0, y1, x1),
    "REL_XYXY": lambda x0, y0, x1, y1: (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT),
    "XYXY": lambda x0, y0, x1, y1: (x0, y0, x1, y1),
    "XYWH": lambda x0, y0, x1, y1: (x0, y0, x1 - x0, y1 - y0),
}


class _Builder(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc,unused-ignore]
    """What all have in common. ``content``: features, and one example of them."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> Any:
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(self.declared()))

    def _split_generators(self, dl_manager: Any) -> dict[str, Any]:
        del dl_manager
        return {split: self._generate_examples(split, count) for split, count in SPLITS.items()}

    def _generate_examples(self, split: str, count: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for number in range(count):
            yield f"{split}-{number}", self.content(split, number)

    def declared(self) -> dict[str, Any]:
        """The features."""
        raise NotImplementedError

    def content(self, split: str, number: int) -> dict[str, Any]:
        """One example of them."""
        raise NotImplementedError


class LikeCoco(_Builder):
    """Objects with class, area and crowd beside the name of the picture, as ``coco`` has them."""

    name = "like_coco"

    def declared(self) -> dict[str, Any]:
        """As in object_detection/coco.py."""
        return {
            "image": tfds.features.Image(encoding_format="png"),
            "image/filename": tfds.features.Text(),
            "image/id": np.int64,
            "objects": tfds.features.Sequence(
                {
                    "id": np.int64,
                    "area": np.int64,
                    "bbox": tfds.features.BBoxFeature(),
                    "label": tfds.features.ClassLabel(names=NAMES),
                    "is_crowd": np.bool_,
                }
            ),
        }

    def content(self, split: str, number: int) -> dict[str, Any]:
        """Boxes by the tuple of names."""
        return {
            "image": picture(split, number),
            "image/filename": f"{split}_{number}.png",
            "image/id": 1000 + number,
            "objects": [
                {
                    "id": 100 * number + index,
                    "area": int((box[2] - box[0]) * (box[3] - box[1])),
                    "bbox": relative(box),
                    "label": name_of(number, index),
                    "is_crowd": index == 2,
                }
                for index, box in enumerate(boxes_of(split, number))
            ],
        }


class OfFormat(_Builder):
    """Boxes as arrays of one of the formats that features.json names."""

    name = "of_format"
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name.lower()) for name in FORMATS]  # noqa: RUF012 - as it must be

    @property
    def box_format(self) -> str:
        """The name of the format."""
        return str(self.builder_config.name).upper()

    def declared(self) -> dict[str, Any]:
        """Nothing but a box and its class."""
        return {
            "image": tfds.features.Image(encoding_format="jpeg"),
            "file_name": tfds.features.Text(),
            "objects": tfds.features.Sequence(
                {
                    "bbox": tfds.features.BBoxFeature(bbox_format=self.box_format),
                    "label": tfds.features.ClassLabel(names=NAMES),
                }
            ),
        }

    def content(self, split: str, number: int) -> dict[str, Any]:
        """Boxes by array."""
        return {
            "image": picture(split, number),
            "file_name": f"{split}_{number}.jpg",
            "objects": [
                {"bbox": np.array(FORMATS[self.box_format](*box), np.float32), "label": name_of(number, index)}
                for index, box in enumerate(boxes_of(split, number))
            ],
        }


class WithMasks(_Builder):
    """A mask for each object, lists of classes for the picture, and sentences about objects: lists of lists."""

    name = "with_masks"

    def declared(self) -> dict[str, Any]:
        """As in lvis and ref_coco."""
        return {
            "image": tfds.features.Image(encoding_format="png"),
            "image/id": np.int64,
            "neg_category_ids": tfds.features.Sequence(tfds.features.ClassLabel(names=NAMES)),
            "not_exhaustive_category_ids": tfds.features.Sequence(tfds.features.ClassLabel(names=NAMES)),
            "objects": tfds.features.Sequence(
                {
                    "bbox": tfds.features.BBoxFeature(),
                    "label": tfds.features.ClassLabel(names=NAMES),
                    "segmentation": tfds.features.Image(shape=(None, None, 1), encoding_format="png"),
                    "refexp": tfds.features.Sequence({"raw": tfds.features.Text()}),
                }
            ),
        }

    def content(self, split: str, number: int) -> dict[str, Any]:
        """Masks are rectangles."""
        return {
            "image": picture(split, number),
            "image/id": 1000 + number,
            "neg_category_ids": [0, 3],
            "not_exhaustive_category_ids": [2],
            "objects": [
                {
                    "bbox": relative(box),
                    "label": name_of(number, index),
                    "segmentation": mask_of(box),
                    "refexp": [{"raw": f"the {word} one"} for word in ("left", "large")[: index + 1]],
                }
                for index, box in enumerate(boxes_of(split, number))
            ],
        }


class OneBox(_Builder):
    """One box and one class a picture, as cars196 and caltech_birds have them."""

    name = "one_box"

    def declared(self) -> dict[str, Any]:
        """Not in a sequence."""
        return {
            "image": tfds.features.Image(encoding_format="jpeg"),
            "file_name": tfds.features.Text(),
            "bbox": tfds.features.BBoxFeature(),
            "label": tfds.features.ClassLabel(names=NAMES),
        }

    def content(self, split: str, number: int) -> dict[str, Any]:
        """The box moves with the number."""
        return {
            "image": picture(split, number),
            "file_name": f"{split}_{number}.jpg",
            "bbox": relative((number, 2, number + 20, 40)),
            "label": name_of(number, 0),
        }


class OwnNames(_Builder):
    """A dataset of one's own: features.json alone tells which feature is the box and which the class."""

    name = "own_names"

    def declared(self) -> dict[str, Any]:
        """No name that a public dataset has."""
        return {
            "picture": tfds.features.Image(encoding_format="png"),
            "file_name": tfds.features.Text(),
            "things": tfds.features.Sequence(
                {"box": tfds.features.BBoxFeature(), "kind": tfds.features.ClassLabel(names=NAMES)}
            ),
        }

    def content(self, split: str, number: int) -> dict[str, Any]:
        """The same content as elsewhere."""
        return {
            "picture": picture(split, number),
            "file_name": f"{split}_{number}.png",
            "things": [
                {"box": relative(box), "kind": name_of(number, index)}
                for index, box in enumerate(boxes_of(split, number))
            ],
        }


class OwnClassName(OwnNames):
    """The usual names but for the class: objects/category."""

    name = "own_class_name"

    def declared(self) -> dict[str, Any]:
        """A class that is not called label."""
        return {
            "image": tfds.features.Image(encoding_format="png"),
            "file_name": tfds.features.Text(),
            "objects": tfds.features.Sequence(
                {"bbox": tfds.features.BBoxFeature(), "category": tfds.features.ClassLabel(names=NAMES)}
            ),
        }

    def content(self, split: str, number: int) -> dict[str, Any]:
        """The same content as elsewhere."""
        return {
            "image": picture(split, number),
            "file_name": f"{split}_{number}.png",
            "objects": [
                {"bbox": relative(box), "category": name_of(number, index)}
                for index, box in enumerate(boxes_of(split, number))
            ],
        }


def write(builder: type[_Builder], folder: Path, config: str | None = None) -> Any:
    """Has tensorflow-datasets write a dataset below a folder, and returns what can read it."""
    made = builder(data_dir=str(folder), config=config)
    options = tfds.download.DownloadConfig(try_download_gcs=False, num_shards=SHARDS)
    made.download_and_prepare(download_config=options)
    return made
