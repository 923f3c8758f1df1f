"""The classes of objects -> one category table: rule by rule, and what holds for any classes at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolved_classes import Class, Outcome
from tfrecords import detection

from tfrecord_lite.coco.resolve.category_ids import LARGEST_ID


# ---------------------------------------------------------------------------------------------- without a label map
def test_the_numbers_of_the_records_are_the_ids_gaps_and_all() -> None:
    outcome = Outcome([(18, None), (90, None), (1, None), (18, None)])
    assert outcome.ids == [18, 90, 1, 18]
    assert outcome.names == {1: "1", 18: "18", 90: "90"}


def test_all_ids_are_one_higher_where_a_record_has_the_number_0() -> None:
    outcome = Outcome([(2, None), (5, "dog"), (0, None), (0, "cat")])
    assert outcome.ids == [3, 6, 1, 1]
    assert outcome.names == {1: "cat", 3: "2", 6: "dog"}


def test_a_number_is_named_by_itself_as_the_record_has_it() -> None:
    assert Outcome([(0, None), (1, None)]).names == {1: "0", 2: "1"}


def test_texts_alone_are_numbered_in_the_order_of_their_first_appearance() -> None:
    outcome = Outcome([(None, "dog"), (None, "cat"), (None, "dog"), (None, "bird")])
    assert outcome.ids == [1, 2, 1, 3]
    assert outcome.names == {1: "dog", 2: "cat", 3: "bird"}


def test_text_and_number_together_are_name_and_id() -> None:
    outcome = Outcome([(17, "cat"), (18, "dog")])
    assert outcome.names == {17: "cat", 18: "dog"}
    assert outcome.codes == ["", ""]


def test_a_number_that_is_met_before_its_text_gets_it_later() -> None:
    outcome = Outcome([(17, None), (17, "cat"), (17, None)])
    assert outcome.ids == [17, 17, 17]
    assert outcome.names == {17: "cat"}


def test_a_text_with_two_numbers_is_one_category_and_a_warning() -> None:
    outcome = Outcome([(1, "cat"), (2, "cat"), (3, "dog")])
    assert outcome.ids == [1, 1, 3]
    assert outcome.codes == ["", "class-disagrees", ""]


def test_a_number_with_two_texts_is_two_categories_and_a_warning() -> None:
    outcome = Outcome([(1, "cat"), (1, "dog"), (2, "bird")])
    assert outcome.ids == [1, 3, 2]
    assert outcome.names == {1: "cat", 2: "bird", 3: "dog"}
    assert outcome.codes == ["", "class-number-shared", ""]


def test_what_has_a_text_only_gets_the_ids_behind_all_numbers() -> None:
    outcome = Outcome([(None, "dog"), (7, "cat"), (None, "bird"), (3, None)])
    assert outcome.ids == [8, 7, 9, 3]


@pytest.mark.parametrize(
    "unsaid",
    [(None, None), (None, ""), (0, ""), (-1, None), (-1, ""), (LARGEST_ID + 1, None)],
)
def test_an_object_without_a_class_has_no_category(unsaid: Class) -> None:
    outcome = Outcome([(1, "cat"), unsaid])
    assert outcome.ids == [1, None]
    assert outcome.names == {1: "cat"}
    assert outcome.refusals[1]


def test_an_empty_text_beside_a_number_is_as_good_as_none() -> None:
    assert Outcome([(5, "")]).ids == [5]


@pytest.mark.parametrize("number", [-1, LARGEST_ID + 1, 2**63 - 1])
def test_a_text_beside_a_number_that_can_be_no_id_still_counts(number: int) -> None:
    outcome = Outcome([(number, "cat")])
    assert outcome.ids == [1]
    assert outcome.names == {1: "cat"}


# ------------------------------------------------------------------------------------------------- with a label map
MAP = {1: "cat", 5: "dog", 9: "bird"}


def test_the_ids_of_a_label_map_are_kept_gaps_unused_entries_and_all() -> None:
    outcome = Outcome([(5, None), (None, "bird")], MAP)
    assert outcome.ids == [5, 9]
    assert outcome.names == MAP
    assert outcome.codes == ["", ""]


def test_text_beats_number_where_they_disagree() -> None:
    outcome = Outcome([(0, "cat"), (4, "dog"), (9, "cat"), (5, "dog")], MAP)
    assert outcome.ids == [1, 5, 1, 5]
    assert outcome.codes == ["class-disagrees", "class-disagrees", "class-disagrees", ""]
    assert "9" in outcome.texts[2]
    assert "'cat'" in outcome.texts[2]


def test_a_text_that_is_not_in_the_map_is_a_category_behind_it_and_a_warning() -> None:
    outcome = Outcome([(None, "fish"), (5, "cow"), (None, "fish")], MAP)
    assert outcome.ids == [10, 11, 10]
    assert outcome.names == {**MAP, 10: "fish", 11: "cow"}
    assert outcome.codes == ["class-not-in-label-map"] * 3


def test_a_number_that_is_not_in_the_map_is_a_category_and_a_warning() -> None:
    outcome = Outcome([(3, None), (20, None)], MAP)
    assert outcome.ids == [3, 20]
    assert outcome.names == {**MAP, 3: "3", 20: "20"}
    assert outcome.codes == ["class-not-in-label-map"] * 2


def test_another_spelling_is_the_class_of_the_map_and_a_warning() -> None:
    outcome = Outcome([(None, "Cat"), (None, " DOG ")], MAP)
    assert outcome.ids == [1, 5]
    assert outcome.names == MAP
    assert outcome.codes == ["class-spelling"] * 2


def test_an_undecodable_text_is_no_better_than_the_number_beside_it() -> None:
    assert Outcome([(5, "d\ufffdg")], MAP).ids == [5]


def test_the_number_0_is_the_background_where_the_map_begins_at_1() -> None:
    outcome = Outcome([(0, None)], MAP)
    assert outcome.ids == [None]
    assert "background" in outcome.refusals[0]


def test_a_background_at_0_is_left_out_of_the_categories() -> None:
    outcome = Outcome([(1, None)], {0: "background", 1: "cat"})
    assert outcome.ids == [1]
    assert outcome.names == {1: "cat"}


def test_a_map_that_begins_at_0_is_shifted_as_a_whole_used_or_not() -> None:
    for classes, ids in (([(1, None), (0, None)], [2, 1]), ([(1, None)], [2]), ([(None, "cat"), (4, None)], [1, 5])):
        outcome = Outcome(classes, {0: "cat", 1: "dog"})
        assert outcome.ids == ids
        assert (outcome.names[1], outcome.names[2]) == ("cat", "dog")


# -------------------------------------------------------------------------------------------------- the coco entries
def test_a_category_is_its_own_supercategory_where_nothing_else_is_said() -> None:
    (entry,) = Outcome([(1, "cat")]).entries
    assert entry == {"id": 1, "name": "cat", "supercategory": "cat"}


def test_what_a_label_map_says_of_a_class_goes_into_the_category(converted: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    category = {
        "id": 3,
        "name": "cat",
        "supercategory": "animal",
        "keypoints": ["nose", "tail"],
        "skeleton": [[1, 2]],
    }
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": [category]}))
    done = converted(detection(boxes=[(1, 1, 9, 9)], texts=["cat"]), label_map=path)
    assert done.coco["categories"] == [category]
    assert done.coco["annotations"][0]["category_id"] == 3
    pbtxt = tmp_path / "map.pbtxt"
    pbtxt.write_text("item { id: 3 name: '/m/01' display_name: 'Cat' frequency: RARE instance_count: 12 }")
    done = converted(detection(boxes=[(1, 1, 9, 9)], texts=["/m/01"]), label_map=pbtxt)
    assert done.coco["categories"] == [
        {"id": 3, "name": "Cat", "supercategory": "Cat", "frequency": "r", "instance_count": 12}
    ]


def test_names_stay_unique_even_where_a_text_looks_like_the_number_of_another_class() -> None:
    for classes in ([(2, None), (None, "2")], [(2, None), (None, "2 (4)"), (None, "2")]):
        outcome = Outcome(classes)
        assert len(set(outcome.names.values())) == len(classes)


NUMBERS = st.one_of(st.none(), st.integers(-2, 12), st.integers(0, LARGEST_ID - 100))
TEXTS = st.one_of(
    st.none(), st.sampled_from(["", "cat", "dog", "bird", "1", "2", "3", "1 (2)", "2 (4)"]), st.text(max_size=3)
)
CLASSES = st.lists(st.tuples(NUMBERS, TEXTS), max_size=12)
MAPS = st.one_of(
    st.none(),
    st.dictionaries(st.integers(0, 9), st.sampled_from(["cat", "dog", "bird", "1", "3", "x"]), min_size=1).filter(
        lambda found: len(set(found.values())) == len(found)
    ),
)


@settings(deadline=None, max_examples=120)
@given(classes=CLASSES, label_map=MAPS)
def test_ids_are_positive_and_unique_and_so_are_names(classes: list[Class], label_map: dict[int, str] | None) -> None:
    outcome = Outcome(classes, label_map)
    ids = [entry["id"] for entry in outcome.entries]
    assert ids == sorted(set(ids))
    assert all(0 < number <= LARGEST_ID for number in ids)
    names = [entry["name"] for entry in outcome.entries]
    assert all(names)
    assert len(set(names)) == len(names)
    for met, (number, text), refusal in zip(outcome.ids, classes, outcome.refusals, strict=True):
        if met is None:
            assert not text or "\ufffd" in text
            assert refusal
        else:
            assert met in ids
            assert (number, text) != (None, None)


@settings(deadline=None, max_examples=120)
@given(classes=CLASSES, label_map=MAPS)
def test_the_same_text_is_the_same_category_and_without_a_map_no_other_text_is(
    classes: list[Class], label_map: dict[int, str] | None
) -> None:
    outcome = Outcome(classes, label_map)
    by_text: dict[str, set[int | None]] = {}
    for met, (_, text) in zip(outcome.ids, classes, strict=True):
        if text and "\ufffd" not in text:
            by_text.setdefault(text, set()).add(met)
    assert all(len(found) == 1 for found in by_text.values())
    if label_map is None:
        assert len({number for found in by_text.values() for number in found}) == len(by_text)


@settings(deadline=None)
@given(classes=CLASSES, label_map=MAPS)
def test_meeting_a_class_again_changes_nothing(classes: list[Class], label_map: dict[int, str] | None) -> None:
    once, again = Outcome(classes, label_map), Outcome([*classes, *classes], label_map)
    assert again.ids == once.ids * 2
    assert again.entries == once.entries


@settings(deadline=None)
@given(
    classes=st.lists(st.tuples(st.one_of(st.integers(0, 4), st.integers(0, 50)), st.none()), max_size=10),
    label_map=st.one_of(MAPS, st.just({1: "cat", 2: "dog", 3: "bird"})),
)
def test_numbers_give_the_same_ids_in_whatever_order_they_come(
    classes: list[Class], label_map: dict[int, str] | None
) -> None:
    there, back = Outcome(classes, label_map), Outcome(classes[::-1], label_map)
    assert there.entries == back.entries
    assert there.ids == back.ids[::-1]
