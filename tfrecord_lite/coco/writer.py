"""Entries -> a COCO file, streaming: memory does not grow with the dataset.

Images go straight to the file, annotations to a spool beside it that is appended at the end, so that the keys come in
the order of the official files: info, licenses, images, annotations, categories. One image, or the annotations of one
image, make a line.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import orjson

from tfrecord_lite.coco.categories import is_identity

_BUFFER_SIZE = 1 << 20  # bytes
INFO = {"description": "Converted from TFRecord files by tfrecord2coco"}  # no clock, no host: same input, same bytes


class CocoWriter:
    """Writes one COCO file.

    path: the file, which must not exist; its spool stands beside it until ``finish``.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "xb", _BUFFER_SIZE)  # noqa: SIM115 - closed in finish or discard
        self._spool: BinaryIO = open(path + ".spool", "x+b", _BUFFER_SIZE)  # noqa: SIM115 - likewise
        self._separator = b"\n"
        self._spool_separator = b"\n"
        self._file.write(b'{"info":%b,"licenses":[],"images":[' % orjson.dumps(INFO))

    def add(self, image: Mapping[str, Any], annotations: Sequence[Mapping[str, Any]]) -> None:
        """Writes an image and its annotations, whose ids and category ids may be provisional until ``finish``."""
        self._file.write(self._separator + orjson.dumps(image))
        self._separator = b",\n"
        if annotations:
            self._spool.write(self._spool_separator + orjson.dumps(annotations)[1:-1])
            self._spool_separator = b",\n"

    def finish(self, categories: Sequence[Mapping[str, Any]], renumbering: Mapping[int, int]) -> None:
        """Joins the parts and makes the file safe on disk.

        Args:
            categories: the entries, ids final.
            renumbering: provisional category ids -> final ones.
        """
        self._file.write(b'\n],"annotations":[')
        self._spool.seek(0)
        if is_identity(renumbering):
            shutil.copyfileobj(self._spool, self._file, _BUFFER_SIZE)
        else:
            self._renumber(renumbering)
        self._spool.close()
        os.unlink(self._path + ".spool")
        lines = b",\n".join(map(orjson.dumps, categories))
        self._file.write(b'\n],"categories":[\n' + lines + b"\n]}\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _renumber(self, renumbering: Mapping[int, int]) -> None:
        """Copies the spool line by line with the final category ids."""
        for line in self._spool:
            content = line.rstrip(b",\n")
            if content:
                annotations = orjson.loads(b"[%b]" % content)
                for annotation in annotations:
                    annotation["category_id"] = renumbering[annotation["category_id"]]
                line = line.replace(content, orjson.dumps(annotations)[1:-1])  # noqa: PLW2901 - its final form
            self._file.write(line)

    def discard(self) -> None:
        """Closes the files without completing them; where they stand is the caller's to clear."""
        for file in (self._file, self._spool):
            with contextlib.suppress(OSError):  # what failed before this is what the caller reports
                file.close()
