"""Arrays as tf.io.serialize_tensor writes them: read to the byte, or not taken for one."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tfrecords import delimited, number

from tfrecord_lite.example.tensors import parse_tensor

CODES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 9: "<i8", 10: "?", 17: "<u2", 19: "<f2", 22: "<u4"}


def tensor(code: int, shape: tuple[int, ...], content: bytes) -> bytes:
    """The message, field by field; a dimension of 0 is left out, as protobuf does with what is 0."""
    sizes = b"".join(delimited(2, number(1, size) if size else b"") for size in shape)
    return number(1, code) + delimited(2, sizes) + delimited(4, content)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (0, 4)], ids=str)
def test_numbers_of_every_type_and_shape_are_those_that_were_written(code: int, shape: tuple[int, ...]) -> None:
    array = (np.arange(np.prod(shape, dtype=int)) % 120).reshape(shape).astype(CODES[code])
    found = parse_tensor(tensor(code, shape, array.tobytes()))
    assert found is not None
    assert found.shape == shape
    assert found.values() == array.ravel().astype(int if code == 10 else array.dtype).tolist()


def test_texts_are_read() -> None:
    found = parse_tensor(
        number(1, 7) + delimited(2, delimited(2, number(1, 2))) + delimited(8, b"cat") + delimited(8, b"")
    )
    assert found is not None
    assert found.values() == [b"cat", b""]


def test_a_view_is_not_copied() -> None:
    found = parse_tensor(memoryview(tensor(4, (2, 3), bytes(6))))
    assert found is not None
    assert isinstance(found.data, memoryview)


WHOLE = tensor(1, (2, 4), bytes(32))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        WHOLE[:-1],
        WHOLE + b"\0",
        WHOLE + delimited(4, b""),
        tensor(1, (2, 4), bytes(31)),
        tensor(1, (2, 3), bytes(32)),
        tensor(20, (1,), bytes(4)),
        tensor(8, (1,), bytes(8)),
        number(1, 7) + delimited(2, delimited(2, number(1, 2))) + delimited(8, b"one"),
        number(1, 1) + delimited(2, delimited(3, b"")) + delimited(4, b""),
        number(1, 1) + number(3, 1) + delimited(4, bytes(4)),
        b"\x08\x01\x12",
        b"\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe0",
        b"cat",
        struct.pack("<4f", 1, 2, 3, 4),
    ],
)
def test_what_is_no_tensor_to_the_byte_is_none(data: bytes) -> None:
    assert parse_tensor(data) is None


@given(st.binary(max_size=64), st.integers(0, 40))
def test_any_bytes_are_a_tensor_or_none(tail: bytes, kept: int) -> None:
    for data in (tail, WHOLE[:kept] + tail):
        found = parse_tensor(data)
        if found is not None:
            assert len(found.values()) == np.prod(found.shape, dtype=int)
