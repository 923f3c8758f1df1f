"""The verb ``preview``: pictures of a dataset with what is said of them."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.streams import say, tell
from tfrecord_lite.commands.verb import Argument, Example, Verb, values_of
from tfrecord_lite.options.console import JSON, QUIET
from tfrecord_lite.options.kinds import OutputPath
from tfrecord_lite.options.option import Option
from tfrecord_lite.options.previewing import PREVIEW_OPTIONS, SHOWN

_INPUTS = Argument("input", "INPUT", "files, folders, globs, base@10; or a COCO dataset, a folder or a .json file", "+")
_OUTPUT = Option(
    "output",
    OutputPath("OUT"),
    SHOWN,
    "a contact sheet (sheet.png, .jpg, .webp), a page (page.html), or a new folder for one picture per image",
    short="-o",
    required=True,
)


def is_dataset(options: Namespace) -> bool:
    """Whether the input is a COCO dataset."""
    from tfrecord_lite.coco.read.dataset import find_dataset  # noqa: PLC0415 - help must not wait for it

    return len(options.input) == 1 and find_dataset(options.input[0], options.image_root) is not None


def run(options: Namespace) -> int:
    """Draws, and says what is shown."""
    from tfrecord_lite.pipeline.previews.preview import preview  # noqa: PLC0415 - likewise

    total = (lambda: 0) if is_dataset(options) else None  # of a COCO dataset no bytes are counted
    with progress(options, total) as watched:
        shown = preview(options.input, options.output, on_bytes=watched.on_bytes, **values_of(options, PREVIEW_OPTIONS))
    for text in shown.typed_notes:
        say(f"note: {VERB.worded(text)}")
    tell(options, shown.lines(), shown.as_json)
    return 0


VERB = Verb(
    arguments=(_INPUTS,),
    options=(_OUTPUT, *PREVIEW_OPTIONS, JSON, QUIET),
    examples=(
        Example("preview dataset/ -o sheet.png", "twenty pictures on a sheet"),
        Example("preview dataset/ -o page.html", "pictures and facts on a page for a browser"),
        Example("preview coco/annotations/instances_train.json -o page.html", "the same of a COCO dataset"),
        Example("preview dataset/ -o pictures/ --only-class dog", "a picture of each image that has such objects"),
    ),
    aim="shown",
    needs=("tfrecord_lite.pipeline.previews.preview",),
    run=run,
)
