"""Keys that options give to roles, and that records do not have."""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.errors import nearest, quoted
from tfrecord_lite.schemas.evidence import Keys
from tfrecord_lite.schemas.roles import KEY, find_role
from tfrecord_lite.schemas.schema import NO_KEY

Roles = Sequence[tuple[str, str]]
Absent = tuple[tuple[str, str], ...]
"""Keys that are not there, each with the one that comes nearest; empty where none is near."""


def absent_keys(keys: Keys, roles: Roles) -> Absent:
    """The keys given to roles that are not among those of the first records."""
    named = [key for role, key in roles if find_role(role).takes == KEY and key != NO_KEY]
    return tuple((key, _nearest(key, keys)) for key in dict.fromkeys(named) if key not in keys)


def without_image(absent: Absent, roles: Roles) -> str | None:
    """What is wrong where the key of the image is absent: nothing can be read, which is told once."""
    nearest = dict(absent)
    return next(
        (no_such_key(key, nearest[key]) for role, key in roles if find_role(role).name == "encoded" and key in nearest),
        None,
    )


def no_such_key(key: str, nearest: str) -> str:
    """That no record has a key which an option names."""
    text = f"no record has the feature {quoted(key)}, which --map names"
    return f"{text}. The nearest is {quoted(nearest)}" if nearest else text


def _nearest(key: str, keys: Keys) -> str:
    """The key with the most similar spelling; else one with the same last part."""
    near = nearest(key, keys)
    last = key.rpartition("/")[2]
    return near[0] if near else next((each for each in sorted(keys) if each.rpartition("/")[2] == last), "")
