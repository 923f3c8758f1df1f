"""Samples, or payloads of any kind -> a TFRecord file: the writer that users import."""

from __future__ import annotations

from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.sample import Sample
from tfrecord_lite.tfrecord.writer import PayloadWriter


class TFRecordWriter(PayloadWriter):
    """Writes a TFRecord file, uncompressed. An existing file is replaced once the new one is complete.

    with TFRecordWriter("x.tfrecord") as out:
        out.write(Sample.of(data, [Object((10, 8, 30, 24), label=1, name="cat")], filename="x.jpg"))
        out.write(build_example({"image/encoded": data}))

    Until then it is called ``x.tfrecord.partial-`` and some random letters. A pipe or a device is written to directly.

    Raises:
        OSError: the file cannot be made.
    """

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
        super().write(content)
