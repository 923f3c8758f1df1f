"""supervision opens the pictures of a converted split and finds the same boxes and class names."""

from __future__ import annotations

from pathlib import Path

import pytest

# Where the types are checked, only some of the readers are installed.
import supervision  # type: ignore[import-not-found,import-untyped,unused-ignore]

from peers.readers.datasets import DATASETS, Converted, Picture


def assert_same(images: Path, json: Path, names: list[str], pictures: list[Picture]) -> None:
    """What supervision finds is what there is to find."""
    found = supervision.DetectionDataset.from_coco(str(images), str(json))
    assert found.classes == names
    shown = [(path, image.shape, detections) for path, image, detections in found]
    assert [Path(path) for path, _, _ in shown] == [(images / picture.name).resolve() for picture in pictures]
    for (_, shape, detections), picture in zip(shown, pictures, strict=True):
        assert shape == (picture.size[1], picture.size[0], 3)
        assert detections.xyxy.tolist() == [list(thing.box) for thing in picture.things]
        if picture.things:
            assert detections.data["iscrowd"].tolist() == [thing.crowd for thing in picture.things]


def test_it_finds_the_same_boxes_and_the_pictures_on_disk(converted: Converted) -> None:
    names = [converted.dataset.names[number] for number in sorted(converted.dataset.names)]
    assert_same(converted.images, converted.json, names, converted.pictures)


def test_it_finds_the_same_class_names(converted: Converted) -> None:
    found = supervision.DetectionDataset.from_coco(str(converted.images), str(converted.json))
    for (_, _, detections), picture in zip(found, converted.pictures, strict=True):
        names = [] if detections.class_id is None else [found.classes[number] for number in detections.class_id]
        assert names == [converted.dataset.names[thing.number] for thing in picture.things]


@pytest.mark.parametrize("split", ["train", "val"])
def test_it_reads_the_roboflow_schema_as_well(roboflow_folder: Path, split: str) -> None:
    dataset, folder = DATASETS["varied"], roboflow_folder / split
    assert_same(folder, folder / "_annotations.coco.json", list(dataset.names.values()), dataset.splits()[split])
