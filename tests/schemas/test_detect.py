"""How the records of a file are read is decided once a file, over many records, and never by the first alone."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, example, floats, ints, jpeg, shard, texts

from tfrecord_lite import FeatureError, LayoutError, RejectedInputError, UsageError, convert
from tfrecord_lite.errors import Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.reading.shard_reader import ShardReader, read_samples
from tfrecord_lite.schemas.detect.choice import Choice, choose
from tfrecord_lite.schemas.read import record as reading
from tfrecord_lite.schemas.registry import KNOWN

Convert = Callable[..., Any]
SIZE = (100, 50)
IMAGE = jpeg(*SIZE)
BBOX = "image/object/bbox/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def record(name: str, *corners: tuple[float, float, float, float], **features: bytes) -> dict[str, bytes]:
    """A record with these corners as they are."""
    sides = {BBOX + side: floats(*(corner[index] for corner in corners)) for index, side in enumerate(SIDES)}
    labels = {"image/object/class/label": ints(*[1] * len(corners))}
    return detection(name, SIZE, image=IMAGE, **labels, **sides, **features)


def empty(count: int) -> list[dict[str, bytes]]:
    return [record(f"empty-{number}.jpg") for number in range(count)]


def unit(done: Any) -> str:
    (entry,) = done.report["inputs"]
    return str(entry["coordinates"])


def boxes(done: Any) -> list[list[float]]:
    return [annotation["bbox"] for annotation in done.coco["annotations"]]


PIXELS = (10.0, 5.0, 30.0, 45.0)
FRACTIONS = (0.1, 0.2, 0.3, 0.4)


# ------------------------------------------------------------------------------------------------ the unit of boxes
@pytest.mark.parametrize("before", [0, 1, 15, 16, 17, 40])
def test_records_without_boxes_do_not_decide_the_unit(before: int, converted: Convert) -> None:
    done = converted(*empty(before), record("a.jpg", PIXELS), *empty(3), record("b.jpg", PIXELS))
    assert unit(done) == "pixel"
    assert boxes(done) == [[10, 5, 20, 40]] * 2
    done = converted(*empty(before), record("a.jpg", FRACTIONS))
    assert unit(done) == "normalized"
    assert boxes(done) == [[10, 10, 20, 10]]


def test_a_small_object_in_the_corner_first_does_not_make_pixels_fractions(converted: Convert) -> None:
    done = converted(record("a.jpg", (0, 0, 1, 1)), record("b.jpg", PIXELS), record("c.jpg", PIXELS))
    assert unit(done) == "pixel"
    assert boxes(done)[0] == [0, 0, 1, 1]


def test_a_wrong_box_first_does_not_make_fractions_pixels(converted: Convert) -> None:
    done = converted(record("a.jpg", PIXELS), *[record(f"{n}.jpg", FRACTIONS) for n in range(5)], on_error="skip")
    assert unit(done) == "normalized"
    assert boxes(done) == [[10, 10, 20, 10]] * 5
    assert done.report["dropped_annotations"] == 1


def test_a_file_with_both_units_is_an_error_that_names_the_box(converted: Convert) -> None:
    records = [record("a.jpg", PIXELS), record("b.jpg", PIXELS), record("c.jpg", FRACTIONS)]
    with pytest.raises(RejectedInputError) as caught:
        converted(*records)
    (problem,) = caught.value.problems
    assert problem.where.record == 2
    assert "image/object/bbox/xmin" in str(problem)


def test_overshooting_fractions_stay_fractions(converted: Convert) -> None:
    done = converted(record("a.jpg", (0.5, 0.5, 1.3, 1.9)))
    assert unit(done) == "normalized"
    assert boxes(done) == [[50, 25, 80, 70]]
    assert done.report["warnings"]["box-outside-image"]["count"] == 1


def test_boxes_that_are_no_numbers_do_not_decide(converted: Convert) -> None:
    nan, inf = float("nan"), float("inf")
    done = converted(record("a.jpg", (nan, nan, nan, nan), (inf, 0, inf, 1)), record("b.jpg", PIXELS), on_error="skip")
    assert unit(done) == "pixel"
    assert boxes(done) == [[10, 5, 20, 40]]


def test_every_file_is_decided_on_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.tfrecord").write_bytes(shard(record("a.jpg", PIXELS)))
    (folder / "b.tfrecord").write_bytes(shard(record("b.jpg", FRACTIONS)))
    first, second = read_samples(folder)
    assert first.objects[0].box == pytest.approx((10, 5, 20, 40))
    assert second.objects[0].box == pytest.approx((10, 10, 20, 10))


def test_what_was_chosen_for_one_file_says_nothing_about_the_next(tmp_path: Path) -> None:
    for number, corners in enumerate((PIXELS, FRACTIONS, PIXELS, FRACTIONS)):
        (tmp_path / f"{number}.tfrecord").write_bytes(shard(record(f"{number}.jpg", corners)))
    found = [sample.objects[0].box for sample in read_samples(tmp_path)]
    assert found == [pytest.approx((10, 5, 20, 40)), pytest.approx((10, 10, 20, 10))] * 2
    with pytest.raises(FeatureError, match="out of range"):
        list(read_samples(tmp_path, ReadOptions(coordinates="normalized")))


def test_files_that_are_read_alike_share_what_was_found_out_about_their_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        boxes_of_one = [PIXELS] * (number + 1)
        (tmp_path / f"{number}.tfrecord").write_bytes(shard(record(f"{number}.jpg", *boxes_of_one)))
    plans: list[Choice] = []

    class Plan(reading._Plan):
        def __init__(self, choice: Choice, *more: Any) -> None:
            plans.append(choice)
            super().__init__(choice, *more)

    monkeypatch.setattr(reading, "_Plan", Plan)
    options = ReadOptions()
    readers = reading.SampleReaders(options)
    choices = []
    for number in range(4):
        file = find_sources([tmp_path / f"{number}.tfrecord"]).shards[0]
        reader = ShardReader(file, options, readers=readers)
        assert len(list(reader)) == 1
        assert reader.choice is not None
        choices.append(reader.choice)
    assert len({choice.evidence for choice in choices}) > 1
    assert len(plans) == 1
    assert len(list(read_samples(tmp_path, ReadOptions(masks=False)))) == 4
    assert len(plans) == 2, "other options"


@pytest.mark.parametrize(
    ("coordinates", "corners", "box"),
    [
        ("pixel", (0.0, 0.0, 1.0, 1.0), [0, 0, 1, 1]),
        ("normalized", (0.0, 0.0, 1.0, 1.0), [0, 0, 100, 50]),
        ("auto", (0.0, 0.0, 1.0, 1.0), [0, 0, 100, 50]),
        ("pixel", (1.0, 1.0, 2.0, 2.0), [1, 1, 1, 1]),
        ("normalized", (1.0, 1.0, 2.0, 2.0), [100, 50, 100, 50]),
    ],
)
def test_the_unit_can_be_chosen(
    coordinates: str, corners: tuple[float, float, float, float], box: list[float], converted: Convert
) -> None:
    assert boxes(converted(record("a.jpg", corners), coordinates=coordinates)) == [box]


def test_a_unit_that_there_is_not_is_a_usage_error(converted: Convert) -> None:
    with pytest.raises(UsageError, match="coordinates"):
        converted(record("a.jpg", PIXELS), coordinates="pixels")


# ------------------------------------------------------------------------------------------------- the unit of areas
@pytest.mark.parametrize("before", [0, 16, 40])
def test_areas_that_are_fractions_of_the_image_become_square_pixels(before: int, converted: Convert) -> None:
    areas = {"image/object/area": floats(0.25, 0.01)}
    done = converted(*empty(before), record("a.jpg", FRACTIONS, FRACTIONS, **areas))
    assert [annotation["area"] for annotation in done.coco["annotations"]] == pytest.approx([1250, 50])


def test_a_small_area_among_large_ones_is_square_pixels(converted: Convert) -> None:
    areas = {"image/object/area": floats(0.5, 150)}
    done = converted(record("a.jpg", FRACTIONS, FRACTIONS, **areas))
    assert [annotation["area"] for annotation in done.coco["annotations"]] == [0.5, 150]


@pytest.mark.parametrize("area", [0.25, 1.0])
def test_areas_of_objects_of_a_pixel_are_square_pixels(area: float, converted: Convert) -> None:
    dots = [(0.1, 0.2, 0.11, 0.22), (0.5, 0.5, 0.51, 0.52)]  # of 100 by 50 pixels
    done = converted(record("a.jpg", *dots, **{"image/object/area": floats(area, area)}))
    assert [annotation["area"] for annotation in done.coco["annotations"]] == [area, area]


def test_areas_of_objects_of_a_pixel_are_square_pixels_beside_boxes_in_pixels(converted: Convert) -> None:
    boxes = [PIXELS, (90, 40, 91, 41), (91, 40, 92, 41)]
    done = converted(record("a.jpg", *boxes, **{"image/object/area": floats(1, 1, 1)}), coordinates="pixel")
    assert [annotation["area"] for annotation in done.coco["annotations"]] == [1, 1, 1]


# ------------------------------------------------------------------------------------------------ images and schemas
def test_where_no_record_has_image_bytes_they_are_taken_at_their_word(converted: Convert) -> None:
    bare = [detection(f"{n}.jpg", SIZE, boxes=[(10, 5, 30, 45)], drop=["image/encoded"]) for n in range(3)]
    done = converted(*bare)
    assert [(image["width"], image["height"]) for image in done.coco["images"]] == [SIZE] * 3
    assert boxes(done) == [[10, 5, 20, 40]] * 3
    assert [image["file_name"] for image in done.coco["images"]] == ["0.jpg", "1.jpg", "2.jpg"]
    assert not list((done.folder / "images").rglob("*.jpg"))


@pytest.mark.parametrize("nothing", [texts(""), texts()])
def test_empty_image_bytes_are_no_image_bytes(nothing: bytes, converted: Convert) -> None:
    done = converted(detection("a.jpg", SIZE, boxes=[(10, 5, 30, 45)], **{"image/encoded": nothing}))
    assert boxes(done) == [[10, 5, 20, 40]]


@pytest.mark.parametrize("position", [0, 3, 30])
def test_a_record_without_its_image_among_others_that_have_theirs_is_an_error(
    position: int, converted: Convert
) -> None:
    records = [record(f"{n}.jpg", FRACTIONS) for n in range(31)]
    records[position] = detection("gone.jpg", SIZE, drop=["image/encoded"])
    with pytest.raises(RejectedInputError) as caught:
        converted(*records)
    (problem,) = caught.value.problems
    assert problem.where.record == position
    assert "image/encoded" in str(problem)
    done = converted(*records, on_error="skip")
    assert (done.report["images"], done.report["dropped_records"]) == (30, 1)


def test_records_of_no_known_schema_are_an_error_that_lists_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(shard(example({"audio\x1b/raw": floats(1, 2, 3), "transcript": texts("x")})))
    with pytest.raises(LayoutError) as caught:
        list(read_samples(path))
    message = str(caught.value)
    assert "record 0 at byte 0" in message
    assert "(float[3])" in message
    assert "transcript (bytes[1])" in message
    assert message.isprintable()


def test_an_unknown_schema_is_fatal_even_where_bad_records_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(shard(example({"audio": floats(1)})))
    with pytest.raises(RejectedInputError):
        convert(path, tmp_path / "out", on_error="skip")


def test_damage_before_the_first_sound_record_does_not_hide_it(converted: Convert) -> None:
    done = converted(b"", b"\xff\xff", *[b"\xff"] * 300, record("a.jpg", PIXELS), on_error="skip")
    assert boxes(done) == [[10, 5, 20, 40]]
    assert done.report["dropped_records"] == 302


def test_samples_come_in_the_order_of_the_file_with_damage_where_it_stands(tmp_path: Path) -> None:
    from tfrecord_lite.inputs.discover import find_sources  # noqa: PLC0415 - likewise
    from tfrecord_lite.pipeline.reading.shard_reader import ShardReader  # noqa: PLC0415 - no public name

    path = tmp_path / "x.tfrecord"
    payloads: list[Any] = [record(f"{n}.jpg", PIXELS) for n in range(40)]
    bad = (0, 5, 17, 18, 39)
    for position in bad:
        payloads[position] = b"\xff"
    path.write_bytes(shard(*payloads))
    (source,) = find_sources([str(path)]).shards
    found = list(ShardReader(source, ReadOptions()))
    assert [event.where.record for event in found] == list(range(40))
    assert [number for number, event in enumerate(found) if isinstance(event, Exception)] == list(bad)


def test_what_is_chosen_goes_to_other_processes() -> None:
    features = detection("a.jpg", boxes=[(1, 2, 30, 40), (3, 4, 20, 30)], my_list=floats(0.5, 0.25))
    first = Example.parse(example({**features, "zz": floats(1, 2, 3, 4)}), Location("x", 0, 0))
    choice = choose([first] * 3, "x", ReadOptions())
    assert pickle.loads(pickle.dumps(choice)) == choice
    for schema in KNOWN.values():
        assert pickle.loads(pickle.dumps(schema)) == schema
