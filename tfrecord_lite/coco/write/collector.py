"""Drafts -> images with ids and file names, in the order of the input; image files go to their final place.

The id and the name of an image depend only on the images before it, so its file is written once. The rest of a draft
is spooled until all of the input was read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import orjson

from tfrecord_lite.coco.draft.draft import Draft, Tasks, indexes_of, lines_of
from tfrecord_lite.coco.draft.entries import fact_marks, image_entry
from tfrecord_lite.coco.draft.part_summary import PartSummary, Tables
from tfrecord_lite.coco.draft.spool import Spool, pack
from tfrecord_lite.coco.write.agreement import Counted
from tfrecord_lite.coco.write.picture_files import PictureFiles, PicturesInPlace
from tfrecord_lite.errors import FeatureError, Location, quoted, shortened
from tfrecord_lite.output.filenames import UniqueNames, fallback_name, with_ending
from tfrecord_lite.output.seen import Seen
from tfrecord_lite.output.target import SplitPaths
from tfrecord_lite.report import Tally
from tfrecord_lite.sample import Finding

if TYPE_CHECKING:
    from tfrecord_lite.coco.write.originals import Originals

_LARGEST_IMAGE_ID = (1 << 53) - 1
_TABLES = -1  # in place of an image id
_LABELS = b'"labels":['  # of an image as a whole; within a text of JSON its quotes would be escaped


class ImageOptions(NamedTuple):
    """How images are distinguished.

    source_ids: whether images take the integer of their source id as their id; else they are numbered from 1.
    merge: whether records with the same source id and the same image bytes are one image.
    """

    source_ids: bool = False
    merge: bool = False


class Collector:
    """Collects the drafts of one split.

    paths, options, files: as given.
    summary: of all that was read; to be given to whatever makes the drafts, or filled by ``add_part``.
    tally: what was found here, about how images and records relate to each other.
    images: how many there are. classified: how many of them have classes as a whole.
    pictures, pngs: how many files were put in their place, of images and of panoptic segmentations.
    tasks: how many annotations there are for the file of each task.
    has_merged: whether there are images of several records.
    unusable: records that were left out because they have no id.
    originals: entries of COCO files that records carry along; None where none does.

    Args:
        root: the folder that paths are relative to.
        paths: of the parts of the split.
        options: how images are distinguished.
        keep: whether what is collected will be written; else it is counted, and forgotten.
        files: takes the pictures; None to put them in their place at once.
    """

    def __init__(
        self,
        root: str,
        paths: SplitPaths,
        options: ImageOptions,
        *,
        keep: bool = True,
        files: PictureFiles | None = None,
    ) -> None:
        self.paths, self.options = paths, options
        self.summary = PartSummary()
        self.tally = Tally()
        self.images = self.classified = self.pictures = self.pngs = 0
        self.unusable = 0
        self.has_merged = False
        self.tasks: dict[str, int] = {}
        for path in (paths.json, paths.report, *paths.tasks.values()):
            if path is not None and keep:
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        self.files: PictureFiles = files or PicturesInPlace(root, paths)
        self._root = root
        self._sets: list[Seen] = []
        self._seen = self.new_set()
        self._names = UniqueNames(self._seen)
        self._tables: Tables | None = None
        self.originals: Originals | None = None
        self._spool = Spool(os.path.join(root, paths.json + ".drafts"), 4) if keep else None

    def add_part(self, summary: PartSummary) -> None:
        """Adds the summary of a part that was read elsewhere; its drafts are to be added next."""
        tables = self._tables = self.summary.add_part(summary)
        if self._spool is not None:
            self._spool.write(_TABLES, *(table.tobytes() for table in tables), b"")

    def add(self, draft: Draft) -> None:
        """Gives an image its id and file name, puts its files in place, and spools the rest."""
        try:
            number, is_new = self._number(draft)
        except FeatureError as error:
            self.unusable += 1
            self.tally.add_problem(error)
            self._leave_out(draft)
            self.files.leave_out(draft.staged, draft.staged_png)
            return
        self._note_repetition(draft)
        entry = tasks = b""
        if is_new:
            self.images += 1
            name = self._names.claim(self._named(draft) or fallback_name(number, draft.image_format))
            entry = image_entry(draft.fragments, number, name)
            self.classified += _LABELS in entry
            self.pictures += self.files.put_image(draft, name)
            if draft.tasks is not None:
                tasks = self._take_tasks(draft, draft.tasks, name)
            if draft.original and self._spool is not None:
                self._add_original(draft.original, name)
        else:
            self.has_merged = True
            self._note_other_facts(draft, number)
            self.files.leave_out(draft.staged)
            if draft.tasks is not None:
                tasks = self._take_tasks(draft, draft.tasks, None)
        if self._spool is not None:
            self._spool.write(number, entry, draft.classes, draft.objects, tasks)

    def _named(self, draft: Draft) -> str:
        """The name that the record gives."""
        if self.paths.labels is None:
            return draft.name
        # ultralytics looks for labels where the last folder images of a path would be labels.
        return "/".join("images_" if part == "images" else part for part in draft.name.split("/"))

    def _add_original(self, text: bytes, name: str) -> None:
        """Adds entries that a record carries along."""
        if self.originals is None:
            from tfrecord_lite.coco.write.originals import Originals  # noqa: PLC0415 - few records have such entries

            self.originals = Originals(self._root)
        self.originals.add(text, name)

    def close(self) -> None:
        """Removes what is only needed until the split is written."""
        if self._spool is not None:
            self._spool.close()
        for each in self._sets:
            each.close()
        if self.originals is not None:
            self.originals.close()

    def counted(self) -> Counted:
        """What the files of the split must hold, once they are written."""
        return Counted(self.paths, self.images, self.pictures, self.pngs)

    def new_set(self) -> Seen:
        """A set of keys, which lasts as long as what was collected."""
        self._sets.append(Seen(self._root))
        return self._sets[-1]

    # ---------------------------------------------------------------------------------------------- ids
    def _number(self, draft: Draft) -> tuple[int, bool]:
        """The id of the draft's image, and whether it is a new one."""
        source_id = draft.source_id or ""
        merged = (draft.merged and bool(source_id)) or (self.options.merge and bool(draft.digest))
        number = self.images + 1
        if self.options.source_ids:
            number = self._source_number(draft.where, source_id, may_repeat=merged)
        if not merged:
            return number, True
        key = source_id.encode(errors="surrogatepass")
        if not draft.merged:
            key += b"\0" + draft.digest
        is_new = self._seen.add(b"merged" + key)
        number = self._seen.first(b"image" + key, number)
        if is_new:
            for name, mark in fact_marks(draft.fragments):
                self._seen.first(_fact(number, name), mark)
        return number, is_new

    def _source_number(self, where: Location, text: str, *, may_repeat: bool) -> int:
        """The integer in a source id."""
        digits = text.lstrip("0") or text[-1:]
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 16 and int(digits) <= _LARGEST_IMAGE_ID):
            problem = f"the source id is {quoted(text)}, expected an integer. Number images with --image-ids=sequential"
            raise FeatureError(where, "source_id", problem)
        if not self._seen.add(b"id" + digits.encode()) and not may_repeat:
            problem = f"the source id {digits} comes twice. Number images with --image-ids=sequential"
            raise FeatureError(where, "source_id", problem)
        return int(digits)

    def _note_repetition(self, draft: Draft) -> None:
        """Notes a record, or else its source id, that came before: a shard that was written or read twice."""
        source_id, seen = draft.source_id, self._seen
        id_is_new = is_new = True
        if source_id is None:
            is_new = seen.add(b"record" + draft.fingerprint)
        else:
            # A repeated record repeats its source id: while the id is new, there is nothing more to check.
            key, mark = b"source" + source_id.encode(errors="surrogatepass"), crc32(draft.fingerprint)
            id_is_new = seen.first(key, mark, otherwise=-1) == mark
            if not id_is_new:
                is_first = seen.first(key, mark) != mark
                is_new = seen.add(b"record" + draft.fingerprint) and is_first
        if not is_new:
            self.tally.add_finding(Finding("record-twice", draft.where, "a record of the same content came before"))
        elif not (id_is_new or draft.merged or self.options.merge):
            text = f"another record has the source id {quoted(source_id or '')} as well"
            self.tally.add_finding(Finding("source-id-twice", draft.where, text))

    def _note_other_facts(self, draft: Draft, number: int) -> None:
        """Notes where a record contradicts the first record of its image, which counts."""
        # No fact has the mark -1, so a fact that the first record lacks differs, and keeps differing.
        known = self._seen.first
        others = [name for name, mark in fact_marks(draft.fragments) if known(_fact(number, name), -1) != mark]
        if others:
            text = f"the first record of the image says otherwise, or nothing, of {', '.join(map(shortened, others))}"
            self.tally.add_finding(Finding("facts-not-merged", draft.where, f"{text}; what this one says is left out"))

    # ---------------------------------------------------------------------------------------------- content
    def _take_tasks(self, draft: Draft, tasks: Tasks, name: str | None) -> bytes:
        """Counts captions, stuff and segments of an image. Returns what is to be written of them.

        name: of the image, by which its panoptic PNG is called; None where it has one from another record.
        """
        has_png = draft.png is not None or draft.staged_png is not None
        if not self.paths.tasks:
            text = "captions, stuff and panoptic segments need a folder as output: a single file holds instances only"
            self.tally.add_finding(Finding("tasks-not-written", draft.where, text))
            self.files.leave_out(draft.staged_png)
            return b""
        if has_png and name is not None:
            png = with_ending(name, ".png")
            if self._spool is not None:
                self.pngs += self.files.put_png(draft, png)
            else:
                self.files.leave_out(draft.staged_png)
            tasks = tasks._replace(png=orjson.dumps(png))
        elif has_png:
            text = "panoptic segments are taken from the first record of an image: these are left out"
            self.tally.add_finding(Finding("segments-not-merged", draft.where, text))
            self.summary.segments.discount(self._global(tasks.segment_classes, "segments"))
            tasks = tasks._replace(segment_classes=b"", segments=b"")
            self.files.leave_out(draft.staged_png)
        for task, lines in (("captions", tasks.captions), ("stuff", tasks.stuff), ("panoptic", tasks.segments)):
            if lines or (task == "panoptic" and tasks.png):
                self.tasks[task] = self.tasks.get(task, 0) + len(lines_of(lines))
        return pack(*tasks)

    def _leave_out(self, draft: Draft) -> None:
        """Subtracts a record that is left out from what was counted when it was read."""
        summary, tasks = self.summary, draft.tasks or Tasks()
        summary.classes.discount(self._global(draft.classes, "classes"))
        summary.stuff.discount(self._global(tasks.stuff_classes, "stuff"))
        summary.segments.discount(self._global(tasks.segment_classes, "segments"))

    def _global(self, field: bytes, table: str) -> Iterable[int]:
        """The indexes of a draft, as the summary of the split has them."""
        indexes = indexes_of(field)
        return indexes if self._tables is None else map(getattr(self._tables, table).__getitem__, indexes)

    def __iter__(self) -> Iterator[tuple[int, bytes, bytes, bytes, bytes] | Tables]:
        """Every image in order: its id, entry, classes and objects, and packed tasks.

        The entry is empty where a record adds to an image that came before. Indexes of classes in what follows Tables
        are to be looked up there first.
        """
        for frame in self._spool or ():
            if frame[0] == _TABLES:
                yield Tables(*map(indexes_of, frame[1:4]))
            else:
                yield frame


def _fact(number: int, name: str) -> bytes:
    """The key of what is said of an image under a name."""
    return b"fact%d %b" % (number, name.encode())
