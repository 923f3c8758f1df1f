"""What is compared: readers and converters, each with its command and with what it claims to give."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from environments import OURS, Environment

PROGRAMS = Path(__file__).resolve().parent / "programs"


class Gives(Enum):
    """What comes out of a program, and hence what it is compared with."""

    RECORDS = "records"  # the payloads
    LISTS = "lists"  # records, messages, and five lists of each
    ANNOTATIONS = "annotations"  # COCO without images
    IMAGES = "images"  # COCO with images, encoded again
    BYTES = "bytes"  # COCO with the images' own bytes
    FLOOR = "floor"  # the images' own bytes, numbered


OUR_JSON, OUR_IMAGES = "annotations/instances_train.json", "images/train"  # and Datumaro's

Command = Callable[[Environment, str, str], list[str]]
"""Environment, record file, output folder -> what to run."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program under comparison.

    json, images: where its output stands in the output folder.
    remark: what has to be known of it, in brackets behind the title.
    """

    title: str
    environment: str
    gives: Gives
    command: Command
    json: str = OUR_JSON
    images: str = OUR_IMAGES
    remark: str = ""


def _program(file: str, mode: str) -> Command:
    """One of the programs beside this file."""
    return lambda environment, corpus, out: [
        environment.python,
        str(PROGRAMS / file),
        mode,
        corpus,
        *([out] * bool(out)),
    ]


def _convert(*options: str) -> Command:
    """Our command."""
    return lambda environment, corpus, out: [
        environment.command("tfrecord2coco"), "convert", corpus, "-o", out, "-q", *options,
    ]  # fmt: skip


def _datum(*options: str) -> Command:
    """Datumaro's command, which takes the folder that a record file and its label_map.pbtxt stand in."""
    return lambda environment, corpus, out: [
        environment.command("datum"), "convert", "-i", os.path.dirname(corpus), "-if", "tf_detection_api",
        "-f", "coco_instances", "-o", out, *options,
    ]  # fmt: skip


FLOOR_CHECK, FLOOR_WRITE = "floor: read, checksums", "floor: read, checksums, write images"
FLOOR_SYNC = "floor: the same, and sync"
OUR_RECORDS, OUR_LISTS = "tfrecord_lite, records", "tfrecord_lite, reading"
OUR_ANNOTATIONS = "tfrecord_lite, convert without images"
NO_IMAGES, ONE_JOB, ALL_JOBS = (
    "tfrecord2coco --no-images",
    "tfrecord2coco, 1 job",
    "tfrecord2coco, {jobs} jobs",
)
TF_ITERATOR, TF_DATASET = "TensorFlow, tf_record_iterator", "TensorFlow, tf.data"
PUBLISHED, PUBLISHED_BYTES = "published script", "published script, bytes unchanged"
DATUMARO, DATUMARO_MEDIA = "Datumaro, annotations only", "Datumaro, with media"


def contestants(jobs: int) -> Mapping[str, Contestant]:
    """Everyone, by title. jobs: how many worker processes our command may use in the line with all of them."""
    all_jobs = ALL_JOBS.format(jobs=jobs)
    found = [
        Contestant(FLOOR_CHECK, OURS, Gives.RECORDS, _program("floor.py", "check")),
        Contestant(OUR_RECORDS, OURS, Gives.RECORDS, _program("ours.py", "records")),
        Contestant(OUR_LISTS, OURS, Gives.LISTS, _program("ours.py", "lists")),
        Contestant(TF_ITERATOR, "tensorflow", Gives.LISTS, _program("tensorflow_readers.py", "iterator")),
        Contestant(TF_DATASET, "tensorflow", Gives.LISTS, _program("tensorflow_readers.py", "dataset")),
        Contestant(OUR_ANNOTATIONS, OURS, Gives.ANNOTATIONS, _program("ours.py", "annotations")),
        Contestant(NO_IMAGES, OURS, Gives.ANNOTATIONS, _convert("--no-images", "--jobs", "1")),
        Contestant(DATUMARO, "datumaro", Gives.ANNOTATIONS, _datum()),
        Contestant(FLOOR_WRITE, OURS, Gives.FLOOR, _program("floor.py", "write"), images=""),
        Contestant(FLOOR_SYNC, OURS, Gives.FLOOR, _program("floor.py", "sync"), images=""),
        Contestant(ONE_JOB, OURS, Gives.BYTES, _convert("--jobs", "1")),
        Contestant(all_jobs, OURS, Gives.BYTES, _convert("--jobs", str(jobs))),
    ]
    place = {"json": "instances.json", "images": "images"}
    copying, encoding = _program("published.py", "copy"), _program("published.py", "encode")
    return {
        each.title: each
        for each in (
            *found,
            Contestant(PUBLISHED_BYTES, "tensorflow", Gives.BYTES, copying, **place),
            Contestant(PUBLISHED, "tensorflow", Gives.IMAGES, encoding, **place, remark="encodes again"),
            Contestant(DATUMARO_MEDIA, "datumaro", Gives.IMAGES, _datum("--", "--save-media"), remark="encodes again"),
        )
    }
