"""What a record schema is: data that says which feature key plays which role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from tfrecord_lite.errors import UsageError, quoted
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.tables import check_table

BOX_ORDERS = ("yxyx", "xyxy", "xywh")
RAW_CHANNELS = ("rgb", "bgr")
Keys = tuple[str, ...]
"""Keys that can play one role. The first that a record holds counts."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The feature keys of a family of records. A role without keys is one that the family does not have.

    The image
        encoded, filename, source_id, format: one bytes value a record; source_id may be int64. encoded may be a buffer
            of raw pixels, a byte a channel, where width and height are given.
        raw_channels: their order in such a buffer, ``rgb`` or ``bgr``.
        width, height: one int64 value a record, in pixels.
    Boxes and classes, one value an object
        xmin, ymin, xmax, ymax: float, normalised or in pixels.
        box, box_order: instead of these four values an object in one list, in the order ``yxyx``, ``xyxy`` or ``xywh``.
        box_width, box_height: instead of xmax and ymax.
        outline_x, outline_y, outline_object: instead of these x, y and object number of each corner of all polygons.
        corners: instead of these the prefix of eight keys, x1, y1 to x4, y4: float, one value an object.
        vertices: instead of these one text an object, ``x0,y0,x1,y1,...``, in the unit of the boxes.
        rows: instead of these one bytes value, a table of numbers, row by row, one row an object.
        row_type: of the numbers: float32, float64, uint8, int16, int32, int64, ..., little endian.
        row_columns: what they are: ``xmin ymin xmax ymax number``, any roles of one number an object; ``x y`` for each
            corner of a polygon; ``-`` for what is not read. ``|`` between the tables that it can be.
        row_count: how many rows there are, int64.
        flipped: whether y counts from the bottom of the image.
        pixel: whether the coordinates are pixels; None where the values tell.
        number, text: the class, int64 and bytes. float_numbers: keys of numbers that some writers store as float.
        may_transcribe: whether text can be what is written there instead of a class, which the values tell: one number
            then has several texts.
        zero_based: whether class numbers are indexes from 0.
        category: name of the one class, where a family has objects of one kind only.
        area: float, in square pixels or normalised.
        crowd, group: int64, 0 or 1. group counts where a record has no crowd.
    Masks
        mask: one encoded image an object, or float values, row-major, of all objects one after the other.
        rle_counts, rle_size: COCO's compressed run lengths, and height and width of each.
        mask_bytes: one bytes value: a byte a pixel, row-major, all objects one after the other.
        mask_indices: sparse masks: object, row, column of each pixel, int64; mask_values: its value, 1 where left out.
        mask_weight: one value an object; where it is 0 the mask does not count.
        mask_number, mask_text: classes of masks, where those are not the masks of the boxes.
        polygon, polygon_ends: x, y of all polygons in pixels, and where each object's values begin and end: int64, one
            more than there are objects. A pair of -2 begins another part of the same object, -1 is padding.
    Keypoints, the same number of values for each object
        keypoint_x, keypoint_y: in the unit of the boxes.
        keypoint_visibility, keypoint_text: COCO's 0, 1, 2, and the name.
        keypoint_pairs: instead of x and y both of all keypoints, one after the other.
        keypoint_hidden: instead of the visibility 1 where a keypoint is hidden and 0 where it is visible.
        keypoint_triples, keypoint_ends: instead of these x, y, visibility of all keypoints in pixels, and where each
            object's values begin and end.
        keypoint_count: how many are labelled, one value an object.
        dense_pose: prefix of the DensePose keys.
    The whole image
        caption: any number of texts a record.
        semantic: a label image, one class number a pixel; semantic_format: its format, ``raw`` for DeepLab2's numbers.
        panoptic_png: a panoptic image in COCO's encoding; panoptic_number, panoptic_label, panoptic_crowd: number in
            the image, class number and iscrowd of each segment.
        panoptic_category, panoptic_instance: two label images that make a panoptic one.
        label_number, label_text, label_confidence: classes of the image, any number a record.
        label_names: names of the numbers in label_number, where those are not numbers of the objects' classes.
        metadata: keys of single values that the COCO image keeps, and their names there; metadata_lists: of lists.
    merged
        whether a record holds one annotation: records with one source_id are one image.
    All else
        attribute_prefix: keys below it that hold one value an object become attributes, named by the rest of the key.
        attribute_names: those that get another name. attribute_sizes: those that have several values an
            object; 0 for any number.
        implied: keys that only repeat what other keys or the image bytes say.
        predictions: prefixes of keys that hold a model's output, never ground truth.
    """

    name: str
    encoded: Keys = ()
    filename: Keys = ()
    source_id: Keys = ()
    format: Keys = ()
    raw_channels: str = "rgb"
    width: Keys = ()
    height: Keys = ()
    xmin: Keys = ()
    ymin: Keys = ()
    xmax: Keys = ()
    ymax: Keys = ()
    box: Keys = ()
    box_order: str = "yxyx"
    box_width: Keys = ()
    box_height: Keys = ()
    outline_x: Keys = ()
    outline_y: Keys = ()
    outline_object: Keys = ()
    corners: str = ""
    vertices: Keys = ()
    rows: Keys = ()
    row_type: str = "float32"
    row_columns: str = "xmin ymin xmax ymax number"
    row_count: Keys = ()
    flipped: bool = False
    pixel: bool | None = None
    float_numbers: frozenset[str] = frozenset()
    may_transcribe: bool = False
    zero_based: bool = False
    category: str = ""
    merged: bool = False
    number: Keys = ()
    text: Keys = ()
    area: Keys = ()
    crowd: Keys = ()
    group: Keys = ()
    mask: Keys = ()
    rle_counts: Keys = ()
    rle_size: Keys = ()
    mask_bytes: Keys = ()
    mask_indices: Keys = ()
    mask_values: Keys = ()
    mask_weight: Keys = ()
    mask_number: Keys = ()
    mask_text: Keys = ()
    polygon: Keys = ()
    polygon_ends: Keys = ()
    keypoint_x: Keys = ()
    keypoint_y: Keys = ()
    keypoint_pairs: Keys = ()
    keypoint_visibility: Keys = ()
    keypoint_hidden: Keys = ()
    keypoint_text: Keys = ()
    keypoint_count: Keys = ()
    keypoint_triples: Keys = ()
    keypoint_ends: Keys = ()
    dense_pose: str = ""
    caption: Keys = ()
    semantic: Keys = ()
    semantic_format: Keys = ()
    panoptic_png: Keys = ()
    panoptic_number: Keys = ()
    panoptic_label: Keys = ()
    panoptic_crowd: Keys = ()
    panoptic_category: Keys = ()
    panoptic_instance: Keys = ()
    label_number: Keys = ()
    label_text: Keys = ()
    label_confidence: Keys = ()
    label_names: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    metadata_lists: Mapping[str, str] = field(default_factory=dict)
    attribute_prefix: str = ""
    attribute_names: Mapping[str, str] = field(default_factory=dict)
    attribute_sizes: Mapping[str, int] = field(default_factory=dict)
    implied: frozenset[str] = frozenset()
    predictions: tuple[str, ...] = ()

    @property
    def sides(self) -> tuple[Keys, Keys, Keys, Keys]:
        """The four roles of a box, in the order xmin, ymin, xmax, ymax."""
        return self.xmin, self.ymin, self.xmax, self.ymax

    @property
    def geometry(self) -> Keys:
        """Every key that boxes come from."""
        sides = (*self.xmin, *self.ymin, *self.xmax, *self.ymax, *self.box_width, *self.box_height)
        return (*sides, *self.box, *self.outline_x, *self.vertices, *self.rows, *self.corner_keys)

    @property
    def corner_keys(self) -> Keys:
        """The keys of four corners, x before y; none where the schema has no such ones."""
        return tuple(f"{self.corners}{axis}{place}" for place in range(1, 5) for axis in "xy") if self.corners else ()

    @property
    def is_packed(self) -> bool:
        """Whether values of records hold many numbers each, which have to be taken out first (``columns``)."""
        return bool(self.rows or self.vertices or self.corners)

    @property
    def object_keys(self) -> Keys:
        """Keys that say something of objects, but for their boxes and classes."""
        masks = self.mask + self.rle_counts + self.mask_bytes + self.mask_indices + self.polygon + self.outline_x
        points = self.keypoint_x + self.keypoint_y + self.keypoint_pairs + self.keypoint_triples
        return self.area + self.crowd + self.group + masks + points

    @property
    def rivals(self) -> dict[str, Keys]:
        """Keys that play a role only where those before them are not there, with all keys of the role."""
        roles = [getattr(self, each.name) for each in fields(self) if each.name != "predictions"]
        return {key: role for role in roles if isinstance(role, tuple) for key in role[1:]}

    @property
    def read_keys(self) -> frozenset[str]:
        """Every key that something reads, but for those below the prefixes."""
        roles = (getattr(self, each.name) for each in fields(self) if each.name != "predictions")
        keys = {key for role in roles if isinstance(role, tuple) for key in role}
        return frozenset(keys).union(self.metadata, self.metadata_lists, self.implied, self.corner_keys)


def with_prefix(schema: Schema, prefix: str) -> Schema:
    """The same schema with ``prefix`` before every key, as the Model Garden's builder can write it."""
    changes: dict[str, Any] = {"name": f"{prefix}{schema.name}"}
    for each in fields(schema):
        value = getattr(schema, each.name)
        if isinstance(value, tuple) and each.name != "predictions":
            changes[each.name] = tuple(prefix + key for key in value)
        elif each.name in ("metadata", "metadata_lists"):
            changes[each.name] = {prefix + key: name for key, name in value.items()}
    for name in ("implied", "float_numbers"):
        changes[name] = frozenset(prefix + key for key in getattr(schema, name))
    changes["attribute_prefix"] = prefix + schema.attribute_prefix
    changes["dense_pose"] = prefix + schema.dense_pose
    changes["corners"] = prefix + schema.corners if schema.corners else ""
    return replace(schema, **changes)


_OPTIONAL = frozenset(
    "area caption crowd group keypoint label mask outline panoptic polygon rle semantic".split()  # noqa: SIM905 - words
)
"""First words of roles that come together or not at all."""


def narrowed(schema: Schema, example: Example) -> Schema:
    """The same schema for all records with the keys of this one: each role has the one key that counts.

    Roles that come together have no keys where none of them has values; of all others messages can name the first.
    """
    changes: dict[str, Any] = {"metadata": {key: name for key, name in schema.metadata.items() if key in example}}
    met = set()
    for each in fields(schema):
        keys = getattr(schema, each.name)
        if isinstance(keys, tuple) and keys and each.name != "predictions":
            changes[each.name] = (present(example, keys),)
            if example.count(changes[each.name][0]):
                met.add(each.name.partition("_")[0])
    for name in changes:
        word = name.partition("_")[0]
        if word in _OPTIONAL - met:
            changes[name] = ()
    if not example.count(schema.dense_pose + "num"):
        changes["dense_pose"] = ""
    return replace(schema, **changes)


def check_values(changes: Mapping[str, object]) -> None:
    """Refuses what a role cannot be. UsageError."""
    order = changes.get("box_order", "yxyx")
    if order not in BOX_ORDERS:
        raise UsageError(f"box_order is {order!r}, expected one of {', '.join(BOX_ORDERS)}")
    channels = changes.get("raw_channels", "rgb")
    if channels not in RAW_CHANNELS:
        raise UsageError(f"raw_channels is {channels!r}, expected one of {', '.join(RAW_CHANNELS)}")
    check_table(changes.get("row_type", "float32"), changes.get("row_columns", "xmin"))


def with_roles(schema: Schema, roles: Iterable[tuple[str, str]]) -> Schema:
    """The schema with keys of one's own for some roles. UsageError where a role does not exist."""
    known = {each.name: each for each in fields(schema)}
    changes: dict[str, Any] = {}
    for role, key in roles:
        if role not in known or not isinstance(getattr(schema, role), tuple | str) or role in ("name", "predictions"):
            names = ", ".join(sorted(name for name in known if isinstance(getattr(schema, name), tuple)))
            raise UsageError(f"there is no role {quoted(role)}. The roles are {names}")
        changes[role] = (key,) if isinstance(getattr(schema, role), tuple) else key
    check_values(changes)
    if changes.keys() & {"xmin", "ymin", "xmax", "ymax"}:
        changes.setdefault("box", ())
    return replace(schema, **changes) if changes else schema


_NO_KEY = "\0"  # no record has it


def present(example: Example, keys: Keys) -> str:
    """The first of the keys of a role that has values in a record; where none has, one that messages can name."""
    if len(keys) != 1:
        for key in keys:
            if example.count(key):
                return key
    return only(keys)


def only(keys: Keys) -> str:
    """The key of a role of a ``narrowed`` schema; where it has none, one that no record has."""
    return keys[0] if keys else _NO_KEY
