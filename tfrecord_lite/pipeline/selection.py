"""What a user takes of an input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfrecord_lite.coco.choose_classes import ClassChoice


@dataclass(frozen=True, slots=True)
class Selection:
    """What is taken.

    classes: which classes of objects, and what they are called.
    drop_empty_images: leave out images without objects.
    """

    classes: ClassChoice = field(default_factory=ClassChoice)
    drop_empty_images: bool = False

    @classmethod
    def given(cls, values: Mapping[str, Any]) -> Selection:
        """As the options of ``convert`` say, which were checked."""
        renamed = dict(values["rename"] or ())
        classes = ClassChoice(
            tuple(values["only_classes"]), tuple(values["drop_classes"]), tuple(renamed.items()), values["renumber"]
        )
        return cls(classes, values["drop_empty_images"])
