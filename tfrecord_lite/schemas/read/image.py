"""The image of a record: bytes, size and format, and what the record says of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from tfrecord_lite.errors import FeatureError, Location, quoted
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.decode import decode_fully
from tfrecord_lite.images.header import IMAGE_EXTENSIONS, read_image_info
from tfrecord_lite.images.info import ImageInfo
from tfrecord_lite.inputs.storage import find_below, read_start, status_of
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import Finding, Image, Value
from tfrecord_lite.schemas.detect import Choice
from tfrecord_lite.schemas.read.values import plain_values, single_text
from tfrecord_lite.schemas.schema import only

_LARGEST_SIDE = 1 << 31  # pixels; no image format that is read here goes beyond
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
_UNKNOWN = -1  # the class number of what TensorFlow Datasets does not know (core/features/class_label_feature.py)
_FORMAT_NAMES = {"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "dib": "bmp"}


class ImageReader:
    """Reads the images of records with one set of keys.

    choice: with a narrowed schema. has_boxes: whether the records have boxes.
    """

    def __init__(self, choice: Choice, options: ReadOptions, *, has_boxes: bool) -> None:
        self._has_images = choice.has_images
        self._schema = schema = choice.schema
        self._verify = options.verify_images
        self._root = options.image_root
        self._largest = options.max_record_size
        self._key = only(schema.encoded) if schema.encoded else "image"
        self._filename, self._source, self._format = map(only, (schema.filename, schema.source_id, schema.format))
        self._sides = (only(schema.width), only(schema.height))
        self._has_metadata = bool(schema.metadata or schema.metadata_lists)
        self._label_keys = {
            "label": schema.label_number,
            "text": schema.label_text,
            "confidence": schema.label_confidence,
        }
        self._has_labels = any(self._label_keys.values())
        # Classes of objects without any box say what the image shows, as those of camera traps do.
        self._has_lone_classes = bool(schema.geometry) and not has_boxes

    def read(self, example: Example, findings: list[Finding]) -> Image:
        """Reads one image. FeatureError where it is missing, unreadable or of no known size."""
        key, where = self._key, example.where
        blobs = example.buffers(key) if self._schema.encoded else []
        if len(blobs) > 1:
            raise FeatureError(where, key, f"the feature holds {len(blobs)} images, expected one")
        data: Buffer = blobs[0] if blobs else b""
        filename = single_text(example, self._filename, findings)
        if data and not self._has_images:
            raise FeatureError(where, key, "this record holds an image, but the first of this file held none")
        if not data and self._has_images:
            raise FeatureError(where, key, "the image is missing, while other records of this file have theirs")
        if not data and self._root is not None:
            data = _read_picture(self._root, filename, where, self._filename, self._largest)
        declared = self._declared_size(example, findings, certain=bool(data))
        if data:
            data = self._encoded(example, data, declared, findings)
            info = read_image_info(data, where, key)
            if self._verify:
                decode_fully(data, where, key)
            image_format: str | None = info.format
            width, height = info.width, info.height
            self._compare(example, info, declared, findings)
        else:
            if declared is None:
                raise FeatureError(where, key, "the image is missing, and so is its size")
            image_format = self._declared_format(example) or None
            width, height = declared
        source_id = self._source_id(example, findings)
        return Image(data or None, image_format, width, height, filename, source_id, self._facts(example, findings))

    def _encoded(
        self, example: Example, data: Buffer, declared: tuple[int, int] | None, findings: list[Finding]
    ) -> Buffer:
        """The image itself; a raw buffer of pixels, which no reader of images takes, as PNG without any loss."""
        head = bytes(data[:8])
        if declared is None or head.startswith(_SIGNATURES) or _is_bitmap(head, len(data)):
            return data
        width, height = declared
        mode = {width * height: "L", 3 * width * height: "RGB", 4 * width * height: "RGBA"}.get(len(data))
        if mode is None or not width * height:
            return data
        from tfrecord_lite.images.raw import raw_as_png  # noqa: PLC0415 - imports Pillow

        order = self._schema.raw_channels
        text = f"the image is a raw buffer of {width}x{height} pixels: it is written as PNG, without loss"
        if mode == "RGB":
            text += f". It is taken for {order}; the other order is --map raw_channels={order[::-1]}"
            data = data if order == "rgb" else _reversed_channels(bytes(data))
        findings.append(Finding("image-raw", example.where, text))
        return raw_as_png(bytes(data), mode, declared)

    def _declared_size(self, example: Example, findings: list[Finding], *, certain: bool) -> tuple[int, int] | None:
        """Width and height as the record has them; None where it has not both. ``certain``: the image has its own."""
        sides = []
        for key in self._sides:
            try:
                values = example.whole_numbers(key)
                if len(values) > 1:
                    raise FeatureError(example.where, key, f"the feature holds {len(values)} values, expected one")
            except FeatureError as error:
                if not certain:
                    raise
                findings.append(Finding("size-unreadable", example.where, error.problem))
                return None
            if values and not 0 <= values[0] < _LARGEST_SIDE:
                raise FeatureError(example.where, key, f"the image size is {values[0]} pixels, expected 1 or more")
            sides.extend(values)
        if len(sides) < 2 or (not certain and 0 in sides):
            return None
        return sides[0], sides[1]

    def _declared_format(self, example: Example) -> str:
        """The format that the record names, as a plain lower-case word."""
        values = example.values(self._format)
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
        if name and name not in (info.format, "raw"):
            text = f"the record says {quoted(name)}, the image is {info.format}"
            findings.append(Finding("format-wrong", where, text))
        if not info.complete:
            findings.append(Finding("image-cut", where, f"the {info.format} image ends too early: its end is missing"))
        if info.animated:
            text = f"the {info.format} image is animated; boxes can only mean one of its frames"
            findings.append(Finding("image-animated", where, text))
        if info.orientation != 1:
            text = f"EXIF orientation {info.orientation} is not applied: boxes and sizes are those of the stored pixels"
            findings.append(Finding("exif-orientation", where, text))

    def _source_id(self, example: Example, findings: list[Finding]) -> str | None:
        """The source id, which some writers store as a number."""
        values = example.values(self._source)
        if values and isinstance(values[0], int):
            return str(values[0])
        return single_text(example, self._source, findings) or None

    def _facts(self, example: Example, findings: list[Finding]) -> dict[str, Value]:
        """Values that the COCO image keeps."""
        schema = self._schema
        metadata: dict[str, Value] = {}
        if self._has_metadata:
            for key, name in schema.metadata.items():
                if key in example and (values := plain_values(example, key, findings)):
                    metadata[name] = values[0] if len(values) == 1 else values
            for key, name in schema.metadata_lists.items():
                if key in example:
                    metadata[name] = plain_values(example, key, findings)
        if (self._has_labels or self._has_lone_classes) and (labels := self._labels(example, findings)):
            metadata["labels"] = labels
        return metadata

    def _labels(self, example: Example, findings: list[Finding]) -> list[dict[str, Value]]:
        """Classes of the image as a whole, as the record has them: COCO's detection files have no place for them."""
        schema = self._schema
        labels: list[dict[str, Value]] = []
        if self._has_labels:
            columns = {name: plain_values(example, only(keys), findings) for name, keys in self._label_keys.items()}
            rows = _rows(columns)
            labels = [label for label in rows if label.get("label") != _UNKNOWN]
            if len(labels) < len(rows):
                text = f"{only(schema.label_number)}: the class of the image is -1, not known: left out"
                findings.append(Finding("image-class-unknown", example.where, text))
            if schema.label_names:
                for label in labels:
                    number = str(label.pop("label"))
                    label["text"] = schema.label_names.get(number, number)
        if self._has_lone_classes:
            numbers = plain_values(example, only(schema.number), findings)
            texts = plain_values(example, only(schema.text), findings)
            labels += [label for label in _rows({"label": numbers, "text": texts}) if label not in labels]
        return labels


def _is_bitmap(head: bytes, size: int) -> bool:
    """Whether this is a BMP file, whose header tells its length (0: it does not), and not pixels that begin so."""
    return head.startswith(b"BM") and int.from_bytes(head[2:6], "little") in (0, size)


def _reversed_channels(data: bytes) -> bytes:
    """Pixels of three channels with the first and the last exchanged."""
    pixels = bytearray(data)
    pixels[0::3], pixels[2::3] = data[2::3], data[0::3]
    return bytes(pixels)


def _rows(columns: Mapping[str, Sequence[Value]]) -> list[dict[str, Value]]:
    """Columns of values as rows, without the columns that are shorter than others."""
    count = max(map(len, columns.values()))
    return [{name: values[i] for name, values in columns.items() if len(values) == count} for i in range(count)]


def _read_picture(root: str, filename: str, where: Location, key: str, largest: int) -> bytes:
    """The picture of a record that only names it, below ``root``: with its folders, else by its last component.

    largest: bytes that a picture may have, which are as many as a record may.

    Raises:
        FeatureError: it is not there or too large, or the name or a link leads out of the folder.
    """
    parts = [part for part in filename.replace("\\", "/").split("/") if part not in ("", ".")]
    endings = sorted(IMAGE_EXTENSIONS)
    for tried in (parts, parts[-1:]) if parts and ".." not in parts else ():
        bare = os.path.join(*tried)
        for name in (bare, *(bare + ending for ending in endings), *(bare + ending.upper() for ending in endings)):
            if (path := find_below(root, name)) is not None:
                status = status_of(path)
                size = 0 if status is None else status.size
                if size > largest:
                    problem = f"the picture {quoted(name)} has {size} bytes, more than the {largest}"
                    raise FeatureError(where, key, f"{problem} that --max-record-size allows")
                return read_start(path, largest)
    raise FeatureError(where, key, f"no picture {quoted(filename)} below the folder that --image-root names")
