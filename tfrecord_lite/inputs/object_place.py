"""A place of whole objects, which can be listed over a link: globs, and the sizes of many files, with few requests."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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


class ObjectPlace(Place):
    """A place to read objects from and to write them to, each of which is there completely or not at all."""

    @abstractmethod
    def write(self, path: str, source: str, *, new: bool) -> None:
        """Writes a local file as an object.

        new: an object that is there already stays, as far as the place can check that in the same step.

        Raises:
            FileExistsError: there is one already. OSError: it cannot be written.
        """

    @abstractmethod
    def remove(self, paths: Iterable[str]) -> None:
        """Removes objects; those that are not there are passed over. Raises OSError."""

    def identity(self, path: str) -> object:
        return path.rstrip("/")

    def statuses(self, paths: Sequence[str]) -> list[Status | None]:
        by_folder: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            by_folder[folder_of(path)].append(path)
        found: dict[str, Status | None] = {}
        for folder, inside in by_folder.items():
            if len(inside) <= _FEW:
                found |= zip(inside, each_status(self.status, inside), strict=True)
            else:
                found |= {entry.path: entry.status for entry in self.entries(folder) if entry.kind == "file"}
        return [found.get(path) for path in paths]

    def matches(self, pattern: str) -> list[str]:
        """See Place. As in the file system ``*`` and ``?`` stay within a folder, and never meet what is hidden."""
        scheme, _, rest = pattern.partition("://")
        root, _, path = rest.partition("/")
        return self.below(f"{scheme}://{root}", path)

    def below(self, folder: str, pattern: str) -> list[str]:
        """The files in a folder that match a pattern from there on."""
        return sorted(set(self._matching(folder, pattern.split("/"))))

    def _matching(self, folder: str, parts: Sequence[str]) -> Iterator[str]:
        part, rest = parts[0], parts[1:]
        if part == "**":
            yield from self._at_any_depth(folder, rest or ["*"])
        elif any(sign in part for sign in "*?["):
            for entry in self.entries(folder):
                if entry.kind == ("folder" if rest else "file") and _meets(entry.name, part):
                    yield from self._matching(entry.path, rest) if rest else [entry.path]
        elif rest:
            yield from self._matching(join(folder, part), rest)
        elif self.kind(join(folder, part)) == "file":
            yield join(folder, part)

    def _at_any_depth(self, folder: str, rest: Sequence[str]) -> Iterator[str]:
        yield from self._matching(folder, rest)
        for entry in self.entries(folder):
            if entry.kind == "folder" and not entry.name.startswith("."):
                yield from self._at_any_depth(entry.path, rest)


def _meets(name: str, part: str) -> bool:
    return fnmatchcase(name, part) and (part.startswith(".") or not name.startswith("."))
