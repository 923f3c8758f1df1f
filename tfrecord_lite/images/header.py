"""Encoded image -> its format, size and orientation, from the header alone.

The headers of JPEG, PNG, GIF, BMP and WebP are read here, and nothing behind them is ever decoded: no profile, text or
pixel bomb can cost time or memory. Rarer formats are left to Pillow, by name, so that no file gets to choose a decoder
that runs other programs (EPS) or unpacks archives (FITS).

Sources: JPEG: ITU-T T.81, annex B. PNG: W3C PNG, third edition. GIF: GIF89a specification. BMP: BITMAPFILEHEADER and
BITMAPINFOHEADER of the Windows GDI reference. WebP: RFC 9649. Orientation: Exif 2.3, tag 0x0112.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import struct
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tfrecord_lite.errors import FeatureError, Location, printable, quoted
from tfrecord_lite.images.buffer import Buffer, ViewFile, last_index

EXTENSIONS_OF: Mapping[str, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "png": (".png", ".apng"),
    "gif": (".gif",),
    "bmp": (".bmp", ".dib"),
    "webp": (".webp",),
    "tiff": (".tif", ".tiff"),
    "ppm": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    "jpeg2000": (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
    "avif": (".avif", ".avifs"),
}
"""File name endings that mean a format, lower case with the dot; the first is the one to give."""

IMAGE_EXTENSIONS: frozenset[str] = frozenset(ending for endings in EXTENSIONS_OF.values() for ending in endings)
"""Every known file name ending of an image, lower case with the dot."""

_KNOWN = "JPEG, PNG, GIF, BMP, WebP, TIFF, PPM, JPEG 2000 or AVIF"
_MOST_PARTS = 100_000  # segments, chunks or blocks that one header may have: 25 MB of GIF data, 6 GB of JPEG segments
_LARGEST_SIDE = 2**31 - 1  # pixels; PNG's limit, and no other format's is higher
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff])")  # skips fill bytes and stray bytes before a marker, as libjpeg does
_JPEG_SCAN = re.compile(rb"\xff\xda")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15; not DHT, JPG, DAC
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0 to RST7, SOI: markers without a length
_JPEG_FRAME = struct.Struct(">HBHHB")  # length, bits a sample, height, width, components
_PNG_HEADER = struct.Struct(">I4sIIBBBBBI")  # length 13, "IHDR", width, height, depth, colour, three methods, CRC
_PNG_END = b"IEND\xaeB`\x82"  # type and CRC of the last chunk, which is empty
_BMP_INFO = struct.Struct("<iiHHII")  # width, height (negative: top row first), planes, bits, compression, pixel bytes

_HEAD_SIZE = 64  # bytes that formats are recognised by

_GUESSES = (
    (b"%!PS", "an EPS or PostScript file"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop file"),
    (b"SIMPLE  =", "a FITS file"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"PK\x03\x04", "a zip archive"),
    (b"<", "a web page, SVG or other XML"),
    (b"/9j/", "a JPEG in base64: decode it first"),
    (b"iVBORw0KGgo", "a PNG in base64: decode it first"),
    (b"version https://git-lfs", "a Git LFS pointer"),
    (bytes(8), "zeros"),
)
_PLUGINS = {  # format -> module and class of Pillow that read its header
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "ppm": ("PIL.PpmImagePlugin", "PpmImageFile"),
    "jpeg2000": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
_PPM_START = re.compile(rb"P[1-6f][\s#]", re.IGNORECASE)


class ImageInfo(NamedTuple):
    """What the header of an encoded image says.

    format: a key of EXTENSIONS_OF, such as ``jpeg``.
    width, height: in pixels as stored, at least 1; orientation is not applied.
    orientation: Exif orientation, 1 to 8; 1 where there is none or it is not one of these.
    animated: whether there is more than one frame (or page, of a TIFF).
    complete: whether the bytes reach as far as the format says they must. False means cut off; True does not mean that
        the image can be decoded. True also where only decoding would tell (PPM, JPEG 2000, AVIF).
    """

    format: str
    width: int
    height: int
    orientation: int
    animated: bool
    complete: bool


class _NoImageError(Exception):
    """The bytes are no image that can be used; the text says why."""


def read_image_info(data: Buffer, where: Location, key: str) -> ImageInfo:
    """Format, size and orientation of an encoded image, without decoding it.

    Bytes behind the end of the image are ignored. The record and the feature that it is from are for messages only.

    Raises:
        FeatureError: the bytes are no image of a known format, end inside the header, or say that it has no size.
    """
    try:
        info = _read_header(data)
        if not (0 < info.width <= _LARGEST_SIDE and 0 < info.height <= _LARGEST_SIDE):
            raise _NoImageError(f"the image has a size of {info.width} x {info.height} pixels, expected at least 1 x 1")
    except _NoImageError as error:
        raise FeatureError(where, key, str(error)) from None
    except (struct.error, IndexError):  # a read behind the last byte
        problem = f"the image ends inside its header, after {len(data)} bytes: it was cut off"
        raise FeatureError(where, key, problem) from None
    return info


def _read_header(data: Buffer) -> ImageInfo:
    """The header, by its first bytes."""
    head = bytes(data[:_HEAD_SIZE])
    for start, read in _READERS:
        if head.startswith(start):
            return read(data)
    if not head:
        raise _NoImageError("the image is empty (0 bytes)")
    if image_format := _rare_format(head):
        return _by_pillow(data, image_format)
    if any(start.startswith(head) for start, _ in _READERS):
        raise IndexError  # ends inside its first bytes
    raise _unknown(data)


def _unknown(data: Buffer) -> _NoImageError:
    """What these bytes, which are no image, look like."""
    head = bytes(data[:_HEAD_SIZE])
    guess = next((kind for start, kind in _GUESSES if head.startswith(start)), "")
    if not guess and head[4:8] == b"ftyp":
        guess = "HEIC or a video"
    if not guess and head.isascii() and head.decode("ascii").isprintable():
        guess = f"the text {quoted(head)}"
    start = head[:8].hex(" ")
    return _NoImageError(f"the image starts with {start}{f' ({guess}?)' if guess else ''}, expected {_KNOWN}")


def _orientation(exif: bytes) -> int:
    """The orientation in an Exif block, which is a TIFF header and a directory of entries of 12 bytes; else 1."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    with contextlib.suppress(struct.error):  # the block may end inside the directory
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", exif, entry)
            if tag == 0x0112:
                (value,) = struct.unpack_from(f"{order}{'I' if kind == 4 else 'H'}", exif, entry + 8)
                return value if 1 <= value <= 8 else 1
    return 1


def _jpeg(data: Buffer) -> ImageInfo:
    """JPEG: segments up to the frame header (SOFn)."""
    position, orientation = 2, 1
    for _ in range(_MOST_PARTS):
        code = data[position + 1]
        if data[position] == 0xFF and 0 < code < 0xFF:
            position += 2
        else:
            marker = _JPEG_MARKER.search(data, position)
            if marker is None:
                raise IndexError
            position = marker.end()
            code = data[position - 1]
        if code in _JPEG_BARE:
            continue
        if code in (0xD9, 0xDA):  # the image ends or its scan begins
            break
        length = data[position] << 8 | data[position + 1]
        if code in _JPEG_FRAMES:
            _, _, height, width, components = _JPEG_FRAME.unpack_from(data, position)
            if length != 8 + 3 * components:
                break
            if not height:
                raise _NoImageError("the image is a JPEG that tells its height only behind its pixels (DNL)")
            scan = _JPEG_SCAN.search(data, position + length)
            complete = scan is not None and last_index(data, b"\xff\xd9", scan.end()) >= 0  # a scan holds no FF D9
            return ImageInfo("jpeg", width, height, orientation, False, complete)
        if length < 2:
            break
        if code == 0xE1 and orientation == 1 and data[position + 2 : position + 8] == b"Exif\0\0":
            orientation = _orientation(bytes(data[position + 8 : position + length]))
        position += length
    raise _NoImageError("the image is a damaged JPEG: no valid frame header stands before its pixels")


def _png(data: Buffer) -> ImageInfo:
    """PNG: IHDR, then the chunks up to the first IDAT."""
    length, kind, width, height, *_ = _PNG_HEADER.unpack_from(data, 8)
    if (length, kind) != (13, b"IHDR"):
        raise _NoImageError(f"the image is a damaged PNG: its first chunk is {quoted(kind)}, expected 'IHDR'")
    position, orientation, animated = 33, 1, False
    for _ in range(_MOST_PARTS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"IDAT":
            break
        if kind == b"acTL":
            animated = bytes(data[position + 8 : position + 12]) > b"\0\0\0\1"  # number of frames
        elif kind == b"eXIf":
            orientation = _orientation(bytes(data[position + 8 : position + 8 + min(length, 65536)]))
        position += 12 + length
    complete = last_index(data, _PNG_END, position) >= 0
    return ImageInfo("png", width, height, orientation, animated, complete)


def _gif(data: Buffer) -> ImageInfo:
    """GIF: the screen, grown to hold the first frame as Pillow does, and whether a second frame follows."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13 + _gif_colours(flags)
    frames, kind, inside = 0, -1, False
    try:
        for _ in range(_MOST_PARTS):
            if inside:  # a block of data: its length, then as many bytes; length 0 ends the row of blocks
                length = data[position]
                position += 1 + length
                inside = length > 0
                continue
            kind = data[position]
            if kind == 0x2C and not frames:  # a frame: its place, its colours, the code size of its data
                left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, position + 1)
                width, height = max(width, left + frame_width), max(height, top + frame_height)
                position += 11 + _gif_colours(flags)
                frames = 1
            elif kind == 0x21:  # an extension and its label
                position += 2
            elif kind == 0:  # one zero too many behind a row of blocks, as some writers leave it
                position += 1
                continue
            else:
                break
            inside = True
    except IndexError:
        if not frames:
            raise
        return ImageInfo("gif", width, height, 1, animated=False, complete=False)
    if not frames:
        raise _NoImageError("the image is a GIF without a frame")
    ends = kind == 0x3B or bytes(data[-64:]).rstrip(b"\0\r\n ").endswith(b"\0;")
    return ImageInfo("gif", width, height, 1, animated=kind == 0x2C and not inside, complete=ends)


def _gif_colours(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _bmp(data: Buffer) -> ImageInfo:
    """BMP: the Windows headers, and that of OS/2 1.x."""
    pixels, header = struct.unpack_from("<II", data, 10)
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = size = 0
    elif header in (40, 52, 56, 64, 108, 124):
        width, height, _, bits, compression, size = _BMP_INFO.unpack_from(data, 18)
        height = abs(height)
    else:
        raise _unknown(data)
    if compression in (0, 3, 6):  # not compressed: rows of whole 32-bit words
        size = (width * bits + 31) // 32 * 4 * height
    return ImageInfo("bmp", width, height, 1, animated=False, complete=len(data) >= pixels + size)


def _webp(data: Buffer) -> ImageInfo:
    """WebP: VP8, VP8L, or VP8X and what it announces."""
    riff_size, form, kind = struct.unpack_from("<I4s4s", data, 4)
    if form != b"WEBP":
        raise _unknown(data)
    flags, orientation = 0, 1
    if kind == b"VP8 ":
        tag, start, width, height = struct.unpack_from("<3s3sHH", data, 20)
        if tag[0] & 1 or start != b"\x9d\x01\x2a":
            raise _NoImageError("the image is a damaged WebP: its data does not start with a key frame")
        width, height = width & 0x3FFF, height & 0x3FFF  # the upper two bits are a scale for showing it
    elif kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, 20)
        if signature != 0x2F:
            raise _NoImageError("the image is a damaged WebP: its lossless data has a wrong signature")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        flags, _, width, width_high, height, height_high = struct.unpack_from("<B3sHBHB", data, 20)
        width, height = (width | width_high << 16) + 1, (height | height_high << 16) + 1
        orientation = _webp_orientation(data) if flags & 0x08 else 1
    else:
        raise _NoImageError(f"the image is a damaged WebP: its first chunk is {quoted(kind)}, expected 'VP8'")
    complete = len(data) >= 8 + riff_size
    return ImageInfo("webp", width, height, orientation, animated=bool(flags & 0x02), complete=complete)


def _webp_orientation(data: Buffer) -> int:
    """The orientation in the EXIF chunk, which stands behind the pixels and is reached by the lengths of the chunks."""
    position = 30
    for _ in range(_MOST_PARTS):
        if position + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            exif = bytes(data[position + 8 : position + 8 + min(length, 65536)])
            return _orientation(exif.removeprefix(b"Exif\0\0"))
        position += 8 + length + (length & 1)  # chunks start at even bytes
    return 1


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep Pillow from writing to the terminal: its errors are ours to tell, once."""
    import logging  # noqa: PLC0415 - Pillow imports it, and nobody else does

    log = logging.getLogger("PIL")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # handlers that the application has set still get everything
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _rare_format(data: bytes) -> str | None:
    """The format of an image that is left to Pillow, by its first bytes; None where it is none of these."""
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):  # with +: BigTIFF
        return "tiff"
    if _PPM_START.match(data):
        return "ppm"
    if data.startswith((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n")):
        return "jpeg2000"
    if data[4:8] == b"ftyp" and any(data[i : i + 4] in (b"avif", b"avis") for i in (8, *range(16, 48, 4))):
        return "avif"
    return None


def _by_pillow(data: Buffer, image_format: str) -> ImageInfo:
    """The header of a rare format. Image.open would refuse sizes that only a decoder minds, so its class is called."""
    module, name = _PLUGINS[image_format]
    try:
        with silence():
            image = getattr(importlib.import_module(module), name)(ViewFile(data))
            width, height = image.size
            orientation = image.getexif().get(0x0112, 1)
            complete = True
            if image_format == "tiff":  # Pillow swaps the size of a turned TIFF: here it is as stored
                tags = image.tag_v2
                width, height = int(tags[256]), int(tags[257])
                starts, sizes = tags.get(273) or tags.get(324) or (), tags.get(279) or tags.get(325) or ()
                complete = all(start + size <= len(data) for start, size in zip(starts, sizes, strict=False))
            animated = bool(getattr(image, "is_animated", False))
    except Exception as error:  # noqa: BLE001 - on damaged bytes Pillow's plugins raise errors of any kind
        reason = printable(str(error) or type(error).__name__)
        raise _NoImageError(f"the image cannot be read as {image_format.upper()}: {reason}") from None
    return ImageInfo(image_format, width, height, orientation if orientation in range(1, 9) else 1, animated, complete)


_READERS: tuple[tuple[bytes, Callable[[Buffer], ImageInfo]], ...] = (
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"RIFF", _webp),
    (b"BM", _bmp),
)
