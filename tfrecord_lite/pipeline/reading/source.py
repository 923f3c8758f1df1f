"""What a user names -> the files of each split, with the label maps that belong to them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from tfrecord_lite.errors import UsageError, quoted
from tfrecord_lite.inputs.discover import Shard, find_sources, paths_read
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.labels.choose import LabelMaps, LabelMapSource, open_label_maps
from tfrecord_lite.tfrecord.records import Paths, as_list


class Source(NamedTuple):
    """The input of a conversion.

    shards: all files, in order. splits: those of each split, in the order of their first file.
    unnamed: splits named after their files, since no word such as ``train`` names them.
    label_maps: those that can be used.
    paths: everything that is read. root: the folder that all files are in; empty where there is none.
    warnings: about the input as a whole.
    """

    shards: Sequence[Shard]
    splits: dict[str, list[Shard]]
    label_maps: LabelMaps
    paths: tuple[str, ...]
    root: str
    warnings: tuple[str, ...]
    unnamed: tuple[str, ...] = ()


def open_source(
    inputs: Paths, label_map: LabelMapSource | None, *, split: str | None, allow_missing_shards: bool
) -> Source:
    """Finds the files of an input, and reads their label maps.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        label_map: as the user gives it; None to look for one beside the input.
        split: the one that everything belongs to; None to go by the file names.
        allow_missing_shards: accept sets of shards with gaps.

    Raises:
        InputError: an input is missing. LabelMapError: a label map cannot be read.
        UsageError: the split cannot be part of a file name.
    """
    if split is not None and split != portable_split(split):
        raise UsageError(f"the split {quoted(split)} cannot be part of a file name: use letters, digits, -, _ and .")
    sources = find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards)
    records = [shard.path for shard in sources.shards if shard.path != STDIN]
    label_maps = open_label_maps(label_map, records)
    splits = _group_by_split(sources.shards, split)
    nameless = [name for name, shards in splits.items() if split is None and all(each.split is None for each in shards)]
    return Source(
        sources.shards,
        splits,
        label_maps,
        (*paths_read(sources.shards), *label_maps.paths),
        _common_folder(records),
        sources.warnings,
        tuple(nameless),
    )


def _group_by_split(shards: Sequence[Shard], only: str | None) -> dict[str, list[Shard]]:
    """The files of each split."""
    unknown = {shard.stem for shard in shards if shard.split is None}
    rest = unknown.pop() if len(unknown) == 1 else "all"
    groups: dict[str, list[Shard]] = {}
    for shard in shards:
        name = only or portable_split(shard.split or rest)
        groups.setdefault(name, []).append(shard)
    return groups


def portable_split(name: str) -> str:
    """A split name that can be part of a file name."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".") or "all"


def _common_folder(paths: Sequence[str]) -> str:
    """The folder that all files are in: a report names them from there, wherever the dataset is."""
    if any(map(is_url, paths)):
        return ""
    try:
        return os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
    except ValueError:  # standard input only, or different drives
        return ""
