"""First bytes of a file that is not a TFRecord file -> what it is instead, for the message.

Signatures are those that the formats' own specifications give.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from tfrecord_lite.images.signatures import image_format

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip data (compressed twice?)"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed data, which TFRecord files do not use: unpack it first"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy compressed data, which TFRecord files do not use: unpack it first"),
    (b"BZh", "bzip2 compressed data, which TFRecord files do not use: unpack it first"),
    (b"\xfd7zXZ\x00", "xz compressed data, which TFRecord files do not use: unpack it first"),
    (b"\x04\x22\x4d\x18", "lz4 compressed data, which TFRecord files do not use: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"PAR1", "an Apache Parquet file"),
    (b"ARROW1", "an Apache Arrow or Feather file"),
    (b"ORC", "an Apache ORC file"),
    (b"SEQ\x06", "a Hadoop SequenceFile"),
    (b"\x93NUMPY", "a NumPy array file"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"Obj\x01", "an Apache Avro file"),
    # Riegeli's signature (doc/riegeli_records_file_format.md), with which ArrayRecord files begin too
    # (google/array_record cpp/sequenced_chunk_writer.cc).
    (b"\x83\xaf\x70\xd1\x0d\x88\x4a\x3f", "an ArrayRecord or Riegeli file: have the dataset written as tfrecord"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF-", "a PDF document"),
    (b"version https://git-lfs", "a Git LFS pointer: run 'git lfs pull' to get the file itself"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?<(?:!doctype|html|\?xml|head|body|error)", re.IGNORECASE)


def foreign_kind(head: bytes) -> str | None:  # noqa: PLR0911 - one return a kind of file
    """What a file that starts with ``head`` looks like, or None where the bytes say nothing."""
    if not head:
        return None
    if not head.strip(b"\0"):
        return "zeros (a hole, or space that was allocated and never written)"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if (picture := image_format(head)) is not None:
        return f"a {picture.upper()} picture"
    if _MARKUP.match(head):
        return "a web page or XML, such as a server's error message"
    if head[257:262] == b"ustar":
        return "a tar archive: unpack it first"
    if head.lstrip()[:1] in (b"{", b"["):
        return "JSON text"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head) and _is_mostly_ascii_or_utf8(head):
        return "text"
    return None


def _is_mostly_ascii_or_utf8(head: bytes) -> bool:
    """Whether bytes can be words: of a language with few other letters in any encoding, or of any in UTF-8."""
    if 2 * sum(byte < 128 for byte in head) > len(head):
        return True
    try:
        getincrementaldecoder("utf-8")().decode(head)  # a letter that the end cuts is none that is wrong
    except UnicodeDecodeError:
        return False
    return True
