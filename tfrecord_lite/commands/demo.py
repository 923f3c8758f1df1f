"""The verb ``demo``: the first minute."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from tfrecord_lite.commands.streams import out
from tfrecord_lite.commands.summary import tell_written
from tfrecord_lite.commands.verb import PROGRAM, Example, Verb
from tfrecord_lite.errors import printable
from tfrecord_lite.options.converting import OUTPUT
from tfrecord_lite.options.kinds import OutputPath
from tfrecord_lite.options.option import Option

_OUTPUT = Option("output", OutputPath("DIR"), OUTPUT, "where everything goes", short="-o", default="tfrecord2coco-demo")


def run(options: Namespace) -> int:
    """Draws, converts and shows a dataset, with the commands that do it."""
    import shlex  # noqa: PLC0415 - help must not wait for it

    from tfrecord_lite.pipeline.demos.demo import run_demo  # noqa: PLC0415 - likewise

    demo = run_demo(options.output)
    for path in demo.records:
        out(f"drew {printable(path)}")
    summary, page = demo.summary, demo.summary.page or ""
    records = os.path.dirname(demo.records[0])
    out(f"$ {PROGRAM} {shlex.join(['convert', records, '-o', summary.output, '--html', page, '--overwrite'])}")
    tell_written(Namespace(json=False), summary)
    out(f"$ {PROGRAM} {shlex.join(['preview', summary.output, '-o', demo.sheet.files[0], '--overwrite'])}")
    for line in demo.sheet.lines():
        out(line)
    opener = {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
    out(f"$ {shlex.join([opener, page])}")
    return 0


VERB = Verb(
    arguments=(),
    options=(_OUTPUT,),
    examples=(Example("demo", "makes tfrecord2coco-demo/ with records, a COCO dataset, a sheet and a page"),),
    needs=("tfrecord_lite.pipeline.demos.demo",),
    run=run,
)
