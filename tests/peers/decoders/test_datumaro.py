"""Datumaro's own importer reads what ``pack`` writes: boxes, or masks where there are any, each shard as a subset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from coco_datasets import Dataset, objects, run_lengths, splits
from datumaro.components.annotation import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    AnnotationType,
    Bbox,
    Mask,
)
from datumaro.components.dataset import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    Dataset as Imported,
)

from peers.decoders.scene import scene, truths
from tfrecord_lite import pack


def imported(dataset: Dataset, folder: Path, **options: Any) -> Any:
    """Packs a dataset, and imports its records."""
    dataset.write(folder / "coco")
    pack(folder / "coco", folder / "records", **options)
    return Imported.import_from(str(folder / "records"), "tf_detection_api")


def names(found: Any) -> list[str]:
    """The classes."""
    return [category.name for category in found.categories()[AnnotationType.label].items]


@pytest.mark.parametrize("shards", [1, 2])
@pytest.mark.parametrize("make", [objects, run_lengths])
def test_it_reads_masks_pixel_by_pixel(make: Callable[[], Dataset], shards: int, tmp_path: Path) -> None:
    found = imported(make(), tmp_path, shards=shards)
    assert names(found) == ["cat", "dog", "bird"]
    items = {int(item.attributes["source_id"]): item for item in found}
    for truth in truths(tmp_path / "coco"):
        item = items.pop(truth.image["id"])
        assert f"{item.id}.png" == truth.image["file_name"]
        assert item.media.size == (truth.image["height"], truth.image["width"])
        assert np.array_equal(item.media.data[:, :, ::-1], truth.pixels)  # as OpenCV has them
        assert [type(each) for each in item.annotations] == [Mask] * len(truth.classes)
        assert [each.label + 1 for each in item.annotations] == truth.classes
        for each, mask in zip(item.annotations, truth.masks, strict=True):
            assert np.array_equal(each.image, mask)
    assert not items


def test_it_reads_boxes_of_all_splits_with_the_classes_of_the_label_map(tmp_path: Path) -> None:
    dataset = splits()
    for each in dataset.annotations:
        each["segmentation"] = []
    found = imported(dataset, tmp_path)
    assert names(found) == ["cat", "dog", "bird"]
    assert set(found.subsets()) == {"train-00000-of-00001", "val-00000-of-00001"}
    items = {item.id: item for item in found if item.subset.startswith("train")}
    for truth in truths(tmp_path / "coco"):
        annotations = items[truth.image["file_name"].removesuffix(".png")].annotations
        assert [type(each) for each in annotations] == [Bbox] * len(truth.classes)
        assert [each.label + 1 for each in annotations] == truth.classes
        for each, entry in zip(annotations, truth.entries, strict=True):
            assert each.get_bbox() == pytest.approx(entry["bbox"], abs=1e-4)


def test_ids_of_classes_with_gaps_are_not_the_places_of_their_names(tmp_path: Path) -> None:
    dataset = scene()
    del dataset.files["annotations/person_keypoints_train.json"]
    found = imported(dataset, tmp_path, shards=1)
    assert names(found) == ["person", "dog", "tooth brush's"]
    labels = {each.label for item in found for each in item.annotations}
    assert labels == {0, 17, 89}
