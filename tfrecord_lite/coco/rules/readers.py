"""Who breaks on what: what other software did with files that have one defect each.

``readers.json`` is written by ``tests/peers/readers``, which runs every reader on every defect of the tests. Only
what was run is in it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import NamedTuple, TypedDict, cast

import orjson

from tfrecord_lite.errors import UsageError, printable


class Table(TypedDict):
    """The content of ``readers.json``.

    readers: versions by name. effects: by code, then case, then reader: what it does.
    """

    readers: dict[str, str]
    effects: dict[str, dict[str, dict[str, str]]]


class Breakage(NamedTuple):
    """What a reader does with files that have this defect, such as ``rejects the file (KeyError: 'area')``."""

    reader: str
    version: str
    effect: str


@cache
def table() -> Table:
    """The content of ``readers.json``."""
    content = pkgutil.get_data(__name__, "readers.json")  # which a zip archive can hold as well
    if content is None:
        raise ImportError("the loader of this package cannot read readers.json, which is part of it")
    return cast("Table", orjson.loads(content))


def breakages(code: str, cases: Iterable[str], readers: Collection[str] = ()) -> list[Breakage]:
    """What readers do where a rule is broken in these ways; only these readers, if any are named."""
    found: dict[str, str] = {}
    effects: Mapping[str, Mapping[str, str]] = table()["effects"].get(code, {})
    for case in cases:
        for reader, effect in effects.get(case, {}).items():
            found.setdefault(reader, effect)
    versions = table()["readers"]
    return [
        Breakage(reader, versions[reader], effect)
        for reader, effect in sorted(found.items())
        if not readers or reader in readers
    ]


def check_readers(names: Iterable[str]) -> list[str]:
    """The names of readers, spelt as in the table.

    Raises:
        UsageError: the table knows nothing of one.
    """
    known = {name.casefold(): name for name in table()["readers"]}
    found = []
    for name in names:
        if name.casefold() not in known:
            raise UsageError(f"--for {printable(name)}: no such reader, expected some of {', '.join(known.values())}")
        found.append(known[name.casefold()])
    return found
