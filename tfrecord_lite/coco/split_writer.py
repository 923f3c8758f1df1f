"""Drafts -> one split of a COCO dataset, staged: gives out ids and file names, and writes what it is given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, repeat
from typing import Any
from zlib import crc32

import orjson

from tfrecord_lite.coco.agreement import check_numbers
from tfrecord_lite.coco.categories import CategoryTable, is_identity
from tfrecord_lite.coco.draft import Draft, PanopticDraft
from tfrecord_lite.coco.entries import image_entry
from tfrecord_lite.coco.json_writer import CocoWriter, Fix, Spool
from tfrecord_lite.coco.label_base import CLASS_BASE_UNCLEAR
from tfrecord_lite.coco.segment_classes import LabelTable
from tfrecord_lite.errors import DataError, FeatureError, Location, printable, quoted
from tfrecord_lite.output.filenames import UniqueNames, fallback_name, portable_name, with_ending
from tfrecord_lite.output.files import move_new, write_new
from tfrecord_lite.output.fsync import write_synced
from tfrecord_lite.output.seen import Seen
from tfrecord_lite.output.target import SplitPaths
from tfrecord_lite.report import SplitReport
from tfrecord_lite.sample import Finding, Image, Sample

_LARGEST_IMAGE_ID = (1 << 53) - 1
CATEGORY_LISTS = {"neg_category_ids", "not_exhaustive_category_ids"}  # of LVIS images: numbered like the classes
IMAGE_CLASSES = CATEGORY_LISTS | {"labels"}


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How drafts are written.

    source_ids: whether images take the integer of their source id as their id; else they are numbered from 1.
    merge_images: whether records with the same source id and the same image bytes are one image.
    """

    source_ids: bool = False
    merge_images: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """The categories that all splits of a conversion share."""

    categories: CategoryTable
    stuff: LabelTable
    panoptic: LabelTable

    def expect_zero(self) -> None:
        """Class numbers are indexes from 0, whether 0 is met or not."""
        self.categories.expect_zero()
        self.stuff.zero_based = self.panoptic.zero_based = True


class SplitWriter:
    """Writes one split below ``root``.

    report: what was written and dropped; complete after ``finish``.
    """

    def __init__(
        self, root: str, paths: SplitPaths, report: SplitReport, tables: Tables, options: WriteOptions
    ) -> None:
        self.report = report
        self._root = root
        self._paths = paths
        self._tables = tables
        self._options = options
        self._images = None if paths.images is None else os.path.join(root, paths.images)
        for path in (paths.json, paths.report, *paths.tasks.values()):
            if path is not None:
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        if self._images is not None:
            os.makedirs(self._images, exist_ok=True)
        self._coco = CocoWriter(os.path.join(root, paths.json))
        self._pictures = self._pngs = 0  # files that were written
        self._has_classes = False  # whether images have metadata that name classes by number
        self._spools: dict[str, Spool] = {}
        self._seen = Seen(root)
        self._names = UniqueNames(self._seen)

    def add(self, draft: Draft) -> list[DataError]:
        """Writes a draft, and counts what there is to know of it.

        Returns:
            What could not be written: objects without a category, or the whole record without a usable id.
        """
        report, sample = self.report, draft.sample
        problems: list[DataError] = list(draft.refused)
        findings = list(sample.findings)
        try:
            number, is_new = self._image_number(draft)
        except FeatureError as error:
            report.dropped_records += 1
            _discard(draft.staged, draft.staged_png)
            return [error]
        entries = self._entries(draft, number, problems, findings)
        self._note_repetition(sample, findings)
        if is_new:
            self._add_image(draft, number, b",".join(entries), findings)
        else:
            _discard(draft.staged, draft.staged_png)
            self._coco.add_annotations(b",".join(entries))
            self._add_captions(sample, number)
        report.annotations += len(entries)
        report.dropped_annotations += len(problems)
        if findings:
            report.add_findings(findings)
        if sample.unmapped:
            report.add_unmapped(sample.unmapped)
        return problems

    def _entries(
        self, draft: Draft, image_number: int, problems: list[DataError], findings: list[Finding]
    ) -> list[bytes]:
        """The annotations of a draft's objects, as far as they have a category."""
        where = draft.sample.where
        number = self.report.annotations
        entries: list[bytes] = []
        labels, names, counts, fragments = draft.objects
        resolutions = self._tables.categories.resolve_each(labels, names)
        for resolution, keypoints, rest in zip(resolutions, counts or repeat(None), fragments):  # noqa: B905 - without end
            category, code, text = resolution
            if category is not None and keypoints is not None:
                category, text = self._expect_keypoints(draft.sample, category, keypoints, findings)
            if category is None:
                problems.append(FeatureError(where, "class", text))
                continue
            if code:
                findings.append(Finding(code, where, text))
            number += 1
            entries.append(
                b'{"id":%d,"image_id":%d,"category_id":%d,"bbox":%b}' % (number, image_number, category, rest)
            )
        return entries

    def _expect_keypoints(
        self, sample: Sample, category: int, count: int, findings: list[Finding]
    ) -> tuple[int | None, str]:
        """The category of an object with keypoints; none, and the reason, where it has another number of them."""
        expected = self._tables.categories.expect_keypoints(category, count, sample.keypoint_names)
        if len(expected) != count:
            return None, f"an object has {count} keypoints, its category {len(expected)}"
        if sample.keypoint_names and tuple(expected) != sample.keypoint_names:
            said = f"the keypoints are {', '.join(sample.keypoint_names)}, the category has {', '.join(expected)}"
            findings.append(Finding("keypoint-names-differ", sample.where, printable(said)))
        return category, ""

    def _add_image(self, draft: Draft, number: int, entries: bytes, findings: list[Finding]) -> None:
        """Writes the image of a draft, its file, and what else there is of it."""
        image = draft.sample.image
        file_name = self._file_name(image, number)
        if self._images is not None:
            if draft.staged is not None:
                move_new(draft.staged, self._images, file_name)
            elif image.data is not None:
                write_new(self._images, file_name, image.data)
            self._pictures += draft.staged is not None or image.data is not None
        if image.metadata:
            self._has_classes = self._has_classes or bool(IMAGE_CLASSES & image.metadata.keys())
        self._coco.add(orjson.dumps(image_entry(image, number, file_name)), entries)
        if draft.sample.captions or draft.stuff or draft.panoptic:
            self._add_tasks(draft, number, file_name, findings)
        self.report.images += 1

    def _image_number(self, draft: Draft) -> tuple[int, bool]:
        """The id of the draft's image, and whether it is a new one."""
        sample = draft.sample
        source_id = sample.image.source_id or ""
        merged = (sample.merged and bool(source_id)) or (self._options.merge_images and bool(draft.digest))
        number = self.report.images + 1
        if self._options.source_ids:
            number = self._source_number(sample.where, source_id, may_repeat=merged)
        if not merged:
            return number, True
        key = source_id.encode(errors="surrogatepass")
        if not sample.merged:
            key += b"\0" + draft.digest
        is_new = self._seen.add(b"merged" + key)
        return self._seen.first(b"image" + key, number), is_new

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

    def _note_repetition(self, sample: Sample, findings: list[Finding]) -> None:
        """Notes a record, or else its source id, that came before: a shard that was written or read twice."""
        source_id, seen = sample.image.source_id, self._seen
        id_is_new = is_new = True
        if source_id is None:
            is_new = seen.add(b"record" + sample.fingerprint)
        else:
            # A record that comes twice brings its source id twice: while the id is new there is no more to ask.
            key, mark = b"source" + source_id.encode(errors="surrogatepass"), crc32(sample.fingerprint)
            id_is_new = seen.first(key, mark, otherwise=-1) == mark
            if not id_is_new:
                is_first = seen.first(key, mark) != mark
                is_new = seen.add(b"record" + sample.fingerprint) and is_first
        if not is_new:
            findings.append(Finding("record-twice", sample.where, "a record of the same content came before"))
        elif not (id_is_new or sample.merged or self._options.merge_images):
            text = f"another record has the source id {quoted(source_id or '')} as well"
            findings.append(Finding("source-id-twice", sample.where, text))

    def _file_name(self, image: Image, number: int) -> str:
        """A safe name that no other image of the split has."""
        image_format = image.format or ""
        name = portable_name(image.filename, image_format) if image.filename else ""
        return self._names.claim(name or fallback_name(number, image_format))

    # ------------------------------------------------------------------------------------------ other tasks
    def _add_tasks(self, draft: Draft, number: int, file_name: str, findings: list[Finding]) -> None:
        """Captions, stuff and panoptic segments of a draft."""
        sample = draft.sample
        if not self._paths.tasks:
            text = "captions, stuff and panoptic segments need a folder as output: a single file holds instances only"
            findings.append(Finding("tasks-not-written", sample.where, text))
            _discard(draft.staged_png)
            return
        counts = self.report.tasks
        self._add_captions(sample, number)
        for category, rest in draft.stuff:
            counts["stuff"] = counts.get("stuff", 0) + 1
            self._tables.stuff.add(category)
            ids = (counts["stuff"], number, category, rest)
            self._spool("stuff").add(b'{"id":%d,"image_id":%d,"category_id":%d,"segmentation":%b' % ids)
        if draft.panoptic is not None:
            self._add_panoptic(draft.panoptic, draft.staged_png, number, file_name)

    def _add_panoptic(self, panoptic: PanopticDraft, staged: str | None, number: int, file_name: str) -> None:
        """The segments of an image, and their PNG."""
        counts = self.report.tasks
        counts["panoptic"] = counts.get("panoptic", 0) + panoptic.segments
        for category, instance in panoptic.classes:
            self._tables.panoptic.add(category, instance)
        png = with_ending(file_name, ".png")
        folder = os.path.splitext(os.path.join(self._root, self._paths.tasks["panoptic"]))[0]
        if staged is not None:
            move_new(staged, folder, png)
        elif panoptic.png is not None:
            write_new(folder, png, panoptic.png)
        self._pngs += 1
        head = (number, orjson.dumps(png), panoptic.rest)
        self._spool("panoptic").add(b'{"image_id":%d,"file_name":%b,"segments_info":%b' % head)

    def _add_captions(self, sample: Sample, number: int) -> None:
        """The captions of a sample, where there is a file for them."""
        counts = self.report.tasks
        for caption in sample.captions if self._paths.tasks else ():
            counts["captions"] = counts.get("captions", 0) + 1
            entry = {"id": counts["captions"], "image_id": number, "caption": caption}
            self._spool("captions").add(orjson.dumps(entry))

    def _spool(self, task: str) -> Spool:
        """The spool of a task, made when there is something for it."""
        if task not in self._spools:
            self._spools[task] = Spool(os.path.join(self._root, self._paths.tasks[task] + ".spool"))
        return self._spools[task]

    # ------------------------------------------------------------------------------------------ the end
    def settle_classes(self) -> DataError | None:
        """Decides, once every record of every split was read, what class numbers mean beside the label map.

        Returns:
            Why the objects of class number 0 are left out, where they are.
        """
        table, report = self._tables.categories, self.report
        found = report.findings.get(table.base.code)
        if table.base.is_other:
            report.class_numbers = table.base.decision
        elif found is not None and table.base.edge:
            del report.findings[table.base.code]
            text = f"the number {table.base.edge} is not in the label map"
            report.add_findings([Finding("class-not-in-label-map", found.where, text)] * found.count)
        elif found is not None:
            del report.findings[table.base.code]
            report.annotations -= found.count
            report.dropped_annotations += found.count
            why = f"{table.why_zero_is_none()} (objects in this split: {found.count})"
            return FeatureError(found.where, "class", why)
        if table.base.is_unclear and report.annotations:
            text = f"class numbers of this schema are indexes from 0, but of the label map: {table.base.against}"
            where = Location(str(report.inputs[0]["file"]))
            report.add_findings([Finding(CLASS_BASE_UNCLEAR, where, f"{text}. They are taken for its ids")])
        return None

    def finish(self) -> None:
        """Completes the files; the tables must be complete."""
        categories = self._tables.categories
        renumbering = categories.renumbering()
        numbers = count(1)
        drops = not all(renumbering.values())

        def renumber(annotation: dict[str, Any]) -> None:
            annotation["category_id"] = renumbering[annotation["category_id"]]
            if not annotation["category_id"]:
                annotation.clear()
            elif drops:
                annotation["id"] = next(numbers)

        shift, titles = categories.shift, categories.label_titles()

        def number_classes(image: dict[str, Any]) -> None:
            for name in CATEGORY_LISTS & image.keys():
                image[name] = [each + shift if isinstance(each, int) else each for each in image[name]]
            for label in image.get("labels", ()):
                if isinstance(label.get("label"), int):
                    label["label"] += shift
                    if "text" not in label and label["label"] in titles:
                        label["text"] = titles[label["label"]]

        fix_image = number_classes if (shift or titles) and self._has_classes else None
        self._coco.finish(categories.entries(), None if is_identity(renumbering) else renumber, fix_image)
        for task, spool in self._spools.items():
            path = os.path.join(self._root, self._paths.tasks[task])
            self._coco.finish_task(path, spool, *self._task_end(task))
        self._close()
        if self._paths.report is not None:
            content = orjson.dumps(self.report.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            write_synced(os.path.join(self._root, self._paths.report), content)
        pictures, pngs = self._pictures, self._pngs
        check_numbers(self._root, self._paths, images=self.report.images, pictures=pictures, pngs=pngs)

    def _task_end(self, task: str) -> tuple[Sequence[dict[str, Any]], Fix | None]:
        """The categories of a task's file, and what makes its annotations final."""
        if task == "captions":
            return [], None
        table = self._tables.stuff if task == "stuff" else self._tables.panoptic

        def fix_stuff(annotation: dict[str, Any]) -> None:
            annotation["category_id"] = table.final(annotation["category_id"])

        def fix_panoptic(annotation: dict[str, Any]) -> None:
            for segment in annotation["segments_info"]:
                # Of a class with instances, what is no instance is a group that was not told apart.
                instance = segment["iscrowd"]
                segment["iscrowd"] = int(instance < 0 or (instance == 0 and table.is_thing(segment["category_id"])))
                segment["category_id"] = table.final(segment["category_id"])

        # Panoptic masks have the numbers of the objects' classes; semantic ones can have numbers of their own.
        names = self._tables.categories.names() if task == "panoptic" else {}
        return table.entries(names, panoptic=task == "panoptic"), fix_stuff if task == "stuff" else fix_panoptic

    def discard(self) -> None:
        """Closes what is open, without completing it."""
        self._coco.discard()
        for spool in self._spools.values():
            spool.close()
        self._close()

    def _close(self) -> None:
        self._seen.close()


def _discard(*staged: str | None) -> None:
    """Removes files of a draft that are not wanted."""
    for path in staged:
        if path is not None:
            os.unlink(path)
