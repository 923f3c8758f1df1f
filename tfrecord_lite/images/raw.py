"""Raw pixels -> an encoded image, for buffers that records hold without any format."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def raw_as_png(data: bytes, mode: str, size: tuple[int, int]) -> bytes:
    """Raw pixels, row by row, as a PNG. mode: Pillow's, ``L``, ``RGB`` or ``RGBA``; size: width and height."""
    png = BytesIO()
    Image.frombytes(mode, size, data).save(png, "PNG")
    return png.getvalue()
