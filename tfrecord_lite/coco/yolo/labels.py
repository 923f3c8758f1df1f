"""Annotation -> line of a YOLO label file as ultralytics reads it: shares of the image's width and height, from 0 to 1.

    0 0.5 0.5 0.2 0.1                          detect: class, then middle, width and height of the box
    0 0.4 0.45 0.6 0.45 0.6 0.55 0.4 0.55      segment: class, then the corners of one outline
    0 0.5 0.5 0.2 0.1 0.45 0.5 2 0 0 0         pose: as detect, then x, y and visibility of each keypoint

All lines of a dataset are of one kind: in a file with one line of more than six numbers ultralytics takes every line
for an outline (ultralytics/data/utils.py, ``verify_image_label``). What is outside the image, it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_DECIMALS = 6  # a hundredth of a pixel of an image of ten thousand
_Point = tuple[float, float]


class Task(NamedTuple):
    """What the labels of a dataset are.

    name: ``detect``, ``segment`` or ``pose``, as ultralytics calls it. keypoints: of each object, of ``pose``.
    """

    name: str
    keypoints: int = 0


class Label(NamedTuple):
    """A line; empty where the object cannot be said. lost: codes of what it does not say, with the reason."""

    line: str
    lost: tuple[tuple[str, str], ...] = ()


def label(annotation: Mapping[str, Any], number: int, size: tuple[int, int], task: Task) -> Label:
    """The line of an object.

    Args:
        annotation: as COCO has it.
        number: of its class, from 0.
        size: width and height of the image in pixels.
        task: of all labels.
    """
    width, height = size
    if annotation["iscrowd"]:
        return Label("", (("yolo-crowd", "a group that was not annotated object by object (iscrowd) is left out"),))
    x, y, box_width, box_height = annotation["bbox"]
    left, right = max(0.0, x), min(float(width), x + box_width)
    top, bottom = max(0.0, y), min(float(height), y + box_height)
    if left >= right or top >= bottom:
        return Label("", (("yolo-box", "a box has no area within its image, and is left out of the labels"),))
    lost = []
    outline: Sequence[_Point] = ()
    segmentation = annotation["segmentation"]
    if segmentation and task.name == "segment" and isinstance(segmentation, list):
        outline = _joined([_within(part, size) for part in segmentation])
        if len(segmentation) > 1:
            lost.append(("yolo-mask-parts", "a mask has several parts; lines join them to one outline"))
    elif segmentation:
        why = "labels have either keypoints or masks" if task.name == "pose" else "a mask is noise, and has no outline"
        lost.append(("yolo-mask", f"{why}: the labels have its box"))
    if task.name != "pose" and annotation.get("num_keypoints"):
        why = "keypoints are left out, since other classes have none; --only-class selects classes that have them"
        lost.append(("yolo-keypoints", why))
    if task.name == "segment":
        outline = outline or ((left, top), (right, top), (right, bottom), (left, bottom))
        values = [part for point in outline for part in (point[0] / width, point[1] / height)]
        return Label(_line(number, values), tuple(lost))
    box = [(left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height]
    if task.name == "pose":
        points, is_whole = _keypoints(annotation.get("keypoints") or [], size, task.keypoints)
        if not is_whole:
            lost.append(("yolo-keypoints", "keypoints outside the image, or more than others have, are not labelled"))
        return Label(_line(number, box + points), tuple(lost))
    return Label(_line(number, box), tuple(lost))


def _line(number: int, values: Sequence[float]) -> str:
    """A class and what follows it. Never ``1e-05``, which not every reader takes."""
    texts = (f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".") for value in values)
    return f"{number} {' '.join(texts)}\n"


def _within(part: Sequence[float], size: tuple[int, int]) -> list[_Point]:
    """The corners of a polygon, moved into the image."""
    width, height = size
    xs, ys = part[::2], part[1::2]
    return [(min(max(x, 0.0), width), min(max(y, 0.0), height)) for x, y in zip(xs, ys, strict=True)]


def _joined(parts: Sequence[Sequence[_Point]]) -> list[_Point]:
    """One outline of several: from a corner of the first to each of the others, round it, and back the same way.

    Such a way has no area. What YOLO takes for a mask is exact but for the pixels that lie on it. Parts without an area
    are skipped; nothing is left if all are.
    """
    first, *others = [part for part in parts if len(set(part)) > 2] or [[]]
    outline = list(first)
    for part in others:
        start = outline[0]
        nearest = min(range(len(part)), key=lambda n: (part[n][0] - start[0]) ** 2 + (part[n][1] - start[1]) ** 2)
        outline += [start, *part[nearest:], *part[: nearest + 1]]
    return [*outline, outline[0]] if others else outline


def _keypoints(values: Sequence[float], size: tuple[int, int], count: int) -> tuple[list[float], bool]:
    """x, y and visibility of each keypoint; zeros of what is not labelled. And whether all that were labelled are."""
    width, height = size
    points: list[float] = []
    is_whole = True
    for x, y, visibility in zip(values[::3], values[1::3], values[2::3], strict=True):
        is_inside = 0 <= x <= width and 0 <= y <= height
        is_whole = is_whole and (is_inside or not visibility)
        points += (x / width, y / height, visibility) if is_inside and visibility else (0, 0, 0)
    return points + [0.0] * (3 * count - len(points)), is_whole
