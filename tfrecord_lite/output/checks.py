"""Checks before anything is written: whether a path is free and can be made, and that nothing that is read is replaced.

Files are compared by what the system knows them by (device and number), and so are all folders that they lie in: it
does not matter whether a path is relative, leads through a link or a second mount, or is written in other letters on a
file system that ignores case.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator

from tfrecord_lite.errors import OutputError, printable
from tfrecord_lite.inputs.storage import place_of
from tfrecord_lite.inputs.urls import is_url


def refuse_url(path: str) -> None:
    """Refuses a URL where only files can be written. Raises OutputError."""
    if is_url(path):
        raise OutputError(path, "this is written to files of this machine. Name a path, and copy the result")


def refuse_existing(path: str) -> None:
    """Refuses a path that is not free, where nothing is to be replaced. Raises OutputError."""
    if os.path.lexists(path):
        raise already_there(path)


def already_there(path: str) -> OutputError:
    """The refusal of a path that is not free."""
    return OutputError(path, "this already exists. Replace it with --overwrite, or name another output")


def refuse_no_file(path: str) -> None:
    """Refuses what a file cannot, or must not, replace: a folder, a device, a pipe. Raises OutputError."""
    if os.path.exists(path) and not os.path.isfile(path):
        kind = "a folder" if os.path.isdir(path) else "no regular file, and is not replaced"
        raise OutputError(path, f"this is {kind}. Name another output")


def check_access(folder: str) -> None:
    """Refuses a folder that cannot be written to, or made. Raises OSError as the attempt would."""
    above = os.path.realpath(folder)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), above)
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), above)


def protect_inputs(inputs: Iterable[str], replaced: Iterable[str], output: str, *, image_root: str | None) -> None:  # noqa: C901 - one branch a way in which paths meet
    """Refuses an output that would replace an input, or a folder that an input lies in.

    inputs: every file that is read for any purpose; those that do not exist are passed over.
    replaced: what the output would replace where it exists: files, and folders as a whole.
    image_root: a folder in which pictures are looked up; so nothing in it may be replaced either.

    Raises:
        OutputError: names both paths.
    """
    replaced = list(replaced)
    inputs = [*inputs, *([] if image_root is None else [image_root])]
    _protect_urls(inputs, [url for url in replaced if is_url(url)], output, image_root)
    there = {_identity(path): path for path in replaced if os.path.lexists(path)}
    if not there:
        return
    safe: set[str] = set()  # folders that were looked at, with all above them
    for path in inputs:
        if is_url(path):
            continue
        for each in {os.path.abspath(path), os.path.realpath(path)}:  # neither the name nor what it leads to
            for above in _upwards(each):
                if above in safe:
                    break
                if (hit := there.get(_identity(above))) is not None:
                    raise _refusal(hit, output, path)
                if above != each:
                    safe.add(above)
    if image_root is not None:
        root = _identity(image_root)
        for path in there.values():
            if os.path.isdir(path) and root in map(_identity, _upwards(os.path.realpath(path))):
                raise _refusal(path, output, image_root)


def _protect_urls(inputs: Iterable[str], replaced: Iterable[str], output: str, image_root: str | None) -> None:
    """Protects objects, which are compared by their URLs."""
    for url in replaced:
        for path in inputs:
            if f"{path}/".startswith(f"{url}/"):
                raise _refusal(url, output, path)
        if image_root is not None and url.startswith(f"{image_root.rstrip('/')}/"):
            raise _refusal(url, output, image_root)


def _refusal(replaced: str, output: str, read: str) -> OutputError:
    problem = f"the output {printable(output)} would replace this, but {printable(read)} is read. Name another output"
    return OutputError(replaced, problem)


def _upwards(path: str) -> Iterator[str]:
    """A path, and all folders above it."""
    yield path
    while (parent := os.path.dirname(path)) != path:
        path = parent
        yield path


def _identity(path: str) -> object:
    """The same for all paths of one file or folder; the path itself where there is none."""
    try:
        return place_of(path).identity(path)
    except OSError:
        return os.path.normcase(path)
