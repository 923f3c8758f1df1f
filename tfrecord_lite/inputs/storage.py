"""Opens, lists and looks at inputs. No other module does, so that inputs need not be in a file system.

The scheme of a path says in which place it is: ``place_of`` chooses. ``place`` says what a place offers.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO, RawIOBase
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.budgets import add_input
from tfrecord_lite.errors import InputError
from tfrecord_lite.inputs.place import Kind, LocalFiles, Place, RemoteFile, Status
from tfrecord_lite.inputs.urls import is_url, is_web, join, scheme_of

if TYPE_CHECKING:
    from tfrecord_lite.inputs.object_place import ObjectPlace

STDIN = "-"

LARGEST_SIDECAR = 4 << 20
"""Bytes of a file beside record files; as JSON it can take thirty times as much memory."""

_COPIED = 1 << 20  # bytes at once

_LOCAL = LocalFiles()


def place_of(path: str) -> Place:
    """The place that a path is in. Raises InputError where nothing here knows its scheme."""
    return _remote_place(path) if "://" in path and is_url(path) else _LOCAL


def _remote_place(url: str) -> Place:
    if is_web(url):
        from tfrecord_lite.inputs.web import Web  # noqa: PLC0415 - most inputs are files

        return Web()
    return object_place_of(url)


def object_place_of(url: str) -> ObjectPlace:
    """The place of a URL that whole objects can be written to. Raises InputError where there is none."""
    if is_web(url):
        raise InputError(url, "a web server takes no files. Name a folder, or a URL of an object store")
    scheme = scheme_of(url)
    if scheme == "file":
        raise InputError(url, "name a file by its path alone, without file://")
    from tfrecord_lite.inputs.object_stores import SCHEMES, ObjectStores  # noqa: PLC0415 - most inputs are files

    if scheme in SCHEMES:
        return ObjectStores()
    from tfrecord_lite.inputs.by_fsspec import FsspecFiles  # noqa: PLC0415 - likewise

    return FsspecFiles()


@contextmanager
def open_input(path: str, *, ahead: bool = False) -> Iterator[RawIOBase]:
    """A file, or standard input, for unbuffered reading. Errors while it is read name it. Raises OSError.

    ahead: it will be read from its start to its end.
    """
    try:
        with FileIO(0, closefd=False) if path == STDIN else place_of(path).open(path, ahead=ahead) as file:
            yield file
    except OSError as error:
        if error.filename is None:
            error.filename = "standard input" if path == STDIN else path
        raise


def status_of(path: str) -> Status | None:
    """Size and version of a regular file; None for standard input, a pipe or a device. Raises OSError."""
    return None if path == STDIN else place_of(path).status(path)


def status_of_open(file: RawIOBase, path: str) -> Status | None:
    """Size and version of an open file; None also where it can be read from its start to its end only."""
    return file.status if isinstance(file, RemoteFile) else status_of(path)


def statuses_of(paths: Sequence[str]) -> dict[str, Status]:
    """Size and version of those files that are there, asked for with few requests where each is a round trip."""
    by_scheme: dict[str | None, list[str]] = defaultdict(list)
    for path in paths:
        by_scheme[scheme_of(path)].append(path)
    found: dict[str, Status] = {}
    for group in by_scheme.values():
        statuses = place_of(group[0]).statuses(group)
        found |= {path: status for path, status in zip(group, statuses, strict=True) if status is not None}
    return found


def size_of(paths: Iterable[str]) -> int:
    """Bytes of all those regular files that are there, together."""
    return sum(status.size for status in statuses_of([path for path in paths if path != STDIN]).values())


def kind_of(path: str) -> Kind:
    """What a path leads to."""
    return place_of(path).kind(path)


def is_folder(path: str) -> bool:
    """Whether names can be looked up below a path. A web server does not say: there they are tried."""
    if is_web(path):
        return True
    try:
        return kind_of(path) == "folder"
    except OSError:
        return False


def is_file(path: str) -> bool:
    """Whether there is a regular file. One that cannot be looked at counts as none, since nobody named it."""
    try:
        return kind_of(path) == "file"
    except OSError:
        return False


def read_up_to(file: RawIOBase, most: int) -> bytes:
    """The next bytes of a file, at most ``most``; fewer only at its end. Raises OSError."""
    parts = []
    while most > 0 and (part := file.read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def open_at_hand(path: str) -> FileIO:
    """A file for small reads at any offset: the file itself, or a temporary copy of one on another machine."""
    if not is_url(path):
        return FileIO(path)
    import tempfile  # noqa: PLC0415 - most inputs are files

    copy = tempfile.TemporaryFile(prefix="tfrecord2coco-", buffering=0)  # noqa: SIM115 - given to the caller
    try:
        with open_input(path, ahead=True) as file:
            while part := file.read(_COPIED):
                copy.write(part)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def read_start(path: str, most: int) -> bytes:
    """The first bytes of a file, at most ``most``; fewer only where it is shorter. Raises OSError."""
    with open_input(path) as file:
        return read_up_to(file, most)


def read_sidecar(path: str, largest: int = LARGEST_SIDECAR) -> bytes | None:
    """A file beside record files that was not named; None where it is no regular file, too large or unreadable."""
    try:
        status = status_of(path)
        if status is None or status.size > largest:
            return None
        data = read_start(path, largest + 1)
    except (OSError, ValueError):  # ValueError: see kind
        return None
    return data if len(data) <= largest else None


class Picture(NamedTuple):
    """A file below a folder. size: in bytes. data: None where it is larger than was asked for."""

    size: int
    data: bytes | None


def read_below(root: str, path: str, largest: int) -> Picture | None:
    """The regular file at a path below a folder, with one request where it is elsewhere.

    Returns:
        None where there is none, or the path or a link leads out of the folder.
    """
    if not is_url(root):
        found = find_below(root, path)
        status = None if found is None else status_of(found)
        if found is None or status is None:
            return None
        return Picture(status.size, None if status.size > largest else _of_input(read_start(found, largest)))
    if not _stays_below(path):
        return None
    try:
        with open_input(join(root, path)) as file:
            status = file.status if isinstance(file, RemoteFile) else None
            if status is not None and status.size > largest:
                return Picture(status.size, None)
            data = read_up_to(file, largest + 1)
    except FileNotFoundError:
        return None
    return Picture(len(data), _of_input(data) if len(data) <= largest else None)


def _of_input(data: bytes) -> bytes:
    """The bytes of a picture, which count as input as records do."""
    add_input(len(data))
    return data


def find_below(root: str, path: str) -> str | None:
    """The regular file at a path below a folder; None where there is none, or the path or a link leads out of it."""
    if is_url(root):
        found = join(root, path)
        return found if _stays_below(path) and kind_of(found) == "file" else None
    inside = os.path.join(os.path.realpath(root), "")  # ends in a separator, as / and D:\\ do by themselves
    found = os.path.join(inside, path)
    if kind_of(found) == "file" and os.path.realpath(found).startswith(inside):
        return found
    return None


def _stays_below(path: str) -> bool:
    """Whether a relative path leads to something below where it starts."""
    return not path.startswith("/") and ".." not in path.replace(os.sep, "/").split("/") and "\0" not in path
