"""The verb ``roles``: what a feature key can mean, and which keys have these meanings in a schema."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from tfrecord_lite.commands.streams import tell
from tfrecord_lite.commands.verb import PROGRAM, Argument, Example, Verb
from tfrecord_lite.options.console import JSON
from tfrecord_lite.schemas.roles import ROLES, Role

if TYPE_CHECKING:
    from tfrecord_lite.schemas.schema import Schema

_SCHEMA = Argument("schema", "SCHEMA", "a schema, or a file that describes one: shows its keys; default: all", "?")


def run(options: Namespace) -> int:
    """Prints the roles by groups."""
    schema = None
    if options.schema is not None:
        from tfrecord_lite.schemas.registry import named_schema  # noqa: PLC0415 - help must not wait for it

        schema = named_schema(options.schema)
    tell(options, _lines(schema), lambda: [_as_json(role, schema) for role in _shown(schema)])
    return 0


def _shown(schema: Schema | None) -> tuple[Role, ...]:
    """Every role; of a schema those that it has."""
    return ROLES if schema is None else tuple(role for role in ROLES if _value(schema, role))


def _value(schema: Schema, role: Role) -> str:
    """The keys that play a role, or its value; empty where the schema has no such role."""
    value = getattr(schema, role.name)
    if isinstance(value, tuple | frozenset):
        return ", ".join(value if isinstance(value, tuple) else sorted(value))
    if isinstance(value, str):
        return value
    if value is None or value is False or value == {}:
        return ""
    return ", ".join(f"{key}={each}" for key, each in value.items()) if hasattr(value, "items") else str(value).lower()


def _lines(schema: Schema | None) -> Iterator[str]:
    """The table for people."""
    roles = _shown(schema)
    width = max(len(role.name) for role in roles) if roles else 0
    for group, members in groupby(roles, lambda role: role.group):
        yield group
        for role in members:
            also = f"; also: {', '.join(role.synonyms)}" if role.synonyms and schema is None else ""
            yield f"  {role.name:<{width}}  {role.meaning} ({role.kind}){also}"
            if schema is not None:
                yield f"  {'':<{width}}    {_value(schema, role)}"
    if schema is None:
        yield f"Give a key of your own with --map ROLE=KEY. {PROGRAM} roles SCHEMA shows the keys of a schema."


def _as_json(role: Role, schema: Schema | None) -> dict[str, object]:
    """A role for programs."""
    entry: dict[str, object] = {**role._asdict(), "synonyms": list(role.synonyms)}
    return entry if schema is None else {**entry, "value": _value(schema, role)}


VERB = Verb(
    arguments=(_SCHEMA,),
    options=(JSON,),
    examples=(
        Example("roles", "every role, with what it means and other names of it"),
        Example("roles object_detection", "the keys of the Object Detection API"),
    ),
    needs=(),
    run=run,
)
