"""One split as it is staged: ids, file names, bytes, and what is counted on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, ints, jpeg, png, texts

from tfrecord_lite import RejectedInputError

Convert = Callable[..., Any]
GOLDEN = Path(__file__).parents[1] / "golden"


def names(done: Any) -> list[str]:
    return [image["file_name"] for image in done.coco["images"]]


def on_disk(done: Any) -> list[str]:
    folder = done.folder / "images" / done.summary.splits[0].split
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# ------------------------------------------------------------------------------------------------------ image files
@pytest.mark.parametrize(
    "image",
    [
        jpeg(64, 48, progressive=True),
        jpeg(64, 48, 100),
        png(64, 48, (1, 2, 3, 4)),
        jpeg(64, 48) + b"trailing bytes that a decoder would drop",
    ],
)
def test_image_bytes_are_copied_as_they_are(image: bytes, converted: Convert) -> None:
    done = converted(detection("a.jpg", image=image))
    (name,) = names(done)
    assert (done.folder / "images" / "x" / name).read_bytes() == image


def test_every_image_of_the_json_is_on_the_disk_and_no_other(converted: Convert) -> None:
    done = converted(*[detection(f"{n}.png") for n in range(5)], detection("deep/er/a.jpg"))
    assert sorted(names(done)) == on_disk(done)
    assert "deep/er/a.jpg" in on_disk(done)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.jpg", "a.jpg"),
        ("train/a.jpg", "train/a.jpg"),
        ("größe 東京.jpg", "größe 東京.jpg"),
        ("../../etc/passwd", "etc/passwd.jpg"),
        ("/home/me/a.jpg", "a.jpg"),
        ("C:\\Users\\me\\a.jpg", "a.jpg"),
        ("a", "a.jpg"),
        ("a.b", "a.b.jpg"),
        ("", "000000000001.jpg"),
        ("..", "000000000001.jpg"),
        ("/", "000000000001.jpg"),
    ],
)
def test_names_stay_inside_the_folder_and_close_to_the_record_s(given: str, name: str, converted: Convert) -> None:
    done = converted(detection("x.jpg", **{"image/filename": texts(given)}))
    assert names(done) == on_disk(done) == [name]


def test_a_record_without_a_name_is_named_by_its_id_and_the_format_of_its_bytes(converted: Convert) -> None:
    done = converted(
        detection("a.jpg", drop=["image/filename"]),
        detection("b.png", drop=["image/filename"]),
        detection("c.png", drop=["image/filename"], **{"image/format": texts("jpeg")}),
    )
    assert names(done) == ["000000000001.jpg", "000000000002.png", "000000000003.png"]


def test_two_images_of_one_name_both_stay_whatever_the_case_or_ending(converted: Convert) -> None:
    same = [detection("a.jpg", image=jpeg(8 + n, 8)) for n in range(3)]
    other = [detection("A.JPG", image=jpeg(4, 4)), detection("a.png", image=png(5, 5))]
    done = converted(*same, *other)
    assert len({name.lower().rsplit(".", 1)[0] for name in names(done)}) == 5
    assert len(on_disk(done)) == 5
    sizes = {path.name: hashlib.sha256(path.read_bytes()).digest() for path in (done.folder / "images/x").iterdir()}
    assert len(set(sizes.values())) == 5
    assert converted(*same, *other).coco["images"] == done.coco["images"], "the same names every time"


def test_a_folder_never_needs_the_name_of_an_image(converted: Convert) -> None:
    done = converted(detection("a.jpg"), detection("a.jpg/b.jpg"), detection("a.jpg/b.jpg/c.jpg"))
    assert sorted(names(done)) == on_disk(done)
    assert len(on_disk(done)) == 3


def test_without_images_nothing_but_the_annotations_is_written(converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=[(1, 1, 9, 9)]), write_images=False)
    assert not (done.folder / "images").exists()
    assert names(done) == ["a.jpg"]
    assert len(done.coco["annotations"]) == 1


# --------------------------------------------------------------------------------------------------------------- ids
def with_id(*source_ids: str) -> list[dict[str, bytes]]:
    return [detection(f"{n}.jpg", **{"image/source_id": texts(each)}) for n, each in enumerate(source_ids)]


def test_source_ids_become_image_ids_where_that_is_asked_for(converted: Convert) -> None:
    done = converted(*with_id("139", "0042", "0", "9007199254740991"), image_ids="source")
    assert [image["id"] for image in done.coco["images"]] == [139, 42, 0, 2**53 - 1]
    record = detection("a.jpg", boxes=[(1, 1, 9, 9)], **{"image/source_id": ints(7)})
    done = converted(record, image_ids="source")
    assert done.coco["images"][0]["id"] == done.coco["annotations"][0]["image_id"] == 7


def test_image_ids_are_counted_where_nothing_is_asked_for(converted: Convert) -> None:
    done = converted(*with_id("139", "x", "139"))
    assert [image["id"] for image in done.coco["images"]] == [1, 2, 3]
    assert [image["source_id"] for image in done.coco["images"]] == ["139", "x", "139"]


@pytest.mark.parametrize(
    "source_id", ["a.jpg", "", "-1", "1.5", "1e3", "٣", "9007199254740992", "0" * 20 + "9" * 30, "9" * 5000, "²"]
)
def test_a_source_id_that_is_no_usable_integer_is_an_error(source_id: str, converted: Convert) -> None:
    with pytest.raises(RejectedInputError) as caught:
        converted(*with_id("1", source_id), image_ids="source")
    (problem,) = caught.value.problems
    assert problem.where.record == 1
    assert "source" in problem.text
    assert "--image-ids=sequential" in problem.text
    assert len(str(problem)) < 500


def test_zeros_before_an_integer_do_not_make_it_another(converted: Convert) -> None:
    done = converted(*with_id("0" * 5000 + "12"), image_ids="source")
    assert done.coco["images"][0]["id"] == 12


@pytest.mark.parametrize("second", ["7", "007"])
def test_a_source_id_that_comes_twice_is_an_error_where_it_is_to_be_the_id(second: str, converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="twice"):
        converted(*with_id("7", second), image_ids="source")


def test_records_without_a_usable_id_are_dropped_and_counted(converted: Convert) -> None:
    done = converted(*with_id("1", "x", "1", "2"), image_ids="source", on_error="skip")
    assert [image["id"] for image in done.coco["images"]] == [1, 2]
    assert done.report["dropped_records"] == 2
    assert done.report["problems"]["count"] == 2
    assert names(done) == ["0.jpg", "3.jpg"] == on_disk(done)


# ------------------------------------------------------------------------------------------------------- repetitions
def test_a_record_that_comes_twice_is_kept_and_reported(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[(1, 1, 9, 9)])
    done = converted(record, detection("b.jpg"), record, record)
    assert done.report["images"] == 4
    assert done.report["warnings"]["record-twice"]["count"] == 2
    assert "record 2" in done.report["warnings"]["record-twice"]["first"]
    assert "source-id-twice" not in done.report["warnings"]


def test_a_source_id_that_comes_twice_is_kept_and_reported(converted: Convert) -> None:
    done = converted(*with_id("7", "8", "7"))
    assert done.report["images"] == 3
    assert done.report["warnings"]["source-id-twice"]["count"] == 1
    assert "'7'" in done.report["warnings"]["source-id-twice"]["first"]


def test_records_that_differ_in_anything_are_not_the_same(converted: Convert) -> None:
    first = detection("a.jpg", boxes=[(1, 1, 9, 9)], drop=["image/source_id"])
    done = converted(first, {**first, "image/object/class/label": ints(2)})
    assert "record-twice" not in done.report["warnings"]


# ---------------------------------------------------------------------------------------------- what is left unread
def test_keys_that_nothing_carries_over_are_listed_with_their_counts(converted: Convert) -> None:
    done = converted(
        detection(
            "a.jpg", boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], **{"my/key": ints(1), "image/object/odd": ints(1, 2, 3)}
        ),
        detection("b.jpg", **{"my/key": ints(1)}),
        detection("c.jpg"),
    )
    assert done.report["keys_not_carried_over"] == {"image/object/odd": 1, "my/key": 2}


def test_what_a_model_predicted_never_becomes_ground_truth(converted: Convert) -> None:
    predictions = {
        "image/detection/label": ints(1),
        "image/detection/score": texts("x"),
        "predicted/image/object/bbox/xmin": ints(1),
    }
    done = converted(detection("a.jpg", **predictions))
    assert done.coco["annotations"] == []
    assert set(done.report["keys_not_carried_over"]) == set(predictions)
