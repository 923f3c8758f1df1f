"""What is decided by the summaries of all splits: keypoints of categories, names and bases that splits share."""

from __future__ import annotations

import pytest

from tfrecord_lite.coco.draft.part_summary import FileSummary, ObjectClass, PartSummary, SegmentClass
from tfrecord_lite.coco.resolve.category_ids import resolve_classes
from tfrecord_lite.coco.resolve.resolve import Resolved, resolve
from tfrecord_lite.errors import Location
from tfrecord_lite.labels.choose import LabelMaps
from tfrecord_lite.labels.discover import TFDS, Candidate
from tfrecord_lite.labels.model import LabelItem, LabelMap, label_map_from_mapping

NAMES = ("nose", "tail")
CAT = LabelItem(1, "cat", keypoints=("nose", "tail", "paw"), skeleton=((1, 2),))


def posed(label: int, count: int, names: tuple[str, ...] = ()) -> ObjectClass:
    return ObjectClass(label, None, count, names)


@pytest.mark.parametrize(
    ("classes", "label_map", "keypoints", "refused", "noted"),
    [
        ([posed(1, 2)], None, ("keypoint_1", "keypoint_2"), [], []),
        ([ObjectClass(1, None), posed(1, 2, NAMES)], None, NAMES, [], []),
        ([posed(1, 2, NAMES), posed(1, 2), posed(1, 3)], None, NAMES, [2], []),
        ([posed(1, 2, NAMES), posed(1, 2, NAMES[::-1])], None, NAMES, [], [1]),
        ([posed(1, 2, NAMES), posed(1, 3)], LabelMap("m", (CAT,), zero_based=False), CAT.keypoints, [0], []),
        ([ObjectClass(1, None)], None, (), [], []),
    ],
    ids=["numbered", "named", "another number", "other names", "those of the map", "none"],
)
def test_a_category_has_the_keypoints_of_the_map_else_of_its_first_object(
    classes: list[ObjectClass],
    label_map: LabelMap | None,
    keypoints: tuple[str, ...],
    refused: list[int],
    noted: list[int],
) -> None:
    resolved = resolve_classes(label_map, classes)
    (category,) = resolved.categories
    assert category.keypoints == keypoints
    assert [classes.index(each) for each in resolved.refusals] == refused
    assert [classes.index(each) for each in resolved.notes] == noted
    assert resolved.ids.keys() == set(classes) - resolved.refusals.keys()


def split(*classes: ObjectClass, zero_based: bool = False, segments: tuple[int, ...] = ()) -> PartSummary:
    summary = PartSummary()
    summary.classes.note(classes, Location("x", 0, 0))
    summary.segments.note([SegmentClass(label, False, False) for label in segments], Location("x", 0, 0))
    summary.add_file(FileSummary("x", 1, "schema", zero_based=zero_based))
    return summary


def ids(resolved: Resolved) -> dict[int | str, int]:
    return {each.name or each.label or 0: id_ for each, id_ in resolved.classes.ids.items()}


def test_all_splits_share_one_table_in_the_order_of_the_splits() -> None:
    dog, cat = ObjectClass(None, "dog"), ObjectClass(None, "cat")
    assert ids(resolve([split(dog), split(cat, dog)], LabelMaps())) == {"dog": 1, "cat": 2}


@pytest.mark.parametrize("zero", [0, 1])
def test_a_schema_of_any_file_that_counts_from_0_counts_for_all(zero: int) -> None:
    splits = [split(ObjectClass(1, None), zero_based=zero == 0), split(ObjectClass(2, None), zero_based=zero == 1)]
    assert ids(resolve(splits, LabelMaps())) == {1: 2, 2: 3}


def test_segments_have_the_names_that_records_and_label_maps_give_the_numbers_of_objects() -> None:
    summaries = [split(ObjectClass(7, "cat"), segments=(7, 9))]
    assert [each["name"] for each in resolve(summaries, LabelMaps()).panoptic.categories] == ["cat", "9"]
    cats, all_of_them = label_map_from_mapping({7: "tiger"}), label_map_from_mapping({7: "tiger", 9: "sky"})
    assert [each["name"] for each in resolve(summaries, LabelMaps(cats)).panoptic.categories] == ["tiger", "9"]
    named = resolve(summaries, LabelMaps(cats, panoptic=all_of_them)).panoptic.categories
    assert [(each["name"], each["isthing"]) for each in named] == [("tiger", 1), ("sky", 0)]


def test_the_names_of_one_feature_do_not_name_the_numbers_of_masks() -> None:
    """As in TensorFlow Datasets' oxford_iiit_pet, which has 37 breeds, and three numbers in its masks."""
    summary = split(ObjectClass(1, "Bengal"))
    summary.stuff.note([1, 2], Location("x", 0, 0))
    breeds = label_map_from_mapping({1: "Bengal", 2: "Birman"})
    for rank, names in ((TFDS, ["1", "2"]), (0, ["Bengal", "Birman"])):
        resolved = resolve([summary], LabelMaps(candidates=(Candidate(("x.labels.txt",), rank, breeds),)))
        assert [each["name"] for each in resolved.stuff.categories] == names
        assert [each.name for each in resolved.classes.categories] == ["Bengal", "Birman"]


def test_a_class_of_records_that_were_left_out_is_no_category() -> None:
    summary = split(ObjectClass(1, None), ObjectClass(2, None))
    summary.classes.discount([1])
    assert ids(resolve([summary], LabelMaps())) == {1: 1}
