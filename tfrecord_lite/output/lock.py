"""A lock file: held by one run at a time, and let go when that run ends, however it ends.

The operating system holds the lock, not the file: a run that is killed leaves the file but not the lock, and the number
of a process, which another container or a later boot may give to another process, decides nothing. Threads of one
process exclude each other as processes do. Workers that were forked share their parent's lock: it is free only when
the last of them is gone.
"""

from __future__ import annotations

import contextlib
import os
import sys

from tfrecord_lite.errors import OutputError, printable

_OPEN = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Lock:
    """Holds the lock file ``path`` until ``close``.

    output: what is locked, for messages.

    Raises:
        OutputError: another run holds it.
        OSError: the file cannot be made.
    """

    def __init__(self, path: str, output: str) -> None:
        self._path = path
        self._descriptor = -1
        while self._descriptor < 0:
            descriptor, is_new = _open(path)
            try:
                if not _acquire(descriptor) and not is_new:
                    problem = (
                        "another run writes to this output, or was killed: a file system without locks does not say "
                        f"which. If there is no other run, remove {printable(path)}"
                    )
                    raise OutputError(output, problem)
                if _is_at(path, descriptor):
                    self._descriptor = descriptor
            except BlockingIOError:
                problem = "another run is writing to this output. Wait for its end, or name another output"
                raise OutputError(output, problem) from None
            finally:
                if self._descriptor < 0:  # also where the run that had it removed the file a moment ago
                    os.close(descriptor)

    def close(self) -> None:
        """Removes the file and lets the lock go."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor < 0:
            return
        if os.name == "nt":  # which removes no file that is open
            os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        if os.name != "nt":
            os.close(descriptor)

    def __enter__(self) -> Lock:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(path: str) -> tuple[int, bool]:
    """Opens the file, and says whether it was not there before."""
    while True:
        with contextlib.suppress(FileExistsError):
            return os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, 0o666), True
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, _OPEN), False


def _is_at(path: str, descriptor: int) -> bool:
    """Whether an open file still has its name. A lock on a file that was removed locks nothing."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _acquire(descriptor: int) -> bool:
        """Locks an open file. Raises BlockingIOError where another run has done so."""
        import msvcrt  # noqa: PLC0415 - of Windows

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            raise BlockingIOError from None
        return True

else:

    def _acquire(descriptor: int) -> bool:
        """Locks an open file; False where its file system has no locks.

        Raises BlockingIOError where another run has locked it.
        """
        try:
            import fcntl  # noqa: PLC0415 - not every Python has it

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except (ImportError, OSError):
            return False
        return True
