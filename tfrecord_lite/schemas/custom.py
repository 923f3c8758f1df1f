"""A user's schema in a TOML file: the same data as the schemas in this folder, role by role (``roles.ROLES``).

base = "object_detection"        # the schema to start from; default: custom, which has no keys
encoded = "picture"
xmin = ["box/left", "box/x0"]    # the first that a record holds counts
pixel = true
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from tfrecord_lite.errors import UsageError, printable
from tfrecord_lite.inputs.storage import read_start
from tfrecord_lite.inputs.urls import name_of
from tfrecord_lite.schemas.own_keys import check_values
from tfrecord_lite.schemas.roles import find_role
from tfrecord_lite.schemas.schema import Schema

_LARGEST_BYTES = 1 << 20


def load_schema(path: str, bases: Mapping[str, Schema]) -> Schema:
    """Reads a schema file.

    Raises:
        UsageError: it is no TOML, names what does not exist, or this Python has no reader of TOML (before 3.11).
        OSError: it cannot be read.
    """
    try:
        toml = import_module("tomllib")  # of Python 3.11 on
    except ImportError:
        raise UsageError(f"{printable(path)}: a schema file needs Python 3.11; use --map ROLE=KEY instead") from None
    data = read_start(path, _LARGEST_BYTES + 1)
    try:
        if len(data) > _LARGEST_BYTES:
            raise ValueError(f"the file is larger than {_LARGEST_BYTES} bytes")
        content = toml.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{printable(path)}: schema file: {printable(str(error))}") from None
    base = str(content.pop("base", "custom"))
    if base not in bases:
        names = ", ".join(sorted(bases))
        raise UsageError(f"{printable(path)}: schema file: base is {base!r}, expected one of {names}")
    schema = bases[base]
    changes: dict[str, Any] = {}
    try:
        for name, value in content.items():
            role = find_role(name).name
            if role in changes:
                raise UsageError(f"the role {role} is given twice, expected it once")
            changes[role] = _value(schema, role, value)
        check_values(changes)
    except UsageError as error:
        raise UsageError(f"{printable(path)}: schema file: {error.text}") from None
    return schema._replace(name=name_of(path), **changes)


def _value(schema: Schema, role: str, value: object) -> Any:  # noqa: ANN401 - as many types as roles
    """A value of the file as the schema holds it."""
    known = getattr(schema, role)
    if isinstance(known, tuple):
        keys = [value] if isinstance(value, str) else value
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys):
            return tuple(keys)
        raise UsageError(f"{role} is {value!r}, expected a key or a list of keys")
    if isinstance(known, frozenset) and isinstance(value, list):
        return frozenset(map(str, value))
    if isinstance(known, Mapping):
        if isinstance(value, dict) and all(isinstance(each, str | int) for each in value.values()):
            return value
        raise UsageError(f"{role} is {value!r}, expected a table of names")
    if type(value) is type(known) or (role == "pixel" and isinstance(value, bool)):
        return value
    raise UsageError(f"{role} is {value!r}, expected {find_role(role).kind}")
