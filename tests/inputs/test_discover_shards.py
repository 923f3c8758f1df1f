"""Sets of shards: named as a whole, found in folders, and not complete."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from named_inputs import paths, refusal, shards, touch

from tfrecord_lite.errors import InputError
from tfrecord_lite.inputs.discover import find_sources

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


@pytest.mark.parametrize(("base", "end"), [("in/train", ""), ("in/train.tfrecord", ""), ("in/train", ".tfrecord.gz")])
def test_base_at_number_means_a_whole_set(base: str, end: str) -> None:
    names = shards(base, 12, end=end)
    touch(*names, "in/other.tfrecord")
    assert paths(find_sources([f"{base}@12{end}"])) == names
    assert paths(find_sources([f"{base}@*{end}"])) == names


def test_a_set_that_is_not_there_at_all_is_an_error() -> None:
    for given_path in ("x@10", "x@*", "x@0"):
        with pytest.raises(InputError, match=r"no such set of shards|no file matches"):
            find_sources([given_path])


def test_a_set_without_its_ending_is_refused_with_its_right_name() -> None:
    touch(*shards("in/x", 3, end=".tfrecord"))
    advice = refusal("in/x@3").rpartition("write ")[2]
    assert paths(find_sources([advice])) == shards("in/x", 3, end=".tfrecord")


@pytest.mark.parametrize("named", ["x@99999999999", "x-00001-of-99999999999", "x@" + "9" * 5000])
def test_an_absurd_number_of_shards_takes_neither_time_nor_memory(named: str) -> None:
    if len(named) < 200:
        touch("x-00000-of-99999999999", "x-00001-of-99999999999")
    script = "import sys; from tfrecord_lite.inputs.discover import find_sources; find_sources(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, named, "x-00000-of-99999999999"],
        capture_output=True,
        text=True,
        timeout=4,
        check=False,
    )
    assert "InputError" in done.stderr.splitlines()[-1]


def test_a_gap_in_a_set_is_an_error_that_names_the_missing_shards() -> None:
    touch(*shards("in/x", 10, without=(3, 7), end=".tfrecord"))
    for given_path in ("in", "in/*", "in/x@10.tfrecord", "in/x@*.tfrecord"):
        message = refusal(given_path)
        assert "2 of 10 shards are missing: 00003, 00007" in message
        assert "allow_missing_shards=True" in message
        assert message.startswith(os.path.join("in", "x-*.tfrecord"))


def test_many_missing_shards_are_counted_and_not_all_listed() -> None:
    touch(*shards("x", 100, without=tuple(range(1, 99))))
    message = refusal("x@100")
    assert "98 of 100" in message
    assert len(message) < 200


def test_a_gap_can_be_accepted_and_is_then_a_warning() -> None:
    touch(*shards("x", 3, without=(1,)))
    found = find_sources(["x@3"], allow_missing_shards=True)
    assert paths(found) == ["x-00000-of-00003", "x-00002-of-00003"]
    (warning,) = found.warnings
    assert "1 of 3 shards are missing: 00001" in warning


def test_a_single_shard_that_is_named_is_wanted_alone() -> None:
    touch(*shards("x", 3))
    found = find_sources(["x-00001-of-00003"])
    assert len(found.shards) == 1
    (warning,) = found.warnings
    assert "2 of 3 shards are missing: 00000, 00002" in warning


@pytest.mark.parametrize(
    ("names", "inputs", "said"),
    [
        (["in/x-00001-of-00003"], ["in"], "2 of 3 shards are missing: 00000, 00002"),
        (shards("x", 3), ["x-00000-of-00003", "x-00001-of-00003"], "1 of 3 shards are missing: 00002"),
        ([f"in/x-0000{n}-of-00005" for n in (2, 4, 5)], ["in"], "2 of 5 shards are missing: 00001, 00003 (of-00005)"),
        (["in/x-00001-of-00003", "in/x-00002-of-00003"], ["in"], "1 of 3 shards are missing: 00000"),
        (["in/x_1-of-3.tfrecord", "in/x_2-of-3.tfrecord"], ["in"], "1 of 3 shards are missing: 00000"),
        ([*shards("in/x", 3, without=(2,)), *shards("in/x", 2, without=(0,))], ["in"], "mixed"),
    ],
    ids=[
        *("one of a folder", "two of three that are named", "counted from 1"),
        *("first and last missing are counted from 0", "numbers of one digit", "sets of two sizes"),
    ],
)
def test_an_incomplete_set_is_an_error_that_names_what_is_missing(
    names: list[str], inputs: list[str], said: str
) -> None:
    touch(*names)
    assert said in refusal(*inputs)


@pytest.mark.parametrize("given_path", ["in", "in/*", "in/x@3", "in/x@*"])
def test_a_set_may_count_from_1(given_path: str) -> None:
    names = [f"in/x-{index:05d}-of-00003" for index in (1, 2, 3)]
    touch(*names)
    found = find_sources([given_path])
    assert paths(found) == names
    assert found.warnings == ()


def test_sets_are_told_apart_by_folder_name_and_ending() -> None:
    touch(*shards("in/a", 2), *shards("in/b", 3), *shards("in/sub/a", 1), *shards("in/a", 1, end=".tfrecord"))
    found = find_sources(["in"])
    assert len(found.shards) == 7
    assert found.warnings == ()
