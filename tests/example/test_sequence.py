"""SequenceExamples as the frames of a video: which values each frame gets, and which frames there are."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import delimited, example, floats, ints, no_kind, sequence_example, texts

from tfrecord_lite.errors import ExampleError, Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import FRAME_INDEX, parse_record
from tfrecord_lite.sample import Finding

WHERE = Location("video.tfrecord", 2, 512)


def frames(payload: bytes) -> list[Example]:
    """The frames, without what is said of those that are left out."""
    return [event for event in parse_record(payload, WHERE) if isinstance(event, Example)]


def test_an_example_is_one_frame_as_it_is() -> None:
    (only,) = frames(example({"image/encoded": texts(b"x"), "image/width": ints(5)}))
    assert set(only) == {"image/encoded", "image/width"}
    assert only.ints("image/width") == [5]
    assert only.where == WHERE


def test_each_frame_has_its_own_values_and_those_of_the_whole() -> None:
    lists = {"image/encoded": [texts(b"one"), texts(b"two")], "region/bbox/xmin": [floats(0.25, 0.5), floats(0.75)]}
    first, second = frames(sequence_example({"image/width": ints(64), "clip/media_id": texts("v")}, lists))
    assert [each.blobs("image/encoded") for each in (first, second)] == [[b"one"], [b"two"]]
    assert [list(each.floats("region/bbox/xmin")) for each in (first, second)] == [[0.25, 0.5], [0.75]]
    assert [each.ints("image/width") for each in (first, second)] == [[64], [64]]
    assert [each.blobs("clip/media_id") for each in (first, second)] == [[b"v"], [b"v"]]
    assert [each.ints(FRAME_INDEX) for each in (first, second)] == [[0], [1]]
    assert [each.where for each in (first, second)] == [WHERE, WHERE]


def test_what_a_frame_says_beats_what_is_said_of_the_whole() -> None:
    payload = sequence_example({"image/source_id": texts("whole")}, {"image/source_id": [texts("frame"), no_kind()]})
    first, second = frames(payload)
    assert first.blobs("image/source_id") == [b"frame"]
    assert second.blobs("image/source_id") in ([], [b"whole"])


def test_a_frame_of_no_kind_has_no_values() -> None:
    first, second = frames(sequence_example({}, {"region/bbox/xmin": [no_kind(), floats(0.5)]}))
    assert (first.count("region/bbox/xmin"), second.count("region/bbox/xmin")) == (0, 1)


def test_lists_that_end_early_say_nothing_of_the_later_frames() -> None:
    lists = {"image/encoded": [texts(b"a"), texts(b"b"), texts(b"c")], "region/label/index": [ints(1)]}
    counts = [each.count("region/label/index") for each in frames(sequence_example({}, lists))]
    assert counts == [1, 0, 0]


def test_frames_that_are_marked_as_not_annotated_are_left_out_and_keep_the_numbers_of_the_others() -> None:
    lists = {"region/is_annotated": [ints(0), ints(1), ints(0), no_kind(), ints()]}
    payload = sequence_example({}, lists)
    assert [each.ints(FRAME_INDEX) for each in frames(payload)] == [[1], [3], [4]]
    findings = [event for event in parse_record(payload, WHERE) if isinstance(event, Finding)]
    assert [(each.code, each.where) for each in findings] == [("frame-not-annotated", WHERE)] * 2
    assert ["frame 0" in findings[0].text, "frame 2" in findings[1].text] == [True, True]


@pytest.mark.parametrize("lists", [{}, {"image/encoded": []}])
def test_a_video_without_any_frame_is_refused(lists: dict[str, list[bytes]]) -> None:
    with pytest.raises(ExampleError, match="without any frame"):
        frames(sequence_example({"image/encoded": texts(b"x")}, lists))


def test_a_source_id_in_single_characters_is_put_together() -> None:
    """seq_example_util.py with use_strs_for_source_id=False."""
    lists = {"image/source_id": [texts(*"v1_0"), texts("v1_1"), texts("x")]}
    ids = [each.blobs("image/source_id") for each in frames(sequence_example({}, lists))]
    assert ids == [[b"v1_0"], [b"v1_1"], [b"x"]]


@pytest.mark.parametrize("first", ["context", "lists"])
def test_the_order_of_context_and_lists_does_not_matter(first: str) -> None:
    """Protobuf promises no order of fields."""
    context = example({"image/width": ints(64)})
    lists = sequence_example({}, {"image/timestamp": [ints(7)]}).removeprefix(delimited(1, b""))
    (frame,) = frames(context + lists if first == "context" else lists + context)
    assert (frame.ints("image/width"), frame.ints("image/timestamp")) == ([64], [7])


@pytest.mark.parametrize("payload", [b"", b"\xff" * 20, example({"a": ints(1)})[:-1], b"PK\x03\x04"])
def test_what_is_neither_is_refused(payload: bytes) -> None:
    with pytest.raises(ExampleError) as caught:
        frames(payload)
    assert caught.value.where == WHERE


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_refused(payload: bytes) -> None:
    with suppress(ExampleError):
        assert all(frame.where == WHERE for frame in frames(payload))


FEATURE = st.one_of(
    st.just(no_kind()), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3).map(lambda values: ints(*values))
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abcd"), st.lists(FEATURE, max_size=4)))
def test_there_are_as_many_frames_as_the_longest_list_has(lists: dict[str, list[bytes]]) -> None:
    lists["a"] = [*lists.get("a", []), ints(1)]
    if not any(lists.values()):
        with pytest.raises(ExampleError, match="without any frame"):
            frames(sequence_example({"whole": ints(1)}, lists))
        return
    found = frames(sequence_example({"whole": ints(1)}, lists))
    assert len(found) == max(map(len, lists.values()))
    assert [each.ints(FRAME_INDEX) for each in found] == [[index] for index in range(len(found))]
    assert all(each.ints("whole") == [1] for each in found)
