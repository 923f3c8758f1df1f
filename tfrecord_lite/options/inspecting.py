"""The options of ``inspect``: all those of ``convert`` that change what it reads, warns about or refuses."""

from __future__ import annotations

from tfrecord_lite.options.converting import CHOOSING_OPTIONS, CONVERT_OPTIONS
from tfrecord_lite.options.option import flag

_OUTPUT_ONLY = frozenset({"images", "layout", "precision", "overwrite", "html", "dry_run", "jobs"})
"""Of the output alone, or of how it is made."""
_ALL = flag(
    "read_all",
    "which records",
    "read every record; by default at most a few thousand of a large input, the first ones of each file",
    typed="--all",
)

INSPECT_OPTIONS = (
    _ALL,
    *(each for each in CONVERT_OPTIONS if each.name not in _OUTPUT_ONLY and each not in CHOOSING_OPTIONS),
)
"""What ``inspect`` takes, in the order of its help."""
