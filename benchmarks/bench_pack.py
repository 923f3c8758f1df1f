"""COCO to TFRecord: ``pack`` beside the writers of trainers, by whole processes.

    python benchmarks/bench_pack.py [--plain PYTHON] [--model-garden PYTHON] [--object-detection PYTHON] [--records N]

Each PYTHON is an interpreter with TensorFlow and pycocotools: for ``programs/plain_writer.py``, with
tf-models-official, with tf-models-research-object-detection. All write the same pictures with a mask for each object.
What they wrote is first compared with the dataset, by meaning; then they are timed in turn. The table shows medians.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from corpus import Corpus, write_dataset
from harness import OURS, PROGRAMS, arguments, in_turn, print_results, run, table, typical

from tfrecord_lite import compare, convert


class Writer(NamedTuple):
    """A program that writes records. records: the files that it makes."""

    command: Sequence[str]
    records: str


def writers(options: argparse.Namespace, folder: str, output: str) -> dict[str, Writer]:
    """All that can be run here, by title. folder: of the COCO dataset."""
    annotations = os.path.join(folder, "annotations", "instances_train.json")
    images = os.path.join(folder, "images", "train")
    ours = [*OURS, "pack", annotations, "--image-root", images, "-o", output, "-q"]
    found = {f"`pack -j {jobs}`": Writer([*ours, "-j", str(jobs)], output) for jobs in (1, 2)}
    if python := options.plain:
        target = os.path.join(output, "train.tfrecord")
        found["plain writer"] = Writer([python, str(PROGRAMS / "plain_writer.py"), annotations, images, target], target)
    if python := options.model_garden:
        prefix = os.path.join(output, "train")
        flags = {"image_dir": images, "object_annotations_file": annotations, "output_file_prefix": prefix}
        script = [python, "-m", "official.vision.data.create_coco_tf_record", "--include_masks", *_flags(flags)]
        for processes, title in ((0, "in its own process"), (2, "2 processes")):
            command = [*script, "--num_shards=1", f"--num_processes={processes}"]
            found[f"Model Garden, {title}"] = Writer(command, f"{prefix}-*.tfrecord")
    if python := options.object_detection:  # wants three splits: two are empty
        nothing = os.path.join(folder, "nothing.json")
        with open(nothing, "w", encoding="utf-8") as file:
            json.dump({"images": [], "annotations": [], "categories": []}, file)
        flags = {f"{split}_image_dir": images for split in ("train", "val", "test")}
        flags |= {"train_annotations_file": annotations, "output_dir": output}
        flags |= {f"{split}_annotations_file": nothing for split in ("val", "testdev")}
        module = "object_detection.dataset_tools.create_coco_tf_record"
        command = [python, "-m", module, "--include_masks", *_flags(flags)]
        found["Object Detection API"] = Writer(command, os.path.join(output, "coco_train.record-*"))
    return found


def _flags(values: Mapping[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]


def main() -> None:
    parser = arguments(__doc__, rounds=3)
    for name in ("plain", "model-garden", "object-detection"):
        parser.add_argument(f"--{name}", metavar="PYTHON", help="an interpreter that can run that writer")
    parser.add_argument("--records", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        source, dataset, output = (os.path.join(folder, name) for name in ("source", "coco", "output"))
        write_dataset(source, Corpus(options.records, masks=True))
        convert(source, dataset)
        everyone = writers(options, dataset, output)

        def clear() -> None:
            shutil.rmtree(output, ignore_errors=True)
            os.mkdir(output)

        objects = 0
        for title, writer in everyone.items():
            clear()
            run(writer.command)
            found = compare(dataset, writer.records, label_map=os.path.join(source, "label_map.pbtxt"))
            if not found.equal:
                sys.exit(f"{title} differs:\n{found}")
            objects = found.b.objects
        steps = {title: partial(run, writer.command) for title, writer in everyone.items()}
        costs = {title: typical(each) for title, each in in_turn(steps, options.rounds, clear).items()}
    rows = [
        (title, f"{seconds:.1f}", f"{cpu:.1f}", f"{peak / 1e6:.0f}") for title, (seconds, cpu, peak) in costs.items()
    ]
    size = f"{options.records:,} images with {objects:,} masks, medians of {options.rounds} rounds"
    print_results(table(("program", "process, s", "CPU, s", "peak, MB"), rows), note=size)


if __name__ == "__main__":
    main()
