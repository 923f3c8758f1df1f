"""What the package says of readers is what they do; and what hotcoco's own check says of our files."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from coco_object_defects import DEFECTS

from peers.breaking.behaviour import Reader, effects_of, table
from peers.readers.breaking_readers import READERS
from peers.readers.datasets import Converted
from tfrecord_lite.coco.rules.readers import table as told


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_readers_do_what_we_say_of_them(reader: Reader) -> None:
    versions, effects = table([reader], DEFECTS)
    assert told()["readers"][reader.name] == versions[reader.name]
    assert effects_of(reader, effects) == effects_of(reader, told()["effects"]), "write it: see peers/breaking/write.py"


def healthcheck(path: Path) -> Any:
    """The findings of hotcoco."""
    command = [str(Path(sysconfig.get_path("scripts")) / "coco"), "healthcheck", str(path), "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout)


def test_the_healthcheck_of_hotcoco_finds_no_error_in_our_files(converted: Converted) -> None:
    assert healthcheck(converted.json)["errors"] == []
