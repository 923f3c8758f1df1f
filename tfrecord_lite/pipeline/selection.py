"""What a user takes of an input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tfrecord_lite.coco.choose_classes import ClassChoice
from tfrecord_lite.errors import UsageError
from tfrecord_lite.pipeline.pick import Picker, wrong_shares


class Selection(NamedTuple):
    """What is taken.

    classes: which classes of objects, and what they are called.
    drop_empty_images: leave out images without objects.
    limit: how many images, the first ones; sample: how many, wherever they are; of each split that the input has.
    seed: another one gives another sample, and other splits.
    shares: splits with their share of all images, in place of those that the input has.
    """

    classes: ClassChoice = ClassChoice()
    drop_empty_images: bool = False
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    shares: tuple[tuple[str, float], ...] = ()

    @classmethod
    def given(cls, values: Mapping[str, Any]) -> Selection:
        """As the options of ``convert`` say, which were checked one by one.

        Raises:
            UsageError: two of them exclude each other, or shares do not make 1.
        """
        shares = tuple((name, float(share)) for name, share in dict(values["split_ratio"] or ()).items())
        if values["limit"] is not None and values["sample"] is not None:
            raise UsageError("--limit and --sample exclude each other: the first images, or images from everywhere")
        if shares and values["split"] is not None:
            raise UsageError("--split and --split-ratio exclude each other: one split, or several")
        if shares and (wrong := wrong_shares(shares)):
            raise UsageError(f"--split-ratio: {wrong}")
        renamed = dict(values["rename"] or ())
        classes = ClassChoice(
            tuple(values["only_classes"]), tuple(values["drop_classes"]), tuple(renamed.items()), values["renumber"]
        )
        limit, sample = (None if values[name] is None else int(values[name]) for name in ("limit", "sample"))
        return cls(classes, values["drop_empty_images"], limit, sample, int(values["seed"]), shares)

    @property
    def names(self) -> list[str]:
        """The splits that images are divided among; none where the input has its own."""
        return [name for name, _ in self.shares]

    def told(self, split: str) -> dict[str, Any]:
        """What the report of a split says of how its images were chosen; nothing where all were taken."""
        by = {"limit": self.limit, "sample": self.sample, "share": dict(self.shares).get(split)}
        told: dict[str, Any] = {key: value for key, value in by.items() if value is not None}
        return told | ({"seed": self.seed} if told.keys() - {"limit"} else {})

    def picker(self, *, merge: bool) -> Picker:
        """What decides about each image. merge: whether records of the same image become one."""
        return Picker(self.seed, self.sample, self.shares, merge)
