"""The descriptions of an image -> what is compared of it, with the classes by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from tfrecord_lite.budgets import COLUMNS, POLYGON_COLUMNS, Budget
from tfrecord_lite.coco.draft.entries import CATEGORY_LISTS
from tfrecord_lite.comparison.classes import Names
from tfrecord_lite.comparison.values import Outline


class Object(NamedTuple):
    """An object. area_from: see description. mask: a digest of it. place: of the mask among those of its part."""

    name: str
    box: Sequence[float]
    crowd: bool
    area: float
    area_from: str
    attributes: Mapping[str, Any]
    mask: str | None
    keypoints: Sequence[float] | None
    dense_pose: Mapping[str, Sequence[float]] | None
    number: object
    category: int | None
    place: tuple[int, int]


class Numbered(NamedTuple):
    """A class that an image refers to. name: None where the dataset has no such category."""

    number: object
    name: str | None


class Region(NamedTuple):
    """The pixels of one class, as run lengths; or of a panoptic segment, as a digest, None where they are not known."""

    name: str
    crowd: bool
    area: int
    box: Sequence[int]
    pixels: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One image.

    wrong_size: what the COCO file says of the size against the picture; empty where they agree.
    lists: of its facts those that name classes. labels: its classes as a whole, each by name where it has one, and what
    is said of it. segments: None where it has no panoptic segmentation. columns: of polygons, that may be drawn.
    """

    width: int
    height: int
    wrong_size: str
    captions: Sequence[str]
    facts: Mapping[str, Any]
    lists: Mapping[str, Sequence[Numbered]]
    labels: Sequence[Mapping[str, Any]]
    objects: Sequence[Object]
    stuff: Sequence[Region]
    segments: Sequence[Region] | None
    outline_of: Callable[[Object], Outline | None]
    columns: Budget


def read_image(parts: Sequence[tuple[bytes, bytes]], names: Names) -> Compared:
    """The image of a description and of what other records add to it."""
    lights = [orjson.loads(light) for light, _ in parts]
    first = lights[0]
    outlines: dict[int, list[Outline | None]] = {}

    def outline_of(obj: Object) -> Outline | None:
        part, place = obj.place
        if not parts[part][1]:
            return None
        if part not in outlines:
            outlines[part] = orjson.loads(parts[part][1])
        return outlines[part][place]

    facts, lists, labels = _facts(first["facts"], names)
    segments = next((light["segments"] for light in lights if light["segments"] is not None), None)
    width, height, wrong_size = first["size"]
    return Compared(
        width,
        height,
        wrong_size,
        sorted(caption for light in lights for caption in light["captions"]),
        facts,
        lists,
        labels,
        [obj for number, light in enumerate(lights) for obj in _objects(light["objects"], number, names)],
        [
            Region(names.stuff[index], crowd=False, area=area, box=(), pixels=run_lengths)
            for light in lights
            for index, area, run_lengths in light["stuff"]
        ],
        None if segments is None else [Region(*names.segments[index], *row) for index, *row in segments],
        outline_of,
        Budget(POLYGON_COLUMNS, COLUMNS),
    )


def _objects(rows: Sequence[Sequence[Any]], part: int, names: Names) -> list[Object]:
    """The objects that have a class."""
    return [
        Object._make((name, *row[1:], names.ids[row[0]], (part, place)))
        for place, row in enumerate(rows)
        if (name := names.objects[row[0]]) is not None
    ]


def _facts(
    metadata: Mapping[str, Any], names: Names
) -> tuple[dict[str, Any], dict[str, list[Numbered]], list[dict[str, Any]]]:
    """What is said of the image: other facts, lists of classes, and its classes as a whole."""
    facts: dict[str, Any] = {}
    lists: dict[str, list[Numbered]] = {}
    labels: list[dict[str, Any]] = []
    for key, value in metadata.items():
        if key in CATEGORY_LISTS and isinstance(value, list):
            lists[key] = [_numbered(number, names) for number in value]
        elif key == "labels" and isinstance(value, list) and all(isinstance(each, dict) for each in value):
            labels += (_label(each, names) for each in value)
        else:
            facts[key] = value
    return facts, lists, labels


def _numbered(number: object, names: Names) -> Numbered:
    """A class number, with the name of its category."""
    if type(number) is not int:
        return Numbered(number, None)
    category = names.id_of(number)
    return Numbered(category, names.titles.get(category))


def _label(label: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A class of the image: its text, else the text of its number, else the number."""
    said = {key: value for key, value in label.items() if key not in ("label", "text")}
    number = label.get("label")
    if type(number) is int:
        number = names.id_of(number)
    text = label.get("text") or (names.labels.get(number) if type(number) is int else None)
    return {"class": number if text is None else text, **said}
