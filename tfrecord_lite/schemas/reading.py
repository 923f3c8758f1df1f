"""Example -> Sample, by the layout that was chosen for its file."""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.errors import FeatureError, Location, quoted
from tfrecord_lite.example import Example
from tfrecord_lite.images import ImageInfo, read_image_info
from tfrecord_lite.sample import Finding, Image, Object, Sample, Value
from tfrecord_lite.schemas.boxes import BoxReader
from tfrecord_lite.schemas.choice import Choice

_LARGEST_SIDE = 1 << 31  # pixels; no image format that is read here goes beyond
_FORMAT_NAMES = {"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "dib": "bmp"}


def read_text(value: bytes, key: str, where: Location, findings: list[Finding]) -> str:
    """Text of a record. What is not UTF-8 becomes U+FFFD, and a finding."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        findings.append(Finding("text-not-utf8", where, f"{key}: {quoted(value)} is not UTF-8"))
        return value.decode(errors="replace")


class SampleReader:
    """Reads the records of one file.

    choice: how; category: the class of objects in records that name none.
    """

    def __init__(self, choice: Choice, category: str) -> None:
        self._choice = choice
        self._layout = choice.layout
        self._category = category
        self._boxes = BoxReader(choice)
        self._read_keys = choice.layout.read_keys
        self.image_key = choice.layout.encoded[0]

    def read(self, example: Example, fingerprint: bytes) -> Sample:
        """Reads one record.

        Raises:
            FeatureError: the record as a whole cannot become an image with annotations. Faults of single objects are
                in ``Sample.refused`` instead.
        """
        findings: list[Finding] = []
        refused: list[FeatureError] = []
        image = self._read_image(example, findings)
        boxes = self._boxes.read(example, image.width, image.height, findings, refused)
        carried, unread = self._sort_keys(example, len(boxes))
        objects = self._read_objects(example, image, boxes, carried, findings) if boxes else ()
        return Sample(example.where, fingerprint, image, objects, tuple(refused), tuple(findings), unread)

    # ------------------------------------------------------------------------------------------ the image
    def _read_image(self, example: Example, findings: list[Finding]) -> Image:
        layout, where = self._layout, example.where
        key = _present(example, layout.encoded)
        blobs = example.blobs(key)
        if len(blobs) > 1:
            raise FeatureError(where, key, f"the feature holds {len(blobs)} images, expected one")
        data = blobs[0] if blobs else b""
        declared = self._declared_size(example, findings, certain=bool(data))
        if data:
            if not self._choice.has_images:
                raise FeatureError(where, key, "this record holds an image, but the first of this file held none")
            info = read_image_info(data, where, key)
            image_format: str | None = info.format
            width, height = info.width, info.height
            self._compare(example, info, declared, findings)
        else:
            if self._choice.has_images:
                raise FeatureError(where, key, "the image is missing, while other records of this file have theirs")
            if declared is None:
                raise FeatureError(where, key, "the image is missing, and so is its size")
            image_format = self._declared_format(example) or None
            width, height = declared
        return Image(
            data or None,
            image_format,
            width,
            height,
            self._text(example, layout.filename, findings),
            self._source_id(example, findings),
            self._facts(example, findings),
        )

    def _declared_size(self, example: Example, findings: list[Finding], *, certain: bool) -> tuple[int, int] | None:
        """Width and height as the record has them; None where it has not both. ``certain``: the image has its own."""
        sides = []
        for keys in (self._layout.width, self._layout.height):
            key = _present(example, keys)
            try:
                values = example.ints(key)
                if len(values) > 1:
                    raise FeatureError(example.where, key, f"the feature holds {len(values)} values, expected one")
            except FeatureError as error:
                if not certain:
                    raise
                findings.append(Finding("size-unreadable", example.where, f"{key}: {error.problem}"))
                return None
            if values and not 0 <= values[0] < _LARGEST_SIDE:
                raise FeatureError(example.where, key, f"the image size is {values[0]} pixels, expected 1 or more")
            sides.extend(values)
        if len(sides) < 2 or (not certain and 0 in sides):
            return None
        return sides[0], sides[1]

    def _declared_format(self, example: Example) -> str:
        """The format that the record names, as a plain lower-case word."""
        values = example.values(_present(example, self._layout.format))
        if not values or not isinstance(values[0], bytes):
            return ""
        name = values[0].decode(errors="replace").strip().lstrip(".").lower()
        return _FORMAT_NAMES.get(name, name)

    def _compare(
        self, example: Example, info: ImageInfo, declared: tuple[int, int] | None, findings: list[Finding]
    ) -> None:
        """Notes where the image and what the record says of it disagree; the image is right."""
        where = example.where
        if declared and declared != (info.width, info.height):
            text = f"the record says {declared[0]}x{declared[1]} pixels, the image has {info.width}x{info.height}"
            findings.append(Finding("size-wrong", where, text))
        name = self._declared_format(example)
        if name and name != info.format:
            findings.append(
                Finding("format-wrong", where, f"the record says {quoted(name)}, the image is {info.format}")
            )
        if not info.complete:
            findings.append(Finding("image-cut", where, f"the {info.format} image ends too early: its end is missing"))
        if info.animated:
            text = f"the {info.format} image is animated; boxes can only mean one of its frames"
            findings.append(Finding("image-animated", where, text))
        if info.orientation != 1:
            text = f"EXIF orientation {info.orientation} is not applied: boxes and sizes are those of the stored pixels"
            findings.append(Finding("exif-orientation", where, text))

    def _text(self, example: Example, keys: tuple[str, ...], findings: list[Finding]) -> str:
        """A single text, empty where there is none."""
        key = _present(example, keys)
        blobs = example.blobs(key)
        if len(blobs) > 1:
            raise FeatureError(example.where, key, f"the feature holds {len(blobs)} values, expected one")
        return read_text(blobs[0], key, example.where, findings) if blobs else ""

    def _source_id(self, example: Example, findings: list[Finding]) -> str | None:
        """The source id, which some writers store as a number."""
        key = _present(example, self._layout.source_id)
        values = example.values(key)
        if values and isinstance(values[0], int):
            return str(values[0])
        return self._text(example, (key,), findings) or None

    def _facts(self, example: Example, findings: list[Finding]) -> dict[str, Value]:
        """Single values that the COCO image keeps."""
        facts: dict[str, Value] = {}
        for key, name in self._layout.facts.items():
            if key in example and (values := _plain(example, key, findings)):
                facts[name] = values[0] if len(values) == 1 else list(values)  # type: ignore[assignment]
        return facts

    # ------------------------------------------------------------------------------------------ the objects
    def _sort_keys(self, example: Example, count: int) -> tuple[list[str], tuple[str, ...]]:
        """Keys that become attributes of ``count`` objects, and keys that nothing reads."""
        carried, unread = [], []
        prefix, known = self._layout.attribute_prefix, self._read_keys
        for key in example:
            if key in known:
                continue
            if key.startswith(prefix) and key not in self._layout.no_attributes:
                values = example.values(key)
                if len(values) == count and count and all(map(_is_plain, values)):
                    carried.append(key)
                    continue
                if not values:
                    continue
            unread.append(key)
        return sorted(carried), tuple(sorted(unread))

    def _read_objects(
        self,
        example: Example,
        image: Image,
        boxes: Sequence[tuple[float, float, float, float] | None],
        carried: Sequence[str],
        findings: list[Finding],
    ) -> tuple[Object, ...]:
        """The objects whose boxes were accepted, with their classes and attributes."""
        layout, where, count = self._layout, example.where, len(boxes)
        number_key, text_key = _present(example, layout.number), _present(example, layout.text)
        numbers: Sequence[int | None] = _per_object(example, number_key, example.ints(number_key), count)
        blobs: Sequence[bytes | None] = _per_object(example, text_key, example.blobs(text_key), count)
        texts = [None if blob is None else read_text(blob, text_key, where, findings) for blob in blobs]
        if not self._choice.has_classes:
            texts = [self._category] * count
        crowd_key = _present(example, layout.crowd if _present(example, layout.crowd) in example else layout.group)
        crowds = _per_object(example, crowd_key, example.ints(crowd_key), count)
        areas = self._areas(example, image, boxes, findings)
        prefix = len(layout.attribute_prefix)
        attributes: list[dict[str, Value]] = [{} for _ in boxes]
        group_keys = [key for key in layout.group if key in example]
        for key in (*carried, *group_keys):
            name = key[prefix:].removeprefix("attribute/")
            values = _per_object(example, key, _plain(example, key, findings), count)
            for attribute, value in zip(attributes, values, strict=True):
                if value is not None:
                    attribute[name] = value
        return tuple(
            Object(box, numbers[i], texts[i], (crowds[i] or 0) > 0, areas[i], attributes[i])
            for i, box in enumerate(boxes)
            if box is not None
        )

    def _areas(
        self,
        example: Example,
        image: Image,
        boxes: Sequence[tuple[float, float, float, float] | None],
        findings: list[Finding],
    ) -> Sequence[float | None]:
        """The areas that the record gives, in square pixels; None where it gives none or none that can be."""
        key = _present(example, self._layout.area)
        kind = example.kind(key)
        given: Sequence[float] = example.ints(key) if kind == "int64" else example.floats(key)
        areas: list[float | None] = list(_per_object(example, key, given, len(boxes)))
        pixels = image.width * image.height
        for i, (area, box) in enumerate(zip(areas, boxes, strict=True)):
            if area is None or box is None:
                continue
            in_pixels = area * pixels if self._choice.normalized_area else area
            areas[i] = in_pixels
            if not 0 < in_pixels <= pixels:
                areas[i] = None
                if area or (box[2] > 0 and box[3] > 0):
                    text = f"{key}: object {i} has an area of {area:g} in an image of {pixels} pixels"
                    findings.append(Finding("area-implausible", example.where, text))
        return areas


def _present(example: Example, keys: tuple[str, ...]) -> str:
    """The first of these keys that the record has; the first at all where it has none."""
    if len(keys) > 1:
        for key in keys:
            if key in example:
                return key
    return keys[0]


def _per_object(example: Example, key: str, values: Sequence[object], count: int) -> Sequence:  # type: ignore[type-arg]
    """One value for each object, None for all where there are none. FeatureError where the number differs."""
    if len(values) == count:
        return values
    if not values:
        return (None,) * count
    raise FeatureError(example.where, key, f"the lengths of the lists differ: {len(values)} values for {count} boxes")


def _is_plain(value: float | bytes) -> bool:
    """Whether a value can stand in JSON: numbers, and bytes that are text."""
    if isinstance(value, bytes):
        return len(value) <= 4096 and b"\0" not in value and not value.startswith((b"\x89PNG", b"\xff\xd8"))
    return value - value == 0  # neither infinite nor NaN


def _plain(example: Example, key: str, findings: list[Finding]) -> list[int | float | str]:
    """The values of a feature as JSON can hold them."""
    return [
        read_text(value, key, example.where, findings) if isinstance(value, bytes) else value
        for value in example.values(key)
    ]
