"""What people read of a damaged record: where, what was found, what was expected, and a remedy."""

from __future__ import annotations

import struct
import zlib

import pytest
import tfrecords
from streams import events, only_error

LENGTH_OF_6 = struct.pack("<Q", 6)
IEEE = zlib.crc32(LENGTH_OF_6)
MASKED_IEEE = ((IEEE >> 15 | IEEE << 17) + 0xA282EAD8) & 0xFFFFFFFF
CUT_HINT = "still being written"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(
            tfrecords.frame(b"first") + tfrecords.frame(b"second")[:-7],
            ["x: record 1 at byte 21", "ends inside a record of 6 bytes", "3 of 10 bytes", CUT_HINT],
            id="cut in the payload",
        ),
        pytest.param(
            tfrecords.frame(b"first")[:7],
            ["x: record 0 at byte 0", "ends inside a record header", "7 of 12 bytes", CUT_HINT],
            id="cut in the first header",
        ),
        pytest.param(
            tfrecords.frame(b"first", data_crc=0x12345678),
            [
                "x: record 0 at byte 0",
                "checksum of the data",
                f"{tfrecords.masked_crc(b'first'):#010x}",
                "stored is 0x12345678",
                "5 bytes",
            ],
            id="damaged payload",
        ),
        pytest.param(
            tfrecords.frame(b"first") + tfrecords.frame(b"second", length_crc=0x12345678),
            [
                "x: record 1 at byte 21",
                "checksum of the length",
                f"{tfrecords.masked_crc(LENGTH_OF_6):#010x}",
                "stored is 0x12345678",
                "--on-error=recover",
            ],
            id="damaged header",
        ),
        pytest.param(
            tfrecords.frame(b"second", length_crc=0x12345678),
            ["x: record 0 at byte 0", "is this a TFRecord file?"],
            id="damaged first header",
        ),
        pytest.param(
            tfrecords.frame(b"second", length_crc=tfrecords.crc32c(LENGTH_OF_6)), ["mask"], id="checksum without mask"
        ),
        pytest.param(tfrecords.frame(b"second", length_crc=0), ["checksum of 0", "writer"], id="no checksum"),
        pytest.param(tfrecords.frame(b"second", length_crc=IEEE), ["CRC-32 of zlib"], id="zlib's checksum"),
        pytest.param(tfrecords.frame(b"second", length_crc=MASKED_IEEE), ["CRC-32 of zlib"], id="zlib's, masked"),
        pytest.param(
            tfrecords.frame(b"second" * 4, length=24 << 56), ["x: record 0", "big-endian"], id="big-endian length"
        ),
        pytest.param(tfrecords.jpeg(), ["no TFRecord file", "JPEG"], id="a picture"),
        pytest.param(b"<html><body>403 Forbidden</body></html>", ["no TFRecord file", "web page"], id="a web page"),
        pytest.param(tfrecords.frame(b"first") + b"# end of the shard", ["record 1 at byte 21", "trail"], id="junk"),
        pytest.param(bytes(64), ["x: record 0 at byte 0", "zeros"], id="a file of zeros"),
        pytest.param(
            tfrecords.frame(b"first") + bytes(40) + tfrecords.frame(b"second"),
            ["record 1 at byte 21", "header is corrupt", "--on-error=recover"],
            id="a hole",
        ),
        pytest.param(tfrecords.frame(b"first") + bytes(64), ["record 1 at byte 21", "zeros"], id="trailing zeros"),
    ],
)
def test_a_message_names_file_record_byte_what_was_found_and_a_remedy(data: bytes, said: list[str]) -> None:
    for sized in (True, False):
        if "big-endian" in said and not sized:
            continue  # nothing tells how much a pipe will bring
        message = only_error(events(data, sized=sized)).text
        for words in said:
            assert words in message
        assert message.isprintable()


def test_the_guess_at_what_a_file_is_looks_at_its_beginning_only() -> None:
    found = events(tfrecords.frame(b"first") + tfrecords.jpeg())
    assert "JPEG" not in str(found[1])
    assert "is this a TFRecord file" not in str(found[1])
