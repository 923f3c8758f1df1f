"""The verb ``roles``: every role is explained, and a schema's keys are shown."""

from __future__ import annotations

import json

import pytest
from commands import Capture

from tfrecord_lite.commands.cli import main
from tfrecord_lite.options.reading import SCHEMA_NAMES
from tfrecord_lite.schemas.roles import ROLES


def test_every_role_is_explained_in_its_group_with_its_synonyms(capsys: Capture) -> None:
    assert main(["roles"]) == 0
    shown = capsys.readouterr().out
    for role in ROLES:
        assert f"\n{role.group}\n" in f"\n{shown}"
        (line,) = [line for line in shown.splitlines() if line.startswith(f"  {role.name} ")]
        assert role.meaning in line
        assert all(synonym in line for synonym in role.synonyms)


@pytest.mark.parametrize("name", [name for name in SCHEMA_NAMES if name != "tfds"])
def test_a_schema_shows_the_keys_of_its_roles(name: str, capsys: Capture) -> None:
    assert main(["roles", name]) == 0
    assert main(["roles", name, "--json"]) == 0
    capsys.readouterr()


def test_the_keys_of_a_schema(capsys: Capture) -> None:
    assert main(["roles", "object_detection", "--json"]) == 0
    found = {role["name"]: role["value"] for role in json.loads(capsys.readouterr().out)}
    assert found["xmin"] == "image/object/bbox/xmin"
    assert found["attribute_prefix"] == "image/object/"
    assert main(["roles", "r2cnn"]) == 0
    shown = capsys.readouterr().out
    assert "gtboxes_and_label" in shown
    assert "keypoint" not in shown


@pytest.mark.parametrize(("name", "told"), [("tfds", "inspect shows"), ("object_detecton", "Did you mean object_det")])
def test_what_has_no_keys_of_its_own_is_reported(name: str, told: str, capsys: Capture) -> None:
    assert main(["roles", name]) == 2
    assert told in capsys.readouterr().err


def test_help_shows_that_the_schema_can_be_left_out(capsys: Capture) -> None:
    assert main(["roles", "--help"]) == 0
    assert capsys.readouterr().out.startswith("usage: tfrecord2coco roles [SCHEMA] [options]\n")
