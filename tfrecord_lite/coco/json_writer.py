"""Entries as JSON text -> COCO files, streaming: memory does not grow with the dataset.

Images go straight to the file, annotations to a spool beside it that is appended at the end, so that the keys come in
the order of the official files: info, licenses, images, annotations, categories. One image, or the annotations of one
image, make a line.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO

import orjson

_BUFFER_SIZE = 1 << 20  # bytes
INFO = {"description": "Converted from TFRecord files by tfrecord2coco"}  # no clock, no host: same input, same bytes
_HEAD = b'{"info":%b,"licenses":[],"images":[' % orjson.dumps(INFO)

Entry = Mapping[str, Any]
Fix = Callable[[dict[str, Any]], None]
"""Makes an annotation final once the last record was read; one that it empties is left out."""


class Spool:
    """The annotations of one file, in a file of their own until they are complete."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "x+b", _BUFFER_SIZE)  # noqa: SIM115 - closed in close
        self._separator = b"\n"

    def add(self, annotations: bytes) -> None:
        """Appends the annotations of one image: JSON objects with commas between them, or nothing."""
        if annotations:
            self._file.write(self._separator + annotations)
            self._separator = b",\n"

    def copy_to(self, file: BinaryIO, fix: Fix | None) -> None:
        """Appends everything to ``file``; line by line where annotations are to be made final, else as it is."""
        self._file.seek(0)
        if fix is None:
            shutil.copyfileobj(self._file, file, _BUFFER_SIZE)
            return
        separator = b"\n"
        for line in self._file:
            annotations = orjson.loads(b"[%b]" % line.rstrip(b",\n"))
            for annotation in annotations:
                fix(annotation)
            if kept := [annotation for annotation in annotations if annotation]:
                file.write(separator + orjson.dumps(kept)[1:-1])
                separator = b",\n"

    def close(self) -> None:
        """Removes the spool."""
        with contextlib.suppress(OSError):  # what failed before this is what the caller reports
            self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)


class CocoWriter:
    """Writes one COCO file with its images.

    path: the file, which must not exist; its spool stands beside it until ``finish``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "xb", _BUFFER_SIZE)  # noqa: SIM115 - closed in finish or discard
        self._spool = Spool(path + ".spool")
        self._separator = b"\n"
        self._file.write(_HEAD)
        self._images_end = 0

    def add(self, image: bytes, annotations: bytes) -> None:
        """Writes an image and its annotations, as JSON; both may be provisional until ``finish``."""
        self._file.write(self._separator + image)
        self._separator = b",\n"
        self._spool.add(annotations)

    def add_annotations(self, annotations: bytes) -> None:
        """Writes more annotations of an image that came before."""
        self._spool.add(annotations)

    def finish(self, categories: Sequence[Entry], fix: Fix | None, fix_image: Fix | None = None) -> None:
        """Joins the parts and makes the file safe on disk. fix, fix_image: make annotations and images final."""
        if fix_image is not None:
            self._fix_images(fix_image)
        self._images_end = self._file.tell()
        _complete(self._file, self._spool, categories, fix)

    def _fix_images(self, fix: Fix) -> None:
        """Writes the images once more, each made final."""
        self._file.close()
        provisional = self._path + ".images"
        os.rename(self._path, provisional)
        self._file = open(self._path, "xb", _BUFFER_SIZE)  # noqa: SIM115 - closed in finish or discard
        with open(provisional, "rb") as lines:
            for line in lines:
                content = line.rstrip(b",\n")
                if line.startswith(b'{"id"'):
                    image = orjson.loads(content)
                    fix(image)
                    self._file.write(orjson.dumps(image) + line[len(content) :])
                else:
                    self._file.write(line)
        os.unlink(provisional)

    def finish_task(self, path: str, spool: Spool, categories: Sequence[Entry], fix: Fix | None) -> None:
        """Writes another file about the same images, once this one is finished: captions, for example."""
        with open(path, "xb", _BUFFER_SIZE) as file, open(self._path, "rb") as images:
            left = self._images_end
            while block := images.read(min(left, _BUFFER_SIZE)):
                left -= len(block)
                file.write(block)
            _complete(file, spool, categories, fix)

    def discard(self) -> None:
        """Closes the files without completing them; where they stand is the caller's to clear."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._spool.close()


def _complete(file: BinaryIO, spool: Spool, categories: Sequence[Entry], fix: Fix | None) -> None:
    """Appends annotations and categories, and makes the file safe on disk."""
    file.write(b'\n],"annotations":[')
    spool.copy_to(file, fix)
    spool.close()
    lines = b",\n".join(map(orjson.dumps, categories))
    file.write(b'\n],"categories":[\n' + lines + b"\n]}\n")
    file.flush()
    os.fsync(file.fileno())
    file.close()
