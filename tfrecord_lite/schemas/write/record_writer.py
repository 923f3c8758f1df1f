"""Samples, or payloads of any kind -> a TFRecord file, which has its name once it is complete.

A TFRecord file that ends early between two records looks complete to every reader: the format has no end mark. So what
is written has another name until it is closed, and is removed where an exception ends the writing.
"""

from __future__ import annotations

import contextlib
import os
from secrets import token_hex

from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.inputs.storage import kind_of
from tfrecord_lite.sample import Sample
from tfrecord_lite.tfrecord.framing import frame


class TFRecordWriter:
    """Writes a TFRecord file, uncompressed. An existing file is replaced once the new one is complete.

    with TFRecordWriter("x.tfrecord") as out:
        out.write(Sample.of(data, [Object((10, 8, 30, 24), label=1, name="cat")], filename="x.jpg"))
        out.write(build_example({"image/encoded": data}))

    Until then it is called ``.x.tfrecord.partial-`` and some random letters: a pattern such as ``x.tfrecord*`` does not
    match what a killed run left. A pipe or a device is written to directly.

    Raises:
        OSError: the file cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.path.realpath(os.fspath(path))
        self._is_whole_at_once = kind_of(self._path) in ("file", "nothing")
        folder, name = os.path.split(self._path)
        partial = os.path.join(folder, f".{name}.partial-{token_hex(4)}")
        self._written_to = partial if self._is_whole_at_once else self._path
        mode = "xb" if self._is_whole_at_once else "wb"
        self._file = open(self._written_to, mode, 1 << 20)  # noqa: SIM115 - closed by close, discard or the with statement

    def write(self, content: Buffer | bytearray | Sample) -> None:
        """Appends one record.

        Args:
            content: a sample, which is written in the vocabulary of the Object Detection API; or the bytes of a
                payload, in C order where it is an array or a view of one.

        Raises:
            UsageError: a sample cannot be said in a record: an object's polygon cannot be drawn, or only some objects
                have a class number.
        """
        if isinstance(content, Sample):
            from tfrecord_lite.schemas.write.record import make_payload  # noqa: PLC0415 - imports Pillow

            content = make_payload(content)
        self._file.write(frame(content if isinstance(content, bytes) else memoryview(content).tobytes()))

    def close(self) -> None:
        """Writes what is buffered, and gives the file its name. OSError where the file system refuses."""
        if self._file.closed:
            return
        try:
            self._file.close()
            if self._is_whole_at_once:
                os.replace(self._written_to, self._path)
        except OSError:
            self.discard()
            raise

    def discard(self) -> None:
        """Removes what was written. An earlier file of the name stays."""
        with contextlib.suppress(OSError):
            self._file.close()
        if self._is_whole_at_once:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._written_to)

    def __enter__(self) -> TFRecordWriter:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()
