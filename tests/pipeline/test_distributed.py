"""A conversion in tasks gives what ``convert`` gives, byte for byte, in whatever order and however often they run."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from outputs import killed_before, tree
from pixels import halves
from record_files import picture, write
from tfrecords import detection, shard, texts

from tfrecord_lite import OutputError, RejectedInputError, UsageError, convert
from tfrecord_lite.errors import TFRecordLiteError
from tfrecord_lite.pipeline.conversion.distributed import Job, Settled
from tfrecord_lite.pipeline.conversion.summary import Summary

Value = TypeVar("Value")

ODD: dict[str, dict[str, Any]] = {
    "as it is": {},
    "without images": {"write_images": False},
    "of shares": {"split_ratio": {"train": 0.5, "val": 0.5}},
    "without empty images": {"drop_empty_images": True},
    "merged": {"merge_images": True},
    "roboflow": {"layout": "roboflow"},
    "yolo": {"layout": "yolo"},
}


PANOPTIC = {"category": (7, 8), "instance": (0, 1)}  # of the left half and the right one


def sent(value: Value) -> Value:
    """As another machine gets it."""
    copy: Value = pickle.loads(pickle.dumps(value))
    return copy


def records(folder: Path) -> Path:
    """Shards of two splits: names that repeat or have a folder, images without objects, panoptic segmentations."""
    for split in ("train", "val"):
        for number in range(4):
            masks = {f"image/panoptic/{what}_mask": texts(halves(*each)) for what, each in PANOPTIC.items()}
            write(
                folder / f"{split}-{number:05}-of-00004.tfrecord",
                picture("same.jpg"),
                picture(f"sub/{number}.jpg", texts=[f"class {number}"]),
                detection(f"empty{number}.png"),
                picture(f"p{number}.jpg", **masks),
            )
    return folder


def run(job: Job, attempts: int) -> Summary | TFRecordLiteError:
    """Runs all tasks, the last first, each as often as that, on copies."""

    def repeated(task: Callable[[], Value]) -> Value:
        return sent([task() for _ in range(attempts)][-1])

    read = [repeated(lambda part=part: sent(job).read(part)) for part in reversed(job.parts())]  # type: ignore[misc]
    settled = repeated(lambda: sent(job).settle(read))
    placed = [repeated(lambda task=task: sent(job).place(*task)) for task in reversed(job.placements(settled))]  # type: ignore[misc]
    return sent(job).finish(settled, placed)


@pytest.mark.parametrize(("attempts", "name"), [(1, "as it is"), *((2, name) for name in ODD)])
def test_tasks_give_what_convert_gives(attempts: int, name: str, tmp_path: Path) -> None:
    options = ODD[name]
    source = records(tmp_path / "in")
    expected = convert(source, tmp_path / "one", **options)
    done = run(Job(source, tmp_path / "many", options), attempts)
    assert isinstance(done, Summary)
    assert tree(tmp_path / "many") == tree(tmp_path / "one")
    assert done.classes == expected.classes
    assert sorted(os.listdir(tmp_path)) == ["in", "many", "one"]


def test_an_output_that_is_there_gets_a_further_split(tmp_path: Path) -> None:
    source = records(tmp_path / "in")
    for output in ("one", "many"):
        convert(source / "val@4.tfrecord", tmp_path / output)
    convert(source / "train@4.tfrecord", tmp_path / "one")
    run(Job(source / "train@4.tfrecord", tmp_path / "many", {}), 1)
    assert tree(tmp_path / "many") == tree(tmp_path / "one")


def test_one_damaged_record_publishes_nothing_and_is_named(tmp_path: Path) -> None:
    source = records(tmp_path / "in")
    damaged = source / "val-00002-of-00004.tfrecord"
    data = bytearray(damaged.read_bytes())
    data[len(shard(picture("same.jpg"))) + 40] ^= 1  # in the second record
    damaged.write_bytes(data)
    error = run(Job(source, tmp_path / "out", {}), 2)
    assert isinstance(error, RejectedInputError)
    assert "val-00002-of-00004.tfrecord: record 1 at byte" in str(error)
    assert os.listdir(tmp_path) == ["in"]
    done = run(Job(source, tmp_path / "out", {"on_error": "skip"}), 2)
    assert isinstance(done, Summary)
    convert(source, tmp_path / "one", on_error="skip")
    assert tree(tmp_path / "out") == tree(tmp_path / "one")


def test_pictures_that_are_missing_in_the_end_publish_nothing(tmp_path: Path) -> None:
    job = Job(records(tmp_path / "in"), tmp_path / "out", {})
    settled = job.settle([job.read(part) for part in job.parts()])
    assert isinstance(settled, Settled)
    error = job.finish(settled, [job.place(*task) for task in job.placements(settled)[1:]])
    assert isinstance(error, OutputError)
    assert "as many as were written" in str(error)
    assert os.listdir(tmp_path) == ["in"]


def test_finishing_again_goes_on_after_an_error_and_agrees_after_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = records(tmp_path / "in")
    convert(source, tmp_path / "one")
    job = Job(source, tmp_path / "out", {})
    settled = job.settle([job.read(part) for part in job.parts()])
    placed = [job.place(*task) for task in job.placements(settled)]
    with monkeypatch.context() as failing:
        rename, calls = os.rename, []

        def fails_once(*arguments: Any, **options: Any) -> None:
            calls.append(arguments)
            if len(calls) == 3:
                raise OSError(5, "the disk hiccups")
            rename(*arguments, **options)

        failing.setattr(os, "rename", fails_once)
        with pytest.raises(OSError, match="hiccups"):
            job.finish(settled, placed)
    assert not (tmp_path / "out").exists()
    for _ in range(2):
        assert isinstance(job.finish(settled, placed), Summary)
        assert tree(tmp_path / "out") == tree(tmp_path / "one")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed in the middle of its work")
def test_after_a_kill_in_the_middle_of_finishing_the_run_can_be_repeated(tmp_path: Path) -> None:
    source, output = records(tmp_path / "in"), tmp_path / "out"
    convert(source, tmp_path / "one")
    told = 0
    for step in range(40, 1000, 7):
        shutil.rmtree(output, ignore_errors=True)
        convert(source, output, limit=1)
        job = Job(source, output, {"overwrite": True})
        settled = job.settle([job.read(part) for part in job.parts()])
        placed = [job.place(*task) for task in job.placements(settled)]
        if not killed_before(step, lambda: job.finish(settled, placed)):  # noqa: B023 - it is called at once
            break
        again = job.finish(settled, placed)
        if not isinstance(again, Summary):
            told += 1
            assert "Run the pipeline again" in str(again)
            assert isinstance(run(Job(source, output, {"overwrite": True}), 1), Summary)
        assert tree(output) == tree(tmp_path / "one")
    assert told


def test_a_file_that_is_replaced_on_the_way_is_named(tmp_path: Path) -> None:
    source = records(tmp_path / "in")
    job = Job(source, tmp_path / "out", {})
    settled = job.settle([job.read(part) for part in job.parts()])
    write(source / "train-00002-of-00004.tfrecord", picture("other.jpg"))
    error = job.finish(settled, [job.place(*task) for task in job.placements(settled)])
    assert "train-00002-of-00004.tfrecord: this changed while the pipeline ran" in str(error)
    assert os.listdir(tmp_path) == ["in"]


@pytest.mark.parametrize(
    ("output", "options", "said"),
    [
        ("out.json", {}, "a folder that all workers can write to"),
        ("out", {"jobs": 2}, "jobs is no option of a conversion on several machines"),
        ("out", {"on_error": "sometimes"}, "on_error is 'sometimes'"),
        ("there", {}, "already exists"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    output: str, options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    source = records(tmp_path / "in")
    convert(source, tmp_path / "there")
    with pytest.raises(UsageError, match=said):
        Job(source, tmp_path / output, options)
    assert sorted(os.listdir(tmp_path)) == ["in", "there"]
