"""Images with their annotations, wherever in the files these are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfrecord_lite.coco.read import join as joining
from tfrecord_lite.coco.read.join import join
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.errors import CocoFileError

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(images: list[Any], annotations: list[Any], name: str = "a.json", *, last: str = "annotations") -> str:
        content = {"images": images, "annotations": annotations}
        content[last] = content.pop(last)
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
        return str(tmp_path / name)

    return put


def joined(path: str) -> list[tuple[Any, list[Any]]]:
    with CocoFile(path) as file:
        return [
            (each.image["id"], [one["id"] for one in each.annotations.get("x", [])]) for each in join(file, {"x": file})
        ]


@pytest.mark.parametrize("last", ["images", "annotations"])
def test_annotations_come_with_their_image_in_their_order(last: str, write: Write) -> None:
    annotations = [{"id": i, "image_id": (7, 3)[i % 2]} for i in range(6)] + [{"id": 9, "image_id": 8}, {"id": 10}]
    path = write([{"id": 3}, {"id": 7}, {"id": 5}], annotations, last=last)
    assert joined(path) == [(3, [1, 3, 5]), (7, [0, 2, 4]), (5, [])]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 40), st.integers(1, 400))
def test_any_number_of_ranges_gives_the_same(write: Write, links: list[int], count: int, size: int) -> None:
    path = write([{"id": i} for i in range(count)], [{"id": i, "image_id": link} for i, link in enumerate(links)])
    expected = [(i, [number for number, link in enumerate(links) if link == i]) for i in range(count)]
    before = joining._RANGE_BYTES
    joining._RANGE_BYTES = size
    try:
        assert joined(path) == expected
    finally:
        joining._RANGE_BYTES = before


def test_several_files_by_task(write: Write) -> None:
    first = write([{"id": 1}, {"id": 2}], [{"id": 1, "image_id": 2}])
    second = write([{"id": 2}], [{"id": 5, "image_id": 2, "caption": "a"}], "b.json")
    with CocoFile(first) as objects, CocoFile(second) as captions:
        found = [each.annotations for each in join(objects, {"objects": objects, "captions": captions})]
    assert found == [
        {},
        {"objects": [{"id": 1, "image_id": 2}], "captions": [{"id": 5, "image_id": 2, "caption": "a"}]},
    ]


def test_only_some_images(write: Write) -> None:
    path = write([{"id": i} for i in range(9)], [{"id": i, "image_id": i % 3} for i in range(9)])
    with CocoFile(path) as file:
        found = [
            (each.image["id"], [one["id"] for one in each.annotations["x"]]) for each in join(file, {"x": file}, {2, 0})
        ]
    assert found == [(0, [0, 3, 6]), (2, [2, 5, 8])]


@pytest.mark.parametrize("odd", [[], {}, None, "a", 1.5, True])
def test_ids_of_any_kind(odd: Any, write: Write) -> None:
    found = joined(write([{"id": odd}, {"id": 2}], [{"id": 1, "image_id": odd}, {"id": 2, "image_id": 2}]))
    assert found[1] == (2, [2])


def test_no_images_and_no_annotations(write: Write) -> None:
    assert joined(write([], [{"id": 1, "image_id": 2}])) == []
    assert joined(write([{"id": 1}], [])) == [(1, [])]


@pytest.mark.parametrize("levels", [251, 1000])
@pytest.mark.parametrize("part", ["images", "annotations"])
def test_an_entry_that_is_nested_too_deep_is_named(part: str, levels: int, tmp_path: Path) -> None:
    odd = ',"odd":' + "[" * levels + "]" * levels
    path = tmp_path / "a.json"
    images, annotations = (odd if part == each else "" for each in ("images", "annotations"))
    path.write_text(f'{{"images":[{{"id":1{images}}}],\n"annotations":[{{"image_id":1{annotations}}}]}}')
    with pytest.raises(CocoFileError, match=f"line {1 + (part == 'annotations')}, byte .*: lists in lists"):
        joined(str(path))
