"""Image files byte by byte, from their specifications, for what no encoder writes; and as Pillow encodes them.

picture, encoded                         a picture that does not compress to nothing, and a file of it
exif_block                               the directory that says how a picture is turned
segment, frame, jpeg                     JPEG
chunk, png, packed, png_of_rows          PNG: header and chunks; every pixel as told
bmp, gif_frame, gif, riff                BMP, GIF, WebP
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image

Image.init()
RARE = ["tiff", "ppm", "jpeg2000", *(["avif"] if "AVIF" in Image.SAVE else [])]  # Pillow has AVIF since 11.3
OWN = ["jpeg", "png", "gif", "bmp", "webp"]


def picture(width: int = 32, height: int = 24, mode: str = "RGB") -> Image.Image:
    """A picture that does not compress to nothing."""
    noise = random.Random(width * height).randbytes(width * height * 3)
    return Image.frombytes("RGB", (width, height), noise).convert(mode)


def encoded(image_format: str, width: int = 32, height: int = 24, mode: str = "RGB", **options: Any) -> bytes:
    """The picture as Pillow encodes it."""
    out = io.BytesIO()
    picture(width, height, mode).save(out, image_format, **options)
    return out.getvalue()


def exif_block(orientation: int, order: str = "<", kind: int = 3) -> bytes:
    """A TIFF header and directory, by hand: Exif 2.3, section 4.5."""
    value = struct.pack(f"{order}I", orientation) if kind == 4 else struct.pack(f"{order}HH", orientation, 0)
    directory = struct.pack(f"{order}H", 3)
    for tag in (0x0100, 0x0101):
        directory += struct.pack(f"{order}HHII", tag, 4, 1, 77)
    directory += struct.pack(f"{order}HHI", 0x0112, kind, 1) + value + bytes(4)
    return {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8) + directory


def segment(code: int, content: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(content) + 2) + content


def frame(code: int, width: int, height: int, components: int = 3, bits: int = 8) -> bytes:
    parts = b"".join(bytes([number, 0x11, 0]) for number in range(components))
    return segment(code, struct.pack(">BHHB", bits, height, width, components) + parts)


SCAN = segment(0xDA, b"\3" + bytes(9)) + b"\x12\x34\xff\x00\x56"  # a scan of three components, a few coded bytes


def jpeg(*segments: bytes, end: bytes = b"\xff\xd9") -> bytes:
    return b"\xff\xd8" + b"".join(segments) + SCAN + end


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, end: bytes | None = None) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    body = b"".join(chunks) + chunk(b"IDAT", zlib.compress(bytes(99)))
    return b"\x89PNG\r\n\x1a\n" + header + body + (chunk(b"IEND", b"") if end is None else end)


def bmp(width: int, height: int, *, header: int = 40, bits: int = 24, compression: int = 0, size: int = 0) -> bytes:
    rows = bytes((width * bits + 31) // 32 * 4 * abs(height)) if not compression else bytes(size)
    if header == 12:
        details = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        details = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, size, 0, 0, 0, 0)
        details = details.ljust(header, b"\0")
    pixels = 14 + len(details)
    return b"BM" + struct.pack("<IHHI", pixels + len(rows), 0, 0, pixels) + details + rows


def gif_frame(width: int, height: int, left: int = 0, top: int = 0, data: bytes = b"\x02\x44\x01") -> bytes:
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\x02" + data + b"\0"


def gif(width: int, height: int, *blocks: bytes, end: bytes = b";") -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b"".join(blocks) + end


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    parts = (kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for kind, content in chunks)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png_of_rows(
    width: int, height: int, depth: int, colour: int, rows: list[bytes], *, palette: bytes = b"", trns: bytes = b""
) -> bytes:
    """A PNG by its specification (ISO/IEC 15948): no filter, no interlacing."""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
            chunk(b"PLTE", palette) if palette else b"",
            chunk(b"tRNS", trns) if trns else b"",
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
            chunk(b"IEND", b""),
        )
    )


def packed(values: list[int], depth: int) -> bytes:
    """Samples of 1, 2 or 4 bits in bytes, the first one highest, rows filled up with zeros."""
    bits = "".join(f"{value:0{depth}b}" for value in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
