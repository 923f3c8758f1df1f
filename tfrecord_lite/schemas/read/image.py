"""The image of a record: bytes, size and format, and what the record says of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

from tfrecord_lite.errors import FeatureError, Location, quoted, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.header import IMAGE_EXTENSIONS, read_image_info
from tfrecord_lite.images.info import ImageInfo
from tfrecord_lite.inputs.storage import read_below
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import Finding, Image
from tfrecord_lite.schemas.detect.choice import Choice
from tfrecord_lite.schemas.read.metadata import MetadataReader
from tfrecord_lite.schemas.read.pixels import as_encoded, path_in, pixels_of_numbers, several_images, why_unread
from tfrecord_lite.schemas.read.values import read_text
from tfrecord_lite.schemas.schema import only

_MOST_PARTS = 4  # of a path, that are tried without those before them
_LARGEST_SIDE = 1 << 31  # pixels; no image format that is read here has more
_FORMAT_NAMES = {"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff", "dib": "bmp"}
_Value = TypeVar("_Value")


class ImageReader:
    """Reads the images of records with one set of keys.

    choice: with a narrowed schema. example: one of the records. has_boxes: whether they have boxes.
    """

    def __init__(self, choice: Choice, options: ReadOptions, example: Example, *, has_boxes: bool) -> None:
        self._has_images = choice.has_images
        self._schema = schema = choice.schema
        self._options = options
        self._key = only(schema.encoded) if schema.encoded else "image"
        self._filename, self._source, self._format = map(only, (schema.filename, schema.source_id, schema.format))
        self._original = only(schema.original_id) if schema.original_id else None
        self._sides = (only(schema.width), only(schema.height))
        self._metadata = MetadataReader(schema, example, has_boxes=has_boxes)

    def read(self, example: Example, findings: list[Finding], effects: list[str]) -> Image:  # noqa: C901 - one branch a way in which an image can be missing
        """Reads one image. ``effects`` gets the names of options that changed something.

        Raises:
            FeatureError: it is missing, unreadable or of no known size.
        """
        key, where = self._key, example.where
        count, data = self._bytes(example)
        if count > 1:
            effects.append("image_index")
        filename = self._text(example, self._filename, count, findings)
        path = ""
        if data and not self._has_images:
            path = path_in(data) or ""
            if not path:
                raise FeatureError(where, key, "this record holds an image, but the first of this file held none")
            text = f"{shortened(key)} holds the path {quoted(path)}, and no image"
            findings.append(Finding("image-is-a-path", where, text))
            data = b""
        if not data and self._has_images:
            raise FeatureError(where, key, "the image is missing, while other records of this file have theirs")
        if not data:
            data = self._from_disk(where, path, filename, findings)
            if data:
                effects.append("image_root")
        declared = self._declared_size(example, count, findings, certain=bool(data))
        if declared is None and self._options.image_size is not None:
            declared = self._options.image_size
            effects.append("image_size")
        if not data:
            if declared is None:
                raise FeatureError(
                    where, key, "the image is missing, and so is its size. --image-size WxH says the size of all images"
                )
            image_format: str | None = self._declared_format(example, count) or None
            width, height = declared
        else:
            data, info, is_made = self._encoded(data, where, declared, findings)
            if self._options.verify_images:
                from tfrecord_lite.images.decode import decode_fully  # noqa: PLC0415 - few runs decode

                decode_fully(data, where, key)
            image_format, width, height = info.format, info.width, info.height
            self._compare(example, info, declared, count, findings, is_made=is_made)
        source_id = self._source_id(example, count, findings)
        return Image(
            data or None,
            image_format,
            width,
            height,
            filename or path,
            source_id,
            self._metadata.read(example, findings),
        )

    def _bytes(self, example: Example) -> tuple[int, Buffer]:
        """How many images the record has, and the bytes of the one that is read; none where it has none."""
        key = self._key
        if not self._schema.encoded:
            return 0, b""
        try:
            blobs = example.buffers(key)
        except FeatureError:
            pixels = pixels_of_numbers(example.numbers(key))
            if pixels is None:
                raise
            return 1, pixels
        if len(blobs) <= 1:
            return len(blobs), blobs[0] if blobs else b""
        index = self._options.image_index
        if index is None:
            raise FeatureError(example.where, key, several_images(len(blobs)))
        if index >= len(blobs):
            problem = f"the feature holds {len(blobs)} images, --image-index {index} asks for one more"
            raise FeatureError(example.where, key, problem)
        return len(blobs), blobs[index]

    def _single(self, example: Example, key: str, values: Sequence[_Value], count: int) -> _Value | None:
        """The one value of a feature; where it has as many as there are images, that of the image which is read."""
        if len(values) <= 1:
            return values[0] if values else None
        if len(values) == count and self._options.image_index is not None:
            return values[self._options.image_index]
        raise FeatureError(example.where, key, f"the feature holds {len(values)} values, expected one")

    def _text(self, example: Example, key: str, count: int, findings: list[Finding]) -> str:
        """The text of a feature, empty where there is none."""
        blob = self._single(example, key, example.blobs(key), count)
        return read_text(blob, key, example.where, findings) if blob else ""

    def _from_disk(self, where: Location, path: str, filename: str, findings: list[Finding]) -> bytes:
        """The image of a record that only names it; none without --image-root."""
        root = self._options.image_root
        if root is None:
            if self._options.pictures:
                text = "the record has no image bytes: no picture is written. --image-root DIR says where pictures are"
                findings.append(Finding("image-missing", where, text))
            return b""
        key = self._key if path else self._filename
        return _read_image_file(root, path or filename, where, key, self._options.max_record_size)

    def _encoded(
        self, data: Buffer, where: Location, declared: tuple[int, int] | None, findings: list[Finding]
    ) -> tuple[Buffer, ImageInfo, bool]:
        """An encoded image, what its header says, and whether it was made of raw pixels.

        Raises:
            FeatureError: the bytes are no image, nor anything that one can be made of.
        """
        try:
            return data, read_image_info(data, where, self._key), False
        except FeatureError:  # what is no encoded image may be something else
            data, code, text = as_encoded(data, declared, self._schema.raw_channels, self._key)
            if code:
                findings.append(Finding(code, where, text))
            if not code and (problem := why_unread(data, declared, where, self._key)) is not None:
                raise problem from None
        return data, read_image_info(data, where, self._key), code == "image-raw"

    def _declared_size(
        self, example: Example, count: int, findings: list[Finding], *, certain: bool
    ) -> tuple[int, int] | None:
        """Width and height as the record has them; None where it has not both. ``certain``: the image has its own."""
        try:
            keys, width, height = self._read_sides(example, count)
        except FeatureError as error:
            if not certain:
                raise
            findings.append(Finding("size-unreadable", example.where, error.problem))
            return None
        for key, side in zip(keys, (width, height), strict=True):
            if side is not None and not 0 <= side < _LARGEST_SIDE:
                raise FeatureError(example.where, key, f"the image size is {side} pixels, expected 1 or more")
        if width is None or height is None or not (certain or (width and height)):
            return None
        return width, height

    def _read_sides(self, example: Example, count: int) -> tuple[tuple[str, str], int | None, int | None]:
        """The keys of width and height, and what they hold."""
        across, down = self._sides
        width = self._single(example, across, example.whole_numbers(across), count)
        height = self._single(example, down, example.whole_numbers(down), count)
        if (width is None or height is None) and self._schema.shape:
            key = self._schema.shape[0]
            shape = example.whole_numbers(key)
            if len(shape) in (2, 3):
                return (key, key), shape[1], shape[0]
        return self._sides, width, height

    def _shape(self, example: Example, findings: list[Finding]) -> tuple[int, int] | None:
        """Width and height in the list of height, width and channels, where it is one."""
        try:
            shape = example.whole_numbers(self._schema.shape[0])
        except FeatureError as error:
            findings.append(Finding("size-unreadable", example.where, error.problem))
            return None
        return (shape[1], shape[0]) if len(shape) in (2, 3) else None

    def _declared_format(self, example: Example, count: int) -> str:
        """The format that the record names."""
        try:
            values = example.blobs(self._format)
        except FeatureError:  # whatever a number may mean
            return ""
        value = self._single(example, self._format, values, count) or b""
        return value.decode(errors="replace").strip()

    def _compare(
        self,
        example: Example,
        info: ImageInfo,
        declared: tuple[int, int] | None,
        count: int,
        findings: list[Finding],
        *,
        is_made: bool,
    ) -> None:
        """Notes where the image and what the record says of it disagree; the image is right.

        is_made: whether the image was made of raw pixels, whatever format the record names.
        """
        where = example.where
        shape = self._shape(example, findings) if self._schema.shape else None
        for size in (declared, shape) if shape is not None and shape != declared else (declared,):
            if size is not None and size != (info.width, info.height):
                text = f"the record says {size[0]}x{size[1]} pixels, the image has {info.width}x{info.height}"
                findings.append(Finding("size-wrong", where, text))
        name = self._declared_format(example, count)
        if name != info.format and not is_made:
            plain = name.lstrip(".").lower()
            if plain and _FORMAT_NAMES.get(plain, plain) not in (info.format, "raw"):
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

    def _source_id(self, example: Example, count: int, findings: list[Finding]) -> str | None:
        """The source id, which some writers store as a number."""
        if self._original is not None and (text := self._text(example, self._original, count, findings)):
            return text
        if example.kind(self._source) == "int64":
            value = self._single(example, self._source, example.ints(self._source), count)
            return None if value is None else str(value)
        return self._text(example, self._source, count, findings) or None


def _read_image_file(root: str, filename: str, where: Location, key: str, largest: int) -> bytes:
    """The image of a record that only names it, below ``root``: by its whole path, else by the last parts of it.

    The folder that a script read from is rarely the one that its images are in now. Elsewhere only the last part is
    tried, since each costs requests. largest: bytes that an image may have, which are as many as a record may.

    Raises:
        FeatureError: it is not there or too large, or the name or a link leads out of the folder.
    """
    parts = [part for part in filename.replace("\\", "/").split("/") if part not in ("", ".")]
    endings = sorted(IMAGE_EXTENSIONS)
    most = 1 if is_url(root) else _MOST_PARTS
    ends = [parts[-count:] for count in range(min(most, len(parts) - 1), 0, -1)]
    for tried in (parts, *ends) if parts and ".." not in parts else ():
        bare = os.path.join(*tried)
        for name in (bare, *(bare + ending for ending in endings), *(bare + ending.upper() for ending in endings)):
            file = read_below(root, name, largest)
            if file is not None and file.data is None:
                problem = f"the picture {quoted(name)} has {file.size} bytes, more than the {largest}"
                raise FeatureError(where, key, f"{problem} that --max-record-size allows")
            if file is not None and file.data is not None:
                return file.data
    raise FeatureError(where, key, f"no picture {quoted(filename)} below the folder that --image-root names")
