"""What a killed run left is settled by its journal; where it cannot be, nothing is cleared and the message says why."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from outputs import (
    OUTPUTS,
    Tree,
    bad_records,
    convert,
    killed_before,
    new_records,
    old_records,
    published,
    stages,
    tree,
)

import tfrecord_lite
from tfrecord_lite import OutputError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed in the middle of its work")


Killed = Callable[[str, Path], Tree]


@pytest.fixture(scope="module")
def killed_half_way(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Makes a folder that a run left which was killed after it had moved all of an old dataset aside.

    It takes the kind of output and the folder, and returns what the old dataset was.
    """
    made: dict[str, tuple[Path, Tree]] = {}

    def make(kind: str) -> tuple[Path, Tree]:
        base = tmp_path_factory.mktemp("killed")
        before, folder, records = base / "before", base / "here", new_records(base)
        convert(kind, before, old_records(base))
        for step in range(6, 200):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(before, folder)
            assert killed_before(step, partial(convert, kind, folder, records))
            if not published(folder):
                break
        return folder, tree(before)

    def copy(kind: str, folder: Path) -> Tree:
        if kind not in made:
            made[kind] = make(kind)
        shutil.copytree(made[kind][0], folder)
        return made[kind][1]

    return copy


def data(folder: Path) -> Tree:
    """Everything that is there but for locks, which a run takes and leaves."""
    return {name: checksum for name, checksum in tree(folder).items() if not name.endswith("-lock")}


def fail(kind: str, folder: Path) -> None:
    with pytest.raises(tfrecord_lite.RejectedInputError):
        convert(kind, folder, bad_records(folder.parent))


@pytest.mark.parametrize("kind", OUTPUTS)
def test_what_took_the_place_of_old_data_stays_and_the_message_says_what_to_do(
    kind: str, tmp_path: Path, killed_half_way: Killed
) -> None:
    folder = tmp_path / "here"
    old = killed_half_way(kind, folder)
    name = next(iter(old))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("mine")
    kept = data(folder)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="Move away what has taken its place, and convert again") as caught:
            convert(kind, folder, bad_records(tmp_path), overwrite=overwrite)
        assert str(folder / name) in str(caught.value)
        places = map(Path, re.findall(r"\S+/old\b", str(caught.value)))
        assert {value for place in places for value in tree(place).values()} <= set(old.values())
        assert set(data(folder).values()) == set(kept.values())
    os.unlink(folder / name)
    fail(kind, folder)
    assert tree(folder) == old


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_stage_is_settled_wherever_the_output_was_moved_to(
    kind: str, tmp_path: Path, killed_half_way: Killed
) -> None:
    old = killed_half_way(kind, tmp_path / "here")
    os.rename(tmp_path / "here", tmp_path / "there")
    fail(kind, tmp_path / "there")
    assert tree(tmp_path / "there") == old


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pieces": 1, "obsolete": [], "made": [], "stages": []}'])
def test_a_journal_that_cannot_be_read_keeps_what_it_is_about(
    content: str, tmp_path: Path, killed_half_way: Killed
) -> None:
    old = killed_half_way("folder", tmp_path / "here")
    (stage,) = (tmp_path / "here" / "out").glob(".*partial-*[0-9a-f]")
    (stage / "journal").write_text(content)
    kept = data(tmp_path / "here")
    with pytest.raises(OutputError, match="journal of this stage cannot be read"):
        convert("folder", tmp_path / "here", bad_records(tmp_path))
    assert data(tmp_path / "here") == kept
    assert set(old.values()) <= set(kept.values())
    shutil.rmtree(stage / "old")  # nothing was moved yet: the journal was being written
    fail("folder", tmp_path / "here")
    assert not stages(tmp_path / "here")


# --------------------------------------------------------------------------- an output in two places: one stage each
def two_stages(folder: Path) -> tuple[Path, Path]:
    """That of the images, and that of the JSON."""
    (images,) = folder.glob("deep/.pictures.partial-*[0-9a-f]")
    (json,) = folder.glob(".out.json.partial-*[0-9a-f]")
    return images, json


@pytest.mark.parametrize("first", ["images", "json"])
def test_whichever_of_two_stages_is_met_first_both_are_settled(
    first: str, tmp_path: Path, killed_half_way: Killed
) -> None:
    folder = tmp_path / "here"
    old = killed_half_way("json and images", folder)
    if first == "images":
        output, images = folder / "other.json", folder / "deep" / "pictures"
        with pytest.raises(OutputError, match="not replaced"):  # the old images are there again, but not of this JSON
            tfrecord_lite.convert(old_records(tmp_path), output, images=images, overwrite=True)
    else:
        with pytest.raises(tfrecord_lite.RejectedInputError):
            tfrecord_lite.convert(bad_records(tmp_path), folder / "out.json", overwrite=True)
    assert published(folder) == old
    fail("json and images", folder)
    assert tree(folder) == old


def test_a_stage_whose_other_half_is_not_there_is_kept(tmp_path: Path, killed_half_way: Killed) -> None:
    folder = tmp_path / "here"
    old = killed_half_way("json and images", folder)
    _, json = two_stages(folder)
    os.rename(json, tmp_path / "away")
    kept = data(folder)
    for _ in range(2):
        with pytest.raises(OutputError, match="Move it back, and convert again") as caught:
            convert("json and images", folder, bad_records(tmp_path))
        assert f"belongs to {json}" in str(caught.value)
        assert data(folder) == kept
    os.rename(tmp_path / "away", json)
    fail("json and images", folder)
    assert tree(folder) == old


@pytest.mark.slow  # a conversion for each step of a publication
def test_the_journal_of_the_json_is_written_first_and_removed_last(tmp_path: Path) -> None:
    """So that from the images' stage the one that decides can always be seen."""
    folder = tmp_path / "here"
    convert("json and images", folder, old_records(tmp_path))
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    both = 0
    for step in range(1, 200):
        if not killed_before(step, partial(convert, "json and images", folder, new_records(tmp_path))):
            break
        journals = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("journal"))
        both += len(journals) == 2
        assert len(journals) != 1 or journals[0].startswith(".out.json")
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
    assert both > 3


@pytest.mark.parametrize(
    "forged",
    [
        {"pieces": ["../mine/file"]},
        {"obsolete": ["../mine/file"]},
        {"pieces": ["a/../../mine/file"]},
        {"pieces": ["{mine}/file"]},
        {"pieces": ["link/file"]},
        {"obsolete": ["link/file"]},
        {"pieces": ["a"], "stages": ["../../mine"]},
    ],
)
def test_a_journal_that_leads_out_of_the_output_is_refused(forged: dict[str, list[str]], tmp_path: Path) -> None:
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.mkdir()
    (mine / "file").write_text("mine")
    stage = out / ".tfrecord2coco.partial-01234567"
    for folder in ("old/link", "new/link"):
        (stage / folder).mkdir(parents=True)
    (out / "link").symlink_to(mine)
    content = {"stages": ["."], "pieces": [], "obsolete": [], "made": []} | forged
    (stage / "journal").write_text(json.dumps(content).replace("{mine}", str(mine)))
    with pytest.raises(OutputError, match="journal of this stage cannot be read"):
        tfrecord_lite.convert(old_records(tmp_path), out)
    assert tree(mine).keys() == {"file"}
    assert (stage / "journal").exists()
