"""The verb ``demo``: the first minute."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

from tfrecord_lite.commands.streams import out
from tfrecord_lite.commands.summary import tell
from tfrecord_lite.commands.verb import PROGRAM, Example, Verb
from tfrecord_lite.errors import printable
from tfrecord_lite.options.kinds import Path
from tfrecord_lite.options.option import Option

_OUTPUT = Option(
    name="output",
    short="-o",
    kind=Path("DIR"),
    default="tfrecord2coco-demo",
    help="where everything goes",
)


def run(options: Namespace) -> int:
    """Draws, converts and shows a dataset, with the commands that do it."""
    import shlex  # noqa: PLC0415 - help must not wait for it

    from tfrecord_lite.pipeline.demo import run_demo  # noqa: PLC0415 - likewise

    demo = run_demo(options.output)
    for path in demo.records:
        out(f"drew {printable(path)}")
    records = os.path.dirname(demo.records[0])
    out(f"$ {PROGRAM} convert {shlex.quote(records)} -o {shlex.quote(demo.summary.output)}")
    tell(demo.summary, as_json=False)
    for shown in demo.previews:
        out(f"$ {PROGRAM} preview {shlex.quote(records)} -o {shlex.quote(shown.files[0])}")
        out(str(shown))
    opener = {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
    out(f"$ {opener} {shlex.quote(demo.previews[-1].files[0])}")
    return 0


VERB = Verb(
    options=(_OUTPUT,),
    examples=(Example("demo", "makes tfrecord2coco-demo/ with records, a COCO dataset and a picture of it"),),
    needs=("tfrecord_lite.pipeline.demo",),
    run=run,
)
