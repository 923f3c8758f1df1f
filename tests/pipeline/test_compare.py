"""Two datasets by meaning: every single change is found, and nothing that is no change."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from record_files import write
from results import load
from tfrecords import detection, ints, png, texts
from two_forms import FORMS, MUTATIONS, Model, Picture, model, write_coco, write_records

from tfrecord_lite import CocoFileError, InputError, RejectedInputError, UsageError, compare, convert
from tfrecord_lite.comparison.result import Comparison
from tfrecord_lite.pipeline.comparing.run import same_splits

Convert = Callable[..., Any]


def kinds(found: Comparison) -> Counter[str]:
    return Counter({each.kind: each.count for each in found.differences})


def mutated(what: str) -> Model:
    changed = model()
    MUTATIONS[what][0](changed)
    return changed


def rewrite(path: Path, change: Callable[[Any], None]) -> None:
    """Changes a JSON file."""
    content = load(path)
    change(content)
    path.write_text(json.dumps(content))


# --------------------------------------------------------------------------------------------------- what is found
@pytest.mark.parametrize(("first", "second"), [*product(FORMS, FORMS)])
def test_a_dataset_is_equal_to_itself_in_any_form(first: str, second: str, tmp_path: Path) -> None:
    found = compare(FORMS[first](model(), tmp_path / "a"), FORMS[second](model(), tmp_path / "b"))
    assert (found.differences, found.notes) == ((), ())
    assert found.equal
    assert str(found) == "equal: 3 images, 4 objects"


@pytest.mark.parametrize("what", MUTATIONS)
def test_a_single_change_is_found_across_the_forms(what: str, tmp_path: Path) -> None:
    forms = list(FORMS.values())[:: 1 if len(what) % 2 else -1]
    found = compare(forms[0](model(), tmp_path / "a"), forms[1](mutated(what), tmp_path / "b"))
    assert kinds(found) == Counter(MUTATIONS[what][1])
    assert found.equal == (set(MUTATIONS[what][1]) == {"file-name"})


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [*product(FORMS, FORMS)])
@pytest.mark.parametrize("what", MUTATIONS)
def test_a_single_change_is_found_on_each_side_of_each_pair(what: str, first: str, second: str, tmp_path: Path) -> None:
    a, b = FORMS[first](model(), tmp_path / "a"), FORMS[second](mutated(what), tmp_path / "b")
    assert kinds(compare(a, b)) == kinds(compare(b, a)) == Counter(MUTATIONS[what][1])


def test_neither_order_nor_ids_count(tmp_path: Path) -> None:
    plain = write_coco(model(), tmp_path / "plain")
    turned = write_coco(model(), tmp_path / "turned", first=70, order=-1)
    records = write_records(model(), tmp_path / "records", order=-1)
    assert compare(plain, turned).differences == compare(turned, records).differences == ()
    assert kinds(compare(plain, turned, ids=True)) == {"id": 3 + 4 + 4}  # images, objects and their categories


def test_the_result_is_the_same_for_every_order(tmp_path: Path) -> None:
    changed = mutated("another class of three")
    for mutate in ("a box moved by a pixel", "an image dropped", "another caption"):
        MUTATIONS[mutate][0](changed)
    first = compare(write_coco(model(), tmp_path / "a"), write_records(changed, tmp_path / "b"))
    write_coco(model(), tmp_path / "turned" / "a", order=-1)
    write_records(changed, tmp_path / "turned" / "b", order=-1)
    again = compare(tmp_path / "turned" / "a", tmp_path / "turned" / "b")
    assert first.differences == again.differences


def test_both_values_are_shown_with_their_place(tmp_path: Path) -> None:
    a = write_coco(model(), tmp_path / "a")
    b = write_coco(mutated("a box moved by a pixel"), tmp_path / "b")
    lines = str(compare(a, b)).splitlines()
    assert lines[:3] == [
        "box  1",
        "    one.png: cat at 4.25, 5.5, 20, 10.13: 4.25, 5.5, 20, 10.13 | 4.25, 6.5, 20, 10.13",
        "differs: box 1",
    ]
    b = write_coco(mutated("another pixel in a rectangle"), tmp_path / "c")
    assert "200 pixels | 199 pixels, 1 differ" in str(compare(a, b))


def test_of_many_differences_the_first_are_shown(tmp_path: Path) -> None:
    many = [Picture(f"{number:02}.png", captions=["a"]) for number in range(9)]
    fewer = [Picture(each.name) for each in many]
    found = compare(write_coco(many, tmp_path / "a"), write_coco(fewer, tmp_path / "b"))
    assert [each.image for each in found.differences[0].first] == [f"{number:02}.png" for number in range(5)]
    assert "    and 4 more" in str(found).splitlines()


# ------------------------------------------------------------------------------------------ what conversion changes
def test_a_conversion_changes_nothing(tmp_path: Path) -> None:
    records = Path(__file__).parent.parent / "golden" / "detection.tfrecord"
    convert(records, tmp_path / "coco")
    found = compare(records, tmp_path / "coco")
    assert found.differences == ()
    assert found.a.objects > 0


@pytest.mark.parametrize("masks", ["coco", "polygon", "rle", "rle-uncompressed"])
def test_masks_have_the_same_pixels_in_every_form(masks: str, tmp_path: Path) -> None:
    records = write_records(model(), tmp_path / "records")
    convert(records, tmp_path / "coco", masks=masks)
    assert compare(records, tmp_path / "coco").differences == ()
    assert compare(write_coco(model(), tmp_path / "own"), tmp_path / "coco").differences == ()


def test_names_that_a_conversion_had_to_change(tmp_path: Path) -> None:
    names = ["../a b.jpg", "same.jpg", "same.jpg", "", "no-ending", "ä/ö.jpg"]
    records = [
        detection(name, boxes=[(number, 1, 20, 30)], image=png(64, 48, (number, 0, 0)), drop=["image/source_id"])
        for number, name in enumerate(names)
    ]
    path = write(tmp_path / "train.tfrecord", *records)
    convert(path, tmp_path / "coco")
    assert compare(path, tmp_path / "coco").differences == ()
    convert(path, tmp_path / "one.json")
    found = compare(path, tmp_path / "one.json")
    assert found.differences == ()
    assert [note.partition(":")[0] for note in found.notes] == [
        "not compared, since a single COCO file has no place for them",
        "pictures are not compared",
    ]


def test_images_without_names_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    bare = ["image/filename", "image/source_id", "image/encoded", "image/format", "image/key/sha256"]
    records = [detection(boxes=[(number, 1, 20, 30)], drop=bare) for number in range(5)]
    path = write(tmp_path / "x.tfrecord", *records)
    convert(path, tmp_path / "x.json")
    rewrite(tmp_path / "x.json", lambda coco: coco["images"].reverse())
    assert compare(path, tmp_path / "x.json").differences == ()
    write(tmp_path / "y.tfrecord", *records[::-1])
    assert compare(path, tmp_path / "y.tfrecord").differences == ()


def test_of_images_of_one_name_each_finds_its_own(tmp_path: Path) -> None:
    same = [Picture("x.png", things=model()[0].things[number : number + 1]) for number in range(3)]
    for folder, order in (("b", 1), ("c", -1)):
        write_records(same, tmp_path / folder, order=order)
    assert compare(tmp_path / "b", tmp_path / "c").differences == ()


def test_records_of_one_image_are_one(tmp_path: Path) -> None:
    twice = [
        detection("a.jpg", boxes=[box], labels=[1], **{"image/source_id": texts("7")})
        for box in ((1, 1, 9, 9), (5, 5, 30, 30))
    ]
    path = write(tmp_path / "x.tfrecord", *twice)
    convert(path, tmp_path / "coco", merge_images=True)
    assert compare(path, tmp_path / "coco", merge_images=True).differences == ()
    assert compare(path, tmp_path / "coco", merge_images=True, pictures=False).differences == ()
    assert not compare(path, tmp_path / "coco").equal


def test_class_numbers_mean_what_a_label_map_says(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", detection(boxes=[(1, 1, 9, 9), (2, 2, 9, 9)], labels=[0, 1]))
    convert(path, tmp_path / "x.json", label_map={1: "cat", 2: "dog"})
    assert compare(path, tmp_path / "x.json", label_map={1: "cat", 2: "dog"}).equal
    assert kinds(compare(path, tmp_path / "x.json")) == {"class": 2}
    assert kinds(compare(path, tmp_path / "x.json", label_map={1: "cat", 2: "dog", 3: "owl"})) == {"category": 1}


# ----------------------------------------------------------------------------------------------------- the dataset
def test_splits_are_compared_one_by_one(tmp_path: Path) -> None:
    for name in ("train", "validation"):
        write_records(model(), tmp_path / name)
        (tmp_path / name / "train.tfrecord").rename(tmp_path / f"{name}.tfrecord")
        (tmp_path / name / "label_map.pbtxt").replace(tmp_path / "label_map.pbtxt")
        (tmp_path / name).rmdir()
    convert(tmp_path, tmp_path / "coco")
    assert compare(tmp_path / "*.tfrecord", tmp_path / "coco").differences == ()
    annotations = tmp_path / "coco" / "annotations"
    for path in list(annotations.glob("*_validation.json")):
        path.rename(path.with_name(path.name.replace("validation", "val")))
    (tmp_path / "coco/images/validation").rename(tmp_path / "coco/images/val")
    assert compare(tmp_path / "*.tfrecord", tmp_path / "coco").differences == ()
    rewrite(annotations / "captions_val.json", lambda coco: coco["annotations"].pop())
    found = compare(tmp_path / "*.tfrecord", tmp_path / "coco")
    assert kinds(found) == {"caption": 1}
    assert found.differences[0].first[0].split == "validation"
    for path in annotations.glob("*_val.json"):
        path.unlink()
    found = compare(tmp_path / "*.tfrecord", tmp_path / "coco")
    assert kinds(found) == {"split": 1}
    assert found.a.images == 6


def test_categories_are_compared_by_name(tmp_path: Path) -> None:
    a, b = (write_coco(model(), tmp_path / name) for name in "ab")

    def change(coco: Any) -> None:
        coco["categories"][0]["supercategory"] = "pet"
        coco["categories"][1]["skeleton"] = [[1, 2]]
        coco["categories"].append({"id": 50, "name": "owl"})

    rewrite(b / "annotations/instances_train.json", change)
    (found,) = compare(a, b).differences
    assert [place.object or place.image for place in found.first] == ["cat", "dog", "owl"]


def test_a_dataset_in_one_file_is_compared_by_what_it_can_say(tmp_path: Path) -> None:
    records = write_records(model(), tmp_path / "records")
    one = write_coco(model(), tmp_path / "coco") / "annotations/instances_train.json"
    found = compare(records, one)
    assert found.equal
    assert found.notes == ("not compared, since a single COCO file has no place for them: captions, segments, stuff",)
    (one.parent / "captions_train.json").unlink()
    assert kinds(compare(records, one.parent.parent)) == {"caption": 3}


def striped(*values: int) -> bytes:
    """A gray PNG of 20 x 10 pixels with stripes of these values."""
    image = Image.new("L", (20, 10))
    for number, value in enumerate(values):
        image.paste(value, (number * 20 // len(values), 0, 20, 10))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def label_images(folder: Path) -> tuple[Path, Path]:
    """Records with a semantic and with a panoptic label image, and what they were converted to."""
    semantic = {"image/segmentation/class/encoded": texts(striped(1, 2, 2, 3))}
    panoptic = {
        "image/panoptic/category_mask": texts(striped(1, 2, 2, 3)),
        "image/panoptic/instance_mask": texts(striped(0, 1, 2, 0)),
    }
    path = folder / "train.tfrecord"
    records = [detection("a.png", (20, 10), **semantic), detection("b.png", (20, 10), **panoptic)]
    write(path, *records)
    convert(path, folder / "coco")
    return path, folder / "coco"


def test_pixels_of_classes_and_segments(tmp_path: Path) -> None:
    records, coco = label_images(tmp_path)
    found = compare(records, coco)
    assert (found.differences, found.notes) == ((), ())

    def rename(content: Any) -> None:
        content["categories"][0]["name"] = "sky"

    def be_a_group(content: Any) -> None:
        segment = content["annotations"][0]["segments_info"][1]
        segment["iscrowd"] = 1 - segment["iscrowd"]

    rewrite(coco / "annotations/stuff_train.json", rename)
    assert kinds(compare(records, coco)) == {"stuff": 2}  # one name is not there, the other is new
    rewrite(coco / "annotations/panoptic_train.json", be_a_group)
    assert kinds(compare(records, coco)) == {"stuff": 2, "segment": 1}


@pytest.mark.parametrize("number", [1, 256])
def test_numbers_of_segments_say_nothing_and_their_pixels_do(number: int, tmp_path: Path) -> None:
    records, coco = label_images(tmp_path)
    (picture,) = (coco / "annotations/panoptic_train").iterdir()
    image = Image.open(picture).convert("RGB")
    blue = image.getchannel("B").point([number] * 256) if number == 1 else image.getchannel("B")
    image = Image.merge("RGB", (image.getchannel("R"), image.getchannel("G"), blue))
    if number == 256:
        image.paste(image.crop((19, 9, 20, 10)), (0, 0))
    image.save(picture)

    def renumber(content: Any) -> None:
        for segment in content["annotations"][0]["segments_info"]:
            segment["id"] += (number == 1) << 16

    rewrite(coco / "annotations/panoptic_train.json", renumber)
    assert kinds(compare(records, coco)) == ({} if number == 1 else {"segment": 2})


# -------------------------------------------------------------------------------------------------------- pictures
def test_other_bytes_of_equal_pixels_are_a_lesser_difference(tmp_path: Path) -> None:
    a, b = (write_coco(model(), tmp_path / name) for name in "ab")
    (b / "images/train/one.png").write_bytes(png(60, 40, (10, 20, 30), compress_level=0))
    found = compare(a, b)
    assert kinds(found) == {"picture-bytes": 1}
    assert found.equal
    assert str(found).endswith("equal: 3 images, 4 objects (lesser differences: picture-bytes 1)")
    assert not compare(a, b, strict=True).equal
    assert compare(a, b, pictures=False).differences == ()
    records = write_records(model(), tmp_path / "records")
    assert kinds(compare(records, b)) == {"picture-bytes": 1}


def test_a_picture_that_is_not_there_or_not_whole(tmp_path: Path) -> None:
    a, b = (write_coco(model(), tmp_path / name) for name in "ab")
    (b / "images/train/one.png").unlink()
    whole = (b / "images/train/two.png").read_bytes()
    (b / "images/train/two.png").write_bytes(whole[: len(whole) // 2])
    assert kinds(compare(a, b)) == {"picture": 2}


# -------------------------------------------------------------------------------------------------------- bad data
def test_damage_is_an_error_unless_it_is_left_out(tmp_path: Path) -> None:
    coco = write_coco(model(), tmp_path / "coco")
    path = write_records(model(), tmp_path / "records") / "train.tfrecord"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(RejectedInputError, match="checksum"):
        compare(path, coco)
    found = compare(path, coco, on_error="skip")
    assert kinds(found) == {"image": 1}
    assert found.notes[-1] == "left out, as damaged or impossible to say in COCO: 1"


def test_whatever_a_file_holds_is_compared_and_shown_safely(tmp_path: Path) -> None:
    a, b = (write_coco(model(), tmp_path / name) for name in "ab")

    def change(coco: Any) -> None:
        coco["images"][2].update(id=2**64 - 1, odd={"x": ["\x1b[31m\u202e"]}, file_name="three.png")

    rewrite(b / "annotations/instances_train.json", change)
    found = compare(a, b, ids=True)
    assert kinds(found) == {"image-fact": 1, "id": 1, "caption": 1}  # the captions' image has no such id any more
    assert "odd: none | odd: {'x': ['\\x1b[31m\\u202e']}" in str(found)


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    coco = write_coco(model(), tmp_path / "coco")
    with pytest.raises(InputError, match="no such file"):
        compare(coco, tmp_path / "none.json")
    with pytest.raises(UsageError, match="options about records mean nothing"):
        compare(coco, coco, label_map={1: "cat"})
    with pytest.raises(UsageError, match="standard input"):
        compare(coco, "-")
    (tmp_path / "cut.json").write_text('{"images": [')
    with pytest.raises(CocoFileError):
        compare(coco, tmp_path / "cut.json")
    rewrite(coco / "annotations/instances_train.json", lambda content: content["annotations"][0].pop("bbox"))
    rewrite(coco / "annotations/instances_train.json", lambda content: content["annotations"][0].pop("segmentation"))
    with pytest.raises(RejectedInputError, match="bbox"):
        compare(coco, coco)


def test_an_object_without_class_is_an_error_as_in_a_conversion(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", detection(boxes=[(1, 1, 9, 9), (2, 2, 9, 9)], labels=[-1, 1]))
    with pytest.raises(RejectedInputError, match="class label is -1"):
        compare(path, path)
    assert compare(path, path, on_error="skip").a.objects == 1


def test_crowded_images_are_matched_one_by_one(tmp_path: Path) -> None:
    boxes = [(x, y, x + 2, y + 2) for x in range(0, 60, 3) for y in range(0, 45, 3)]
    record = detection("a.jpg", boxes=boxes, labels=[1] * len(boxes))
    moved = [(x + 0.5, y, x + 2.5, y + 2) for x, y, _, _ in boxes]
    for name, each in (("a", record), ("b", detection("a.jpg", boxes=moved[::-1], labels=[1] * len(boxes)))):
        write(tmp_path / f"{name}.tfrecord", each, detection("b.jpg", **{"image/x": ints(1)}))
    assert kinds(compare(tmp_path / "a.tfrecord", tmp_path / "b.tfrecord")) == {"box": len(boxes)}


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        (["train"], ["x"], [("train", "x")]),
        (["train", "val"], ["val", "train"], [("train", "train"), ("val", "val")]),
        (["train", "validation"], ["Train", "valid"], [("train", "Train"), ("validation", "valid")]),
        (["train2017", "val"], ["train", "val"], [(None, "train"), ("train2017", None), ("val", "val")]),
        (["a", "b"], ["b"], [("a", None), ("b", "b")]),
        (["valid", "val"], ["val"], [("val", "val"), ("valid", None)]),
        (["val", "valid"], ["valid", "val"], [("val", "val"), ("valid", "valid")]),
    ],
)
def test_which_split_is_which(first: list[str], second: list[str], pairs: list[Any]) -> None:
    assert same_splits(first, second) == pairs
    assert sorted(same_splits(second, first), key=str) == sorted(((b, a) for a, b in pairs), key=str)
