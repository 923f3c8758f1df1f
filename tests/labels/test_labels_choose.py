"""Candidates beside the records and the classes that these have -> the label map that is used, or why none is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.labels.choose import Choice, ClassKey, agreement, choose
from tfrecord_lite.labels.discover import Candidate
from tfrecord_lite.labels.model import label_map_from_mapping

MAP, PBTXT, LIST, WEAK = 2, 3, 6, 16
"""Ranks of files called like a label map, .pbtxt, lists of names, and features of which none is known."""

PETS = {number: f"pet {number}" for number in range(1, 38)}
KITTI = {1: "car", 2: "pedestrian"}
PARTS = {1: "bolt", 2: "nut"}
BOLT, NUT = (1, "bolt"), (2, "nut")


def candidate(name: str, names: Mapping[int, str] | Sequence[str] | None, rank: int = MAP) -> Candidate:
    """A file in the folder ``in``; without names, one that cannot be read."""
    path = f"in/{name}"
    if names is None:
        return Candidate((path,), rank, None, LabelMapError(path, "it is broken"))
    return Candidate((path,), rank, label_map_from_mapping(names))


def used(choice: Choice) -> list[str]:
    return [path.removeprefix("in/") for path in choice.files]


def bare(*numbers: int) -> list[ClassKey]:
    return [(number, None) for number in numbers]


@pytest.mark.parametrize(
    ("names", "classes", "known", "numbers", "unknown"),
    [
        (PARTS, [BOLT, NUT], 2, 2, ()),
        (PARTS, [(None, "bolt"), (None, "Nut ")], 2, 0, ()),
        (PARTS, [(0, "bolt"), (1, "nut")], 2, 2, ()),
        (PARTS, [(2, "bolt"), (1, "nut")], 2, 1, ()),
        (PARTS, [BOLT, (3, "washer"), (4, "gear"), (5, "cog"), (6, "pin")], 1, 1, ("'washer'", "'gear'", "'cog'")),
        (PARTS, bare(1, 2), 2, 0, ()),
        (PARTS, bare(0, 1), 2, 0, ()),
        (PARTS, bare(0, 1, 2), 2, 0, ("0",)),
        (PARTS, bare(7), 0, 0, ("7",)),
        (["bolt", "nut"], bare(1, 2), 2, 0, ()),
        (["background", "bolt", "nut"], bare(0, 1, 2), 2, 0, ("0",)),
        (PARTS, [BOLT, (9, None)], 1, 1, ("9",)),
        (PARTS, [(-1, None), (0, ""), (None, None), (None, "")], 0, 0, ()),
        (PARTS, [], 0, 0, ()),
    ],
)
def test_how_classes_fit_a_label_map(
    names: Mapping[int, str] | Sequence[str],
    classes: list[ClassKey],
    known: int,
    numbers: int,
    unknown: tuple[str, ...],
) -> None:
    found = agreement(label_map_from_mapping(names), classes)
    assert (found.known, found.numbers, found.unknown) == (known, numbers, unknown)
    meaningless = {(-1, None), (0, ""), (None, None), (None, "")}
    assert found.classes == len(set(classes) - meaningless)


def test_an_agreement_says_in_words_what_is_lacking() -> None:
    parts = label_map_from_mapping(PARTS)
    assert str(agreement(parts, [BOLT])) == "it has all classes"
    assert str(agreement(parts, [BOLT, (3, "cog")])) == "it has 1 of 2 classes, not 'cog'"
    many: list[ClassKey] = [(None, f"cog {number}") for number in range(5)]
    assert str(agreement(parts, many)) == "it has 0 of 5 classes, not 'cog 0', 'cog 1', 'cog 2', …"


STOCK = [candidate("pet_label_map.pbtxt", PETS), candidate("kitti_label_map.pbtxt", KITTI)]


@pytest.mark.parametrize(
    ("candidates", "classes", "expected"),
    [
        # The one that has the names of the records, wherever it comes in the order of file names.
        ([*STOCK, candidate("parts.pbtxt", PARTS, PBTXT)], [BOLT, NUT], ["parts.pbtxt"]),
        ([*STOCK, candidate("classes.txt", ["bolt", "nut"], LIST)], [BOLT, NUT], ["classes.txt"]),
        ([*STOCK, candidate("parts.pbtxt", PARTS, PBTXT)], [(None, "nut")], ["parts.pbtxt"]),
        (
            [candidate("a.pbtxt", PARTS), candidate("b.pbtxt", {1: "bolt", 2: "nut", 3: "cog"})],
            [(9, "cog")],
            ["b.pbtxt"],
        ),
        # The one that has the numbers, where there are no names.
        (STOCK, bare(1, 30), ["pet_label_map.pbtxt"]),
        # What names leave open, their numbers tell.
        ([candidate("a.pbtxt", {2: "bolt", 1: "nut"}), candidate("b.pbtxt", PARTS)], [BOLT, NUT], ["b.pbtxt"]),
        # Then how the files are called.
        ([candidate("label_map.pbtxt", PARTS), candidate("x.pbtxt", KITTI, PBTXT)], bare(1, 2), ["label_map.pbtxt"]),
        # The same names in the same order mean the same, whatever number they begin with.
        (
            [candidate("label_map.pbtxt", PARTS), candidate("label_map.txt", ["bolt", "nut"])],
            bare(1),
            ["label_map.pbtxt"],
        ),
        ([candidate("a.pbtxt", PARTS), candidate("b.pbtxt", PARTS)], bare(1), ["a.pbtxt"]),
        # A broken one does not matter where another one is good.
        ([candidate("a.pbtxt", None), candidate("classes.txt", ["bolt", "nut"], LIST)], bare(1, 2), ["classes.txt"]),
        # One that lacks some of the classes is still theirs.
        ([candidate("a.pbtxt", PARTS)], [BOLT, NUT, (3, "cog")], ["a.pbtxt"]),
        ([candidate("a.pbtxt", PARTS)], bare(1, 2, 3), ["a.pbtxt"]),
        # Without any class the best name counts.
        ([candidate("label_map.pbtxt", KITTI), candidate("classes.txt", PARTS, LIST)], [], ["label_map.pbtxt"]),
        # None of these is theirs.
        (STOCK, [BOLT, NUT], []),
        ([candidate("a.pbtxt", PARTS)], [BOLT, (3, "cog"), (4, "gear")], []),
        ([candidate("a.pbtxt", PARTS)], bare(7, 8), []),
        ([candidate("a.pbtxt", None)], [BOLT], []),
        ([candidate("a.pbtxt", PARTS), candidate("b.pbtxt", {1: "nut", 2: "bolt"})], [(None, "nut")], []),
        ([candidate("a.pbtxt", PARTS), candidate("b.pbtxt", KITTI)], [], []),
        ([candidate("x-label.labels.txt", PARTS, WEAK), candidate("y-label.labels.txt", KITTI, WEAK)], bare(1), []),
        ([], bare(1), []),
    ],
)
def test_the_candidate_that_agrees_best_is_used(
    candidates: list[Candidate], classes: list[ClassKey], expected: list[str]
) -> None:
    choice = choose(candidates, classes)
    assert used(choice) == expected
    assert (choice.label_map is not None) is bool(expected)
    every = {path for each in candidates for path in each.paths}
    assert {*choice.files, *choice.passed_over} == every


@pytest.mark.parametrize(
    ("candidates", "classes", "warning"),
    [
        (
            [candidate("a.pbtxt", KITTI)],
            [BOLT],
            "label map: in/a.pbtxt is not used: it has 0 of 1 classes, not 'bolt'. If it is right, name it with"
            " --label-map",
        ),
        ([candidate("a.pbtxt", None)], [BOLT], "in/a.pbtxt: label map: it is broken. It is not used"),
        (
            [candidate("a.pbtxt", None), candidate("b.pbtxt", PARTS)],
            bare(1),
            "in/a.pbtxt: label map: it is broken. It is not used",
        ),
        (
            [candidate("a.pbtxt", PARTS), candidate("b.pbtxt", {1: "nut", 2: "bolt"})],
            [(None, "nut")],
            "label map: in/a.pbtxt and in/b.pbtxt mean different classes, and none is used. Choose with --label-map",
        ),
        ([*STOCK, candidate("parts.pbtxt", PARTS, PBTXT)], [BOLT], None),
        ([candidate("a.pbtxt", PARTS), candidate("a.txt", ["bolt", "nut"])], [BOLT], None),
        ([candidate("x-label.labels.txt", PARTS, WEAK)], [(1, "car")], None),
    ],
)
def test_what_is_not_used_although_it_might_be_meant_is_a_warning(
    candidates: list[Candidate], classes: list[ClassKey], warning: str | None
) -> None:
    assert choose(candidates, classes).warnings == (() if warning is None else (warning,))


def test_where_numbers_have_no_name_several_that_fit_are_an_error_that_names_all_and_why() -> None:
    others = [candidate("parts.pbtxt", PARTS), candidate("one.pbtxt", {5: "x"}), candidate("x.pbtxt", None)]
    with pytest.raises(LabelMapError) as caught:
        choose([*STOCK, *others], bare(1, 2))
    assert caught.value.text == (
        "in: label map: 'pet_label_map.pbtxt' and 'kitti_label_map.pbtxt' and 'parts.pbtxt' differ, expected one."
        " Choose with --label-map. Not taken: 'x.pbtxt': it cannot be read;"
        " 'one.pbtxt': it has 0 of 2 classes, not 1, 2"
    )


def test_label_maps_of_one_name_in_several_folders_are_told_apart_by_their_folders() -> None:
    maps = [candidate("train/a.pbtxt", {1: "x"}), candidate("val/a.pbtxt", {1: "y"})]
    with pytest.raises(LabelMapError, match=r"'in/train/a\.pbtxt' and 'in/val/a\.pbtxt' differ"):
        choose(maps, bare(1))


def test_where_numbers_have_no_name_and_nothing_can_be_read_the_error_says_why() -> None:
    with pytest.raises(LabelMapError, match="it is broken"):
        choose([candidate("a.pbtxt", None)], [BOLT, (2, None)])


def test_whether_classes_lack_names_is_known() -> None:
    assert choose([], bare(1)).lacks_names
    assert choose([], [BOLT, (7, "")]).lacks_names
    assert not choose([], [BOLT, (0, ""), (-1, None)]).lacks_names
    assert not choose([], []).lacks_names
    assert not choose([candidate("a.pbtxt", PARTS)], bare(1)).lacks_names


def test_names_from_files_do_not_reach_the_terminal_as_they_are() -> None:
    choice = choose([candidate("a\x1b[31m.pbtxt", PARTS)], [(1, "b\x07")])
    assert all(text.isprintable() for text in (*choice.warnings, *choice.passed_over.values()))


KEYS = st.lists(st.tuples(st.none() | st.integers(-1, 5), st.sampled_from([None, "", "a", "b", "c", "d"])))
MAPS = st.dictionaries(st.integers(1, 5), st.sampled_from("abcd"), min_size=1).filter(
    lambda names: len(set(names.values())) == len(names)
)


@settings(deadline=None)
@given(st.lists(st.tuples(MAPS, st.integers(0, 9)), max_size=4), KEYS)
def test_neither_order_nor_repetition_of_the_classes_matters(
    maps: list[tuple[dict[int, str], int]], classes: list[ClassKey]
) -> None:
    candidates = [candidate(f"{number}.pbtxt", names, rank) for number, (names, rank) in enumerate(maps)]

    def outcome(keys: list[ClassKey]) -> object:
        try:
            return choose(candidates, dict.fromkeys(keys)).files
        except LabelMapError as error:
            return str(error)[:20]

    assert outcome(classes) == outcome(classes[::-1] + classes)
