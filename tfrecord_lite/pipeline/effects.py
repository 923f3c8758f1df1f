"""Options that change nothing of an input: a key that no record has is an error, all else a warning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tfrecord_lite.coco.part_summary import PartSummary
from tfrecord_lite.errors import DataError, Location
from tfrecord_lite.options import ReadOptions

_DEFAULTS = ReadOptions()
_WHY = {
    "category": "--category has no effect: the records name the classes of their objects",
    "image_root": "--image-root has no effect: the records hold their images",
    "image_size": "--image-size has no effect: the images or the records say their size",
    "image_index": "--image-index has no effect: no record holds several images",
}


def keys_of_nobody(summaries: Iterable[PartSummary]) -> Iterator[DataError]:
    """The keys that options give to roles and no record of the whole input has: a file may lack what others have."""
    summaries = list(summaries)
    met = set().union(*(summary.effects for summary in summaries))
    told: set[str] = set()
    for summary in summaries:
        for file in summary.files:
            for key, nearest in file.absent:
                if key not in met and key not in told:
                    from tfrecord_lite.schemas.own_keys import no_such_key  # noqa: PLC0415 - few calls name keys

                    told.add(key)
                    yield DataError(Location(file.file), no_such_key(key, nearest))


def without_effect(options: ReadOptions, summaries: Iterable[PartSummary]) -> Iterator[str]:
    """The options that were given and changed nothing, in words; none where no record was read."""
    summaries = list(summaries)
    met = set().union(*(summary.effects for summary in summaries))
    if not any(summary.records for summary in summaries):
        return
    for name, why in _WHY.items():
        if getattr(options, name) != getattr(_DEFAULTS, name) and name not in met:
            yield why
