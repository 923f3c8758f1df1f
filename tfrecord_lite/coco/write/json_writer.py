"""Entries as JSON text -> COCO files, streaming: memory does not grow with the dataset.

Images go straight to the file, annotations to one beside it that is appended at the end, so that the keys come in the
order of the official files: info, licenses, images, annotations, categories. One image, or the annotations of one
image, make a line.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

import orjson

from tfrecord_lite.coco.draft.entries import INFO
from tfrecord_lite.output.fsync import sync_file

_BUFFER_SIZE = 1 << 20  # bytes
_HEAD = b'{"info":%b,"licenses":[],"images":[' % orjson.dumps(INFO)

Entry = Mapping[str, Any]


class AnnotationLines:
    """The annotations of one file, in a file of their own until all images are written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "x+b", _BUFFER_SIZE)  # noqa: SIM115 - closed in close
        self._separator = b"\n"

    def add(self, annotations: bytes) -> None:
        """Appends the annotations of one image: JSON objects with commas between them, or nothing."""
        if annotations:
            self._file.write(self._separator + annotations)
            self._separator = b",\n"

    def copy_to(self, file: BinaryIO) -> None:
        """Appends everything to ``file``."""
        self._file.seek(0)
        shutil.copyfileobj(self._file, file, _BUFFER_SIZE)

    def close(self) -> None:
        """Removes the file."""
        with contextlib.suppress(OSError):  # what failed before this is what the caller reports
            self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)


class CocoWriter:
    """Writes one COCO file with its images.

    path: the file, which must not exist; its annotations stay beside it until ``finish``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "xb", _BUFFER_SIZE)  # noqa: SIM115 - closed in finish or discard
        self._annotations = AnnotationLines(path + ".annotations")
        self._separator = b"\n"
        self._file.write(_HEAD)
        self._images_end = 0

    def add_image(self, image: bytes) -> None:
        """Writes an image, as JSON."""
        self._file.write(self._separator + image)
        self._separator = b",\n"

    def add_annotations(self, annotations: bytes) -> None:
        """Writes the annotations of an image: JSON objects with commas between them, or nothing."""
        self._annotations.add(annotations)

    def finish(self, categories: Iterable[Entry]) -> None:
        """Joins the parts and makes the file safe on disk."""
        self._images_end = self._file.tell()
        _complete(self._file, self._annotations, categories)

    def finish_task(self, path: str, annotations: AnnotationLines, categories: Iterable[Entry]) -> None:
        """Writes another file about the same images, once this one is finished: captions, for example."""
        with open(path, "xb", _BUFFER_SIZE) as file, open(self._path, "rb") as images:
            left = self._images_end
            while block := images.read(min(left, _BUFFER_SIZE)):
                left -= len(block)
                file.write(block)
            _complete(file, annotations, categories)

    def discard(self) -> None:
        """Closes the files without completing them; they are the caller's to clear."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._annotations.close()


def _complete(file: BinaryIO, annotations: AnnotationLines, categories: Iterable[Entry]) -> None:
    """Appends annotations and categories, and makes the file safe on disk."""
    file.write(b'\n],"annotations":[')
    annotations.copy_to(file)
    annotations.close()
    file.write(b'\n],"categories":[')
    separator = b"\n"
    for category in categories:
        file.write(separator + orjson.dumps(category))
        separator = b",\n"
    # Without any there is an empty line, as between the other keys.
    file.write(b"\n]}\n" if separator == b",\n" else b"\n\n]}\n")
    sync_file(file)
    file.close()
