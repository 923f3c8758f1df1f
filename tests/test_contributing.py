"""What CONTRIBUTING.md says of the code is true: the files and folders that it names exist, and are what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([a-z_/]+(?:\.py|/))`", TEXT)))
PLACES = (ROOT, ROOT / "tfrecord_lite", ROOT / "tfrecord_lite" / "coco", ROOT / "tfrecord_lite" / "schemas")


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_is_there(name: str) -> None:
    assert any((place / name).exists() for place in PLACES)


@pytest.mark.parametrize(
    ("file", "holds"),
    [
        ("tfrecord/framing.py", "the checksum of the length"),
        ("tfrecord/compression.py", "member"),
        ("schemas/known/object_detection.py", '"image/object/group_of"'),
        ("masks/polygons.py", "def trace"),
        ("coco/resolve/category_ids.py", "def resolve_classes"),
        ("output/renames.py", "def rename_new"),
        ("schemas/registry.py", "known import"),
    ],
)
def test_a_file_on_the_path_of_a_record_holds_what_is_said_of_it(file: str, holds: str) -> None:
    assert f"`{file}`" in TEXT
    assert holds in (ROOT / "tfrecord_lite" / file).read_text(encoding="utf-8")


def test_the_lowest_versions_that_are_tested_are_those_that_are_allowed() -> None:
    tested = (ROOT / "tests" / "peers" / "lowest" / "requirements.txt").read_text(encoding="utf-8").split()
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    bounds = re.findall(r'^    "([a-z0-9]+>=[0-9.]+)",$', project, re.MULTILINE)
    allowed = [each.replace(">=", "==") for each in bounds]
    assert len(allowed) > 5
    assert [re.sub(r"(==\d+\.\d+)\.0$", r"\1", each) for each in tested if "==" in each] == allowed


def test_every_folder_of_the_package_is_described() -> None:
    folders = {path.parent.name for path in (ROOT / "tfrecord_lite").glob("*/__init__.py")}
    assert folders <= {name.rstrip("/") for name in NAMED}
