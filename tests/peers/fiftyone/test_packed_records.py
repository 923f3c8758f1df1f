"""FiftyOne's own importer reads what ``pack`` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

# Where the types are checked, it is not installed.
from fiftyone.utils.tf import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    TFObjectDetectionDatasetImporter,
)

from peers.decoders.scene import NAMES, scene, truths
from tfrecord_lite import pack


def test_it_reads_pictures_classes_and_boxes(tmp_path: Path) -> None:
    scene().write(tmp_path / "coco")
    pack(tmp_path / "coco", tmp_path / "records", shards=1)  # of several it reads one or another first
    importer = TFObjectDetectionDatasetImporter(
        dataset_dir=str(tmp_path / "records"), images_dir=str(tmp_path / "images")
    )
    with importer:
        for truth, (path, metadata, labels) in zip(truths(tmp_path / "coco"), importer, strict=True):
            assert Path(path).parent == tmp_path / "images"
            assert (metadata.width, metadata.height) == (truth.image["width"], truth.image["height"])
            assert metadata.size_bytes == len(truth.data)
            assert [each.label for each in labels.detections] == [NAMES[number] for number in truth.classes]
            for each, (y0, x0, y1, x1) in zip(labels.detections, truth.boxes, strict=True):
                assert each.bounding_box == pytest.approx([x0, y0, x1 - x0, y1 - y0], abs=1e-6)
