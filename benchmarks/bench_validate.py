"""``validate`` beside hotcoco's health check and kwcoco's: seconds and memory on large COCO files.

    python3 tests/peers/run.py readers         # once: the environment that has the others
    python benchmarks/bench_validate.py [--images 120000] [--objects 860000] [--rounds 3] [--peers DIR] [--write]

Two files of the same size: as ``convert`` writes boxes, an image or its objects a line; and as the official files have
polygons, in one line, in any order, with gaps among the ids. Each holds faults, and it is said which a program finds;
then whole processes are timed. Where the others' commands are not there, this package is measured alone.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from harness import OURS, ROOT, CommandError, arguments, in_turn, publish, run, table, tell, typical

DANGLING, WITHOUT_WIDTH = range(40, 43), range(50, 55)
"""Objects of every file whose image is not there, and whose box has no width."""
MEMORY = 16  # GiB of address space that a program may take
CATEGORIES = 80


# ------------------------------------------------------------------------------------------------ the files
def write_coco(path: str, images: int, objects: int, *, official: bool) -> None:
    """Writes a COCO file; the same arguments give the same bytes."""
    chance = random.Random(1)
    dumps = partial(json.dumps, separators=(", ", ": ") if official else (",", ":"))
    comma = ", " if official else ",\n"
    ids = chance.sample(range(1, 5 * images), images) if official else range(1, images + 1)
    names = chance.sample(range(1, 3 * objects), objects) if official else range(1, objects + 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"info": {}, "licenses": [], "images": [')
        file.write(comma.join(dumps(_image(number, official=official)) for number in ids))
        file.write('], "annotations": [')
        last = -1
        for each, number in enumerate(names):
            image = chance.randrange(images) if official else each * images // objects
            separator = comma if image != last else ","  # the objects of an image share a line
            entry = _object(chance, {"id": number, "image_id": ids[image]}, each, official=official)
            file.write((separator if each else "") + dumps(entry))
            last = image
        categories = [{"id": number, "name": f"c{number}", "supercategory": ""} for number in range(1, CATEGORIES + 1)]
        file.write(f'], "categories": {dumps(categories)}}}\n')


def _image(number: int, *, official: bool) -> dict[str, Any]:
    name = f"{number:012d}.jpg"
    url = f"http://images.cocodataset.org/train2017/{name}"
    more = {"license": 1, "coco_url": url, "flickr_url": url, "date_captured": "2013-11-14 17:02:52"}
    return {**(more if official else {}), "id": number, "width": 640, "height": 480, "file_name": name}


def _object(chance: random.Random, head: dict[str, Any], place: int, *, official: bool) -> dict[str, Any]:
    """An object somewhere, with a fault where it has one; in an official file with a polygon that fills its box."""
    x, y = round(chance.uniform(0, 480), 2), round(chance.uniform(0, 380), 2)
    w, h = round(chance.uniform(15, 150), 2), round(chance.uniform(10, 90), 2)
    polygons: list[list[float]] = []
    area = w * h
    if official:
        count = chance.choice((8, 12, 20, 32, 40))
        angles = [math.tau * number / count for number in range(count)]
        corners = [(x + w / 2 * (1 + math.cos(angle)), y + h / 2 * (1 + math.sin(angle))) for angle in angles]
        polygons = [[round(value, 2) for corner in corners for value in corner]]
        area *= count * math.sin(math.tau / count) / 8
    if place in DANGLING:
        head["image_id"] = 10**9
    box = [x, y, 0 if place in WITHOUT_WIDTH else w, h]
    category = chance.randrange(CATEGORIES) + 1
    return {
        **head,
        "category_id": category,
        "bbox": box,
        "area": round(area, 4),
        "iscrowd": 0,
        "segmentation": polygons,
    }


# ------------------------------------------------------------------------------------------------ the programs
def our_counts(printed: str) -> tuple[int, int]:
    """Dangling images and boxes without width, of what this package printed."""
    found = {finding["code"]: finding["count"] for finding in json.loads(printed)["findings"]}
    return found.get("E18", 0), found.get("W42", 0)


def hotcoco_counts(printed: str) -> tuple[int, int]:
    """Likewise of hotcoco's report."""
    report = json.loads(printed)
    found = {each["code"]: len(each["affected_ids"]) for each in report["errors"] + report["warnings"]}
    return found.get("orphan_image_id", 0), found.get("degenerate_bbox", 0)


def programs(peers: Path) -> dict[str, tuple[str, Callable[[str], tuple[int, int]] | None]]:
    """Shell commands by title, $0 being the file, and how to count what they find; kwcoco looks for neither fault."""
    limit = f"ulimit -v {MEMORY << 20}"
    ours = f'PYTHONPATH="{ROOT}" "{OURS[0]}" -m tfrecord_lite validate --json --quiet "$0"'
    found: dict[str, tuple[str, Callable[[str], tuple[int, int]] | None]] = {
        "`tfrecord2coco validate`": (f"{ours} || test $? = 1", our_counts)  # 1: it found something
    }
    if (peers / "coco").exists():
        command = f'{limit}; "{peers / "coco"}" healthcheck "$0" --json || test $? = 1'
        found["hotcoco `coco healthcheck`"] = command, hotcoco_counts
    if (peers / "kwcoco").exists():
        # Its status is 1 for an exception as well, and memory that is not there is one.
        command = f'{limit}; "{peers / "kwcoco"}" validate --src "$0" --missing False > out.txt 2>&1'
        found["`kwcoco validate`"] = f"{command} || ! grep MemoryError out.txt >&2", None
    return found


def main() -> None:
    parser = arguments(__doc__, rounds=3)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--objects", type=int, default=860_000)
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-peers/readers/bin", metavar="DIR")
    options = parser.parse_args()
    planted, rows = (len(DANGLING), len(WITHOUT_WIDTH)), []
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for name in ("own", "official"):
            path = os.path.join(folder, f"{name}.json")
            write_coco(path, options.images, options.objects, official=name == "official")
            for title, (shell, counts) in programs(options.peers).items():
                command, found = ["/bin/sh", "-c", shell, path], "neither"
                if counts:
                    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
                    found = ", ".join(f"{a} of {b}" for a, b in zip(counts(printed), planted, strict=True))
                try:
                    cost = typical(in_turn({title: partial(run, command)}, options.rounds)[title])
                    numbers = [f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.peak / 1e6:.0f}"]
                except CommandError as error:
                    tell(str(error))
                    numbers = ["-", "-", f"more than {MEMORY} GiB"]
                rows.append([f"{name}, {os.path.getsize(path) / 1e6:.0f} MB: {title}", *numbers, found])
    head = ("file and program", "process, s", "CPU, s", "peak, MB", "finds dangling, without width")
    counts_text = f"{options.images:,} images with {options.objects:,} objects, medians of {options.rounds} rounds"
    notes = [counts_text, f"load average {os.getloadavg()[2]:.1f}"]
    publish("validation", table(head, rows), notes=notes, write=options.write)


if __name__ == "__main__":
    main()
