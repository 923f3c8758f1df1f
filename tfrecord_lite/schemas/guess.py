"""Keys that nothing reads -> the roles that they probably play, as options that would read them.

By the names and values of one record: a name says what a key may be, the number of its values what it can be. What the
values leave open, such as the order of the four numbers of a box, is said in words beside the options.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tfrecord_lite.errors import shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.header import IMAGE_EXTENSIONS
from tfrecord_lite.images.raw import channels_of, likely_shapes
from tfrecord_lite.schemas.evidence import known_size
from tfrecord_lite.schemas.guess_boxes import holds_json_boxes, side_roles
from tfrecord_lite.schemas.guess_outlines import (
    Objects,
    keypoint_roles,
    mask_roles,
    points_of_another_unit,
    polygons_of_no_option,
)
from tfrecord_lite.schemas.held import Held
from tfrecord_lite.schemas.read.classes import one_hot_places
from tfrecord_lite.schemas.roles import ROLES
from tfrecord_lite.schemas.sampled import sample
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.suspects import MOST_KEYS, NOTHING, RowTable, Sampled, keys_left
from tfrecord_lite.schemas.words import (
    BOX,
    BOXES,
    CLASS,
    CLASSES,
    CONTENT,
    FILE,
    IMAGE,
    KEYPOINTS,
    MASK,
    MASKS,
    NAME,
    PICTURE,
    SCORE,
    SHAPES,
    SIZE_OF,
    TEXT_OF,
    is_remark,
)
from tfrecord_lite.spelling import option_of

_LARGEST_NORMALIZED = 2.0  # a larger coordinate is one of pixels
_MOST_CLASSES = 100_000
_IDS = ("id", "ids", "key", "uid", "uuid")
_LEAST_WIDTH = 3  # of a row that has a 1 in one place: two values may be flags
_MOST_NEW = 40  # keys that no record had before, and that are looked into by their values
_LEAST_PIXELS = 64  # of a picture or a mask
_PLACES = {role.name: place for place, role in enumerate(ROLES)}


@dataclass(slots=True)
class Guess:
    """Roles that keys probably play.

    roles: by name; also of roles that take a value. size: of raw pixels, where the record does not give it.
    found: the keys of each kind of content. pixel: whether boxes that were found are pixels.
    unclear: what only a person can know, in words.
    """

    roles: dict[str, str] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    found: dict[str, list[str]] = field(default_factory=dict)
    pixel: bool | None = None
    unclear: list[str] = field(default_factory=list)

    @property
    def options(self) -> str:
        """As a shell takes them; keys that cannot be printed are left out."""
        ordered = sorted(self.roles.items(), key=lambda item: _PLACES[item[0]])
        options = [option_of(role, key) for role, key in ordered if key.isprintable()]
        if self.size is not None:
            options.append(f"--image-size {self.size[0]}x{self.size[1]}")
        return " ".join(options)

    @property
    def remarks(self) -> str:
        """What is unclear, as sentences."""
        return "".join(f". {text}" for text in self.unclear)


def guess_roles(
    example: Example,
    schema: Schema | None,
    wanted: Collection[str] = CONTENT,
    objects: int = 0,
    sampled: Sampled = NOTHING,
    *,
    pixel: bool | None = None,
) -> Guess:
    """The roles that keys of a record are likely to play.

    Args:
        example: the record.
        schema: how it is read otherwise; None where it follows none, so that all its roles are asked for.
        wanted: which content is missing.
        objects: how many objects it is known to have.
        sampled: what the first records of its file say together.
        pixel: whether its boxes are pixels; None where it has none that are read.
    """
    return _Guesser(example, schema, wanted, objects, sampled, pixel=pixel).guess


class _Guesser:
    """Goes through the roles, the clearest first; a key gets one role at most."""

    def __init__(
        self,
        example: Example,
        schema: Schema | None,
        wanted: Collection[str],
        objects: int,
        sampled: Sampled,
        *,
        pixel: bool | None,
    ) -> None:
        self.guess = Guess()
        self._example = example
        self._schema = schema or Schema("custom")
        self._objects = objects
        self._sizes = sampled.objects
        self._sampled = sampled
        self._pixel = pixel
        self._is_read = schema is not None
        self._has_numbers = False  # whether the boxes come with class numbers
        self._may_be_flags = BOXES not in wanted
        left = keys_left(example, self._schema)[:MOST_KEYS]
        self._left = [Held.of(example, key) for key in left if example.count(key)]
        if BOXES in wanted:
            self._boxes()
            if schema is None and not self._objects:
                self.guess.unclear.append("No keys look like boxes by their names or values")
        if KEYPOINTS in wanted:
            self._keypoints()
        if schema is None:
            self._facts_of_image()
        if IMAGE in wanted:
            self._image()
        if MASKS in wanted:
            self._masks()
        if CLASSES in wanted and self._objects and not self._has_numbers:
            self._classes()
        if CLASSES in wanted and not self._objects and schema is None:
            self._classes_of_image()

    def _known(self) -> Objects:
        """What is known of the objects by now."""
        return Objects(
            self._objects, self._pixel, self._size(), lambda key, per: self._sampled.agree(key, self._sizes, per)
        )

    def _take(self, content: str, **keys: Held) -> None:
        """Gives roles to keys."""
        for role, each in keys.items():
            self.guess.roles[role] = each.key
            self._left.remove(each)
            if content:
                self.guess.found.setdefault(content, []).append(each.key)

    def _numbers(self) -> Iterator[Held]:
        return (each for each in self._left if each.kind != "bytes")

    # -------------------------------------------------------------------------------------------- objects
    def _boxes(self) -> None:
        """Four keys of one group, else four numbers an object in one list; what a model predicted comes last."""
        if keys := side_roles(self._numbers()):
            self._settle(keys["xmin" if "xmin" in keys else "xcenter"], 1)
            self._take(BOXES, **keys)
            return
        lists = [each for each in self._numbers() if self._orders(each) is not None]
        lists.sort(key=lambda each: (each.is_predicted, not each.ends_in(BOX)))
        if lists:
            self._flat_boxes(lists[0])
            if lists[1:]:
                more = ", ".join(shortened(each.key) for each in lists[1:])
                self.guess.unclear.append(f"{more} may be boxes, too: {shortened(lists[0].key)} is one set of several")
            return
        tables = [each for each in self._left if each.key in self._sampled.rows]
        if tables:
            tables.sort(key=lambda each: each.is_predicted)
            self._table(tables[0], self._sampled.rows[tables[0].key])
        elif key := next((each.key for each in self._left if holds_json_boxes(self._example, each)), ""):
            self._tell(BOXES, key, "holds boxes as JSON, which no option reads: records have them in lists")

    def _tell(self, content: str, key: str, what: str) -> None:
        """Notes content that no option reads."""
        self.guess.found.setdefault(content, []).append(key)
        self.guess.unclear.append(f"{shortened(key)} {what}")

    def _masks(self) -> None:
        known = self._known()
        roles = mask_roles(self._example, self._left, known)
        if (label := roles.get("semantic")) and max(self._sampled.counts.get(label.key, (1,))) > 1:
            self._tell(MASKS, label.key, "has several in a record without boxes, which no option reads")
        elif roles:
            self._take(MASKS, **roles)
        if roles:
            return
        for each, what in polygons_of_no_option(self._example, self._left, known)[:1]:
            self._tell(MASKS, each.key, what)

    def _keypoints(self) -> None:
        known = self._known()
        if roles := keypoint_roles(self._example, self._left, known):
            self._take(KEYPOINTS, **roles)
            return
        for each in points_of_another_unit(self._example, self._left, known):
            units = ("pixels", "fractions")[:: 1 if self._pixel else -1]
            self._tell(KEYPOINTS, each.key, f"is in {units[1]} and the boxes in {units[0]}, which no option reads")

    def _table(self, each: Held, table: RowTable) -> None:
        """A row an object."""
        columns = table.columns[0]
        width = len(columns.split())
        size = each.values if each.is_number else each.size // table.number_size
        self._settle_sizes(size // width, table.sizes)
        self._take(BOXES, rows=each)
        if table.row_type not in ("", "float32"):
            self.guess.roles["row_type"] = table.row_type
        self.guess.roles["row_columns"] = columns
        self._has_numbers = "number" in columns
        also = f": {' or '.join(map(repr, table.columns[1:]))} would fit, too" if table.columns[1:] else ""
        said = f"{shortened(each.key)} looks like a table of {width} columns, of which nothing says what they are{also}"
        self.guess.unclear.append(said)

    def _orders(self, each: Held) -> tuple[str, ...] | None:
        """The orders of four numbers that a list of boxes allows; None of what is no list of boxes."""
        if each.key not in self._sampled.counts:  # no record had it that was looked at first
            return self._alone.orders.get(each.key)
        return self._sampled.orders.get(each.key)

    @cached_property
    def _alone(self) -> Sampled:
        """What this record says by itself."""
        return sample(
            [self._example], self._schema if self._is_read else None, [each.key for each in self._left[:_MOST_NEW]]
        )

    def _settle(self, boxes: Held, per: int) -> None:
        """Notes how many objects there are, and in which unit, by what is taken for their boxes."""
        self._settle_sizes(boxes.values // per, (count // per for count in self._sampled.counts.get(boxes.key, ())))
        self._pixel = max(map(abs, self._example.numbers(boxes.key)), default=0) > _LARGEST_NORMALIZED
        self.guess.pixel = self._pixel

    def _settle_sizes(self, objects: int, sizes: Iterable[int]) -> None:
        """Notes how many objects there are, in this record and in the first ones."""
        self._objects, self._sizes = objects, tuple(sizes)

    def _flat_boxes(self, flat: Held) -> None:
        orders = self._orders(flat) or ()
        self._settle(flat, 4)
        self._take(BOXES, box=flat)
        self.guess.roles["box_order"] = orders[0] if orders else "xyxy"
        fit = f"the values also fit {' and '.join(orders[1:])}" if orders[1:] else "no other order fits the values"
        fit = fit if orders else "no order fits the values"
        self.guess.unclear.append(f"{shortened(flat.key)} does not say in which order its four numbers are: {fit}")

    def _classes(self) -> None:
        """Numbers and names, as many as objects: by what the keys are called, else by what they hold."""
        numbers = [each for each in self._fitting(CLASS) if self._is_whole(each)]
        names = [each for each in self._fitting(CLASS, NAME) if each.is_text and not each.ends_in(PICTURE, FILE)]
        digits = [each for each in names if self._is_digits(each)]
        names = [each for each in names if each not in digits]
        names.sort(key=lambda each: not each.ends_in(CLASS))
        if not numbers and not digits:
            numbers = [each for each in self._left if self._is_one_hot(each)]
        if numbers or (digits and not names):
            self._take(CLASSES, number=(numbers or digits)[0])
        if names:
            self._take(CLASSES, text=names[0])
        if not (numbers or digits or names):
            self._classes_by_values()

    def _classes_by_values(self) -> None:
        """A text or a number an object, under a name that says nothing."""
        if max(self._sizes, default=self._objects) < 2:
            return  # everything that a record says once would be one
        plain = [each for each in self._fitting() if not is_remark(each.words) and not each.ends_in(PICTURE, FILE)]
        texts = [each for each in plain if each.is_text]
        numbers = [each for each in plain if self._may_be_number(each)]
        digits = [each for each in texts if self._is_digits(each)]
        if not numbers and not texts:
            wide = (each for each in self._left if each.values >= _LEAST_WIDTH * self._objects)
            numbers = [each for each in wide if self._is_one_hot(each, named=True)]
        for role, found, what in (
            ("text", [each for each in texts if each not in digits], "text"),
            ("number", digits + numbers, "number"),
        ):
            if found:
                others = f", or {' or '.join(shortened(each.key) for each in found[1:3])}" if found[1:] else ""
                said = f"{shortened(found[0].key)} has a {what} for each box, which may be its class{others}"
                self.guess.unclear.append(said)
                self._take(CLASSES, **{role: found[0]})
                return

    def _may_be_number(self, each: Held) -> bool:
        """Whether a list without a telling name can be class numbers, and not flags or the ids of objects."""
        if not each.is_number or each.ends_in(_IDS) or not self._is_whole(each):
            return False
        values = self._example.numbers(each.key)
        if each.kind == "float" and max(values) <= 1:
            return False  # scores, which are all 0 or 1 here
        return min(values) >= 0 and max(values) <= _MOST_CLASSES and (not self._may_be_flags or max(values) > 1)

    def _is_one_hot(self, each: Held, *, named: bool = False) -> bool:
        """Whether a list has a 1 for each object at the place of its class, and else 0. named: whatever its name is."""
        named = named or each.ends_in(CLASS) or {"one", "hot"} <= {*each.words} or "onehot" in each.words
        return named and each.is_number and one_hot_places(self._example.numbers(each.key), self._objects) is not None

    def _is_digits(self, each: Held) -> bool:
        return all(value.strip().isdigit() for value in self._example.blobs(each.key))

    def _fitting(self, *names: Collection[str]) -> list[Held]:
        """Keys of this name with one value per object."""
        return [
            each
            for each in self._left
            if each.values == self._objects and self._sampled.agree(each.key, self._sizes)
            if (not names or each.ends_in(*names)) and not each.ends_in(SCORE) and not each.is_predicted
        ]

    def _is_whole(self, each: Held) -> bool:
        values = self._example.floats(each.key) if each.kind == "float" else ()
        return each.is_number and all(value % 1 == 0 for value in values)

    # -------------------------------------------------------------------------------------------- the image
    def _facts_of_image(self) -> None:
        """Size and names of the image."""
        for each in list(self._left):
            words, single = each.words or ("",), each.values == 1
            if single and each.kind != "bytes" and words[-1] in SIZE_OF:
                role = SIZE_OF[words[-1]]
            elif each.kind == "int64" and each.values in (2, 3) and words[-1] in SHAPES:
                role = "shape"
            elif single and each.is_text and (each.ends_in(FILE) or self._names_image(each)):
                role = "filename"
            elif single and words[-1] == "id" and (len(words) == 1 or each.ends_in(PICTURE, ("source",))):
                role = "source_id"
            elif each.is_text and words[-1] in TEXT_OF:
                role = TEXT_OF[words[-1]]
            else:
                continue
            if role not in self.guess.roles:
                self._take("", **{role: each})

    def _names_image(self, each: Held) -> bool:
        """Whether a text ends as the name of an image file does."""
        name = self._example.blobs(each.key)[0].decode(errors="replace").lower()
        return name.endswith(tuple(IMAGE_EXTENSIONS))

    def _image(self) -> None:
        """An encoded image, else raw pixels."""
        single = [each for each in self._left if each.kind == "bytes" and each.values == 1]
        pictures = sorted(
            (each for each in single if each.is_image or each.is_base64_image),
            key=lambda e: (e.ends_in(MASK), not e.ends_in(PICTURE)),
        )
        if pictures:
            self._take(IMAGE, encoded=pictures[0])
            return
        raw = [each for each in single if not each.is_text and each.size >= _LEAST_PIXELS and not each.ends_in(MASK)]
        raw.sort(key=lambda each: (not each.ends_in(PICTURE, ("raw",)), -each.size))
        size = self._size()
        numbers = [each for each in self._left if each.kind == "int64" and each.values >= _LEAST_PIXELS]
        for each in raw + numbers:
            if size is not None and channels_of(each.values if each.is_number else each.size, *size):
                self._take(IMAGE, encoded=each)
                return
        for each in raw:
            if size is None and each.ends_in(PICTURE, ("raw",)) and (shapes := likely_shapes(each.size)):
                self._take(IMAGE, encoded=each)
                self.guess.size = shapes[0][:2]
                held = f"{shortened(each.key)} holds {each.size} bytes, raw pixels without their size"
                self.guess.unclear.append(f"{held}: {', '.join(map(str, shapes))} would fit")
                return

    def _size(self) -> tuple[int, int] | None:
        """Width and height of the image, as far as they are known."""
        roles = ("encoded", "width", "height", "shape")
        keys: dict[str, Any] = {r: (self.guess.roles[r],) for r in roles if r in self.guess.roles}
        return known_size(self._example, self._schema._replace(**keys))

    def _classes_of_image(self) -> None:
        for each in list(self._left):
            if each.ends_in(CLASS) and not each.ends_in(SCORE):
                if each.kind == "int64":
                    self._take("", label_number=each)
                elif each.is_text:
                    self._take("", label_text=each)
