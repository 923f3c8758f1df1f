"""All rules, by code."""

from __future__ import annotations

from collections.abc import Mapping

from tfrecord_lite.coco.rules import (
    boxes,
    captions,
    categories,
    crowding,
    document,
    ids,
    images,
    keypoints,
    panoptic,
    pictures,
    segmentation,
    splits,
)
from tfrecord_lite.coco.rules.finding import Rule

SUBJECTS = {
    "The file": document.RULES,
    "Ids": ids.RULES,
    "Images": images.RULES,
    "Pictures": pictures.RULES,
    "Categories": categories.RULES,
    "Boxes, areas and flags": boxes.RULES,
    "Objects beside each other": crowding.RULES,
    "Masks": segmentation.RULES,
    "Keypoints": keypoints.RULES,
    "Panoptic segments": panoptic.RULES,
    "Captions": captions.RULES,
    "Several splits": splits.RULES,
}
"""The rules by what they are about."""
RULES: Mapping[str, Rule] = {rule.code: rule for rules in SUBJECTS.values() for rule in rules}
