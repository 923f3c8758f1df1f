"""The fuzz targets hold for random bytes, for sound ones, and for sound ones with a change."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import detection, example, frame, jpeg, png, shard

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))
from targets import TARGETS

SOUND = {
    "framing": shard(detection("a.jpg", boxes=[(1, 2, 3, 4)], texts=["cat"])) + frame(b""),
    "compression": gzip.compress(frame(b"first") + frame(b"second"), mtime=0),
    "example": example(detection("a.jpg", boxes=[(1, 2, 3, 4)], labels=[1], texts=["cat"])),
    "label_map": b'item { id: 1 name: "cat" keypoints { id: 0 label: "nose" } } # comment\n',
    "image": jpeg() + png(),
}


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_sound_bytes_keep_the_promise(name: str) -> None:
    TARGETS[name](SOUND[name])


@pytest.mark.parametrize("name", sorted(TARGETS))
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_keep_the_promise(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(TARGETS))
@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 4000), put=st.binary(max_size=12), cut=st.integers(0, 12))
def test_changed_bytes_keep_the_promise(name: str, at: int, put: bytes, cut: int) -> None:
    sound = SOUND[name]
    at %= len(sound)
    TARGETS[name](sound[:at] + put + sound[at + cut :])
