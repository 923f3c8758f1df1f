"""Small COCO datasets that are sound in every respect, written by hand: pictures, annotations, and what they mean.

Tests of the validation and of other people's readers take them, and put one defect into each.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

Json = dict[str, Any]

SIZES = {"one": (64, 48), "two": (50, 75), "three": (40, 40), "four": (33, 21)}
JOINTS = 17
_INFO = {"description": "made by hand"}


@dataclass
class Dataset:
    """A dataset in memory.

    coco: the content of the main file. path: of it. files: everything else, by path below the folder.
    raw: the bytes of the main file, where they are not what ``coco`` gives.
    """

    coco: Json
    path: str = "annotations/instances_train.json"
    files: dict[str, bytes] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def images(self) -> list[Any]:
        """The images of the main file."""
        images: list[Any] = self.coco["images"]
        return images

    @property
    def annotations(self) -> list[Any]:
        """The annotations of the main file."""
        annotations: list[Any] = self.coco["annotations"]
        return annotations

    @property
    def categories(self) -> list[Any]:
        """The categories of the main file."""
        categories: list[Any] = self.coco["categories"]
        return categories

    @property
    def text(self) -> str:
        """The main file as a text."""
        return json.dumps(self.coco)

    def write(self, folder: Path) -> Path:
        """Writes everything below a folder. Returns the path of the main file."""
        main = self.text.encode() if self.raw is None else self.raw
        for name, data in {**self.files, self.path: main}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder / self.path


def picture(
    size: tuple[int, int], boxes: Sequence[Sequence[float]] = (), format_: str = "PNG", **options: Any
) -> bytes:
    """A picture with boxes drawn into it, so that no two are the same."""
    image = Image.new("RGB", size, (size[0], size[1], 90))
    for number, (x, y, w, h) in enumerate(boxes):
        ImageDraw.Draw(image).rectangle((x, y, x + w - 1, y + h - 1), fill=(200, 40 * number % 256, 10 + number))
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def rectangle(x: float, y: float, w: float, h: float) -> list[float]:
    """Its outline as a polygon."""
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def object_entry(number: int, image: int, category: int, box: tuple[int, int, int, int], **more: Any) -> Json:
    """An annotation: a rectangle."""
    entry = {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": list(box),
        "area": box[2] * box[3],
        "iscrowd": 0,
        "segmentation": [rectangle(*box)],
    }
    return {**entry, **more}


def objects() -> Dataset:
    """Three pictures with four objects each, and one without any."""
    boxes = [(2, 3, 12, 9), (20, 5, 10, 14), (5, 22, 8, 12), (22, 24, 16, 10)]
    names = list(SIZES)
    coco: Json = {
        "info": dict(_INFO),
        "licenses": [{"id": 1, "name": "none", "url": ""}],
        "images": [
            {"id": number, "width": SIZES[name][0], "height": SIZES[name][1], "file_name": f"{name}.png", "license": 1}
            for number, name in enumerate(names, start=1)
        ],
        "annotations": [
            object_entry(4 * image + number + 1, image + 1, (image + number) % 3 + 1, box)
            for image in range(3)
            for number, box in enumerate(boxes)
        ],
        "categories": [
            {"id": number, "name": name, "supercategory": "animal"}
            for number, name in enumerate(("cat", "dog", "bird"), start=1)
        ],
    }
    files = {f"images/train/{name}.png": picture(SIZES[name], boxes if name != "four" else ()) for name in names}
    return Dataset(coco, files=files)


def run_lengths() -> Dataset:
    """The same with masks as run lengths, not compressed."""
    dataset = objects()
    for each in dataset.annotations:
        width, height = SIZES[list(SIZES)[each["image_id"] - 1]]
        x, y, w, h = each["bbox"]
        counts = [x * height + y, *[h, height - h] * (w - 1), h, (width - x - w + 1) * height - y - h]
        each["segmentation"] = {"size": [height, width], "counts": counts}
    return dataset


def keypoints() -> Dataset:
    """Two pictures with two persons each, of COCO's seventeen keypoints."""
    dataset = objects()
    names = [f"joint {number}" for number in range(1, JOINTS + 1)]
    dataset.coco["categories"] = [
        {"id": 1, "name": "person", "supercategory": "person", "keypoints": names, "skeleton": [[1, 2], [16, 17]]}
    ]
    boxes = [(2, 3, 12, 9), (20, 5, 10, 14)]
    dataset.coco["annotations"] = [
        object_entry(2 * image + number + 1, image + 1, 1, box, keypoints=joints(box), num_keypoints=JOINTS - 1)
        for image in range(2)
        for number, box in enumerate(boxes)
    ]
    dataset.path = "annotations/person_keypoints_train.json"
    return dataset


def joints(box: tuple[int, int, int, int]) -> list[int]:
    """Keypoints within a box; the first is not labelled, the second hidden."""
    x, y, w, h = box
    points = [(x + number % w, y + number % h, 2) for number in range(1, JOINTS - 1)]
    return [each for point in [(0, 0, 0), (x, y, 1), *points] for each in point]


def captions() -> Dataset:
    """Sentences, and no categories."""
    dataset = objects()
    del dataset.coco["categories"]
    dataset.coco["annotations"] = [
        {"id": number, "image_id": number, "caption": f"picture {number}"} for number in range(1, 5)
    ]
    dataset.path = "annotations/captions_train.json"
    return dataset


def panoptic_png(size: tuple[int, int], segments: dict[int, tuple[int, int, int, int]]) -> bytes:
    """Boxes in the colours of their numbers, one over the other."""
    image = Image.new("RGB", size)
    for number, (x, y, w, h) in segments.items():
        ImageDraw.Draw(image).rectangle(
            (x, y, x + w - 1, y + h - 1), fill=(number % 256, number // 256 % 256, number >> 16)
        )
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


SEGMENTS = {1: (0, 0, 10, 12), 300: (12, 4, 9, 7), 70_000: (3, 14, 18, 5)}


def panoptic() -> Dataset:
    """Three segments in each of two pictures."""
    dataset = objects()
    dataset.coco["images"] = dataset.images[:2]
    dataset.coco["categories"] = [
        {"id": number, "name": name, "supercategory": "all", "isthing": int(number < 3)}
        for number, name in enumerate(("cat", "dog", "grass"), start=1)
    ]
    dataset.coco["annotations"] = [
        {
            "image_id": number,
            "file_name": f"{name}.png",
            "segments_info": [
                {"id": each, "category_id": place, "area": box[2] * box[3], "bbox": list(box), "iscrowd": 0}
                for place, (each, box) in enumerate(SEGMENTS.items(), start=1)
            ],
        }
        for number, name in ((1, "one"), (2, "two"))
    ]
    dataset.path = "annotations/panoptic_train.json"
    pngs = {f"annotations/panoptic_train/{name}.png": panoptic_png(SIZES[name], SEGMENTS) for name in ("one", "two")}
    pictures = {f"images/train/{name}.png": dataset.files[f"images/train/{name}.png"] for name in ("one", "two")}
    dataset.files = {**pictures, **pngs}
    return dataset


def lvis() -> Dataset:
    """As LVIS has it: no iscrowd, addresses instead of names, and categories that were looked for."""
    dataset = objects()
    for image in dataset.images:
        image["coco_url"] = f"http://images.cocodataset.org/train2017/{image.pop('file_name')}"
        image.update(neg_category_ids=[1], not_exhaustive_category_ids=[])
    for annotation in dataset.annotations:
        del annotation["iscrowd"]
    for category in dataset.categories:
        del category["supercategory"]
        category.update(frequency="f", synset=f"{category['name']}.n.01", image_count=3, instance_count=4)
    dataset.path = "annotations/lvis_v1_train.json"
    dataset.files = {}
    return dataset


def splits() -> Dataset:
    """Two splits: ``train`` as the main file, and ``val`` with one picture of its own."""
    dataset = objects()
    val = copy.deepcopy(dataset.coco)
    val["images"] = [{"id": 1, "width": 30, "height": 30, "file_name": "five.png"}]
    val["annotations"] = [object_entry(1, 1, 1, (1, 1, 9, 9))]
    dataset.files["images/val/five.png"] = picture((30, 30), [(1, 1, 9, 9)])
    dataset.files["annotations/instances_val.json"] = json.dumps(val).encode()
    return dataset


def official() -> Dataset:
    """As the official files are: one line, ids with gaps, image ids by file number, crowds as run lengths."""
    dataset = objects()
    number_of = {1: 285, 2: 632, 3: 581929, 4: 139}
    for image in dataset.images:
        old, new = image["id"], number_of[image["id"]]
        file_name = f"{new:012d}.jpg"
        old_name = f"images/train/{image['file_name']}"
        size = (image["width"], image["height"])
        del dataset.files[old_name]
        dataset.files[f"images/train/{file_name}"] = picture(size, format_="JPEG")
        url = f"http://images.cocodataset.org/train2017/{file_name}"
        more = {"coco_url": url, "date_captured": "2013-11-18 02:53:27", "flickr_url": "", "license": 4}
        image.update(id=new, file_name=file_name, **more)
        for annotation in dataset.annotations:
            if annotation["image_id"] == old:
                annotation["image_id"] = new
    dataset.coco["licenses"] = [{"url": "", "id": 4, "name": "Attribution License"}]
    ids = {1: 17, 2: 18, 3: 90}
    for category in dataset.categories:
        category["id"] = ids[category["id"]]
    for place, annotation in enumerate(dataset.annotations):
        annotation["id"] = [909000000285, 87, 2_232_119, 12][place % 4] + 1000 * place
        annotation["category_id"] = ids[annotation["category_id"]]
        annotation["area"] = float(annotation["area"])
    dataset.annotations.reverse()
    dataset.annotations.sort(key=lambda annotation: annotation["id"] % 7)  # images come back again and again
    width, height = SIZES["one"]
    crowd = dataset.annotations[-1]
    crowd.update(
        image_id=285,
        bbox=[10, 0, 3, height],
        area=3 * height + 70,
        iscrowd=1,  # areas of crowds are rough
        segmentation={"counts": [10 * height, 3 * height, (width - 13) * height], "size": [height, width]},
    )
    return dataset
