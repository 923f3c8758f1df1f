"""Other readers and converters beside this package, and a floor below all of them.

    python benchmarks/compare.py [--records 4000] [--masks] [--tensorflow PYTHON] [--datumaro PYTHON] [--write]

Each is a process of its own. First all results are compared, as far as each program claims to give them; any difference
ends the run with status 1. Then all are run in turn on a warm page cache; the tables show medians. The two options name
interpreters that have the packages of others; without them their lines are left out.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import count

from corpus import Corpus, write_dataset
from equality import UnequalError, check_files, check_same
from harness import OURS, PROGRAMS, CommandError, Cost, arguments, in_turn, publish, run, table, tell, typical

OUR_JSON, OUR_IMAGES = "annotations/instances_train.json", "images/train"  # and Datumaro's
OUT = "OUT"
MEMORY = "/dev/shm"  # a tmpfs on Linux
_MOST_AT_ONCE = 250_000  # bytes a record in memory: two outputs


class Gives(Enum):
    """What comes out of a program, and hence what it is compared with."""

    RECORDS = "records"  # the payloads
    LISTS = "lists"  # records, messages, and five lists of each
    ANNOTATIONS = "annotations"  # COCO without images
    IMAGES = "images"  # COCO with images, encoded again
    BYTES = "bytes"  # COCO with the images' own bytes
    FLOOR = "floor"  # the images' own bytes, numbered


READERS = (Gives.RECORDS, Gives.LISTS)
FLOOR_CHECK, FLOOR_WRITE = "floor: read, checksums", "floor: read, checksums, write images"
ONE_JOB = "tfrecord2coco, 1 job"


@dataclass(frozen=True, slots=True)
class Program:
    """A program under comparison.

    command: of which the part OUT is the output folder. json, images: where it puts them below that.
    """

    title: str
    gives: Gives
    command: Sequence[str]
    json: str = OUR_JSON
    images: str = OUR_IMAGES

    def run(self, out: str, *more: str) -> Cost:
        """Runs it once, into a folder that is not there."""
        return run([*(out if part == OUT else part for part in self.command), *more])


def programs(corpus: str, jobs: int, tensorflow: str | None, datumaro: str | None) -> dict[str, Program]:
    """All that can be run here, by title. jobs: of the line with all workers."""

    def script(python: str, name: str, mode: str, *out: str) -> list[str]:
        return [python, str(PROGRAMS / name), mode, corpus, *out]

    def convert(*options: str) -> list[str]:
        return [*OURS, "convert", corpus, "-o", OUT, "-q", *options]

    own, floor = partial(script, sys.executable, "readers.py"), partial(script, sys.executable, "floor.py")
    found = [
        Program(FLOOR_CHECK, Gives.RECORDS, own("floor")),
        Program("tfrecord_lite, records", Gives.RECORDS, own("records")),
        Program("tfrecord_lite, reading", Gives.LISTS, own("lists")),
        Program("tfrecord2coco --no-images", Gives.ANNOTATIONS, convert("--no-images", "-j", "1")),
        Program(FLOOR_WRITE, Gives.FLOOR, floor("write", OUT), images=""),
        Program("floor: the same, and sync", Gives.FLOOR, floor("sync", OUT), images=""),
        Program(ONE_JOB, Gives.BYTES, convert("-j", "1")),
        Program(f"tfrecord2coco, {jobs} jobs", Gives.BYTES, convert("-j", str(jobs))),
    ]
    if tensorflow:
        other, published = partial(script, tensorflow, "readers.py"), partial(script, tensorflow, "published.py")
        places = ("instances.json", "images")
        found += [
            Program("TensorFlow, tf_record_iterator", Gives.LISTS, other("iterator")),
            Program("TensorFlow, tf.data", Gives.LISTS, other("dataset")),
            Program("published script, bytes unchanged", Gives.BYTES, published("copy", OUT), *places),
            Program("published script (encodes again)", Gives.IMAGES, published("encode", OUT), *places),
        ]
    if datumaro:
        datum = [os.path.join(os.path.dirname(datumaro), "datum"), "convert", "-i", os.path.dirname(corpus)]
        datum += ["-if", "tf_detection_api", "-f", "coco_instances", "-o", OUT]
        found += [
            Program("Datumaro, annotations only", Gives.ANNOTATIONS, datum),
            Program("Datumaro, with media (encodes again)", Gives.IMAGES, [*datum, "--", "--save-media"]),
        ]
    return {each.title: each for each in found}


def check_all(everyone: Mapping[str, Program], folder: str) -> None:
    """Runs each program once, and compares what it gives. UnequalError at the first difference."""
    reference, digests = os.path.join(folder, "reference"), dict[Gives, object]()
    everyone[ONE_JOB].run(reference)
    for title, one in everyone.items():
        tell(f"same results? {title}")
        try:
            if one.gives in READERS:
                digest = one.run("", "--digest").said
                if digest != digests.setdefault(one.gives, digest):
                    raise UnequalError(f"it reads {digest}, others {digests[one.gives]}")
            else:
                _check_converter(one, reference, os.path.join(folder, "checked"))
        except UnequalError as error:
            raise UnequalError(f"{title}: {error}") from None
    shutil.rmtree(reference)


def _check_converter(one: Program, reference: str, out: str) -> None:
    """The output of a converter agrees with that of our command with one worker."""
    one.run(out)
    if one.gives is Gives.BYTES and one.json == OUR_JSON:
        check_files(reference, out, content=True)
    elif one.gives is not Gives.FLOOR:
        check_same(os.path.join(reference, OUR_JSON), os.path.join(out, one.json))
    if one.gives is not Gives.ANNOTATIONS:
        images = os.path.join(out, one.images)
        check_files(os.path.join(reference, OUR_IMAGES), images, content=one.gives is not Gives.IMAGES)
    shutil.rmtree(out)


def time_all(
    everyone: Mapping[str, Program], places: Mapping[str, str], pythons: Mapping[str, str], rounds: int
) -> dict[tuple[str, str], Cost]:
    """Medians, by place (empty for readers and imports) and title.

    Outputs in memory are removed at once, for room; those on disk stay to the end: some file systems pass over each
    inode that was deleted in the last minutes when a file is made (Linux: fs/ext4/ialloc.c, ``recently_deleted``).
    """
    numbers = count()

    def convert(one: Program, place: str) -> Cost:
        out = os.path.join(places[place], f"out-{next(numbers)}")
        cost = one.run(out)
        if place == "memory":
            shutil.rmtree(out)
        return cost

    steps: dict[tuple[str, str], partial[Cost]] = {}
    for title, one in everyone.items():
        if one.gives in READERS:
            steps["", title] = partial(one.run, "")
        else:
            steps |= {(place, title): partial(convert, one, place) for place in places}
    for code, python in pythons.items():
        steps["", code] = partial(run, [python, "-c", code])
    return {step: typical(found) for step, found in in_turn(steps, rounds).items()}


def reading_table(everyone: Mapping[str, Program], costs: Mapping[tuple[str, str], Cost], records: int) -> str:
    """Readers, by their work inside the process."""
    rows, floor = [], costs["", FLOOR_CHECK].work or 1
    for title, one in everyone.items():
        if one.gives in READERS:
            seconds, cpu_seconds, peak, _ = cost = costs["", title]
            work = cost.work or 0
            ratios = [f"{work / records * 1e6:.1f}", f"{work / floor:.2f}"]
            rows.append((title, f"{seconds:.2f}", f"{cpu_seconds:.2f}", *ratios, f"{peak / 1e6:.0f}"))
    return table(("program", "process, s", "CPU, s", "work, µs a record", "x floor", "peak, MB"), rows)


def conversion_table(costs: Mapping[tuple[str, str], Cost], place: str) -> str:
    """Converters, by whole processes."""
    rows, floor, ours = [], costs[place, FLOOR_WRITE].seconds, costs[place, ONE_JOB].seconds
    for (where, title), (seconds, cpu_seconds, peak, _) in costs.items():
        if where == place:
            ratios = [f"{seconds / floor:.2f}", f"{seconds / ours:.2f}"]
            rows.append((title, f"{seconds:.2f}", f"{cpu_seconds:.2f}", *ratios, f"{peak / 1e6:.0f}"))
    return table(("program", "process, s", "CPU, s", "x floor", "x 1 job", "peak, MB"), rows)


def main() -> None:
    parser = arguments(__doc__, rounds=5)
    parser.add_argument("--records", type=int, default=4000, help="of 94 KB and 7 boxes each")
    parser.add_argument("--masks", action="store_true", help="a mask for each box")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of the line with all jobs")
    parser.add_argument("--tensorflow", metavar="PYTHON", help="an interpreter that has tensorflow and pillow")
    parser.add_argument("--datumaro", metavar="PYTHON", help="an interpreter that has datumaro[tf,cli]")
    options = parser.parse_args()
    pythons = {"from tfrecord_lite import convert": sys.executable}
    if options.tensorflow:
        pythons["import tensorflow"] = options.tensorflow
    if options.datumaro:
        pythons["import datumaro, datumaro.plugins.data_formats.tf_detection_api.base"] = options.datumaro
    with ExitStack() as folders:
        folder = folders.enter_context(tempfile.TemporaryDirectory(dir=options.work))
        places = {"disk": folder}
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _MOST_AT_ONCE * options.records:
            places["memory"] = folders.enter_context(tempfile.TemporaryDirectory(dir=MEMORY))
        tell("corpus")
        (corpus,) = write_dataset(os.path.join(folder, "standard"), Corpus(options.records, masks=options.masks))
        everyone = programs(corpus, options.jobs, options.tensorflow, options.datumaro)
        try:
            check_all(everyone, [*places.values()][-1])
            costs = time_all(everyone, places, pythons, options.rounds)
        except UnequalError as error:
            sys.exit(f"the results differ: {error}")
        except CommandError as error:
            sys.exit(f"cannot be run: {error}")
    sections = [f"### Reading\n\n{reading_table(everyone, costs, options.records)}"]
    sections += [f"### Conversion, written to {place}\n\n{conversion_table(costs, place)}" for place in places]
    rows = [(f"`{code}`", f"{costs['', code].seconds:.2f}", f"{costs['', code].peak / 1e6:.0f}") for code in pythons]
    sections.append(f"### Imports\n\n{table(('statement', 'process, s', 'peak, MB'), rows)}")
    what = "boxes and masks" if options.masks else "boxes"
    size = f"{options.records} records of 94 KB with 7 {what}, medians of {options.rounds} rounds, warm page cache"
    publish("compare", *sections, notes=[size], write=options.write)


if __name__ == "__main__":
    main()
