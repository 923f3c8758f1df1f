"""The names that a user imports, and what is promised about them."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from tfrecords import detection, example, frame, ints, png, shard, texts

import tfrecord_lite

ROOT = Path(tfrecord_lite.__file__).parent


def test_every_public_name_is_there_and_is_what_its_name_says() -> None:
    for name in tfrecord_lite.__all__:
        value = getattr(tfrecord_lite, name)
        assert inspect.isclass(value) if name[0].isupper() else inspect.isfunction(value), name
        assert value.__name__ == name
        assert value.__doc__
        assert name in dir(tfrecord_lite)


def test_the_names_are_sorted_and_none_comes_twice() -> None:
    assert list(tfrecord_lite.__all__) == sorted(set(tfrecord_lite.__all__))


PROMISED = {
    *("convert", "read_records", "read_examples", "read_samples", "TFRecordWriter", "Summary", "Record", "Example"),
    *("Sample", "Object", "Image", "Location", "TFRecordLiteError"),
}


def test_what_users_are_promised_is_public() -> None:
    assert set(tfrecord_lite.__all__) >= PROMISED


def test_every_error_is_public() -> None:
    errors = import_module("tfrecord_lite.errors")
    named = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert named <= set(tfrecord_lite.__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tfrecord_lite.nothing  # noqa: B018 - asking is what fails


IN_ANY_ORDER = """
import sys
import types
for name in sys.argv[1:]:
    exec(f"from tfrecord_lite import {name}" if "." not in name else f"import {name}")
for name in sys.argv[1:]:
    if "." not in name:
        exec(f"from tfrecord_lite import {name}")
        assert not isinstance(globals()[name], types.ModuleType), name
"""


@pytest.mark.parametrize(
    "names",
    [
        sorted(tfrecord_lite.__all__),
        sorted(tfrecord_lite.__all__, reverse=True),
        ["tfrecord_lite.commands.cli", "tfrecord_lite.pipeline.demos.demo", *tfrecord_lite.__all__],
    ],
    ids=["sorted", "reversed", "after the command line"],
)
def test_public_names_can_be_imported_in_any_order(names: list[str]) -> None:
    subprocess.run([sys.executable, "-c", IN_ANY_ORDER, *names], check=True)


@pytest.mark.parametrize("name", ["convert", "read_records", "read_examples"])
def test_options_are_keyword_only(name: str) -> None:
    parameters = inspect.signature(getattr(tfrecord_lite, name)).parameters.values()
    for parameter in parameters:
        if parameter.default is not inspect.Parameter.empty:
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, parameter.name


def test_every_option_of_a_conversion_is_described() -> None:
    function: Callable[..., Any] = tfrecord_lite.convert
    text = inspect.getdoc(function) or ""
    for name in inspect.signature(function).parameters:
        assert f"    {name}: " in text


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "py.typed").exists()


def test_the_version_is_that_of_the_distribution() -> None:
    pyproject = ROOT.parent / "pyproject.toml"
    if not pyproject.exists():
        pytest.skip("not in a checkout")
    assert f'\nversion = "{tfrecord_lite.__version__}"\n' in pyproject.read_text(encoding="utf-8")


def test_star_imports_give_the_public_names() -> None:
    script = "from tfrecord_lite import *\nprint(*sorted(globals()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(tfrecord_lite.__all__) <= set(done.stdout.split())


# ---------------------------------------------------------------------------------------------- in a user's words
def test_reading_records(tmp_path: Path) -> None:
    path = tmp_path / "train.tfrecord"
    path.write_bytes(frame(b"first") + frame(b"second"))
    found = [(record.payload, record.where) for record in tfrecord_lite.read_records(str(path))]
    assert found == [(b"first", (str(path), 0, 0)), (b"second", (str(path), 1, 21))]
    assert isinstance(found[0][1], tfrecord_lite.Location)


def test_reading_examples(tmp_path: Path) -> None:
    path = write(tmp_path / "train.tfrecord", detection("a.jpg", (64, 48), boxes=[(16, 12, 32, 24)]))
    (found,) = tfrecord_lite.read_examples(path)
    assert found.floats("image/object/bbox/xmin") == [0.25]
    assert found.where.record == 0
    # Code that was written for tf.train.Example goes on working.
    assert found.message.features.feature["image/width"].int64_list.value[0] == 64
    assert "image/encoded" in found.message.features.feature


def test_reading_examples_stops_at_what_is_none(tmp_path: Path) -> None:
    path = write(tmp_path / "train.tfrecord", example({"a": ints(1)}), b"\xff")
    reading = tfrecord_lite.read_examples(path)
    assert next(reading).ints("a") == [1]
    with pytest.raises(tfrecord_lite.ExampleError, match="record 1 at byte"):
        next(reading)


def test_reading_samples(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    for number in (2, 10):
        record = detection(f"{number}.jpg", boxes=[(1, 1, 9, 9)], texts=["cat"])
        write(folder / f"x-{number}.tfrecord", record)
    found = list(tfrecord_lite.read_samples(folder))
    assert [sample.image.filename for sample in found] == ["2.jpg", "10.jpg"]
    assert [thing.name for sample in found for thing in sample.objects] == ["cat", "cat"]


def test_writing_records(tmp_path: Path) -> None:
    with tfrecord_lite.TFRecordWriter(tmp_path / "x.tfrecord") as out:
        for payload in (b"first", b""):
            out.write(payload)
    assert (tmp_path / "x.tfrecord").read_bytes() == frame(b"first") + frame(b"")


def test_converting(tmp_path: Path) -> None:
    for number in range(2):
        write(tmp_path / f"train-0000{number}-of-00002", detection(f"{number}.jpg", boxes=[(1, 1, 9, 9)], labels=[2]))
    label_map = tmp_path / "map.pbtxt"
    label_map.write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    inputs = str(tmp_path / "train-*")
    summary = tfrecord_lite.convert(inputs, tmp_path / "coco", label_map=str(label_map))
    assert (summary.images, summary.categories) == (2, 2)
    single, names = tmp_path / "out.json", {1: "cat", 2: "dog"}
    assert tfrecord_lite.convert(inputs, single, images=tmp_path / "images", label_map=names).categories == 2
    assert single.is_file()


NOTHING_DECODED = """
import sys
from tfrecord_lite import convert
convert(sys.argv[1], sys.argv[2])
unneeded = {"PIL", "multiprocessing", "logging", "crc32c", "importlib.metadata", "hashlib", "tempfile"}
unneeded |= {"csv", "difflib", "tfrecord_lite.look"}
late = ("labels.load", "coco.read.reader", "pipeline.pool", "pipeline.previews.page")
unneeded |= {"tfrecord_lite." + name for name in late}
print(*sorted(unneeded & sys.modules.keys()))
"""


@pytest.mark.parametrize(("masks", "imported"), [([], ""), ([png(16, 16)], "PIL logging")], ids=["boxes", "masks"])
def test_nobody_waits_for_the_import_of_what_few_runs_need(masks: list[bytes], imported: str, tmp_path: Path) -> None:
    more = {"image/object/mask": texts(*masks)} if masks else {}
    records = write(tmp_path / "a.tfrecord", detection("a.jpg", (16, 16), boxes=[(1, 1, 9, 9)], **more))
    command = [sys.executable, "-c", NOTHING_DECODED, str(records), str(tmp_path / "out")]
    found = set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    spec = find_spec("crc32c")
    if spec is not None and spec.submodule_search_locations is None:  # one extension module, up to version 2.4
        found -= {"crc32c", "tempfile"}  # and a Pillow of its time, which imports the other
    assert found == set(imported.split())


def test_a_set_with_a_gap_is_read_by_everything_that_reads_records_if_it_is_to_be(tmp_path: Path) -> None:
    record = shard(detection("a.jpg", boxes=[(1, 1, 9, 9)]))
    for index in (0, 2):
        (tmp_path / f"x-{index:05d}-of-00003").write_bytes(record)
    for read in (tfrecord_lite.read_records, tfrecord_lite.read_examples, tfrecord_lite.read_samples):
        with pytest.raises(tfrecord_lite.InputError, match="1 of 3 shards are missing: 00001"):
            next(iter(read(tmp_path)))
        assert len(list(read(tmp_path, allow_missing_shards=True))) == 2
