"""What any bytes may do to the parts that meet them first: be read, or be refused by an error of ours. Nothing else.

Each target takes bytes and raises where that promise is broken. tests/test_fuzz_targets.py runs them on random bytes,
tests/fuzz/run.py with coverage as the guide.
"""

from __future__ import annotations

from collections.abc import Callable

from tfrecord_lite.errors import DataError, FeatureError, LabelMapError, Location, RecordError
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import parse_record
from tfrecord_lite.images.buffer import ViewFile
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.labels.load import parse_label_map
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.schemas.detect.choice import choose
from tfrecord_lite.schemas.read.record import SampleReader
from tfrecord_lite.tfrecord.compression import Snapshot, open_stream
from tfrecord_lite.tfrecord.framing import Record, frame, read_frames
from tfrecord_lite.tfrecord.records import ignore_bytes

WHERE = Location("fuzz", 0, 0)


def framing(data: bytes) -> None:
    """Every byte belongs to a record or to one damage, and records are what their checksums say."""
    size = 0
    for event in read_frames(Snapshot(ViewFile(data), len(data), ignore_bytes), "fuzz", size=len(data)):
        if isinstance(event, Record):
            assert data[size : size + 16 + len(event.payload)] == frame(event.payload)
            size += 16 + len(event.payload)
        else:
            assert isinstance(event, RecordError)
            assert event.length
            size += event.length
    assert size == len(data)


def compression(data: bytes) -> None:
    """A stream that is damaged anywhere gives records and damages."""
    stream, _ = open_stream(Snapshot(ViewFile(data), len(data), ignore_bytes), "fuzz")
    for event in read_frames(stream, "fuzz", max_record_size=1 << 20):
        assert isinstance(event, Record | RecordError)


def example(data: bytes) -> None:
    """A payload gives samples, or one error for the record."""
    try:
        for each in parse_record(data, WHERE):
            if not isinstance(each, Example):
                continue
            choice = choose([each], "fuzz", ReadOptions())
            sample = SampleReader(choice, ReadOptions(panoptic_divisor=256)).read(each, b"")
            for thing in sample.objects:
                assert all(side - side == 0 for side in thing.box)
    except DataError:
        pass


def label_map(data: bytes) -> None:
    """A label map is read, or refused with its name."""
    for name in ("map.pbtxt", "map.yaml", "map.csv", "map.json", "map.txt"):
        try:
            found = parse_label_map(name, data)
        except LabelMapError as error:
            if not str(error).startswith(name):
                raise
        else:
            assert len({item.id for item in found.items}) == len(found.items) > 0


def image(data: bytes) -> None:
    """An image has a size, or is none."""
    try:
        info = read_image_info(data, WHERE, "image/encoded")
    except FeatureError:
        return
    assert info.width > 0
    assert info.height > 0


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (framing, compression, example, label_map, image)
}
