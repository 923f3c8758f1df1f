"""Panoptic label images of a whole record, held against numpy: segments, and which class is a thing."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_files import png_of_rows
from numbered_pixels import FORMAT, SEMANTIC, SIZE, Numbers, drawn, gray, raw, record
from PIL import Image
from pixels import as_png, box_of
from results import task, xywh
from tfrecords import floats, ints, png, texts

from tfrecord_lite import RejectedInputError
from tfrecord_lite.schemas.read import segmentation as label_images

Convert = Callable[..., Any]
Expected = dict[int, tuple[int, int, Numbers]]  # by a number of its own: class, iscrowd, pixels
CATEGORY, INSTANCE = "image/panoptic/category_mask", "image/panoptic/instance_mask"


# --------------------------------------------------------------------------------------------------- panoptic
def assert_panoptic(done: Any, expected: Mapping[str, Expected], things: Collection[int] | None = None) -> None:
    """The segments of every image: pixels from the PNG as the official tools read it, and what is said of them."""
    coco = task(done, "panoptic")
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    folder = done.folder / "annotations" / "panoptic_x"
    assert {names[entry["image_id"]] for entry in coco["annotations"]} == set(expected)
    categories = {category["id"]: category for category in coco["categories"]}
    for entry in coco["annotations"]:
        assert set(entry) == {"image_id", "file_name", "segments_info"}
        assert entry["file_name"] == str(Path(names[entry["image_id"]]).with_suffix(".png"))
        with Image.open(folder / entry["file_name"]) as image:
            assert (image.format, image.mode) == ("PNG", "RGB")
            colours = np.asarray(image).astype(np.int64)
        # rgb2id of cocodataset/panopticapi, panopticapi/utils.py
        found = colours[..., 0] + 256 * colours[..., 1] + 256 * 256 * colours[..., 2]
        segments = {segment["id"]: segment for segment in entry["segments_info"]}
        assert len(segments) == len(entry["segments_info"])
        assert set(np.unique(found).tolist()) - {0} == set(segments), "ids of the PNG and of the list are the same"
        wanted = list(expected[names[entry["image_id"]]].values())
        for number, segment in segments.items():
            pixels = found == number
            matches = [each for each in wanted if np.array_equal(each[2], pixels)]
            assert matches, f"no segment has the pixels of {segment}"
            category, crowd, _ = matches[0]
            assert segment == {
                "id": number,
                "category_id": category,
                "area": int(pixels.sum()),
                "bbox": xywh(box_of(pixels)),
                "iscrowd": crowd,
            }
            assert categories[segment["category_id"]]["isthing"] in (0, 1)
        assert len(segments) == len(wanted)
        covered = sum((each[2] for each in wanted), np.zeros(found.shape, np.int64))
        assert np.array_equal(found == 0, covered == 0), "what is no segment is 0"
    if things is not None:
        assert {number for number, category in categories.items() if category["isthing"]} == set(things)


def garden(category: Numbers, instance: Numbers, *, new_names: bool = False) -> dict[str, bytes]:
    """The Model Garden's two masks: official/vision/data/create_coco_tf_record.py, tf_example_feature_key.py."""
    if new_names:
        return {
            "image/panoptic/category/encoded": texts(gray(category)),
            "image/panoptic/category/format": texts("png"),
            "image/panoptic/instance/encoded": texts(gray(instance)),
            "image/panoptic/instance/format": texts("png"),
        }
    return {CATEGORY: texts(gray(category)), INSTANCE: texts(gray(instance))}


def scene(seed: int, segments: Sequence[tuple[int, int]]) -> tuple[Numbers, Numbers]:
    """Class and instance of each pixel; the first segment lies behind all others."""
    places = drawn(seed, range(len(segments)))
    categories, instances = (np.array(column)[places] for column in zip(*segments, strict=True))
    return categories, instances


def expected_of(category: Numbers, instance: Numbers, things: Collection[int], void: Collection[int]) -> Expected:
    """Segments by their definition: all pixels of one class and one instance."""
    pairs = sorted(set(zip(category.ravel().tolist(), instance.ravel().tolist(), strict=True)))
    return {
        number: (cls, int(cls in things and inst == 0), ((category == cls) & (instance == inst)).astype(np.int64))
        for number, (cls, inst) in enumerate(pairs)
        if cls not in void
    }


@pytest.mark.parametrize("new_names", [False, True])
def test_the_two_masks_of_the_model_garden_are_segments(new_names: bool, converted: Convert) -> None:
    masks = scene(1, [(0, 0), (92, 0), (1, 1), (1, 2), (18, 3), (200, 0), (255, 255)])
    done = converted(record(**garden(*masks, new_names=new_names)), strict=True)
    assert_panoptic(done, {"a.jpg": expected_of(*masks, {1, 18, 255}, {0})}, {1, 18, 255})
    assert done.report["panoptic"] == 6


def test_where_the_class_is_0_there_is_no_segment_whatever_the_instance_says(converted: Convert) -> None:
    masks = scene(2, [(0, 0), (0, 5), (1, 1)])
    done = converted(record(**garden(*masks)))
    assert_panoptic(done, {"a.jpg": expected_of(*masks, {1}, {0})}, {1})


def test_a_class_is_a_thing_as_soon_as_one_image_has_an_instance_of_it(converted: Convert) -> None:
    """And then what is no instance of it is a crowd, in the images before too."""
    first, second = scene(3, [(5, 0), (9, 0)]), scene(4, [(5, 2), (9, 0)])
    done = converted(record("a.jpg", **garden(*first)), record("b.jpg", **garden(*second)))
    expected = {"a.jpg": expected_of(*first, {5}, {0}), "b.jpg": expected_of(*second, {5}, {0})}
    assert_panoptic(done, expected, {5})


def test_the_semantic_mask_beside_panoptic_ones_has_numbers_of_its_own_and_is_left_aside(converted: Convert) -> None:
    masks = scene(5, [(92, 0), (1, 1)])
    done = converted(record(**garden(*masks), **{SEMANTIC: texts(gray(drawn(5, [1, 2])))}))
    assert not (done.folder / "annotations" / "stuff_x.json").exists()
    assert_panoptic(done, {"a.jpg": expected_of(*masks, {1}, {0})})


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        pytest.param({CATEGORY: texts(gray(drawn(1, [1, 2])))}, "missing", id="no instances"),
        pytest.param(
            garden(drawn(1, [1, 2], (20, 15)), drawn(1, [1, 2])), "20x15 pixels, the image has", id="size of classes"
        ),
        pytest.param(
            garden(drawn(1, [1, 2]), drawn(1, [1, 2], (20, 15))), "20x15 pixels, the image has", id="size of instances"
        ),
        pytest.param(
            garden(drawn(1, [1, 2]), drawn(1, [1, 2])) | {INSTANCE: texts(png_of_rows(11_585, 8_000, 8, 0, []))},
            "has 11585x8000 pixels, the image has",
            id="a claim that is not decoded",
        ),
        pytest.param(garden(drawn(1, [1, 300]), drawn(1, [1, 2])), "expected 8 bits", id="16 bits"),
        pytest.param(
            {CATEGORY: texts(b"x"), INSTANCE: texts(gray(drawn(1, [1])))}, "the image starts with 78", id="text"
        ),
    ],
)
def test_masks_that_cannot_be_put_together_are_an_error(
    features: dict[str, bytes], reason: str, converted: Convert
) -> None:
    with pytest.raises(RejectedInputError, match=reason):
        converted(record(**features))


def deeplab(category: Numbers, instance: Numbers, divisor: int) -> dict[str, bytes]:
    return {SEMANTIC: texts(raw(category * divisor + instance)), FORMAT: texts("raw")}


@pytest.mark.parametrize(
    ("divisor", "ignored", "segments", "things"),
    [
        (256, (0,), [(0, 0), (1, 1), (1, 2), (93, 0), (133, 255)], {1, 133}),
        (1000, (255,), [(255, 0), (11, 1), (11, 2), (11, 0), (7, 0), (1, 999)], {11, 1}),
        (1000, (0,), [(0, 0), (0, 7), (150, 0), (3, 5)], {3}),
        (65536, (255,), [(255, 0), (10, 4000), (2, 0)], {10}),
        (1, (), [(9, 0), (8, 0)], set()),
    ],
)
def test_the_raw_numbers_of_deeplab2_are_told_apart_by_the_divisor(
    divisor: int, ignored: Collection[int], segments: list[tuple[int, int]], things: set[int], converted: Convert
) -> None:
    masks = scene(6, segments)
    done = converted(record(**deeplab(*masks, divisor)), panoptic_divisor=divisor, ignored_labels=ignored)
    assert_panoptic(done, {"a.jpg": expected_of(*masks, things, ignored)}, things)


@pytest.mark.parametrize("at_once", [1, 100, 350])
def test_segments_are_read_in_pieces_without_a_seam(
    at_once: int, converted: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_images, "_PIXELS_AT_ONCE", at_once)
    masks = scene(6, [(255, 0), (11, 1), (11, 2), (11, 0), (7, 0), (1, 999), (0, 3)])
    done = converted(record(**deeplab(*masks, 1000)), panoptic_divisor=1000, ignored_labels=(0, 255))
    assert_panoptic(done, {"a.jpg": expected_of(*masks, {1, 11}, (0, 255))}, {1, 11})


def test_where_class_0_is_none_to_be_ignored_its_segments_are_there_and_all_ids_one_higher(converted: Convert) -> None:
    masks = scene(7, [(0, 0), (13, 1), (13, 2), (255, 0)])
    done = converted(record(**deeplab(*masks, 1000)), panoptic_divisor=1000, ignored_labels=(255,))
    expected = {
        number: (category + 1, crowd, pixels)
        for number, (category, crowd, pixels) in expected_of(*masks, {13}, {255}).items()
    }
    assert_panoptic(done, {"a.jpg": expected}, {14})


def test_raw_numbers_without_a_divisor_are_an_error_that_says_which_there_are(converted: Convert) -> None:
    masks = scene(8, [(1, 1), (2, 0)])
    with pytest.raises(RejectedInputError, match=r"panoptic_divisor.*256.*1000"):
        converted(record(**deeplab(*masks, 256)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (raw(drawn(1, [1, 2]))[:-1], "4799 bytes, expected 4800"),
        (raw(drawn(1, [1, 2])) + b"\0", "4801 bytes, expected 4800"),
        (raw(drawn(1, [1, -1])), "numbers from -1 to 1"),
        (raw(drawn(1, [1, 1 << 24])), "expected 0 to 16777215"),
    ],
    ids=["short", "long", "negative", "too large"],
)
def test_raw_numbers_that_no_png_can_hold_are_an_error(data: bytes, reason: str, converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match=reason):
        converted(record(**{SEMANTIC: texts(data), FORMAT: texts("raw")}), panoptic_divisor=256)


# ------------------------------------------------------------------------------------- TensorFlow Datasets' RGB
def tfds_record(numbers: Numbers, segments: Mapping[int, tuple[int, int]], **changes: bytes) -> dict[str, bytes]:
    """coco/2017_panoptic of tensorflow/datasets: object_detection/coco.py. segments: class (from 0) and iscrowd."""
    colours = np.dstack([numbers % 256, numbers // 256 % 256, numbers // 65536]).astype(np.uint8)
    return {
        "image": texts(png(*SIZE)),
        "image/filename": texts("a.png"),
        "image/id": ints(9),
        "objects/bbox": floats(0.1, 0.1, 0.5, 0.5),
        "objects/label": ints(3),
        "panoptic_image": texts(as_png(Image.fromarray(colours))),
        "panoptic_image/filename": texts("a.png"),
        "panoptic_objects/id": ints(*segments),
        "panoptic_objects/label": ints(*(label for label, _ in segments.values())),
        "panoptic_objects/is_crowd": ints(*(crowd for _, crowd in segments.values())),
        "panoptic_objects/area": ints(*(0 for _ in segments)),
        "panoptic_objects/bbox": floats(*[0.0] * 4 * len(segments)),
        **changes,
    }


def tfds_expected(numbers: Numbers, segments: Mapping[int, tuple[int, int]]) -> Expected:
    """Labels are indexes from 0, ids in COCO one higher."""
    return {
        number: (label + 1, crowd, (numbers == number).astype(np.int64)) for number, (label, crowd) in segments.items()
    }


SEGMENTS = {300: (0, 0), 5_000_000: (0, 0), 77: (17, 0), 65_536: (132, 0), (1 << 24) - 1: (90, 0)}


def test_the_colour_image_of_tensorflow_datasets_is_copied_segment_by_segment(converted: Convert) -> None:
    numbers = drawn(9, [0, *SEGMENTS])
    done = converted(tfds_record(numbers, SEGMENTS))
    assert_panoptic(done, {"a.png": tfds_expected(numbers, SEGMENTS)})


def test_a_crowd_of_tensorflow_datasets_is_a_crowd_though_its_class_has_no_other_segment(converted: Convert) -> None:
    segments = {300: (0, 1), 77: (17, 0)}
    numbers = drawn(10, [0, *segments])
    assert_panoptic(converted(tfds_record(numbers, segments)), {"a.png": tfds_expected(numbers, segments)})


def test_a_crowd_beside_instances_of_its_class_is_a_crowd(converted: Convert) -> None:
    segments = {300: (0, 1), 301: (0, 0), 77: (17, 0)}
    numbers = drawn(11, [0, *segments])
    assert_panoptic(converted(tfds_record(numbers, segments)), {"a.png": tfds_expected(numbers, segments)})


def test_lists_of_different_lengths_never_lose_a_segment_silently(converted: Convert) -> None:
    segments = {300: (0, 0), 77: (17, 0)}
    numbers = drawn(12, [0, *segments])
    with pytest.raises(RejectedInputError):
        converted(tfds_record(numbers, segments, **{"panoptic_objects/is_crowd": ints(0)}))
    with pytest.raises(RejectedInputError):
        converted(tfds_record(numbers, segments, **{"panoptic_objects/label": ints(0)}))


@pytest.mark.parametrize("change", [{9: (1, 0)}, {}], ids=["not in the image", "not in the list"])
def test_segments_that_only_the_image_or_only_the_list_has_are_reported(
    change: dict[int, tuple[int, int]], converted: Convert
) -> None:
    numbers = drawn(13, [0, 300, 77])
    segments = {300: (0, 0), 77: (17, 0), **change} if change else {300: (0, 0)}
    done = converted(tfds_record(numbers, segments), on_error="skip")
    assert done.report["warnings"].keys() == {"segment-incomplete"}


def test_a_class_that_is_unknown_is_reported(converted: Convert) -> None:
    """-1 is TensorFlow Datasets' word for it."""
    segments = {300: (0, 0), 77: (-1, 0)}
    done = converted(tfds_record(drawn(13, [0, *segments]), segments), on_error="skip")
    assert done.report["warnings"].keys() == {"segment-incomplete"}


# --------------------------------------------------------------------------------------------------- the limits
def test_an_image_of_noise_is_refused_in_good_time(converted: Convert) -> None:
    chance = np.random.default_rng(1)
    noise = chance.integers(0, 5000, (200, 300))
    start = time.monotonic()
    with pytest.raises(RejectedInputError, match="more than 4096 segments"):
        converted(record(size=(300, 200), **{SEMANTIC: texts(raw(noise)), FORMAT: texts("raw")}), panoptic_divisor=256)
    assert time.monotonic() - start < 10


def test_hundreds_of_segments_take_little_more_time_than_a_few(sample_of: Callable[..., Any]) -> None:
    """The time is that of the pixels. To look at all of them once a segment takes more than ten times as long."""
    rows, columns = np.indices((1080, 1920))

    def seconds(across: int, down: int) -> float:
        features = record(size=(1920, 1080), **garden(1 + rows * down // 1080, columns * across // 1920))
        times = []
        for _ in range(3):
            start = time.perf_counter()
            sample = sample_of(features)
            times.append(time.perf_counter() - start)
            assert len(sample.panoptic.segments) == across * down
        return min(times)

    assert seconds(20, 20) < 4 * seconds(2, 2)
