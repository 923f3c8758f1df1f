"""The class numbers of label images -> categories of stuff and panoptic files: case by case."""

from __future__ import annotations

import pytest

from tfrecord_lite.coco.draft.part_summary import SegmentClass
from tfrecord_lite.coco.resolve.resolve import Naming, resolve_panoptic, resolve_stuff
from tfrecord_lite.labels.model import label_map_from_mapping


def segment(label: int, *, instance: bool = False, crowd: bool = False) -> SegmentClass:
    return SegmentClass(label, is_instance=instance, is_crowd=crowd)


@pytest.mark.parametrize(
    ("labels", "naming", "ids"),
    [
        ([3, 1], Naming(), {1: 1, 3: 3}),
        ([3, 0], Naming(), {0: 1, 3: 4}),
        ([3, 1], Naming(zero_based=True), {1: 2, 3: 4}),
        ([1], Naming(label_map_from_mapping(["a", "b"])), {1: 2}),
        ([1], Naming(label_map_from_mapping({1: "a"})), {1: 1}),
        ([], Naming(), {}),
    ],
    ids=["the numbers", "a 0 among them", "indexes", "a map from 0", "a map from 1", "nothing"],
)
def test_a_class_number_is_the_id_or_one_less(labels: list[int], naming: Naming, ids: dict[int, int]) -> None:
    stuff = resolve_stuff(labels, naming)
    assert stuff.ids == ids
    assert [each["id"] for each in stuff.categories] == sorted(ids.values())
    assert [each["supercategory"] for each in stuff.categories] == [each["name"] for each in stuff.categories]
    panoptic = resolve_panoptic([segment(label) for label in labels], naming)
    assert {each.label: id_ for each, (id_, _) in panoptic.meanings.items()} == ids


@pytest.mark.parametrize(
    ("naming", "names"),
    [
        (Naming(), ["1", "2", "3"]),
        (Naming(label_map_from_mapping({1: "cat", 2: "dog"})), ["cat", "dog", "3"]),
        (Naming(label_map_from_mapping({1: "cat"}), {1: "x", 2: "bird"}), ["cat", "bird", "3"]),
        (Naming(None, {1: "3"}), ["3", "2", "3 (3)"]),
    ],
    ids=["numbers", "the map", "the map first, then the records", "unique"],
)
def test_a_class_is_named_by_the_map_else_by_the_records_else_by_its_number(naming: Naming, names: list[str]) -> None:
    assert [each["name"] for each in resolve_stuff([1, 2, 3], naming).categories] == names


CLASSES = [segment(1), segment(1, instance=True), segment(2), segment(2, crowd=True), segment(3, instance=True)]


@pytest.mark.parametrize(
    ("naming", "things", "groups"),
    [
        (Naming(), {1, 3}, {CLASSES[0], CLASSES[3]}),
        (Naming(label_map_from_mapping({2: "dog"}), things={"dog"}), {2}, {CLASSES[2], CLASSES[3]}),
        (Naming(label_map_from_mapping({2: "dog"}), {1: "cat"}, things={"cat"}), set(), {CLASSES[3]}),
    ],
    ids=["by instances", "by names", "names of the records do not count"],
)
def test_a_class_with_instances_is_a_thing_and_what_is_none_of_them_a_group(
    naming: Naming, things: set[int], groups: set[SegmentClass]
) -> None:
    resolved = resolve_panoptic(CLASSES, naming)
    assert {each["id"] for each in resolved.categories if each["isthing"]} == things
    assert {each for each, (_, iscrowd) in resolved.meanings.items() if iscrowd} == groups
