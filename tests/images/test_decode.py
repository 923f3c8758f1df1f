"""Images that are decoded fully: what does not decode, and what would fill the memory."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import warnings
from typing import Any

import pytest
from image_files import (
    OWN,
    RARE,
    bmp,
    encoded,
    frame,
    gif,
    gif_frame,
    jpeg,
    png,
    riff,
)
from PIL import Image, ImageFile

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.decode import decode_fully

WHERE = Location("train.tfrecord", 17, 4096)
KEY = "image/encoded"


@pytest.mark.parametrize(
    ("image_format", "options"),
    [*((name, {}) for name in (*OWN, *RARE)), ("jpeg", {"progressive": True}), ("webp", {"lossless": True})],
)
def test_a_sound_image_decodes(image_format: str, options: dict[str, Any]) -> None:
    decode_fully(encoded(image_format, 300, 200, **options), WHERE, KEY)


def undecodable(data: bytes) -> str:
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        with pytest.raises(FeatureError) as caught:
            decode_fully(data, WHERE, KEY)
    assert leaked == []
    assert caught.value.where == WHERE
    assert caught.value.key == KEY
    assert str(caught.value).isprintable()
    return caught.value.problem


@pytest.mark.parametrize("image_format", [name for name in (*OWN, *RARE) if name != "avif"])
def test_a_cut_image_does_not_decode(image_format: str) -> None:
    data = encoded(image_format, 300, 200)
    text = undecodable(data[: len(data) * 2 // 3])
    assert re.search(r"image (cannot be decoded: 300 x 200 pixels|cannot be read as)", text)


def test_a_message_is_the_same_whenever_it_is_made() -> None:
    data = encoded("jpeg", 300, 200)
    texts = {undecodable(data[:size]) for size in range(170, 200)}
    assert not any(re.search("0x[0-9a-f]", text) for text in texts)


def test_a_damaged_png_does_not_decode() -> None:
    data = bytearray(encoded("png", 300, 200))
    data[len(data) // 2] ^= 0xFF
    assert "the image cannot be decoded: 300 x 200 pixels, png: " in undecodable(bytes(data))


def test_what_is_no_image_does_not_decode() -> None:
    assert "(an EPS or PostScript file?)" in undecodable(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")


OVER_BUDGET = re.compile(
    r"image/encoded: (?:the record|decoding the image \(\d+ x \d+ pixels, \w+\)) takes \d+ (?:decoded pixels|bytes of "
    r"memory), the budget of a record is \d+\. Leave --verify-images out for this input"
)


@pytest.mark.parametrize(
    "data", [png(65500, 65500), png(10_000, 9_500), gif(60_000, 60_000, gif_frame(60_000, 60_000)), bmp(1, 1, size=9)]
)
def test_an_image_that_would_fill_the_memory_is_refused(data: bytes) -> None:
    if data.startswith(b"BM"):
        data = data[:18] + struct.pack("<ii", 30_000, 30_000) + data[26:]
    assert OVER_BUDGET.fullmatch(undecodable(data))


@pytest.mark.parametrize(("width", "height", "refused"), [(3_300, 3_300, False), (3_400, 3_400, True)])
def test_a_webp_takes_more_memory_than_others(width: int, height: int, *, refused: bool) -> None:
    canvas = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    text = undecodable(riff((b"VP8X", canvas)))
    assert bool(OVER_BUDGET.fullmatch(text)) == refused
    assert (f"cannot be decoded: {width} x {height} pixels, webp: " in text) != refused


def test_a_progressive_jpeg_takes_more_memory_than_another() -> None:
    assert OVER_BUDGET.fullmatch(undecodable(jpeg(frame(0xC2, 6_500, 6_500))))
    assert "cannot be decoded: 6500 x 6500 pixels, jpeg: " in undecodable(jpeg(frame(0xC0, 6_500, 6_500)))


def large_photograph() -> bytes:
    out = io.BytesIO()
    Image.new("L", (12_000, 7_000)).save(out, "jpeg", quality=20)  # 84 megapixels
    return out.getvalue()


def test_a_large_photograph_is_decoded_all_the_same() -> None:
    data = large_photograph()
    decode_fully(data, WHERE, KEY)
    assert "cannot be decoded: 12000 x 7000" in undecodable(data[:-1000])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_photograph_is_never_held_whole() -> None:
    script = (
        "import sys\n"
        "from tfrecord_lite.errors import Location\n"
        "from tfrecord_lite.images.decode import decode_fully\n"
        "decode_fully(sys.stdin.buffer.read(), Location('f'), 'k')\n"
        "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=large_photograph(), check=True, capture_output=True)
    assert int(done.stdout) < 80_000  # kilobytes, of which Python and Pillow take half


@pytest.mark.parametrize("image_format", [*OWN, *RARE])
def test_only_the_decoder_of_the_format_is_asked(image_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Image, "open")
    asked: list[str] = []
    opened = ImageFile.ImageFile.__init__

    def watched(self: ImageFile.ImageFile, *args: Any) -> None:
        asked.append(str(self.format))
        opened(self, *args)

    monkeypatch.setattr(ImageFile.ImageFile, "__init__", watched)
    decode_fully(encoded(image_format, 64, 64), WHERE, KEY)
    assert set(asked) == {image_format.upper()}


def test_pillow_writes_nothing_to_the_terminal_by_itself() -> None:
    script = (
        "import sys\n"
        "from tfrecord_lite.errors import FeatureError, Location\n"
        "from tfrecord_lite.images.decode import decode_fully\n"
        "try:\n"
        "    decode_fully(sys.stdin.buffer.read(), Location('f'), 'k')\n"
        "except FeatureError as error:\n"
        "    print(error)\n"
    )
    entries = [(256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2), (277, 3, 1, 120)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    data = b"II*\0\x08\0\0\0" + directory  # 120 samples a pixel, which Pillow logs as an error
    done = subprocess.run([sys.executable, "-c", script], input=data, check=True, capture_output=True)
    assert done.stdout.startswith(b"f: k: the image cannot be decoded: 4 x 4 pixels, tiff: ")
    assert done.stderr == b""


def test_decoding_leaves_the_warnings_of_the_caller_alone() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        decode_fully(encoded("gif"), WHERE, KEY)
        assert list(warnings.filters) == before
