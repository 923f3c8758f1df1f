"""Keys that nothing reads -> the roles that they probably play, as options that would read them.

By the names and values of one record: a name says what a key may be, the number of its values what it can be. What the
values leave open, such as the order of the four numbers of a box, is said in words beside the options.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tfrecord_lite.errors import shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.header import IMAGE_EXTENSIONS
from tfrecord_lite.images.raw_shapes import channels_of, likely_shapes
from tfrecord_lite.images.signatures import HEAD_SIZE, image_format
from tfrecord_lite.schemas.box_order import fitting_orders
from tfrecord_lite.schemas.evidence import known_size
from tfrecord_lite.schemas.roles import ROLES
from tfrecord_lite.schemas.schema import Schema
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
    POINT,
    SCORE,
    side_of,
    words_of,
)
from tfrecord_lite.spelling import option_of

_LONGEST_TEXT = 256  # bytes of a file name, or of the name of a class
_LEAST_PIXELS = 64  # of a picture or a mask
_PLACES = {role.name: place for place, role in enumerate(ROLES)}
_FORMS = (
    {"xmin": "xmin", "ymin": "ymin", "xmax": "xmax", "ymax": "ymax"},
    {"xmin": "x0", "ymin": "y0", "xmax": "x1", "ymax": "y1"},
    {"xmin": "x1", "ymin": "y1", "xmax": "x2", "ymax": "y2"},
    {"xcenter": "xcenter", "ycenter": "ycenter", "box_width": "width", "box_height": "height"},
    {"xmin": "xmin", "ymin": "ymin", "box_width": "width", "box_height": "height"},
    {"xmin": "x", "ymin": "y", "box_width": "width", "box_height": "height"},
)
"""What four keys of one group can be a box by: the role of each, and what its name says."""


@dataclass(slots=True)
class Guess:
    """Roles that keys probably play.

    roles: by name; also of roles that take a value. size: of raw pixels, where the record does not give it.
    found: the keys of each kind of content. unclear: what only a person can know, in words.
    """

    roles: dict[str, str] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    found: dict[str, list[str]] = field(default_factory=dict)
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


class _Key(NamedTuple):
    """A key with what it holds. values: how many; head: the first bytes of a bytes value; size: its length."""

    key: str
    words: tuple[str, ...]
    kind: str
    values: int
    head: bytes
    size: int

    @property
    def is_image(self) -> bool:
        return image_format(self.head) is not None

    @property
    def is_text(self) -> bool:
        return self.kind == "bytes" and not self.is_image and self.size <= _LONGEST_TEXT and b"\0" not in self.head

    def ends_in(self, *names: Collection[str]) -> bool:
        """Whether one of the last two words is among these."""
        return any(word in each for each in names for word in self.words[-2:])


def guess_roles(example: Example, schema: Schema | None, wanted: Collection[str] = CONTENT, objects: int = 0) -> Guess:
    """The roles that keys of a record are likely to play.

    Args:
        example: the record.
        schema: how it is read otherwise; None where it follows none, so that all its roles are asked for.
        wanted: which content is missing.
        objects: how many objects it is known to have.
    """
    return _Guesser(example, schema, wanted, objects).guess


class _Guesser:
    """Goes through the roles, the clearest first; a key gets one role at most."""

    def __init__(self, example: Example, schema: Schema | None, wanted: Collection[str], objects: int) -> None:
        self.guess = Guess()
        self._example = example
        self._schema = schema or Schema("custom")
        self._objects = objects
        self._is_read = schema is not None
        read = self._schema.read_keys - {*self._schema.label_number, *self._schema.label_text}
        predictions = self._schema.predictions
        self._left = [
            _facts(example, key)
            for key in sorted(example)
            if key not in read and example.count(key) and not key.startswith(predictions)
        ]
        if BOXES in wanted:
            self._boxes()
            if schema is None and not self._objects:
                self.guess.unclear.append("No keys look like boxes by their names")
        if KEYPOINTS in wanted:
            self._keypoints()
        if schema is None:
            self._facts_of_image()
        if IMAGE in wanted:
            self._image()
        if CLASSES in wanted and self._objects:
            self._classes()
        if MASKS in wanted:
            self._masks()
        if CLASSES in wanted and not self._objects and schema is None:
            self._classes_of_image()

    def _take(self, content: str, **keys: _Key) -> None:
        """Gives roles to keys."""
        for role, each in keys.items():
            self.guess.roles[role] = each.key
            self._left.remove(each)
            if content:
                self.guess.found.setdefault(content, []).append(each.key)

    def _numbers(self) -> Iterator[_Key]:
        return (each for each in self._left if each.kind != "bytes")

    # -------------------------------------------------------------------------------------------- objects
    def _boxes(self) -> None:
        """Four keys of one group, else four numbers an object in one list, else the bytes of an array."""
        groups: dict[tuple[str, ...], dict[str, _Key]] = defaultdict(dict)
        for each in self._numbers():
            if found := side_of(each.words):
                groups[found[1]].setdefault(found[0], each)
        for form in _FORMS:
            for sides in groups.values():
                keys = {role: sides[side] for role, side in form.items() if side in sides}
                if len(keys) == 4 and len({(each.values, each.kind) for each in keys.values()}) == 1:
                    self._objects = keys["xmin" if "xmin" in keys else "xcenter"].values
                    self._take(BOXES, **keys)
                    return
        for each in list(self._left):
            if each.ends_in(BOX) and each.kind != "bytes" and each.values % 4 == 0:
                self._flat_boxes(each)
                return

    def _flat_boxes(self, flat: _Key) -> None:
        self._objects = flat.values // 4
        self._take(BOXES, box=flat)
        orders = fitting_orders(replace(self._schema, box=(flat.key,)), [self._example])
        self.guess.roles["box_order"] = orders[0] if orders else "xyxy"
        fit = f"the values also fit {' and '.join(orders[1:])}" if orders[1:] else "no other order fits the values"
        fit = fit if orders else "no order fits the values"
        self.guess.unclear.append(f"{shortened(flat.key)} does not say in which order its four numbers are: {fit}")

    def _keypoints(self) -> None:
        groups: dict[tuple[str, ...], dict[str, _Key]] = defaultdict(dict)
        for each in self._numbers():
            if not POINT.isdisjoint(each.words) and each.words[-1] in _POINT_PARTS:
                groups[each.words[:-1]][_POINT_PARTS[each.words[-1]]] = each
        for parts in groups.values():
            if {"keypoint_x", "keypoint_y"} <= parts.keys() and len({each.values for each in parts.values()}) == 1:
                self._take(KEYPOINTS, **parts)
                return

    def _classes(self) -> None:
        """Numbers and names, as many as objects."""
        numbers = [each for each in self._fitting(CLASS) if self._is_whole(each)]
        names = [each for each in self._fitting(CLASS, NAME) if each.is_text and not each.ends_in(PICTURE, FILE)]
        digits = [each for each in names if all(value.strip().isdigit() for value in self._example.blobs(each.key))]
        names = [each for each in names if each not in digits]
        names.sort(key=lambda each: not each.ends_in(CLASS))
        if numbers or (digits and not names):
            self._take(CLASSES, number=(numbers or digits)[0])
        if names:
            self._take(CLASSES, text=names[0])
        if not (numbers or digits or names or self._is_read):
            texts = [each for each in self._left if each.values == self._objects and each.is_text]
            if len(texts) == 1:
                self.guess.unclear.append(f"{shortened(texts[0].key)} has a text for each box, which may be its class")
                self._take(CLASSES, text=texts[0])

    def _fitting(self, *names: Collection[str]) -> list[_Key]:
        """Keys of this name with one value per object."""
        return [e for e in self._left if e.values == self._objects and e.ends_in(*names) and not e.ends_in(SCORE)]

    def _is_whole(self, each: _Key) -> bool:
        return each.kind == "int64" or (
            each.kind == "float" and all(value == value // 1 for value in self._example.floats(each.key))
        )

    # -------------------------------------------------------------------------------------------- the image
    def _facts_of_image(self) -> None:
        """Size and names of the image."""
        for each in list(self._left):
            words, single = each.words, each.values == 1
            if single and each.kind != "bytes" and words[-1] in _SIZES:
                role = _SIZES[words[-1]]
            elif each.kind == "int64" and each.values in (2, 3) and words[-1] in ("shape", "dims", "dimensions"):
                role = "shape"
            elif single and each.is_text and (each.ends_in(FILE) or self._names_image(each)):
                role = "filename"
            elif single and words[-1] == "id" and (len(words) == 1 or each.ends_in(PICTURE, ("source",))):
                role = "source_id"
            elif single and each.is_text and words[-1] == "format":
                role = "format"
            else:
                continue
            if role not in self.guess.roles:
                self._take("", **{role: each})

    def _names_image(self, each: _Key) -> bool:
        """Whether a text ends as the name of an image file does."""
        name = self._example.blobs(each.key)[0].decode(errors="replace").lower()
        return name.endswith(tuple(IMAGE_EXTENSIONS))

    def _image(self) -> None:
        """An encoded image, else raw pixels."""
        single = [each for each in self._left if each.kind == "bytes" and each.values == 1]
        pictures = sorted(
            (each for each in single if each.is_image), key=lambda e: (e.ends_in(MASK), not e.ends_in(PICTURE))
        )
        if pictures:
            self._take(IMAGE, encoded=pictures[0])
            return
        raw = [each for each in single if not each.is_text and each.size >= _LEAST_PIXELS and not each.ends_in(MASK)]
        raw.sort(key=lambda each: (not each.ends_in(PICTURE, ("raw",)), -each.size))
        size = self._size()
        for each in raw:
            if size is not None and channels_of(each.size, *size):
                self._take(IMAGE, encoded=each)
                return
        for each in raw:
            if size is None and each.ends_in(PICTURE, ("raw",)) and (shapes := likely_shapes(each.size)):
                self._take(IMAGE, encoded=each)
                self.guess.size = shapes[0][:2]
                fitting = ", ".join(map(str, shapes))
                text = (
                    f"{shortened(each.key)} holds {each.size} bytes, raw pixels without their size: {fitting} would fit"
                )
                self.guess.unclear.append(text)
                return

    def _size(self) -> tuple[int, int] | None:
        """Width and height of the image, as far as they are known."""
        roles = ("encoded", "width", "height", "shape")
        keys: dict[str, Any] = {r: (self.guess.roles[r],) for r in roles if r in self.guess.roles}
        return known_size(self._example, replace(self._schema, **keys))

    def _masks(self) -> None:
        """One an object where there are objects, else a label image."""
        size = self._size()
        pixels = size[0] * size[1] if size else 0
        for each in self._left:
            if each.ends_in(MASK) and (role := self._role_of_mask(each, pixels)):
                self._take(MASKS, **{role: each})
                return

    def _role_of_mask(self, each: _Key, pixels: int) -> str:
        """What a key can be that is called a mask; empty where it can be none. pixels: of the image, 0 if unknown."""
        count = self._objects
        is_single = each.kind == "bytes" and each.values == 1
        is_raw = is_single and pixels > 0 and each.size > 0 and each.size % (pixels * max(1, count)) == 0
        if not count:
            return "semantic" if is_single and (each.is_image or is_raw) else ""
        if each.values == (count if each.is_image else count * pixels) and each.kind in ("bytes", "float"):
            return "mask"
        return "mask_bytes" if is_raw else ""

    def _classes_of_image(self) -> None:
        for each in list(self._left):
            if each.ends_in(CLASS) and not each.ends_in(SCORE):
                if each.kind == "int64":
                    self._take("", label_number=each)
                elif each.is_text:
                    self._take("", label_text=each)


_POINT_PARTS = {"x": "keypoint_x", "y": "keypoint_y", "v": "keypoint_visibility", "visibility": "keypoint_visibility"}
_SIZES = {"width": "width", "w": "width", "cols": "width", "height": "height", "h": "height", "rows": "height"}


def _facts(example: Example, key: str) -> _Key:
    """A key with what it holds in this record."""
    kind = example.kind(key) or ""
    values: Sequence[bytes | memoryview] = example.buffers(key) if kind == "bytes" else ()
    head, size = (bytes(values[0][:HEAD_SIZE]), len(values[0])) if values else (b"", 0)
    return _Key(key, words_of(key), kind, example.count(key), head, size)
