"""A YOLO dataset as a whole: its kind, the numbers of its classes, and the file that ultralytics reads.

``data.yaml`` names no ``path``: ultralytics then takes its own folder (ultralytics/data/utils.py,
``check_det_dataset``), so that a dataset may be moved. It asks for ``train`` and for ``val``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tfrecord_lite.coco.draft.draft import indexes_of, lines_of
from tfrecord_lite.coco.draft.part_summary import Tables
from tfrecord_lite.coco.resolve.category_ids import Category, ResolvedClasses
from tfrecord_lite.coco.resolve.kept_table import KeptTable
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.yolo.labels import Task
from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.earlier import DATA_HEAD

_KEYS = {
    "train": re.compile(r"train", re.IGNORECASE),
    "val": re.compile(r"val|dev|eval", re.IGNORECASE),
    "test": re.compile(r"test", re.IGNORECASE),
}
_SIDES = (("left", "right"), ("right", "left"), ("Left", "Right"), ("Right", "Left"))
_LABELLED = re.compile(rb'"num_keypoints":[1-9]')
_OUTLINE = b'"segmentation":[['


def task_of(splits: Iterable[Collector], classes: ResolvedClasses) -> Task:
    """What the labels of a dataset are.

    Keypoints where all classes that have objects have some, else outlines where objects have masks, else boxes. A
    record that has keypoints for some objects has zeros for the others: these are none.
    """
    splits = list(splits)
    used = {each for split in splits for each, _, _ in split.summary.classes.used() if each in classes.ids}
    ids = {classes.ids[each] for each in used}
    if ids and ids == {classes.ids[each] for each in used if each.keypoints is not None}:
        for split in splits:
            ids.difference_update(id_ for id_, text in _objects(split, classes) if _LABELLED.search(text))
        if not ids:
            return Task("pose", max(len(_keypoints(each)) for each in classes.categories))
    have_outlines = any(_OUTLINE in text for split in splits for _, text in _objects(split, classes))
    return Task("segment" if have_outlines else "detect")


def _objects(split: Collector, classes: ResolvedClasses) -> Iterator[tuple[int, bytes]]:
    """The category of each object of a class that is wanted, and what is written of it."""
    all_ids = [classes.ids.get(each) for each in split.summary.classes]
    ids: Sequence[int | None] = all_ids
    for frame in split:
        if isinstance(frame, Tables):
            ids = [all_ids[index] for index in frame.classes]
            continue
        for index, text in zip(indexes_of(frame[2]), lines_of(frame[3]), strict=True):
            if (id_ := ids[index]) is not None:
                yield id_, text


def _keypoints(category: Category) -> tuple[str, ...]:
    """The names of the keypoints of a category."""
    return (category.item.keypoints if category.item else ()) or category.keypoints


def class_numbers(categories: Sequence[Category], kept: KeptTable | None) -> dict[int, int]:
    """The number of each category, from 0 in the order of the ids.

    Raises:
        OutputError: categories that are new would change the numbers of those that labels have already.
    """
    if kept is not None:
        before = sorted(item.id for item in kept.by_name.values())
        if [each.id for each in categories[: len(before)]] != before:
            problem = "its labels number the classes in the order of their ids, and new ones would come in between"
            raise OutputError(kept.path, f"{problem}. Convert all splits in one call, or name another output")
    return {each.id: number for number, each in enumerate(categories)}


def data_file(splits: Sequence[str], categories: Sequence[Category], task: Task) -> tuple[bytes, tuple[str, ...]]:
    """What is in ``data.yaml``, and warnings about it.

    Args:
        splits: all of the dataset that have labels, those of earlier calls included.
        categories: of all of them, in the order of their ids.
        task: what the labels are.
    """
    warnings: tuple[str, ...] = ()
    folders = {key: [split for split in splits if words.match(split)] for key, words in _KEYS.items()}
    rest = [split for split in splits if not any(words.match(split) for words in _KEYS.values())]
    if rest and folders["train"]:
        warnings = (f"data.yaml does not name {', '.join(rest)}: it has train, val and test only",)
    elif rest:
        folders["train"] = rest
    for key, others in (("train", ("val", "test")), ("val", ("train", "test"))):
        if not folders[key]:
            folders[key] = next((folders[other] for other in others if folders[other]), [])
            said = f"data.yaml has no images of its own for {key}, and names {', '.join(folders[key])} there"
            warnings += (f"{said}. --split-ratio train=0.8,val=0.2 divides all images",)
    lines = [DATA_HEAD]
    for key, names in folders.items():
        quoted = [_quoted(f"images/{name}") for name in names]
        if quoted:
            lines.append(f"{key}: {quoted[0] if len(quoted) == 1 else '[' + ', '.join(quoted) + ']'}")
    lines += ["names:", *(f"  {number}: {_quoted(each.name)}" for number, each in enumerate(categories))]
    if task.name == "pose":
        lines.append(f"kpt_shape: [{task.keypoints}, 3]")
        if mirrored := _mirrored(categories, task.keypoints):
            lines.append(f"flip_idx: {mirrored}")
    return "\n".join([*lines, ""]).encode(), warnings


def yolo_classes(categories: Iterable[Category], numbers: Mapping[int, int]) -> dict[str, dict[str, object]]:
    """What the report says of class numbers."""
    return {str(numbers[each.id]): {"id": each.id, "name": each.name} for each in categories}


def _mirrored(categories: Iterable[Category], count: int) -> list[int]:
    """The keypoint that each becomes in a mirror, by left and right in their names; nothing without such names.

    Without it ultralytics mirrors no picture.
    """
    tables = {names for names in map(_keypoints, categories) if names}
    if len(tables) != 1 or len(names := tables.pop()) != count:
        return []
    others = [next((name.replace(a, b) for a, b in _SIDES if a in name), name) for name in names]
    if others == list(names) or not set(others) <= set(names):
        return []
    return [names.index(other) for other in others]


def _quoted(text: str) -> str:
    """A text in YAML, whatever characters it has."""
    escaped = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(escaped)}"'
