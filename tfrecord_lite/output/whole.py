"""One file by itself, such as a picture: there as a whole, or not at all."""

from __future__ import annotations

import os

from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.renames import rename_new


def write_whole(path: str, content: bytes, *, overwrite: bool) -> None:
    """Writes a file under another name first, so that nothing half written ever has its own.

    Raises:
        OutputError: it is there already, and is not to be replaced. OSError: it cannot be written.
    """
    folder, name = os.path.split(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    partial = os.path.join(folder, f".{name}.partial-{os.getpid()}")
    try:
        with open(partial, "xb") as file:
            file.write(content)
        if overwrite:
            os.replace(partial, path)
        else:
            rename_new(partial, path)
    except FileExistsError:
        raise OutputError(path, "this exists already. Replace it with --overwrite, or name another output") from None
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
