"""Publication: an output is there as a whole or not at all, and what was there before is never lost on the way.

The protocol, in the way that databases keep journals. What is published are *pieces*: files and folders of one folder.

1.  Lock. One run at a time may write to an output; a second one is refused before it has done any work. The system
    holds the lock, so that it ends with its run (``lock``).
2.  Settle. What a killed run left is finished or taken back by its journal, then cleared (``journal``). The lock proves
    that the run is gone.
3.  Stage. Everything is written into a folder of a random name, on the file system of the output, since only there a
    rename is one step that happens or does not: inside an output that is there (it may be a mount point, or lie in a
    folder that cannot be written to), else beside it. The name is random because a fixed one could be taken.
    A place that nothing can be renamed to is found now, not after the work.
4.  Sync. The pieces, and a journal that names them, are made safe on disk before the first rename: else a power failure
    could keep a rename and lose what it renamed.
5.  Move aside. What the pieces replace goes into the stage, the last piece's first: it is the COCO file, and no reader
    is to see old annotations beside new pictures. Without leave to replace, anything but an empty folder ends the run.
6.  Put in place. Each piece is renamed to a name that must be free, so that nothing new there is ever replaced.
    The last rename is the moment at which the new output counts: before it everything is taken back, after it
    everything stays.
7.  Forget. The journal is removed, and only then what it speaks of: a stage with a journal may hold the only copy of
    something, and is never cleared.

A step that fails is taken back like that of a killed run, by the same code. If that fails, too, the stage stays, and
the message says where it is. Symbolic links are never followed: they are moved like files, and a link in place of a
folder ends the run.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator, Sequence

from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.checks import refuse_url
from tfrecord_lite.output.files import make_folders, remove_tree
from tfrecord_lite.output.fsync import sync_tree
from tfrecord_lite.output.journal import (
    NEW,
    Part,
    forget,
    has_journal,
    kept,
    lock_path,
    settle,
    settle_left,
    sync_places,
    write_journals,
)
from tfrecord_lite.output.lock import Lock
from tfrecord_lite.output.renames import is_empty_folder, is_real_folder, is_there, move_aside, rename_new

INSIDE = "tfrecord2coco"
"""What stages inside an output are named after: the output may be mounted under any name."""


class Stage:
    """A folder in ``root``, in which what will be in ``root`` is made: steps 1 to 3.

    root: made if need be. name: what the stage and its lock are named after. output: what messages name.
    path: the stage; new: the folder in it for the pieces; scratch: another, which is not published and need not exist.

    Raises:
        OutputError: another run is at work, or what one left cannot be settled.
        OSError: it cannot be made there.
    """

    def __init__(self, root: str, name: str, output: str) -> None:
        refuse_url(output)
        self.root = os.path.realpath(root)
        self.path = os.path.join(self.root, f".{name}.partial-{os.urandom(4).hex()}")
        self.new = os.path.join(self.path, NEW)
        self.scratch = os.path.join(self.path, "scratch")
        self._lock: Lock | None = None
        self._made = make_folders(self.root)
        try:
            self._lock = Lock(lock_path(self.path), output)
            for left in stages_in(self.root, name):
                settle_left(left, output)
            os.mkdir(self.path)
            os.mkdir(self.new)
        except BaseException:
            self.discard()
            raise

    def part(self, pieces: Sequence[str], obsolete: Sequence[str] = (), *, replaces: bool) -> Part:
        """What is published of this stage; see ``Part``."""
        return Part(self.path, tuple(pieces), tuple(obsolete), replaces)

    def refuse_mounts(self, pieces: Sequence[str]) -> None:
        """Refuses other file systems at or above the place of a piece, where no rename from here can end."""
        here = os.stat(self.path).st_dev
        for relative in dict.fromkeys(each for piece in pieces for each in (*_folders_of(piece), piece)):
            folder = os.path.join(self.root, relative)
            if not is_real_folder(folder):
                continue
            try:
                # Of a name that is not there. Linux compares the mounts before it looks for the name.
                os.rename(os.path.join(self.path, "nothing"), os.path.join(folder, "nothing"))
            except FileNotFoundError:
                is_other = os.stat(folder).st_dev != here
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                is_other = True
            if is_other:
                problem = "another file system is mounted here, and no part of an output can be moved to it"
                raise OutputError(folder, f"{problem}. Name an output inside it, or elsewhere")

    def discard(self) -> None:
        """Removes the stage, unless it may hold the only copy of something, and lets the lock go."""
        with contextlib.suppress(OSError):  # that cannot be seen: it stays
            if not has_journal(self.path):
                remove_tree(self.path)
        if self._lock is not None:
            self._lock.close()
        for folder in self._made:
            with contextlib.suppress(OSError):  # it is in use
                os.rmdir(folder)


class FolderStage(Stage):
    """A stage for what goes into a folder: inside that folder where it is there, else beside it, as the whole folder.

    folder: as the user named it. is_new: whether it is not there yet.
    content: the folder in the stage in which the pieces are made; it need not exist where the folder is new.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        real = os.path.realpath(folder)
        parent, name = os.path.split(real)
        self.is_new = not os.path.isdir(real)
        if not self.is_new:
            clear_left(parent, name, folder)  # of a run that was killed before this folder was made
        super().__init__(parent if self.is_new else real, name if self.is_new else INSIDE, folder)
        self.content = os.path.join(self.new, name) if self.is_new else self.new

    def publish(self, pieces: Sequence[str], obsolete: Sequence[str] = (), *, replaces: bool) -> None:
        """Publishes pieces of the folder; a new folder as a whole, in one step. See ``publish`` and ``Part``."""
        if self.is_new:
            part = self.part([os.path.basename(self.content)], replaces=False)
        else:
            part = self.part(pieces, obsolete, replaces=replaces)
        publish([part], self._folder)


def refuse_links(root: str, pieces: Sequence[str]) -> None:
    """Refuses links among the folders of ``root`` that pieces go into: they could lead out of the output."""
    for piece in pieces:
        for folder in _folders_of(piece):
            _check_folder(os.path.join(root, folder))


def stages_in(root: str, name: str) -> list[str]:
    """The stages in a folder that are named after ``name``."""
    pattern = re.compile(rf"\.{re.escape(name)}\.partial-[0-9a-f]{{8}}")
    with os.scandir(root) as entries:
        return sorted(entry.path for entry in entries if pattern.fullmatch(entry.name) and is_real_folder(entry.path))


def clear_left(root: str, name: str, output: str) -> None:
    """Settles and clears what killed runs left, as far as that is possible."""
    lock = os.path.join(root, f".{name}.partial-lock")
    with contextlib.suppress(OSError, OutputError):
        if stages_in(root, name) or is_there(lock):
            with Lock(lock, output):
                for left in stages_in(root, name):
                    settle_left(left, output)


def publish(parts: Sequence[Part], output: str) -> None:
    """Publishes all parts together, or nothing: steps 4 to 7. The last piece of the last part appears last.

    Raises:
        OutputError: something appeared at the place of a piece, or a link; what failed could not be taken back; or all
            is published, and the disk does not keep it.
        OSError: the file system refuses.
    """
    parts = [part._replace(made=tuple(_missing_folders(part))) for part in parts]
    try:
        write_journals(parts)
        for part in parts:
            sync_tree(part.stage)
        for part in reversed(parts):
            for piece in (*reversed(part.pieces), *part.obsolete):
                _clear_the_way(part, piece)
        for part in parts:
            for piece in part.pieces:
                _make_folders(part, piece)
                rename_new(part.new(piece), part.here(piece))
        lost = sync_places(parts)
        with contextlib.suppress(OSError):  # what is left over is cleared by the next run
            lost = forget(parts) or lost
    except BaseException as error:
        try:
            settle(parts)
        except OSError as second:
            raise kept(output, parts, second) from error
        if isinstance(error, FileExistsError):
            problem = "this appeared while the records were read, and was not replaced. Nothing was published"
            raise OutputError(os.fsdecode(error.filename), problem) from None
        raise
    if lost is not None:
        problem = f"all is published, but the file system reports {lost.strerror!r}: a power failure may undo it"
        problem += ". Check the disk, then write it again with --overwrite"
        raise OutputError(output, problem) from lost


def _folders_of(piece: str) -> Iterator[str]:
    """The folders that a piece goes into, the outermost first."""
    folder = os.path.dirname(piece)
    if folder:
        yield from _folders_of(folder)
        yield folder


def _missing_folders(part: Part) -> list[str]:
    folders = dict.fromkeys(folder for piece in part.pieces for folder in _folders_of(piece))
    return [folder for folder in folders if not is_there(part.here(folder))]


def _check_folder(path: str) -> None:
    """Refuses what has the place of a folder and is not one."""
    if os.path.islink(path):
        raise OutputError(path, "this folder is a symbolic link: nothing is written, moved or removed through it")
    if is_there(path) and not is_real_folder(path):
        raise OutputError(path, "this exists and is not a folder. Name another output")


def _clear_the_way(part: Part, piece: str) -> None:
    """Moves what is at the place of a piece into the stage."""
    here, old = part.here(piece), part.old(piece)
    for folder in _folders_of(piece):
        _check_folder(part.here(folder))
    if not is_there(here) or not (part.replaces or piece in part.pieces):
        return
    if not part.replaces and not is_empty_folder(here):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), here)
    os.makedirs(os.path.dirname(old), exist_ok=True)
    move_aside(here, old)
    if not part.replaces and not is_empty_folder(old):  # it was filled in this very moment
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), here)


def _make_folders(part: Part, piece: str) -> None:
    """Makes the folders that a piece goes into."""
    for folder in _folders_of(piece):
        with contextlib.suppress(FileExistsError):
            os.mkdir(part.here(folder))
        _check_folder(part.here(folder))
