"""Example -> Sample: what a record says of its image and of each object in it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from tfrecords import detection, floats, ints, jpeg, no_kind, png, texts

from tfrecord_lite import FeatureError, RejectedInputError, Sample
from tfrecord_lite.options import ReadOptions

Read = Callable[..., Sample]
Convert = Callable[..., Any]
SOUND = detection("sound.jpg", boxes=[(1, 1, 9, 9)])


def finding(sample: Sample) -> str:
    """The only finding: its rule."""
    (found,) = sample.findings
    assert found.where == sample.where
    assert found.text.isprintable()
    return found.code


def refusal(sample_of: Read, record: dict[str, bytes], key: str) -> str:
    """The message of the error that a record, among sound ones, is."""
    with pytest.raises(FeatureError) as caught:
        sample_of(SOUND, record)
    assert caught.value.where.record == 1
    assert caught.value.key == key
    assert str(caught.value).isprintable()
    return str(caught.value)


# ---------------------------------------------------------------------------------------------------------- the image
def test_an_image_has_its_bytes_size_format_name_and_source(sample_of: Read) -> None:
    data = png(60, 40)
    image = sample_of(detection("a.png", (60, 40), image=data, **{"image/source_id": texts("17")})).image
    assert image.data == data
    assert (image.format, image.width, image.height) == ("png", 60, 40)
    assert (image.filename, image.source_id) == ("a.png", "17")
    assert image.metadata == {}


def test_size_and_format_are_those_of_the_bytes_and_need_not_be_declared(sample_of: Read) -> None:
    record = detection("a.jpg", (60, 40), drop=["image/width", "image/height", "image/format"])
    sample = sample_of(record)
    assert (sample.image.width, sample.image.height, sample.image.format) == (60, 40, "jpeg")
    assert sample.findings == ()


@pytest.mark.parametrize(
    "declared",
    [
        {"image/width": ints(61)},
        {"image/height": ints(41)},
        {"image/width": ints(40), "image/height": ints(60)},
        {"image/width": ints(0)},
        {"image/width": ints(60, 60)},
        {"image/width": texts("wide")},
        {"image/width": floats(0.5)},
    ],
)
def test_a_declared_size_that_is_wrong_is_a_warning_where_the_image_says_its_own(
    declared: dict[str, bytes], sample_of: Read
) -> None:
    sample = sample_of(detection("a.jpg", (60, 40), boxes=[(6, 4, 30, 20)], image=jpeg(60, 40), **declared))
    assert (sample.image.width, sample.image.height) == (60, 40)
    assert sample.objects[0].box == pytest.approx((6, 4, 24, 16), abs=1e-4)
    assert finding(sample).startswith("size-")


@pytest.mark.parametrize("side", [-1, -(2**63), 2**31, 2**62])
def test_a_declared_size_that_no_image_can_have_is_an_error(side: int, sample_of: Read) -> None:
    with pytest.raises(FeatureError, match="image/width: the image size"):
        sample_of(detection("a.jpg", (60, 40), image=jpeg(60, 40), **{"image/width": ints(side)}))


def test_raw_pixels_of_a_size_below_0_are_an_error(sample_of: Read) -> None:
    size = {"image/width": ints(-8), "image/height": ints(-8)}
    features = detection("a.jpg", (60, 40), image=bytes([7]) * 64, **size)
    with pytest.raises(FeatureError, match="image/width: the image size is -8 pixels"):
        sample_of(features, detection("b.jpg", (60, 40), image=jpeg(60, 40)))


@pytest.mark.parametrize("name", ["jpeg", "jpg", "JPEG", ".jpg", " Jpg "])
def test_a_format_has_many_names(name: str, sample_of: Read) -> None:
    assert sample_of(detection("a.jpg", **{"image/format": texts(name)})).findings == ()


@pytest.mark.parametrize("nothing", [texts(""), texts(), no_kind()])
def test_a_format_that_is_not_said_is_not_wrong(nothing: bytes, sample_of: Read) -> None:
    assert sample_of(detection("a.jpg", **{"image/format": nothing})).findings == ()


def test_a_format_that_is_wrong_is_a_warning(sample_of: Read) -> None:
    sample = sample_of(detection("a.png", image=jpeg(64, 48), **{"image/format": texts("png")}))
    assert sample.image.format == "jpeg"
    assert finding(sample) == "format-wrong"


def oriented() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(60, 40, exif=exif)


def animated() -> bytes:
    target = io.BytesIO()
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue")]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


@pytest.mark.parametrize(
    ("image", "rule"),
    [
        (oriented(), "exif-orientation"),
        (animated(), "image-animated"),
        (jpeg(60, 40)[:-20], "image-cut"),
        (png(60, 40)[:-20], "image-cut"),
    ],
)
def test_what_is_odd_about_an_image_is_a_warning_and_its_stored_size_counts(
    image: bytes, rule: str, sample_of: Read
) -> None:
    sample = sample_of(detection("a", (60, 40), image=image, drop=["image/format"]))
    assert (sample.image.width, sample.image.height) == (60, 40)
    assert sample.image.data == image
    assert finding(sample) == rule


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"junk", "junk"),
        (b"\xff\xd8\xff", "cut off"),
        (b"\x89PNG\r\n\x1a\n", "cut off"),
        (b"<html>403 Forbidden</html>", "web page"),
        (bytes(64 * 48 * 3 + 1), "expected JPEG"),
    ],
)
def test_bytes_that_are_no_image_are_an_error(image: bytes, said: str, sample_of: Read) -> None:
    assert said in refusal(sample_of, detection("a.jpg", image=image), "image/encoded")


def test_two_images_in_one_record_are_an_error(sample_of: Read) -> None:
    record = detection("a.jpg", **{"image/encoded": texts(jpeg(), jpeg())})
    assert "2 images, expected one" in refusal(sample_of, record, "image/encoded")


@pytest.mark.parametrize(
    ("change", "drop", "said"),
    [
        ({}, ["image/width"], "size"),
        ({}, ["image/width", "image/height"], "size"),
        ({"image/width": ints(0)}, [], "size"),
        ({"image/width": ints(-1)}, [], "-1"),
        ({"image/height": ints(2**40)}, [], str(2**40)),
        ({"image/height": texts("tall")}, [], "bytes"),
        ({"image/height": ints(48, 48)}, [], "2 values"),
    ],
)
def test_without_image_bytes_the_declared_size_must_be_one(
    change: dict[str, bytes], drop: list[str], said: str, sample_of: Read
) -> None:
    sound = detection("a.jpg", boxes=[(1, 1, 9, 9)], drop=["image/encoded"])
    record = detection("a.jpg", image=jpeg(), drop=["image/encoded", *drop], **change)
    with pytest.raises(FeatureError, match=said):
        sample_of(sound, record)


def test_a_number_may_be_the_source_id(sample_of: Read) -> None:
    assert sample_of(detection("a.jpg", **{"image/source_id": ints(17)})).image.source_id == "17"


@pytest.mark.parametrize("nothing", [texts(""), texts(), no_kind(), ints()])
def test_an_empty_source_id_or_name_is_none(nothing: bytes, sample_of: Read) -> None:
    image = sample_of(detection("a.jpg", **{"image/source_id": nothing, "image/filename": nothing})).image
    assert image.source_id is None
    assert image.filename == ""


@pytest.mark.parametrize("key", ["image/filename", "image/source_id"])
def test_two_values_where_one_is_meant_are_an_error(key: str, sample_of: Read) -> None:
    assert "2 values, expected one" in refusal(sample_of, detection("a.jpg", **{key: texts("a", "b")}), key)


# -------------------------------------------------------------------------------------------------------- the objects
def test_an_object_has_its_class_as_the_record_has_it(sample_of: Read) -> None:
    record = detection("a.jpg", boxes=[(1, 1, 9, 9)] * 3, labels=[3, 0, -1], texts=["cat", "", "dog"])
    assert [(thing.label, thing.name) for thing in sample_of(record).objects] == [(3, "cat"), (0, ""), (-1, "dog")]


def test_a_class_may_be_a_number_or_a_text_alone(sample_of: Read) -> None:
    (thing,) = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9)], labels=[3])).objects
    assert (thing.label, thing.name) == (3, None)
    (thing,) = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9)], texts=["cat"])).objects
    assert (thing.label, thing.name) == (None, "cat")


@pytest.mark.parametrize("nothing", [floats(), ints(), texts(), no_kind()])
@pytest.mark.parametrize("key", ["text", "label"])
def test_an_empty_list_beside_a_full_one_says_nothing_whatever_its_kind(
    key: str, nothing: bytes, sample_of: Read
) -> None:
    record = detection(
        "a.jpg", boxes=[(1, 1, 9, 9)], labels=[3], texts=["cat"], **{f"image/object/class/{key}": nothing}
    )
    (thing,) = sample_of(record).objects
    assert (thing.label, thing.name) == ((3, None) if key == "text" else (None, "cat"))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("image/object/class/label", ints(1)),
        ("image/object/class/label", ints(1, 2, 3)),
        ("image/object/class/text", texts("a")),
        ("image/object/is_crowd", ints(1)),
        ("image/object/area", floats(1, 2, 3)),
    ],
)
def test_a_list_that_has_not_one_value_an_object_is_an_error_that_names_the_lengths(
    key: str, values: bytes, sample_of: Read
) -> None:
    message = refusal(sample_of, detection("a.jpg", boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], **{key: values}), key)
    assert "lengths" in message
    assert "for 2 boxes" in message


@pytest.mark.parametrize(
    ("key", "values", "kinds"),
    [
        ("image/object/area", texts("1"), "bytes, expected float"),
        ("image/object/is_crowd", texts("yes"), "bytes, expected int64"),
        ("image/encoded", ints(1), "int64, expected bytes"),
    ],
)
def test_a_feature_of_the_wrong_kind_is_an_error_that_names_both(
    key: str, values: bytes, kinds: str, sample_of: Read
) -> None:
    assert kinds in refusal(sample_of, detection("a.jpg", boxes=[(1, 1, 9, 9)], **{key: values}), key)


def test_a_text_that_is_no_utf8_is_kept_as_far_as_it_goes_and_reported(sample_of: Read) -> None:
    sample = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9)], texts=[b"caf\xe9"]))
    assert sample.objects[0].name == "caf\ufffd"
    assert finding(sample) == "text-not-utf8"
    assert "caf\\xe9" in sample.findings[0].text
    sample = sample_of(detection("a.jpg", **{"image/filename": texts(b"caf\xe9.jpg")}))
    assert sample.image.filename == "caf\ufffd.jpg"
    assert finding(sample) == "text-not-utf8"


def test_attributes_are_named_by_the_rest_of_their_key(sample_of: Read) -> None:
    features = {
        "image/object/difficult": ints(1, 0),
        "image/object/view": texts("Left", b"\xff"),
        "image/object/weight": floats(0.5, 1),
        "image/object/attribute/colour": ints(3, 4),
        "image/object/track/label": ints(7, 8),
    }
    sample = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], **features))
    first, second = (thing.attributes for thing in sample.objects)
    assert first["difficult"] == 1
    assert first["view"] == "Left"
    assert first["weight"] == 0.5
    assert first["colour"] == 3
    assert list(first) == list(second)
    assert sample.unmapped == ()


@pytest.mark.parametrize(
    "values", [floats(float("nan"), 1), floats(float("inf"), 1), texts(jpeg(), "x"), texts(b"a\0b", "x"), ints(1, 2, 3)]
)
def test_what_json_cannot_hold_or_belongs_to_no_object_is_left_unread(values: bytes, sample_of: Read) -> None:
    sample = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], **{"image/object/odd": values}))
    assert all("odd" not in thing.attributes for thing in sample.objects)
    assert "image/object/odd" in sample.unmapped


def test_keys_that_only_repeat_what_the_image_says_are_not_missed(sample_of: Read) -> None:
    sample = sample_of(detection("a.jpg", **{"image/channels": ints(3), "image/colorspace": texts("RGB")}))
    assert sample.unmapped == ()


def test_keys_without_values_are_not_missed(sample_of: Read) -> None:
    sample = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9)], **{"image/object/difficult": ints()}))
    assert sample.unmapped == ()
    assert sample.objects[0].attributes == {}


def test_unmapped_keys_are_sorted(sample_of: Read) -> None:
    assert sample_of(detection("a.jpg", **{"z": ints(1), "a": ints(1), "m/n": texts("x")})).unmapped == (
        "a",
        "m/n",
        "z",
    )


# ------------------------------------------------------------------------------------------------------------ the rest
def test_two_records_of_the_same_content_have_one_fingerprint(sample_of: Read) -> None:
    first = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9)]))
    again = sample_of(SOUND, detection("a.jpg", boxes=[(1, 1, 9, 9)]))
    other = sample_of(detection("a.jpg", boxes=[(1, 1, 9, 9)], labels=[2]))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != other.fingerprint


def test_images_are_decoded_only_where_that_is_asked_for(sample_of: Read, converted: Convert) -> None:
    data = bytearray(png(300, 200, (1, 2, 3)))
    data[60] ^= 0xFF  # within the pixels
    record = detection("a.png", (300, 200), image=bytes(data))
    assert sample_of(record).findings == ()
    with pytest.raises(FeatureError, match="image/encoded"):
        sample_of(record, options=ReadOptions(verify_images=True))
    with pytest.raises(RejectedInputError):
        converted(record, verify_images=True)
