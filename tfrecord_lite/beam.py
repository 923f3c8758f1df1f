"""Conversion as a transform of Apache Beam: ``pipeline | Convert("/data/train@1000", "/data/coco")``.

The tasks are those of ``pipeline.distributed``; here they only become steps of a pipeline. Needs the extra ``[beam]``.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
from collections.abc import Mapping, Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from tfrecord_lite.errors import TFRecordLiteError, WorkerError, shortened
from tfrecord_lite.pipeline.conversion.distributed import Job
from tfrecord_lite.pipeline.conversion.summary import Summary
from tfrecord_lite.tfrecord.records import Paths


class Convert(beam.PTransform):  # type: ignore[misc]
    """Converts TFRecord files to a COCO dataset, on all machines that the runner has.

    The result is a collection of one element: a ``Summary``; or the error, where nothing was published.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications, which all workers can read.
        output: a dataset folder, which all workers can write to.
        options: as of ``tfrecord_lite.convert``, without those that make sense on one machine only.

    Raises:
        UsageError, InputError, OutputError, LabelMapError: as ``convert``, before anything is read.
    """

    def __init__(self, inputs: Paths, output: str | os.PathLike[str], **options: object) -> None:
        super().__init__()
        self.job = Job(inputs, output, options)

    def expand(self, begin: beam.Pipeline) -> beam.PCollection:
        """Adds the steps to a pipeline."""
        job = self.job
        once = begin | "Once" >> beam.Create([None])
        parts = begin | "Parts" >> beam.Create(job.parts())
        read = parts | "Spread parts" >> beam.Reshuffle() | "Read" >> beam.Map(job.read)
        settled = once | "Settle" >> beam.Map(lambda _, parts: job.settle(parts), beam.pvalue.AsList(read))
        placed = (
            settled
            | "Pictures" >> beam.FlatMap(job.placements)
            | "Spread pictures" >> beam.Reshuffle()
            | "Place" >> beam.MapTuple(job.place)
        )
        return once | "Finish" >> beam.Map(
            lambda _, settled, placed: job.finish(settled, placed),
            beam.pvalue.AsSingleton(settled),
            beam.pvalue.AsList(placed),  # nothing is published before all are there
        )


def run(
    inputs: Paths, output: str | os.PathLike[str], options: Mapping[str, object], pipeline_options: Sequence[str]
) -> Summary:
    """Converts in a pipeline of its own, and waits for its end.

    Args:
        inputs: as of ``Convert``.
        output: likewise.
        options: likewise.
        pipeline_options: of Beam and its runner, as on a command line.

    Raises:
        RejectedInputError, UsageError: as ``convert``.
        WorkerError: the runner gave up; why is in its log.
    """
    logging.getLogger("apache_beam").setLevel(logging.WARNING)
    convert = Convert(inputs, output, **options)
    outcome = convert.job.work + ".outcome"
    try:
        with beam.Pipeline(options=PipelineOptions(list(pipeline_options))) as pipeline:
            pipeline | "Convert" >> convert | "Outcome" >> beam.Map(_write, outcome)
        with open(outcome, "rb") as file:
            result: Summary | TFRecordLiteError = pickle.load(file)  # noqa: S301 - of this very run
    except Exception as error:
        # Each runner has errors of its own, and some hold the traceback of a worker.
        last = str(error).strip().rpartition("\n")[2]
        problem = f"the pipeline failed: {type(error).__name__}: {shortened(last)}. The log of the runner says more"
        raise WorkerError(f"{problem}; the output is there as a whole, or not at all") from error
    finally:
        convert.job.clear()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(outcome)
    if isinstance(result, TFRecordLiteError):
        raise result
    return result


def _write(outcome: Summary | TFRecordLiteError, path: str) -> None:
    """Leaves the outcome where ``run`` finds it: a pipeline gives nothing back."""
    with open(path, "wb") as file:
        pickle.dump(outcome, file)
