"""Which images are wanted: by the image alone, so that neither order nor division of the input matters."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.errors import Location
from tfrecord_lite.output.seen import Seen
from tfrecord_lite.pipeline.reading.selection import FirstImages, Picker, Smallest, wrong_shares
from tfrecord_lite.sample import Finding, Image, Objects, Sample

HALVES = (("a", 0.5), ("b", 0.5))


def sample(data: bytes | None = b"x", name: str = "", source_id: str | None = None, **more: Any) -> Sample:
    fingerprint = more.pop("fingerprint", b"record")
    return Sample(Location("f", 0, 0), fingerprint, Image(data, "jpeg", 1, 1, name, source_id), Objects(), **more)


def keys(*samples: Sample, merge: bool = False) -> list[int]:
    """The first of the samples that each has its key from."""
    found = [Picker(merge=merge).key(each) for each in samples]
    return [found.index(key) for key in found]


RAW = (Finding("image-raw", Location("f"), ""),)


@pytest.mark.parametrize(
    ("samples", "merge", "expected"),
    [
        ((sample(b"x", "a"), sample(b"x", "b", "1"), sample(b"y", "a")), False, [0, 0, 2]),  # the bytes count
        ((sample(b"x", "", "1"), sample(b"x", "", "2"), sample(b"x", "a", "1")), True, [0, 1, 0]),
        ((sample(None, "a"), sample(None, "b"), sample(None, "a"), sample(None, "a", "1")), False, [0, 1, 0, 3]),
        ((sample(None, fingerprint=b"1"), sample(None, fingerprint=b"2")), False, [0, 1]),
        ((sample(b"x", "a", findings=RAW), sample(b"y", "a", findings=RAW)), False, [0, 0]),  # the PNG made of pixels
        ((sample(b"x", source_id="1", merged=True), sample(b"y", source_id="1", merged=True)), False, [0, 0]),
    ],
)
def test_an_image_is_known_by_what_stays(samples: tuple[Sample, ...], merge: bool, expected: list[int]) -> None:
    assert keys(*samples, merge=merge) == expected


def test_shares_are_kept_and_have_nothing_to_do_with_samples() -> None:
    picker = Picker(shares=(("train", 0.7), ("val", 0.2), ("test", 0.1)))
    all_keys = [picker.key(sample(b"%d" % number)) for number in range(2000)]
    counts = Counter(picker.split(key, "x") for key in all_keys)
    for (name, share), spread in zip(picker.shares, (0.05, 0.05, 0.04), strict=True):
        assert abs(counts[name] / 2000 - share) < spread
    small = sorted(all_keys, key=picker.rank)[:400]
    assert abs(Counter(picker.split(key, "x") for key in small)["train"] / 400 - 0.7) < 0.1
    other = Picker(seed=1, shares=picker.shares)
    assert sum(other.split(key, "x") != picker.split(key, "x") for key in all_keys) > 500


def test_a_larger_share_takes_images_and_gives_none_away() -> None:
    before, after = (Picker(shares=(("train", share), ("val", 1 - share))) for share in (0.5, 0.75))
    for number in range(200):
        key = before.key(sample(b"%d" % number))
        assert before.split(key, "x") == "val" or after.split(key, "x") == "train"


def test_what_is_decided_stays_decided_in_later_versions() -> None:
    picker = Picker(seed=3, shares=HALVES)
    found = [picker.key(sample(b"%d" % number)) for number in range(8)]
    assert "".join(picker.split(key, "") for key in found) == "aabaabab"
    assert sorted(range(8), key=lambda number: picker.rank(found[number])) == [4, 7, 0, 1, 5, 6, 3, 2]


@pytest.mark.parametrize(
    ("shares", "wrong"),
    [
        ((("train", 0.8), ("val", 0.2)), ""),
        ((("a", 0.1), ("b", 0.2), ("c", 0.7)), ""),  # which floats do not make 1 exactly
        ((("a", 1 / 3), ("b", 1 / 3), ("c", 1 / 3)), ""),
        ((("train", 0.8), ("val", 0.3)), "0.8 + 0.3 make 1.1, expected 1"),
        ((("train", 80.0), ("val", 20.0)), "80 + 20 make 100, expected 1"),
        ((("train", 0.5), ("Train", 0.5)), "the split Train comes twice"),
    ],
)
def test_shares_make_one(shares: tuple[tuple[str, float], ...], wrong: str) -> None:
    assert wrong_shares(shares) == wrong


RANKS = st.lists(st.integers(0, 20), max_size=30)


@settings(deadline=None)
@given(ranks=RANKS, most=st.integers(1, 8), cuts=st.lists(st.integers(0, 30), max_size=3), once=st.booleans())
def test_the_smallest_are_the_same_however_the_ranks_are_divided(
    ranks: list[int], most: int, cuts: list[int], once: bool
) -> None:
    whole = Smallest(most)
    places = [0, *sorted(cuts), len(ranks)]
    for begin, end in itertools.pairwise(places):
        part = Smallest(most, whole.bound)
        for rank in ranks[begin:end]:
            part.offer(rank, once=once)
        for rank, again in part.ordered():
            whole.offer(rank, once=again)
    expected = sorted(set(ranks) if once else ranks)[:most]
    assert [rank for rank, _ in whole.ordered()] == expected
    assert whole.bound == (expected[-1] if len(expected) == most else None)


def test_images_of_several_records_are_taken_with_all_of_them() -> None:
    ids = [random.Random(0).randrange(9) for _ in range(60)]
    with Seen() as seen:
        takes = FirstImages(3, Picker(), seen)
        taken = [number for number in ids if takes(sample(source_id=str(number), merged=True))]
        assert not takes.done
    first = list(dict.fromkeys(ids))[:3]
    assert taken == [number for number in ids if number in first]


def test_no_more_than_the_first_are_asked_for() -> None:
    with Seen() as seen:
        takes = FirstImages(2, Picker(), seen)
        assert [takes(sample()) and takes.done for _ in range(3)] == [False, True, False]
