"""Example -> Sample, by the layout that was chosen for its file."""

from __future__ import annotations

from tfrecord_lite.errors import FeatureError
from tfrecord_lite.example import Example
from tfrecord_lite.frames import FRAME_INDEX
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import Finding, Sample
from tfrecord_lite.schemas.choice import Choice
from tfrecord_lite.schemas.columns import unpack
from tfrecord_lite.schemas.keypoints import read_keypoint_names
from tfrecord_lite.schemas.layout import present
from tfrecord_lite.schemas.object_masks import has_own_classes
from tfrecord_lite.schemas.objects import ObjectReader, holds_attributes
from tfrecord_lite.schemas.pictures import ImageReader
from tfrecord_lite.schemas.segments import read_panoptic, read_stuff
from tfrecord_lite.schemas.values import read_text


class SampleReader:
    """Reads the records of one file, as was chosen for it."""

    def __init__(self, choice: Choice, options: ReadOptions) -> None:
        self._layout = choice.layout
        self._options = options
        self._images = ImageReader(choice, options)
        self._objects = ObjectReader(choice, options)
        self._rivals = choice.layout.rivals
        self._read_keys = choice.layout.read_keys - self._rivals.keys()
        self._reads_frames = choice.frames

    def read(self, example: Example, fingerprint: bytes) -> Sample:
        """Reads one record.

        Raises:
            FeatureError: the record as a whole cannot become an image with annotations. Faults of single objects are
                in ``Sample.refused`` instead.
        """
        layout, options = self._layout, self._options
        if (FRAME_INDEX in example) != self._reads_frames:
            kinds = ("SequenceExample", "Example") if FRAME_INDEX in example else ("Example", "SequenceExample")
            problem = f"the record is a tf.train.{kinds[0]}, the others of this file are {kinds[1]}s"
            raise FeatureError(example.where, "feature_lists", problem)
        if layout.is_packed:
            example = unpack(example, layout)
        findings: list[Finding] = []
        refused: list[FeatureError] = []
        image = self._images.read(example, findings)
        boxes = self._objects.read_boxes(example, image, findings, refused)
        has_objects = bool(boxes) or has_own_classes(example, layout)
        attribute_keys, unread = self._sort_keys(example, len(boxes), has_objects=has_objects)
        objects = self._objects.read(example, image, boxes, attribute_keys, findings, refused)
        size = len(objects[0].keypoints or ()) // 3 if objects else 0
        names = read_keypoint_names(example, layout, size, findings) if size else ()
        caption_key = present(example, layout.caption)
        captions = [read_text(blob, caption_key, example.where, findings) for blob in example.blobs(caption_key)]
        stuff, panoptic = {}, None
        if layout.semantic or layout.panoptic_category or layout.panoptic_png:
            stuff = read_stuff(example, layout, image.width, image.height, options.ignored_labels)
            divisor, ignored = options.panoptic_divisor, options.ignored_labels
            panoptic = read_panoptic(example, layout, image.width, image.height, divisor, ignored, findings)
        return Sample(
            example.where,
            fingerprint,
            image,
            objects,
            tuple(refused),
            tuple(findings),
            unread,
            names,
            tuple(captions),
            stuff,
            panoptic,
            layout.merged,
        )

    def _sort_keys(self, example: Example, count: int, *, has_objects: bool) -> tuple[list[str], tuple[str, ...]]:
        """Keys that become attributes of objects, and keys that nothing reads."""
        others = [key for key in example if key not in self._read_keys]
        layout = self._layout
        attributes: list[str] = []
        # Without objects there is nobody to say these things of.
        unread = (
            [] if has_objects else [key for key in layout.object_keys if any(v != b"" for v in example.values(key))]
        )
        for key in sorted(others):
            if layout.dense_pose and key.startswith(layout.dense_pose) and example.count(layout.dense_pose + "num"):
                continue
            if not example.count(key):
                continue  # an empty list says nothing
            if key in self._rivals:
                chosen = present(example, self._rivals[key])
                if chosen != key and list(example.values(chosen)) != list(example.values(key)):
                    unread.append(key)
                continue
            is_below = bool(layout.attribute_prefix) and key.startswith(layout.attribute_prefix)
            if is_below and not key.startswith(layout.predictions) and holds_attributes(example, layout, key, count):
                attributes.append(key)
            else:
                unread.append(key)
        return attributes, tuple(sorted(unread))
