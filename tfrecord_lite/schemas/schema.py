"""What a record schema is: data that says which feature key plays which role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tfrecord_lite.example.example import Example

BOX_ORDERS = ("yxyx", "xyxy", "xywh", "cxcywh")
Keys = tuple[str, ...]
"""Keys that can play one role. The first that a record holds counts."""

_NO_NAMES: Mapping[str, Any] = {}  # a plain one, which crosses the border of a process


class Schema(NamedTuple):
    """The feature keys of a family of records.

    Each field but ``name`` is a role, described in ``roles.ROLES``. A role without keys is one that the family does not
    have; of several keys the first that a record holds counts.
    """

    name: str
    encoded: Keys = ()
    filename: Keys = ()
    source_id: Keys = ()
    original_id: Keys = ()
    format: Keys = ()
    raw_channels: str = "rgb"
    width: Keys = ()
    height: Keys = ()
    shape: Keys = ()
    xmin: Keys = ()
    ymin: Keys = ()
    xmax: Keys = ()
    ymax: Keys = ()
    box: Keys = ()
    box_order: str = ""
    xcenter: Keys = ()
    ycenter: Keys = ()
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
    keypoint_total: Keys = ()
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
    label_names: Mapping[str, str] = _NO_NAMES
    metadata: Mapping[str, str] = _NO_NAMES
    metadata_lists: Mapping[str, str] = _NO_NAMES
    metadata_prefix: str = ""
    metadata_json: Keys = ()
    source_json: Keys = ()
    attribute_prefix: str = ""
    attribute_names: Mapping[str, str] = _NO_NAMES
    attribute_sizes: Mapping[str, int] = _NO_NAMES
    attribute_json: Keys = ()
    implied: frozenset[str] = frozenset()
    predictions: tuple[str, ...] = ()

    @property
    def keys_of(self) -> dict[str, Keys]:
        """The keys of each role that is played by keys."""
        roles = zip(self._fields, self, strict=True)
        return {name: keys for name, keys in roles if isinstance(keys, tuple) and name != "predictions"}

    @property
    def sides(self) -> tuple[Keys, Keys, Keys, Keys]:
        """The four roles of a box, in the order xmin, ymin, xmax, ymax."""
        return self.xmin, self.ymin, self.xmax, self.ymax

    @property
    def geometry(self) -> Keys:
        """Every key that boxes come from."""
        sides = (*self.xmin, *self.ymin, *self.xmax, *self.ymax)
        others = (*self.xcenter, *self.ycenter, *self.box_width, *self.box_height)
        return (*sides, *others, *self.box, *self.outline_x, *self.vertices, *self.rows, *self.corner_keys)

    @property
    def corner_keys(self) -> Keys:
        """The keys of four corners, x before y; none where the schema has no such ones."""
        return tuple(f"{self.corners}{axis}{place}" for place in range(1, 5) for axis in "xy") if self.corners else ()

    @property
    def points(self) -> Keys:
        """Every key that places of keypoints come from."""
        return self.keypoint_x + self.keypoint_y + self.keypoint_pairs + self.keypoint_triples

    @property
    def is_packed(self) -> bool:
        """Whether single values hold many numbers each, which have to be unpacked first (``read/packed.py``)."""
        return bool(self.rows or self.vertices or self.corners)

    @property
    def object_keys(self) -> Keys:
        """Keys that say something about objects, except their boxes and classes."""
        masks = self.mask + self.rle_counts + self.mask_bytes + self.mask_indices + self.polygon + self.outline_x
        return self.area + self.crowd + self.group + masks + self.points

    @property
    def rivals(self) -> dict[str, Keys]:
        """Keys that play a role only where those before them are absent, with all keys of the role."""
        return {key: role for role in self.keys_of.values() for key in role[1:]}

    @property
    def read_keys(self) -> frozenset[str]:
        """Every key that something reads, except those below the prefixes."""
        keys = {key for role in self.keys_of.values() for key in role}
        return frozenset(keys).union(self.metadata, self.metadata_lists, self.implied, self.corner_keys)


def with_prefix(schema: Schema, prefix: str) -> Schema:
    """The same schema with ``prefix`` before every key, as the Model Garden's builder can write it."""
    changes: dict[str, Any] = {"name": f"{prefix}{schema.name}"}
    changes |= {role: tuple(prefix + key for key in keys) for role, keys in schema.keys_of.items()}
    changes["metadata"] = {prefix + key: name for key, name in schema.metadata.items()}
    changes["metadata_lists"] = {prefix + key: name for key, name in schema.metadata_lists.items()}
    changes["implied"] = frozenset(prefix + key for key in schema.implied)
    changes["attribute_prefix"] = prefix + schema.attribute_prefix
    changes["metadata_prefix"] = prefix + schema.metadata_prefix
    changes["dense_pose"] = prefix + schema.dense_pose
    changes["corners"] = prefix + schema.corners if schema.corners else ""
    return schema._replace(**changes)


_OPTIONAL = frozenset(
    "area attribute_json caption crowd group keypoint label mask metadata_json original_id outline panoptic polygon rle"  # noqa: SIM905 - words
    " semantic shape source_json".split()
)
"""Roles that records may lack, and first words of roles that come together or not at all."""


def _optional(role: str) -> str:
    """What a role comes together with: others of its first word, or none."""
    return role if role in _OPTIONAL else role.partition("_")[0]


def narrowed(schema: Schema, example: Example) -> Schema:
    """The same schema for all records with the keys of this one: each role has the one key that counts.

    Optional roles have no keys where none that comes together has values; of all others messages name the first.
    """
    metadata = {key: name for key, name in schema.metadata.items() if key in example}
    if prefix := schema.metadata_prefix:
        metadata.update({key: key[len(prefix) :] for key in sorted(example) if key.startswith(prefix)})
    changes: dict[str, Any] = {"metadata": metadata}
    met = set()
    for role, keys in schema.keys_of.items():
        if keys:
            changes[role] = (present(example, keys),)
            if example.count(changes[role][0]):
                met.add(_optional(role))
    for name in changes:
        if _optional(name) in _OPTIONAL - met:
            changes[name] = ()
    if not example.count(schema.dense_pose + "num"):
        changes["dense_pose"] = ""
    return schema._replace(**changes)


_NO_KEY = "\0"  # no record has it


def present(example: Example, keys: Keys) -> str:
    """The first of the keys of a role that has values in a record; where none has, one for messages to name."""
    if len(keys) == 1:
        return keys[0]
    return next((key for key in keys if example.count(key)), only(keys))


def only(keys: Keys) -> str:
    """The key of a role of a ``narrowed`` schema; where it has none, one that no record has."""
    return keys[0] if keys else _NO_KEY
