"""What classes that were met are called, and what a conversion would say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tfrecord_lite.coco.categories import CategoryTable
from tfrecord_lite.labels.model import LabelMap
from tfrecord_lite.look.classes import Bone, Classes, Key, bones_of_names


class Said(NamedTuple):
    """A warning about a class: its code and its words."""

    code: str
    text: str


class NamedClasses(NamedTuple):
    """The table of classes, and the warnings about those of records."""

    classes: Classes
    said: Mapping[Key, Said]


def name_classes(
    met: Iterable[Key],
    pixels: Iterable[int],
    labels: LabelMap | None,
    pixel_labels: LabelMap | None,
    *,
    zero_based: bool,
) -> NamedClasses:
    """Names classes as a conversion of the same records names its categories.

    Args:
        met: label and name of the classes of objects, in the order in which they were met first.
        pixels: the class numbers in label images.
        labels: the label map of the objects.
        pixel_labels: the label map of label images.
        zero_based: whether the schema of the records says that labels are indexes from 0.
    """
    table = CategoryTable(labels)
    if zero_based:
        table.expect_zero()
    resolutions = {key: table.resolve(*key) for key in met}
    final = table.renumbering()
    ids = {key: 0 if found.category is None else final[found.category] for key, found in resolutions.items()}
    rows = [(entry["id"], entry["name"], _bones(entry)) for entry in table.entries() if entry["id"] in ids.values()]
    place = {number: index for index, (number, _, _) in enumerate(rows)}
    of = {key: place[number] for key, number in ids.items() if number in place}
    said = {
        key: Said(found.code or "object-without-class", found.text)
        for key, found in resolutions.items()
        if found.text or key not in of
    }
    of_pixels: dict[int, int] = {}
    by_name = {name: index for index, (_, name, _) in enumerate(rows)}
    for number in sorted(pixels):
        item = pixel_labels.by_id(number) if pixel_labels else None
        name = item.title if item else str(number)
        if name not in by_name:
            by_name[name] = len(rows)
            rows.append((number, name, None))
        of_pixels[number] = by_name[name]
    return NamedClasses(Classes(rows, of, of_pixels), said)


def _bones(entry: Mapping[str, object]) -> list[Bone] | tuple[Bone, ...] | None:
    """The bones of a category: its own, else those that the names of its keypoints tell; None where it has none."""
    skeleton, names = entry.get("skeleton"), entry.get("keypoints")
    if isinstance(skeleton, list) and skeleton:
        return [(first - 1, second - 1) for first, second in skeleton]
    return bones_of_names(names) if isinstance(names, list) else None
