"""The options of a conversion on several machines: those of ``convert`` that can be carried out there."""

from __future__ import annotations

from tfrecord_lite.options.converting import CONVERT_OPTIONS

_LOCAL = frozenset({"images", "html", "dry_run", "jobs", "limit", "sample"})
"""Of one machine only: a page and a rehearsal are for looking, and the first images are quick to read."""

BEAM_OPTIONS = tuple(option for option in CONVERT_OPTIONS if option.name not in _LOCAL)
"""What ``beam`` takes, in the order of its help."""
