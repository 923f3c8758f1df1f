"""Label images: a mask for every number in them, whatever kind of image they are."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from drawn_masks import drawn, mask_of
from image_files import packed, png_of_rows
from masks_read import masks_in
from PIL import Image
from pixels import saved

from tfrecord_lite.errors import FeatureError
from tfrecord_lite.masks.mask import Mask


def test_every_label_of_an_image_has_its_mask_in_ascending_order() -> None:
    data = png_of_rows(3, 2, 8, 0, [b"\x07\x00\xff", b"\x07\x07\x00"])
    found = masks_in(data)
    assert list(found.items()) == [
        (0, Mask(2, 3, [2, 1, 2, 1])),
        (7, Mask(2, 3, [0, 2, 1, 1, 2])),
        (255, Mask(2, 3, [4, 1, 1])),
    ]


LABELS = [[0, 1, 1, 3], [2, 2, 1, 0]]


@pytest.mark.parametrize(
    ("data", "values"),
    [
        pytest.param(png_of_rows(4, 2, 1, 0, [b"\x60", b"\xe0"]), {0, 1}, id="gray, 1 bit"),
        pytest.param(png_of_rows(4, 2, 2, 0, [packed(row, 2) for row in LABELS]), {0, 1, 2, 3}, id="gray, 2 bits"),
        pytest.param(png_of_rows(4, 2, 4, 0, [packed(row, 4) for row in LABELS]), {0, 1, 2, 3}, id="gray, 4 bits"),
        pytest.param(png_of_rows(4, 2, 8, 0, [bytes(row) for row in LABELS]), {0, 1, 2, 3}, id="gray"),
        pytest.param(
            png_of_rows(4, 2, 16, 0, [struct.pack(">4H", *(v * 257 for v in row)) for row in LABELS]),
            {0, 257, 514, 771},
            id="gray, 16 bits",
        ),
        pytest.param(
            png_of_rows(4, 2, 16, 0, [struct.pack(">4H", *(v * 256 for v in row)) for row in LABELS]),
            {0, 256, 512, 768},
            id="gray, 16 bits, the high byte alone",
        ),
        pytest.param(
            png_of_rows(4, 2, 2, 3, [packed(row, 2) for row in LABELS], palette=bytes(12)), {0, 1, 2, 3}, id="palette"
        ),
        pytest.param(
            png_of_rows(4, 2, 8, 4, [bytes(b for v in row for b in (v, 9 - v)) for row in LABELS]),
            {0, 1, 2, 3},
            id="gray, alpha",
        ),
        pytest.param(
            png_of_rows(4, 2, 8, 2, [bytes(v for v in row for _ in "rgb") for row in LABELS]), {0, 1, 2, 3}, id="RGB"
        ),
        pytest.param(
            png_of_rows(4, 2, 8, 6, [bytes(b for v in row for b in (v, v, v, 9 - v)) for row in LABELS]),
            {0, 1, 2, 3},
            id="RGBA",
        ),
    ],
)
def test_labels_are_the_numbers_in_the_file(data: bytes, values: set[int]) -> None:
    found = masks_in(data)
    assert set(found) == values
    if len(values) == 4:
        shown = [sorted(values)[label] for row in zip(*LABELS, strict=True) for label in row]
        for value, mask in found.items():
            assert mask == mask_of(np.array([label == value for label in shown], np.uint8).reshape(4, 2).T)


def test_masks_by_value_equal_pycocotools() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        wide = seed % 2 == 1
        low = drawn(seed).astype(np.uint16)
        labels = low * rng.integers(1, 65_535 if wide else 255) + np.roll(low, 1)
        stored = labels.astype(">u2") if wide else labels.astype(np.uint8)
        data = png_of_rows(labels.shape[1], labels.shape[0], 16 if wide else 8, 0, [row.tobytes() for row in stored])
        found = masks_in(data)
        assert list(found) == np.unique(stored).tolist()
        for value, mask in found.items():
            assert mask == mask_of((stored == value).astype(np.uint8))
        assert sum(mask.area for mask in found.values()) == labels.size


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (png_of_rows(1, 1, 8, 2, [b"\1\2\3"]), "an image of colours, expected labels: one whole number a pixel."),
        (png_of_rows(1, 1, 8, 6, [b"\1\1\3\0"]), "an image of colours, expected labels: one whole number a pixel."),
        (saved(Image.new("F", (2, 2)), "TIFF"), "an image of mode F, expected labels: one whole number a pixel."),
        (saved(Image.new("I", (2, 2), 65_536), "TIFF"), "a label that is no 16-bit number, expected 0 to 65535."),
        (saved(Image.new("I", (2, 2), -1), "TIFF"), "a label that is no 16-bit number, expected 0 to 65535."),
    ],
    ids=["RGB", "RGBA", "floats", "too large", "negative"],
)
def test_an_image_of_something_else_holds_no_labels(data: bytes, problem: str) -> None:
    with pytest.raises(FeatureError) as caught:
        masks_in(data)
    assert str(caught.value) == f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}"
