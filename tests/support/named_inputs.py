"""Inputs as a user names them: empty files, and how they are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tfrecord_lite.errors import InputError
from tfrecord_lite.inputs.discover import Sources, find_sources


def touch(*names: str) -> None:
    for name in names:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        Path(name).touch()


def paths(found: Sources) -> list[str]:
    return [shard.path.replace(os.sep, "/") for shard in found.shards]


def shards(base: str, count: int, *, without: tuple[int, ...] = (), end: str = "") -> list[str]:
    return [f"{base}-{index:05d}-of-{count:05d}{end}" for index in range(count) if index not in without]


def refusal(*inputs: str) -> str:
    with pytest.raises(InputError) as caught:
        find_sources(inputs)
    return str(caught.value)
