"""How FiftyOne imports a COCO dataset: a dataset -> what it finds."""

from __future__ import annotations

import logging
import re

# Where the types are checked, it is not installed.
from fiftyone.utils.coco import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    COCODetectionDatasetImporter,
)

from peers.breaking.behaviour import Case, Reader, Seen, Thing, thing

logging.disable(logging.CRITICAL)
_OBJECTS = ("objects", "run_lengths")


def read_boxes(case: Case) -> Seen:
    """Boxes of every picture, as ``fiftyone.Dataset.from_dir`` takes them into its database; masks are made as well."""
    found = COCODetectionDatasetImporter(
        data_path=str(case.images), labels_path=str(case.json), label_types=["detections", "segmentations"]
    )
    things: list[Thing] = []
    with found:
        for path, metadata, labels in found:
            by_kind = labels if isinstance(labels, dict) else {"detections": labels}
            for each in by_kind["detections"].detections if by_kind.get("detections") is not None else ():
                x, y, width, height = each.bounding_box
                sides = (metadata.width, metadata.height, metadata.width, metadata.height)
                box = [value * side for value, side in zip((x, y, width, height), sides, strict=True)]
                things.append(thing(path, _name(case, each.label), box))
    return Seen(things)


def _name(case: Case, label: object) -> str:
    """A class; one without a name is called by its number."""
    text = str(label)
    return case.meaning.names.get(int(text), text) if re.fullmatch(r"\d+", text) else text


READERS = (Reader("fiftyone", "fiftyone", read_boxes, _OBJECTS),)
