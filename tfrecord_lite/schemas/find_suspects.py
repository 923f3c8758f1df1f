"""The first records of a file -> the content that they lack, and which keys that nothing reads hold some of it.

Found out once for a file, so that records whose other keys hold nothing of the kind cost no more than a look at names.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.held import Held
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.suspects import LONGEST_TABLE, MOST_KEYS, Suspects, keys_left
from tfrecord_lite.schemas.words import BOXES, CLASSES, IMAGE, KEYPOINTS, MASKS, any_may_hold, is_remark, words_of

_LEAST_ROW = 4  # bytes: of any table the number of bytes is a multiple


def find_suspects(
    schema: Schema, examples: Sequence[Example], *, has_images: bool, has_masks: bool, pixel: bool
) -> Suspects:
    """Looks at the first records. pixel: whether boxes are pixels, where there are any."""
    keys = frozenset(keys_left({key for example in examples for key in example}, schema))
    suspicious = [key for key in keys if not is_remark(words_of(key)) and _may_hold_content(examples, key)]
    wanted = [missing_content(schema, each, has_images=has_images, has_masks=has_masks) for each in examples]
    every = frozenset(content for contents in wanted for content in contents)
    if not every or len(keys) > MOST_KEYS or not (suspicious or any_may_hold(keys, every)):
        return Suspects(keys)
    from tfrecord_lite.schemas.guess import guess_roles  # noqa: PLC0415 - few files need it
    from tfrecord_lite.schemas.sampled import sample  # noqa: PLC0415 - likewise

    sampled = sample(examples, schema, keys)
    found: set[str] = set()
    for place, (example, contents) in enumerate(zip(examples, wanted, strict=True)):
        objects = sampled.objects[place] if sampled.objects else 0
        guess = guess_roles(example, schema, contents, objects, sampled, pixel=pixel if objects else None)
        found.update(key for kinds in guess.found.values() for key in kinds)
    return Suspects(keys - found, sampled)


def _may_hold_content(examples: Sequence[Example], key: str) -> bool:
    """Whether a key has lists, or single values that may hold boxes."""
    return any(example.count(key) > 1 or _may_hold_boxes(example, key) for example in examples)


def _may_hold_boxes(example: Example, key: str) -> bool:
    """Whether a single value may be the bytes of an array of boxes, or a text with some."""
    if example.kind(key) != "bytes":
        return False
    held = Held.of(example, key)
    if held.is_json:
        return True
    return held.size % _LEAST_ROW == 0 and 0 < held.size <= LONGEST_TABLE and not held.is_image and not held.is_plain


def missing_content(schema: Schema, example: Example, *, has_images: bool, has_masks: bool) -> tuple[str, ...]:
    """The kinds of content that are missing.

    has_images: whether records of the file have images. has_masks: whether masks are wanted.
    """

    def has(*roles: Sequence[str]) -> bool:
        return any(example.count(key) for role in roles for key in role)

    missing = [] if has_images else [IMAGE]
    if not has(schema.geometry):
        missing.append(BOXES)
    elif not has(schema.number, schema.text) and not schema.category:
        missing.append(CLASSES)
    ours = schema.mask + schema.rle_counts + schema.mask_bytes + schema.mask_indices + schema.polygon + schema.outline_x
    if has_masks and not has(ours, schema.semantic, schema.panoptic_png, schema.panoptic_category):
        missing.append(MASKS)
    if not has(schema.keypoint_x, schema.keypoint_pairs, schema.keypoint_triples):
        missing.append(KEYPOINTS)
    return (*missing, CLASSES) if BOXES in missing else tuple(missing)
