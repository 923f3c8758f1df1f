"""What a label map is asked for, how one is made in Python, and what several come to."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.errors import LabelMapError, UsageError
from tfrecord_lite.labels.model import LabelItem, LabelMap, label_map_from_mapping, merge_label_maps

CAT, DOG = LabelItem(1, "cat"), LabelItem(2, "dog")


def label_map(*items: LabelItem, source: str = "x.pbtxt") -> LabelMap:
    return LabelMap(source, items, zero_based=False)


# Asking a label map


def test_a_number_is_looked_up_as_the_file_numbers_it() -> None:
    labels = label_map(CAT, LabelItem(90, "toothbrush"))
    assert labels.by_id(90) == LabelItem(90, "toothbrush")
    assert labels.by_id(2) is None


def test_the_title_is_the_display_name_where_there_is_one() -> None:
    assert LabelItem(1, "/m/01g317", display_name="Person").title == "Person"
    assert LabelItem(1, "cat").title == "cat"


def test_a_text_is_the_name_or_the_display_name() -> None:
    person = LabelItem(69, "/m/01g317", display_name="Person")
    labels = label_map(person, LabelItem(73, "/m/0bt9lr", display_name="Dog"))
    assert labels.by_text("/m/01g317") is person
    assert labels.by_text("Person") is person
    assert labels.by_text("person") is None
    assert labels.by_text("") is None


@pytest.mark.parametrize("name_first", [True, False])
def test_where_a_text_names_two_classes_the_larger_id_wins_as_in_the_object_detection_api(name_first: bool) -> None:
    by_name, by_display_name = LabelItem(1 if name_first else 5, "crane"), LabelItem(3, "bird", display_name="crane")
    labels = label_map(*sorted([by_name, by_display_name], key=lambda item: item.id))
    assert labels.by_text("crane") is (by_display_name if name_first else by_name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Traffic Light", "traffic light"),
        ("  traffic  light\n", "traffic light"),
        ("trafficlight", "traffic light"),
        ("traf\u200bfic light\x00", "traffic light"),
        ("STRASSE", "straße"),
        ("cafe\u0301", "café"),  # an accent of its own, as macOS writes names
        ("caf", "café"),  # Datumaro drops what is not ASCII from class/text
        ("/M/01G317", "/m/01g317"),
        ("PERSON", "/m/01g317"),
    ],
)
def test_a_text_that_is_only_spelled_differently_is_still_found(text: str, name: str) -> None:
    names = ["traffic light", "straße", "café"]
    items = [LabelItem(number, text) for number, text in enumerate(names, 1)]
    labels = label_map(*items, LabelItem(9, "/m/01g317", display_name="person"))
    assert labels.by_text(text) is None
    found = labels.by_similar_text(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", ["cat", "CAT", "c a t", "", "  ", "\x00", "horse", "ca"])
def test_a_spelling_that_two_classes_share_is_none_of_them(text: str) -> None:
    assert label_map(LabelItem(1, "Cat"), LabelItem(2, "cat "), LabelItem(3, "猫")).by_similar_text(text) is None


def test_the_true_spelling_goes_before_one_without_accents() -> None:
    labels = label_map(LabelItem(1, "año"), LabelItem(2, "Ao"))
    found = labels.by_similar_text("ao")
    assert found is not None
    assert found.id == 2


def test_one_class_whose_name_and_display_name_are_alike_is_no_ambiguity() -> None:
    helmet = LabelItem(1, "helmet", display_name="Helmet")
    assert label_map(helmet).by_similar_text("HELMET") is helmet


def test_label_maps_are_values_that_survive_a_process_border() -> None:
    labels = label_map(CAT, DOG)
    labels.by_similar_text("Cat")
    copy = pickle.loads(pickle.dumps(labels))
    assert copy == labels
    assert hash(copy) == hash(labels)
    assert copy.by_similar_text("DOG") == DOG
    assert repr(labels) == f"LabelMap(source='x.pbtxt', items=({CAT!r}, {DOG!r}), zero_based=False)"


# From Python


@pytest.mark.parametrize(
    ("mapping", "items", "zero_based"),
    [
        ({1: "cat", 2: "dog"}, [(1, "cat"), (2, "dog")], False),
        ({2: "dog", 1: "cat"}, [(1, "cat"), (2, "dog")], False),
        ({0: "cat", 7: "dog"}, [(0, "cat"), (7, "dog")], True),
        ({0: "background", 1: "cat"}, [(1, "cat")], False),
        ({0: "Background", 1: "cat"}, [(1, "cat")], False),
        ({"1": "cat", "2": "dog"}, [(1, "cat"), (2, "dog")], False),
        ({"cat": 1, "dog": 2}, [(1, "cat"), (2, "dog")], False),
        ({"2": 1, "1": 2}, [(1, "2"), (2, "1")], False),  # a number as a text is a name where the other is a number
        ({np.int64(3): "cat"}, [(3, "cat")], False),
        (["cat", "dog"], [(0, "cat"), (1, "dog")], True),
        (("background", "cat", "dog"), [(1, "cat"), (2, "dog")], False),
        (["__background__", "cat", "N/A", "dog"], [(1, "cat"), (3, "dog")], False),
        (["???", "person", "???", "???", "cat"], [(1, "person"), (4, "cat")], False),
    ],
)
def test_a_mapping_or_a_list_of_names_is_a_label_map(
    mapping: Mapping[int, str] | Sequence[str], items: list[tuple[int, str]], zero_based: bool
) -> None:
    labels = label_map_from_mapping(mapping)
    assert [(item.id, item.name) for item in labels.items] == items
    assert labels.zero_based is zero_based


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ({}, "it is empty"),
        ([], "it is empty"),
        ({0: "background"}, "nothing but the background"),
        ("cat", "expected a mapping such as"),
        ([1, 2], "expected a mapping such as"),
        ({1: 2}, "'1': '2', expected a whole number and a name"),
        ({1: None}, "'1': 'None', expected a whole number"),
        ({True: "cat"}, "'True': 'cat', expected a whole number"),
        ({1.5: "cat"}, "'1.5': 'cat', expected a whole number"),
        ({"cat": "dog"}, "'cat': 'dog', expected a whole number"),
        ({"1" * 5000: "cat"}, "expected a whole number"),
        ({-1: "cat"}, "id -1 of 'cat' is out of range, expected 0 to 2147483647"),
        ({2**31: "cat"}, "id 2147483648 of 'cat' is out of range"),
        ({1: ""}, "id 1 has no name"),
        ({1: " \t"}, "id 1 has no name"),
        ({1: "cat", 2: "cat"}, "'cat' is the name of both id 1 and id 2. Give each class a name of its own"),
        ({"1": "cat", "01": "dog"}, "id 1 is given to both 'cat' and 'dog'. Number them apart"),
        ({1: "c\ud800t"}, "half a surrogate pair"),
    ],
)
def test_a_mapping_that_is_no_label_map_is_refused_with_the_reason(mapping: object, problem: str) -> None:
    with pytest.raises(LabelMapError) as caught:
        label_map_from_mapping(cast("Mapping[int, str]", mapping))
    assert str(caught.value).startswith("label_map: label map: ")
    assert problem in str(caught.value)
    assert isinstance(caught.value, UsageError)


@settings(deadline=None)
@given(st.dictionaries(st.integers(1, 2**31 - 1), st.text(st.characters(codec="utf-8"), min_size=1), min_size=1))
def test_every_class_of_a_mapping_is_found_by_its_number_and_its_name(mapping: dict[int, str]) -> None:
    unique = {number: f"{number}{name}" for number, name in mapping.items()}
    labels = label_map_from_mapping(unique)
    assert [item.id for item in labels.items] == sorted(unique)
    for number, name in unique.items():
        item = labels.by_id(number)
        assert item is not None
        assert item.name == name
        assert labels.by_text(name) is item
        assert labels.by_similar_text(name) in (item, None)


# Several label maps


def test_equal_label_maps_become_one_that_names_both_files() -> None:
    merged = merge_label_maps([label_map(CAT, DOG, source="train/x"), label_map(CAT, DOG, source="valid/x")])
    assert merged == LabelMap("train/x, valid/x", (CAT, DOG), zero_based=False)


def test_a_single_label_map_stays_as_it_is() -> None:
    labels = label_map(CAT, DOG)
    assert merge_label_maps([labels]) == labels
    assert merge_label_maps([labels, labels]) == labels


def test_a_class_that_one_split_does_not_have_is_added() -> None:
    first = LabelMap("a", (LabelItem(0, "cow"), DOG), zero_based=True)
    merged = merge_label_maps([label_map(CAT), first])
    assert merged.items == (LabelItem(0, "cow"), CAT, DOG)
    assert merged.zero_based


def test_details_that_only_one_label_map_has_are_kept() -> None:
    plain = LabelItem(1, "/m/01g317")
    full = LabelItem(1, "/m/01g317", display_name="Person", keypoints=("nose",), frequency="f", instance_count=0)
    assert merge_label_maps([label_map(plain), label_map(full)]).items == (full,)
    assert merge_label_maps([label_map(full), label_map(plain)]).items == (full,)


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (LabelItem(1, "dog"), "b: label map: name of id 1 is 'dog', but 'cat' in 'a'"),
        (LabelItem(2, "cat"), "b: label map: 'cat' has id 2, but id 1 in 'a'"),
        (
            LabelItem(1, "cat", display_name="Kitten"),
            "b: label map: display_name of id 1 is 'Kitten', but 'Cat' in 'a'",
        ),
    ],
)
def test_label_maps_that_disagree_are_refused_by_name(second: LabelItem, problem: str) -> None:
    first = label_map(LabelItem(1, "cat", display_name="Cat"), source="a")
    with pytest.raises(LabelMapError) as caught:
        merge_label_maps([first, label_map(second, source="b")])
    assert str(caught.value) == f"{problem}. Choose one file with label_map"


def test_nothing_to_merge_is_an_error() -> None:
    with pytest.raises(LabelMapError):
        merge_label_maps([])
