"""Example -> Sample, by the schema that was chosen for its file."""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.budgets import KEYS, OBJECTS, USUAL_FEATURES, check_feature, spend_of_input
from tfrecord_lite.errors import FeatureError
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import FRAME_INDEX
from tfrecord_lite.example.tensors import with_tensors
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import Finding, Sample
from tfrecord_lite.schemas.detect.choice import Choice
from tfrecord_lite.schemas.read.image import ImageReader
from tfrecord_lite.schemas.read.keypoints import read_keypoint_names
from tfrecord_lite.schemas.read.metadata import read_original
from tfrecord_lite.schemas.read.objects import ObjectReader, holds_attributes
from tfrecord_lite.schemas.read.packed import unpack
from tfrecord_lite.schemas.read.unread import Unread, shadowed_keys, shadowed_sides
from tfrecord_lite.schemas.read.values import is_plain, read_texts
from tfrecord_lite.schemas.schema import narrowed, present

_CATEGORY = ReadOptions().category
_MOST_CLASSES = 1023  # of an image: more numbers may be its pixels
_MOST_PLANS = 64  # sets of keys that are remembered; a file has one or two
_MOST_PLANNED = 1 << 16  # keys in all of these; a plan takes about a kilobyte for each


class _Plan:
    """How records with one set of keys are read: what the keys alone show is found out once.

    schema: with the one key for each role that these records have.
    attributes: keys that become attributes of objects where they have one value an object.
    rivals: keys that lost their role to another one, with that one.
    effects: options, and keys given to roles by options, that matter for such records.
    sides: of boxes, in whose place something else is read.
    implied: keys that only repeat what others say.
    unmapped: keys that nothing reads; lonely: keys that nothing reads in a record without objects.
    """

    def __init__(self, choice: Choice, options: ReadOptions, example: Example) -> None:
        full = choice.schema
        self.schema = schema = narrowed(full, example)
        narrow = choice._replace(schema=schema)
        has_boxes = any(map(example.count, schema.geometry + schema.points))
        self.images = ImageReader(narrow, options, example, has_boxes=has_boxes)
        self.objects = ObjectReader(narrow, options)
        rivals, read_keys = full.rivals, full.read_keys
        self.attributes: list[str] = []
        self.rivals: list[tuple[str, str]] = []
        self.unmapped: list[str] = []
        self.lonely = [key for key in full.object_keys if example.count(key)]
        has_dense_pose = bool(full.dense_pose) and example.count(full.dense_pose + "num") > 0
        for key in sorted(key for key in example if example.count(key)):  # an empty list has no content
            if key in rivals:
                if (chosen := present(example, rivals[key])) != key:
                    self.rivals.append((key, chosen))
            elif key in schema.group and schema.crowd:
                self.attributes.append(key)
            elif key in read_keys or key in schema.metadata or (has_dense_pose and key.startswith(full.dense_pose)):
                continue
            elif _is_below(key, full.attribute_prefix) and not key.startswith(full.predictions):
                self.attributes.append(key)
            else:
                self.unmapped.append(key)
        self.unmapped += shadowed_keys(schema, example)
        self.sides = shadowed_sides(schema, example)
        implied = full.implied
        if any(map(example.count, schema.original_id)):  # then source_id is the number that pack gave the image
            implied = implied.union(schema.source_id)
        self.implied = tuple(sorted(key for key in implied if example.count(key)))
        mapped = {key for _, key in options.roles}
        self.effects = [key for key in example if key in mapped] if mapped else []
        if options.category != _CATEGORY and self.objects.has_one_category(example):
            self.effects.append("category")
        no_classes = [key for key in schema.label_number if _is_no_class(example, key)]
        self.unread = Unread(choice, example, [*self.unmapped, *self.attributes, *no_classes], has_masks=options.masks)

    def sort_keys(self, example: Example, count: int, *, has_objects: bool) -> tuple[Sequence[str], tuple[str, ...]]:
        """Keys that become attributes of this record's objects, and keys that nothing reads."""
        unread = list(self.unmapped)
        if not has_objects:
            # There are no objects to attach these values to.
            unread += [key for key in self.lonely if any(value != b"" for value in example.values(key))]
        beside = [key for key, chosen in self.rivals if list(example.values(chosen)) != list(example.values(key))]
        attributes: list[str] = []
        for key in self.attributes + beside if beside else self.attributes:
            kept = _is_below(key, self.schema.attribute_prefix) and holds_attributes(example, self.schema, key, count)
            (attributes if kept else unread).append(key)
        return attributes, tuple(sorted(unread)) if unread else ()


def _is_no_class(example: Example, key: str) -> bool:
    """Whether the key of the image's class holds something else: a table of boxes, or a label image."""
    if example.kind(key) == "bytes":
        return not is_plain(bytes(example.buffers(key)[0]))
    return example.count(key) > (1 if example.kind(key) == "float" else _MOST_CLASSES)


def _is_below(key: str, prefix: str) -> bool:
    return bool(prefix) and key.startswith(prefix)


class SampleReader:
    """Reads records as was chosen for their file. It remembers only how each set of keys is read."""

    def __init__(self, choice: Choice, options: ReadOptions) -> None:
        self._choice = choice
        self._options = options
        self._is_packed = choice.schema.is_packed
        self._plans: dict[frozenset[str], _Plan] = {}
        self._planned = 0

    def _plan(self, example: Example) -> _Plan:
        """How this record is read."""
        # Keys without values make a difference: they are present, but play no role.
        keys = frozenset(example).union(f"{key}\0" for key in example.empty) if example.empty else frozenset(example)
        plan = self._plans.get(keys)
        if plan is None:
            spend_of_input(KEYS, max(0, len(keys) - len(example.empty) - USUAL_FEATURES), example.where)
            self._planned += len(keys)
            if len(self._plans) >= _MOST_PLANS or self._planned > _MOST_PLANNED:
                self._plans.clear()
                self._planned = len(keys)
            plan = self._plans[keys] = _Plan(self._choice, self._options, example)
        return plan

    def read(self, example: Example, fingerprint: bytes) -> Sample:
        """Reads one record.

        Raises:
            FeatureError: the record as a whole cannot become an image with annotations. Faults of single objects are
                in ``Sample.refused`` instead.
        """
        if (FRAME_INDEX in example) != self._choice.frames:
            kinds = ("SequenceExample", "Example") if FRAME_INDEX in example else ("Example", "SequenceExample")
            problem = f"the record is a tf.train.{kinds[0]}, the others of this file are {kinds[1]}s"
            raise FeatureError(example.where, "feature_lists", problem)
        if self._choice.tensors:
            example = with_tensors(example, self._choice.tensors)
        if self._is_packed:
            example = unpack(example, self._choice.schema)
        plan, options = self._plan(example), self._options
        schema = plan.schema
        findings: list[Finding] = []
        refused: list[FeatureError] = []
        effects = list(plan.effects)
        image = plan.images.read(example, findings, effects)
        thin: list[int] = []
        boxes = plan.objects.read_boxes(example, image, findings, refused, thin)
        if boxes:
            findings += [Finding(code, example.where, text) for code, text in self._choice.guesses]
        has_objects = bool(boxes) or plan.objects.has_lone_masks(example)
        if plan.unread.is_suspicious:
            plan.unread.tell(example, len(boxes), findings)
        attribute_keys, unread = plan.sort_keys(example, len(boxes), has_objects=has_objects)
        if plan.sides and not plan.objects.agree_with_sides(example, image, boxes):
            unread = tuple(sorted((*unread, *plan.sides)))
        objects = plan.objects.read(example, image, boxes, thin, attribute_keys, findings, refused)
        names: tuple[str, ...] = ()
        if (
            schema.keypoint_text
            and objects.keypoints
            and (size := max(len(points or ()) for points in objects.keypoints) // 3)
        ):
            names = read_keypoint_names(example, schema, size, findings)
        captions: tuple[str, ...] = ()
        if schema.caption:
            key = schema.caption[0]
            check_feature(example.where, key, example.count(key), OBJECTS, "captions")
            captions = tuple(read_texts(example.blobs(key), key, example.where, findings))
        stuff, panoptic = {}, None
        if schema.semantic or schema.panoptic_category or schema.panoptic_png:
            from tfrecord_lite.schemas.read.segmentation import (  # noqa: PLC0415 - imports Pillow
                read_panoptic,
                read_stuff,
            )

            stuff = read_stuff(example, schema, image.width, image.height, options.ignored_labels)
            divisor, ignored = options.panoptic_divisor, options.ignored_labels
            panoptic = read_panoptic(example, schema, image.width, image.height, divisor, ignored, findings)
        original, passed_over = read_original(example, schema, findings)
        return Sample(
            example.where,
            fingerprint,
            image,
            objects,
            tuple(refused),
            tuple(findings),
            unread + passed_over,
            names,
            captions,
            stuff,
            panoptic,
            schema.merged,
            plan.objects.class_key,
            tuple(effects),
            plan.implied,
            original,
        )


class SampleReaders:
    """Gives out readers. The latest is kept, with its plans, for what is read the same way next.

    The parts of a file are, and the shards of a set; and making a plan takes as long as reading ten records.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._latest: tuple[Choice, SampleReader] | None = None

    def of(self, choice: Choice) -> SampleReader:
        """A reader for this choice."""
        if self._latest is None or not choice.reads_as(self._latest[0]):
            self._latest = choice, SampleReader(choice, self._options)
        return self._latest[1]
