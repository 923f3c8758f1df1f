"""What must be known of a split before its first record is written: one pass over images and annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from hashlib import blake2b, sha256

import orjson

from tfrecord_lite.coco.read.join import Join, Order
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.coco.read.to_sample import Entry, names_of
from tfrecord_lite.coco.write.originals import head_of
from tfrecord_lite.errors import CocoFileError, InputError, Location, quoted, shortened
from tfrecord_lite.inputs.storage import status_of
from tfrecord_lite.pipeline.packing.record_maker import Missing, Request, Span
from tfrecord_lite.report import Tally
from tfrecord_lite.sample import Finding
from tfrecord_lite.schemas.write.objects import Filling

SHARD_SIZE = 128 << 20  # bytes of pictures; TensorFlow's guide: at least 10 MB, ideally 100 MB and more
_SPAN_SIZE = 16 << 20  # bytes of pictures that are made into records at a time
_BARE_SIZE = 1 << 10  # bytes, more or less, of a record without a picture
_SPAN_IMAGES = 64  # and images, so that the summary of a span stays small
_LARGEST_ID = (1 << 63) - 1
_OBJECTS = ("instances", "person_keypoints")


class Plan:
    """The plan of a split.

    missing: the images whose pictures are not there. images: how many there are.
    numbered: whether an image has no whole number for an id.
    filling: what every object gets, since another one has it.
    heads: what the files say beside images and annotations, where records carry that along.

    Args:
        split: the COCO files.
        folder: for temporary files, which are gone once the spans were read; it must exist and be empty.
        request: what the caller asks for.
        report: gets what was found.

    Raises:
        InputError: there is no folder of pictures. CocoFileError: a file is damaged, or has no image.
    """

    def __init__(self, split: CocoSplit, folder: str, request: Request, report: Tally) -> None:
        self._split = split
        self._report = report
        self.missing = Missing()
        self._pictures = request.pictures
        self.numbered = False
        self._sizes: list[int] = []
        self._masks = False
        self._annotations = self._lost = 0
        self._keypoints: set[int] = set()
        self._dense_pose = False
        main = split.files[split.main]
        if split.pictures is None and request.pictures:
            problem = "no folder of pictures is beside this file, expected images/. Name it with --image-root"
            raise InputError(main, f"{problem}, or leave the pictures out with --no-pictures")
        with ExitStack() as stack:
            opened = {task: stack.enter_context(CocoFile(path)) for task, path in split.files.items()}
            order = None if request.shuffle is None else _shuffled(request.shuffle)
            self._join = Join(opened[split.main], self._on_image, order=order, texts=request.keep_source)
            if not len(self._join):
                raise CocoFileError(main, "the list of images is empty, expected at least one")
            if request.keep_source and len(opened) > 1:
                self._note_other_images(opened)
            self.heads = {task: head_of(file) for task, file in opened.items()} if request.keep_source else {}
            if not request.keep_source:
                report.add_unmapped(split.beside())
            self._join.spread(opened, folder, self._on_annotation)
        if self._annotations == self._lost > 0:
            found = report.findings["annotation-without-image"]
            raise CocoFileError(main, f"no annotation belongs to an image, the first: {found.text}")

    def _note_other_images(self, opened: Mapping[str, CocoFile]) -> None:
        """Notes files whose images differ from those of the main file, the only entries that records carry along."""
        lists = {task: blake2b() for task in opened}
        for task, digest in lists.items():
            for element in opened[task].elements("images"):
                digest.update(element.text.encode() + b"\n")
        main = lists[self._split.main].digest()
        self._report.add_unmapped([f"{task}/images" for task, digest in lists.items() if digest.digest() != main])

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self._join)

    @property
    def filling(self) -> Filling:
        """What every object gets."""
        count = max(self._keypoints, default=0)
        named = set(names_of(self._split.categories).keypoints.values())
        names = [each for each in named if count and len(each) == count]
        return Filling(self._masks, count, names[0] if len(names) == 1 else (), self._dense_pose)

    def shards(self) -> int:
        """How many shards there are by default: as many as keep each at 128 MiB of pictures or less."""
        return max(1, -(-sum(self._sizes) // SHARD_SIZE))

    def spans(self, shards: int, *, by_size: bool) -> Iterator[Span]:
        """All images in their order, in spans that belong to one shard each.

        Args:
            shards: how many there are.
            by_size: whether shards have as many bytes each; else as many images.
        """
        total = sum(self._sizes) or 1
        span = Span(0, [], is_first=True)
        size = before = 0
        for image in self._join:
            shard = min(before * shards // total, shards - 1) if by_size else image.place * shards // self.images
            full = size >= _SPAN_SIZE or len(span.images) >= _SPAN_IMAGES
            if span.images and (full or shard != span.shard):
                yield span
                span, size = Span(shard, [], is_first=shard != span.shard), 0
            span.images.append(image)
            size += self._sizes[image.number]
            before += self._sizes[image.number]
        if span.images:
            yield span

    def _on_image(self, entry: Entry, is_first: bool) -> None:
        """Notes whether the picture of an image is there, and its size."""
        image_id = entry.get("id")
        where = self._split.place_of(entry)
        if type(image_id) is not int or not 0 <= image_id <= _LARGEST_ID:
            self.numbered = True
            text = f"the id is {quoted(str(image_id))}: all images are numbered in the order of the file, from 1"
            self._report.add_finding(Finding("image-id-replaced", where, text))
        elif not is_first:
            text = f"another image has the id {image_id} as well: annotations go to the first"
            self._report.add_finding(Finding("image-id-twice", where, text))
        path = self._split.picture_of(entry) if self._pictures else None
        status = None if path is None else status_of(path)
        if status is None and self._pictures:
            self.missing.add(entry)
        self._sizes.append(_BARE_SIZE if status is None else status.size)

    def _on_annotation(self, task: str, entry: Entry, has_image: bool) -> None:
        """Notes whether an annotation has a mask, keypoints or DensePose."""
        self._annotations += 1
        if not has_image:
            self._lost += 1
            image_id = entry.get("image_id")
            shown = quoted(image_id) if isinstance(image_id, str) else shortened(str(image_id))
            where = Location(f"{self._split.files[task]}: annotation {entry.get('id')}")
            text = f"there is no image {shown}: it is left out"
            self._report.add_finding(Finding("annotation-without-image", where, text))
        elif task in _OBJECTS:
            self._masks = self._masks or bool(entry.get("segmentation"))
            self._dense_pose = self._dense_pose or bool(entry.get("dp_I"))
            points = entry.get("keypoints")
            if isinstance(points, list) and points and len(points) // 3 not in self._keypoints:
                self._keypoints.add(len(points) // 3)
                if len(self._keypoints) > 1:
                    where = Location(f"{self._split.files[task]}: annotation {entry.get('id')}")
                    counts = " and ".join(map(str, sorted(self._keypoints)))
                    text = f"objects have {counts} keypoints: all get as many as the most, the rest not labelled"
                    self._report.add_finding(Finding("keypoints-filled", where, text))


def _shuffled(seed: int) -> Order:
    """A hash of the seed and the id of an image: the order of a shuffled split on every machine."""
    salt = b"%d:" % seed
    return lambda image_id: int.from_bytes(sha256(salt + orjson.dumps(image_id)).digest()[:8], "big")
