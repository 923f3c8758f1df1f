"""Datasets that are replaced by others: what is in them, and runs that are killed on the way."""

from __future__ import annotations

import os
import sys
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfrecords import detection, jpeg, shard

import tfrecord_lite

Tree = dict[str, int]
"""Path and checksum of every file."""


def tree(folder: Path) -> Tree:
    """Every file below a folder, but for the records in it, with a checksum of what is in it."""
    return {
        path.relative_to(folder).as_posix(): zlib.crc32(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "records" not in path.relative_to(folder).parts[:1]
    }


def published(folder: Path) -> Tree:
    """The same without what is hidden: stages and locks."""
    return {name: checksum for name, checksum in tree(folder).items() if "/." not in f"/{name}"}


def stages(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*partial*")]


# ------------------------------------------------------------------------------------------------------------ records
def old_records(folder: Path) -> Path:
    return write(folder / "records" / "old", detection("a.jpg", boxes=[(1, 1, 9, 9)]), detection("b.jpg"))


def new_records(folder: Path) -> Path:
    # Other pixels under the same name: an old JSON beside a new picture would be wrong.
    changed = detection("a.jpg", boxes=[(2, 2, 30, 30)], image=jpeg(64, 48, (1, 2, 3)))
    return write(folder / "records" / "new", changed, detection("c.jpg", boxes=[(1, 1, 5, 5)]))


def third_records(folder: Path) -> Path:
    changed = detection("a.jpg", boxes=[(3, 3, 20, 20)], image=jpeg(64, 48, (9, 9, 9)))
    return write(folder / "records" / "third", changed, detection("sub/d.jpg"), detection("e.jpg"))


def bad_records(folder: Path) -> Path:
    return write(folder / "records" / "bad", detection("a.jpg", image=b"junk"))


def write(folder: Path, *records: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.tfrecord").write_bytes(shard(*records))
    (folder / "val.tfrecord").write_bytes(shard(detection("v.jpg", boxes=[(1, 1, 3, 3)])))
    return folder


# ------------------------------------------------------------------------------------------------------------ outputs
OUTPUTS: dict[str, Callable[[Path], tuple[Path, dict[str, Any]]]] = {
    "folder": lambda folder: (folder / "out", {}),
    "roboflow": lambda folder: (folder / "out", {"layout": "roboflow"}),
    "json": lambda folder: (folder / "out.json", {}),
    "json and images": lambda folder: (folder / "out.json", {"images": folder / "deep" / "pictures"}),
}
"""Every kind of output: the folder of a test -> output and options."""


def convert(kind: str, folder: Path, records: Path, *, overwrite: bool = True) -> None:
    output, options = OUTPUTS[kind](folder)
    tfrecord_lite.convert(records, output, overwrite=overwrite, **options)


_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"}


def killed_before(step: int, run: Callable[[], object]) -> bool:
    """Runs something in a process that is killed before its n-th call that gives, takes or changes a name.

    Returns whether there were that many.
    """
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, -9), f"it failed by itself: {status}"
        return status == -9
    seen = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in _CHANGES or (event == "open" and arguments[2] & os.O_CREAT):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), 9)

    status = 1
    try:
        sys.addaudithook(watch)
        run()
        status = 0
    except BaseException:  # noqa: BLE001 - the process ends here, and is to say why
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)
