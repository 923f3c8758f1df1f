"""A spool gives back what was put into it, and leaves no file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfrecord_lite.coco.draft.spool import Spool, pack, unpack

FRAMES = st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=9), st.binary(max_size=9)), max_size=9)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=FRAMES)
def test_frames_come_back_in_order_as_often_as_they_are_asked_for(
    frames: list[tuple[int, bytes, bytes]], tmp_path: Path
) -> None:
    spool = Spool(str(tmp_path / "spool"), 2)
    for frame in frames:
        spool.write(*frame)
    assert [tuple(frame) for frame in spool] == frames
    assert [tuple(frame) for frame in spool] == frames
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_spool_can_be_kept_for_another_reader(tmp_path: Path) -> None:
    path = str(tmp_path / "spool")
    written = Spool(path, 1)
    written.write(7, b"x" * 3_000_000)
    written.close(keep=True)
    read = Spool(path, 1, reading=True)
    assert list(read) == [[7, b"x" * 3_000_000]]
    read.close()
    read.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        Spool(str(tmp_path / "mine"), 1)
    assert (tmp_path / "mine").read_bytes() == b"mine"


@given(fields=st.lists(st.binary(max_size=20), max_size=8))
def test_what_is_packed_can_be_unpacked(fields: list[bytes]) -> None:
    assert unpack(pack(*fields), len(fields)) == fields
