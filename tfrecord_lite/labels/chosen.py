"""The label maps of a call: the one that was given, or those that lie beside the inputs."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import InputError, printable
from tfrecord_lite.labels.choose import Choice, ClassKey, choose
from tfrecord_lite.labels.discover import Candidate, find_hint, find_label_maps, find_panoptic_label_map
from tfrecord_lite.labels.model import LabelMap, label_map_from_mapping

LabelMapSource = str | os.PathLike[str] | Mapping[int, str] | Sequence[str]

NO_LABEL_MAP = "none"
"""Instead of a file: no label map is used, even if one lies beside the inputs."""


class LabelMaps(NamedTuple):
    """The label maps that a call can use.

    given: the one that the user named. candidates: those beside the inputs, where none was named.
    panoptic: of panoptic segments, where they have a file of their own beside the inputs.
    paths: of all files that were read.
    """

    given: LabelMap | None = None
    candidates: tuple[Candidate, ...] = ()
    panoptic: LabelMap | None = None
    paths: tuple[str, ...] = ()

    def choose(self, classes: Iterable[ClassKey]) -> Choice:
        """The label map for these classes of objects.

        Raises:
            LabelMapError: it is open which of the candidates it is, and one is needed.
        """
        if self.given is not None:
            return Choice(self.given, (self.given.source,), pixels=self.given)
        return choose(self.candidates, classes)


def open_label_maps(given: LabelMapSource | None, record_files: Sequence[str]) -> LabelMaps:
    """Reads the label map that was given, else those that lie beside the inputs.

    Args:
        given: a file, ``{1: "cat"}`` or names; ``none`` for none at all; None to look beside the inputs.
        record_files: paths.

    Raises:
        InputError: there is no such file. LabelMapError: the one that was given cannot be read as a label map.
        OSError: it cannot be read.
    """
    if given == NO_LABEL_MAP:
        return LabelMaps()
    path = find_panoptic_label_map(record_files)
    panoptic = None if path is None else _read(path)
    paths: tuple[str, ...] = () if path is None else (path,)
    if isinstance(given, str | os.PathLike):
        try:
            chosen = _read(given)
        except FileNotFoundError:
            problem = "no such file; --label-map names one, and --label-map=none uses none"
            raise InputError(os.fspath(given), problem) from None
        return LabelMaps(chosen, panoptic=panoptic, paths=(os.fspath(given), *paths))
    if given is not None:
        return LabelMaps(label_map_from_mapping(given), panoptic=panoptic, paths=paths)
    candidates = tuple(find_label_maps(record_files))
    paths += tuple(path for each in candidates for path in each.paths)
    return LabelMaps(None, candidates, panoptic, paths)


def hints(choice: Choice, record_files: Sequence[str]) -> tuple[str, ...]:
    """Where names for the classes may be, if nothing names them: as warnings."""
    if not choice.lacks_names or choice.passed_over or (path := find_hint(record_files)) is None:
        return ()
    shown = printable(path)
    return (f"label map: classes have numbers and no names. {shown} may have them: --label-map={shlex.quote(shown)}",)


def _read(path: str | os.PathLike[str]) -> LabelMap:
    from tfrecord_lite.labels.load import read_label_map  # noqa: PLC0415 - costs as much as all else, for some runs

    return read_label_map(path)
