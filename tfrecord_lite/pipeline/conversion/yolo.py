"""What was decided -> YOLO labels beside the COCO files, and the file that ultralytics is given."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tfrecord_lite.coco.resolve.kept_table import KeptTable
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.yolo.dataset import class_numbers, data_file, task_of, yolo_classes
from tfrecord_lite.coco.yolo.split import write_labels
from tfrecord_lite.errors import OutputError, counted
from tfrecord_lite.output.earlier import labels_of
from tfrecord_lite.output.files import write_new
from tfrecord_lite.output.target import DATA_FILE, Target
from tfrecord_lite.pipeline.conversion.decide import Decided


def add_labels(
    decided: Decided, collected: Mapping[str, Collector], target: Target, kept: KeptTable | None, root: str | None
) -> Decided:
    """Writes labels and ``data.yaml`` below ``root``, if there is one. What labels cannot say is added to the reports.

    Raises:
        OutputError: labels that are there already number the classes otherwise, or are of another kind.
        OSError: the report of such labels cannot be read.
    """
    classes = decided.resolved.classes
    numbers, task = class_numbers(classes.categories, kept), task_of(collected.values(), classes)
    labelled = target.labelled(list(collected))
    for path in labelled.values():
        before = labels_of(path)
        if before is not None and (before[0] != task.name or before[1] not in {0, task.keypoints}):
            ours, theirs = (_kind(*each) for each in (task, before))
            problem = f"this split has labels of the kind {theirs}, what is added {ours}, and data.yaml is for all"
            raise OutputError(path, f"{problem}. Convert all splits in one call, or name another output")
    for report in decided.reports:
        split = collected[report.split]
        folder = os.path.join(root, split.paths.labels) if root is not None and split.paths.labels else None
        write_labels(split, classes, numbers, task, folder, decided.wanted.get(report.split), report)
        report.yolo = {"task": task.name, "classes": yolo_classes(classes.categories, numbers)}
        if task.keypoints:
            report.yolo["keypoints"] = task.keypoints
    content, warnings = data_file([*labelled, *collected], classes.categories, task)
    if root is not None:
        write_new(root, DATA_FILE, content)
    return decided._replace(warnings=(*decided.warnings, *warnings))


def _kind(task: str, keypoints: int) -> str:
    """The kind of labels, in words."""
    return f"{task} with {counted(keypoints, 'keypoint')}" if keypoints else task
