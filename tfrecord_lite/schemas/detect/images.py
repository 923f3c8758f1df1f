"""What the first records of a file hold under the key of the image: what is wrong with all of them is reported once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfrecord_lite.errors import FeatureError, LayoutError, quoted, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.schemas.detect.evidence import known_size
from tfrecord_lite.schemas.read.pixels import as_encoded, path_in, several_images, why_unread
from tfrecord_lite.schemas.schema import Schema, present


def hold_images(schema: Schema, examples: Sequence[Example]) -> bool:
    """Whether there is an image among these records, and not only the path of one."""
    for example in examples:
        kind = example.kind(key := present(example, schema.encoded))
        if kind is not None and kind != "bytes":
            return True  # pixels as numbers
        if any(path_in(data) is None for data in _blobs(example, key)):
            return True
    return False


def check_images(schema: Schema, examples: Sequence[Example], options: ReadOptions) -> None:
    """Refuses a file from which no image can be read, where an option would mend that.

    Raises:
        LayoutError: each record has several; each has the path of one, and no --image-root is given; all are raw pixels
            of unknown size.
    """
    filled = [(example, key) for example in examples if any(_blobs(example, key := present(example, schema.encoded)))]
    if not filled:
        return
    problem = _problem(schema, filled, options)
    if problem is not None:
        raise LayoutError(examples[0].where, f"{shortened(filled[0][1])}: {problem}")


def _problem(schema: Schema, filled: Sequence[tuple[Example, str]], options: ReadOptions) -> str | None:
    """Why no image of these records can be read; None where one can, or where no option would help."""
    first, key = filled[0]
    if options.image_index is None and all(example.count(name) > 1 for example, name in filled):
        return several_images(first.count(key))
    firsts = [(example, name, next(_blobs(example, name))) for example, name in filled]
    paths = [path_in(data) for _, _, data in firsts]
    if all(paths):
        if not options.pictures or options.image_root is not None:
            return None
        problem = f"the records hold paths of pictures, such as {quoted(paths[0] or '')}, and no pictures"
        return f"{problem}. Say where they start with --image-root DIR, or leave the pictures out with --no-images"
    if options.image_size is not None:
        return None
    faults: list[FeatureError] = []
    for example, name, data in firsts:
        size = known_size(example, schema)
        read = as_encoded(data, size, schema.raw_channels, name)
        fault = None if read.code else why_unread(data, size, example.where, name)
        if fault is None:
            return None
        faults.append(fault)
    return faults[0].problem.removeprefix(f"{shortened(key)}: ")  # which the caller puts before every problem


def _blobs(example: Example, key: str) -> Iterator[Buffer]:
    """The values of a bytes feature that are not empty."""
    if example.kind(key) == "bytes":
        yield from filter(len, example.buffers(key))
