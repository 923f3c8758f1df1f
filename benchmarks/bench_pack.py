"""COCO to TFRecord: ``pack`` beside the writers of trainers, by whole processes.

    python benchmarks/bench_pack.py [--plain PYTHON] [--model-garden PYTHON] [--object-detection PYTHON] [--records N]

Each PYTHON is an interpreter with TensorFlow and pycocotools: for ``programs/plain_writer.py``, with
tf-models-official, with tf-models-research-object-detection. All write the same pictures with a mask an object. What
they wrote is compared with the dataset first, by meaning; then they are timed in turn, and the table shows medians.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from corpus import Corpus, write_dataset
from harness import OURS, PROGRAMS, Cost, arguments, in_turn, publish, run, table, typical

from tfrecord_lite import compare, convert


class Coco(NamedTuple):
    """A dataset: its annotation file, the folder of its pictures, and a file without any images."""

    annotations: str
    pictures: str
    nothing: str


class Writer(NamedTuple):
    """A program that writes records. command: of a dataset and an output folder. records: what it writes there."""

    command: Callable[[Coco, str], list[str]]
    records: str


def pack(jobs: int, coco: Coco, output: str) -> list[str]:
    """Ours."""
    return [*OURS, "pack", coco.annotations, "--image-root", coco.pictures, "-o", output, "-q", "-j", str(jobs)]


def plain(python: str, coco: Coco, output: str) -> list[str]:
    """The steps of the trainers' scripts and nothing else."""
    return [python, str(PROGRAMS / "plain_writer.py"), *coco[:2], os.path.join(output, "train.tfrecord")]


def model_garden(python: str, processes: int, coco: Coco, output: str) -> list[str]:
    """official/vision/data/create_coco_tf_record.py. processes: 0 for its own alone."""
    flags = {
        "image_dir": coco.pictures,
        "object_annotations_file": coco.annotations,
        "output_file_prefix": os.path.join(output, "train"),
        "num_shards": 1,
        "num_processes": processes,
    }
    return [python, "-m", "official.vision.data.create_coco_tf_record", "--include_masks", *_flags(flags)]


def object_detection(python: str, coco: Coco, output: str) -> list[str]:
    """research/object_detection/dataset_tools/create_coco_tf_record.py, which wants three splits: two are empty."""
    flags = {
        **{f"{split}_image_dir": coco.pictures for split in ("train", "val", "test")},
        "train_annotations_file": coco.annotations,
        "val_annotations_file": coco.nothing,
        "testdev_annotations_file": coco.nothing,
        "output_dir": output,
    }
    return [python, "-m", "object_detection.dataset_tools.create_coco_tf_record", "--include_masks", *_flags(flags)]


def _flags(values: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]


def main() -> None:
    """Measures, and prints a table."""
    parser = arguments(__doc__, rounds=3)
    for name in ("plain", "model-garden", "object-detection"):
        parser.add_argument(f"--{name}", metavar="PYTHON", help="an interpreter that can run that writer")
    parser.add_argument("--records", type=int, default=2000)
    options = parser.parse_args()
    writers = {f"`pack -j {jobs}`": Writer(partial(pack, jobs), "") for jobs in (1, 2)}
    if python := options.plain:
        writers["plain writer"] = Writer(partial(plain, python), "train.tfrecord")
    if python := options.model_garden:
        for processes, name in ((0, "in its own process"), (2, "2 processes")):
            writers[f"Model Garden, {name}"] = Writer(partial(model_garden, python, processes), "train-*.tfrecord")
    if python := options.object_detection:
        writers["Object Detection API"] = Writer(partial(object_detection, python), "coco_train.record-*")
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        source, dataset, output = (os.path.join(folder, name) for name in ("source", "coco", "output"))
        write_dataset(source, Corpus(options.records, masks=True))
        convert(source, dataset)
        nothing = os.path.join(folder, "nothing.json")
        with open(nothing, "w", encoding="utf-8") as file:
            json.dump({"images": [], "annotations": [], "categories": []}, file)
        annotations = os.path.join(dataset, "annotations", "instances_train.json")
        coco = Coco(annotations, os.path.join(dataset, "images", "train"), nothing)

        def clear() -> None:
            shutil.rmtree(output, ignore_errors=True)
            os.mkdir(output)

        def step(writer: Writer) -> Cost:
            return run(writer.command(coco, output))

        objects = 0
        for name, writer in writers.items():
            clear()
            step(writer)
            found = compare(
                dataset, os.path.join(output, writer.records), label_map=os.path.join(source, "label_map.pbtxt")
            )
            if not found.equal:
                sys.exit(f"{name} differs:\n{found}")
            objects = found.b.objects
        steps = {name: partial(step, writer) for name, writer in writers.items()}
        costs = {name: typical(each) for name, each in in_turn(steps, options.rounds, clear).items()}
    size = f"{options.records:,} images with {objects:,} masks, medians of {options.rounds} rounds"
    rows = [
        (name, f"{seconds:.1f}", f"{cpu:.1f}", f"{peak / 1e6:.0f}") for name, (seconds, cpu, peak, _) in costs.items()
    ]
    text = table(("program", "process, s", "CPU, s", "peak, MB"), rows)
    publish("pack", text, notes=[size, f"load average {os.getloadavg()[2]:.1f}"], write=options.write)


if __name__ == "__main__":
    main()
