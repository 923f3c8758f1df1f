"""What class numbers mean beside a label map that counts from another number, or has none of its own."""

from __future__ import annotations

import pytest
from resolved_classes import Class, Outcome

# ------------------------------------------------------- numbers that count from 0 beside a map that counts from 1
ONE_TO_THREE = {1: "cat", 2: "dog", 3: "bird"}


@pytest.mark.parametrize("numbers", [[0], [0, 1, 2], [2, 1, 0], [1, 1, 2, 0, 1]])
def test_numbers_from_0_mean_the_entries_one_higher_whenever_the_0_is_met(numbers: list[int]) -> None:
    outcome = Outcome([(number, None) for number in numbers], ONE_TO_THREE)
    assert outcome.ids == [number + 1 for number in numbers]
    assert outcome.names == ONE_TO_THREE
    assert outcome.shifted
    assert [code for code in outcome.codes if code] == ["class-zero-based"] * numbers.count(0)


@pytest.mark.parametrize("numbers", [[1], [1, 2], [3, 1], [2, 3, 1]])
def test_numbers_without_a_0_are_the_ids_of_the_map(numbers: list[int]) -> None:
    outcome = Outcome([(number, None) for number in numbers], ONE_TO_THREE)
    assert outcome.ids == numbers
    assert not outcome.shifted


@pytest.mark.parametrize("last", [(3, None), (4, None), (1, "cat"), (0, "bird"), (3, "cat"), (3, "fish")])
@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_a_0_is_the_background_where_anything_says_that_numbers_do_not_count_from_0(last: Class, position: int) -> None:
    classes: list[Class] = [(1, None), (0, None), (2, None)]
    classes.insert(position, last)
    outcome = Outcome(classes, ONE_TO_THREE)
    told = outcome.ids.pop(position)
    assert outcome.ids == [1, None, 2]
    assert told is not None
    assert not outcome.shifted
    assert "0 is not taken for the first of them" in next(filter(None, outcome.refusals))


@pytest.mark.parametrize("label_map", [{1: "cat", 3: "dog"}, {2: "cat", 3: "dog"}, {0: "background", 1: "cat", 2: "x"}])
def test_a_0_is_the_background_where_the_map_has_gaps_or_says_so(label_map: dict[int, str]) -> None:
    assert Outcome([(0, None), (1, None)], label_map).ids[0] is None


def test_texts_beside_numbers_from_0_show_what_bare_numbers_mean() -> None:
    """VoTT: class/label counts from 0, the label map from 1."""
    for order in (1, -1):
        classes: list[Class] = [(0, "cat"), (1, None), (2, "bird"), (None, "dog")]
        outcome = Outcome(classes[::order], ONE_TO_THREE)
        assert outcome.ids[::order] == [1, 2, 3, 2]


def test_texts_keep_their_class_where_bare_numbers_are_shifted_beside_them() -> None:
    for classes in ([(None, "cat"), (1, None), (0, None)], [(1, None), (None, "cat"), (0, None), (None, "Cat")]):
        outcome = Outcome(classes, ONE_TO_THREE)
        assert outcome.ids == [{"cat": 1, "Cat": 1}.get(text or "") or (number or 0) + 1 for number, text in classes]
        assert outcome.names == ONE_TO_THREE


# ------------------------------------------------------- numbers that count from 1 beside a map that counts from 0
ZERO_TO_TWO = {0: "cat", 1: "dog", 2: "bird"}


@pytest.mark.parametrize("numbers", [[3], [1, 2, 3], [3, 2, 1], [1, 3, 1, 3]])
def test_numbers_from_1_mean_the_entries_one_lower_whenever_the_last_is_met(numbers: list[int]) -> None:
    outcome = Outcome([(number, None) for number in numbers], ZERO_TO_TWO)
    assert outcome.ids == numbers
    assert outcome.names == ONE_TO_THREE
    assert not outcome.shifted
    assert [code for code in outcome.codes if code] == ["class-one-based"] * numbers.count(3)


@pytest.mark.parametrize("numbers", [[1], [0, 1], [2, 1], [2, 0]])
def test_numbers_without_the_last_are_the_ids_of_a_map_from_0(numbers: list[int]) -> None:
    outcome = Outcome([(number, None) for number in numbers], ZERO_TO_TWO)
    assert outcome.ids == [number + 1 for number in numbers]
    assert outcome.shifted


@pytest.mark.parametrize("other", [(0, None), (4, None), (1, "dog"), (0, "cat"), (3, "cat")])
@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_a_number_after_the_map_is_a_class_of_its_own_where_anything_says_so(other: Class, position: int) -> None:
    classes: list[Class] = [(1, None), (3, None), (2, None)]
    classes.insert(position, other)
    outcome = Outcome(classes, ZERO_TO_TWO)
    outcome.ids.pop(position)
    assert outcome.ids == [2, 4, 3]
    assert outcome.names[4] == "3"


def test_texts_keep_their_class_where_bare_numbers_count_from_1_beside_them() -> None:
    for classes in ([(None, "dog"), (1, None), (3, None)], [(1, None), (None, "dog"), (3, None), (None, "fish")]):
        outcome = Outcome(classes, ZERO_TO_TWO)
        assert outcome.ids == [{"dog": 2, "fish": 4}.get(text or "") or number for number, text in classes]


# ----------------------------------------------------------------------------- a list of names, which has no numbers
NAMES = ["cat", "dog", "bird"]


@pytest.mark.parametrize("classes", [[1], [1, 2], [2, 1], [3], [1, 3], [3, 2, 1], [1, 4], [5]])
def test_the_first_name_of_a_list_is_number_1_unless_a_0_is_met(classes: list[int]) -> None:
    """As in a names file beside records by the rules of the Object Detection API."""
    outcome = Outcome([(number, None) for number in classes], NAMES)
    assert outcome.ids == classes
    assert {number: outcome.names[number] for number in (1, 2, 3)} == ONE_TO_THREE
    assert not {"class-one-based", "class-zero-based"} & set(outcome.codes), "a list has no numbers of its own"
    assert outcome.names[max(classes)] == {1: "cat", 2: "dog", 3: "bird", 4: "4", 5: "5"}[max(classes)]
    assert not outcome.shifted


@pytest.mark.parametrize("classes", [[0], [0, 1], [2, 0], [1, 0, 2]])
def test_the_first_name_of_a_list_is_number_0_where_a_0_is_met(classes: list[int]) -> None:
    outcome = Outcome([(number, None) for number in classes], NAMES)
    assert outcome.ids == [number + 1 for number in classes]
    assert outcome.names == ONE_TO_THREE
    assert outcome.resolved.unclear == ""


@pytest.mark.parametrize(
    ("classes", "is_unclear"),
    [
        ([(1, None)], True),
        ([(2, None), (1, "")], True),
        ([(1, None), (None, "dog")], True),
        ([(1, None), (3, None)], False),
        ([(1, None), (1, "cat")], False),
        ([(1, None), (1, "dog")], False),
        ([(1, "cat")], False),
        ([(None, "cat")], False),
        ([], False),
    ],
)
def test_what_a_list_means_is_reported_as_unclear_where_the_records_do_not_show_it(
    classes: list[Class], is_unclear: bool
) -> None:
    unclear = Outcome(classes, NAMES).resolved.unclear
    assert bool(unclear) is is_unclear
    if is_unclear:
        assert "neither 0 nor 3 was met" in unclear
        assert "They are taken to count from 1: 1 is 'cat'" in unclear


@pytest.mark.parametrize("told", [(1, "dog"), (0, "cat"), (2, "bird")])
def test_texts_beside_numbers_show_what_a_list_means(told: Class) -> None:
    outcome = Outcome([(1, None), (2, None), told], NAMES)
    assert outcome.ids[:2] == [2, 3]


def test_indexes_of_a_schema_that_counts_from_0_are_places_in_a_list() -> None:
    outcome = Outcome([(1, None), (2, None)], NAMES, zero_based=True)
    assert outcome.ids == [2, 3]
    assert outcome.resolved.unclear == ""


def test_a_list_that_begins_with_the_background_is_numbered_by_it() -> None:
    outcome = Outcome([(1, None), (2, None)], ["background", "cat", "dog", "bird"])
    assert outcome.ids == [1, 2]
    assert outcome.names == ONE_TO_THREE
    assert outcome.resolved.unclear == ""


@pytest.mark.parametrize(("numbers", "ids"), [([1], [1]), ([1, 2], [1, 2]), ([0, 1], [1, 2])])
def test_a_list_that_begins_with_a_placeholder_says_that_its_next_name_is_number_1(
    numbers: list[int], ids: list[int]
) -> None:
    outcome = Outcome([(number, None) for number in numbers], ["???", "cat", "dog"])
    assert outcome.ids == ids
    assert outcome.names == {1: "cat", 2: "dog"}
