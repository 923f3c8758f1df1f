"""Samples -> one split of a COCO dataset, staged: gives out ids and file names, and writes what it is given."""

from __future__ import annotations

import os
from dataclasses import dataclass

import orjson

from tfrecord_lite.coco.categories import CategoryTable
from tfrecord_lite.coco.entries import annotation_entry, image_entry
from tfrecord_lite.coco.numbers import Precision
from tfrecord_lite.coco.writer import CocoWriter
from tfrecord_lite.errors import DataError, FeatureError
from tfrecord_lite.names import UniqueNames, fallback_name, portable_name
from tfrecord_lite.publish import write_synced
from tfrecord_lite.report import SplitReport
from tfrecord_lite.sample import Finding, Image, Object, Sample
from tfrecord_lite.seen import Seen

_LARGEST_IMAGE_ID = (1 << 53) - 1
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class SplitPaths:
    """Where the parts of a split go, relative to the stage; None for what is not written."""

    json: str
    images: str | None
    report: str | None


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How samples are written.

    precision: decimals of pixel coordinates; None to write them exactly.
    source_ids: whether images take the integer of their source id as their id; else they are numbered from 1.
    """

    precision: Precision = 2
    source_ids: bool = False


class SplitWriter:
    """Writes one split below ``root``.

    report: what was written and dropped, which goes on after ``finish``.
    """

    def __init__(
        self, root: str, paths: SplitPaths, report: SplitReport, categories: CategoryTable, options: WriteOptions
    ) -> None:
        self.report = report
        self._root = root
        self._paths = paths
        self._categories = categories
        self._options = options
        self._images = None if paths.images is None else os.path.join(root, paths.images)
        for path in (paths.json, paths.report):
            if path is not None:
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        if self._images is not None:
            os.makedirs(self._images, exist_ok=True)
        self._coco = CocoWriter(os.path.join(root, paths.json))
        self._taken = Seen(root)
        self._names = UniqueNames(self._taken)
        self._seen = Seen(root)
        self._annotations = 0

    def add(self, sample: Sample) -> list[DataError]:
        """Writes a sample, and counts what there is to know of it.

        Returns:
            What could not be written: objects without a category, or the whole record without a usable id.
        """
        report = self.report
        problems: list[DataError] = list(sample.refused)
        findings = list(sample.findings)
        try:
            number = self._image_number(sample)
        except FeatureError as error:
            return [error]
        kept = self._resolve(sample, problems, findings)
        self._note_repetition(sample, findings)
        file_name = self._file_name(sample.image, number)
        if self._images is not None and sample.image.data is not None:
            _write_new(os.path.join(self._images, *file_name.split("/")), sample.image.data)
        first = self._annotations + 1
        self._coco.add(
            image_entry(sample.image, number, file_name),
            [
                annotation_entry(thing, annotation, number, category, self._options.precision)
                for annotation, (thing, category) in enumerate(kept, first)
            ],
        )
        self._annotations += len(kept)
        report.images += 1
        report.annotations += len(kept)
        report.dropped_annotations += len(problems)
        report.add_findings(findings)
        report.add_unread(sample.unread)
        return problems

    def _resolve(self, sample: Sample, problems: list[DataError], findings: list[Finding]) -> list[tuple[Object, int]]:
        """The objects that have a category, with it."""
        kept = []
        for thing in sample.objects:
            category, rule, text = self._categories.resolve(thing.number, thing.text)
            if category is None:
                problems.append(FeatureError(sample.where, "class", text))
                continue
            if rule:
                findings.append(Finding(rule, sample.where, text))
            kept.append((thing, category))
        return kept

    def _image_number(self, sample: Sample) -> int:
        """The id of the sample's image."""
        if not self._options.source_ids:
            return self.report.images + 1
        text = sample.image.source_id or ""
        if not (text.isascii() and text.isdigit() and int(text[:20]) <= _LARGEST_IMAGE_ID):
            problem = f"the source id is {text!r}, expected an integer. Number images with --image-ids sequential"
            raise FeatureError(sample.where, "source_id", problem)
        if not self._seen.add(b"id" + str(int(text)).encode()):
            problem = f"the source id {int(text)} comes twice. Number images with --image-ids sequential"
            raise FeatureError(sample.where, "source_id", problem)
        return int(text)

    def _note_repetition(self, sample: Sample, findings: list[Finding]) -> None:
        """Notes a record, or else its source id, that came before: a shard that was written or read twice."""
        source_id = sample.image.source_id
        is_new = self._seen.add(b"record" + sample.fingerprint)
        id_is_new = source_id is None or self._seen.add(b"source" + source_id.encode(errors="surrogatepass"))
        if not is_new:
            findings.append(Finding("record-twice", sample.where, "a record of the same content came before"))
        elif not id_is_new:
            text = f"another record has the source id {source_id!r} as well"
            findings.append(Finding("source-id-twice", sample.where, text))

    def _file_name(self, image: Image, number: int) -> str:
        """A safe name that no other image of the split has."""
        image_format = image.format or ""
        name = portable_name(image.filename, image_format) if image.filename else ""
        return self._names.claim(name or fallback_name(number, image_format))

    def finish(self) -> None:
        """Completes the JSON and the report; the category table must be complete."""
        self._coco.finish(self._categories.entries(), self._categories.renumbering())
        self._taken.close()
        self._seen.close()
        if self._paths.report is not None:
            content = orjson.dumps(self.report.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            write_synced(os.path.join(self._root, self._paths.report), content)

    def discard(self) -> None:
        """Closes what is open, without completing it."""
        self._coco.discard()
        self._taken.close()
        self._seen.close()


def _write_new(path: str, data: bytes) -> None:
    """Writes a file that must not exist yet; bytes as they are."""
    try:
        descriptor = os.open(path, _NEW_FILE, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, _NEW_FILE, 0o666)
    try:
        written = os.write(descriptor, data)
        if written < len(data):
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
