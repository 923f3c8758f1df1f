"""What all records of an input may cost together: an error that names the budget, and never for honest data."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import Record, checkered, claimed, file_of, gray_png, masked, polygons, saved, video
from measured import converted, linux
from PIL import Image, ImageDraw
from record_files import write
from tfrecords import detection, ints, texts

from tfrecord_lite import ExhaustedError, budgets, convert, inspect, preview, validate, verify
from tfrecord_lite.errors import Location
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.from_pixels import mask_from_image
from tfrecord_lite.masks.polygons import trace

A_BYTE = {kind: more for kind, (_, more) in budgets.OF_INPUT.items()}
SIZE = (64, 48)
FILLED = gray_png(*SIZE, 8, b"\1")
PICTURE = saved(Image.new("L", SIZE, 9), "PNG")


def framed() -> bytes:
    """A mask with four corners."""
    image = Image.new("L", SIZE)
    image.paste(1, (8, 8, 40, 40))
    return saved(image, "PNG")


KINDS: dict[str, tuple[Callable[[], Record], int]] = {
    budgets.PIXELS: (lambda: masked(SIZE, FILLED, FILLED), 2 * 64 * 48),
    budgets.RUNS: (lambda: masked(SIZE, FILLED), 2),
    budgets.CORNERS: (lambda: masked(SIZE, framed()), 4),
    budgets.COLUMNS: (lambda: polygons(500, 1), 1000),
    budgets.VIDEOS: (lambda: video(1, PICTURE), 1),
}
"""A record that costs as much of one kind of work."""


def allow(patch: pytest.MonkeyPatch, unit: str, base: int, a_byte: int = 0) -> None:
    """Makes a budget small enough for a test."""
    patch.setitem(budgets.OF_INPUT, unit, (base, a_byte))


LABELS = {
    "a label image": (("image/segmentation/class/encoded",), 5),
    "a panoptic image": (("image/panoptic/category_mask", "image/panoptic/instance_mask"), 17),
}
"""Keys of label images, and how many pixels one of theirs costs."""


@pytest.mark.parametrize("name", LABELS)
def test_label_images_cost_more_than_their_decoding(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, weight = LABELS[name]
    path = write(tmp_path / "x.tfrecord", detection("a.png", SIZE, image=PICTURE) | dict.fromkeys(keys, texts(FILLED)))
    allow(monkeypatch, budgets.PIXELS, weight * 64 * 48)
    convert(path, tmp_path / "out")
    allow(monkeypatch, budgets.PIXELS, weight * 64 * 48 - 1)
    with pytest.raises(ExhaustedError):
        convert(path, tmp_path / "more")


@pytest.mark.parametrize("unit", KINDS)
def test_what_all_records_take_is_bounded(unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, cost = KINDS[unit]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(file_of(make()) * 3)
    offset = 2 * path.stat().st_size // 3
    allow(monkeypatch, unit, 3 * cost)
    assert convert(path, tmp_path / "all").images == 3
    allow(monkeypatch, unit, 3 * cost - 1)
    with pytest.raises(ExhaustedError) as caught:
        convert(path, tmp_path / "out", on_error="skip")  # which skips records, and no more
    most, size = 3 * cost - 1, path.stat().st_size
    assert str(caught.value) == (
        f"{path}: record 2 at byte {offset}: the records so far take {3 * cost} {unit}, "
        f"the budget of an input of {size} bytes is {most}: {most}, and 0 a byte. "
        "Convert it in several calls, if you trust where it comes from"
    )
    assert not (tmp_path / "out").exists()


def test_keys_are_looked_at_once_for_all_records_that_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(first: int) -> dict[str, bytes]:
        few = detection("a.png", SIZE, image=PICTURE)
        return few | {f"own{number}": ints(1) for number in range(first, first + 101 - len(few))}

    path = write(tmp_path / "x.tfrecord", *[record(0)] * 3)
    allow(monkeypatch, budgets.KEYS, 1)
    assert convert(path, tmp_path / "out").images == 3
    write(path, record(0), record(1000), record(0))
    with pytest.raises(ExhaustedError, match="take 2 features beyond a hundred a record"):
        convert(path, tmp_path / "more")


@pytest.mark.parametrize("count", [1100, 500])
def test_records_that_compression_makes_of_nothing_have_an_end(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(gzip.compress(file_of(detection("a.png", SIZE, image=PICTURE)) * count))
    allow(monkeypatch, budgets.COMPRESSED, count)
    assert convert(path, tmp_path / "out", write_images=False).images == count
    assert next(iter(verify(path))).records == count
    allow(monkeypatch, budgets.COMPRESSED, count - 1)
    with pytest.raises(ExhaustedError, match="records in compressed files"):
        convert(path, tmp_path / "more", on_error="skip")
    with pytest.raises(ExhaustedError, match="records in compressed files"):
        next(iter(verify(path)))


def test_what_compressed_files_inflate_to_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, content = tmp_path / "x.tfrecord", file_of(detection("a.png", SIZE, image=PICTURE))
    path.write_bytes(gzip.compress(content) * 3)
    allow(monkeypatch, budgets.INFLATED, 3 * len(content))
    assert convert(path, tmp_path / "out").images == 3
    assert next(iter(verify(path))).records == 3
    allow(monkeypatch, budgets.INFLATED, 3 * len(content) - 1)
    with pytest.raises(ExhaustedError, match="bytes inflated from compressed files"):
        convert(path, tmp_path / "more", on_error="skip")
    with pytest.raises(ExhaustedError, match="bytes inflated from compressed files"):
        next(iter(verify(path)))


def test_what_a_byte_allows_grows_with_the_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(file_of(masked(SIZE, FILLED)) * 3)
    a_byte = -(-3 * 64 * 48 // path.stat().st_size)
    allow(monkeypatch, budgets.PIXELS, 0, a_byte)
    assert convert(path, tmp_path / "out").annotations == 3
    allow(monkeypatch, budgets.PIXELS, 0, a_byte - 1)
    with pytest.raises(ExhaustedError):
        convert(path, tmp_path / "more")


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_is_summed_up_over_files_and_workers(jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfrecord_lite.pipeline.conversion.read_splits._Run._is_worth_workers", lambda *_: True)
    for name in ("train", "val", "test"):
        (tmp_path / f"{name}.tfrecord").write_bytes(file_of(masked(SIZE, FILLED)))
    allow(monkeypatch, budgets.PIXELS, 3 * 64 * 48)
    assert convert(tmp_path, tmp_path / "out", jobs=jobs).images == 3
    allow(monkeypatch, budgets.PIXELS, 3 * 64 * 48 - 1)
    with pytest.raises(ExhaustedError, match="the records so far take 9216 decoded pixels"):
        convert(tmp_path, tmp_path / "more", jobs=jobs, overwrite=True)


def test_the_advice_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("train", "val"):
        (tmp_path / f"{name}.tfrecord").write_bytes(file_of(masked(SIZE, FILLED)))
    allow(monkeypatch, budgets.PIXELS, 64 * 48)
    with pytest.raises(ExhaustedError, match="Convert it in several calls"):
        convert(tmp_path, tmp_path / "out")
    for name in ("train", "val"):
        convert(tmp_path / f"{name}.tfrecord", tmp_path / "out")
    assert len(list((tmp_path / "out" / "annotations").iterdir())) == 2


def test_images_that_are_only_checked_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(
        tmp_path / "x.tfrecord", detection("a.png", SIZE, image=PICTURE), detection("b.png", SIZE, image=PICTURE)
    )
    allow(monkeypatch, budgets.PIXELS, 64 * 48)
    with pytest.raises(ExhaustedError, match="record 1 at byte"):
        convert(path, tmp_path / "out", verify_images=True)
    with pytest.raises(ExhaustedError, match="record 1 at byte"):
        preview(path, tmp_path / "sheet.png")
    inspect(path)  # which looks at headers alone
    with pytest.raises(ExhaustedError):
        inspect(path, verify_images=True)


def test_pictures_beside_records_are_part_of_the_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, root = tmp_path / "x.tfrecord", tmp_path / "pictures"
    write(path, detection("a.png", SIZE, drop=["image/encoded"]))
    root.mkdir()
    (root / "a.png").write_bytes(PICTURE)
    a_byte = -(-64 * 48 // (len(PICTURE) + path.stat().st_size))
    allow(monkeypatch, budgets.PIXELS, 0, a_byte)
    convert(path, tmp_path / "out", image_root=root, verify_images=True)
    allow(monkeypatch, budgets.PIXELS, 0, a_byte - 1)
    with pytest.raises(ExhaustedError):
        convert(path, tmp_path / "more", image_root=root, verify_images=True)


def test_pictures_of_a_coco_file_are_part_of_the_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.tfrecord", detection("a.png", SIZE, image=PICTURE))
    convert(path, tmp_path / "out")
    images = tmp_path / "out" / "images" / "x"
    file = tmp_path / "out" / "annotations" / "instances_x.json"
    a_byte = -(-64 * 48 // (len(PICTURE) + file.stat().st_size))
    allow(monkeypatch, budgets.PIXELS, 0, a_byte)
    validate(file, images=images)
    allow(monkeypatch, budgets.PIXELS, 0, a_byte - 1)
    with pytest.raises(ExhaustedError):
        validate(file, images=images)


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are made in another way there")
def test_a_pipe_is_as_large_as_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = file_of(masked(SIZE, FILLED)) * 3
    for a_byte, is_enough in ((-(-3 * 64 * 48 // len(content)), True), (1, False)):
        pipe = tmp_path / f"{a_byte}.tfrecord"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        allow(monkeypatch, budgets.PIXELS, 0, a_byte)
        if is_enough:
            assert convert(pipe, tmp_path / "out").images == 3
        else:
            with pytest.raises(ExhaustedError):
                convert(pipe, tmp_path / "more")
        writer.join()


def test_a_round_outline_has_fewer_corners_than_bytes() -> None:
    png = outline((1000, 1000), (50, 50, 950, 950), "1")
    where = Location("x", 0, 0)
    mask = mask_from_image(png, read_image_info(png, where, "mask"), where, "mask")
    assert sum(map(len, trace(mask))) // 2 <= A_BYTE[budgets.CORNERS] * len(png)
    assert len(mask.counts) <= A_BYTE[budgets.RUNS] * len(png)


def outline(size: tuple[int, int], box: tuple[int, int, int, int], mode: str) -> bytes:
    """The mask of an ellipse, as writers save it."""
    image = Image.new(mode, size)
    ImageDraw.Draw(image).ellipse(box, fill=1)
    return saved(image, "PNG")


HONEST = {
    "a large object in 1000 x 1000": (outline((1000, 1000), (50, 50, 950, 950), "L"), 1),
    "a small object in 1000 x 1000": (outline((1000, 1000), (500, 500, 540, 540), "L"), 1),
    "a small object in 4K": (outline((3840, 2160), (500, 500, 600, 600), "L"), 1),
    "a large object of one bit": (outline((1000, 1000), (50, 50, 950, 950), "1"), 2),
}
"""Masks without a byte of anything else; and how many pixels count as one."""


@pytest.mark.parametrize("name", HONEST)
def test_masks_of_objects_stay_within_what_a_byte_allows(name: str) -> None:
    png, counted_as_one = HONEST[name]
    pixels = Image.open(io.BytesIO(png)).size
    assert pixels[0] * pixels[1] // counted_as_one <= A_BYTE[budgets.PIXELS] * len(png)


def test_no_gray_png_of_eight_bits_goes_beyond_what_a_byte_allows() -> None:
    size = 50_000_000
    assert size < 1.01 * A_BYTE[budgets.PIXELS] * len(zlib.compress(bytes(size), 9))


def test_three_hundred_masks_of_one_bit_beside_an_image_are_within_the_budget() -> None:
    small = outline((1000, 1000), (500, 500, 540, 540), "1")
    record = len(claimed(1000, 1000)) + 100_000 + 300 * (len(small) + 50)  # the image, masks, boxes and classes
    assert A_BYTE[budgets.PIXELS] * record >= 300 * 1000 * 1000 // 2


HOSTILE: dict[str, tuple[Callable[[], bytes], list[str], str]] = {
    "masks of one bit": (
        lambda: file_of(masked((5000, 4000), *[gray_png(5000, 4000, 1, b"\0")] * 50)) * 12,
        [],
        budgets.PIXELS,
    ),
    "masks of single pixels": (lambda: file_of(checkered(180, 50)) * 100, ["--masks", "rle"], budgets.RUNS),
    "wide triangles": (lambda: file_of(polygons(250_000, 7)) * 40, ["--masks", "rle"], budgets.COLUMNS),
    "gzip of gigabytes": (
        lambda: gzip.compress(file_of(masked(SIZE, FILLED) | {"own": texts(bytes(20_000_000))})) * 130,
        [],
        budgets.INFLATED,
    ),
    "masks as WebP": (
        lambda: file_of(masked((3000, 3000), *[saved(Image.new("L", (3000, 3000), 1), "WEBP", lossless=True)] * 20)),
        [],
        budgets.PIXELS,
    ),
}
"""Files of at most some MB that would take many seconds, with options, and the budget that they go beyond."""


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_would_take_long_end_within_the_promise(name: str, tmp_path: Path) -> None:
    make, options, unit = HOSTILE[name]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(make())
    status, said = converted(path, tmp_path / "out", options)
    assert status == 1
    assert f"{unit}, the budget of an input of {path.stat().st_size} bytes is " in said
