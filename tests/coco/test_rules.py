"""Every rule of the validation: one file a defect, and the code that it must give; none for what is sound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from coco_datasets import Dataset, captions, keypoints, lvis, objects, official, panoptic, run_lengths, splits
from coco_defects import Defect
from coco_object_defects import DEFECTS

from tfrecord_lite.coco.rules.table import RULES, SUBJECTS
from tfrecord_lite.pipeline.validate import validate

SOUND = [objects, run_lengths, keypoints, captions, panoptic, lvis, splits, official]


@pytest.mark.parametrize("base", SOUND, ids=lambda base: base.__name__)
def test_what_is_sound_has_neither_errors_nor_warnings(base: Callable[[], Dataset], tmp_path: Path) -> None:
    path = base().write(tmp_path)
    for result in (validate(tmp_path), validate(path)):
        assert [str(finding) for finding in result.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_defect_gives_its_code_its_case_and_nothing_else(defect: Defect, tmp_path: Path) -> None:
    defect.dataset().write(tmp_path)
    result = validate(tmp_path, images=tmp_path / "images" if defect.decode else None)
    found = {finding.code: finding for finding in result.findings}
    assert defect.code in found
    assert defect.case in found[defect.code].cases
    worse = {code for code, finding in found.items() if finding.severity != "info"}
    assert worse - {defect.code} == set(defect.also)
    assert result.ok == all(code[0] != "E" for code in worse)


def test_every_case_of_every_rule_has_a_defect() -> None:
    wanted = {(rule.code, case) for rule in RULES.values() for case in rule.cases}
    assert wanted == {(defect.code, defect.case) for defect in DEFECTS}


def test_no_code_is_given_twice_and_texts_are_sentences() -> None:
    rules = [rule for rules in SUBJECTS.values() for rule in rules]
    assert len(rules) == len(RULES)
    for rule in rules:
        assert rule.severity in ("error", "warning", "info")
        assert rule.remedy.endswith(".")
        assert not rule.what.endswith(".")
