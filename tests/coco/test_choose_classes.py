"""Which classes are wanted, what they are called and numbered; and what that does to lists of classes of images."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from tfrecord_lite.coco.draft.part_summary import ObjectClass
from tfrecord_lite.coco.resolve.category_ids import (
    Chosen,
    ClassChoice,
    ResolvedClasses,
    category_entry,
    resolve_classes,
)
from tfrecord_lite.coco.resolve.choose_classes import choose_classes, choose_image_classes
from tfrecord_lite.coco.resolve.kept_table import KeptTable, keep_table
from tfrecord_lite.errors import UsageError
from tfrecord_lite.labels.model import LabelItem, LabelMap, label_map_from_mapping

CLASSES = [ObjectClass(2, "cat"), ObjectClass(5, "dog"), ObjectClass(9, "3"), ObjectClass(None, "cat")]
"""cat 2, dog 5, 3 9."""


def chosen(**choice: Any) -> ResolvedClasses:
    return choose_classes(resolve_classes(None, CLASSES), ClassChoice(**choice))


def table(found: ResolvedClasses) -> dict[int, str]:
    return {category.id: category.name for category in found.categories}


@pytest.mark.parametrize(
    ("choice", "expected", "ids"),
    [
        ({}, {2: "cat", 5: "dog", 9: "3"}, [2, 5, 9, 2]),
        ({"only": ("dog",)}, {5: "dog"}, [None, 5, None, None]),
        ({"only": ("dog", "cat", "dog")}, {2: "cat", 5: "dog"}, [2, 5, None, 2]),
        ({"only": ("5",)}, {5: "dog"}, [None, 5, None, None]),
        ({"only": ("3",)}, {9: "3"}, [None, None, 9, None]),  # a name goes before an id
        ({"drop": ("dog", "3")}, {2: "cat"}, [2, None, None, 2]),
        ({"only": ("dog", "cat"), "drop": ("cat",)}, {5: "dog"}, [None, 5, None, None]),
        ({"renumber": True}, {1: "cat", 2: "dog", 3: "3"}, [1, 2, 3, 1]),
        ({"drop": ("cat",), "renumber": True}, {1: "dog", 2: "3"}, [None, 1, 2, None]),
        ({"renamed": (("dog", "hound"),)}, {2: "cat", 5: "hound", 9: "3"}, [2, 5, 9, 2]),
        ({"renamed": (("9", "cow"),)}, {2: "cat", 5: "dog", 9: "cow"}, [2, 5, 9, 2]),
        ({"renamed": (("cat", "dog"), ("dog", "cat"))}, {2: "dog", 5: "cat", 9: "3"}, [2, 5, 9, 2]),
        ({"renamed": (("cat", "pet"), ("dog", "pet"))}, {2: "pet", 9: "3"}, [2, 2, 9, 2]),
        ({"renamed": (("cat", "dog"),)}, {5: "dog", 9: "3"}, [5, 5, 9, 5]),  # the class that has the name keeps its id
        ({"renamed": (("cat", "dog"),), "drop": ("dog",)}, {2: "dog", 9: "3"}, [2, None, 9, 2]),
        ({"renamed": (("3", "cat"),), "renumber": True}, {1: "cat", 2: "dog"}, [1, 2, 1, 1]),
    ],
)
def test_classes_are_taken_renamed_united_and_numbered(
    choice: dict[str, Any], expected: dict[int, str], ids: list[int | None]
) -> None:
    found = chosen(**choice)
    assert table(found) == expected
    assert [found.ids.get(each) for each in CLASSES] == ids
    left_out = {} if found.chosen is None else found.chosen.objects
    assert left_out.keys() == {each for each in CLASSES if each not in found.ids}
    assert found.refusals == {}, "what is not wanted is not bad"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"only": ("dgo",)}, r"--only-class: there is no class 'dgo'\. Did you mean 'dog'\?"),
        ({"drop": ("CAT",)}, r"--drop-class: there is no class 'CAT'\. Did you mean 'cat'\?"),
        ({"renamed": (("horse", "x"),)}, r"--rename: there is no class 'horse'\. The classes are cat \(2\), dog \(5\)"),
        ({"only": ("4",)}, r"there is no class '4'\. The classes are"),
        ({"drop": ("cat", "dog", "3")}, "no class is left"),
        ({"only": ("cat",), "renamed": (("dog", "x"),)}, "the class 'dog' is left out"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(choice: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(**choice)
    assert re.search(message, caught.value.text)


def test_without_any_class_the_message_says_so() -> None:
    with pytest.raises(UsageError, match="neither records nor label map name one"):
        choose_classes(resolve_classes(None, []), ClassChoice(only=("cat",)))


def test_unused_classes_of_a_label_map_are_chosen_as_well() -> None:
    label_map = label_map_from_mapping({1: "cat", 2: "dog", 7: "cow"})
    found = choose_classes(resolve_classes(label_map, CLASSES[:2]), ClassChoice(drop=("dog",)))
    assert table(found) == {1: "cat", 7: "cow"}


def keypoints(*names: str) -> dict[str, Any]:
    return {"keypoints": names, "skeleton": ((1, 2),)}


def test_united_classes_share_keypoints_and_lose_what_is_true_of_one_only() -> None:
    items = (
        LabelItem(1, "man", frequency="f", instance_count=5, supercategory="human"),
        LabelItem(2, "woman", **keypoints("head", "hand"), frequency="r"),
        LabelItem(3, "horse", **keypoints("head", "hoof")),
    )
    known = resolve_classes(LabelMap("map", items, zero_based=False), [])
    renamed = (("man", "person"), ("woman", "person"))
    found = choose_classes(known, ClassChoice(renamed=renamed))
    assert category_entry(found.categories[0]) == {
        "id": 1,
        "name": "person",
        "supercategory": "human",
        "keypoints": ["head", "hand"],
        "skeleton": [[1, 2]],
    }
    with pytest.raises(UsageError, match=r"'man', 'woman', 'horse' cannot become one class 'person': their keypoints"):
        choose_classes(known, ClassChoice(renamed=(*renamed, ("horse", "person"))))


def test_a_table_that_is_there_gives_the_ids_of_the_new_names() -> None:
    kept = KeptTable("there.json", {name: LabelItem(id_, name) for id_, name in {1: "pet", 2: "cow"}.items()})
    found, warnings = keep_table(chosen(renamed=(("cat", "pet"), ("dog", "pet")), drop=("3",)), kept)
    assert table(found) == {1: "pet", 2: "cow"}
    assert [found.ids.get(each) for each in CLASSES] == [1, 1, None, 1]
    assert found.chosen is not None
    assert found.chosen.ids == {2: 1, 5: 1, 9: None}
    assert warnings == ()


CHOSEN = Chosen({2: 1, 5: 1, 9: None}, {"cat": "pet", "dog": "pet", "3": None}, {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"neg_category_ids": [2, 9, 5, 77, "x"]}, {"neg_category_ids": [1, 77, "x"]}),
        ({"not_exhaustive_category_ids": [9]}, {"not_exhaustive_category_ids": []}),
        (
            {"labels": [{"label": 5, "text": "dog", "confidence": 0.5}, {"label": 9}, {"text": "3"}, {"text": "cat"}]},
            {"labels": [{"label": 1, "text": "pet", "confidence": 0.5}, {"text": "pet"}]},
        ),
        ({"labels": [{"label": 77, "text": "x"}, "odd", 5]}, {"labels": [{"label": 77, "text": "x"}, "odd", 5]}),
        ({"neg_category_ids": 3, "labels": "x"}, {"neg_category_ids": 3, "labels": "x"}),
    ],
)
def test_lists_of_classes_of_an_image_follow(before: dict[str, Any], after: dict[str, Any]) -> None:
    entry = {"id": 1, "file_name": "a.jpg"}
    assert orjson.loads(choose_image_classes(orjson.dumps(entry | before), CHOSEN)) == entry | after
