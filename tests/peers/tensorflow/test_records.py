"""What TensorFlow writes, we read; what we write, TensorFlow reads; and both stop at the same damage."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

# Where the types are checked, TensorFlow is not installed.
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]

from peers.tensorflow.writing import example, floats, ints, read, texts, write
from tfrecord_lite import RecordError, TFRecordWriter, TruncatedRecordError, read_examples, read_records

CHANCE = random.Random(7)
PAYLOADS = [
    b"foo",
    b"",
    bytes(range(256)),
    bytes(100_000),  # compresses a thousandfold
    CHANCE.randbytes(70_000),  # larger than TensorFlow's buffer of 64 KiB
    CHANCE.randbytes((1 << 20) - 16),  # with its frame just one of our blocks
    CHANCE.randbytes((3 << 20) + 5),
    b"last",
]
COMPRESSIONS = ["", "GZIP", "ZLIB"]


def ours(path: Path) -> list[bytes]:
    return [record.payload for record in read_records(path)]


@pytest.mark.parametrize("name", ["x.tfrecord", "x.tfrecord.gz", "x.zlib", "x"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_we_read_what_tensorflow_writes_whatever_the_file_is_called(
    tmp_path: Path, compression: str, name: str
) -> None:
    write(tmp_path / name, PAYLOADS, compression)
    assert ours(tmp_path / name) == read(tmp_path / name, compression) == PAYLOADS


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_file_without_records_has_none_for_both(tmp_path: Path, compression: str) -> None:
    write(tmp_path / "x.tfrecord", [], compression)
    assert ours(tmp_path / "x.tfrecord") == read(tmp_path / "x.tfrecord", compression) == []


@pytest.mark.parametrize(
    ("length", "start"),
    [(0x088B1F, b"\x1f\x8b\x08"), (0x0178, b"\x78\x01"), (0x9C78, b"\x78\x9c")],
    ids=["as gzip", "as zlib without compression", "as zlib"],
)
def test_a_plain_file_may_begin_like_a_compressed_one(tmp_path: Path, length: int, start: bytes) -> None:
    payload = CHANCE.randbytes(length)
    write(tmp_path / "x.tfrecord", [payload, b"second"])
    assert (tmp_path / "x.tfrecord").read_bytes().startswith(start)
    assert ours(tmp_path / "x.tfrecord") == [payload, b"second"]


def test_gzip_files_one_after_another_are_one_file_for_both(tmp_path: Path) -> None:
    for name, payloads in (("a", PAYLOADS[:3]), ("b", PAYLOADS[3:])):
        write(tmp_path / name, payloads, "GZIP")
    joined = tmp_path / "joined.gz"
    joined.write_bytes((tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes())
    assert ours(joined) == read(joined, "GZIP") == PAYLOADS


def test_tensorflow_reads_what_we_write(tmp_path: Path) -> None:
    with TFRecordWriter(tmp_path / "x.tfrecord") as out:
        for payload in PAYLOADS:
            out.write(payload)
    assert read(tmp_path / "x.tfrecord") == PAYLOADS


def test_our_file_is_tensorflows_byte_for_byte(tmp_path: Path) -> None:
    with TFRecordWriter(tmp_path / "ours") as out:
        for payload in PAYLOADS:
            out.write(payload)
    write(tmp_path / "theirs", PAYLOADS)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_tensorflow_reads_what_we_write_and_others_compress(tmp_path: Path) -> None:
    with TFRecordWriter(tmp_path / "plain") as out:
        for payload in PAYLOADS:
            out.write(payload)
    (tmp_path / "x.gz").write_bytes(gzip.compress((tmp_path / "plain").read_bytes()))
    assert read(tmp_path / "x.gz", "GZIP") == ours(tmp_path / "x.gz") == PAYLOADS


def until_damage(path: Path) -> tuple[list[bytes], bool]:
    """What TensorFlow reads of a file until it finds it damaged, and whether it does."""
    payloads = []
    try:
        for payload in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            payloads.append(payload)  # noqa: PERF402 - what came before the error counts
    except tf.errors.DataLossError:
        return payloads, True
    return payloads, False


def our_until_damage(path: Path) -> tuple[list[bytes], RecordError | None]:
    payloads = []
    try:
        for record in read_records(path):
            payloads.append(record.payload)  # noqa: PERF401 - likewise
    except RecordError as error:
        return payloads, error
    return payloads, None


SMALL = [b"first record", b"", b"the third"]


@pytest.fixture
def small(tmp_path: Path) -> bytearray:
    write(tmp_path / "small", SMALL)
    return bytearray((tmp_path / "small").read_bytes())


def test_a_changed_byte_stops_both_at_the_same_record(tmp_path: Path, small: bytearray) -> None:
    path = tmp_path / "changed"
    for place in range(len(small)):
        changed = small.copy()
        changed[place] ^= CHANCE.randint(1, 255)
        path.write_bytes(changed)
        theirs, damaged = until_damage(path)
        mine, error = our_until_damage(path)
        assert damaged, place
        assert error is not None, place
        assert mine == theirs == SMALL[: len(mine)]
        assert error.where.record == len(theirs)


def test_a_cut_file_gives_both_the_same_whole_records(tmp_path: Path, small: bytearray) -> None:
    path = tmp_path / "cut"
    ends = [sum(16 + len(payload) for payload in SMALL[:count]) for count in range(len(SMALL) + 1)]
    for size in range(len(small)):
        path.write_bytes(small[:size])
        theirs, damaged = until_damage(path)
        mine, error = our_until_damage(path)
        assert mine == theirs
        stray = size - ends[len(mine)]
        assert isinstance(error, TruncatedRecordError) == (stray > 0)
        # The one deliberate difference (framing.py): TensorFlow takes the rest of a header for a clean end.
        assert damaged == (stray >= 12)


def test_examples_mean_to_us_what_they_mean_to_tensorflow(tmp_path: Path) -> None:
    features = {
        "bytes": texts("ä", b"\xff\x00", ""),
        "floats": floats(0.1, -0.0, 3.4e38, 1e-45, float("inf")),
        "ints": ints(0, -1, 2**63 - 1, -(2**63)),
        "no bytes": texts(),
        "no floats": floats(),
        "of no kind": tf.train.Feature(),
        "": ints(5),
    }
    payloads = [example(features), example({"other": ints(1)})]
    write(tmp_path / "x.tfrecord", payloads, "ZLIB")
    kinds = {"bytes": tf.string, "floats": tf.float32, "ints": tf.int64, "no bytes": tf.string, "no floats": tf.float32}
    parsed = tf.io.parse_single_example(payloads[0], {key: tf.io.VarLenFeature(kind) for key, kind in kinds.items()})
    theirs: dict[str, list[Any]] = {key: tensor.values.numpy().tolist() for key, tensor in parsed.items()}
    first, second = read_examples(tmp_path / "x.tfrecord")
    assert first.keys() == sorted(features)
    assert second.keys() == ["other"]
    assert {key: list(first.values(key)) for key in kinds} == theirs
    assert first.blobs("bytes") == theirs["bytes"]
    assert first.floats("floats") == theirs["floats"]
    assert first.ints("ints") == theirs["ints"]
    assert first.kind("of no kind") is None
