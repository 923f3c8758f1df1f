"""What classes that were met are called, and what a conversion would say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tfrecord_lite.coco.draft.part_summary import ObjectClass
from tfrecord_lite.coco.resolve.resolve import Naming
from tfrecord_lite.coco.resolve.resolve_classes import Category, Note, resolve_classes
from tfrecord_lite.labels.model import LabelMap
from tfrecord_lite.look.classes import Bone, Classes, Key, bones_of_names
from tfrecord_lite.look.survey import Survey


class NamedClasses(NamedTuple):
    """The table of classes that were met, and what there is to know of them."""

    classes: Classes
    notes: Mapping[Key, list[Note]]


def name_classes(
    survey: Survey,
    labels: LabelMap | None,
    pixel_labels: LabelMap | None,
    *,
    zero_based: bool,
) -> NamedClasses:
    """Names classes as a conversion of the same records names its categories.

    Args:
        survey: has the classes of objects, in the order in which they were met first, and those of label images.
        labels: the label map of the objects.
        pixel_labels: the label map of label images.
        zero_based: whether the schema of the records says that labels are indexes from 0.
    """
    keys = {key: ObjectClass(*key) for key in survey.classes}
    resolved = resolve_classes(labels, list(keys.values()), zero_based=zero_based)
    used = set(resolved.ids.values())
    rows = [(category.id, category.name, _bones(category)) for category in resolved.categories if category.id in used]
    places = {number: place for place, (number, _, _) in enumerate(rows)}
    of = {key: places[resolved.ids[each]] for key, each in keys.items() if each in resolved.ids}
    notes = {key: resolved.notes[each] for key, each in keys.items() if each in resolved.notes}
    notes |= {
        key: [Note("object-without-class", resolved.refusals[each])] for key, each in keys.items() if key not in of
    }
    naming = Naming(pixel_labels, resolved.label_names)
    numbers = sorted(survey.pixels_of.keys() | survey.segments_of.keys())
    shift = naming.shift(numbers)
    by_name = {name: place for place, (_, name, _) in enumerate(rows)}
    of_pixels = {}
    for number in numbers:
        name = naming.name(number)
        if name not in by_name:
            by_name[name] = len(rows)
            rows.append((number + shift, name, None))
        of_pixels[number] = by_name[name]
    return NamedClasses(Classes(rows, of, of_pixels, of_pixels), notes)


def _bones(category: Category) -> tuple[Bone, ...] | None:
    """The bones of a category: its own, else those that the names of its keypoints imply; None where it has none."""
    if category.item is not None and category.item.skeleton:
        return tuple((first - 1, second - 1) for first, second in category.item.skeleton)
    return bones_of_names(category.keypoints) if category.keypoints else None
