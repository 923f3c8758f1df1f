"""Staging and publication: a split is there as a whole, or not at all.

Everything is written to ``.NAME.partial-PID`` beside the target, on the same file system, synced, and renamed into
place, the JSON last. Where the target does not exist yet the stage itself becomes it, in one rename. What a killed run
leaves behind is that one folder, which the next run recognises and clears.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from tfrecord_lite.errors import OutputError
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.output.fsync import sync_folder, sync_tree
from tfrecord_lite.output.moves import Moves

_REPLACED = ".replaced"  # the folder in a stage for what is moved aside
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)  # a folder, and no link to one
_LOCK = ".lock"  # the file in a stage that its process holds locked


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published together. Paths are relative to the stage, and to the folder it is published to.

    pieces: files and folders, in the order in which they are put in place; the last makes readers see the whole.
    obsolete: what an earlier result has that this one has not.
    merged: a folder that is filled file by file where it exists, instead of being replaced as a whole.
    """

    pieces: tuple[str, ...]
    obsolete: tuple[str, ...] = ()
    merged: str | None = None


class Stage:
    """A folder on the file system of ``root``, in which what will stand in ``root`` is made.

    root: where it is published to; need not exist.
    name: of the file in ``root`` that the stage is named after; None where it is named after ``root`` itself.

    Raises:
        OSError: it cannot be made there.
    """

    def __init__(self, root: str, name: str | None = None) -> None:
        self.root = os.path.realpath(root)
        self._becomes_root = name is None
        parent = os.path.dirname(self.root) if name is None else self.root
        name = name or os.path.basename(self.root)
        self._made = _make_folders(parent)
        _clear_stale_stages(parent, name)
        self.path = os.path.join(parent, f".{name}.partial-{os.getpid()}")
        _remove_tree(self.path)  # of a process that had our number before us
        os.mkdir(self.path)
        self._lock: int | None = None
        try:
            self._lock = _lock(self.path)
        except BaseException:
            self.discard()
            raise

    def folder(self, relative: str) -> str:
        """The path of a folder in the stage, made if need be."""
        path = os.path.join(self.path, relative)
        os.makedirs(path, exist_ok=True)
        return path

    def discard(self) -> None:
        """Removes the stage and what is left in it, and the folders that were made for it, if nothing came of it."""
        _remove_tree(self.path)
        self._unlock()
        for folder in self._made:
            with contextlib.suppress(OSError):  # it is in use
                os.rmdir(folder)

    def _unlock(self) -> None:
        """Lets go of the lock, if it is still held."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def publish(self, publications: Sequence[Publication], moves: Moves) -> None:
        """Puts everything in place by ``moves``. To be called by ``publish_all``."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.path, _LOCK))  # the lock itself is held until the end
        if self._becomes_root and not os.path.lexists(self.root):
            moves.do(self.path, self.root)
            return
        for publication in publications:
            self._publish(publication, moves)

    def _publish(self, publication: Publication, moves: Moves) -> None:
        """Moves what is replaced aside, the JSON first, then the pieces in, the JSON last."""
        for relative in (*reversed(publication.pieces), *publication.obsolete):
            if relative != publication.merged:
                self._move_aside(relative, moves)
        for piece in publication.pieces:
            for relative in _files_below(self.path, piece) if piece == publication.merged else [piece]:
                self._make_parents(relative, moves)
                self._move_aside(relative, moves)
                moves.do(os.path.join(self.path, relative), os.path.join(self.root, relative))
        for folder in {os.path.dirname(os.path.join(self.root, piece)) for piece in publication.pieces}:
            sync_folder(folder, required=False)

    def _move_aside(self, relative: str, moves: Moves) -> None:
        """Takes what stands in the way out of it; a link itself, never what it leads to."""
        path = os.path.join(self.root, relative)
        if os.path.lexists(path):
            moves.do(path, os.path.join(self.folder(_REPLACED), str(moves.count)))

    def _make_parents(self, relative: str, moves: Moves) -> None:
        """Makes the folders that a piece goes into; a link among them could lead out of the target."""
        folder = self.root
        for part in os.path.dirname(relative).split(os.sep):
            if not part:
                continue
            folder = os.path.join(folder, part)
            if os.path.islink(folder):
                raise OutputError(folder, "this folder is a symbolic link; output is not written through it")
            if not os.path.isdir(folder):
                moves.make(folder)


def publish_all(jobs: Sequence[tuple[Stage, Sequence[Publication]]]) -> None:
    """Publishes what stands in the stages, in their order: all of it or, where a step fails, nothing.

    Raises:
        OSError: the file system refuses.
        OutputError: a folder on the way is a symbolic link.
    """
    for stage, _ in jobs:
        sync_tree(stage.path)
    notes = os.path.join(jobs[0][0].path, _REPLACED)  # of all in the stage this alone is not published
    with closing(Moves(notes)) as moves:
        try:
            for stage, publications in jobs:
                stage.publish(publications, moves)
        except BaseException:
            moves.undo()
            raise
    for stage, _ in jobs:
        sync_folder(os.path.dirname(stage.root), required=False)
        stage.discard()


def _clear_stale_stages(parent: str, name: str) -> None:
    """Removes what runs left behind that no longer run."""
    pattern = re.compile(rf"\.{re.escape(name)}\.partial-(\d+)")
    with os.scandir(parent) as entries:
        found = [(match, entry.path) for entry in entries if (match := pattern.fullmatch(entry.name))]
    for match, path in found:
        if not _is_in_use(path, int(match[1])):
            _remove_tree(path)


def _remove_tree(path: str) -> None:
    """Removes a folder of ours as far as possible, entry by entry: shutil.rmtree holds a list of all files of a folder.

    Like that it goes from folder to folder by descriptors, where the system can: nobody can put a link in its way.
    """
    if not shutil.rmtree.avoids_symlink_attacks:
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        _empty(os.open(path, _FOLDER))
        os.rmdir(path)


def _empty(folder: int) -> None:
    """Removes all that is in an open folder, and closes it."""
    goes_on = True
    try:
        while goes_on:  # a folder out of which entries are taken while it is read may leave out others
            goes_on = False
            with os.scandir(folder) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        if entry.is_dir(follow_symlinks=False):
                            _empty(os.open(entry.name, _FOLDER, dir_fd=folder))
                            os.rmdir(entry.name, dir_fd=folder)
                        else:
                            os.unlink(entry.name, dir_fd=folder)
                        goes_on = True
    finally:
        os.close(folder)


def _lock(stage: str) -> int | None:
    """Marks a stage as in use until this process ends, however it does. None where the file system cannot."""
    descriptor = os.open(os.path.join(stage, _LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        os.close(descriptor)
        os.unlink(os.path.join(stage, _LOCK))
        return None
    return descriptor


def _is_in_use(stage: str, process: int) -> bool:
    """Whether the process that made a stage still runs, be it in another container that has numbers of its own."""
    try:
        import fcntl  # noqa: PLC0415 - likewise

        descriptor = os.open(os.path.join(stage, _LOCK), os.O_RDWR)
    except (ImportError, OSError):
        return _is_running(process)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _is_running(process)
    finally:
        os.close(descriptor)
    return False


def _make_folders(path: str) -> list[str]:
    """Makes a folder and those it stands in; the ones that were made, innermost first."""
    missing = []
    while not os.path.lexists(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.mkdir(folder)
    if not missing and not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return missing


def _is_running(process: int) -> bool:
    """Whether a process of this number exists. Where that cannot be asked without harm, it counts as running."""
    if os.name == "nt":
        return True  # os.kill with signal 0 would end the process there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _files_below(root: str, relative: str) -> Iterator[str]:
    """Every file below a folder, as paths relative to the root. Each must be gone when the next one is asked for.

    A folder out of which entries are taken while it is read may leave out others, hence another look until there are
    none; on some file systems it may also name one that is gone.
    """
    goes_on = True
    while goes_on:
        goes_on = False
        with os.scandir(os.path.join(root, relative)) as entries:
            for entry in entries:
                path = os.path.normpath(os.path.join(relative, entry.name))
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != _REPLACED:
                        yield from _files_below(root, path)
                elif os.path.lexists(entry.path):
                    goes_on = True
                    yield path


_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_new(folder: str, name: str, data: Buffer) -> None:
    """Writes a file that must not exist yet, and the folders it stands in; synced with the stage as a whole.

    folder: where it goes; name: the file's, ``/`` between its parts. It is written in UTF-8, whatever the locale says.
    """
    path = _path_in(folder, name)
    try:
        descriptor = os.open(path, _NEW_FILE, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, _NEW_FILE, 0o666)
    try:
        written = os.write(descriptor, data)
        if written < len(data):
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        error.filename = os.path.join(folder, name)
        raise
    finally:
        os.close(descriptor)


def move_new(source: str, folder: str, name: str) -> None:
    """Moves a file of the same stage to where no other one is, as ``write_new`` would write it."""
    path = _path_in(folder, name)
    try:
        os.rename(source, path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.rename(source, path)


def _path_in(folder: str, name: str) -> str | bytes:
    """A path below a folder as the system is to have it: in UTF-8, whatever the locale says."""
    if os.name == "nt":
        return os.path.join(folder, *name.split("/"))
    return os.path.join(os.fsencode(folder), name.encode())
