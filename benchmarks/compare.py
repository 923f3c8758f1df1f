"""Other converters beside this one, and a floor that none of them can go below.

    python benchmarks/compare.py [--records 4000] [--masks] [--tensorflow PYTHON] [--datumaro PYTHON]

Each is a process of its own. First all results are compared, as far as each program claims to give them; any difference
ends the run with status 1. Then all are run in turn on a warm page cache; the tables show medians. The last two options
name interpreters that have TensorFlow with Pillow, and Datumaro; without them their lines are left out.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import count

from corpus import Corpus, write_dataset
from equality import UnequalError, check_files, check_same
from harness import OURS, PROGRAMS, CommandError, Cost, arguments, in_turn, print_results, run, table, tell, typical

OUR_JSON, OUR_IMAGES = "annotations/instances_train.json", "images/train"  # and Datumaro's
OUT = "OUT"
MEMORY = "/dev/shm"  # a tmpfs on Linux
_MOST_AT_ONCE = 250_000  # bytes a record in memory: two outputs
FLOOR, ONE_JOB = "floor: read, checksums, write images", "tfrecord2coco, 1 job"


class Gives(Enum):
    """What comes out of a program, and hence what it is compared with."""

    ANNOTATIONS = "annotations"  # COCO without images
    IMAGES = "images"  # COCO with images, encoded again
    BYTES = "bytes"  # COCO with the images' own bytes
    FLOOR = "floor"  # the images' own bytes, numbered


@dataclass(frozen=True, slots=True)
class Program:
    """A program under comparison.

    command: of which the part OUT is the output folder. json, images: where it puts them below that.
    """

    gives: Gives
    command: Sequence[str]
    json: str = OUR_JSON
    images: str = OUR_IMAGES

    def run(self, out: str) -> Cost:
        """Runs it once, into a folder that is not there."""
        return run([out if part == OUT else part for part in self.command])


def programs(corpus: str, jobs: int, tensorflow: str | None, datumaro: str | None) -> dict[str, Program]:
    """All that can be run here, by title. jobs: of the line with all workers."""
    floor = [sys.executable, str(PROGRAMS / "floor.py")]
    convert = [*OURS, "convert", corpus, "-o", OUT, "-q"]
    found = {
        "tfrecord2coco --no-images": Program(Gives.ANNOTATIONS, [*convert, "--no-images", "-j", "1"]),
        FLOOR: Program(Gives.FLOOR, [*floor, "write", corpus, OUT], images=""),
        "floor: the same, and sync": Program(Gives.FLOOR, [*floor, "sync", corpus, OUT], images=""),
        ONE_JOB: Program(Gives.BYTES, [*convert, "-j", "1"]),
        f"tfrecord2coco, {jobs} jobs": Program(Gives.BYTES, [*convert, "-j", str(jobs)]),
    }
    if tensorflow:
        script, places = [tensorflow, str(PROGRAMS / "published.py")], ("instances.json", "images")
        found |= {
            "published script, bytes unchanged": Program(Gives.BYTES, [*script, "copy", corpus, OUT], *places),
            "published script (encodes again)": Program(Gives.IMAGES, [*script, "encode", corpus, OUT], *places),
        }
    if datumaro:
        datum = [os.path.join(os.path.dirname(datumaro), "datum"), "convert", "-i", os.path.dirname(corpus)]
        datum += ["-if", "tf_detection_api", "-f", "coco_instances", "-o", OUT]
        found |= {
            "Datumaro, annotations only": Program(Gives.ANNOTATIONS, datum),
            "Datumaro, with media (encodes again)": Program(Gives.IMAGES, [*datum, "--", "--save-media"]),
        }
    return found


def check_all(everyone: Mapping[str, Program], folder: str) -> None:
    """Runs each program once, and compares its output with ours. UnequalError at the first difference."""
    reference, out = os.path.join(folder, "reference"), os.path.join(folder, "checked")
    everyone[ONE_JOB].run(reference)
    for title, one in everyone.items():
        tell(f"same results? {title}")
        one.run(out)
        try:
            _check(one, reference, out)
        except UnequalError as error:
            raise UnequalError(f"{title}: {error}") from None
        shutil.rmtree(out)
    shutil.rmtree(reference)


def _check(one: Program, reference: str, out: str) -> None:
    """Compares what a program claims to give."""
    if one.gives is Gives.BYTES and one.json == OUR_JSON:  # ours, with more workers
        check_files(reference, out, content=True)
    elif one.gives is not Gives.FLOOR:
        check_same(os.path.join(reference, OUR_JSON), os.path.join(out, one.json))
    if one.gives is not Gives.ANNOTATIONS:
        images = os.path.join(out, one.images)
        check_files(os.path.join(reference, OUR_IMAGES), images, content=one.gives is not Gives.IMAGES)


def time_all(everyone: Mapping[str, Program], places: Mapping[str, str], rounds: int) -> dict[tuple[str, str], Cost]:
    """Medians, by place and title.

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

    steps = {(place, title): partial(convert, one, place) for title, one in everyone.items() for place in places}
    return {step: typical(found) for step, found in in_turn(steps, rounds).items()}


def lines(costs: Mapping[tuple[str, str], Cost], place: str) -> Iterator[Sequence[str]]:
    """The rows of the table of one place."""
    floor, ours = costs[place, FLOOR].seconds, costs[place, ONE_JOB].seconds
    for (where, title), (seconds, cpu_seconds, peak) in costs.items():
        if where == place:
            ratios = [f"{seconds / floor:.2f}", f"{seconds / ours:.2f}"]
            yield title, f"{seconds:.2f}", f"{cpu_seconds:.2f}", *ratios, f"{peak / 1e6:.0f}"


def main() -> None:
    parser = arguments(__doc__, rounds=5)
    parser.add_argument("--records", type=int, default=4000, help="of 94 KB and 7 boxes each")
    parser.add_argument("--masks", action="store_true", help="a mask for each box")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="of the line with all jobs")
    parser.add_argument("--tensorflow", metavar="PYTHON", help="an interpreter that has tensorflow and pillow")
    parser.add_argument("--datumaro", metavar="PYTHON", help="an interpreter that has datumaro[tf,cli]")
    options = parser.parse_args()
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
            costs = time_all(everyone, places, options.rounds)
        except UnequalError as error:
            sys.exit(f"the results differ: {error}")
        except CommandError as error:
            sys.exit(f"cannot be run: {error}")
    head = ("program", "process, s", "CPU, s", "x floor", "x 1 job", "peak, MB")
    sections = [f"### Written to {place}\n\n{table(head, lines(costs, place))}" for place in places]
    what = "boxes and masks" if options.masks else "boxes"
    size = f"{options.records} records of 94 KB with 7 {what}, medians of {options.rounds} rounds, warm page cache"
    print_results(*sections, note=size)


if __name__ == "__main__":
    main()
