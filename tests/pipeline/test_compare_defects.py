"""COCO files with one defect each: compared with themselves they are equal or refused, and nothing is a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from coco_defects import Defect
from coco_object_defects import DEFECTS

from tfrecord_lite import CocoFileError, RejectedInputError, compare

pytestmark = pytest.mark.slow

SEEN = ("E20", "E22", "E30", "E41", "W44", "E48", "W49", "E61", "E62", "E72", "W92")
"""Codes of some defects that change what a dataset means, and leave it one that can be read."""


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_defect_is_refused_or_compared(defect: Defect, tmp_path: Path) -> None:
    defect.dataset().write(tmp_path / "defect")
    defect.base().write(tmp_path / "sound")
    try:
        found = compare(tmp_path / "defect", tmp_path / "defect")
        other = compare(tmp_path / "sound", tmp_path / "defect")
    except (CocoFileError, RejectedInputError):
        return
    assert found.differences == ()
    if defect.code in SEEN:
        assert other.differences != ()
