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

# ------------------------------------------------------------------------------------------------------------ the rules
NUMBERED: list[Class] = [(18, None), (90, None), (1, None), (18, None)]
MAP = {1: "cat", 5: "dog", 9: "bird"}
DISAGREES, SHARED = "class-disagrees", "class-number-shared"
NOT_IN_MAP, SPELLING = "class-not-in-label-map", "class-spelling"
Case = tuple[list[Class], dict[int, str] | None, list[int], dict[int, str], list[str]]
CASES: dict[str, Case] = {
    # classes, label map, id of each class, names of all categories, codes of warnings
    "numbers are the ids, gaps and all": (NUMBERED, None, [18, 90, 1, 18], {1: "1", 18: "18", 90: "90"}, []),
    "all ids are one higher where a record has the number 0": (
        [(2, None), (5, "dog"), (0, None), (0, "cat")], None, [3, 6, 1, 1], {1: "cat", 3: "2", 6: "dog"}, []
    ),
    "a number is named by itself": ([(0, None), (1, None)], None, [1, 2], {1: "0", 2: "1"}, []),
    "texts alone are numbered in the order of their first appearance": (
        [(None, "dog"), (None, "cat"), (None, "dog"), (None, "bird")],
        None, [1, 2, 1, 3], {1: "dog", 2: "cat", 3: "bird"}, [],
    ),
    "text and number are name and id": ([(17, "cat"), (18, "dog")], None, [17, 18], {17: "cat", 18: "dog"}, []),
    "a number gets its text later": ([(17, None), (17, "cat"), (17, None)], None, [17] * 3, {17: "cat"}, []),
    "an empty text is as good as none": ([(5, "")], None, [5], {5: "5"}, []),
    "a text with two numbers is one category": (
        [(1, "cat"), (2, "cat"), (3, "dog")], None, [1, 1, 3], {1: "cat", 3: "dog"}, [DISAGREES]
    ),
    "a number with two texts is two categories": (
        [(1, "cat"), (1, "dog"), (2, "bird")], None, [1, 3, 2], {1: "cat", 2: "bird", 3: "dog"}, [SHARED]
    ),
    "texts without numbers get the ids after all numbers": (
        [(None, "dog"), (7, "cat"), (None, "bird"), (3, None)],
        None, [8, 7, 9, 3], {3: "3", 7: "cat", 8: "dog", 9: "bird"}, [],
    ),
    "a number below 0 leaves the text": ([(-1, "cat")], None, [1], {1: "cat"}, []),
    "a number too large for an id leaves the text": ([(LARGEST_ID + 1, "cat")], None, [1], {1: "cat"}, []),
    "the largest number of all leaves the text": ([(2**63 - 1, "cat")], None, [1], {1: "cat"}, []),
    "ids of a map are kept, gaps and unused entries too": ([(5, None), (None, "bird")], MAP, [5, 9], MAP, []),
    "a text beats the number beside it": (
        [(0, "cat"), (4, "dog"), (9, "cat"), (5, "dog")], MAP, [1, 5, 1, 5], MAP, [DISAGREES] * 3
    ),
    "a text that the map lacks is a category after it": (
        [(None, "fish"), (5, "cow"), (None, "fish")],
        MAP, [10, 11, 10], {**MAP, 10: "fish", 11: "cow"}, [NOT_IN_MAP] * 3,
    ),
    "a number that the map lacks is a category": (
        [(3, None), (20, None)], MAP, [3, 20], {**MAP, 3: "3", 20: "20"}, [NOT_IN_MAP] * 2
    ),
    "another spelling is the class of the map": ([(None, "Cat"), (None, " DOG ")], MAP, [1, 5], MAP, [SPELLING] * 2),
    "an undecodable text is no better than its number": ([(5, "d\ufffdg")], MAP, [5], MAP, []),
    "a background at 0 is no category": ([(1, None)], {0: "background", 1: "cat"}, [1], {1: "cat"}, []),
    "a map from 0 is shifted": ([(1, None), (0, None)], {0: "cat", 1: "dog"}, [2, 1], {1: "cat", 2: "dog"}, []),
    "a map from 0 is shifted, used or not": ([(1, None)], {0: "cat", 1: "dog"}, [2], {1: "cat", 2: "dog"}, []),
    "a map from 0 is shifted beside what it lacks": (
        [(None, "cat"), (4, None)], {0: "cat", 1: "dog"}, [1, 5], {1: "cat", 2: "dog", 5: "4"}, [NOT_IN_MAP]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_class_gets_the_id_that_the_rules_give_it(case: Case) -> None:
    classes, label_map, ids, names, codes = case
    outcome = Outcome(classes, label_map)
    assert outcome.ids == ids
    assert outcome.names == names
    assert [code for code in outcome.codes if code] == codes


def test_a_warning_names_the_number_and_the_text_that_disagree() -> None:
    (text,) = Outcome([(9, "cat")], MAP).texts
    assert "9" in text
    assert "'cat'" in text


@pytest.mark.parametrize("unsaid", [(None, None), (None, ""), (0, ""), (-1, None), (-1, ""), (LARGEST_ID + 1, None)])
def test_an_object_without_a_class_has_no_category(unsaid: Class) -> None:
    outcome = Outcome([(1, "cat"), unsaid])
    assert outcome.ids == [1, None]
    assert outcome.names == {1: "cat"}
    assert outcome.refusals[1]


def test_the_number_0_is_the_background_where_the_map_begins_at_1() -> None:
    outcome = Outcome([(0, None)], MAP)
    assert outcome.ids == [None]
    assert "background" in outcome.refusals[0]


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
