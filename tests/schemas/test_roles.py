"""The table of roles: it says what Schema has, and its names and synonyms work wherever a person names a role."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from results import Convert, named, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import Box, detection, floats, ints, jpeg, texts

from tfrecord_lite.errors import UsageError
from tfrecord_lite.schemas.roles import KEY, ROLES, TABLE, VALUE, Role, find_role
from tfrecord_lite.schemas.schema import Schema

PREFIX = "image/object/"


def own(boxes: tuple[Box, ...] = (CAT, DOG)) -> dict[str, bytes]:
    """Keys that no schema has."""
    return {
        "pic": texts(jpeg(WIDTH, HEIGHT)), "left": floats(*(box[0] for box in boxes)),
        "top": floats(*(box[1] for box in boxes)), "right": floats(*(box[2] for box in boxes)),
        "bottom": floats(*(box[3] for box in boxes)), "kind": texts("cat", "dog"),
    }  # fmt: skip


MAPPED = {"image": "pic", "left": "left", "Top": "top", "x-max": "right", "y_max": "bottom", "name": "kind"}


def test_the_table_and_the_schema_have_the_same_roles() -> None:
    assert Counter(role.name for role in ROLES) == Counter(name for name in Schema._fields if name != "name")


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_what_a_role_takes_is_what_the_schema_holds(role: Role) -> None:
    empty = getattr(Schema("empty"), role.name)
    holds_keys = isinstance(empty, tuple) and role.name != "predictions"
    assert role.takes == (VALUE if isinstance(empty, str) else KEY if holds_keys else TABLE)
    assert role.group
    assert role.meaning
    assert role.kind


def test_a_name_or_synonym_means_one_role() -> None:
    names = Counter(name for role in ROLES for name in (role.name, *role.synonyms))
    assert [name for name, count in names.items() if count > 1] == []
    assert all(find_role(name).name == role.name for role in ROLES for name in (role.name, *role.synonyms))


def test_synonyms_are_taken_by_map(converted: Convert) -> None:
    assert named(converted(own(), roles=MAPPED).coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]


def test_synonyms_are_taken_in_a_schema_file(converted: Convert, tmp_path: Path) -> None:
    pytest.importorskip("tomllib")
    path = tmp_path / "own.toml"
    path.write_text("".join(f'{role} = "{key}"\n' for role, key in MAPPED.items()))
    assert named(converted(own(), schema=str(path)).coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]


def test_a_role_that_does_not_exist_is_reported_with_the_nearest_and_where_all_are(converted: Convert) -> None:
    with pytest.raises(UsageError, match=r"there is no role 'xmn'\. Did you mean xmin.*\? tfrecord2coco roles"):
        converted(own(), roles={"xmn": "left"})


def test_a_role_that_is_given_twice_is_reported(converted: Convert) -> None:
    with pytest.raises(UsageError, match="the role xmin is given twice"):
        converted(own(), roles={"xmin": "left", "left": "left"})


@pytest.mark.parametrize("role", ["metadata", "pixel", "implied", "merged"])
def test_what_only_a_schema_file_can_say_is_reported_as_that(converted: Convert, role: str) -> None:
    with pytest.raises(UsageError, match=f"{role} takes .*schema file"):
        converted(own(), roles={role: "x"})


# ---------------------------------------------------------------------------------------- keys that change their role
def test_a_key_that_is_given_a_role_leaves_the_one_it_had(converted: Convert) -> None:
    """Texts under the key of the number."""
    record = detection("a.jpg", boxes=[CAT, DOG], **{PREFIX + "class/label": texts("cat", "dog")})
    done = converted(record, roles={"text": PREFIX + "class/label"}, strict=True)
    assert named(done.coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]


def test_a_role_that_keeps_its_key_takes_it_from_no_other(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[CAT], **{"image/id": ints(7)}, drop=["image/source_id"])
    done = converted(record, roles={"filename": "image/filename", "source_id": "image/id"})
    assert [(each["file_name"], each["source_id"]) for each in done.coco["images"]] == [("a.jpg", "7")]


def test_a_dash_is_no_key(converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=[CAT], labels=[7], texts=["cat"]), roles={"text": "-"})
    assert named(done.coco) == [("7", xywh(CAT))]
