"""Run lengths as COCO writes them: the compressed string and back.

A compressed run length is a number in groups of five bits, lowest first, one character a group:

    character = 48 + bits + 32 where another group follows           '0'..'O' ends a number, 'P'..'o' does not

The highest of the bits (16) in the last group is the sign. From the fourth run on the number is the difference to the
last run of the same kind, two before, so that the columns of an object mostly take one character a run.

    [6, 1, 40, 4, 5, 4, 5, 4, 21]  ->  '61X13mN000`0'          6, 1, 40 = 8 + 32 * 1, 4 - 1, 5 - 40, 4 - 4, ...

Source: pycocotools common/maskApi.c, ``rleToString`` and ``rleFrString``; strings are identical with theirs. Runs are
32-bit numbers there, so that no number needs more than seven characters. (Its own buffer has room for six a run.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, chain, groupby
from operator import sub

from tfrecord_lite.budgets import MASK_RUNS, check

_LONGEST_RUN = 2**32 - 1
_MOST_CHARACTERS = 7  # 35 bits: a difference of 32-bit numbers and its sign
_MOST_CACHED = 1 << 13  # numbers beyond this are too rare to keep
_NUMBER = re.compile("[P-o]*[0-O]")
_GOING_ON = bytes(range(ord("P"), ord("o") + 1))  # characters that end no number
_NO_CHARACTER = re.compile("[^0-o]")


class _Encoder(dict[int, str]):
    """Number -> its characters, which a mask asks for again and again."""

    def __missing__(self, number: int) -> str:
        rest, characters = number, ""
        while True:
            bits, rest = rest & 31, rest >> 5
            if rest == (-1 if bits & 16 else 0):  # what is left is nothing but the sign
                break
            characters += chr(48 + 32 + bits)
        characters += chr(48 + bits)
        if -_MOST_CACHED < number < _MOST_CACHED:
            self[number] = characters
        return characters


class _Decoder(dict[str, int]):
    """The characters of one number -> the number."""

    def __missing__(self, characters: str) -> int:
        number = 0
        for character in reversed(characters):
            number = number << 5 | (ord(character) - 48) & 31
        if ord(characters[-1]) - 48 & 16:
            number -= 1 << 5 * len(characters)
        if -_MOST_CACHED < number < _MOST_CACHED and len(characters) <= _MOST_CHARACTERS:
            self[characters] = number
        return number


_ENCODED = _Encoder()
_DECODED = _Decoder()


def compress(counts: Sequence[int]) -> str:
    """Run lengths, in pixels, as the string that COCO files hold. ValueError: a run is longer than 2**32 - 1."""
    if sum(counts) > _LONGEST_RUN and (longest := max(counts)) > _LONGEST_RUN:  # the sum is cheaper
        raise ValueError(f"a run of {longest} pixels, expected 0 to {_LONGEST_RUN}")
    return "".join(map(_ENCODED.__getitem__, chain(counts[:3], map(sub, counts[3:], counts[1:]))))


def decompress(text: str) -> list[int]:
    """The run lengths that a compressed string holds, in pixels.

    Raises:
        ValueError: the string holds none; the message says at which of its characters (from 0), and why. Or it holds
            more than the masks of a record may have.
    """
    if len(text) > MASK_RUNS:
        check("the mask", count_runs(text.encode("ascii", "replace")), MASK_RUNS, "runs")
    if other := _NO_CHARACTER.search(text):
        raise ValueError(f"character {other.start()} is {other.group()!a}, expected one of '0' to 'o'")
    if text and text[-1] >= "P":
        raise ValueError(f"ends inside a number at character {len(text)}, expected one of '0' to 'O' there")
    numbers = _NUMBER.findall(text)
    if max(map(len, numbers), default=0) > _MOST_CHARACTERS:
        index, length = next((i, len(n)) for i, n in enumerate(numbers) if len(n) > _MOST_CHARACTERS)
        start = _start(numbers, index)
        raise ValueError(
            f"the number at character {start} has {length} characters, expected at most {_MOST_CHARACTERS}"
        )
    values = list(map(_DECODED.__getitem__, numbers))
    counts = values[:]
    counts[1::2] = accumulate(values[1::2])
    counts[2::2] = accumulate(values[2::2])
    if counts and not (min(counts) >= 0 and max(counts) <= _LONGEST_RUN):
        index, run = next((i, run) for i, run in enumerate(counts) if not 0 <= run <= _LONGEST_RUN)
        start = _start(numbers, index)
        raise ValueError(f"the number at character {start} makes a run of {run} pixels, expected 0 to {_LONGEST_RUN}")
    return counts


def count_runs(text: bytes) -> int:
    """How many run lengths a compressed string holds, if it holds any, without reading them."""
    return len(text.translate(None, _GOING_ON))


def without_zeros(counts: Sequence[int]) -> list[int]:
    """The same runs as a Mask has them: neighbours of one kind are one, background is first, no other is 0."""
    if 0 not in counts[1:]:
        return list(counts)
    runs = ((number % 2, count) for number, count in enumerate(counts) if count)
    joined = [(kind, sum(count for _, count in group)) for kind, group in groupby(runs, key=lambda run: run[0])]
    return [0] * (bool(joined) and joined[0][0]) + [count for _, count in joined]


def _start(numbers: Sequence[str], index: int) -> int:
    """At which character of the string a number starts."""
    return sum(map(len, numbers[:index]))
