"""Masks of single objects as images: every kind of PNG, to every kind of segmentation, with the same pixels."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_files import png_of_rows
from masked_objects import (
    MASK,
    MASKS,
    MASKS_DRAWN,
    SIZE,
    Pixels,
    assert_pixels,
    drawn,
    gray,
    kind_of,
    record,
    with_masks,
)
from PIL import Image
from pixels import as_png, box_of, decoded
from tfrecords import detection, floats, ints, shard, texts

from tfrecord_lite import RejectedInputError, UsageError, convert
from tfrecord_lite.commands.cli import main

Convert = Callable[..., Any]
Write = Callable[..., str]


def with_palette(mask: Pixels) -> bytes:
    """A palette PNG that is black on black: only the indices tell."""
    image = Image.fromarray(mask * np.uint8(3)).convert("L")
    indexed = Image.frombytes("P", image.size, image.tobytes())
    indexed.putpalette([0, 0, 0] * 4)
    return as_png(indexed)


ENCODERS: dict[str, Callable[[Pixels], bytes]] = {
    "1 bit": lambda mask: as_png(Image.fromarray(mask * np.uint8(255)).convert("1")),
    "8 bits, 0 and 1": lambda mask: gray(mask, 1),
    "8 bits, 0 and 255": gray,
    "palette": with_palette,
    "16 bits": lambda mask: as_png(Image.fromarray(mask.astype(np.uint16))),
    "16 bits, the high byte": lambda mask: as_png(Image.fromarray(mask.astype(np.uint16) << 8)),
    "gray and alpha": lambda mask: as_png(Image.fromarray(np.dstack([mask, 255 - mask]))),
    "RGBA": lambda mask: as_png(Image.fromarray(np.dstack([0 * mask, mask, 0 * mask, 255 - mask * 200]))),
}


# --------------------------------------------------------------------------------------------- encoded images
@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
@pytest.mark.parametrize("masks", MASKS)
def test_every_kind_of_png_comes_out_as_the_same_pixels(
    encode: Callable[[Pixels], bytes], masks: str, converted: Convert
) -> None:
    assert_pixels(converted(with_masks(MASKS_DRAWN, encode), masks=masks, strict=True), MASKS_DRAWN)


@given(st.integers(1, 12), st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=40)
def test_any_mask_of_any_size_comes_back(width: int, height: int, data: st.DataObject) -> None:
    bits = data.draw(st.lists(st.integers(0, 1), min_size=width * height, max_size=width * height).filter(any))
    mask = np.array(bits, np.uint8).reshape(height, width)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.tfrecord"
        path.write_bytes(shard(with_masks([mask])))
        for masks in ("polygon", "rle"):
            convert(path, Path(folder) / f"{masks}.json", masks=masks)
            (annotation,) = json.loads((Path(folder) / f"{masks}.json").read_text())["annotations"]
            assert np.array_equal(decoded(annotation["segmentation"], (width, height)), mask), masks


def test_several_records_of_different_sizes_keep_their_own(converted: Convert) -> None:
    small, large = drawn(4, (31, 17)), drawn(5, (130, 90))
    coco = converted(
        record([small], "a.jpg", **{MASK: texts(gray(small))}), record([large], "b.jpg", **{MASK: texts(gray(large))})
    ).coco
    first, second = coco["annotations"]
    assert np.array_equal(decoded(first["segmentation"], (31, 17)), small)
    assert np.array_equal(decoded(second["segmentation"], (130, 90)), large)


def test_a_mask_in_jpeg_is_read_as_trainers_read_it_and_told(converted: Convert) -> None:
    mask = drawn(4, (64, 48))
    target = io.BytesIO()
    Image.fromarray(mask * np.uint8(255)).save(target, "JPEG")
    done = converted(record([mask], "a.jpg", **{MASK: texts(target.getvalue())}))
    above = np.asarray(Image.open(target)) > 0
    assert np.array_equal(decoded(done.coco["annotations"][0]["segmentation"], (64, 48)), above)
    assert done.report["warnings"]["mask-lossy"]["count"] == 1


def test_an_empty_entry_is_an_object_without_a_mask(converted: Convert) -> None:
    # Datumaro and CVAT write them: datumaro plugins/data_formats/tf_detection_api/exporter.py.
    first, second, third = MASKS_DRAWN
    done = converted(record(MASKS_DRAWN, **{MASK: texts(gray(first), b"", gray(third))}), strict=True)
    one, two, three = done.coco["annotations"]
    assert two["segmentation"] == []
    x0, y0, x1, y1 = box_of(second)
    assert (two["bbox"], two["area"]) == ([x0, y0, x1 - x0, y1 - y0], (x1 - x0) * (y1 - y0))
    assert np.array_equal(decoded(one["segmentation"], SIZE), first)
    assert np.array_equal(decoded(three["segmentation"], SIZE), third)


@pytest.mark.parametrize("empty", [texts(), floats(), ints(), b""], ids=["bytes", "float", "int64", "no kind"])
def test_a_list_of_no_masks_is_no_masks(empty: bytes, converted: Convert) -> None:
    done = converted(record(MASKS_DRAWN, **{MASK: empty}), strict=True)
    assert [annotation["segmentation"] for annotation in done.coco["annotations"]] == [[], [], []]


def test_a_mask_without_a_pixel_is_none_and_is_reported(converted: Convert) -> None:
    done = converted(record(MASKS_DRAWN[:1], **{MASK: texts(gray(0 * MASKS_DRAWN[0]))}))
    (annotation,) = done.coco["annotations"]
    _, _, width, height = annotation["bbox"]
    assert (annotation["segmentation"], annotation["area"]) == ([], width * height)
    assert done.report["warnings"]["mask-empty"]["count"] == 1
    assert "object 0" in done.report["warnings"]["mask-empty"]["first"]


def test_a_mask_that_its_writer_marks_as_invalid_is_left_out(converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/mask/weight": floats(1, 0, 1)}))
    assert [kind_of(annotation) for annotation in done.coco["annotations"]] == ["polygon", "none", "polygon"]


@pytest.mark.parametrize("weights", [(0,), (1, 1), (1, 1, 1, 0)])
def test_marks_that_are_not_one_an_object_are_an_error(weights: Sequence[float], converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="image/object/mask/weight"):
        converted(with_masks(MASKS_DRAWN, **{"image/object/mask/weight": floats(*weights)}))


# --------------------------------------------------------------------------------------------------- sizes
@pytest.mark.parametrize("masks", MASKS)
def test_a_mask_of_another_size_than_its_image_is_an_error_and_never_resized(masks: str, converted: Convert) -> None:
    other = [MASKS_DRAWN[0], np.ones((24, 32), np.uint8), MASKS_DRAWN[2]]
    features = record(MASKS_DRAWN, **{MASK: texts(*map(gray, other))})
    with pytest.raises(RejectedInputError) as caught:
        converted(features, masks=masks)
    assert caught.value.count == 1
    assert "image/object/mask: the mask of object 1 has 32x24 pixels, the image has 64x48" in str(caught.value)

    done = converted(features, masks=masks, on_error="skip")
    assert [kind_of(annotation) == "none" for annotation in done.coco["annotations"]] == [False, True, False]
    assert (done.report["dropped_annotations"], done.report["problems"]["count"]) == (0, 1)


@pytest.mark.parametrize("wrong", [1, 3])
def test_masks_of_another_size_are_reported_once_a_record_and_the_advice_works(
    wrong: int, tmp_path: Path, record_file: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    blobs = [gray(np.ones((24, 32), np.uint8) if n < wrong else mask) for n, mask in enumerate(MASKS_DRAWN)]
    path = record_file(record(MASKS_DRAWN, **{MASK: texts(*blobs)}), record(MASKS_DRAWN))
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert len(rest) == 1  # that nothing was published
    assert ("2 more masks" in first) == (wrong == 3)
    advices = re.findall(r"--masks none|--on-error=skip", first)
    assert len(advices) == 2
    for number, advice in enumerate(advices):
        assert main(["convert", path, "-o", str(tmp_path / str(number)), "-q", *re.split("[ =]", advice)]) == 0
        coco = json.loads((tmp_path / str(number) / "annotations/instances_x.json").read_text())
        assert len(coco["annotations"]) == 6


def test_a_mask_of_another_size_is_refused_by_its_header_and_never_decoded(converted: Convert) -> None:
    claim = png_of_rows(11_585, 11_585, 8, 0, [])  # a header, and no pixels that could be decoded
    with pytest.raises(RejectedInputError, match="mask of object 1 has 11585x11585 pixels, the image has 64x48"):
        converted(record(MASKS_DRAWN, **{MASK: texts(gray(MASKS_DRAWN[0]), claim, gray(MASKS_DRAWN[2]))}))


def test_the_size_that_counts_is_the_image_s_and_not_the_declared_one(converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/width": ints(1), "image/height": ints(1)}))
    assert_pixels(done, MASKS_DRAWN)


def test_where_no_record_has_an_image_the_declared_size_counts(converted: Convert) -> None:
    features = with_masks(MASKS_DRAWN)
    del features["image/encoded"]
    assert_pixels(converted(features), MASKS_DRAWN)


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        pytest.param(b"this is no image", "the image starts with 74 68 69 73", id="text"),
        pytest.param(gray(MASKS_DRAWN[0])[:60], "cannot be decoded", id="cut"),
        pytest.param(gray(MASKS_DRAWN[0]).replace(b"IDAT", b"IDAR"), "cannot be decoded", id="no data"),
    ],
)
def test_a_mask_that_cannot_be_decoded_costs_nothing_but_itself(blob: bytes, reason: str, converted: Convert) -> None:
    features = record(MASKS_DRAWN, **{MASK: texts(gray(MASKS_DRAWN[0]), blob, gray(MASKS_DRAWN[2]))})
    with pytest.raises(RejectedInputError, match=reason) as caught:
        converted(features)
    assert "record 0 at byte 0" in str(caught.value)
    assert MASK in str(caught.value)
    done = converted(features, on_error="skip")
    assert [kind_of(annotation) for annotation in done.coco["annotations"]] == ["polygon", "none", "polygon"]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_masks_that_are_not_one_an_object_are_an_error(count: int, converted: Convert) -> None:
    features = record(MASKS_DRAWN, **{MASK: texts(*[gray(MASKS_DRAWN[0])] * count)})
    with pytest.raises(RejectedInputError, match=f"{count} masks for 3 boxes"):
        converted(features)


# -------------------------------------------------------------------------------------------- kinds of masks
@pytest.mark.parametrize(
    ("masks", "kinds"),
    [
        ("coco", ["polygon", "rle-uncompressed", "polygon"]),
        ("polygon", ["polygon", "polygon", "polygon"]),
        ("rle", ["rle", "rle", "rle"]),
        ("rle-uncompressed", ["rle-uncompressed"] * 3),
        ("none", ["none"] * 3),
    ],
)
def test_masks_are_written_in_the_kind_that_was_asked_for(masks: str, kinds: list[str], converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(0, 1, 0)}), masks=masks)
    assert [kind_of(annotation) for annotation in done.coco["annotations"]] == kinds
    assert [annotation["iscrowd"] for annotation in done.coco["annotations"]] == [0, 1, 0]
    if masks != "none":
        assert_pixels(done, MASKS_DRAWN)


def test_the_default_kind_is_coco(converted: Convert) -> None:
    features = with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(0, 1, 0)})
    assert converted(features).coco == converted(features, masks="coco").coco


def test_a_kind_that_does_not_exist_is_a_usage_error(converted: Convert) -> None:
    with pytest.raises(UsageError, match="masks"):
        converted(with_masks(MASKS_DRAWN), masks="bitmap")


@pytest.mark.parametrize("masks", MASKS)
def test_run_lengths_have_their_size_as_height_and_width_and_strings_are_text(masks: str, converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(1, 1, 1)}), masks=masks)
    for annotation in done.coco["annotations"]:
        if isinstance(annotation["segmentation"], dict):
            assert annotation["segmentation"]["size"] == [48, 64]
            assert type(annotation["segmentation"]["counts"]) in (str, list)


def test_without_masks_not_even_damaged_ones_are_looked_at(converted: Convert) -> None:
    features = record(MASKS_DRAWN, **{MASK: texts(b"no", b"image", b"here")})
    assert len(converted(features, masks="none", strict=True).coco["annotations"]) == 3


# --------------------------------------------------------------------------------------------- area and box
@pytest.mark.parametrize("masks", MASKS)
def test_the_area_is_that_of_the_pixels_where_the_record_has_none(masks: str, converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN), masks=masks)
    assert [annotation["area"] for annotation in done.coco["annotations"]] == [int(mask.sum()) for mask in MASKS_DRAWN]


def test_the_area_of_the_record_goes_before_that_of_the_pixels(converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/area": floats(702.1057, 5, 0)}))
    areas = [annotation["area"] for annotation in done.coco["annotations"]]
    assert areas == [702.1057, 5, int(MASKS_DRAWN[2].sum())]


def test_the_kind_of_masks_changes_nothing_else_of_an_annotation(converted: Convert) -> None:
    features = with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(0, 1, 0)})
    others = [
        [{k: v for k, v in annotation.items() if k != "segmentation"} for annotation in done.coco["annotations"]]
        for done in (converted(features, masks=masks) for masks in MASKS)
    ]
    assert all(each == others[0] for each in others)


# ----------------------------------------------------------------------------- masks with classes of their own
def test_masks_with_classes_of_their_own_are_objects_of_their_own(converted: Convert) -> None:
    features = record(
        MASKS_DRAWN[:1],
        **{MASK: texts(*map(gray, MASKS_DRAWN[1:])), "image/object/mask/class/label": ints(5, 6)},
    )
    box, *lone = converted(features).coco["annotations"]
    assert (box["category_id"], box["segmentation"]) == (1, [])
    for annotation, mask, number in zip(lone, MASKS_DRAWN[1:], (5, 6), strict=True):
        x0, y0, x1, y1 = box_of(mask)
        assert annotation["category_id"] == number
        assert annotation["bbox"] == [x0, y0, x1 - x0, y1 - y0]
        assert annotation["area"] == mask.sum()
        assert np.array_equal(decoded(annotation["segmentation"], SIZE), mask)


def test_masks_with_classes_need_no_boxes(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, **{MASK: texts(*map(gray, MASKS_DRAWN))})
    features["image/object/mask/class/text"] = texts("cat", "dog", "cat")
    done = converted(features)
    names = {category["id"]: category["name"] for category in done.coco["categories"]}
    assert [names[annotation["category_id"]] for annotation in done.coco["annotations"]] == ["cat", "dog", "cat"]
    assert_pixels(done, MASKS_DRAWN)


def test_masks_and_boxes_of_the_same_classes_are_the_same_objects(converted: Convert) -> None:
    """As many masks as boxes, of the same classes in the same order: nobody annotated everything twice."""
    features = with_masks(MASKS_DRAWN, **{"image/object/mask/class/label": ints(1, 1, 1)})
    assert_pixels(converted(features), MASKS_DRAWN)


def test_an_empty_list_of_classes_of_masks_is_as_good_as_absent(converted: Convert) -> None:
    assert_pixels(converted(with_masks(MASKS_DRAWN, **{"image/object/mask/class/label": ints()})), MASKS_DRAWN)


def test_without_masks_objects_that_are_only_masks_are_not_lost_silently(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, **{MASK: texts(*map(gray, MASKS_DRAWN))})
    features["image/object/mask/class/label"] = ints(5, 6, 5)
    done = converted(features, masks="none")
    told = {**done.report["keys_not_carried_over"], **done.report["warnings"]}
    assert len(done.coco["annotations"]) == 3 or told


def test_masks_in_a_record_without_boxes_and_classes_are_not_lost_silently(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, drop=["image/object/class/label"], **{MASK: texts(*map(gray, MASKS_DRAWN))})
    done = converted(features, on_error="skip")
    told = done.report["problems"]["count"] or done.report["warnings"] or done.report["keys_not_carried_over"]
    assert len(done.coco["annotations"]) == 3 or told
