"""Run lengths as strings: pycocotools' own, character by character, both ways."""

from __future__ import annotations

import pytest
from drawn_masks import counted, drawn, encoded, mask_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as pycoco  # type: ignore[import-untyped]

from tfrecord_lite.masks import rle
from tfrecord_lite.masks.mask import Mask

LONGEST = 2**32 - 1

# From the definition in the module's docstring, bit by bit on paper.
VECTORS = [
    ([], ""),
    ([0], "0"),
    ([15], "?"),  # the largest number of one character: 01111
    ([16], "`0"),  # 16 in one character would be negative: 10000, then 00000
    ([31], "o0"),
    ([32], "P1"),
    ([6, 1, 40, 4, 5, 4, 5, 4, 21], "61X13mN000`0"),
    ([0, 16, 0, 0, 0], "0`00@0"),  # the fourth is 0 - 16: 10000
    ([0, 17, 0, 0, 0], "0a00_O0"),  # the fourth is 0 - 17: 01111, then 11111
    ([2**31], "PPPPPP2"),
    ([LONGEST], "oooooo3"),
]


def as_pycoco_reads(text: str, height: int, width: int) -> list[list[int]]:
    return pycoco.decode({"size": [height, width], "counts": text.encode()}).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("counts", "text"), VECTORS)
def test_the_string_is_what_the_definition_says(counts: list[int], text: str) -> None:
    assert rle.compress(counts) == text
    assert rle.decompress(text) == counts


def test_thousands_of_masks_have_the_strings_of_pycocotools() -> None:
    for seed in range(2000):
        pixels = drawn(seed)
        counts = counted(pixels)
        text = encoded(pixels)["counts"].decode()
        assert rle.compress(counts) == text, seed
        assert rle.decompress(text) == counts, seed


@given(st.lists(st.integers(0, 40) | st.integers(0, 2**31) | st.integers(0, LONGEST), min_size=1))
@settings(deadline=None, max_examples=500)
def test_any_runs_come_back_from_their_string(counts: list[int]) -> None:
    assert rle.decompress(rle.compress(counts)) == counts


@given(st.lists(st.integers(0, 40) | st.integers(0, 2**31), min_size=1))
@settings(deadline=None, max_examples=500)
def test_any_runs_have_the_string_of_pycocotools(counts: list[int]) -> None:
    counts += [0] * (len(counts) + 4)  # pycocotools' buffer has six characters a run, and it writes past the end
    reference = pycoco.frPyObjects({"size": [1, 1], "counts": counts}, 1, 1)
    assert rle.compress(counts) == reference["counts"].decode()


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30))
@settings(deadline=None)
def test_pycocotools_reads_the_string_as_the_same_pixels(counts: list[int]) -> None:
    pixels = [value for number, count in enumerate(counts) for value in [number % 2] * count]
    assert as_pycoco_reads(rle.compress(counts), 1, len(pixels)) == [pixels]


@pytest.mark.parametrize("run", [LONGEST + 1, 2**40, 2**63])
@pytest.mark.parametrize("before", [[], [1], [1, 2, 3]])
def test_a_run_beyond_32_bits_has_no_string(run: int, before: list[int]) -> None:
    with pytest.raises(ValueError) as caught:
        rle.compress([*before, run])
    assert str(caught.value) == f"a run of {run} pixels, expected 0 to 4294967295"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("61/", "character 2 is '/', expected one of '0' to 'o'"),
        ("61p", "character 2 is 'p', expected one of '0' to 'o'"),
        ("6 1", "character 1 is ' ', expected one of '0' to 'o'"),
        ("6\n", "character 1 is '\\n', expected one of '0' to 'o'"),
        ("6\u202e1", "character 1 is '\\u202e', expected one of '0' to 'o'"),
        ("6١", "character 1 is '\\u0661', expected one of '0' to 'o'"),
        ("P", "ends inside a number at character 1, expected one of '0' to 'O' there"),
        ("61X", "ends inside a number at character 3, expected one of '0' to 'O' there"),
        ("61XPPPPPPP0", "the number at character 2 has 9 characters, expected at most 7"),
        ("P" * 1000 + "0", "the number at character 0 has 1001 characters, expected at most 7"),
        ("6O", "the number at character 1 makes a run of -1 pixels, expected 0 to 4294967295"),
        ("6123iO", "the number at character 4 makes a run of -5 pixels, expected 0 to 4294967295"),
        ("61X13gN", "the number at character 5 makes a run of -1 pixels, expected 0 to 4294967295"),
        ("ooooooO", "the number at character 0 makes a run of -1 pixels, expected 0 to 4294967295"),
        ("PPPPPP4", "the number at character 0 makes a run of 4294967296 pixels, expected 0 to 4294967295"),
        ("0oooooo31011", "the number at character 11 makes a run of 4294967296 pixels, expected 0 to 4294967295"),
    ],
)
def test_a_bad_string_is_an_error_that_says_where(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        rle.decompress(text)
    assert str(caught.value) == problem


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120)) | st.text())
@settings(deadline=None, max_examples=500)
def test_any_string_is_runs_or_an_error(text: str) -> None:
    try:
        counts = rle.decompress(text)
    except ValueError:
        return
    assert all(0 <= count <= LONGEST for count in counts)


def test_area_and_box_equal_those_of_pycocotools() -> None:
    for seed in range(2000):
        pixels = drawn(seed)
        mask, reference = mask_of(pixels), encoded(pixels)
        assert mask.area == pycoco.area(reference), seed
        assert list(mask.bbox) == pycoco.toBbox(reference).tolist(), seed


@pytest.mark.parametrize(
    ("counts", "box"),
    [
        ([], (0, 0, 0, 0)),
        ([0], (0, 0, 0, 0)),
        ([12], (0, 0, 0, 0)),
        ([12, 0], (0, 0, 0, 0)),
        ([5, 0, 7], (0, 0, 0, 0)),
        ([0, 12], (0, 0, 3, 4)),
        ([0, 0, 0, 5, 7], (0, 0, 2, 4)),
        ([5, 2, 0, 1, 4], (1, 1, 1, 3)),
        ([5, 1, 0, 0, 0, 1, 5], (1, 1, 1, 2)),
        ([5, 0, 1, 1, 5], (1, 2, 1, 1)),
        ([5, 1, 3, 0, 3], (1, 1, 1, 1)),
    ],
)
def test_runs_without_length_move_no_box(counts: list[int], box: tuple[int, int, int, int]) -> None:
    assert Mask(4, sum(counts) // 4, rle.without_zeros(counts)).bbox == box
