"""The first records of a file -> how to read all of them: the schema, the unit of the boxes, what there is to expect.

Decided over several records and never by the first alone. Records without boxes decide nothing about boxes: where the
first have none, that is settled by the first that do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.errors import FeatureError, LayoutError, counted, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import FRAME_INDEX
from tfrecord_lite.example.tensors import find_tensors, with_tensors
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.schemas.detect.box_order import settle_box_order
from tfrecord_lite.schemas.detect.evidence import Keys, describe, survey
from tfrecord_lite.schemas.detect.images import check_images, hold_images
from tfrecord_lite.schemas.detect.suspects import NO_SUSPECTS, Suspects, are_suspicious, keys_left, missing_content
from tfrecord_lite.schemas.detect.units import decide_units
from tfrecord_lite.schemas.detect.words import CONTENT, IMAGE
from tfrecord_lite.schemas.read.packed import unpack, with_columns
from tfrecord_lite.schemas.read.pixels import path_in
from tfrecord_lite.schemas.registry import find_schema
from tfrecord_lite.schemas.schema import Schema, present

if TYPE_CHECKING:
    from tfrecord_lite.schemas.guess.guess import Guess

SAMPLE_RECORDS = 16  # records that decide, before the first one is read
SAMPLE_BYTES = 32 << 20  # or fewer, where they are large
SAMPLE_FEATURES = 1 << 16  # or have more features: each takes a kilobyte while it is looked at


class Choice(NamedTuple):
    """How the records of one file are read.

    schema: which key plays which role.
    pixel: whether box coordinates are pixels; else they are normalised by the image size.
    has_images: whether records hold image bytes; where none does, the size that they give is taken.
    has_classes: whether records have a key for the class of their objects.
    int_labels: keys of class numbers that hold int64 values; floats there are another writer's, or damage.
    small_boxes: whether coordinates are too large to be fractions, and too small to be pixels of such images.
    normalized_area: whether areas are fractions of the image; else they are square pixels.
    has_boxes: whether there were boxes to decide by; else the first record with one settles the rest.
    frames: whether the records are videos, whose frames are read.
    guesses: code and text of a finding for every record with boxes, about what only a person can know.
    evidence: what decided it, in words.
    absent: keys that options give to roles and none of the first records has, each with the nearest that one has.
    tensors: keys that hold arrays as tf.io.serialize_tensor wrote them.
    suspects: keys that nothing reads, by what they may hold.

    """

    schema: Schema
    pixel: bool
    has_images: bool
    has_classes: bool
    small_boxes: bool
    normalized_area: bool
    has_boxes: bool
    frames: bool
    evidence: tuple[str, ...]
    guesses: tuple[tuple[str, str], ...] = ()
    tensors: frozenset[str] = frozenset()
    int_labels: frozenset[str] = frozenset()
    absent: tuple[tuple[str, str], ...] = ()
    suspects: Suspects = NO_SUSPECTS

    def reads_as(self, other: Choice) -> bool:
        """Whether both read records the same way, whatever the evidence."""
        return self._replace(evidence=other.evidence, absent=other.absent) == other


def choose(examples: Sequence[Example], path: str, options: ReadOptions) -> Choice:
    """Decides how the records of a file are read.

    Args:
        examples: the first of them, at least one.
        path: the file; descriptions of it may be in the same folder.
        options: what the caller knows better.

    Raises:
        LayoutError: they follow no schema that is known.
        UsageError: the caller names a role that does not exist.
    """
    # One video among images is a faulty record, not a file of videos.
    images = [example for example in examples if FRAME_INDEX not in example] or examples
    tensors = frozenset(key for example in examples for key in find_tensors(example))
    if tensors:
        examples = [with_tensors(example, tensors) for example in examples]
        images = [with_tensors(example, tensors) for example in images]
    keys = survey(images)
    schema = find_schema(keys, path, options.schema)
    if schema is None and options.roles:
        schema = Schema("custom")
    if schema is None:
        raise LayoutError(examples[0].where, _unknown(keys, images))
    schema, absent = _with_own_keys(schema, keys, examples[0], options)
    schema = with_columns(schema)
    if schema.is_packed:
        examples = [_unpacked(example, schema) for example in examples]
    if schema.may_transcribe and _is_transcribed(schema, examples):
        schema = schema._replace(text=())
    check_images(schema, examples, options)
    schema, unsure = settle_box_order(schema, examples)
    choice = _decide(schema, examples, options)
    if unsure:
        choice = choice._replace(guesses=(*choice.guesses, ("box-order-guessed", unsure)))
    if not choice.has_images and "encoded" not in dict(options.roles):
        guess = _guess(examples, schema, (IMAGE,))
        if key := guess.roles.get("encoded"):
            problem = f"{shortened(key)} holds an image, but the schema {schema.name} has it elsewhere"
            told = f"Read it with {guess.options or '--map encoded=KEY'}"
            raise LayoutError(
                examples[0].where, f"{problem}{guess.remarks}. {told}, or say --map encoded=- if it is not the picture"
            )
    return choice._replace(tensors=tensors, absent=absent, suspects=_find_suspects(choice, examples, options))


def _find_suspects(choice: Choice, examples: Sequence[Example], options: ReadOptions) -> Suspects:
    """What the first records show of keys that nothing reads."""
    schema, has_images = choice.schema, choice.has_images
    keys = keys_left({key for example in examples for key in example}, schema)
    wanted = [missing_content(schema, each, has_images=has_images, has_masks=options.masks) for each in examples]
    if not are_suspicious(examples, keys, {content for contents in wanted for content in contents}):
        return Suspects(frozenset(keys))
    from tfrecord_lite.schemas.guess.roles import find_suspects  # noqa: PLC0415 - few files need it

    return find_suspects(schema, examples, keys, wanted, pixel=choice.pixel)


def _with_own_keys(
    schema: Schema, keys: Keys, example: Example, options: ReadOptions
) -> tuple[Schema, tuple[tuple[str, str], ...]]:
    """The schema with the keys that options give to roles, and those of them that the records lack."""
    if not options.roles:
        return schema, ()
    from tfrecord_lite.schemas.own_keys import absent_keys, no_such_key, with_roles  # noqa: PLC0415 - few have some

    absent = absent_keys(keys, options.roles)
    own = with_roles(schema, options.roles)
    for key, nearest in absent:
        if key in own.encoded:  # nothing can be read, which is reported once
            raise LayoutError(example.where, no_such_key(key, nearest))
    return own, absent


def settles(choice: Choice, example: Example, path: str, options: ReadOptions) -> bool:
    """Whether a record is the first with boxes, which shows how boxes are to be read."""
    if choice.has_boxes:
        return False
    schema = choice.schema
    if options.schema == "auto" and not options.roles:
        schema = find_schema(survey([example]), path, options.schema) or schema
    return has_boxes(schema, example)


def settle(choice: Choice, examples: Sequence[Example], path: str, options: ReadOptions) -> Choice:
    """Decides what the first records of a file left open, by the first that have boxes."""
    try:
        later = choose(examples, path, options)
    except LayoutError:
        return choice._replace(has_boxes=True)  # they are read by the schema of the first
    return later._replace(has_images=choice.has_images, has_boxes=True)


def _decide(schema: Schema, examples: Sequence[Example], options: ReadOptions) -> Choice:
    """What else the first records show, once their schema is known."""
    why_schema = f"by the keys of {counted(len(examples), 'record')}"
    if options.schema != "auto":
        why_schema = "as --schema says"
    units = decide_units(schema, examples, options.coordinates)
    unit = "pixel" if units.pixel else "normalized"
    numbers, texts = (
        [key for key in keys if any(key in each for each in examples)] for keys in (schema.number, schema.text)
    )
    return Choice(
        schema,
        pixel=units.pixel,
        has_images=hold_images(schema, examples),
        has_classes=bool(numbers or texts),
        int_labels=frozenset(key for key in numbers if any(each.kind(key) == "int64" for each in examples)),
        small_boxes=units.small_boxes,
        normalized_area=units.normalized_area,
        has_boxes=any(has_boxes(schema, example) for example in examples),
        frames=all(FRAME_INDEX in example for example in examples),
        evidence=(f"schema {schema.name} {why_schema}", f"{unit} coordinates: {units.why}"),
        guesses=units.doubts,
    )


def has_boxes(schema: Schema, example: Example) -> bool:
    """Whether a record has a side of a box, or keypoints, which can be without one."""
    return _holds_values(example, schema.geometry) or _holds_values(example, schema.points)


def _is_transcribed(schema: Schema, examples: Sequence[Example]) -> bool:
    """Whether one class number has several texts: then they transcribe what is in the images, and name no classes."""
    texts: dict[object, object] = {}
    for example in examples:
        numbers = example.values(present(example, schema.number))
        for number, text in zip(numbers, example.values(present(example, schema.text)), strict=False):
            if texts.setdefault(number, text) != text:
                return True
    return False


def _unpacked(example: Example, schema: Schema) -> Example:
    """A record with its columns unpacked; unchanged where they are faulty, which reading it will report."""
    try:
        return unpack(example, schema)
    except FeatureError:
        return example


def _holds_values(example: Example, keys: Sequence[str]) -> bool:
    """Whether one of the features has a value that is not empty bytes."""
    for key in keys:
        if example.kind(key) == "bytes":
            if any(map(len, example.buffers(key))):
                return True
        elif example.count(key):
            return True
    return False


def _unknown(keys: Keys, examples: Sequence[Example]) -> str:
    """What an unknown schema looks like, and how it could be described."""
    text = "the records follow no known schema"
    if FRAME_INDEX in keys:
        text = "the records are videos (tf.train.SequenceExample) with no image in their frames that is known"
    text += f". Their keys are {describe(keys)}"
    guess = _guess(examples, None)
    how = "Say which key plays which role with --map; the command roles explains the roles"
    if not guess.found and not _name_images(examples):
        return f"{text}. None of them holds pictures, or boxes: are these records of images? {how}"
    if options := guess.options:
        return f"{text}{guess.remarks}. Say which key plays which role; the nearest guess is: {options}"
    return f"{text}{guess.remarks}. {how}"


def _name_images(examples: Sequence[Example]) -> bool:
    """Whether a value is the path of an image."""
    blobs = (blob for each in examples for key in each if each.kind(key) == "bytes" for blob in each.buffers(key)[:1])
    return any(path_in(blob) is not None for blob in blobs)


def _guess(examples: Sequence[Example], schema: Schema | None, wanted: Collection[str] = CONTENT) -> Guess:
    """The roles that keys of the first record with the most features probably play."""
    from tfrecord_lite.schemas.guess.lists import look_at  # noqa: PLC0415 - few files need it
    from tfrecord_lite.schemas.guess.roles import guess_roles  # noqa: PLC0415 - likewise

    suspects = NO_SUSPECTS
    if schema is None:
        suspects = look_at(examples, Schema("custom"), {key for example in examples for key in example})
    fullest = max(examples, key=lambda each: sum(map(bool, map(each.count, each))))
    return guess_roles(fullest, schema, wanted, suspects=suspects)
