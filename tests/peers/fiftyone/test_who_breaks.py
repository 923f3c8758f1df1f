"""What the package says of FiftyOne is what they do."""

from __future__ import annotations

import pytest
from coco_object_defects import DEFECTS

from peers.breaking.behaviour import Reader, effects_of, table
from peers.fiftyone.breaking_readers import READERS
from tfrecord_lite.coco.rules.readers import table as told


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_readers_do_what_we_say_of_them(reader: Reader) -> None:
    versions, effects = table([reader], DEFECTS)
    assert told()["readers"][reader.name] == versions[reader.name]
    assert effects_of(reader, effects) == effects_of(reader, told()["effects"]), "write it: see peers/breaking/write.py"
