"""Sample -> what is compared of an image: plain rows as JSON, which wait on disk for those of the other dataset.

Masks are long and mostly equal: they are kept apart from all else, which has a digest of each. Classes are the indexes
that the tables of their dataset give them, since what records name is only certain once all of them were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import repeat
from typing import Any, NamedTuple, cast

import orjson

from tfrecord_lite.budgets import COLUMNS, POLYGON_COLUMNS, Budget
from tfrecord_lite.coco.draft.entries import IMAGE_KEYS
from tfrecord_lite.coco.draft.part_summary import ObjectClass, PartSummary, SegmentClass
from tfrecord_lite.comparison.pixels import segment_digests
from tfrecord_lite.errors import FeatureError
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import from_polygons
from tfrecord_lite.masks.rle import compress
from tfrecord_lite.sample import Image, Object, Panoptic, Sample

GIVEN, COUNTED, OF_BOX = "given", "counted", "of box"
"""Where an area comes from: the dataset says it; the pixels of the mask; width times height of the box."""
_MOST_BRIEF = 200  # characters
_ORIGINAL = "original_file_name"  # what a conversion keeps of a name that it had to change


class Identity(NamedTuple):
    """What identifies an image.

    name: as its producer called it. file: as its file is called; both are the same unless a conversion had to change a
    name. source: its source id. number: its id. Each is None where there is none.
    digest: of the bytes of the picture. brief: size, captions and boxes, to distinguish images of one name.
    """

    name: str | None
    file: str | None
    source: str | None
    number: str | None
    digest: str | None
    brief: str

    @property
    def stem(self) -> str | None:
        """The file name without its folder and its ending, in small letters."""
        if not self.file:
            return None
        bare = self.file.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return (bare.rpartition(".")[0] or bare).casefold()

    @property
    def title(self) -> str:
        """What the image is called in a list of differences."""
        named = self.name or self.file
        return named or (f"source id {self.source}" if self.source else f"id {self.number}")


class Ids(NamedTuple):
    """What a COCO file numbers: the image, and its objects in their order; None where they are not known."""

    image: int | None = None
    objects: Sequence[object] | None = None


class Description(NamedTuple):
    """All that is compared of one image. light: all but masks of objects, as JSON. heavy: these; empty without any."""

    identity: Identity
    light: bytes
    heavy: bytes


def describe(sample: Sample, tables: PartSummary, place: int, ids: Ids | None) -> Description:
    """What is compared of an image.

    Args:
        sample: the image.
        tables: of its dataset; its classes are added to them.
        place: its number among the images of its split, from 0: a conversion numbers images by it.
        ids: of a COCO file; None where the sample is a record.
    """
    image = sample.image
    metadata, name = _metadata(image, is_record=ids is None)
    rows, masks = _objects(sample, tables, ids)
    stuff = [
        [index, mask.area, compress(mask.counts)]
        for index, mask in zip(tables.stuff.note(sample.stuff, sample.where), sample.stuff.values(), strict=True)
    ]
    light: dict[str, Any] = {
        "size": [image.width, image.height, _wrong_size(sample) if ids is not None else ""],
        "captions": sorted(sample.captions),
        "facts": metadata,
        "objects": rows,
        "stuff": stuff,
        "segments": None if sample.panoptic is None else _segments(sample, sample.panoptic, tables),
    }
    digest = None if image.data is None else blake2b(image.data, digest_size=16).hexdigest()
    number = place + 1 if image.source_id is None else _as_number(image.source_id)
    if ids is not None:
        number = ids.image
    name_of_number = None if number is None else str(number)  # of any size, which SQLite's integers are not
    boxes = " ".join(
        f"{x:.0f},{y:.0f},{width:.0f},{height:.0f}" for x, y, width, height in sorted(sample.objects.boxes)
    )
    said = _digest("\n".join(light["captions"]).encode()) if sample.captions else ""
    brief = f"{image.width}x{image.height} {len(rows)} {said} {boxes}"[:_MOST_BRIEF]
    identity = Identity(name or None, image.filename or None, image.source_id, name_of_number, digest, brief)
    return Description(identity, orjson.dumps(light), masks)


def _wrong_size(sample: Sample) -> str:
    """What a COCO file says of the size of an image against its picture: other readers believe the file."""
    return next((finding.text for finding in sample.findings if finding.code == "size-wrong"), "")


def _metadata(image: Image, *, is_record: bool) -> tuple[dict[str, Any], str]:
    """What is said of the image as a COCO file would say it; and how its producer called it."""
    if is_record:
        renamed = ((f"record_{key}" if key in IMAGE_KEYS else key, value) for key, value in image.metadata.items())
        return dict(renamed), image.filename
    metadata = dict(image.metadata)
    original = metadata.pop(_ORIGINAL, None)
    return metadata, original if isinstance(original, str) and original else image.filename


def _as_number(text: str | None) -> int | None:
    """The number that a source id is, if it is one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 16 else None


# ---------------------------------------------------------------------------------------------- objects
def _objects(sample: Sample, tables: PartSummary, ids: Ids | None) -> tuple[list[list[Any]], bytes]:
    """A row an object, in the order of their boxes; and the masks in the same order."""
    objects = sample.objects
    if not objects.boxes:
        return [], b""
    counts: Iterable[int | None] = repeat(None)
    if objects.keypoints is not None:
        counts = [None if points is None else len(points) // 3 for points in objects.keypoints]
    names = sample.keypoint_names
    keys = (
        (label, name, count, names if count == len(names) else ())
        for label, name, count in zip(objects.labels, objects.names, counts)  # noqa: B905 - counts may be without end
    )
    classes = tables.classes.note_objects(
        cast("Iterable[ObjectClass]", keys), sample.where, objects.numbers, sample.class_key
    )
    numbers = ids.objects if ids is not None and ids.objects is not None else repeat(None)
    columns = Budget(POLYGON_COLUMNS, COLUMNS)
    rows = []
    for index, obj, number in zip(classes, objects, numbers):  # noqa: B905 - likewise
        outline = _outline(obj)
        try:
            area, source = _area(obj, sample.image, columns)
        except ValueError as error:
            problem = f"the polygon of an object cannot be drawn: {error}"
            tables.add_problem(FeatureError(sample.where, "segmentation", problem))
            continue
        row = [
            index,
            obj.box,
            obj.crowd,
            area,
            source,
            obj.attributes,
            _digest(outline) if outline else None,
            obj.keypoints,
            obj.dense_pose,
            number,
        ]
        rows.append((row, outline))
    rows.sort(key=_place)
    masks = b""
    if any(outline for _, outline in rows):
        masks = b"[" + b",".join(outline or b"null" for _, outline in rows) + b"]"
    return [row for row, _ in rows], masks


def _place(row: tuple[list[Any], bytes]) -> Any:  # noqa: ANN401 - a tuple of numbers
    return row[0][1], row[0][0]


def _outline(obj: Object) -> bytes:
    """The mask of an object as JSON: a string of run lengths, or polygons; empty where it has none."""
    if obj.mask is not None:
        return _run_lengths(obj.mask)
    return orjson.dumps(obj.polygons) if obj.polygons else b""


def _run_lengths(mask: Mask) -> bytes:
    return orjson.dumps(compress(mask.counts))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()


def _area(obj: Object, image: Image, columns: Budget) -> tuple[float, str]:
    """The area of an object as a conversion writes it, but for rounding; ValueError where it cannot be counted."""
    if obj.area is not None:
        return obj.area, GIVEN
    if obj.mask is not None:
        return obj.mask.area, COUNTED
    if obj.polygons:
        return from_polygons(obj.polygons, image.height, image.width, columns).area, COUNTED
    return obj.box[2] * obj.box[3], OF_BOX


# ---------------------------------------------------------------------------------------------- segments
def _segments(sample: Sample, panoptic: Panoptic, tables: PartSummary) -> list[list[Any]]:
    """A row a segment: its class, area and box, and a digest of its pixels, whatever their number is."""
    kinds = [SegmentClass(each.category, each.instance != 0, each.crowd) for each in panoptic.segments]
    pixels = segment_digests(panoptic, sample.where)
    return [
        [index, each.area, each.box, pixels.get(each.number)]
        for index, each in zip(tables.segments.note(kinds, sample.where), panoptic.segments, strict=True)
    ]
