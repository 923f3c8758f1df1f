"""Summaries of parts: whatever the parts are, they merge into the summary of the whole."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.coco.draft.part_summary import Distinct, FileSummary, ObjectClass, ObjectClasses, PartSummary
from tfrecord_lite.errors import ChecksumError, FeatureError, LayoutError, Location
from tfrecord_lite.sample import RECOVERED, Finding

Met = tuple[int, str, str]  # class, code of a finding, unmapped key
MET = st.tuples(st.integers(0, 4), st.sampled_from(["a", "b", RECOVERED]), st.sampled_from(["k", "l", "m"]))


def summary(records: Sequence[Met], first: int = 0) -> PartSummary:
    """What these records come to, of which the first has this number."""
    part = PartSummary()
    for number, (label, code, key) in enumerate(records, first):
        where = Location("x", number, 100 * number)
        part.classes.note_objects([ObjectClass(label, None), ObjectClass(9, "z")], where, None, "class")
        part.stuff.note([label], where)
        part.add_findings([Finding(code, where, f"text {number}")])
        part.add_unmapped([key])
        part.add_problem(FeatureError(where, "key", "is wrong"))
        part.dropped_objects += 1
    part.add_file(FileSummary("x", len(records), "schema"))
    return part


@settings(deadline=None)
@given(records=st.lists(MET, max_size=30), cuts=st.lists(st.integers(0, 30), max_size=4))
def test_parts_merge_into_the_whole_wherever_the_input_is_cut(records: list[Met], cuts: list[int]) -> None:
    whole = PartSummary()
    bounds = [0, *sorted(min(cut, len(records)) for cut in cuts), len(records)]
    for begin, end in pairwise(bounds):
        part = pickle.loads(pickle.dumps(summary(records[begin:end], begin)))  # as it comes from a worker
        tables = whole.add_part(part)
        assert [list(whole.classes)[index] for index in tables.classes] == list(part.classes)
        assert [list(whole.stuff)[index] for index in tables.stuff] == list(part.stuff)
    expected = summary(records)
    for name in ("classes", "stuff", "segments"):
        table, other = getattr(whole, name), getattr(expected, name)
        assert list(table.used()) == list(other.used()), name
        assert table == other, name
    assert list(map(str, whole.problems)) == list(map(str, expected.problems))
    whole.problems = expected.problems = []  # errors are equal only if they are the same
    assert repr(whole) == repr(expected)


def test_classes_are_met_by_plain_tuples_and_are_what_they_are() -> None:
    table = ObjectClasses()
    indexes = table.note(zip([1, 1, None], [None, None, "cat"], [None, 2, None], [(), ("a", "b"), ()]), Location("x"))  # type: ignore[arg-type]  # noqa: B905
    assert list(indexes) == [0, 1, 2]
    assert list(table) == [ObjectClass(1, None), ObjectClass(1, None, 2, ("a", "b")), ObjectClass(None, "cat")]
    assert all(type(each) is ObjectClass for each in table)


def test_what_is_left_out_altogether_is_not_met() -> None:
    table: Distinct[str] = Distinct()
    first = table.note(["a", "b"], Location("x", 1, 2))
    table.note(["b", "c"], Location("x", 2, 9))
    table.discount(first)
    assert list(table.used()) == [("b", 1, Location("x", 1, 2)), ("c", 1, Location("x", 2, 9))]


def test_the_records_of_a_file_add_up_over_its_parts() -> None:
    whole = PartSummary()
    for files in ([FileSummary("a", 3), FileSummary("b", 1)], [FileSummary("b", 2)], [FileSummary("b", 4, "s")]):
        part = PartSummary()
        for file in files:
            part.add_file(file)
        whole.add_part(part)
    assert whole.files == [FileSummary("a", 3), FileSummary("b", 7, "s")]
    assert whole.records == 10


def test_only_some_problems_last_whatever_is_skipped() -> None:
    tally = PartSummary()
    where = Location("x", 1, 2)
    tally.add_problem(FeatureError(where, "key", "dropped"))
    tally.add_problem(ChecksumError(where, "of a record", contained=True))
    tally.add_problem(ChecksumError(where, "of a length"))
    tally.add_problem(LayoutError(where, "no schema"))
    assert tally.problem_count == 4
    assert [problem.problem for problem in tally.lasting] == ["of a length", "no schema"]


@pytest.mark.parametrize("cut", [1, 7, 500, 1200])
def test_the_keys_that_are_listed_do_not_depend_on_the_parts(cut: int) -> None:
    keys = [f"key {number * 7919 % 1500:04d}" for number in range(1500)] * 2
    whole, merged, second = PartSummary(), PartSummary(), PartSummary()
    whole.add_unmapped(keys)
    merged.add_unmapped(keys[:cut])
    second.add_unmapped(keys[cut:])
    merged.merge(second)
    assert merged.unmapped_keys == whole.unmapped_keys == {f"key {number:04d}": 2 for number in range(1000)}
    assert merged.more_unmapped_keys == whole.more_unmapped_keys == 1000
