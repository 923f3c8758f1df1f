"""What a record layout is: data that says which feature key plays which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from tfrecord_lite.example import Example

Keys = tuple[str, ...]
"""Keys that can play one role. The first that a record holds counts."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The feature keys of a family of records. A role without keys is one that the family does not have.

    The image
        encoded, filename, source_id, format: one bytes value a record; source_id may be int64.
        width, height: one int64 value a record, in pixels.
    Boxes and classes, one value an object
        xmin, ymin, xmax, ymax: float, normalised or in pixels.
        number, text: the class, int64 and bytes.
        area: float, in square pixels or normalised.
        crowd, group: int64, 0 or 1. group counts where a record has no crowd.
    Masks
        mask: one encoded image an object, or float values, row-major, of all objects one after the other.
        mask_indices: sparse masks: object, row, column of each foreground pixel, int64.
        mask_weight: one value an object; where it is 0 the mask does not count.
        mask_number, mask_text: classes of masks, where those are not the masks of the boxes.
        polygon, polygon_ends: x, y of all polygons in pixels, and where each object's values begin and end: int64, one
            more than there are objects. A pair of -2 begins another part of the same object, -1 is padding.
    Keypoints, the same number of values for each object
        keypoint_x, keypoint_y: in the unit of the boxes.
        keypoint_visibility, keypoint_text: COCO's 0, 1, 2, and the name.
        keypoint_count: how many are labelled, one value an object.
        dense_pose: prefix of the DensePose keys.
    The whole image
        caption: any number of texts a record.
        semantic: a label image, one class number a pixel; semantic_format: its format, ``raw`` for DeepLab2's numbers.
        panoptic_category, panoptic_instance: two label images that make a panoptic one.
        label_number, label_text, label_confidence: classes of the image, any number a record.
        facts: keys of single values that the COCO image keeps, and their names there; fact_lists: of lists.
    All else
        attribute_prefix: keys below it that hold one value an object become attributes, named by the rest of the key.
        attribute_names: those that get another name.
        implied: keys that only repeat what other keys or the image bytes say.
        predictions: prefixes of keys that hold a model's output, never ground truth.
    """

    name: str
    encoded: Keys = ()
    filename: Keys = ()
    source_id: Keys = ()
    format: Keys = ()
    width: Keys = ()
    height: Keys = ()
    xmin: Keys = ()
    ymin: Keys = ()
    xmax: Keys = ()
    ymax: Keys = ()
    number: Keys = ()
    text: Keys = ()
    area: Keys = ()
    crowd: Keys = ()
    group: Keys = ()
    mask: Keys = ()
    mask_indices: Keys = ()
    mask_weight: Keys = ()
    mask_number: Keys = ()
    mask_text: Keys = ()
    polygon: Keys = ()
    polygon_ends: Keys = ()
    keypoint_x: Keys = ()
    keypoint_y: Keys = ()
    keypoint_visibility: Keys = ()
    keypoint_text: Keys = ()
    keypoint_count: Keys = ()
    dense_pose: str = ""
    caption: Keys = ()
    semantic: Keys = ()
    semantic_format: Keys = ()
    panoptic_category: Keys = ()
    panoptic_instance: Keys = ()
    label_number: Keys = ()
    label_text: Keys = ()
    label_confidence: Keys = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    fact_lists: Mapping[str, str] = field(default_factory=dict)
    attribute_prefix: str = ""
    attribute_names: Mapping[str, str] = field(default_factory=dict)
    implied: frozenset[str] = frozenset()
    predictions: tuple[str, ...] = ()

    @property
    def boxes(self) -> tuple[Keys, ...]:
        """The four roles of a box, in the order xmin, ymin, xmax, ymax."""
        return self.xmin, self.ymin, self.xmax, self.ymax

    @property
    def read_keys(self) -> frozenset[str]:
        """Every key that something reads, but for those below the prefixes."""
        roles = (getattr(self, each.name) for each in fields(self) if each.name != "predictions")
        keys = {key for role in roles if isinstance(role, tuple) for key in role}
        return frozenset(keys) | self.facts.keys() | self.fact_lists.keys() | self.implied


_NO_KEY = "\0"  # no record has it


def present(example: Example, keys: Keys) -> str:
    """The first of the keys of a role that has values in a record; where none has, one that messages can name."""
    if len(keys) != 1:
        for key in keys:
            if example.count(key):
                return key
    return keys[0] if keys else _NO_KEY
