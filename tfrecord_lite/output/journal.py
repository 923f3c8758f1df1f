"""What a run is about to put in place, written down before it does so; and how that is settled if the run is killed.

The journal holds no history. The file system shows what was done: each new piece is either in the stage or in place,
never both, and what it replaces is either in place or in the stage. So settling can itself be killed and started again.
Where all pieces are in place, only the journal is left to remove; otherwise all of them are taken back.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import OutputError, printable
from tfrecord_lite.output.files import remove_tree
from tfrecord_lite.output.fsync import LOST, sync_folder, write_synced
from tfrecord_lite.output.lock import Lock
from tfrecord_lite.output.renames import is_there, move_back

_STAGE = re.compile(r"\..+\.partial-[0-9a-f]{8}", re.DOTALL)

JOURNAL, NEW, OLD = "journal", "new", "old"
"""In a stage: the file, the folder of what is to be put in place, and the folder of what it replaces."""


class Part(NamedTuple):
    """What goes from one stage into the folder that the stage lies in. Paths are relative to that folder.

    pieces: files and folders, in the order in which they are put in place; the last makes readers see the whole.
    obsolete: what an earlier result has that this one has not.
    replaces: whether what is there is replaced, if it is more than an empty folder.
    made: folders that are made for the pieces.
    """

    stage: str
    pieces: tuple[str, ...]
    obsolete: tuple[str, ...] = ()
    replaces: bool = False
    made: tuple[str, ...] = ()

    def here(self, piece: str) -> str:
        """Where a piece belongs."""
        return os.path.join(os.path.dirname(self.stage), piece)

    def new(self, piece: str) -> str:
        """Where it is until it is put in place."""
        return os.path.join(self.stage, NEW, piece)

    def old(self, piece: str) -> str:
        """Where what it replaces is, once that was moved aside."""
        return os.path.join(self.stage, OLD, piece)

    def is_placed(self, piece: str) -> bool:
        """Whether a piece is in place, and not what it replaces."""
        return is_there(self.here(piece)) and not is_there(self.new(piece))


def lock_path(stage: str) -> str:
    """The lock of all stages that are named alike."""
    return stage.rpartition("-")[0] + "-lock"


def has_journal(stage: str) -> bool:
    """Whether a stage may hold the only copy of something."""
    return is_there(os.path.join(stage, JOURNAL))


def write_journals(parts: Sequence[Part]) -> None:
    """Writes the journal of each part that is published together, the last part's first, and makes it safe on disk."""
    for part in reversed(parts):
        content = {
            "stages": [_relative(other.stage, part.stage) for other in parts],
            "pieces": part.pieces,
            "obsolete": part.obsolete,
            "made": part.made,
        }
        write_synced(os.path.join(part.stage, JOURNAL), json.dumps(content).encode("ascii"))


def _relative(path: str, start: str) -> str:
    """A path that stays right where both are mounted elsewhere; absolute between the drives of Windows."""
    try:
        return os.path.relpath(path, start)
    except ValueError:
        return path


def settle(parts: Sequence[Part]) -> None:
    """Finishes what is published together if all of it is in place, else takes it back.

    Raises:
        OSError: the file system refuses, or something else has taken the place of what was moved aside. The journals
            stay, and so does all that is in the stages.
    """
    if not all(part.is_placed(piece) for part in parts for piece in part.pieces):
        for part in reversed(parts):
            for piece in reversed(part.pieces):
                if part.is_placed(piece):
                    os.rename(part.here(piece), part.new(piece))
        for part in parts:
            for piece in (*part.obsolete, *part.pieces):
                if is_there(part.old(piece)):
                    move_back(part.old(piece), part.here(piece))
            for folder in reversed(part.made):
                with contextlib.suppress(OSError):  # it was not made, or is in use
                    os.rmdir(part.here(folder))
    sync_places(parts)
    forget(parts)


def sync_places(parts: Sequence[Part]) -> OSError | None:
    """Makes the renames of all pieces safe on disk. Returns why the disk may lose them; None where nothing says so."""
    places = {os.path.dirname(part.here(piece)) for part in parts for piece in (*part.pieces, *part.obsolete)}
    return _sync_all(sorted(places))


def forget(parts: Sequence[Part]) -> OSError | None:
    """Removes the journals, the last part's last; what they are about is safe on disk. Returns as ``sync_places``."""
    lost = None
    for part in parts:
        with contextlib.suppress(FileNotFoundError):  # no room was left to write it
            os.unlink(os.path.join(part.stage, JOURNAL))
        lost = _sync_all([part.stage]) or lost  # before anything in it is cleared
    return lost


def _sync_all(folders: Sequence[str]) -> OSError | None:
    """Syncs folders where that is possible. Returns why the disk may lose what is in one of them."""
    lost = None
    for folder in folders:
        try:
            sync_folder(folder)
        except OSError as error:
            if error.errno in LOST:
                lost = error
    return lost


def settle_left(stage: str, output: str) -> None:
    """Settles a stage whose run is gone, together with those that belong to it, and clears them.

    stage: the caller holds its lock. output: what a message names.

    Raises:
        OutputError: it cannot be settled; nothing of it was cleared.
    """
    with contextlib.ExitStack() as locks:
        parts = list(_read_parts(stage, output, locks))
        try:
            settle(parts)
        except OSError as error:
            raise kept(output, parts, error) from error
        for part in parts:
            remove_tree(part.stage)
    remove_tree(stage)


def kept(output: str, parts: Sequence[Part], error: OSError) -> OutputError:
    """The error that says where what was there before is kept."""
    olds = [folder for part in parts if is_there(folder := os.path.join(part.stage, OLD))]
    if olds:
        problem = f"what was there before is in {' and '.join(map(printable, olds))} and could not be put back"
    else:
        problem = "what was put in place could not be taken back"
    place = f" ({printable(os.fsdecode(error.filename))})" if error.filename is not None else ""
    if isinstance(error, FileExistsError):
        todo = "Move away what has taken its place, and convert again"
    else:
        todo = "The next run into this output tries it again"
    return OutputError(output, f"{problem}: {error.strerror}{place}. {todo}")


def _read_parts(stage: str, output: str, locks: contextlib.ExitStack) -> Iterator[Part]:
    """What was to be published from a stage and from those that belong to it, each but the first one locked."""
    part, stages = _read(stage)
    is_later = False
    for other in (os.path.normpath(os.path.join(stage, path)) for path in stages):
        if other == stage:
            is_later = True
            if part is not None:
                yield part
            continue
        if os.path.isdir(other):
            locks.enter_context(Lock(lock_path(other), output))
        partner, _ = _read(other)
        if partner is not None:
            yield partner
        elif is_later:  # journals of later parts are written first and removed last: it is not to be seen from here
            problem = f"{printable(stage)} belongs to {printable(other)}, which is not there"
            raise OutputError(output, f"{problem}. Move it back, and convert again")


def _read(stage: str) -> tuple[Part | None, list[str]]:
    """The part that a journal is about, and the paths of all stages from there; None where nothing was moved yet."""
    try:
        with open(os.path.join(stage, JOURNAL), encoding="ascii") as file:
            content = json.load(file)
        part = Part(stage, tuple(content["pieces"]), tuple(content["obsolete"]), made=tuple(content["made"]))
        _check_paths(part, content["stages"])
        return part, content["stages"]
    except FileNotFoundError:
        return None, []
    except (ValueError, KeyError, TypeError):
        if not is_there(os.path.join(stage, OLD)):  # it was being written: nothing is moved before it is complete
            return None, []
        problem = "the journal of this stage cannot be read. What was there before is in its folder old: move it back"
        raise OutputError(stage, problem) from None


def _check_paths(part: Part, stages: Sequence[str]) -> None:
    """Refuses a journal that no run of ours wrote, which could have files elsewhere moved.

    Raises:
        ValueError: a path leads out of the output, directly or through a link, or a stage is not one.
    """
    bases = (os.path.dirname(part.stage), os.path.join(part.stage, NEW), os.path.join(part.stage, OLD))
    for path in (*part.pieces, *part.obsolete, *part.made):
        names = path.split(os.sep)
        if os.path.isabs(path) or not {"", os.curdir, os.pardir}.isdisjoint(names):
            raise ValueError(path)
        folders = [os.path.join(*names[:count]) for count in range(1, len(names))]
        if any(os.path.islink(os.path.join(base, folder)) for base in bases for folder in ("", *folders)):
            raise ValueError(path)
    for path in stages:
        name = os.path.basename(os.path.normpath(os.path.join(part.stage, path)))
        if _STAGE.fullmatch(name) is None:
            raise ValueError(path)
