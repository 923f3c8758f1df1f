"""Options that only the command line has: how results are printed."""

from __future__ import annotations

from tfrecord_lite.options.kinds import Flag
from tfrecord_lite.options.option import Option

RUN = "the run"

JSON = Option(name="json", kind=Flag(), default=False, group=RUN, help="print results as JSON")
QUIET = Option(name="quiet", short="-q", kind=Flag(), default=False, group=RUN, help="show no progress")
