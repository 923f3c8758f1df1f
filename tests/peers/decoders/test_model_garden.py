"""The Model Garden's own decoders read what ``pack`` writes, field by field.

official/vision, and official/legacy/detection, from which EfficientDet and TAO have theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from official.legacy.detection.dataloader.tf_example_decoder import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    TfExampleDecoder as LegacyDecoder,
)
from official.vision.dataloaders.tf_example_decoder import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    TfExampleDecoder,
)

from peers.decoders.scene import FORMATS, Truth, of_format, scene, truths
from tfrecord_lite import pack

TARGETS = {"model_garden": TfExampleDecoder, "efficientdet": LegacyDecoder, "tao": LegacyDecoder}


def packed(folder: Path, target: str) -> None:
    """Writes the dataset and its records."""
    scene().write(folder / "coco")
    pack(folder / "coco", folder / "records", shards=2, target=target)


def pairs(folder: Path, decoder: Any) -> Iterator[tuple[Truth, dict[str, Any]]]:
    """What each picture holds, and what the decoder finds in its record."""
    paths = sorted(map(str, (folder / "records").glob("*.tfrecord")))
    found = tf.data.TFRecordDataset(paths).map(decoder.decode).as_numpy_iterator()
    return zip(truths(folder / "coco"), found, strict=True)


@pytest.mark.parametrize("target", TARGETS)
def test_it_reads_every_field(target: str, tmp_path: Path) -> None:
    packed(tmp_path, target)
    for truth, found in pairs(tmp_path, TARGETS[target](include_mask=True)):
        height, width = truth.image["height"], truth.image["width"]
        assert found["source_id"] == str(truth.image["id"]).encode()
        # Evaluation looks for the image by this number, which goes through a float of 32 bits.
        assert int(tf.strings.to_number(found["source_id"])) == truth.image["id"]
        assert (found["height"], found["width"]) == found["image"].shape[:2] == (height, width)
        assert truth.pixels is None or np.array_equal(found["image"], truth.pixels)
        assert found["groundtruth_boxes"] == pytest.approx(truth.boxes, abs=1e-6)
        assert found["groundtruth_classes"].tolist() == truth.classes
        assert found["groundtruth_area"].tolist() == truth.areas
        assert found["groundtruth_is_crowd"].tolist() == truth.crowds
        assert np.array_equal(found["groundtruth_instance_masks"], truth.masks)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "is_decoded"), FORMATS.items())
def test_pictures_that_it_cannot_decode_are_reported(name: str, is_decoded: bool, target: str, tmp_path: Path) -> None:
    of_format(name).write(tmp_path / "coco")
    result = pack(tmp_path / "coco", tmp_path / "records", target=target)
    assert ("format-not-decoded" not in result.warning_counts) == is_decoded
    with nullcontext() if is_decoded else pytest.raises(tf.errors.InvalidArgumentError):
        ((_, found),) = pairs(tmp_path, TARGETS[target]())
        assert found["image"].shape == (30, 20, 3)
