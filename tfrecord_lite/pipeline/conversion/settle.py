"""The end of a conversion, on one machine or many: decide, judge, write the files of every split."""

from __future__ import annotations

from collections.abc import Mapping

from tfrecord_lite.coco.resolve.kept_table import KeptTable
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.write.split_writer import write_split
from tfrecord_lite.pipeline.conversion.decide import Decided, decide
from tfrecord_lite.pipeline.conversion.plan import Plan


def settle(plan: Plan, collected: Mapping[str, Collector], kept: KeptTable | None, root: str | None) -> Decided:
    """Decides what depends on all of the input, and writes the files of every split except its pictures.

    Args:
        plan: of the conversion.
        collected: what was read of each split.
        kept: the categories of the dataset that splits are added to.
        root: the folder that the files go below; None to write nothing.

    Raises:
        RejectedInputError: the data is at fault.
        LabelMapError, OutputError, UsageError: as ``decide``. OSError: the file system refuses.
    """
    decided = decide(plan.source, plan.reading, collected, kept, plan.selection, plan.asked)
    if plan.layout == "yolo":
        from tfrecord_lite.pipeline.conversion.yolo import add_labels  # noqa: PLC0415 - others need not wait for it

        decided = add_labels(decided, collected, plan.target, kept, root)
    decided.judge(plan.on_error, plan.fatal, allow_empty=plan.allow_empty)
    if root is not None:
        for (name, each), report in zip(collected.items(), decided.reports, strict=True):
            wanted, restores = decided.wanted.get(name), decided.restores
            write_split(root, each, decided.resolved, report, wanted, restores=restores)
    return decided
