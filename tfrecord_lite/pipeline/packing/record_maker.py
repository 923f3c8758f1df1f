"""Images of a COCO file with their annotations -> records in a file: a span of a shard, in any process."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from tfrecord_lite.coco.read.join import Joined
from tfrecord_lite.coco.read.packed_classes import PackedClasses
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.coco.read.to_sample import names_of_file
from tfrecord_lite.coco.write.originals import Head, source_text
from tfrecord_lite.errors import FeatureError, counted, quoted
from tfrecord_lite.example.build import build_example, digest
from tfrecord_lite.report import Tally
from tfrecord_lite.sample import Finding, Objects, Panoptic, Sample
from tfrecord_lite.schemas.known.object_detection import OBJECT_DETECTION
from tfrecord_lite.schemas.write.objects import Filling
from tfrecord_lite.schemas.write.record import make_features
from tfrecord_lite.tfrecord.framing import frame

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.pool import Notify


_MOST_NAMES = 3  # of missing pictures in a message

# What trainers make of a record. All decode JPEG, PNG and BMP: tf.io.decode_image, whose result must have three
# dimensions, is the last resort of slim's tfexample_decoder.Image, too; of a GIF it makes four.
_DECODED = ("bmp", "jpeg", "png")
_LARGEST_IDS = {
    "object_detection": (1 << 63) - 1,  # research/object_detection data_decoders/tf_example_decoder.py: a text
    "model_garden": (1 << 63) - 1,  # official/vision/dataloaders utils.process_source_id: an int64 of it
    "efficientdet": 1 << 24,  # google/automl efficientdet/dataloader.py: tf.strings.to_number, a float of 32 bits
    "tao": 1 << 24,  # NVIDIA TAO's EfficientDet is a fork of that
}
"""Up to which id each tells images apart."""


@dataclass(slots=True)
class Missing:
    """Images whose pictures are not there: how many, the id of the first, and the first names."""

    count: int = 0
    first: object = None
    names: list[str] = field(default_factory=list)

    def add(self, image: Mapping[str, object]) -> None:
        """Adds an image, by its entry."""
        self.merge(Missing(1, image.get("id"), [next(iter(names_of_file(image)), "")]))

    def merge(self, other: Missing) -> None:
        """Adds the images after these."""
        self.first = self.first if self.count else other.first
        self.count += other.count
        self.names = [*self.names, *other.names][:_MOST_NAMES]


class SpanSummary(Tally):
    """What became of some images.

    images, annotations: that were written; size: bytes of the records. dropped_records, dropped_annotations: left out.
    missing: the images whose pictures are not there.
    categories: annotations by id and name of their category. tasks: other annotations, such as captions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.images = 0
        self.annotations = 0
        self.size = 0
        self.dropped_records = 0
        self.dropped_annotations = 0
        self.missing = Missing()
        self.categories = Counter[tuple[int, str]]()
        self.tasks = Counter[str]()


class Span(NamedTuple):
    """A part of a shard.

    shard: its number, from 0. images: in order. is_first: whether they are the first of the shard.
    path: of the file that their records are added to; empty until that is known.
    """

    shard: int
    images: list[Joined]
    is_first: bool
    path: str = ""


class Request(NamedTuple):
    """What a caller asks for, for every split: the parameters of ``pack`` of these names."""

    pictures: bool
    target: str
    shards: int | None
    shuffle: int | None
    compressed: bool
    keep_source: bool
    drops: bool
    jobs: int


class RecordMaker(NamedTuple):
    """How the records of a split are made: all that workers need to know.

    split: where pictures are. classes: the numbers of its categories. filling: what every object gets.
    numbered: whether images get their place as id, from 1, since their own ids are no numbers.
    things: ids of panoptic categories whose objects are annotated one by one.
    heads: what the COCO files say beside images and annotations, where records carry their entries along.
    dataset: the digest of that.
    """

    split: CocoSplit
    request: Request
    classes: PackedClasses
    filling: Filling
    numbered: bool
    things: frozenset[object]
    heads: Mapping[str, Head]
    dataset: str

    def write(self, span: Span) -> SpanSummary:
        """Adds the records of a span to its file. Raises OSError."""
        summary = SpanSummary()
        heads = self.heads if span.is_first else {}
        with _opened(span.path, compressed=self.request.compressed) as file:
            for joined in span.images:
                payload = self._payload(joined, summary, heads)
                if payload is not None:
                    heads = {}
                    summary.size += len(payload)
                    file.write(frame(payload))
        return summary

    def work(self, span: Span, notify: Notify) -> SpanSummary:
        """``write``, as workers call it."""
        del notify  # nothing is reported on the way
        return self.write(span)

    def _payload(self, joined: Joined, summary: SpanSummary, heads: Mapping[str, Head]) -> bytes | None:
        """The payload of an image's record; None where it cannot be one, which is a problem then."""
        sample = self.split.sample(joined, with_picture=self.request.pictures)
        if not isinstance(sample, Sample):
            summary.dropped_records += 1
            summary.add_problem(sample)
            return None
        if sample.image.data is None and self.request.pictures:
            summary.dropped_records += 1
            summary.missing.add(joined.image)
            return None
        refused = list(sample.refused)
        findings = list(sample.findings)
        sample, original_id = self._numbered(sample, joined)
        objects = self._objects(sample, refused, findings)
        stuff = {self._number("stuff", category): mask for category, mask in sample.stuff.items()}
        sample = sample._replace(objects=objects, stuff=stuff)
        png = None if sample.panoptic is None else sample.panoptic.png
        if sample.panoptic is not None:
            sample = sample._replace(panoptic=self._panoptic(sample.panoptic))
        findings += _objections(sample, self.request.target)
        made = make_features(sample, self.filling, original_id)
        for problem in (*refused, *made.refused):
            summary.add_problem(problem)
            summary.dropped_annotations += problem.objects
        summary.add_findings(findings)
        summary.add_findings(made.findings)
        summary.images += 1
        summary.annotations += len(made.kept)
        for number in made.kept:
            label = objects.labels[number] or 0
            summary.categories[label, objects.names[number] or str(label)] += 1
        segments = () if sample.panoptic is None else sample.panoptic.segments
        for task, entries in (("captions", sample.captions), ("stuff", sample.stuff), ("panoptic", segments)):
            if entries:
                summary.tasks[task] += len(entries)
        payload = build_example(made.features)
        if not self.request.keep_source:
            return payload
        source = source_text(joined, digest(payload), self.dataset, heads, png)
        return build_example({**made.features, OBJECT_DETECTION.source_json[0]: source})

    def _numbered(self, sample: Sample, joined: Joined) -> tuple[Sample, str | None]:
        """The sample with the number of its image as source id, and the source id that it has, if that is another."""
        entry, image = joined.image, sample.image
        number = joined.number + 1 if self.numbered else entry["id"]
        original = image.source_id if image.source_id is not None or not self.numbered else str(entry.get("id"))
        metadata = dict(image.metadata)
        name = metadata.pop("original_file_name", None)
        if not isinstance(name, str):
            name = image.filename
        image = image._replace(source_id=str(number), filename=name, metadata=metadata)
        return sample._replace(image=image), None if original == image.source_id else original

    def _objects(self, sample: Sample, refused: list[FeatureError], findings: list[Finding]) -> Objects:
        """The objects with the numbers of classes that records have, without those that have none."""
        objects = sample.objects
        kept = []
        for number, obj in enumerate(objects):
            label = cast("int", obj.label) + self.classes.shift  # COCO objects have one each
            if label < 0 or (label == 0 and self.classes.background):
                problem = f"of object {number} is {label}, which is no class for a trainer"
                refused.append(FeatureError(sample.where, "category_id", problem))
                continue
            names = self.split.names.keypoints.get(label - self.classes.shift, ())
            if obj.keypoints is not None and names and len(obj.keypoints) != 3 * len(names):
                points = counted(len(obj.keypoints) // 3, "keypoint")
                problem = f"object {number} has {points}, its category names {len(names)}"
                refused.append(FeatureError(sample.where, "keypoints", problem))
                continue
            if obj.name is None:
                text = f"object {number} has the category {label - self.classes.shift}, which the file does not list"
                findings.append(Finding("category-missing", sample.where, text))
            kept.append(obj._replace(label=label))
        return Objects.of(kept)

    def _number(self, task: str, category: int) -> int:
        """The number of a class of pixels."""
        numbers = self.classes.numbers.get(self.split.files[task], {})
        return numbers.get(category, category) + self.classes.shift

    def _panoptic(self, panoptic: Panoptic) -> Panoptic:
        """Segments with numbers of their classes, and of the objects within a class."""
        met: Counter[int] = Counter()
        segments = []
        for segment in panoptic.segments:
            category = segment.category
            met[category] += category in self.things and not segment.crowd
            instance = met[category] if category in self.things and not segment.crowd else 0
            segments.append(segment._replace(category=self._number("panoptic", category), instance=instance))
        return panoptic._replace(segments=tuple(segments))


def missing_pictures(split: CocoSplit, missing: Missing, images: int) -> FeatureError:
    """The error for all images whose files are missing. images: how many the split has."""
    names = ", ".join(map(quoted, missing.names)) + (", …" if missing.count > len(missing.names) else "")
    problem = f"{missing.count:,} of {counted(images, 'picture')} not in {split.pictures}: {names}"
    advice = "Name their folder with --image-root, or leave out these images with --on-error=skip"
    return FeatureError(
        split.place_of({"id": missing.first}), "file_name", f"{problem}. {advice}, all pictures with --no-pictures"
    )


@contextmanager
def _opened(path: str, *, compressed: bool) -> Iterator[BinaryIO]:
    """A file that is added to."""
    with open(path, "ab", 1 << 20) as file:
        if not compressed:
            yield file
            return
        # One member for each span: TensorFlow reads any number. No name and no time, so that bytes are the same.
        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as member:
            yield cast("BinaryIO", member)


def _objections(sample: Sample, target: str) -> Iterator[Finding]:
    """What a trainer will not take of a record. What it says is the same for all of them.

    sample: with the number of its image as source id.
    """
    image, largest = sample.image, _LARGEST_IDS[target]
    if image.format is not None and image.format not in _DECODED:
        text = f"the image is {image.format}, and {target} decodes {', '.join(_DECODED)} only; it is written as it is"
        yield Finding("format-not-decoded", sample.where, text)
    if image.source_id is not None and int(image.source_id) > largest:
        text = f"the id {image.source_id} is above {largest}, up to which {target} tells ids apart"
        yield Finding("image-id-large", sample.where, text)
