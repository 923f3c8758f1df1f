"""What tensorflow-datasets writes and reads back, against ``convert`` on the same folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# Where the types are checked, tensorflow-datasets is not installed.
import tensorflow_datasets as tfds  # type: ignore[import-not-found,import-untyped,unused-ignore]
from PIL import Image

from peers.tfds.datasets import (
    FORMATS,
    HEIGHT,
    NAMES,
    SPLITS,
    WIDTH,
    LikeCoco,
    OfFormat,
    OneBox,
    OwnClassName,
    OwnNames,
    WithMasks,
    write,
)
from tfrecord_lite import convert

HALF_A_STEP = 0.005 + 1e-5  # pixels: what rounding to two decimals may change, and float32's own noise


class Made:
    """A dataset as tensorflow-datasets gives it, and the COCO files that came out of its folder."""

    def __init__(self, builder: Any, folder: Path, **options: Any) -> None:
        self.builder = builder
        self.folder = folder
        self.summary = convert(builder.data_dir, folder, **options)

    def coco(self, split: str) -> dict[str, Any]:
        path = self.folder / "annotations" / f"instances_{split}.json"
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def report(self, split: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "reports" / f"{split}.json").read_text(encoding="utf-8"))
        return content

    def examples(self, split: str) -> Iterator[Any]:
        """What users of tensorflow-datasets get."""
        read = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
        yield from tfds.as_numpy(self.builder.as_dataset(split=split, read_config=read))

    def pairs(self, split: str) -> Iterator[tuple[Any, dict[str, Any], list[dict[str, Any]]]]:
        """Each example with the image and the annotations of ours: both in the order of the records."""
        coco = self.coco(split)
        examples = list(self.examples(split))
        assert len(examples) == len(coco["images"]) == SPLITS[split]
        for example, image in zip(examples, coco["images"], strict=True):
            yield example, image, [each for each in coco["annotations"] if each["image_id"] == image["id"]]

    def assert_same_picture(self, split: str, image: dict[str, Any], expected: Any) -> None:
        with Image.open(self.folder / "images" / split / image["file_name"]) as picture:
            difference = np.abs(np.asarray(picture).astype(int) - expected.astype(int))
        # Two JPEG decoders need not agree to the last bit; another picture of noise would differ by 85.
        assert difference.mean() <= (0 if image["file_name"].endswith(".png") else 2)


Make = Callable[..., Made]


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Has a dataset written, and converts its folder."""

    def make(builder: Any, config: str | None = None, **options: Any) -> Made:
        return Made(write(builder, tmp_path / "tfds", config), tmp_path / "coco", **options)

    return make


def in_pixels(box: Any) -> list[float]:
    """A box of the default format as COCO has it."""
    y0, x0, y1, x1 = map(float, box)
    return [x0 * WIDTH, y0 * HEIGHT, (x1 - x0) * WIDTH, (y1 - y0) * HEIGHT]


def categories() -> list[dict[str, Any]]:
    """The label table of every dataset here: index + 1."""
    return [{"id": number, "name": name, "supercategory": name} for number, name in enumerate(NAMES, 1)]


def test_a_folder_of_two_splits_gives_the_same_pictures_boxes_classes_and_facts(made: Make) -> None:
    dataset = made(LikeCoco, strict=True)
    assert {split.split for split in dataset.summary.splits} == set(SPLITS)
    for split in SPLITS:
        assert dataset.coco(split)["categories"] == categories()
        assert dataset.report(split)["keys_not_carried_over"] == {}
        assert {entry["schema"] for entry in dataset.report(split)["inputs"]} == {"tfds"}
        for example, image, drawn in dataset.pairs(split):
            objects = example["objects"]
            assert image["file_name"] == example["image/filename"].decode()
            assert image["source_id"] == str(example["image/id"])
            assert (image["height"], image["width"]) == example["image"].shape[:2]
            dataset.assert_same_picture(split, image, example["image"])
            assert len(drawn) == len(objects["label"])
            assert [each["category_id"] - 1 for each in drawn] == objects["label"].tolist()
            assert [each["area"] for each in drawn] == objects["area"].tolist()
            assert [bool(each["iscrowd"]) for each in drawn] == objects["is_crowd"].tolist()
            assert [each["attributes"] for each in drawn] == [{"id": value} for value in objects["id"].tolist()]
            for annotation, box in zip(drawn, objects["bbox"], strict=True):
                assert annotation["bbox"] == pytest.approx(in_pixels(box), abs=HALF_A_STEP)


@pytest.mark.parametrize("config", [name.lower() for name in FORMATS])
def test_boxes_of_every_format_of_features_json_are_where_they_were_drawn(made: Make, config: str) -> None:
    from peers.tfds.datasets import boxes_of  # noqa: PLC0415 - the truth, which only this test takes from the drawing

    dataset = made(OfFormat, config, strict=True)
    for split in SPLITS:
        for _, image, drawn in dataset.pairs(split):
            number = int(image["file_name"].removesuffix(".jpg").rpartition("_")[2])
            expected = [[x0, y0, x1 - x0, y1 - y0] for x0, y0, x1, y1 in boxes_of(split, number)]
            assert [each["bbox"] for each in drawn] == expected
        coordinates = {entry["coordinates"] for entry in dataset.report(split)["inputs"]}
        assert coordinates == {"normalized" if config.startswith("rel") else "pixel"}


def test_masks_are_the_same_pixels_and_lists_of_classes_count_from_one(made: Make) -> None:
    dataset = made(WithMasks, masks="rle-uncompressed")
    for split in SPLITS:
        for example, image, drawn in dataset.pairs(split):
            assert image["neg_category_ids"] == [value + 1 for value in example["neg_category_ids"].tolist()]
            assert image["not_exhaustive_category_ids"] == [3]
            masks = example["objects"]["segmentation"]
            for annotation, mask in zip(drawn, masks, strict=True):
                runs = annotation["segmentation"]["counts"]
                values = np.repeat(np.arange(len(runs)) % 2, runs).reshape(WIDTH, HEIGHT).T
                assert np.array_equal(values, mask[..., 0])
                assert annotation["area"] == int(mask.sum())
        ragged = {key for key in dataset.report(split)["keys_not_carried_over"] if "refexp" in key}
        assert ragged == {"objects/refexp/raw/ragged_flat_values", "objects/refexp/raw/ragged_row_lengths_0"}


def test_the_one_box_of_a_picture_has_the_class_of_the_picture(made: Make) -> None:
    dataset = made(OneBox, strict=True)
    for split in SPLITS:
        assert dataset.coco(split)["categories"] == categories()
        for example, image, drawn in dataset.pairs(split):
            (annotation,) = drawn
            assert annotation["category_id"] == example["label"] + 1
            assert annotation["bbox"] == pytest.approx(in_pixels(example["bbox"]), abs=HALF_A_STEP)
            dataset.assert_same_picture(split, image, example["image"])


def test_features_json_says_which_feature_is_the_class(made: Make) -> None:
    dataset = made(OwnClassName)
    for split in SPLITS:
        assert dataset.coco(split)["categories"] == categories()
        for example, _, drawn in dataset.pairs(split):
            assert [each["category_id"] - 1 for each in drawn] == example["objects"]["category"].tolist()


def test_features_of_any_name_can_be_mapped(made: Make) -> None:
    roles = {"encoded": "picture", "filename": "file_name", "box": "things/box", "number": "things/kind"}
    dataset = made(OwnNames, roles=roles)
    for split in SPLITS:
        assert dataset.coco(split)["categories"] == categories()
        for example, image, drawn in dataset.pairs(split):
            assert image["file_name"] == example["file_name"].decode()
            assert [each["category_id"] - 1 for each in drawn] == example["things"]["kind"].tolist()
            for annotation, expected in zip(drawn, example["things"]["box"], strict=True):
                assert annotation["bbox"] == pytest.approx(in_pixels(expected), abs=HALF_A_STEP)
