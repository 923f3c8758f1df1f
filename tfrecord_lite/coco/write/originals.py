"""Entries of COCO files that records carry along, as ``pack --keep-source`` writes them -> the files as they were.

One key of a record, ``coco/source``, has a JSON object that trainers do not look at:

    of           a digest of the record's other features: what was changed since is not what the entries say
    dataset      a digest of the files that the entries are from, without their images and annotations
    number       of the image in its file, from 0
    image        its entry, as the text that the file has: numbers of any size keep all their digits
    file_name    of the image, null where the entry has none
    annotations  by task, pairs of a number in the file, from 0, and an entry, likewise as its text
    png          of a panoptic file, as base64: its pixels have the numbers that the entry has
    files        in the first record of each shard: by task, pairs of each key of the file and its value as text, null
                 in place of images and annotations

Entries are put in order in a temporary SQLite file, so that memory does not grow with their number.
"""

from __future__ import annotations

import contextlib
import json
import os
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import orjson

from tfrecord_lite.coco.read.join import Joined
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.output.database import TemporaryDatabase
from tfrecord_lite.output.filenames import with_ending
from tfrecord_lite.output.fsync import sync_file
from tfrecord_lite.output.target import SplitPaths

_BUFFER_SIZE = 1 << 20  # bytes
_TABLE = "CREATE TABLE entries (task TEXT, number INTEGER, entry BLOB, PRIMARY KEY (task, number)) WITHOUT ROWID"
_LISTS = ("images", "annotations")
_IMAGES, _PNGS = "", "png"  # in place of a task
Head = list[tuple[str, str | None]]


def head_of(file: CocoFile) -> Head:
    """The keys of a file with their values as texts, but for its images and annotations."""
    return [(key, None if key in _LISTS else file.text(key)) for key in file.parts]


def dataset_of(heads: Mapping[str, Head]) -> str:
    """A digest by which the files of one dataset are told from others."""
    return sha256(orjson.dumps(heads)).hexdigest()[:16]


def source_text(joined: Joined, digest: str, dataset: str, heads: Mapping[str, Head], png: bytes | None) -> bytes:
    """What the record of an image carries along. heads: in the first record of a shard. png: of a panoptic file."""
    annotations = {task: list(zip(joined.numbers[task], texts, strict=True)) for task, texts in joined.texts.items()}
    source: dict[str, Any] = {
        "of": digest,
        "dataset": dataset,
        "number": joined.number,
        "image": joined.text,
        "file_name": joined.image.get("file_name"),
        "annotations": annotations,
    }
    if png is not None:
        source["png"] = b64encode(png).decode()
    if heads:
        source["files"] = heads
    return orjson.dumps(source)


class Originals:
    """The entries of one split, as records bring them.

    images, pngs: how many there are. renamed: images whose file has another name.
    problem: why they cannot be written as they were; empty where they can.

    Args:
        folder: for the temporary file.
    """

    def __init__(self, folder: str) -> None:
        self.images = self.pngs = self.renamed = 0
        self.problem = ""
        self._dataset = ""
        self._counts: Counter[str] = Counter()
        self._heads: dict[str, Head] = {}
        self._table = TemporaryDatabase(_TABLE, folder)

    def add(self, text: bytes, name: str) -> None:
        """Adds what a record carries along. name: of the file that its image is in."""
        self.images += 1
        if self.problem:
            return
        try:
            self._add(orjson.loads(text), name)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            self.problem = "what a record carries along is not of the form that pack writes"

    def _add(self, source: Any, name: str) -> None:  # noqa: ANN401 - any JSON
        """Adds the entries of one image. Raises whatever is wrong with their form."""
        text, dataset = source["image"], source["dataset"]
        if dataset != (self._dataset or dataset):
            self.problem = "the records are from several datasets"
            return
        self._dataset = dataset
        for task, head in source.get("files", {}).items():
            self._heads[str(task)] = [(str(key), None if value is None else _json(value)) for key, value in head]
        if source["file_name"] not in (None, name):
            self.renamed += 1
            text = _with_file_name(text, name)
        place = _whole(source["number"])
        rows = [(_IMAGES, place, _entry(text))]
        for task, pairs in source["annotations"].items():
            if task == "panoptic" and "png" in source:
                png = with_ending(name, ".png")
                pairs[0][1] = _with_file_name(pairs[0][1], png)
                rows.append((_PNGS, place, orjson.dumps([png, source["png"]])))
                b64decode(source["png"], validate=True)
                self.pngs += 1
            rows += [(task, _whole(number), _entry(text)) for number, text in pairs]
            self._counts[task] += len(pairs)
        with self._table.errors():
            for row in rows:
                if self._table.connection.execute("INSERT OR IGNORE INTO entries VALUES (?, ?, ?)", row).rowcount != 1:
                    self.problem = "a record comes twice"

    def why_not(self, images: int) -> str:
        """Why the files cannot be written as they were; empty where they can. images: how many the split has."""
        if self.images != images:
            return f"{images - self.images} of {images} records have none"
        if not self.problem and not self._heads:
            return "the first record of a shard, which has what is said of all, is not among the records"
        if not self.problem and self._main in self._heads and ("images", None) not in self._heads[self._main]:
            return f"the keys of the file of {self._main}, as a record carries them along, have no images"
        return self.problem

    def write(self, root: str, paths: SplitPaths) -> None:
        """Writes the files of a split, in place of those that are there, and removes those that it did not have.

        Raises:
            OSError: the file system refuses.
        """
        self._write(os.path.join(root, paths.json), self._main)
        for task, piece in paths.tasks.items():
            path = os.path.join(root, piece)
            if task in self._heads:
                self._write(path, task)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
        if self.pngs and paths.tasks:
            folder = os.path.join(root, os.path.splitext(paths.tasks["panoptic"])[0])
            for row in self._entries(_PNGS):
                name, text = orjson.loads(row)
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(b64decode(text))

    @property
    def _main(self) -> str:
        """The task that the file of the instances is written of: every reader looks for one."""
        return next(
            (task for task in ("instances", "person_keypoints", "image_info") if task in self._heads), "instances"
        )

    @property
    def annotations(self) -> int:
        """How many annotations the file of the instances has."""
        return self._counts[self._main]

    def _write(self, path: str, task: str) -> None:
        head = self._heads.get(task) or [("images", None), ("annotations", None), ("categories", "[]")]
        pieces = sorted(head, key=lambda each: each[0] in _LISTS)  # the long lists last
        with open(path, "wb", _BUFFER_SIZE) as file:
            before = b"{"
            for key, value in pieces:
                file.write(before + orjson.dumps(key) + b":")
                before = b","
                if value is not None:
                    file.write(value.encode())
                    continue
                separator = b"[\n"
                for entry in self._entries(_IMAGES if key == "images" else task):
                    file.write(separator + entry)
                    separator = b",\n"
                file.write(b"\n]" if separator == b",\n" else b"[\n]")
            file.write(b"}\n")
            sync_file(file)

    def _entries(self, task: str) -> Iterator[bytes]:
        """The entries of a list, in the order of the file."""
        query = "SELECT entry FROM entries WHERE task = ? ORDER BY number"
        with self._table.errors():
            for (entry,) in self._table.connection.execute(query, (task,)):
                yield entry

    def close(self) -> None:
        """Removes the temporary file."""
        self._table.close()


def _json(text: str) -> str:
    """A text that is JSON. Raises ValueError, TypeError where it is none."""
    orjson.loads(text)
    return text


def _whole(number: Any) -> int:  # noqa: ANN401 - any JSON
    """A whole number. Raises TypeError where it is none."""
    if type(number) is not int:
        raise TypeError(number)
    return number


def _entry(text: str) -> bytes:
    """An image or an annotation: JSON on one line. Raises ValueError, TypeError where it is none."""
    if type(orjson.loads(text)) is not dict or "\n" in text:
        raise ValueError(text)
    return text.encode()


def _with_file_name(text: str, name: str) -> str:
    """An entry with another file name; whole numbers keep all their digits."""
    entry = json.loads(text)
    if entry.get("file_name") == name:
        return text
    return json.dumps({**entry, "file_name": name}, ensure_ascii=False)
