"""Datumaro (and CVAT, which builds on it) imports a dataset folder with all its splits, without a word of complaint."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

# Where the types are checked, only some of the readers are installed.
from datumaro.components.annotation import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    AnnotationType,
    Bbox,
)
from datumaro.components.dataset import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    Dataset,
    StreamDataset,
)
from datumaro.components.environment import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    Environment,
)

from peers.readers.datasets import DATASETS
from peers.readers.datasets import Dataset as OurDataset

IMPORTERS = [
    pytest.param(Dataset, "coco", id="coco"),
    pytest.param(Dataset, "coco_instances", id="coco_instances"),
    pytest.param(StreamDataset, "coco_instances", id="coco_instances, streamed"),
]


def assert_same(found: Any, dataset: OurDataset, images: str) -> None:
    """What Datumaro finds is what there is to find. images: where those of a split are."""
    labels = [category.name for category in found.categories()[AnnotationType.label].items]
    expected = {
        (split, picture.name.rpartition(".")[0]): picture
        for split, pictures in dataset.splits().items()
        for picture in pictures
    }
    items = list(found)
    assert set(found.subsets()) == set(dataset.splits())
    assert sorted((item.subset, item.id) for item in items) == sorted(expected)
    for item in items:
        picture = expected[item.subset, item.id]
        height, width = picture.size[1], picture.size[0]
        assert item.media.size == item.media.data.shape[:2] == (height, width)
        assert item.media.path == f"{images.format(item.subset)}/{picture.name}"
        assert all(type(annotation) is Bbox for annotation in item.annotations)
        by_id = sorted(item.annotations, key=lambda box: int(box.id))  # Datumaro itself goes backwards
        boxes = [(labels[box.label], box.get_bbox(), bool(box.attributes["is_crowd"])) for box in by_id]
        assert boxes == [(dataset.names[thing.number], thing.xywh, thing.crowd) for thing in picture.things]


def complaints(log: pytest.LogCaptureFixture) -> list[str]:
    """Warnings and errors that were logged, by whomever."""
    return [record.getMessage() for record in log.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize(("importer", "form"), IMPORTERS)
def test_it_imports_the_same_categories_images_and_boxes(
    importer: Any, form: str, name: str, folders: dict[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    found = importer.import_from(str(folders[name]), form)
    assert_same(found, DATASETS[name], f"{folders[name]}/images/{{}}")
    names = [category.name for category in found.categories()[AnnotationType.label].items]
    assert names == [DATASETS[name].names[number] for number in sorted(DATASETS[name].names)]
    assert complaints(caplog) == []


def test_it_imports_the_roboflow_layout_as_well(roboflow_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert Environment().detect_dataset(str(roboflow_folder)) == ["roboflow_coco"]
    found = Dataset.import_from(str(roboflow_folder), "roboflow_coco")
    assert_same(found, DATASETS["varied"], f"{roboflow_folder}/{{}}")
    assert complaints(caplog) == []


@pytest.mark.parametrize("name", DATASETS)
def test_it_recognises_the_folder_by_itself(name: str, folders: dict[str, Path]) -> None:
    assert Environment().detect_dataset(str(folders[name])) == ["coco_instances"]
