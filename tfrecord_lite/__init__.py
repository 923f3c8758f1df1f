"""TFRecord files to COCO datasets, without TensorFlow.

    from tfrecord_lite import convert
    convert("train-*.tfrecord", "coco/", label_map="label_map.pbtxt")

The names below are the public interface; each is imported when it is first asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own constant, without the time that its import takes

if TYPE_CHECKING:
    from tfrecord_lite.coco.rules.validation import CocoFinding, Validation
    from tfrecord_lite.comparison.result import Comparison
    from tfrecord_lite.errors import (
        BudgetError,
        ChecksumError,
        CocoFileError,
        CompressionError,
        DataError,
        ExampleError,
        ExhaustedError,
        FeatureError,
        InputError,
        LabelMapError,
        LayoutError,
        Location,
        NoRecordsError,
        OutputError,
        RecordError,
        RecordSizeError,
        RejectedInputError,
        TFRecordLiteError,
        TruncatedRecordError,
        UsageError,
        VideoError,
        WorkerError,
    )
    from tfrecord_lite.example.build import build_example
    from tfrecord_lite.example.example import Example
    from tfrecord_lite.options import ReadOptions
    from tfrecord_lite.pipeline.comparing.compare import compare
    from tfrecord_lite.pipeline.conversion.convert import convert
    from tfrecord_lite.pipeline.conversion.summary import Summary
    from tfrecord_lite.pipeline.inspection.inspect import inspect
    from tfrecord_lite.pipeline.inspection.inspection import Inspection
    from tfrecord_lite.pipeline.packing.pack import pack
    from tfrecord_lite.pipeline.packing.packed import Packed
    from tfrecord_lite.pipeline.previews.preview import Preview, preview
    from tfrecord_lite.pipeline.reading.shard_reader import read_examples, read_samples
    from tfrecord_lite.pipeline.validate import validate
    from tfrecord_lite.pipeline.verify import verify
    from tfrecord_lite.sample import Finding, Image, Object, Sample, to_rows
    from tfrecord_lite.schemas.write.record_writer import TFRecordWriter
    from tfrecord_lite.tfrecord.framing import Record
    from tfrecord_lite.tfrecord.records import read_records

__version__ = "0.1.0"

_HOMES = {
    "pipeline.conversion.convert": ("convert",),
    "pipeline.comparing.compare": ("compare",),
    "comparison.result": ("Comparison",),
    "pipeline.inspection.inspect": ("inspect",),
    "pipeline.inspection.inspection": ("Inspection",),
    "pipeline.packing.pack": ("pack",),
    "pipeline.packing.packed": ("Packed",),
    "pipeline.verify": ("verify",),
    "pipeline.previews.preview": ("preview", "Preview"),
    "pipeline.validate": ("validate",),
    "coco.rules.validation": ("CocoFinding", "Validation"),
    "errors": ("Location",),
    "example.build": ("build_example",),
    "example.example": ("Example",),
    "tfrecord.framing": ("Record",),
    "tfrecord.records": ("read_records",),
    "schemas.write.record_writer": ("TFRecordWriter",),
    "sample": ("Finding", "Image", "Object", "Sample", "to_rows"),
    "options": ("ReadOptions",),
    "pipeline.conversion.summary": ("Summary",),
    "pipeline.reading.shard_reader": ("read_examples", "read_samples"),
}


__all__ = [
    "BudgetError",
    "ChecksumError",
    "CocoFileError",
    "CocoFinding",
    "Comparison",
    "CompressionError",
    "DataError",
    "Example",
    "ExampleError",
    "ExhaustedError",
    "FeatureError",
    "Finding",
    "Image",
    "InputError",
    "Inspection",
    "LabelMapError",
    "LayoutError",
    "Location",
    "NoRecordsError",
    "Object",
    "OutputError",
    "Packed",
    "Preview",
    "ReadOptions",
    "Record",
    "RecordError",
    "RecordSizeError",
    "RejectedInputError",
    "Sample",
    "Summary",
    "TFRecordLiteError",
    "TFRecordWriter",
    "TruncatedRecordError",
    "UsageError",
    "Validation",
    "VideoError",
    "WorkerError",
    "build_example",
    "compare",
    "convert",
    "inspect",
    "pack",
    "preview",
    "read_examples",
    "read_records",
    "read_samples",
    "to_rows",
    "validate",
    "verify",
]
_HOME_OF = {name: "errors" for name in __all__ if name.endswith("Error")}
_HOME_OF |= {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Imports a public name on first use: the command line must not pay for protobuf to print its help."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as with typing

    value: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
