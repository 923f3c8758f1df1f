"""A user's own keys for roles (``--map``): a schema with them, and those of them that the records do not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfrecord_lite.errors import UsageError, nearest, quoted
from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.read.packed import check_table
from tfrecord_lite.schemas.roles import KEY, TABLE, VALUE, find_role
from tfrecord_lite.schemas.schema import BOX_ORDERS, Schema

RAW_CHANNELS = ("rgb", "bgr")
NO_KEY = "-"
"""In place of a key: the role has none."""
Roles = Sequence[tuple[str, str]]
Absent = tuple[tuple[str, str], ...]
"""Keys that are not there, each with the one that comes nearest; empty where none is near."""


def check_values(changes: Mapping[str, object]) -> None:
    """Refuses what a role cannot be. UsageError."""
    order = changes.get("box_order", BOX_ORDERS[0])
    if order not in BOX_ORDERS:
        raise UsageError(f"box_order is {order!r}, expected one of {', '.join(BOX_ORDERS)}")
    channels = changes.get("raw_channels", "rgb")
    if channels not in RAW_CHANNELS:
        raise UsageError(f"raw_channels is {channels!r}, expected one of {', '.join(RAW_CHANNELS)}")
    check_table(changes.get("row_type", "float32"), changes.get("row_columns", "xmin"))


_INSTEAD = {
    "xmin": ("xcenter", "box"),
    "ymin": ("ycenter", "box"),
    "xmax": ("box_width", "box"),
    "ymax": ("box_height", "box"),
    "xcenter": ("xmin", "xmax", "box"),
    "ycenter": ("ymin", "ymax", "box"),
    "box_width": ("xmax", "box"),
    "box_height": ("ymax", "box"),
}
"""Roles with the roles that they replace."""


def with_roles(schema: Schema, roles: Roles) -> Schema:
    """The schema with a user's keys for some roles; ``-`` is no key. A key loses the roles that it had before.

    Raises:
        UsageError: a role does not exist, comes twice, or can only be given in a schema file.
    """
    changes: dict[str, Any] = {}
    for name, key in roles:
        role = find_role(name)
        if role.takes == TABLE:
            raise UsageError(f"{role.name} takes {role.kind}, which only a schema file can give (--schema FILE.toml)")
        if role.name in changes:
            raise UsageError(f"the role {role.name} is given twice, expected one key for it")
        changes[role.name] = key if role.takes == VALUE else (() if key == NO_KEY else (key,))
    check_values(changes)
    if not changes:
        return schema
    if changes.get("box", schema.box) != schema.box:
        changes.setdefault("box_order", "")
    given = [role for role in _INSTEAD if changes.get(role)]
    for other in {other for role in given for other in _INSTEAD[role]}:
        changes.setdefault(other, ())
    moved = {
        keys[0]
        for role, keys in changes.items()
        if isinstance(keys, tuple) and keys not in ((), getattr(schema, role)[:1])
    }
    for other, keys in schema.keys_of.items():
        if other not in changes and not moved.isdisjoint(keys):
            changes[other] = tuple(key for key in keys if key not in moved)
    return schema._replace(**changes)


def absent_keys(keys: Keys, roles: Roles) -> Absent:
    """The keys given to roles that are not among those of the first records, each with the nearest that is."""
    named = [key for role, key in roles if find_role(role).takes == KEY and key != NO_KEY]
    absent = []
    for key in dict.fromkeys(named):
        if key not in keys:
            last = key.rpartition("/")[2]
            near = [*nearest(key, keys), *(each for each in sorted(keys) if each.rpartition("/")[2] == last)]
            absent.append((key, near[0] if near else ""))
    return tuple(absent)


def no_such_key(key: str, nearest: str) -> str:
    """That no record has a key which an option names."""
    text = f"no record has the feature {quoted(key)}, which --map names"
    return f"{text}. The nearest is {quoted(nearest)}" if nearest else text
