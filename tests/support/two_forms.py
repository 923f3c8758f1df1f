"""A small dataset as plain values, written as COCO files or as TFRecord files: the same dataset in two forms.

Neither writer is the code under test. ``MUTATIONS`` are single changes of it, each with the kinds of difference that it
makes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from PIL import Image
from tfrecords import detection, floats, ints, png, shard, texts

CLASSES = ("cat", "dog", "bird", "cow")
Rectangle = tuple[int, int, int, int]


@dataclass
class Thing:
    """An object. box: x, y, width, height. mask: a rectangle and pixels that are otherwise than it says."""

    box: tuple[float, float, float, float]
    name: str
    mask: Rectangle = (0, 0, 0, 0)
    flipped: set[tuple[int, int]] = field(default_factory=set)
    crowd: int = 0
    area: float = 12.5
    keypoints: list[tuple[float, float, int]] = field(default_factory=lambda: [(3.0, 4.0, 2), (5.5, 6.25, 1)])
    difficult: int = 0
    pose: str = "left"


@dataclass
class Picture:
    """An image. date, text: a fact and a class of it as a whole. rejected: classes that it does not show."""

    name: str
    size: tuple[int, int] = (60, 40)
    colour: tuple[int, int, int] = (10, 20, 30)
    things: list[Thing] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    date: str = "2013-11-14"
    text: str = "indoor"
    rejected: list[str] = field(default_factory=lambda: ["cow"])


Model = list[Picture]


def model() -> Model:
    """Three images, one of them without objects."""
    return [
        Picture(
            "one.png",
            things=[
                Thing((4.25, 5.5, 20.0, 10.13), "cat", (4, 5, 20, 10)),
                Thing((30.0, 8.0, 12.0, 20.0), "dog", (30, 8, 12, 20), {(33, 12)}, crowd=1, area=240.0, difficult=1),
                Thing((31.0, 8.0, 12.0, 20.0), "dog", (31, 8, 12, 20), pose="right"),
            ],
            captions=["two dogs", "a cat"],
        ),
        Picture("two.png", (50, 44), (200, 5, 6), [Thing((1.0, 2.0, 30.5, 40.0), "bird", (1, 2, 30, 40))]),
        Picture("three.png", colour=(0, 99, 0), captions=["nothing"]),
    ]


# ----------------------------------------------------------------------------------------------------------- masks
def pixels(thing: Thing, size: tuple[int, int]) -> Image.Image:
    """The mask of an object as a gray picture of 0 and 255."""
    x, y, width, height = thing.mask
    image = Image.new("L", size)
    image.paste(255, (x, y, x + width, y + height))
    for place in thing.flipped:
        image.putpixel(place, 255 - image.getpixel(place))  # type: ignore[operator] # of a gray picture it is a number
    return image


def segmentation(thing: Thing, size: tuple[int, int]) -> Any:
    """The mask of an object as COCO has it: a polygon where it is a rectangle, else run lengths."""
    if not thing.flipped:
        x, y, width, height = thing.mask
        return [[x, y, x + width, y, x + width, y + height, x, y + height]]
    columns = pixels(thing, size).transpose(Image.Transpose.TRANSPOSE).tobytes()
    counts = [len(list(run)) for _, run in groupby(columns)]
    return {"size": [size[1], size[0]], "counts": counts if not columns[0] else [0, *counts]}


# ----------------------------------------------------------------------------------------------------------- forms
def write_coco(pictures: Model, folder: Path, *, first: int = 1, order: int = 1) -> Path:
    """A dataset folder. first: the first id of everything; order: -1 to write everything the other way round."""
    ids = {name: number for number, name in enumerate(CLASSES, first)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    captions: list[dict[str, Any]] = []
    folder.joinpath("annotations").mkdir(parents=True)
    for number, picture in list(enumerate(pictures, first))[::order]:
        width, height = picture.size
        path = folder / "images/train" / picture.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(*picture.size, picture.colour))
        more = {
            "date_captured": picture.date,
            "labels": [{"text": picture.text}],
            "neg_category_ids": [ids[name] for name in picture.rejected],
        }
        images.append({"id": number, "width": width, "height": height, "file_name": picture.name, **more})
        for thing in picture.things[::order]:
            keypoints = [value for point in thing.keypoints for value in point]
            entry = {
                "id": first + len(annotations),
                "image_id": number,
                "category_id": ids[thing.name],
                "bbox": list(thing.box),
                "area": thing.area,
                "iscrowd": thing.crowd,
                "segmentation": segmentation(thing, picture.size),
                "keypoints": keypoints,
                "num_keypoints": sum(seen > 0 for seen in keypoints[2::3]),
                "attributes": {"difficult": thing.difficult, "pose": thing.pose},
            }
            annotations.append(entry)
        for caption in picture.captions:
            captions.append({"id": len(captions) + 1, "image_id": number, "caption": caption})
    names = ["left", "right"]
    categories = [
        {"id": ids[name], "name": name, "supercategory": name, "keypoints": names, "skeleton": []} for name in CLASSES
    ][::order]
    for task, entries in (("instances", annotations), ("captions", captions)):
        content: dict[str, Any] = {
            "info": {},
            "licenses": [],
            "images": images,
            "annotations": entries,
            "categories": categories,
        }
        folder.joinpath(f"annotations/{task}_train.json").write_text(json.dumps(content))
    return folder


def write_records(pictures: Model, folder: Path, *, order: int = 1) -> Path:
    """A folder with a record file and its label map."""
    folder.mkdir(parents=True)
    points = "keypoints { id: 0 label: 'left' } keypoints { id: 1 label: 'right' }"
    items = (f"item {{ id: {number} name: '{name}' {points} }}" for number, name in enumerate(CLASSES, 1))
    folder.joinpath("label_map.pbtxt").write_text("\n".join(items))
    records = [_record(picture, order) for picture in pictures[::order]]
    folder.joinpath("train.tfrecord").write_bytes(shard(*records))
    return folder


def _record(picture: Picture, order: int) -> dict[str, bytes]:
    width, height = picture.size
    things = picture.things[::order]
    boxes = [(x, y, x + w, y + h) for x, y, w, h in (thing.box for thing in things)]
    points = [point for thing in things for point in thing.keypoints]
    per_object = {
        "image/object/class/text": texts(*(thing.name for thing in things)),
        "image/object/is_crowd": ints(*(thing.crowd for thing in things)),
        "image/object/area": floats(*(thing.area for thing in things)),
        "image/object/mask": texts(*(_gray(pixels(thing, picture.size)) for thing in things)),
        "image/object/difficult": ints(*(thing.difficult for thing in things)),
        "image/object/pose": texts(*(thing.pose for thing in things)),
        "image/object/keypoint/x": floats(*(x / width for x, _, _ in points)),
        "image/object/keypoint/y": floats(*(y / height for _, y, _ in points)),
        "image/object/keypoint/visibility": ints(*(seen for _, _, seen in points)),
        "image/object/keypoint/text": texts(*(["left", "right"] * len(things))),
    }
    whole = {
        "image/source_id": texts(str(sum(map(ord, picture.name)))),
        "image/caption": texts(*picture.captions),
        "image/date_captured": texts(picture.date),
        "image/class/text": texts(picture.text),
        "image/neg_category_ids": ints(*(CLASSES.index(name) + 1 for name in picture.rejected)),
    }
    return detection(
        picture.name,
        picture.size,
        boxes,
        labels=[CLASSES.index(thing.name) + 1 for thing in things],
        image=png(*picture.size, picture.colour),
        **{**(per_object if things else {}), **whole},
    )


def _gray(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


FORMS: Mapping[str, Callable[[Model, Path], Path]] = {"coco": write_coco, "records": write_records}


# ------------------------------------------------------------------------------------------------------- mutations
def _set(name: str, value: Any, image: int = 0, thing: int | None = None) -> Callable[[Model], None]:
    def mutate(pictures: Model) -> None:
        target: Any = pictures[image] if thing is None else pictures[image].things[thing]
        setattr(target, name, value)

    return mutate


def _drop(name: str, index: int, image: int = 0) -> Callable[[Model], None]:
    return lambda pictures: getattr(pictures[image], name).pop(index)


def _drop_image(pictures: Model) -> None:
    del pictures[1]


def _twice(pictures: Model) -> None:
    pictures[0].things.append(pictures[0].things[2])


MUTATIONS: Mapping[str, tuple[Callable[[Model], None], Sequence[str]]] = {
    "a box moved by a pixel": (_set("box", (4.25, 6.5, 20.0, 10.13), thing=0), ["box"]),
    "a box wider by a hundredth": (_set("box", (4.25, 5.5, 20.01, 10.13), thing=0), ["box"]),
    "a box elsewhere": (_set("box", (35.0, 25.0, 9.0, 3.0), image=1, thing=0), ["object", "object"]),
    "another class": (_set("name", "cow", image=1, thing=0), ["class"]),
    "another class of three": (_set("name", "bird", thing=1), ["class"]),
    "another pixel in a rectangle": (_set("flipped", {(5, 6)}, thing=0), ["mask"]),
    "a pixel beside it": (_set("flipped", {(3, 5)}, thing=0), ["mask"]),
    "one pixel less": (_set("flipped", set(), thing=1), ["mask"]),
    "a mask moved": (_set("mask", (2, 2, 30, 40), image=1, thing=0), ["mask"]),
    "a crowd": (_set("crowd", 1, thing=0), ["crowd"]),
    "no crowd": (_set("crowd", 0, thing=1), ["crowd"]),
    "another area": (_set("area", 12.75, thing=0), ["area"]),
    "a keypoint hidden": (_set("keypoints", [(3.0, 4.0, 1), (5.5, 6.25, 1)], thing=0), ["keypoints"]),
    "a keypoint moved": (_set("keypoints", [(3.0, 4.0, 2), (5.5, 6.27, 1)], thing=0), ["keypoints"]),
    "a keypoint not labelled": (_set("keypoints", [(3.0, 4.0, 2), (0.0, 0.0, 0)], thing=0), ["keypoints"]),
    "an attribute": (_set("difficult", 1, thing=0), ["attribute"]),
    "a text of an object": (_set("pose", "Left", thing=0), ["attribute"]),
    "an object dropped": (_drop("things", 1), ["object"]),
    "the only object dropped": (_drop("things", 0, image=1), ["object"]),
    "an object twice": (_twice, ["object"]),
    "a caption dropped": (_drop("captions", 0), ["caption"]),
    "another caption": (_set("captions", ["two dogs", "a Cat"]), ["caption", "caption"]),
    "a caption twice": (_set("captions", ["two dogs", "a cat", "a cat"]), ["caption"]),
    "another date": (_set("date", "2013-11-15"), ["image-fact"]),
    "another class of an image": (_set("text", "outdoor"), ["image-class", "image-class"]),
    "a class not looked for": (_set("rejected", ["bird"]), ["image-fact"]),
    "another picture": (_set("colour", (10, 20, 31)), ["picture"]),
    "another size": (_set("size", (61, 40), image=2), ["image-size", "picture"]),
    "an image dropped": (_drop_image, ["image"]),
    "a folder before a name": (_set("name", "2/three.png", image=2), ["file-name"]),
}
"""Single changes of ``model()``, and the kinds of difference that they make, one for each."""
