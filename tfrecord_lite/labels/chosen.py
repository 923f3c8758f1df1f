"""The label map of a call: the one that was given, or those that lie beside the inputs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from tfrecord_lite.labels.discover import find_label_maps, find_panoptic_label_map
from tfrecord_lite.labels.model import LabelMap, label_map_from_mapping, merge_label_maps

LabelMapSource = str | os.PathLike[str] | Mapping[int, str] | Sequence[str]


def choose_label_map(given: LabelMapSource | None, record_files: Iterable[str]) -> LabelMap | None:
    """The label map that was given, or what those beside the inputs say together; None where there is none.

    Raises:
        LabelMapError: it cannot be read, or two of them disagree.
    """
    if given is not None and not isinstance(given, str | os.PathLike):
        return label_map_from_mapping(given)
    paths = _chosen_files(given, record_files)
    return merge_label_maps([_read(path) for path in paths]) if paths else None


def choose_panoptic_label_map(record_files: Iterable[str]) -> LabelMap | None:
    """The names of panoptic classes, where they have a file of their own beside the inputs."""
    path = find_panoptic_label_map(record_files)
    return None if path is None else _read(path)


def label_files(given: LabelMapSource | None, record_files: Sequence[str]) -> list[str]:
    """The paths of all files that are read for that."""
    panoptic = find_panoptic_label_map(record_files)
    return [*_chosen_files(given, record_files), *([] if panoptic is None else [panoptic])]


def _chosen_files(given: LabelMapSource | None, record_files: Iterable[str]) -> list[str]:
    """The label map file that was given, or those beside the inputs."""
    if given is None:
        return find_label_maps(record_files)
    return [os.fspath(given)] if isinstance(given, str | os.PathLike) else []


def _read(path: str | os.PathLike[str]) -> LabelMap:
    from tfrecord_lite.labels.load import read_label_map  # noqa: PLC0415 - costs as much as all else, for some runs

    return read_label_map(path)
