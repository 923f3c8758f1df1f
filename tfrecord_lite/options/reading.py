"""Options about how records are found and read: those of every verb that reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tfrecord_lite.options.kinds import (
    Choice,
    Dimensions,
    LabelMapSource,
    Numbers,
    Pair,
    Path,
    Size,
    Text,
    Whole,
)
from tfrecord_lite.options.option import Option, check_options, flag

_LARGEST = 256 << 20  # tfrecord.framing.MAX_RECORD_SIZE, whose import needs the checksum's extension module

INPUT = "which records"
MEANING = "what the records mean"
BAD_DATA = "bad data"

ALLOW_MISSING_SHARDS = flag("allow_missing_shards", INPUT, "accept sets of shards with gaps")
MAX_RECORD_SIZE_OPTION = Option(
    "max_record_size", Size(), INPUT, "the largest record to accept", default=_LARGEST, default_text="256MiB"
)
SCHEMA_NAMES = (
    "classification",
    "custom",
    "fast_mask_rcnn",
    "keras_io",
    "object_detection",
    "object_detection_pixels",
    "object_detection_quadrangles",
    "object_detection_x0_x1",
    "object_detection_x1_x2",
    "plain",
    "r2cnn",
    "sequence_example",
    "tao",
    "tao_dali",
    "tao_faces",
    "tfds",
    "unified_detector",
)
"""Those in ``schemas/``, named here since help must not wait for them."""
SCHEMA = Option(
    "schema",
    Text("NAME"),
    MEANING,
    f"the schema of the records: {', '.join(SCHEMA_NAMES)}; or a file that describes another one",
    default="auto",
    default_text="recognised",
)
ROLES = Option(
    "roles",
    Pair("ROLE=KEY", "ROLE=KEY, such as xmin=box/left", 'keys by role, such as {"xmin": "box/left"}'),
    MEANING,
    "the key that has this role in your records; the command roles explains them",
    repeated=True,
    typed="--map",
)
LABEL_MAP = Option(
    "label_map",
    LabelMapSource(),
    MEANING,
    "names of the classes: pbtxt (text or binary), YAML, CSV, one name a line, JSON or COCO; none: no label map",
    default_text="the one beside the input that fits",
)
COORDINATES = Option(
    "coordinates",
    Choice(("auto", "normalized", "pixel")),
    MEANING,
    "the unit of the records' boxes; auto: decided for each file by its values",
    default="auto",
)
CATEGORY = Option(
    "category", Text("NAME"), MEANING, "the one category of records that name no classes", default="object"
)
IMAGE_ROOT = Option("image_root", Path("DIR"), MEANING, "where the pictures are, if the records only name them")
IMAGE_SIZE = Option(
    "image_size",
    Dimensions(),
    MEANING,
    "width and height of the images of records that say neither; with it raw pixels can be read",
)
IMAGE_INDEX = Option(
    "image_index", Whole("images", 0), MEANING, "which image to read of records that hold several under one key, from 0"
)
DROP_EMPTY_BOXES = flag(
    "drop_empty_boxes", MEANING, "leave out objects whose boxes have no area, which trainers refuse"
)
IGNORED_LABELS = Option(
    "ignored_labels",
    Numbers(),
    MEANING,
    'numbers in semantic and panoptic label images that mean "no class"',
    default=(0, 255),
    default_text="0,255",
)
PANOPTIC_DIVISOR = Option(
    "panoptic_divisor", Whole("instances"), MEANING, "for DeepLab2's raw panoptic numbers: class * N + instance"
)
VERIFY_IMAGES = flag("verify_images", BAD_DATA, "decode every image fully, not only its header")

RECORD_OPTIONS = (
    ALLOW_MISSING_SHARDS,
    MAX_RECORD_SIZE_OPTION,
    LABEL_MAP,
    SCHEMA,
    ROLES,
    COORDINATES,
    CATEGORY,
    DROP_EMPTY_BOXES,
    IMAGE_ROOT,
    IMAGE_SIZE,
    IMAGE_INDEX,
    IGNORED_LABELS,
    PANOPTIC_DIVISOR,
)
"""Of every verb that reads records to their ends, in the order of its help."""

VERIFY_OPTIONS = (ALLOW_MISSING_SHARDS, MAX_RECORD_SIZE_OPTION)
"""What ``verify`` takes."""

_READ_OPTIONS = (
    COORDINATES,
    SCHEMA,
    ROLES,
    IMAGE_ROOT,
    IMAGE_SIZE,
    IMAGE_INDEX,
    flag("pictures", "", "whether a record without its picture is reported", default=True),
    CATEGORY,
    DROP_EMPTY_BOXES,
    flag("masks", "", "whether the masks of objects are decoded", default=True),
    IGNORED_LABELS,
    PANOPTIC_DIVISOR,
    MAX_RECORD_SIZE_OPTION,
    flag("recover", "", "look for records after damage"),
    VERIFY_IMAGES,
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How records are read.

    coordinates: ``auto`` to decide by the values of each file, else ``normalized`` or ``pixel``.
    schema: ``auto``, or the name of the schema that the records have.
    roles: your keys for roles of the schema, in pairs of role and key.
    image_root: where the pictures are that records only name; None where there are none to find.
    image_size: width and height of images of which records say neither.
    image_index: which image to read of records that hold several under one key, from 0; None to refuse them.
    pictures: whether pictures are wanted, so that a record without its own is reported.
    category: the class of objects in files that name none.
    drop_empty_boxes: leave out objects whose boxes have no area.
    masks: whether the masks of objects are decoded.
    ignored_labels: numbers of semantic and panoptic label images that mean "no class".
    panoptic_divisor: of raw panoptic numbers, which are class * divisor + instance; None where there are none.
    max_record_size: the largest payload to accept, in bytes.
    recover: look for records after damage.
    verify_images: decode every image fully.

    Raises:
        UsageError: a value is not what the option can be.
    """

    coordinates: str = "auto"
    schema: str = "auto"
    roles: tuple[tuple[str, str], ...] = ()
    image_root: str | None = None
    image_size: tuple[int, int] | None = None
    image_index: int | None = None
    pictures: bool = True
    category: str = "object"
    drop_empty_boxes: bool = False
    masks: bool = True
    ignored_labels: frozenset[int] = frozenset({0, 255})
    panoptic_divisor: int | None = None
    max_record_size: int = _LARGEST
    recover: bool = False
    verify_images: bool = False

    @classmethod
    def given(cls, values: Mapping[str, Any], **derived: Any) -> ReadOptions:  # noqa: ANN401 - checked below
        """Those that a verb was given.

        values: of the verb's options, by name; those about other things are passed over.
        derived: values that follow from several options of the verb; they replace what ``values`` has of these names.
        """
        names = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in names} | derived)

    def __post_init__(self) -> None:
        check_options(_READ_OPTIONS, {each.name: getattr(self, each.name) for each in fields(self)})
        # Other types that mean the same become one: a mapping of roles, a Path, any collection or kind of integers.
        object.__setattr__(self, "roles", tuple(dict(self.roles or ()).items()))
        object.__setattr__(self, "image_root", None if self.image_root is None else os.fspath(self.image_root))
        object.__setattr__(self, "ignored_labels", frozenset(self.ignored_labels))
        for name in ("image_index", "panoptic_divisor"):
            if (number := getattr(self, name)) is not None:
                object.__setattr__(self, name, int(number))
