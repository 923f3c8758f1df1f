"""What is decided without an output is what a conversion reports, and nothing of it stays."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numbered_pixels import gray
from record_files import picture, write
from tfrecords import detection, ints, texts

from tfrecord_lite import convert
from tfrecord_lite.coco.draft.draft import DraftOptions
from tfrecord_lite.coco.write.collector import ImageOptions
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.nowhere import Nowhere
from tfrecord_lite.pipeline.conversion import read_splits
from tfrecord_lite.pipeline.conversion.decide import decide
from tfrecord_lite.pipeline.reading.source import open_source


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_without_an_output_decides_what_a_conversion_reports(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    masks = {
        f"image/panoptic/{kind}_mask": texts(gray(np.ones((48, 64), np.uint8))) for kind in ("category", "instance")
    }
    many = [picture(f"{n}.jpg", **{"image/width": ints(5), "mine": ints(1)}) for n in range(20)]
    write(tmp_path / "in" / "train.tfrecord", *many, detection("p.jpg", **masks), picture("0.jpg"))
    write(tmp_path / "in" / "val.tfrecord", picture("a.jpg", **{"image/caption": texts("a cat")}))
    summary = convert(tmp_path / "in", tmp_path / "out")
    source = open_source(tmp_path / "in", None, split=None, allow_missing_shards=False)
    with closing(Nowhere()) as target:
        target.open(list(source.splits), overwrite=False)
        reading = ReadOptions()
        with read_splits.read_splits(
            source.splits, target, reading, DraftOptions(), ImageOptions(), jobs=jobs, on_bytes=None
        ) as collected:
            decided = decide(source, reading, collected)
        left = [path for path in Path(target.root).rglob("*") if path.is_file()]
    assert [each.as_json() for each in decided.reports] == [each.as_json() for each in summary.splits]
    assert decided.warnings == summary.warnings
    assert left == []
    assert list((tmp_path / "temporary").iterdir()) == []
