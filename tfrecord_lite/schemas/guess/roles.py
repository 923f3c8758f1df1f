"""A record -> the roles that its keys probably play: the clearest first.

A name says what a key may be, the values what it can be. What they leave open, such as the order of the four numbers of
a box, is said in words next to the options.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.detect.suspects import MOST_KEYS, NO_SUSPECTS, Suspects, keys_left
from tfrecord_lite.schemas.detect.words import BOXES, CLASSES, CONTENT, IMAGE, KEYPOINTS, MASKS
from tfrecord_lite.schemas.guess.boxes import guess_boxes
from tfrecord_lite.schemas.guess.classes import guess_classes, guess_classes_of_image
from tfrecord_lite.schemas.guess.guess import Guess
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.guess.image import guess_facts, guess_image
from tfrecord_lite.schemas.guess.lists import look_at
from tfrecord_lite.schemas.guess.outlines import guess_keypoints, guess_masks
from tfrecord_lite.schemas.schema import Schema


def guess_roles(
    example: Example,
    schema: Schema | None,
    wanted: Collection[str] = CONTENT,
    objects: int = 0,
    suspects: Suspects = NO_SUSPECTS,
    *,
    pixel: bool | None = None,
) -> Guess:
    """The roles that keys of a record are likely to play.

    schema: how it is read otherwise; None where it follows none, so that all its roles are asked for. wanted: which
    content is missing. objects: how many it is known to have. pixel: whether its boxes are pixels; None where none is
    read.
    """
    known = schema or Schema("custom")
    left = [Held.of(example, key) for key in keys_left(example, known)[:MOST_KEYS] if example.count(key)]
    guess = Guess(example, known, left, objects, pixel, suspects, suspects.objects)
    if BOXES in wanted:
        guess_boxes(guess)
        if schema is None and not guess.objects:
            guess.unclear.append("No keys look like boxes by their names or values")
    if KEYPOINTS in wanted:
        guess_keypoints(guess)
    if schema is None:
        guess_facts(guess)
    if IMAGE in wanted:
        guess_image(guess)
    if MASKS in wanted:
        guess_masks(guess)
    if CLASSES in wanted and guess.objects and "number" not in guess.roles.get("row_columns", ""):
        guess_classes(guess)
    if CLASSES in wanted and not guess.objects and schema is None:
        guess_classes_of_image(guess)
    return guess


def find_suspects(
    schema: Schema, examples: Sequence[Example], keys: Sequence[str], wanted: Sequence[Collection[str]], *, pixel: bool
) -> Suspects:
    """Which of these keys hold content that the first records lack.

    wanted: the content that each of them lacks. pixel: whether boxes are pixels, where there are any.
    """
    suspects = look_at(examples, schema, keys)
    found: set[str] = set()
    for place, (example, contents) in enumerate(zip(examples, wanted, strict=True)):
        objects = suspects.objects[place] if suspects.objects else 0
        guess = guess_roles(example, schema, contents, objects, suspects, pixel=pixel if objects else None)
        found.update(key for kinds in guess.found.values() for key in kinds)
    return suspects._replace(cleared=frozenset(keys) - found)
