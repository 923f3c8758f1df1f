"""What can be done with bytes can be done with a view of them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.images import buffer as views
from tfrecord_lite.images.buffer import ViewFile, last_index


@given(data=st.binary(max_size=60), wanted=st.binary(min_size=1, max_size=3), start=st.integers(0, 60))
@pytest.mark.parametrize("block", [1, 2, 7, 64])
def test_the_last_place_is_that_of_rfind(data: bytes, wanted: bytes, start: int, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "_BLOCK_SIZE", max(block, len(wanted)))
        assert last_index(memoryview(data), wanted, start) == data.rfind(wanted, start)
        assert last_index(data, wanted, start) == data.rfind(wanted, start)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 30)),
        st.tuples(st.just("seek"), st.integers(0, 80)),
        st.tuples(st.just("from here"), st.integers(0, 20)),
        st.tuples(st.just("from the end"), st.integers(-20, 0)),
    ),
    max_size=8,
)


@given(data=st.binary(min_size=20, max_size=60), steps=STEPS)
def test_a_view_is_read_as_a_file(data: bytes, steps: list[tuple[str, int]]) -> None:
    ours, theirs = ViewFile(memoryview(data)), io.BytesIO(data)
    for what, number in steps:
        if what == "read":
            assert ours.read(number) == theirs.read(number)
        else:
            whence = {"seek": 0, "from here": 1, "from the end": 2}[what]
            assert ours.seek(number, whence) == theirs.seek(number, whence)
        assert ours.tell() == theirs.tell()
