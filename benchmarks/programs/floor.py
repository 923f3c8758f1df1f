"""The floor: reads the file, verifies both checksums, and writes the image bytes; nothing else.

    floor.py write|sync CORPUS OUT

No converter can do less. There are no messages, lists, names or annotations: images are numbered, and found by what
benchmarks/corpus.py is known to write, whose keys are sorted, so that image/encoded comes first. sync: the images are
also synced to the disk, as our command does before it publishes them and other programs do not. Prints the number of
records, and the seconds without interpreter and imports.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Iterator
from io import FileIO
from time import perf_counter

from crc32c import crc32c

BLOCK = 1 << 20  # bytes
HEADER = struct.Struct("<QI")
FOOTER = struct.Struct("<I")


def payloads(path: str) -> Iterator[memoryview]:
    """The payloads of all records, in a buffer that the next one overwrites."""
    buffer, start, end = memoryview(bytearray(BLOCK)), 0, 0
    with FileIO(path) as file:
        while True:
            need = HEADER.size
            if end - start >= need:
                length, stored = HEADER.unpack_from(buffer, start)
                check(buffer[start : start + 8], stored)
                need += length + FOOTER.size
                if end - start >= need:
                    payload = buffer[start + HEADER.size : start + HEADER.size + length]
                    check(payload, FOOTER.unpack_from(buffer, start + HEADER.size + length)[0])
                    yield payload
                    start += need
                    continue
            rest = buffer[start:end]
            if need > len(buffer):
                buffer = memoryview(bytearray(need))
            buffer[: len(rest)] = rest
            start, end = 0, len(rest)
            got = file.readinto(buffer[end:])
            if not got:
                break
            end += got
    if end:
        sys.exit(f"{path}: cut")


def check(data: memoryview, stored: int) -> None:
    crc = crc32c(data)
    if ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF != stored:
        sys.exit("a checksum is wrong")


def image(payload: memoryview) -> memoryview:
    """The JPEG in a payload; the varint before it says how long it is, and ends with a byte without a high bit."""
    head = bytes(payload[:64])
    begin = at = head.index(b"\xff\xd8\xff")
    length = head[at - 1]
    at -= 1
    while head[at - 1] & 0x80:
        at -= 1
        length = length << 7 | head[at] & 0x7F
    return payload[begin : begin + length]


def write_all(path: str, out: str) -> int:
    """Writes the images of all records. Returns how many records there are."""
    os.makedirs(out)
    records = 0
    for payload in payloads(path):
        file = os.open(f"{out}/{records:012d}.jpg", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        os.write(file, image(payload))
        os.close(file)
        records += 1
    return records


def main() -> None:
    mode, path, out = sys.argv[1:]
    begin = perf_counter()
    records = write_all(path, out)
    if mode == "sync":
        os.sync()
    print(json.dumps({"records": records, "seconds": perf_counter() - begin}))


if __name__ == "__main__":
    main()
