"""Which objects an earlier run wrote, so that a later one may replace or remove them, and no others.

The COCO file of a complete run names its images, and there is its report. A run that fails in the
middle has neither: so each run first writes a note with the names of all objects that it is about to write, and removes
it last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from io import BufferedReader
from secrets import token_hex

from tfrecord_lite.errors import OutputError, printable
from tfrecord_lite.inputs.object_place import ObjectPlace
from tfrecord_lite.inputs.storage import open_at_hand
from tfrecord_lite.inputs.urls import join, name_of
from tfrecord_lite.output.earlier import OF_SYSTEMS, is_data_file, labels_of, named_images, refuse_to_part
from tfrecord_lite.output.target import DATA_FILE, SplitPaths

_NOTE = ".tfrecord2coco-writing-"


class Uploads:
    """What was, and is, written below a URL. scratch: a local folder for the note of this run."""

    def __init__(self, place: ObjectPlace, url: str) -> None:
        self._place = place
        self._url = url
        self._note = join(url, f"{_NOTE}{token_hex(4)}")

    def begin(self, names: Iterable[str], scratch: str) -> None:
        """Notes what this run is about to write. Raises OSError: nothing can be written here."""
        path = os.path.join(scratch, "note")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(name)}\n" for name in names)
        self._place.write(self._note, path, new=False)

    def end(self) -> None:
        """Forgets the note: all that was in it is written, or known in another way."""
        self._place.remove([self._note])

    def _noted(self) -> dict[str, set[str]]:
        """The URLs in each note that earlier runs left."""
        notes = (entry.path for entry in self._place.entries(self._url) if entry.name.startswith(_NOTE))
        found = {}
        for note in notes:
            with BufferedReader(open_at_hand(note)) as lines:
                found[note] = {join(self._url, json.loads(line)) for line in lines}
        return found

    def objects(self, url: str) -> Iterator[str]:
        """All objects below a URL, or the one there."""
        kind = self._place.kind(url)
        if kind == "file":
            yield url
        elif kind == "folder":
            for entry in self._place.entries(url):
                if entry.kind == "folder":
                    yield from self.objects(entry.path)
                else:
                    yield entry.path

    def check(self, splits: Iterable[SplitPaths]) -> None:
        """Refuses to replace what neither an earlier run nor an operating system wrote. Raises OutputError."""
        known: set[str] = set().union(*self._noted().values())
        for paths in splits:
            if paths.images is not None:
                ours = known | {join(self._url, paths.json)} | self._images(paths.json, paths.images)
                self._refuse_others(paths.images, ours, f"another object than the images of {printable(paths.json)}")
            if paths.report is None:
                continue
            report = join(self._url, paths.report)
            if paths.labels is None:
                refuse_to_part(report, os.path.splitext(name_of(report))[0])
            else:
                self._check_labels(paths.labels, report, known)
            if self._place.kind(report) == "file":
                continue
            folders = [os.path.splitext(paths.tasks["panoptic"])[0]] if paths.tasks else []
            for piece in (*folders, *paths.tasks.values()):
                what = f"a file of unknown origin, without a report {printable(paths.report)}"
                self._refuse_others(piece, known, what)

    def _check_labels(self, labels: str, report: str, known: set[str]) -> None:
        """Refuses to replace YOLO labels, or a ``data.yaml``, that no earlier run wrote."""
        if not labels_of(report):
            what = f"a file of unknown origin: {printable(report)} names no labels"
            self._refuse_others(labels, known, what)
        data = join(self._url, DATA_FILE)
        if data not in known and self._place.kind(data) == "file" and not is_data_file(data):
            problem = "no earlier conversion wrote this, and it is not replaced. Move it away, or name another output"
            raise OutputError(data, problem)

    def _images(self, json_name: str, images: str) -> set[str]:
        """The objects that a COCO file names; none where it is missing or not one of ours."""
        try:
            with BufferedReader(open_at_hand(join(self._url, json_name))) as lines:
                return {join(self._url, images, name) for name in named_images(lines)}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return set()

    def _refuse_others(self, piece: str, ours: set[str], what: str) -> None:
        for url in self.objects(join(self._url, piece)):
            if url not in ours and name_of(url) not in OF_SYSTEMS:
                problem = f"this is {what}, and is not replaced. Move it away, or name another output"
                raise OutputError(url, problem)

    def forget(self, written: Iterable[str]) -> None:
        """Removes the notes of earlier runs that name nothing but what is below these URLs, and was written again."""
        below = tuple(f"{url}/" for url in written)
        for note, urls in self._noted().items():
            if note != self._note and all(f"{url}/".startswith(below) for url in urls):
                self._place.remove([note])
