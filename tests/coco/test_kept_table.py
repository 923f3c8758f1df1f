"""Categories that are there already, and what a later conversion gives beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tfrecord_lite.coco.draft.part_summary import ObjectClass
from tfrecord_lite.coco.resolve.category_ids import ResolvedClasses, resolve_classes
from tfrecord_lite.coco.resolve.kept_table import KeptTable, keep_table, read_kept_table
from tfrecord_lite.errors import OutputError
from tfrecord_lite.labels.model import LabelItem, label_map_from_mapping

Class = tuple[int | None, str | None]


def kept(names: dict[int, str]) -> KeptTable:
    return KeptTable("there.json", {name: LabelItem(id_, name) for id_, name in names.items()})


def resolved(classes: Sequence[Class], label_map: dict[int, str] | None = None) -> ResolvedClasses:
    known = None if label_map is None else label_map_from_mapping(label_map)
    return resolve_classes(known, [ObjectClass(*each) for each in classes])


def table(found: ResolvedClasses) -> dict[int, str]:
    return {category.id: category.name for category in found.categories}


@pytest.mark.parametrize(
    ("there", "classes", "ids", "expected"),
    [
        ({1: "cat", 2: "dog"}, [(None, "dog")], [2], {1: "cat", 2: "dog"}),
        ({1: "cat", 2: "dog"}, [(None, "dog"), (None, "cat")], [2, 1], {1: "cat", 2: "dog"}),
        ({1: "cat"}, [(1, "dog")], [2], {1: "cat", 2: "dog"}),
        ({1: "cat"}, [(None, "dog"), (None, "cow"), (None, "cat")], [3, 2, 1], {1: "cat", 2: "cow", 3: "dog"}),
        ({1: "cat", 2: "dog"}, [(0, "cat"), (1, "dog")], [1, 2], {1: "cat", 2: "dog"}),
        ({5: "cat"}, [(1, "dog")], [1], {1: "dog", 5: "cat"}),
        ({1: "0", 2: "1"}, [(1, None)], [2], {1: "0", 2: "1"}),
        ({1: "0", 2: "1"}, [(2, None)], [3], {1: "0", 2: "1", 3: "2"}),
        ({1: "1", 2: "2"}, [(2, None), (7, None)], [2, 7], {1: "1", 2: "2", 7: "7"}),
        ({1: "cat", 2: "7"}, [(7, None)], [2], {1: "cat", 2: "7"}),
        ({3: "cat"}, [], [], {3: "cat"}),
    ],
)
def test_the_same_name_has_the_same_id_and_what_is_new_a_free_one(
    there: dict[int, str], classes: list[Class], ids: list[int], expected: dict[int, str]
) -> None:
    found, warnings = keep_table(resolved(classes), kept(there))
    assert [found.ids[ObjectClass(*each)] for each in classes] == ids
    assert table(found) == expected
    assert bool(warnings) is (len(expected) > len(there))


def test_new_categories_are_named() -> None:
    _, (warning,) = keep_table(resolved([(None, "dog"), (None, "cow")]), kept({1: "cat"}))
    assert warning.startswith("there.json lacks categories that are new here: 'cow', 'dog'. To give")


def test_the_numbers_of_whole_images_move_with_their_categories() -> None:
    found, _ = keep_table(resolved([(1, None)]), kept({1: "0", 2: "1"}))
    assert found.id_of_number(1) == 2


@pytest.mark.parametrize("label_map", [{1: "cat", 2: "dog"}, {1: "cat", 2: "dog", 3: "cow"}, {1: "cat"}])
def test_a_label_map_that_agrees_keeps_its_ids(label_map: dict[int, str]) -> None:
    found, _ = keep_table(resolved([(1, None)], label_map), kept({1: "cat", 2: "dog"}))
    assert table(found) == {1: "cat", 2: "dog"} | label_map
    assert found.moved == {}


def test_what_a_label_map_lacks_gets_the_id_of_the_table() -> None:
    found, _ = keep_table(resolved([(None, "cow"), (None, "cat")], {1: "cat"}), kept({1: "cat", 2: "dog", 3: "cow"}))
    assert found.ids == {ObjectClass(None, "cow"): 3, ObjectClass(None, "cat"): 1}
    assert table(found) == {1: "cat", 2: "dog", 3: "cow"}


@pytest.mark.parametrize(
    ("there", "classes", "label_map", "problem"),
    [
        (
            {1: "cat"},
            [(2, None)],
            {2: "cat"},
            "'cat' with id 1 is one of its categories, but the label map has 'cat' with",
        ),
        (
            {1: "cat"},
            [(1, None)],
            {1: "dog"},
            "'cat' with id 1 is one of its categories, but the label map has 'dog' with",
        ),
        ({1: "cat"}, [(1, None)], None, "its categories have names, but there are objects with the number 1 and none"),
        ({1: "cat"}, [(1, "cat"), (2, None)], None, "objects with the number 2 and none. Name the label map"),
    ],
)
def test_what_cannot_agree_is_refused(
    there: dict[int, str], classes: list[Class], label_map: dict[int, str] | None, problem: str
) -> None:
    with pytest.raises(OutputError) as caught:
        keep_table(resolved(classes, label_map), kept(there))
    assert caught.value.text.startswith("there.json: ")
    assert problem in caught.value.text


def test_what_the_table_says_of_a_category_is_kept() -> None:
    item = LabelItem(1, "cat", supercategory="animal", keypoints=("nose",), skeleton=((1, 1),))
    there = KeptTable("there.json", {"cat": item})
    for classes in ([(None, "cat")], []):
        (category,) = keep_table(resolved(classes), there)[0].categories
        assert category.item == item


def write(path: Path, *categories: tuple[int, str]) -> str:
    rows = [{"id": id_, "name": name} for id_, name in categories]
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": rows}))
    return str(path)


def test_the_categories_of_all_files_are_one_table(tmp_path: Path) -> None:
    assert read_kept_table([]) is None
    paths = [write(tmp_path / "a", (1, "cat")), write(tmp_path / "b", (1, "cat"), (2, "dog"))]
    found = read_kept_table(paths)
    assert found is not None
    assert found.path == paths[0]
    assert {name: item.id for name, item in found.by_name.items()} == {"cat": 1, "dog": 2}


@pytest.mark.parametrize("other", [(2, "cat"), (1, "dog")])
def test_files_that_contradict_each_other_are_refused(tmp_path: Path, other: tuple[int, str]) -> None:
    paths = [write(tmp_path / "a", (1, "cat")), write(tmp_path / "b", other)]
    with pytest.raises(OutputError, match=r"is another in .*a, expected one table for all"):
        read_kept_table(paths)


@pytest.mark.parametrize("content", ["", "{", '{"categories": [{"id": "1"}]}'])
def test_a_file_that_is_no_coco_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a").write_text(content)
    with pytest.raises(OutputError, match="its categories cannot be read"):
        read_kept_table([str(tmp_path / "a")])
