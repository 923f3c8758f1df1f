"""The objects of a record: boxes with their classes, masks, keypoints and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from tfrecord_lite.budgets import ATTRIBUTES, check_feature
from tfrecord_lite.errors import FeatureError, counted, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import Box, Finding, Image, Object, Objects, Value
from tfrecord_lite.schemas.detect.choice import Choice
from tfrecord_lite.schemas.read.boxes import BoxReader, is_padding, show_box
from tfrecord_lite.schemas.read.classes import ClassReader
from tfrecord_lite.schemas.read.keypoints import boxes_of_keypoints, read_dense_pose, read_own_keypoints
from tfrecord_lite.schemas.read.sides import read_outlines
from tfrecord_lite.schemas.read.values import is_plain, per_object, plain_values, read_json_object, read_text
from tfrecord_lite.schemas.schema import Schema, only, present

if TYPE_CHECKING:
    from tfrecord_lite.masks.mask import Mask

_ESCAPED = 6  # bytes of JSON that a character of a name may take
_VALUE_SIZE = 16  # bytes of JSON that a value is taken to need


class ObjectReader:
    """Reads the objects of records with one set of keys. choice: with a narrowed schema.

    ``read.masks`` imports Pillow, a tenth of the time that the command needs to start: only masks wait for it.
    """

    def __init__(self, choice: Choice, options: ReadOptions) -> None:
        self._choice = choice
        self._schema = choice.schema
        self._options = options
        self._boxes = BoxReader(choice, options)
        schema = choice.schema
        self._classes = ClassReader(schema, choice.int_labels)
        self._area = only(schema.area)
        self._crowd = only(schema.crowd or schema.group) if schema.crowd or schema.group else None
        self._may_have_lone_masks = bool(schema.mask_number or schema.mask_text)
        self._has_masks = bool(schema.mask or schema.rle_counts or schema.mask_bytes or schema.mask_indices)
        self._has_polygons = bool(schema.polygon or schema.outline_x)
        self._has_keypoints = bool(schema.keypoint_x or schema.keypoint_pairs or schema.keypoint_triples)
        self._named: Sequence[str] = ()  # the attribute keys of the latest record, which most others have as well
        self._names: dict[str, str] = {}

    @property
    def class_key(self) -> str:
        """The feature that says the classes of objects, for messages."""
        return self._classes.key

    def read_boxes(
        self, example: Example, image: Image, findings: list[Finding], refused: list[FeatureError], thin: list[int]
    ) -> list[Box | None]:
        """The boxes of a record in pixels, None for what is refused; ``thin`` gets the numbers of those of no area."""
        size = (image.width, image.height)
        boxes = self._boxes.read(example, size, findings, refused, thin)
        if not boxes and self._has_keypoints and not self.has_lone_masks(example):
            scale = (1, 1) if self._choice.pixel else size
            return boxes_of_keypoints(example, self._schema, scale, findings, refused)
        return boxes

    def agree_with_sides(self, example: Example, image: Image, boxes: Sequence[Box | None]) -> bool:
        """Whether boxes that were read from something else are those that the sides give, to the pixel."""
        return self._boxes.agree(example, (image.width, image.height), boxes)

    def has_one_category(self, example: Example) -> bool:
        """Whether neither the record nor its file names classes, so that all objects are of the one category."""
        return not (self._choice.has_classes or self._classes.is_said(example))

    def has_lone_masks(self, example: Example) -> bool:
        """Whether the masks of a record are objects of their own."""
        if not self._may_have_lone_masks:
            return False
        from tfrecord_lite.schemas.read.masks import has_own_classes  # noqa: PLC0415 - see above

        return has_own_classes(example, self._schema)

    def read(
        self,
        example: Example,
        image: Image,
        boxes: list[Box | None],
        thin: Sequence[int],
        attribute_keys: Sequence[str],
        findings: list[Finding],
        refused: list[FeatureError],
    ) -> Objects:
        """Reads the objects of a record.

        boxes, thin: what ``read_boxes`` gave; boxes that are left out become None. attribute_keys: of what becomes
        attributes where there is one plain value an object.

        Raises:
            FeatureError: the lists of the record do not fit each other.
        """
        own = self.has_lone_masks(example)
        objects = (
            self._read_boxes(example, image, boxes, thin, attribute_keys, findings, refused, masks=not own)
            if boxes
            else Objects()
        )
        if own:
            rows = [*objects, *self._read_lone_masks(example, image, findings, refused)]
            return Objects.of(rows)
        return objects

    def _read_boxes(
        self,
        example: Example,
        image: Image,
        boxes: list[Box | None],
        thin: Sequence[int],
        attribute_keys: Sequence[str],
        findings: list[Finding],
        refused: list[FeatureError],
        *,
        masks: bool,
    ) -> Objects:
        schema, count = self._schema, len(boxes)
        if not self.has_one_category(example):
            numbers, texts = self._classes.read(example, count, findings)
        else:  # the file names no classes: all objects are of the one category
            numbers, texts = (None,) * count, (schema.category or self._options.category,) * count
        for i in thin:
            box = boxes[i]
            if is_padding(box, numbers[i], texts[i]):
                boxes[i] = None
                text = f"object {i} has a box of nothing and class {numbers[i]}: it is padding, and left out"
                findings.append(Finding("box-padding", example.where, text))
                continue
            advice = "it is kept; --drop-empty-boxes leaves such objects out"
            if self._options.drop_empty_boxes:
                boxes[i], advice = None, "the object is left out"
            text = f"object {i} has a box without area, {show_box(box)}: {advice}"
            findings.append(Finding("box-without-area", example.where, text))
        crowds: Sequence[bool] | None = None
        if (key := self._crowd) is not None:
            given = example.whole_numbers(key)
            crowds = [crowd is not None and crowd > 0 for crowd in per_object(example, key, given, count)]
        areas = self._areas(example, image, boxes, findings) if schema.area else None
        attributes = self._attributes(example, attribute_keys, count, findings)
        scale = (1, 1) if self._choice.pixel else (image.width, image.height)
        read: Sequence[Mask | None] | None = None
        polygons: Sequence[list[list[float]] | None] | None = None
        if masks and self._options.masks:
            if self._has_masks:
                read = self._masks(example, image, count, findings, refused)
            if self._has_polygons:
                polygons = _polygons(example, schema, count, scale)
        keypoints = read_own_keypoints(example, schema, count, scale, findings) if self._has_keypoints else None
        dense_pose = read_dense_pose(example, schema, boxes, scale) if schema.dense_pose else None
        objects = Objects(
            cast("Sequence[Box]", boxes),  # refused ones, which are None, are left out below
            numbers,
            texts,
            crowds=crowds,
            areas=areas,
            attributes=attributes,
            masks=read,
            polygons=polygons,
            keypoints=keypoints,
            dense_pose=dense_pose,
        )
        if not (refused or thin):
            return objects
        kept = [i for i, box in enumerate(boxes) if box is not None]
        return objects if len(kept) == count else Objects.of([objects[i] for i in kept], kept)

    def _masks(
        self, example: Example, image: Image, count: int, findings: list[Finding], refused: list[FeatureError]
    ) -> list[Mask | None]:
        """The masks of the objects. What is wrong with them is reported once per record, and drops no object."""
        from tfrecord_lite.schemas.read.masks import read_masks  # noqa: PLC0415 - see above

        masks: list[Mask | None] = []
        faults: list[FeatureError] = []
        for mask in read_masks(example, self._schema, count, image.width, image.height, findings):
            if isinstance(mask, FeatureError):
                faults.append(mask)
            masks.append(None if isinstance(mask, FeatureError) else mask)
        if faults:
            refused.append(_without_masks(faults))
        return masks

    def _read_lone_masks(
        self, example: Example, image: Image, findings: list[Finding], refused: list[FeatureError]
    ) -> list[Object]:
        """Masks that are objects of their own: their boxes are those of their pixels."""
        from tfrecord_lite.schemas.read.masks import read_masks  # noqa: PLC0415 - see above

        schema = self._schema
        masks = list(read_masks(example, schema, None, image.width, image.height, findings))
        number_key, text_key = present(example, schema.mask_number), present(example, schema.mask_text)
        numbers = per_object(example, number_key, example.ints(number_key), len(masks))
        blobs = per_object(example, text_key, example.blobs(text_key), len(masks))
        objects = []
        for mask, number, blob in zip(masks, numbers, blobs, strict=True):
            if isinstance(mask, FeatureError):
                refused.append(mask)
            elif mask is not None:
                text = None if blob is None else read_text(blob, text_key, example.where, findings)
                x, y, width, height = map(float, mask.bbox)
                objects.append(
                    Object((x, y, width, height), number, text, crowd=False, area=None, attributes={}, mask=mask)
                )
        return objects

    def _areas(
        self, example: Example, image: Image, boxes: Sequence[Box | None], findings: list[Finding]
    ) -> Sequence[float | None]:
        """The areas that the record gives, in square pixels; None where it gives none, or an impossible one."""
        key = self._area
        given: Sequence[float] = example.numbers(key)
        pixels = image.width * image.height
        areas: list[float | None] = list(per_object(example, key, given, len(boxes)))
        if not self._choice.normalized_area and len([area for area in given if 0 < area <= pixels]) == len(boxes):
            return areas
        for i, (area, box) in enumerate(zip(areas, boxes, strict=True)):
            if area is None or box is None:
                continue
            in_pixels = area * pixels if self._choice.normalized_area else area
            areas[i] = in_pixels
            if not 0 < in_pixels <= pixels:
                areas[i] = None
                if area or (box[2] > 0 and box[3] > 0):
                    text = f"{key}: object {i} has an area of {area:g} in an image of {pixels} pixels"
                    findings.append(Finding("area-implausible", example.where, text))
        return areas

    def _attributes(
        self, example: Example, keys: Sequence[str], count: int, findings: list[Finding]
    ) -> list[dict[str, Value]] | None:
        """What else the record says of each object: by keys of their own, and as a JSON object an object."""
        plain = self._plain_attributes(example, keys, count, findings)
        if not self._schema.attribute_json:
            return plain
        key = self._schema.attribute_json[0]
        blobs = per_object(example, key, example.blobs(key), count)
        check_feature(example.where, key, sum(map(len, example.blobs(key))), ATTRIBUTES, "bytes of attributes")
        return [
            {**known, **read_json_object(blob or b"", key, example.where, findings)}
            for known, blob in zip(plain or [{} for _ in range(count)], blobs, strict=True)
        ]

    def _plain_attributes(
        self, example: Example, keys: Sequence[str], count: int, findings: list[Finding]
    ) -> list[dict[str, Value]] | None:
        """What else the record says of each object, by the rest of the key."""
        schema = self._schema
        if not schema.crowd:  # then group decides iscrowd, and is an attribute as well
            keys = (*keys, *(key for key in schema.group if holds_attributes(example, schema, key, count)))
        if not keys:
            return None
        attributes: list[dict[str, Value]] = [{} for _ in range(count)]
        if self._named != keys:
            self._named, self._names = keys, attribute_names(keys, schema)
        names = self._names
        text = sum(count * len(name) * _ESCAPED + example.count(key) * _VALUE_SIZE for key, name in names.items())
        check_feature(example.where, keys[0], text, ATTRIBUTES, "bytes of attributes")
        for key, name in names.items():
            values = plain_values(example, key, findings)
            size = len(values) // count
            for number, attribute in enumerate(attributes):
                each = values[number * size : (number + 1) * size]
                attribute[name] = each[0] if size == 1 else each
        return attributes


def attribute_names(keys: Sequence[str], schema: Schema) -> dict[str, str]:
    """What each key is called among the attributes: the rest of the key, or shorter where no other one is called so."""
    rests = {key: key[len(schema.attribute_prefix) :] for key in keys}
    used = set(rests.values())
    names = {}
    for key, rest in rests.items():
        bare = rest.removeprefix("attribute/")
        name = schema.attribute_names.get(bare, bare)
        names[key] = rest if name in used else name
        used.add(names[key])
    return names


def _without_masks(faults: Sequence[FeatureError]) -> FeatureError:
    """What is wrong with the masks of a record, whose objects are kept without them."""
    first = faults[0]
    problem = first.problem.removeprefix(f"{shortened(first.key)}: ")
    more = f"; likewise {counted(len(faults) - 1, 'more mask')} of this record" if len(faults) > 1 else ""
    advice = "Leave masks out with --masks none, or only what is wrong with --on-error=skip"
    return FeatureError(first.where, first.key, f"{problem}{more}. {advice}", objects=0)


def _polygons(
    example: Example, schema: Schema, count: int, scale: tuple[int, int]
) -> Sequence[list[list[float]] | None]:
    """The polygons of each object in pixels, from whichever keys have them."""
    if schema.outline_x and example.count(schema.outline_x[0]):
        return [
            [[value * scale[place % 2] for place, value in enumerate(outline)]] if len(outline) >= 6 else None
            for outline in read_outlines(example, schema, count)
        ]
    from tfrecord_lite.schemas.read.masks import read_polygons  # noqa: PLC0415 - see ObjectReader

    return read_polygons(example, schema, count)


def is_ragged(key: str) -> bool:
    """Whether TensorFlow Datasets has a list of lists under a key, whose parts belong to objects in another way."""
    return key.rpartition("/")[2].startswith("ragged_")


def holds_attributes(example: Example, schema: Schema, key: str, count: int) -> bool:
    """Whether a feature has one value, or its fixed number, for each of ``count`` objects that JSON can hold."""
    if is_ragged(key):
        return False
    values = example.values(key)
    size = schema.attribute_sizes.get(key[len(schema.attribute_prefix) :], 1)
    if not count or not values or len(values) % count or size not in (0, len(values) // count):
        return False
    return all(map(is_plain, values))
