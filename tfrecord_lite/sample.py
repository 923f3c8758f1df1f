"""The plain values in the middle: what one record says, whatever its schema was and whatever will be written of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from tfrecord_lite.errors import FeatureError, Location, UsageError, quoted, shortened
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.header import read_image_info

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from tfrecord_lite.masks.mask import Mask

Value = int | float | str | list[Any] | dict[str, Any]
"""What JSON can hold: of a record a number, a text, or a list of either; of a COCO file anything but null."""
Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


RECOVERED = "recovered"  # the code of findings about records that were found after damage


class Finding(NamedTuple):
    """Something that COCO can say, but that a person would want to know. Counted and shown as a warning.

    code: a short name that findings of one kind share, such as ``box-outside-image``.
    """

    code: str
    where: Location
    text: str


class Object(NamedTuple):
    """One object in an image.

    box: x, y, width, height in pixels of the stored image, x and y from its top left corner. Not rounded.
    label, name: its class as the record has it, a number and a text; None where it has none. An empty name is one that
        was left out.
    crowd: whether the box holds a group that was not annotated object by object (COCO's iscrowd).
    area: what the record says of it in square pixels, where that is plausible.
    attributes: whatever else the record says of it.
    mask: its pixels; None where the record has none.
    polygons: its outline as the record has it, each x0, y0, x1, y1, ... in pixels.
    keypoints: x, y, visibility of each keypoint, pixels and COCO's 0 (not labelled), 1 (hidden), 2 (visible).
    dense_pose: the fields that COCO's DensePose annotations have.
    """

    box: Box
    label: int | None = None
    name: str | None = None
    crowd: bool = False
    area: float | None = None
    attributes: Mapping[str, Value] = MappingProxyType({})
    mask: Mask | None = None
    polygons: list[list[float]] | None = None
    keypoints: list[float] | None = None
    dense_pose: dict[str, list[float]] | None = None


@dataclass(slots=True, eq=False, repr=False)
class Objects:
    """The objects of a sample, in the order of the record: a sequence of Object, kept by columns as records have them.

    A column that is None says that no object has such a thing. Lengths are those of ``boxes``.

    numbers: the places of the objects in the record, from 0; None where none of its objects is left out.
    """

    boxes: Sequence[Box] = ()
    labels: Sequence[int | None] = ()
    names: Sequence[str | None] = ()
    crowds: Sequence[bool] | None = None
    areas: Sequence[float | None] | None = None
    attributes: Sequence[Mapping[str, Value]] | None = None
    masks: Sequence[Mask | None] | None = None
    polygons: Sequence[list[list[float]] | None] | None = None
    keypoints: Sequence[list[float] | None] | None = None
    dense_pose: Sequence[dict[str, list[float]] | None] | None = None
    numbers: Sequence[int] | None = None

    @classmethod
    def of(cls, rows: Sequence[Object], numbers: Sequence[int] | None = None) -> Objects:
        """Objects one after the other as columns. numbers: their places in the record, where some are left out."""
        if not rows:
            return cls()
        boxes, labels, names, crowds, areas, attributes, *others = zip(*rows, strict=True)
        shapes = (column if any(value is not None for value in column) else None for column in others)
        masks, polygons, keypoints, dense_pose = shapes
        rest = masks, polygons, keypoints, dense_pose, numbers
        return cls(boxes, labels, names, crowds, areas, attributes, *rest)

    def number(self, index: int) -> int:
        """The place in the record of an object, from 0."""
        return index if self.numbers is None else self.numbers[index]

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, index: int) -> Object:
        return Object(
            self.boxes[index],
            self.labels[index],
            self.names[index],
            self.crowds is not None and self.crowds[index],
            None if self.areas is None else self.areas[index],
            {} if self.attributes is None else self.attributes[index],
            None if self.masks is None else self.masks[index],
            None if self.polygons is None else self.polygons[index],
            None if self.keypoints is None else self.keypoints[index],
            None if self.dense_pose is None else self.dense_pose[index],
        )

    def __iter__(self) -> Iterator[Object]:
        return map(self.__getitem__, range(len(self.boxes)))


class Segment(NamedTuple):
    """One segment of a panoptic image.

    number: its pixels in the PNG have this value, R + 256 G + 65536 B.
    category: number of its class; instance: number within the class, 0 for what is not annotated one by one.
    area: in pixels; box: x, y, width, height in pixels. crowd: whether the record says that it is one.
    """

    number: int
    category: int
    instance: int
    area: int
    box: tuple[int, int, int, int]
    crowd: bool = False


class Panoptic(NamedTuple):
    """Every pixel of an image assigned to a segment, or to none (value 0).

    png: in COCO's encoding. unlabelled: segments that it had without a class; they count as none.
    """

    png: bytes
    segments: tuple[Segment, ...]
    unlabelled: int = 0


class Image(NamedTuple):
    """The image of a record.

    data: the encoded bytes, or a view of them in the record; None where the record has none.
    format: such as ``jpeg``, read from the bytes; of an image without bytes what the record says, or None.
    width, height: in pixels as stored, read from the bytes where there are any. EXIF orientation is not applied.
    filename: as the record has it, not made safe; empty where it has none.
    source_id: as the record has it; None where it has none.
    metadata: what else the record says of the image.
    """

    data: Buffer | None
    format: str | None
    width: int
    height: int
    filename: str
    source_id: str | None
    metadata: Mapping[str, Value] = MappingProxyType({})

    def open(self) -> PillowImage:
        """The image as a ``PIL.Image.Image``, which decodes its pixels when they are asked for.

        Raises:
            UsageError: the record has no image. OSError: Pillow finds no image in the bytes.
        """
        if self.data is None:
            raise UsageError(f"the record of {quoted(self.filename)} has no image. Where files hold it: image_root")
        from tfrecord_lite.images.decode import open_image  # noqa: PLC0415 - a conversion opens none

        return open_image(self.data, self.format)

    def __repr__(self) -> str:
        size = "no bytes" if self.data is None else f"{len(self.data)} bytes"
        return f"<Image {quoted(self.filename)}, {self.format}, {self.width}x{self.height}, {size}>"


class Original(NamedTuple):
    """Entries of COCO files that a record carries along, so that they come back as they were; see ``coco.originals``.

    text: JSON. file_name: of the image.
    """

    text: bytes
    file_name: str


class Sample(NamedTuple):
    """One image with its objects: what a record says.

    where: the record.
    fingerprint: the same for two records of the same content.
    merged: whether records with this source id are one image, each with some of its objects.
    objects: in the order of the record, without those that are refused.
    refused: why objects of the record are not among them.
    findings: what else a person would want to know.
    unmapped: keys of the record that no rule carries over.
    keypoint_names: in the order of each object's keypoints; empty where the record does not name them.
    captions: sentences about the image.
    stuff: the pixels of each class that a semantic label image has, by its number.
    panoptic: its panoptic segmentation.
    class_key: the feature that says the classes of its objects, for messages.
    implied: keys of the record that only repeat what others or the image say.
    original: entries of the COCO files that the record was made of, if it carries them along.
    effects: names of options that changed how the record was read, and keys that they gave to roles.
    """

    where: Location
    fingerprint: bytes
    image: Image
    objects: Objects
    refused: tuple[FeatureError, ...] = ()
    findings: tuple[Finding, ...] = ()
    unmapped: tuple[str, ...] = ()
    keypoint_names: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    stuff: Mapping[int, Mask] = MappingProxyType({})
    panoptic: Panoptic | None = None
    merged: bool = False
    class_key: str = "class"
    effects: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    original: Original | None = None

    @classmethod
    def of(
        cls,
        image: Buffer,
        objects: Iterable[Object] = (),
        *,
        filename: str = "",
        source_id: str | None = None,
        captions: Iterable[str] = (),
        keypoint_names: Iterable[str] = (),
        metadata: Mapping[str, Value] | None = None,
    ) -> Sample:
        """Makes a sample, for ``TFRecordWriter.write``.

        Args:
            image: the encoded bytes, which give format and size.
            objects: boxes are in pixels. Classes are numbers from 1, names, or better both.
            filename: of the image.
            source_id: a number as text, which trainers that evaluate with a COCO file need.
            captions: sentences about the image.
            keypoint_names: in the order of each object's keypoints.
            metadata: what else there is to say of the image.

        Raises:
            FeatureError: the bytes are no image, or an object has values of a kind that it cannot have.
        """
        where = Location(filename or "image")
        objects = list(objects)
        for number, thing in enumerate(objects):
            if fault := _fault(thing):
                raise FeatureError(where, f"object {number}", fault)
        info = read_image_info(image, where, "image")
        picture = Image(image, info.format, info.width, info.height, filename, source_id, metadata or {})
        sentences, names = tuple(captions), tuple(keypoint_names)
        return cls(where, b"", picture, Objects.of(objects), captions=sentences, keypoint_names=names)

    def __repr__(self) -> str:
        return f"<Sample {self.where}, {self.image!r}, objects: {len(self.objects)}>"


def _fault(thing: object) -> str:
    """What is wrong with an object that a caller made; empty where nothing is."""
    from tfrecord_lite.masks.mask import Mask  # noqa: PLC0415 - who reads records without masks does without it

    if not isinstance(thing, Object):
        return f"this is {shortened(repr(thing))}, expected an Object"
    checks = (
        ("box", thing.box, len(_numbers(thing.box)) == 4, "x, y, width and height in pixels"),
        ("label", thing.label, thing.label is None or isinstance(thing.label, Integral), "a whole number or None"),
        ("name", thing.name, thing.name is None or isinstance(thing.name, str), "a text or None"),
        ("area", thing.area, thing.area is None or len(_numbers([thing.area])) == 1, "a number or None"),
        ("attributes", thing.attributes, isinstance(thing.attributes, Mapping), "values by name"),
        ("mask", thing.mask, thing.mask is None or isinstance(thing.mask, Mask), "a Mask or None"),
        (
            "keypoints",
            thing.keypoints,
            _is_rows(thing.keypoints, 3),
            "x, y, visibility, x, y, visibility, ... or None",
        ),
        ("polygons", thing.polygons, _are_polygons(thing.polygons), "lists of x0, y0, x1, y1, ... or None"),
    )
    for field, value, is_right, expected in checks:
        if not is_right:
            return f"{field} is {shortened(repr(value))}, expected {expected}"
    return ""


def _numbers(values: object) -> Sequence[object]:
    """The values, if they are finite numbers; else none."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return ()
    numbers = list(values)
    return numbers if all(isinstance(each, Real) and isfinite(each) for each in numbers) else ()


def _is_rows(values: object, length: int) -> bool:
    """Whether there are none, or as many numbers as make whole rows."""
    return values is None or values == [] or (len(found := _numbers(values)) > 0 and len(found) % length == 0)


def _are_polygons(values: object) -> bool:
    """Whether there are none, or each is a list of points."""
    return values is None or (isinstance(values, Iterable) and all(each and _is_rows(each, 2) for each in values))


def to_rows(sample: Sample) -> list[dict[str, Value | None]]:
    """One plain dict an object: rows for ``pandas.DataFrame``, ``polars.DataFrame`` or ``csv.DictWriter``.

    Every row has ``file, record, image, image_width, image_height, label, name, x, y, width, height, area, crowd,
    mask_area, keypoints`` (how many are labelled); and ``attributes.<name>`` for what else the record says of it.
    """
    image, where = sample.image, sample.where
    rows: list[dict[str, Value | None]] = []
    for thing in sample.objects:
        x, y, width, height = thing.box
        rows.append(
            {
                "file": where.file,
                "record": where.record,
                "image": image.filename or image.source_id,
                "image_width": image.width,
                "image_height": image.height,
                "label": thing.label,
                "name": thing.name,
                "x": x,
                "y": y,
                "width": width,
                "height": height,
                "area": thing.area,
                "crowd": thing.crowd,
                "mask_area": None if thing.mask is None else thing.mask.area,
                "keypoints": None if thing.keypoints is None else sum(each > 0 for each in thing.keypoints[2::3]),
                **{f"attributes.{name}": value for name, value in thing.attributes.items()},
            }
        )
    return rows
