"""However many processes do the work, and however it is divided, the output is the same, byte for byte."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from tfrecords import detection, floats, frame, ints, jpeg, png, sequence_example, shard, texts

import tfrecord_lite
from tfrecord_lite import RejectedInputError
from tfrecord_lite.errors import WorkerError
from tfrecord_lite.pipeline import pool as workers
from tfrecord_lite.pipeline.conversion import read_splits
from tfrecord_lite.pipeline.pool import Workers
from tfrecord_lite.pipeline.reading import part_reader

Record = Mapping[str, bytes] | bytes
NAMES = ("cat", "dog", "größe", "boat")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def outputs(source: Path, target: Path, jobs: tuple[int, ...], **options: Any) -> list[dict[str, bytes] | str]:
    """What conversions with these numbers of processes wrote, or why they did not."""
    found: list[dict[str, bytes] | str] = []
    for number in jobs:
        folder = target / f"out-{number}"
        try:
            tfrecord_lite.convert(source, folder, jobs=number, **options)
        except RejectedInputError as error:
            found.append(str(error))
            assert not folder.exists()
        else:
            found.append(tree(folder))
        leftovers = [path.name for path in target.iterdir() if path.name.startswith(".")]
        assert not leftovers, "nothing of the stage is left"
    return found


def some(count: int, seed: int, **more: Any) -> list[Record]:
    """Detections with classes that are met in no order, names that come twice, and a few oddities."""
    chance = random.Random(seed)
    records: list[Record] = []
    for number in range(count):
        classes = [chance.randrange(4) for _ in range(chance.randrange(4))]
        boxes = [(chance.uniform(0, 20), chance.uniform(0, 20), 30, chance.uniform(22, 50)) for _ in classes]
        features = dict(more)
        if number % 7 == 3:
            features["image/note"] = texts("nobody reads this")
        records.append(
            detection(
                f"{chance.randrange(count)}.jpg",
                image=jpeg(64, 48, number % 256),
                boxes=boxes,
                labels=classes,
                texts=[NAMES[each] for each in classes],
                **features,
            )
        )
    return records


def one_large_file(folder: Path) -> dict[str, Any]:
    write(folder / "x.tfrecord", *some(40, 1))
    return {}


def many_small_files(folder: Path) -> dict[str, Any]:
    for number in range(12):
        write(folder / f"x-{number:05d}-of-00012.tfrecord", *some(number % 4, number))
    return {}


def splits_of_every_kind(folder: Path) -> dict[str, Any]:
    write(folder / "train.tfrecord", *some(30, 2))
    (folder / "test.tfrecord.gz").write_bytes(gzip.compress(shard(*some(30, 3))))
    write(folder / "val.tfrecord", *some(2, 4))
    return {}


def boxes_that_come_late(folder: Path) -> dict[str, Any]:
    records = [detection(f"{number}.jpg") for number in range(30)]
    write(folder / "x.tfrecord", *records, *some(10, 5))
    return {}


def videos(folder: Path) -> dict[str, Any]:
    image = jpeg(64, 48)
    lists = {
        "image/encoded": [texts(image)] * 3,
        **{
            f"region/bbox/{side}": [floats(0.1 + 0.2 * (side[1:] == "max"))] * 3
            for side in ("xmin", "ymin", "xmax", "ymax")
        },
        "region/label/string": [texts("cat")] * 3,
        "region/is_annotated": [ints(1), ints(0), ints(1)],
    }
    record = sequence_example({"image/filename": texts("v.mp4")}, lists)
    write(folder / "x.tfrecord", *[record] * 12)
    return {"on_error": "skip"}


def masks_and_labels(folder: Path) -> dict[str, Any]:
    masks = [png(64, 48, (255, 255, 255))]
    more = {"image/caption": texts("a", "b")}
    records = [
        detection(f"{n}.jpg", boxes=[(1, 1, 9, 9)], labels=[1], **more, **{"image/object/mask": texts(*masks)})
        for n in range(20)
    ]
    write(folder / "x.tfrecord", *records)
    return {}


def records_of_one_annotation(folder: Path) -> dict[str, Any]:
    records = [
        detection("a.jpg", boxes=[(n, 1, n + 9, 9)], labels=[1], **{"image/source_id": texts(str(n % 5))})
        for n in range(30)
    ]
    write(folder / "x.tfrecord", *records)
    return {"merge_images": True}


def source_ids_that_come_twice(folder: Path) -> dict[str, Any]:
    """Their records are left out, and with them classes that no other record has."""
    records = []
    for number in range(40):
        source_id, label = (number % 25, number) if number % 3 else (number, number % 2)
        records.append(
            detection(
                "a.jpg",
                boxes=[(1, 1, 9, 9)],
                labels=[label],
                **{"image/source_id": texts(str(source_id) * (label != 7))},
            )
        )
        records.append(detection("b.jpg", image=b"no image"))
    write(folder / "x.tfrecord", *records)
    return {"image_ids": "source", "on_error": "skip"}


def classes_of_whole_images(folder: Path) -> dict[str, Any]:
    """A 0 in the last record makes all ids one higher, those that LVIS has in lists of an image as well."""
    records = [
        detection(
            f"{n}.jpg",
            boxes=[(1, 1, 9, 9)],
            labels=[40 - n],
            **{"image/neg_category_ids": ints(n, n + 1), "image/class/label": ints(n), "image/my/note": texts("é\n")},
        )
        for n in range(41)
    ]
    write(folder / "x.tfrecord", *records)
    return {}


def segments_and_stuff(folder: Path) -> dict[str, Any]:
    masks = [png(64, 48, n) for n in range(5)]
    records = []
    for n in range(30):
        stuff = {"image/segmentation/class/encoded": texts(masks[4 - n // 2 % 4])}
        panoptic = {
            "image/panoptic/category_mask": texts(masks[n // 2 % 3 + 1]),
            "image/panoptic/instance_mask": texts(masks[n // 3 % 2]),
        }
        records.append(detection(f"{n}.jpg", **(stuff if n % 2 else panoptic)))
    write(folder / "x.tfrecord", *records)
    return {}


def objects_with_keypoints(folder: Path) -> dict[str, Any]:
    """Some have another number of them than the first of their class."""
    records = []
    for number in range(40):
        count = 3 if number % 11 else 2
        points = {
            "image/object/keypoint/x": floats(*[0.1 * n for n in range(count)]),
            "image/object/keypoint/y": floats(*[0.1 * n for n in range(count)]),
            "image/object/keypoint/num": ints(count),
        }
        records.append(detection(f"{number}.jpg", boxes=[(1, 1, 9, 9)], labels=[number % 5 + 1], **points))
    write(folder / "x.tfrecord", *records)
    return {"on_error": "skip"}


def keys_without_end(folder: Path) -> dict[str, Any]:
    records = [
        detection(f"{n}.jpg", **{f"my/key {n * 7919 % 60:02d}.{m:02d}": ints(1) for m in range(30)}) for n in range(60)
    ]
    write(folder / "x.tfrecord", *records)
    return {}


def damage_that_is_skipped(folder: Path) -> dict[str, Any]:
    content = bytearray(shard(*some(40, 6)))
    for at in (5000, 9000, 20000):
        content[at] ^= 1
    (folder / "x.tfrecord").write_bytes(content[:-5])
    (folder / "y.tfrecord").write_bytes(frame(b"no Example") + shard(*some(3, 7)))
    return {"on_error": "skip"}


def damage_that_is_recovered(folder: Path) -> dict[str, Any]:
    damage_that_is_skipped(folder)
    return {"on_error": "recover"}


def damage_that_ends_it(folder: Path) -> dict[str, Any]:
    damage_that_is_skipped(folder)
    return {}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "make",
    [
        one_large_file,
        many_small_files,
        splits_of_every_kind,
        boxes_that_come_late,
        videos,
        masks_and_labels,
        records_of_one_annotation,
        source_ids_that_come_twice,
        classes_of_whole_images,
        segments_and_stuff,
        objects_with_keypoints,
        keys_without_end,
        damage_that_is_skipped,
        damage_that_is_recovered,
        damage_that_ends_it,
    ],
    ids=lambda make: make.__name__,
)
def test_the_output_does_not_depend_on_the_number_of_processes(
    make: Callable[[Path], dict[str, Any]], tmp_path: Path
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    target.mkdir()
    options = make(source)
    alone, two, three = outputs(source, target, (1, 2, 3), **options)
    assert alone == two == three
    assert alone, "there was something to compare"


@pytest.mark.parametrize(
    ("reason", "seconds"),
    [("ALONE_SECONDS", 60), ("WORTH_SECONDS", 60)],
    ids=["an input that is soon done", "little left"],
)
@pytest.mark.usefixtures("impatient")
def test_no_workers_are_started_where_they_are_no_gain(
    reason: str, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "x.tfrecord", *some(40, 14))
    started: list[int] = []

    def start(count: int, *more: Any) -> Any:
        started.append(count)
        return Workers(count, *more)

    monkeypatch.setattr(workers, "Workers", start)
    tfrecord_lite.convert(source, tmp_path / "with", jobs=2)
    assert started == [2]
    monkeypatch.setattr(read_splits, reason, seconds)
    tfrecord_lite.convert(source, tmp_path / "without", jobs=2)
    assert started == [2]
    assert tree(tmp_path / "with") == tree(tmp_path / "without")


@pytest.mark.usefixtures("impatient")
def test_workers_write_for_a_single_json_as_well(tmp_path: Path) -> None:
    source = write(
        tmp_path / "x.tfrecord", *some(40, 8, **{"image/caption": texts("only a folder has room for captions")})
    )
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        tfrecord_lite.convert(source, folder / "a.json", images=folder / "pictures", jobs=jobs)
    assert tree(tmp_path / "1") == tree(tmp_path / "2")


@pytest.mark.usefixtures("impatient")
def test_progress_adds_up_to_the_bytes_of_the_input(tmp_path: Path) -> None:
    source = write(tmp_path / "x.tfrecord", *some(60, 9))
    seen: list[int] = []
    tfrecord_lite.convert(source, tmp_path / "out", jobs=2, on_bytes=seen.append)
    assert sum(seen) == source.stat().st_size


@pytest.mark.usefixtures("impatient")
def test_what_a_worker_cannot_write_is_the_error_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "x.tfrecord", *some(40, 10))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "a.jpg")

    monkeypatch.setattr(part_reader, "write_new", full)  # in workers only: here it is called by another name
    with pytest.raises(OSError, match="No space left") as caught:
        tfrecord_lite.convert(source, tmp_path / "out", jobs=2)
    assert caught.value.filename == "a.jpg"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.tfrecord"]


@pytest.mark.usefixtures("impatient")
def test_a_worker_that_dies_is_an_error_and_never_a_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "x.tfrecord", *some(40, 11))
    here = os.getpid()

    def die(*_: object) -> None:
        assert os.getpid() != here
        os._exit(7)

    monkeypatch.setattr(part_reader, "write_new", die)
    with pytest.raises(WorkerError, match=r"exit status 7.*jobs=1"):
        tfrecord_lite.convert(source, tmp_path / "out", jobs=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.tfrecord"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys, time\n"
        "from tfrecord_lite.pipeline.pool import Workers\n"
        "def job(task, notify):\n"
        "    os.write(1, b'%d\\n' % os.getpid())  # in one piece, for there are two\n"
        "    time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    for _ in Workers(2, job, print).run(range(2)): pass\n"
    )
    path = tmp_path / "script.py"
    path.write_text(script)
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        # Both hold the other end of the pipe, which ends when they do; they would sleep for a minute.
        started = time.monotonic()
        assert parent.stdout.read() == ""
        assert len(set(workers)) == 2
        assert time.monotonic() - started < 30


@pytest.mark.usefixtures("impatient")
def test_a_process_that_may_have_no_children_does_the_work_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "x.tfrecord", *some(40, 12))
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert tfrecord_lite.convert(source, tmp_path / "out", jobs=2).images == 40


def test_faults_are_kept_without_the_records_they_came_from(tmp_path: Path) -> None:
    """The frames that an error was raised through would hold each record until the end."""
    source = tmp_path / "x.tfrecord"
    bad = detection("a.jpg", boxes=[(1, 1, 9, 9)], **{"image/object/bbox/xmin": floats(0.1, 0.2)})
    write(source, bad, detection("b.jpg", image=b"no image"), b"no Example", *some(2, 13))
    with pytest.raises(RejectedInputError) as caught:
        tfrecord_lite.convert(source, tmp_path / "out")
    assert len(caught.value.problems) == 3
    for problem in caught.value.problems:
        assert problem.__traceback__ is None
        assert problem.__context__ is None
        assert problem.__cause__ is None
