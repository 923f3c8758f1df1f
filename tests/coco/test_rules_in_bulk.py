"""What keeps the validation of large files in bounded memory gives the same as the obvious way."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from coco_datasets import object_entry, objects
from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.coco.read import json_elements, json_spans
from tfrecord_lite.coco.rules import repeats
from tfrecord_lite.coco.rules.by_image import ByImage, Row
from tfrecord_lite.coco.rules.ids import ImageTable
from tfrecord_lite.coco.rules.repeats import Repeats
from tfrecord_lite.output import database
from tfrecord_lite.pipeline.validate import validate

NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9), max_size=60)


@given(numbers=NUMBERS, parts=st.integers(1, 9), run=st.integers(1, 40))
def test_numbers_that_repeat_are_found_in_memory_and_in_a_file(numbers: list[int], parts: int, run: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "_RUN", run)
        patch.setattr(repeats, "_READ", 3)
        found = Repeats()
        for start in range(0, len(numbers), parts):
            found.extend(numbers[start : start + parts])
        assert found.repeated() == {number for number, count in Counter(numbers).items() if count > 1}
        found.close()


def test_of_too_many_the_smallest_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_MOST", 3)
    found = Repeats()
    found.extend([9, 8, 7, 6, 5, 5, 6, 7, 8, 9])
    assert found.repeated() == {5, 6, 7}


def rows(images: list[int]) -> list[Row]:
    return [(image, 1, 0.0, 0.0, 1.0, 1.0, 0, number) for number, image in enumerate(images)]


@given(images=st.lists(st.integers(0, 6), max_size=40), size=st.integers(1, 7))
def test_objects_come_back_by_image_in_whatever_order_they_were(images: list[int], size: int) -> None:
    everything = rows(images)
    blocks = [everything[start : start + size] for start in range(0, len(everything), size)]
    groups = ByImage(7, lambda: blocks)
    found: list[list[Row]] = []
    for block in blocks:
        found += map(list, groups.add(block))
    if groups.is_scattered:
        found = []
    found += map(list, groups.finish())
    groups.close()
    assert sorted(row for group in found for row in group) == sorted(everything)
    assert sorted(group[0][0] for group in found) == sorted(set(images))
    assert all(len({row[0] for row in group}) == 1 for group in found)
    assert all(group == sorted(group, key=lambda row: row[7]) for group in found)


def test_a_full_disk_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SETTINGS", (*database._SETTINGS, "max_page_count=2"))
    groups = ByImage(2, lambda: [rows([0, 1, 0] * 2000)])
    with pytest.raises(OSError, match="full"):
        list(groups.add(rows([0, 1, 0] * 2000)))
    groups.close()


@given(ids=st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9), max_size=30))
def test_the_table_finds_every_image_by_its_id(ids: list[int]) -> None:
    table = ImageTable()
    for number, each in enumerate(ids):
        table.add(each, number + 1, 2**70)
    table.finish()
    assert table.repeated == {each for each, count in Counter(ids).items() if count > 1}
    for each in {*ids, 5, -1}:
        place = table.find(each)
        assert (place >= 0) == (each in ids)
        if place >= 0:
            assert each in {ids[table.size(place).width - 1]}
    assert table.place_of("7") == table.place_of(2**63) == -1


@pytest.mark.parametrize("block", [200, 700, 1 << 18])
def test_findings_do_not_depend_on_how_the_file_is_divided(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    dataset = objects()
    dataset.annotations.extend(object_entry(50 + n, chance.randrange(1, 4), 1, (2, 3, 12, 9)) for n in range(30))
    dataset.annotations[4]["id"] = 60
    dataset.annotations[9]["bbox"] = None
    dataset.annotations[11] = 7
    path = dataset.write(tmp_path)
    whole = validate(path)
    monkeypatch.setattr(json_spans, "BLOCK", block)
    monkeypatch.setattr(json_elements, "BLOCK", block)
    assert validate(path) == whole
    found = {finding.code: finding.count for finding in whole.findings}
    assert (found["W4D"], found["E11"], found["E40"], found["E03"]) == (
        28,
        1,
        1,
        1,
    )  # in the third image, one was there before
