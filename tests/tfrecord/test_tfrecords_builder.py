"""The builder of test bytes against published vectors, bytes written out by hand, and files that TensorFlow wrote."""

from __future__ import annotations

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
from tfrecords import (
    crc32c,
    example,
    floats,
    frame,
    ints,
    masked_crc,
    no_kind,
    number,
    sequence_example,
    shard,
    texts,
)

GOLDEN = Path(__file__).parents[1] / "golden"
TRUTH: dict[str, Any] = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"]
BUILDERS: dict[str, Callable[..., bytes]] = {"bytes": texts, "float": floats, "int64": ints}


# The checksum


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_the_checksum_of_any_bytes_is_that_of_the_crc32c_package(data: bytes) -> None:
    assert crc32c(data) == peer.crc32c(data)
    assert crc32c(b"123456789") == 0xE3069283  # the check value that catalogues of CRCs give


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
    """A Feature from its values in golden.json; a picture, of which there is only the digest, from the payload."""
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
