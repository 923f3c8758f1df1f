"""The classes that were met, as a conversion names them, and the label map that it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from tfrecord_lite.coco.resolve.resolve import Resolved
from tfrecord_lite.labels.choose import agreement
from tfrecord_lite.look.counts import Counts
from tfrecord_lite.report import SplitReport


class CountedClass(NamedTuple):
    """A class. id: of its category, None where it has none. name: as ``convert`` writes it. times: how many have it."""

    id: int | None
    name: str
    times: int


class Classes(NamedTuple):
    """The classes that were met, the frequent ones first.

    objects: with how many objects; images: of images as a whole, with how many images.
    pixels: of semantic label images, with how many images; segments: of panoptic images, with how many segments.
    """

    objects: tuple[CountedClass, ...] = ()
    images: tuple[CountedClass, ...] = ()
    pixels: tuple[CountedClass, ...] = ()
    segments: tuple[CountedClass, ...] = ()


class UsedLabelMap(NamedTuple):
    """The label map. files: that it is from, none where the records name the classes. why: it is used, in words.

    passed_over: other files beside the inputs, each with the reason why it is not used.
    """

    files: tuple[str, ...]
    why: str
    passed_over: Mapping[str, str]


def name_classes(counts: Counts, resolved: Resolved, reports: Collection[SplitReport]) -> Classes:
    """The classes that were met, as a conversion names them."""
    classes = resolved.classes
    objects: Counter[tuple[int | None, str]] = Counter()
    for report in reports:
        objects.update({(number, name): count for (number, name), count in report.categories.items()})
    images: Counter[tuple[int | None, str]] = Counter()
    names = {category.id: category.name for category in classes.categories}
    for (number, text), count in counts.image_classes.items():
        of_number = None if number is None else classes.id_of_number(number)
        name = text or names.get(-1 if of_number is None else of_number) or str(number)
        images[of_number, name] += count
    pixels = _named(counts.pixels_of, resolved.stuff.ids, resolved.stuff.categories)
    numbers = {each.label: category for each, (category, _) in resolved.panoptic.meanings.items()}
    segments = _named(counts.segments_of, numbers, resolved.panoptic.categories)
    return Classes(_ordered(objects), _ordered(images), pixels, segments)


def describe_label_map(resolved: Resolved, *, is_given: bool) -> UsedLabelMap:
    """Which label map is used, and why. is_given: whether the user named it."""
    choice = resolved.label_map
    met = {(each.label, each.name) for each in (*resolved.classes.ids, *resolved.classes.refusals)}
    if choice.label_map is None:
        why = "the records name their classes"
        if not any(label is not None or name for label, name in met):
            why = "the records name no classes"
        if choice.lacks_names:
            why = "no file names the class numbers"
        if not met:
            why = "there are no classes of objects"
    else:
        why = str(agreement(choice.label_map, met))
        if is_given:
            why = f"as --label-map says; {why}"
    return UsedLabelMap(choice.files, why, choice.passed_over)


def _ordered(counts: Mapping[tuple[int | None, str], int]) -> tuple[CountedClass, ...]:
    """Classes, the frequent ones first, others by their ids."""
    found = [CountedClass(number, name, count) for (number, name), count in counts.items()]
    return tuple(sorted(found, key=lambda each: (-each.times, each.id or 0, each.name)))


def _named(
    counts: Mapping[int, int], ids: Mapping[int, int], categories: Collection[Mapping[str, Any]]
) -> tuple[CountedClass, ...]:
    """Classes of pixels by the categories that they become."""
    names = {category["id"]: category["name"] for category in categories}
    return _ordered({(ids[number], names[ids[number]]): count for number, count in counts.items() if number in ids})
