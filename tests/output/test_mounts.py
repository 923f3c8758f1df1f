"""Outputs on other file systems: mount points, mounts inside an output, overlays as containers have them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from outputs import old_records, stages, tree

import tfrecord_lite

SCRIPT = """
set -e
cd "$1"
{mounts}
shift
status=0
"$@" 2>message || status=$?
cp -a {output} copy
exit $status
"""
OVERLAY = """
mkdir upper work merged
mount -t overlay -o redirect_dir=off,lowerdir=lower,upperdir=upper,workdir=work none merged
"""


@cache
def namespace() -> tuple[str, ...]:
    """The command that gives mounts of one's own; empty where there is none."""
    for command in (("unshare", "-m"), ("unshare", "-r", "-m")):
        if (
            shutil.which("unshare")
            and subprocess.run(
                [*command, "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True
            ).returncode
            == 0
        ):
            return command
    return ()


def run(folder: Path, mounts: str, output: str, *options: str) -> tuple[int, str]:
    """Converts the records in a folder after something was mounted there; status and message. A copy is in copy."""
    if not namespace():
        pytest.skip("nothing can be mounted here")
    command = [sys.executable, "-m", "tfrecord_lite", "convert", "records/old", *options]
    done = subprocess.run(
        [*namespace(), "sh", "-c", SCRIPT.format(mounts=mounts, output=output), "sh", folder, *command], check=False
    )
    return done.returncode, (folder / "message").read_text()


@pytest.fixture
def complete(tmp_path: Path) -> dict[str, int]:
    """The records are in the folder of the test; what a dataset of them is."""
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "reference")
    return tree(tmp_path / "reference")


@pytest.mark.parametrize(
    "mounts",
    [
        "mkdir out; mount -t tmpfs none out",
        "mkdir out; mount --bind out out",
        "mkdir p; mount -t tmpfs none p; mkdir p/out; mount -t tmpfs none p/out; mount -o remount,ro p; ln -s p/out .",
    ],
    ids=["another file system", "the same one", "in a folder that is read only"],
)
@pytest.mark.parametrize("again", [False, True])
def test_an_output_may_be_a_mount_point(mounts: str, again: bool, complete: dict[str, int], tmp_path: Path) -> None:
    if again:
        mounts += f"\n{sys.executable} -m tfrecord_lite convert records/old -o out; mv out/reports/train.json out/mine"
    assert run(tmp_path, mounts, "out/.", "-o", "out", *["--overwrite"] * again) == (0, "")
    copy = tree(tmp_path / "copy")
    assert copy == complete | ({"mine": complete["reports/train.json"]} if again else {})
    assert not stages(tmp_path)


@pytest.mark.parametrize("place", ["out/images", "out/annotations", "out/images/train", "out/reports"])
@pytest.mark.parametrize("how", ["-t tmpfs none", "--bind {place}"])
def test_a_mount_inside_an_output_is_refused_before_the_work(
    place: str, how: str, complete: dict[str, int], tmp_path: Path
) -> None:
    del complete
    mounts = f"mkdir -p {place}; mount {how.format(place=place)} {place}; echo junk >records/old/train.tfrecord"
    status, message = run(tmp_path, mounts, "out", "-o", "out", "--overwrite")
    assert status == 2
    assert f"{place}: another file system is mounted here" in message
    assert not tree(tmp_path / "copy")


@pytest.mark.parametrize("mount", ["-t tmpfs none pics", "--bind pics pics"])
def test_a_folder_of_images_is_no_mount_point_but_may_lie_in_one(
    mount: str, complete: dict[str, int], tmp_path: Path
) -> None:
    mounts = f"mkdir pics; mount {mount}"
    status, message = run(tmp_path, mounts, "pics", "-o", "x.json", "--images", "pics")
    assert status == 2
    assert "pics: another file system is mounted here" in message
    assert "Name an output inside it" in message
    assert not tree(tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy")
    (tmp_path / "pics").rmdir()
    assert run(tmp_path, mounts, "pics", "-o", "x.json", "--images", "pics/images") == (0, "")
    images = {name.rpartition("/")[2] for name in complete if name.endswith(".jpg")}
    assert tree(tmp_path / "copy").keys() == {f"images/{name}" for name in images}


@pytest.mark.parametrize("options", [("-o", "merged/out"), ("-o", "merged/x.json", "--images", "merged/pics")])
def test_an_output_in_the_lower_layer_of_an_overlay_is_replaced(
    options: tuple[str, ...], complete: dict[str, int], tmp_path: Path
) -> None:
    """As one that is part of a container's image: its folders cannot be renamed."""
    del complete
    lower = tmp_path / "lower"
    tfrecord_lite.convert(tmp_path / "records" / "old", lower / "out")
    tfrecord_lite.convert(tmp_path / "records" / "old", lower / "x.json", images=lower / "pics")
    before = tree(lower)
    (tmp_path / "records/old/val.tfrecord").unlink()
    status, message = run(tmp_path, OVERLAY, "merged", *options, "--overwrite")
    if "overlay" in message or not (tmp_path / "copy").exists():
        pytest.skip("there are no overlays here")
    assert (status, message) == (0, "")
    after = tree(tmp_path / "copy")
    assert tree(lower) == before
    assert set(before) - set(after) == ({"pics/v.jpg"} if "--images" in options else set())
    assert not stages(tmp_path / "copy")
