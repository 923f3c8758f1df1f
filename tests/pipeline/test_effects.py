"""Options that change nothing of an input are no secret: a key that no record has is an error, all else a warning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from scene import CAT
from tfrecords import detection, jpeg, texts

from tfrecord_lite import RejectedInputError, convert

Write = Callable[..., str]
LABEL = "image/object/class/label"


@pytest.mark.parametrize("role", ["encoded", "text", "number", "xmin", "keypoint_x", "filename"])
@pytest.mark.parametrize("on_error", ["fail", "skip"])
def test_a_key_that_no_record_has_is_one_error_with_the_nearest_key(
    role: str, on_error: str, record_file: Write, tmp_path: Path
) -> None:
    path = record_file(*(detection(f"{n}.jpg", boxes=[CAT]) for n in range(60)))
    with pytest.raises(RejectedInputError) as caught:
        convert(path, tmp_path / "out", roles={role: "image/object/class/lable"}, on_error=on_error)
    told = [line for line in str(caught.value).splitlines() if "no record has" in line]
    assert len(told) == 1
    assert "The nearest is 'image/object/class/label'" in told[0]
    assert not (tmp_path / "out").exists()


def test_a_key_that_only_one_record_of_one_file_has_is_no_mistake(tmp_path: Path) -> None:
    """Not even where it comes after all records that are looked at first."""
    records = [detection(f"{n}.jpg", boxes=[CAT]) for n in range(30)]
    late = detection("z.jpg", boxes=[CAT], **{"my/class": texts("cat")}, drop=[LABEL])
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "train.tfrecord", *records)
    write(tmp_path / "in" / "val.tfrecord", *records, late)
    done = convert(tmp_path / "in", tmp_path / "out", roles={"text": "my/class"})
    assert done.warnings == ()


NO_EFFECT: dict[str, dict[str, Any]] = {
    "category": {"category": "thing"},
    "image_size": {"image_size": (5, 5)},
    "image_index": {"image_index": 1},
    "image_root": {"image_root": "."},
}


@pytest.mark.parametrize(("name", "options"), NO_EFFECT.items())
def test_an_option_without_effect_is_a_warning(
    name: str, options: dict[str, Any], record_file: Write, tmp_path: Path
) -> None:
    path = record_file(detection("a.jpg", boxes=[CAT]))
    (told,) = convert(path, tmp_path / "out", **options).warnings
    assert told.startswith(f"{name} has no effect")
    with pytest.raises(RejectedInputError, match="has no effect"):
        convert(path, tmp_path / "strict", strict=True, **options)


def test_an_option_that_has_an_effect_on_one_file_of_several_is_no_warning(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "0.jpg").write_bytes(jpeg())
    (tmp_path / "in").mkdir()
    bare = detection("0.jpg", boxes=[CAT], drop=[LABEL, "image/encoded"])
    write(tmp_path / "in" / "train.tfrecord", detection("a.jpg", boxes=[CAT]))
    write(tmp_path / "in" / "val.tfrecord", bare)
    done = convert(tmp_path / "in", tmp_path / "out", image_root=tmp_path / "pictures", category="thing")
    assert done.warnings == ()


def test_where_nothing_was_read_no_option_is_blamed(record_file: Write, tmp_path: Path) -> None:
    done = convert(record_file(), tmp_path / "out", category="thing", allow_empty=True)
    assert not any("no effect" in text for text in done.warnings)


@pytest.mark.parametrize("jobs", [1, 2])
def test_effects_do_not_depend_on_the_number_of_workers(
    jobs: int, record_file: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.parts.SMALLEST_PART", 1)
    records = [detection(f"{n}.jpg", boxes=[CAT], drop=[LABEL]) for n in range(40)]
    path = record_file(*records, {**records[0], "my/class": texts("cat")})
    done = convert(path, tmp_path / "out", roles={"text": "my/class"}, category="thing", jobs=jobs)
    assert done.warnings == ()
