"""What places have in common that can be listed over a link: globs, and the sizes of many files, with few requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from tfrecord_lite.inputs.place import Place, Status
from tfrecord_lite.inputs.urls import folder_of, join

AT_ONCE = 16
"""Requests about single files."""
_FEW = 8  # files of one folder, which are asked for one by one: the folder may hold a million others


def each_status(status: Callable[[str], Status | None], paths: Sequence[str]) -> list[Status | None]:
    """The status of each file, None for what is not there, several asked for at a time."""

    def ask(path: str) -> Status | None:
        try:
            return status(path)
        except FileNotFoundError:
            return None

    if len(paths) < 2:
        return [ask(path) for path in paths]
    with ThreadPoolExecutor(min(len(paths), AT_ONCE)) as threads:
        return list(threads.map(ask, paths))


def statuses(place: Place, paths: Sequence[str]) -> list[Status | None]:
    """See Place."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_folder[folder_of(path)].append(path)
    found: dict[str, Status | None] = {}
    for folder, inside in by_folder.items():
        if len(inside) <= _FEW:
            found |= zip(inside, each_status(place.status, inside), strict=True)
        else:
            found |= {entry.path: entry.status for entry in place.entries(folder) if entry.kind == "file"}
    return [found.get(path) for path in paths]


def matches(place: Place, pattern: str) -> list[str]:
    """See Place. As in the file system ``*`` and ``?`` stay within a folder, and what is hidden is not met by them."""
    scheme, _, rest = pattern.partition("://")
    root, _, path = rest.partition("/")
    return below(place, f"{scheme}://{root}", path)


def below(place: Place, folder: str, pattern: str) -> list[str]:
    """The files in a folder that match a pattern from there on."""
    return sorted(set(_matching(place, folder, pattern.split("/"))))


def _matching(place: Place, folder: str, parts: Sequence[str]) -> Iterator[str]:
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _at_any_depth(place, folder, rest or ["*"])
    elif any(sign in part for sign in "*?["):
        for entry in place.entries(folder):
            if entry.kind == ("folder" if rest else "file") and _meets(entry.name, part):
                yield from _matching(place, entry.path, rest) if rest else [entry.path]
    elif rest:
        yield from _matching(place, join(folder, part), rest)
    elif place.kind(join(folder, part)) == "file":
        yield join(folder, part)


def _at_any_depth(place: Place, folder: str, rest: Sequence[str]) -> Iterator[str]:
    yield from _matching(place, folder, rest)
    for entry in place.entries(folder):
        if entry.kind == "folder" and not entry.name.startswith("."):
            yield from _at_any_depth(place, entry.path, rest)


def _meets(name: str, part: str) -> bool:
    return fnmatchcase(name, part) and (part.startswith(".") or not name.startswith("."))
