"""Apache Beam's own runners: a pipeline gives what the local command gives, byte for byte, or nothing at all.

The runner is named in each test: what ``DirectRunner`` means depends on the version, and since 2.68 it can be Prism.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from outputs import tree
from record_files import picture, write
from tfrecords import shard

import tfrecord_lite
from peers.beam.dying import KilledJob, RepeatedJob
from tfrecord_lite.beam import Convert

IN_PROCESS = ["--runner=BundleBasedDirectRunner"]  # it repeats what fails, four times
FN_API = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"  # 2.64 does not know its short name
TWO_WORKERS = [f"--runner={FN_API}", "--direct_running_mode=multi_processing", "--direct_num_workers=2"]
SHARDS = 1000


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    for number in range(SHARDS):
        name = f"{'train' if number % 3 else 'val'}-{number // 3:05}.tfrecord"
        write(folder / name, picture(f"{number}.jpg", texts=[f"class {number % 7}"]), picture("same.jpg"))
    return folder


@pytest.fixture(scope="module")
def local(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """What the local command makes of them."""
    output = tmp_path_factory.mktemp("local") / "coco"
    tfrecord_lite.convert(shards, output)
    return tree(output)


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tfrecord_lite", "beam", *words], capture_output=True, text=True, check=False
    )


def test_two_workers_give_what_the_local_command_gives(shards: Path, local: dict[str, int], tmp_path: Path) -> None:
    done = command(shards, "-o", tmp_path / "out", "--", *TWO_WORKERS)
    assert done.returncode == 0, done.stderr
    assert f"wrote {tmp_path}/out/annotations/instances_train.json" in done.stdout.splitlines()
    assert tree(tmp_path / "out") == local
    assert os.listdir(tmp_path) == ["out"]


def test_one_damaged_shard_of_a_thousand_publishes_nothing_and_is_named(shards: Path, tmp_path: Path) -> None:
    damaged = shards / "train-00123.tfrecord"
    sound = damaged.read_bytes()
    first = len(shard(picture("same.jpg")))
    try:
        damaged.write_bytes(sound[:-first] + bytes([sound[-first] ^ 1]) + sound[1 - first :])
        done = command(shards, "-o", tmp_path / "out", "--", *TWO_WORKERS)
    finally:
        damaged.write_bytes(sound)
    assert done.returncode == 1
    assert f"error: {damaged}: record 1 at byte {len(sound) - first}: " in done.stderr
    assert os.listdir(tmp_path) == []


def run(transform: Convert, runner: list[str]) -> None:
    with beam.Pipeline(options=PipelineOptions(runner)) as pipeline:
        pipeline | transform


def test_tasks_killed_in_the_middle_and_repeated_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfrecord_lite.beam.Job", RepeatedJob)
    for number in range(3):
        write(tmp_path / f"in/x-{number}.tfrecord", *(picture(f"{number}-{each}.jpg") for each in range(6)))
    tfrecord_lite.convert(tmp_path / "in", tmp_path / "one")
    transform = Convert(tmp_path / "in", tmp_path / "many")
    run(transform, IN_PROCESS)
    assert tree(tmp_path / "many") == tree(tmp_path / "one")
    killed = [path.name.partition(".killed-")[2] for path in tmp_path.glob(".many*.killed-*")]
    assert sorted(killed) == ["place-0", "place-1", "place-2", "read-0", "read-1", "read-2", "settle"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the runner's own threads
def test_a_runner_that_gives_up_leaves_nothing_published_and_another_run_succeeds(
    shards: Path, local: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr("tfrecord_lite.beam.Job", KilledJob)
        transform = Convert(shards, tmp_path / "out")
        with pytest.raises(Exception, match=r"."):  # each version has its own
            run(transform, TWO_WORKERS)
    assert os.listdir(tmp_path) == [os.path.basename(transform.job.work)]
    transform.job.clear()
    assert command(shards, "-o", tmp_path / "out", "--", *TWO_WORKERS).returncode == 0
    assert tree(tmp_path / "out") == local


def test_a_transform_is_a_step_of_anybodys_pipeline(tmp_path: Path) -> None:
    write(tmp_path / "x.tfrecord", picture("a.jpg"))
    seen = tmp_path / "seen"

    def note(summary: Any) -> None:
        seen.write_text(f"{summary.images} {summary.classes}")

    with beam.Pipeline(options=PipelineOptions(IN_PROCESS)) as pipeline:
        pipeline | Convert(tmp_path / "x.tfrecord", tmp_path / "out", category="cat") | beam.Map(note)
    assert seen.read_text() == "1 {'1': 1}"


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    write(tmp_path / "records" / "train.tfrecord", picture("a.jpg"))
    page = (Path(__file__).parents[3] / "docs" / "beam.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    source = source.replace("beam.Pipeline()", f"beam.Pipeline({IN_PROCESS[0].partition('=')[2]!r})")
    done = subprocess.run([sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("train: 1 image, 1 annotation\n")
    assert (tmp_path / "coco" / "annotations" / "instances_train.json").is_file()


def test_a_runner_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", picture("a.jpg"))
    done = command(path, "-o", tmp_path / "out", "--", "--runner=NobodysRunner")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "NobodysRunner" in done.stderr
    assert os.listdir(tmp_path) == ["x.tfrecord"]
