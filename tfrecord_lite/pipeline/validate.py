"""COCO files -> what is wrong with them: the rules, in the order in which a file can be read once."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from tfrecord_lite.budgets import Allowance
from tfrecord_lite.coco.read.dataset import CocoPart, find_parts
from tfrecord_lite.coco.read.json_elements import Block
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.coco.rules.boxes import Boxes
from tfrecord_lite.coco.rules.captions import check_captions
from tfrecord_lite.coco.rules.categories import Categories
from tfrecord_lite.coco.rules.crowding import Crowding
from tfrecord_lite.coco.rules.document import check_parts, open_checked, profile_of, sound_blocks
from tfrecord_lite.coco.rules.finding import Findings
from tfrecord_lite.coco.rules.ids import NO_SIZE, ImageTable, References, say_repeated
from tfrecord_lite.coco.rules.images import Images, say_unused
from tfrecord_lite.coco.rules.keypoints import Keypoints
from tfrecord_lite.coco.rules.panoptic import Panoptic
from tfrecord_lite.coco.rules.pictures import Pictures
from tfrecord_lite.coco.rules.readers import check_readers
from tfrecord_lite.coco.rules.segmentation import Segmentations
from tfrecord_lite.coco.rules.splits import Splits
from tfrecord_lite.coco.rules.validation import CheckedFile, Validation, as_findings
from tfrecord_lite.errors import CocoFileError
from tfrecord_lite.inputs.storage import kind_of, size_of
from tfrecord_lite.options.option import check_options
from tfrecord_lite.options.validating import VALIDATE_OPTIONS
from tfrecord_lite.tfrecord.records import ignore_bytes


def validate(
    path: str | os.PathLike[str],
    *,
    images: str | os.PathLike[str] | None = None,
    readers: Collection[str] = (),
    on_bytes: Callable[[int], None] | None = None,
) -> Validation:
    """Checks whether a COCO file or dataset holds together, and says which readers break on what.

    Memory does not grow with the number of objects; of each image about 30 bytes are kept.

    Args:
        path: a COCO file of any kind (instances, keypoints, stuff, panoptic, captions, LVIS); or a dataset folder, all
            files of which are checked, alone and beside each other. Its pictures are looked for at the usual places,
            and their headers are read.
        images: the folder that the pictures are in. They are also decoded, which takes some milliseconds each.
        readers: only what breaks one of these; names as in docs/validate.md.
        on_bytes: called with numbers of bytes of COCO files that were read.

    Raises:
        InputError: there is no COCO file. UsageError: a reader is not known. OSError: a file cannot be read.
    """
    check_options(VALIDATE_OPTIONS, locals())  # first, while the parameters are the only locals
    root = os.fspath(path)
    known = check_readers(readers)
    parts = find_parts(root, None if images is None else os.fspath(images))
    is_folder = kind_of(root) == "folder"
    several = len({part.split for part in parts}) > 1
    run = _Run(decode=images is not None, look=is_folder, several=several, on_bytes=on_bytes or ignore_bytes)
    allowance = Allowance(size_of([part.path for part in parts]))
    with ExitStack() as stack:
        stack.callback(run.splits.close)
        stack.enter_context(allowance.in_use())
        for part in parts:
            run.check(part)
        run.finish()
    return Validation(root, tuple(run.files), as_findings(run.found, known))


@dataclass(slots=True)
class _Run:
    """A validation of several files.

    decode: whether pictures are decoded. look: whether they are expected beside the files.
    several: whether there are splits to compare.
    """

    decode: bool
    look: bool
    several: bool
    on_bytes: Callable[[int], None]
    splits: Splits = field(default_factory=Splits)
    files: list[CheckedFile] = field(default_factory=list)
    found: list[Findings] = field(default_factory=list)
    folders: dict[str, Pictures] = field(default_factory=dict)
    looked_at: set[tuple[str, str]] = field(default_factory=set)

    def check(self, part: CocoPart) -> None:
        """One file."""
        found = Findings(part.path)
        self.found.append(found)
        coco = open_checked(part.path, found)
        if coco is None:
            self.files.append(CheckedFile(part.path, 0, 0, 0, 0))
            return
        with coco:
            check = _FileCheck(self, part, coco, found)
            self.files.append(check.run())
            found.set_lines(coco.lines(found.offsets()))

    def finish(self) -> None:
        """Reports what only all files together show."""
        for pictures in self.folders.values():
            found = Findings(pictures.folder)
            pictures.check_surplus(found)
            self.found.append(found)

    def pictures_of(self, part: CocoPart, found: Findings) -> tuple[Pictures | None, bool]:
        """The pictures of a file, and whether they are still to be looked at: other tasks have the same ones."""
        if part.pictures is None or (not self.decode and Pictures(part.pictures).is_empty()):
            if self.look:
                found.add_at("I25", "", None, "no pictures")
            return None, False
        key = (part.pictures, part.split)
        is_new = key not in self.looked_at
        self.looked_at.add(key)
        folder = self.folders.get(part.pictures)
        if folder is None:
            folder = Pictures(part.pictures, decode=self.decode, fingerprints=self.several)
            self.folders[part.pictures] = folder
        return folder, is_new


class _FileCheck:
    """The checks of one file."""

    def __init__(self, run: _Run, part: CocoPart, coco: CocoFile, found: Findings) -> None:
        self._run = run
        self._part = part
        self._coco = coco
        self._found = found
        self._profile = profile_of(coco)
        self._table = ImageTable()
        self._categories = Categories(self._profile, found)
        self._annotations = 0

    def run(self) -> CheckedFile:
        """Everything: the categories, the images, then what refers to them; in whatever order the file has them."""
        coco, found = self._coco, self._found
        check_parts(coco, self._profile, found)
        for block in sound_blocks(coco, "categories", found):
            self._categories.check(block)
        self._categories.finish()
        known = frozenset(self._categories.by_id)
        pictures, images = self._check_images(known)
        if self._profile.captions:
            self._check_captions()
        elif self._profile.panoptic:
            self._check_panoptic(known)
        elif "annotations" in coco:
            self._check_objects(known)
        if "annotations" in coco and len(self._table):
            say_unused(self._table, coco.blocks("images"), found)
        names = {identity: category.name for identity, category in self._categories.by_id.items()}
        if self._run.several and "categories" in coco:
            self._run.splits.check_categories(self._part.task, self._part.split, names, found)
        return CheckedFile(self._part.path, images, self._annotations, len(names), pictures)

    def _check_images(self, categories: frozenset[int]) -> tuple[int, int]:
        """The images and their pictures. Returns how many pictures and images there are."""
        coco, found, splits = self._coco, self._found, self._run.splits
        checked = Images(self._table, self._licenses(), self._profile, found)
        pictures, is_new = self._run.pictures_of(self._part, found)
        before = pictures.count if pictures else 0
        count = 0
        for block in self._blocks("images"):
            count += len(block.values)
            checked.check(block.values, categories)
            if pictures is not None:
                pictures.name(block.values)
            if pictures is not None and is_new:
                for number, fingerprint in pictures.check(block.values, found):
                    if self._run.several:
                        splits.check_picture(self._part.split, block.values[number], number, fingerprint, found)
            elif pictures is None and self._run.several and self._part.task == "instances":
                splits.check_names(self._part.split, block.values, found)
        self._table.finish()
        if self._table.repeated:
            say_repeated("image", coco.blocks("images"), self._table.repeated, found)
        checked.check_names(coco.blocks("images"))
        return (pictures.count - before if pictures else 0), count

    def _check_objects(self, categories: frozenset[int]) -> None:
        """Annotations that are objects."""
        found, table = self._found, self._table
        references = References(table, categories, found)
        boxes, masks = Boxes(found, lvis=self._profile.lvis), Segmentations(found)
        keypoints = Keypoints(self._categories.by_id, found)
        crowding = Crowding(self._coco, table, found)
        with ExitStack() as stack:
            stack.callback(references.close)
            stack.callback(crowding.close)
            for block in self._blocks("annotations"):
                annotations = block.values
                self._annotations += len(annotations)
                references.check_ids(annotations)
                images = references.check_images(annotations)
                named = references.check_categories(annotations)
                size_of = {image: table.size(image) if image >= 0 else NO_SIZE for image in set(images)}
                sizes = [size_of[image] for image in images]
                sound = boxes.check(annotations, sizes)
                masks.check(annotations, sound, sizes)
                if any("keypoints" in annotation for annotation in annotations):
                    keypoints.check(annotations, sizes)
                crowding.check(block, images, named, sound)
            for check in (boxes, masks, keypoints, crowding):
                check.finish()
            self._say_repeated(references)
        if "categories" in self._coco:
            self._categories.check_counts(references.counts)

    def _check_captions(self) -> None:
        """Annotations that are sentences."""
        references = References(self._table, frozenset(), self._found)
        with ExitStack() as stack:
            stack.callback(references.close)
            for block in self._blocks("annotations"):
                self._annotations += len(block.values)
                references.check_ids(block.values)
                references.check_images(block.values)
                check_captions(block.values, self._found)
            self._say_repeated(references)

    def _check_panoptic(self, categories: frozenset[int]) -> None:
        """Annotations that are the segments of an image."""
        panoptic = Panoptic(self._part.segments, self._table, categories, self._found)
        for block in self._blocks("annotations"):
            self._annotations += len(block.values)
            panoptic.check(block.values)
        self._categories.check_counts(panoptic.counts)

    def _say_repeated(self, references: References) -> None:
        if repeated := references.repeated():
            say_repeated("annotation", self._coco.blocks("annotations"), repeated, self._found)

    def _blocks(self, key: str) -> Iterator[Block]:
        return sound_blocks(self._coco, key, self._found, self._run.on_bytes)

    def _licenses(self) -> frozenset[object]:
        """The ids of the licenses."""
        try:
            licenses = self._coco.value("licenses") if self._coco.is_list("licenses") else []
        except CocoFileError:  # which was reported before
            licenses = []
        return frozenset(each["id"] for each in licenses if type(each) is dict and type(each.get("id")) in (int, str))
