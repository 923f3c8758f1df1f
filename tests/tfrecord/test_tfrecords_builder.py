"""The builder of test bytes against published vectors, bytes written out by hand, and files that TensorFlow wrote."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crc32c as peer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tfrecords import (
    crc32c,
    delimited,
    detection,
    example,
    fixed32,
    floats,
    frame,
    ints,
    jpeg,
    masked_crc,
    no_kind,
    number,
    png,
    sequence_example,
    shard,
    texts,
    varint,
)

GOLDEN = Path(__file__).parents[1] / "golden"
TRUTH: dict[str, Any] = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"]
BUILDERS: dict[str, Callable[..., bytes]] = {"bytes": texts, "float": floats, "int64": ints}


# The checksum


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),  # the check value that catalogues of CRCs give
        # RFC 3720, appendix B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (
            bytes.fromhex(
                "01c00000 00000000 00000000 00000000 14000000 00000400"
                "00000014 00000018 28000000 00000000 02000000 00000000"
            ),
            0xD9963A56,
        ),
    ],
)
def test_the_checksum_is_crc_32c(data: bytes, crc: int) -> None:
    assert crc32c(data) == crc


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_the_checksum_of_any_bytes_is_that_of_the_crc32c_package(data: bytes) -> None:
    assert crc32c(data) == peer.crc32c(data)


@pytest.mark.parametrize(
    ("data", "masked"),
    [
        # apache/beam, sdks/python/apache_beam/io/tfrecordio_test.py
        (bytes(32), 0x0FD7FFFA),
        (b"\xff" * 32, 0xF909B029),
        (b"foo", 0xFEBE8A61),
        (b"\x03\x00\x00\x00\x00\x00\x00\x00", 0x0E4999B0),
    ],
)
def test_checksums_are_masked_as_in_record_files(data: bytes, masked: int) -> None:
    assert masked_crc(data) == masked


# The frame


@pytest.mark.parametrize(
    ("payloads", "published"),
    [
        # written by TensorFlow, published in the same file of apache/beam
        ([b"foo"], "AwAAAAAAAACwmUkOZm9vYYq+/g=="),
        ([b"foo", b"bar"], "AwAAAAAAAACwmUkOZm9vYYq+/gMAAAAAAAAAsJlJDmJhckYA5cg="),
    ],
)
def test_frames_are_those_of_tensorflow(payloads: list[bytes], published: str) -> None:
    assert b"".join(frame(payload) for payload in payloads) == base64.b64decode(published)
    assert shard(*payloads) == base64.b64decode(published)


@pytest.mark.parametrize(
    ("parts", "damaged"),
    [
        ({"length_crc": 0x01020304}, "0300000000000000 04030201 666f6f 618abefe"),
        ({"data_crc": 0x01020304}, "0300000000000000 b099490e 666f6f 04030201"),
        ({"length": 5, "length_crc": 0}, "0500000000000000 00000000 666f6f 618abefe"),
        ({"length": 0, "length_crc": 0, "data_crc": 0}, "0000000000000000 00000000 666f6f 00000000"),
    ],
)
def test_a_given_part_replaces_the_true_one_and_no_other(parts: dict[str, int], damaged: str) -> None:
    assert frame(b"foo", **parts) == bytes.fromhex(damaged)


@pytest.mark.parametrize("length", [0, 4, 2**31, 2**64 - 1])
def test_the_checksum_of_a_false_length_holds(length: int) -> None:
    true = frame(b"foo")
    false = frame(b"foo", length=length)
    assert false[:8] == struct.pack("<Q", length)
    crc = peer.crc32c(false[:8])
    assert struct.unpack("<I", false[8:12])[0] == ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32
    assert false[12:] == true[12:]


# Wire format. The numbers are those of https://protobuf.dev/programming-guides/encoding, the rest is written by hand.


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (0, "00"),
        (1, "01"),
        (127, "7f"),
        (128, "8001"),
        (150, "9601"),
        (270, "8e02"),
        (86942, "9ea705"),
        (2**64 - 1, "ffffffffffffffffff01"),
        (-1, "ffffffffffffffffff01"),
        (-2, "feffffffffffffffff01"),
        (-(2**63), "80808080808080808001"),
    ],
)
def test_integers_are_groups_of_seven_bits(value: int, wire: str) -> None:
    assert varint(value) == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("field", "wire"),
    [
        (number(1, 150), "08 9601"),
        (delimited(2, b"testing"), "12 07 74657374696e67"),
        (delimited(3, number(1, 150)), "1a 03 08 9601"),
        (delimited(16, b""), "8201 00"),
        (fixed32(6, b"\x01\x02\x03\x04"), "35 01020304"),
    ],
)
def test_fields_have_number_and_wire_type_in_front(field: bytes, wire: str) -> None:
    assert field == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("feature", "wire"),
    [
        (texts("testing"), "0a 09  0a 07 74657374696e67"),
        (texts("", b"\xff", "ü"), "0a 09  0a 00  0a 01 ff  0a 02 c3bc"),
        (texts(), "0a 00"),
        (floats(1.0, -2.0), "12 0a  0a 08 0000803f 000000c0"),
        (floats(1.0, -2.0, packed=False), "12 0a  0d 0000803f  0d 000000c0"),
        (floats(0.1), "12 06  0a 04 cdcccc3d"),
        (floats(float("inf")), "12 06  0a 04 0000807f"),
        (floats(), "12 00"),
        (floats(packed=False), "12 00"),
        (ints(3, 270, 86942), "1a 08  0a 06 03 8e02 9ea705"),
        (ints(3, 270, 86942, packed=False), "1a 09  08 03  08 8e02  08 9ea705"),
        (ints(-1), "1a 0c  0a 0a ffffffffffffffffff01"),
        (ints(), "1a 00"),
        (ints(packed=False), "1a 00"),
        (no_kind(), ""),
    ],
)
def test_features_are_written_as_feature_proto_says(feature: bytes, wire: str) -> None:
    assert feature == bytes.fromhex(wire)


@pytest.mark.parametrize(
    ("payload", "wire"),
    [
        (example({}), "0a 00"),
        (example({"a": ints(1)}), "0a 0c  0a 0a  0a 01 61  12 05 1a 03 0a 01 01"),
        (
            example({"b": texts("x"), "a": no_kind()}),
            "0a 13  0a 0a  0a 01 62  12 05 0a 03 0a 01 78  0a 05  0a 01 61  12 00",
        ),
        (
            example([("a", ints(1)), ("a", ints())]),
            "0a 15  0a 0a  0a 01 61  12 05 1a 03 0a 01 01  0a 07  0a 01 61  12 02 1a 00",
        ),
        (example([(b"\xff", no_kind())]), "0a 07  0a 05  0a 01 ff  12 00"),
        (example({}, extra=number(15, 7)), "0a 00  78 07"),
        (sequence_example({}, {}), "0a 00  12 00"),
        (
            sequence_example({"a": ints(1)}, {"l": [ints(2), no_kind()]}, extra=b"\x78\x07"),
            "0a 0c  0a 0a  0a 01 61  12 05 1a 03 0a 01 01"
            "12 10  0a 0e  0a 01 6c  12 09  0a 05 1a 03 0a 01 02  0a 00"
            "78 07",
        ),
    ],
)
def test_examples_are_written_as_example_proto_says(payload: bytes, wire: str) -> None:
    assert payload == bytes.fromhex(wire)


# Pictures and records


@pytest.mark.parametrize(("make", "image_format"), [(jpeg, "JPEG"), (png, "PNG")])
@pytest.mark.parametrize(("colour", "mode"), [(90, "L"), ((200, 30, 60), "RGB")])
def test_a_picture_has_the_size_and_the_colour_that_was_asked_for(
    make: Callable[..., bytes], image_format: str, colour: int | tuple[int, ...], mode: str
) -> None:
    with Image.open(io.BytesIO(make(31, 17, colour))) as picture:
        assert (picture.format, picture.size, picture.mode) == (image_format, (31, 17), mode)
        corner = picture.getpixel((30, 16))
    assert corner == pytest.approx(colour, abs=3)  # a JPEG is not exact


def test_options_of_a_picture_reach_the_encoder() -> None:
    assert b"\xff\xc2" in jpeg(progressive=True)  # SOF2
    assert b"\xff\xc2" not in jpeg()


def test_a_detection_says_of_its_boxes_in_pixels_what_the_object_detection_api_would_write() -> None:
    image = png(40, 20)
    record = detection(
        "a.png", (40, 20), boxes=[(10, 5, 30, 20), (0, 0, 1, 1)], labels=[2, 7], texts=["dog", b"\xff"], image=image
    )
    assert record == {
        "image/height": ints(20),
        "image/width": ints(40),
        "image/filename": texts("a.png"),
        "image/source_id": texts("a.png"),
        "image/key/sha256": texts(hashlib.sha256(image).hexdigest()),
        "image/encoded": texts(image),
        "image/format": texts("png"),
        "image/object/bbox/xmin": floats(0.25, 0.0),
        "image/object/bbox/xmax": floats(0.75, 0.025),
        "image/object/bbox/ymin": floats(0.25, 0.0),
        "image/object/bbox/ymax": floats(1.0, 0.05),
        "image/object/class/text": texts("dog", b"\xff"),
        "image/object/class/label": ints(2, 7),
    }


@pytest.mark.parametrize(
    ("name", "declared", "signature"), [("a.jpg", "jpeg", b"\xff\xd8"), ("a.png", "png", b"\x89P")]
)
def test_a_detection_draws_its_own_picture(name: str, declared: str, signature: bytes) -> None:
    record = detection(name, (33, 21))
    data = record["image/encoded"][record["image/encoded"].index(signature) :]
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (33, 21)
    assert record["image/encoded"] == texts(data)
    assert record["image/key/sha256"] == texts(hashlib.sha256(data).hexdigest())
    assert record["image/format"] == texts(declared)
    assert detection("other" + name, (33, 21))["image/encoded"] != record["image/encoded"]


@pytest.mark.parametrize(
    ("arguments", "label", "text"),
    [
        ({}, ints(1, 1), None),
        ({"labels": [3, 4]}, ints(3, 4), None),
        ({"texts": ["cat", "dog"]}, None, texts("cat", "dog")),
    ],
)
def test_a_detection_has_the_classes_that_were_given_or_else_label_1(
    arguments: dict[str, Any], label: bytes | None, text: bytes | None
) -> None:
    record = detection(boxes=[(1, 1, 2, 2), (3, 3, 4, 4)], **arguments)
    assert record.get("image/object/class/label") == label
    assert record.get("image/object/class/text") == text


def test_features_of_a_detection_can_be_added_replaced_and_dropped() -> None:
    usual = detection()
    record = detection(
        drop=["image/format", "image/object/area"],
        **{"image/height": no_kind(), "image/caption": texts("two"), "image/object/area": floats(1)},
    )
    assert record == {key: feature for key, feature in usual.items() if key != "image/format"} | {
        "image/height": no_kind(),
        "image/caption": texts("two"),
    }


def test_dropping_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="image/fromat"):
        detection(drop=["image/fromat"])


def test_a_shard_holds_features_and_payloads_in_order() -> None:
    record = detection("a.jpg")
    assert shard(record, b"x", b"") == frame(example(record)) + frame(b"x") + frame(b"")
    assert shard() == b""


# What TensorFlow wrote, byte for byte


def uncompressed(name: str) -> bytes:
    """The stream of records in a golden file."""
    data = (GOLDEN / name).read_bytes()
    unpack: dict[str, Callable[[bytes], bytes]] = {"": bytes, "GZIP": gzip.decompress, "ZLIB": zlib.decompress}
    return unpack[TRUTH[name]["compression"]](data)


def golden_payloads(name: str) -> list[bytes]:
    """The payloads of a golden file, cut out by the lengths in golden.json."""
    stream = io.BytesIO(uncompressed(name))
    payloads = []
    for record in TRUTH[name]["records"]:
        stream.seek(12, io.SEEK_CUR)
        payloads.append(stream.read(record["length"]))
        stream.seek(4, io.SEEK_CUR)
    return payloads


def rebuilt(kind: str, values: list[Any], payload: bytes) -> bytes:
    """A Feature from its values in golden.json; a picture, of which only the digest stands there, from the payload."""
    return BUILDERS[kind](*(picture(payload, **value) if isinstance(value, dict) else value for value in values))


def picture(payload: bytes, length: int, sha256: str) -> bytes:
    """The bytes of this length and digest in the payload."""
    windows = (payload[start : start + length] for start in range(len(payload) - length + 1))
    return next(window for window in windows if hashlib.sha256(window).hexdigest() == sha256)


@pytest.mark.parametrize("name", TRUTH)
def test_golden_payloads_have_the_digests_of_golden_json(name: str) -> None:
    for payload, record in zip(golden_payloads(name), TRUTH[name]["records"], strict=True):
        assert hashlib.sha256(payload).hexdigest() == record["sha256"]
        assert "hex" not in record or payload == bytes.fromhex(record["hex"])


@pytest.mark.parametrize("name", TRUTH)
def test_golden_files_are_the_frames_of_their_payloads(name: str) -> None:
    assert shard(*golden_payloads(name)) == uncompressed(name)


def test_golden_examples_are_rebuilt_from_their_values_byte_for_byte() -> None:
    records = TRUTH["detection.tfrecord"]["records"]
    for payload, record in zip(golden_payloads("detection.tfrecord"), records, strict=True):
        features = {key: rebuilt(payload=payload, **truth) for key, truth in record["features"].items()}
        assert example(features) == payload


def test_the_golden_sequence_is_rebuilt_from_its_values_byte_for_byte() -> None:
    (record,) = TRUTH["sequence.tfrecord"]["records"]
    (payload,) = golden_payloads("sequence.tfrecord")
    context = {key: rebuilt(payload=payload, **truth) for key, truth in record["context"].items()}
    lists = {
        key: [rebuilt(truth["kind"], values, payload) if values else no_kind() for values in truth["frames"]]
        for key, truth in record["lists"].items()
    }
    assert sequence_example(context, lists) == payload
