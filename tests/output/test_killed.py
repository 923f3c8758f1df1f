"""A run that is killed, wherever that is, and whatever comes after it: the old dataset or the new one is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from outputs import (
    OUTPUTS,
    bad_records,
    convert,
    killed_before,
    new_records,
    old_records,
    published,
    stages,
    third_records,
    tree,
)

from tfrecord_lite import OutputError, RejectedInputError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed in the middle of its work")


class Scene:
    """A folder with records, and the datasets that conversions of them give."""

    def __init__(self, kind: str, folder: Path, *, over: bool) -> None:
        self.kind, self.folder, self.here = kind, folder, folder / "here"
        self.bad = bad_records(folder)
        records = {"old": old_records(folder), "new": new_records(folder), "third": third_records(folder)}
        self.records = records
        self.datasets = {}
        for name, path in records.items():
            convert(kind, folder / name, path)
            self.datasets[name] = published(folder / name)
        if not over:
            shutil.rmtree(folder / "old")
            (folder / "old").mkdir()
            self.datasets["old"] = {}

    def kill(self, step: int) -> bool:
        """Kills a run over the old dataset; whether it had that many steps."""
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(self.folder / "old", self.here)
        return killed_before(step, partial(convert, self.kind, self.here, self.records["new"]))

    def now(self) -> str:
        """Which dataset is there."""
        found = published(self.here)
        return next((name for name, dataset in self.datasets.items() if dataset == found), f"a mixture: {found}")

    def fail(self) -> None:
        with pytest.raises(RejectedInputError):
            convert(self.kind, self.here, self.bad)

    def then_fails(self) -> None:
        """Another run meets bad data."""
        self.fail()
        assert self.now() in ("old", "new")
        assert not stages(self.here)

    def then_must_not_replace(self) -> None:
        """Another run has no leave to replace anything."""
        if self.datasets["old"]:
            with pytest.raises(OutputError, match="already exists"):
                convert(self.kind, self.here, self.records["third"], overwrite=False)
            assert self.now() in ("old", "new")
        else:
            try:
                convert(self.kind, self.here, self.records["third"], overwrite=False)
            except OutputError:
                assert self.now() == "new"
            else:
                assert self.now() == "third"

    def then_succeeds(self) -> None:
        """Another run is as it should be."""
        convert(self.kind, self.here, self.records["third"])
        assert self.now() == "third"
        assert tree(self.here) == published(self.here)


def kept(folder: Path) -> Iterator[None]:
    """Twice the same folder."""
    shutil.copytree(folder, folder.with_name("kept"))
    yield
    shutil.rmtree(folder)
    os.rename(folder.with_name("kept"), folder)
    yield


@pytest.mark.slow
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("over", [True, False], ids=["over an earlier result", "over nothing"])
def test_a_run_that_is_killed_at_any_step_leaves_the_old_dataset_or_the_new_one(
    kind: str, over: bool, tmp_path: Path
) -> None:
    scene = Scene(kind, tmp_path, over=over)
    step = 1
    while scene.kill(step):
        kills = kept(scene.here)
        next(kills)
        scene.then_fails()
        scene.then_succeeds()
        next(kills)
        scene.then_must_not_replace()
        scene.then_succeeds()
        step += 1
    assert step > 10
    assert scene.now() == "new"


@pytest.mark.slow
@pytest.mark.parametrize("kind", OUTPUTS)
def test_so_does_a_run_that_is_killed_while_it_settles_what_another_one_left(kind: str, tmp_path: Path) -> None:
    scene = Scene(kind, tmp_path, over=True)
    step = 1
    while scene.kill(step):
        if stages(scene.here):
            killed = tmp_path / "killed"
            shutil.copytree(scene.here, killed)
            second = 1
            while killed_before(second, scene.fail):
                scene.then_fails()
                scene.then_succeeds()
                shutil.rmtree(scene.here)
                shutil.copytree(killed, scene.here)
                second += 4
            assert second > 10
            shutil.rmtree(killed)
        step += 3


@pytest.mark.parametrize("kind", OUTPUTS)
def test_of_a_run_that_is_killed_the_next_one_takes_up_the_pieces(kind: str, tmp_path: Path) -> None:
    """The same at some steps, so that it is always run."""
    scene = Scene(kind, tmp_path, over=True)
    step = 1
    while scene.kill(step):
        scene.then_fails()
        scene.then_succeeds()
        step += 5
    assert step > 10
