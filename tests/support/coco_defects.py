"""One defect each: what is done to a sound dataset, and the code that a validation must then give.

``also`` are codes of the same severity or worse that follow from the defect by themselves.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from coco_datasets import SIZES, Dataset, captions, lvis, objects, picture
from PIL import Image

Change = Callable[[Dataset], Any]
_HUGE = 2**63


class Defect(NamedTuple):
    """A defect. change: puts it into a dataset of the kind that base makes."""

    code: str
    case: str
    change: Change
    base: Callable[[], Dataset] = objects
    also: tuple[str, ...] = ()
    decode: bool = False  # only decoding the pictures tells

    def __str__(self) -> str:
        return f"{self.code} {self.case}".strip()

    def dataset(self) -> Dataset:
        """The dataset with the defect."""
        dataset = self.base()
        self.change(dataset)
        return dataset


def text(old: str, new: str) -> Change:
    """Another text in the main file."""

    def change(dataset: Dataset) -> None:
        assert old in dataset.text
        dataset.raw = dataset.text.replace(old, new, 1).encode("utf-8", "surrogateescape")

    return change


def nothing(_: Dataset) -> None:
    """The sound dataset has it already."""


def image_info(dataset: Dataset) -> None:
    """Images alone, as the official files for tests have them."""
    del dataset.coco["annotations"]
    dataset.path = "annotations/image_info_train.json"


def drop(*keys: str) -> Change:
    """Keys of the file are missing."""
    return lambda dataset: [dataset.coco.pop(key) for key in keys]


def top(**values: Any) -> Change:
    """Other values under keys of the file."""
    return lambda dataset: dataset.coco.update(values)


def image(number: int = 0, **values: Any) -> Change:
    """Other values in one of the images; the last one has no annotations."""
    return lambda dataset: dataset.images[number].update(values)


def no_image_key(key: str, number: int = 0) -> Change:
    """A key is missing in an image."""
    return lambda dataset: dataset.images[number].pop(key)


def entry(number: int = 1, **values: Any) -> Change:
    """Other values in one of the annotations."""
    return lambda dataset: dataset.annotations[number].update(values)


def no_entry_key(key: str) -> Change:
    """A key is missing in an annotation."""
    return lambda dataset: dataset.annotations[1].pop(key)


def category(number: int = 0, **values: Any) -> Change:
    """Other values in one of the categories."""
    return lambda dataset: dataset.categories[number].update(values)


def no_category_key(key: str) -> Change:
    """A key is missing in a category."""
    return lambda dataset: dataset.categories[-1].pop(key)


def more_category(**values: Any) -> Change:
    """One more category, without annotations."""
    return lambda dataset: dataset.categories.append({"id": 4, "name": "fish", "supercategory": "animal", **values})


def all_entries(change: Callable[[dict[str, Any]], Any]) -> Change:
    """Something is done to every annotation."""
    return lambda dataset: [change(each) for each in dataset.annotations]


def file(name: str, data: bytes | None) -> Change:
    """Another file, or none."""

    def change(dataset: Dataset) -> None:
        if data is None:
            del dataset.files[name]
        else:
            dataset.files[name] = data

    return change


def renamed(new: str, old: str = "one") -> Change:
    """A picture has another name."""

    def change(dataset: Dataset) -> None:
        dataset.files[f"images/train/{new}"] = dataset.files.pop(f"images/train/{old}.png")
        dataset.images[list(SIZES).index(old)]["file_name"] = new

    return change


def both(*changes: Change) -> Change:
    """Several changes, which are one defect together."""
    return lambda dataset: [change(dataset) for change in changes]


def renumbered(old: int, new: int) -> Change:
    """A category has another id, in its annotations, too."""

    def change(dataset: Dataset) -> None:
        for each in dataset.categories:
            each["id"] = new if each["id"] == old else each["id"]
        for each in dataset.annotations:
            each["category_id"] = new if each["category_id"] == old else each["category_id"]

    return change


def turned(orientation: int) -> bytes:
    """The first picture as a JPEG with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture(SIZES["one"], format_="JPEG", exif=exif)


def damaged_png() -> bytes:
    """The first picture, whole to look at, but with damaged pixels."""
    data = bytearray(picture(SIZES["one"]))
    start = data.index(b"IDAT") + 4
    data[start : start + 12] = bytes(12)
    return bytes(data)


def huge() -> bytes:
    """A picture whose header promises more pixels than a check may decode."""
    data = picture(SIZES["four"])
    header = b"IHDR" + struct.pack(">II", 8000, 7000) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


DOCUMENT = [
    Defect("E01", "cut off", lambda d: setattr(d, "raw", d.text[:-40].encode())),
    Defect("E01", "syntax", text('"bbox": [2,', '"bbox": [2 2,')),
    Defect("E01", "NaN", text('"area": 140', '"area": NaN'), also=("E47",)),
    Defect("E01", "byte order mark", lambda d: setattr(d, "raw", b"\xef\xbb\xbf" + d.text.encode())),
    Defect("E01", "not UTF-8", text('"one.png"', '"one.png", "x": "\udcff"')),
    Defect("E01", "not text", lambda d: setattr(d, "raw", b"\x1f\x8b\x08\0\0\0\0\0")),
    Defect("E02", "", lambda d: setattr(d, "raw", b'[{"image_id": 1, "category_id": 1, "score": 0.5}]')),
    Defect("E03", "missing", drop("annotations")),
    Defect("E03", "no list", top(annotations={})),
    Defect("E03", "no object", lambda d: d.images.append(7)),
    Defect("I03", "", image_info),
    Defect("E04", "missing", drop("categories"), also=("E18",)),
    Defect("E04", "no list", top(categories={}), also=("E18",)),
    Defect("E04", "no object", lambda d: d.categories.append("fish")),
    Defect("I04", "", nothing, captions),
    Defect("W05", "info", drop("info")),
    Defect("W05", "licenses", drop("licenses")),
    Defect("E06", "", lambda d: setattr(d, "raw", d.text.encode() + b"\n{}")),
    Defect("W06", "file", lambda d: setattr(d, "raw", d.text[:-1].encode() + b', "licenses": []}')),
    Defect("W06", "entry", text('"iscrowd": 0', '"iscrowd": 0, "iscrowd": 0')),
]

IDS = [
    Defect("E10", "missing", no_image_key("id", -1)),
    Defect("E10", "no integer", image(-1, id="4")),
    Defect("E10", "repeated", image(-1, id=3)),
    Defect("E11", "missing", no_entry_key("id")),
    Defect("E11", "no integer", entry(id="2")),
    Defect("E11", "repeated", entry(id=1)),
    Defect("E12", "missing", lambda d: d.categories.append({"name": "fish", "supercategory": "animal"})),
    Defect("E12", "no integer", more_category(id="4")),
    Defect("E12", "repeated", more_category(id=3)),
    Defect("E13", "", entry(0, id=0)),
    Defect("W14", "", renumbered(1, 0)),
    Defect("I14", "", renumbered(3, 90)),
    Defect("E15", "image", image(-1, id=-4)),
    Defect("E15", "annotation", entry(id=-2)),
    Defect("E15", "category", renumbered(3, -3)),
    Defect("W16", "image", image(-1, id=2**53)),
    Defect("W16", "annotation", entry(id=2**53)),
    Defect("W16", "category", renumbered(3, 2**53)),
    Defect("E17", "image", image(-1, id=_HUGE)),
    Defect("E17", "annotation", entry(id=_HUGE)),
    Defect("E17", "category", more_category(id=_HUGE)),
    Defect("E18", "image", entry(image_id=99)),
    Defect("E18", "category", entry(category_id=99)),
    Defect("E18", "image missing", no_entry_key("image_id")),
    Defect("E18", "category missing", no_entry_key("category_id")),
    Defect("E18", "image no integer", entry(image_id="1")),
    Defect("E18", "category no integer", entry(category_id="2")),
    Defect("E4G", "", entry(category_id=None)),
]

IMAGES = [
    Defect("E20", "missing", no_image_key("file_name"), also=("W26",)),
    Defect("E20", "no text", image(file_name=4), also=("W26",)),
    Defect("E20", "empty", image(file_name=" "), also=("W26",)),
    Defect("E21", "missing", no_image_key("width")),
    Defect("E21", "no integer", image(width=64.0)),
    Defect("E21", "not positive", image(height=0), also=("E28",)),
    Defect("E22", "", both(image(-1, file_name="three.png", width=40, height=40), file("images/train/four.png", None))),
    Defect("W23", "ending", renamed("three.jpg", "two")),
    Defect("W23", "case", renamed("Three.png", "four")),
    Defect("W24", "absolute", image(file_name="/data/one.png"), also=("E25", "W26")),
    Defect("W24", "parent", renamed("../train/one.png")),
    Defect("W24", "backslash", image(file_name="train\\one.png"), also=("E25", "W26")),
    Defect("E25", "", file("images/train/one.png", None)),
    Defect("I25", "", lambda d: [d.files.pop(name) for name in list(d.files)]),
    Defect("W26", "", file("images/train/five.png", picture((5, 5)))),
    Defect("E27", "no picture", file("images/train/one.png", b"<html>")),
    Defect("E27", "not decodable", file("images/train/one.png", damaged_png()), decode=True),
    Defect("E27", "cut off", file("images/train/one.png", picture(SIZES["one"])[:-20])),
    Defect("I27", "", both(image(-1, width=8000, height=7000), file("images/train/four.png", huge())), decode=True),
    Defect("E28", "other", image(width=68)),
    Defect("E28", "swapped", image(width=48, height=64)),
    Defect(
        "E28",
        "rotated",
        both(image(width=48, height=64), renamed("one.jpg"), file("images/train/one.jpg", turned(6))),
    ),
    Defect("W28", "", both(renamed("one.jpg"), file("images/train/one.jpg", turned(3)))),
    Defect("I29", "", image(license=9)),
    Defect("I2A", "", renamed("one.jpg")),
    Defect("I2B", "", nothing),
    Defect("E91", "no list", image(neg_category_ids=None), lvis),
    Defect("E91", "unknown", image(neg_category_ids=[99]), lvis),
]
