"""Any dataset goes to records and back: nothing differs by meaning, and with its entries kept nothing at all."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from coco_datasets import Dataset, panoptic_png
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from results import load

from tfrecord_lite import compare, convert, pack

SIDES = st.integers(4, 40)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False, width=32)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["difficult", "pose", "class/label", "bbox/xmin", "score", "area", "a/b", "attribute/x", "ragged_x"]
)
ATTRIBUTES = st.dictionaries(
    NAMES | st.text(min_size=1, max_size=4), JSON.filter(lambda each: each is not None), max_size=3
)

KEYPOINTS: dict[int, list[str]] = {1: ["nose", "tail"], 3: [], 90: ["wheel"]}
LISTS = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(st.sampled_from([1, 3, 90])) for key in ("neg_category_ids", "not_exhaustive_category_ids")
    },
)
TOLD = {"area-implausible", "box-without-area", "mask-empty", "keypoints-filled", "label-image-lossy", "input"}


@st.composite
def entries(draw: st.DrawFn, width: int, height: int) -> dict[str, Any]:
    """An object within its image, with coordinates of two decimals as COCO has them."""
    x, y = draw(st.integers(0, 100 * width - 300)), draw(st.integers(0, 100 * height - 300))
    w, h = draw(st.integers(200, 100 * width - x)), draw(st.integers(200, 100 * height - y))
    left, top, right, bottom = x / 100, y / 100, (x + w) / 100, (y + h) / 100
    crowd = draw(st.booleans())
    category = draw(st.sampled_from([1, 3, 90]))
    entry: dict[str, Any] = {
        "category_id": category,
        "bbox": [left, top, w / 100, h / 100],
        "area": round(w * h / 10000, 4),
        "iscrowd": int(crowd),
        "segmentation": [],
        "attributes": draw(ATTRIBUTES),
    }
    kind = draw(st.sampled_from(["none", "polygon", "rle"]))
    if kind == "polygon":
        entry["segmentation"] = [[left, top, right, top, right, bottom, left, bottom]]
    elif kind == "rle":
        pixels = width * height
        before = draw(st.integers(0, pixels - 1))
        run = draw(st.integers(1, pixels - before))
        entry["segmentation"] = {"size": [height, width], "counts": [before, run, pixels - before - run]}
    has_keypoints: bool = draw(st.booleans())
    if has_keypoints and KEYPOINTS[category]:
        seen = draw(st.lists(st.integers(0, 2), min_size=len(KEYPOINTS[category]), max_size=len(KEYPOINTS[category])))
        points = [(left, top, each) if each else (0, 0, 0) for each in seen]
        entry |= {"keypoints": [value for point in points for value in point], "num_keypoints": sum(map(bool, seen))}
    return entry


def others(draw: st.DrawFn, images: list[Any]) -> dict[str, bytes]:
    """Files of captions, stuff and panoptic segments, with classes that are numbered apart."""
    files: dict[str, bytes] = {}
    captions, stuff, panoptic = list[Any](), list[Any](), list[Any]()
    for image in images:
        width, height, number = image["width"], image["height"], image["id"]
        for text in draw(st.lists(st.text(min_size=1, max_size=5), max_size=2)):
            captions.append({"id": len(captions) + 1, "image_id": number, "caption": text})
        left = draw(st.integers(0, width - 1))
        counts = [height * left, height, height * (width - left - 1)]
        run_lengths = {"size": [height, width], "counts": counts}
        box = [left, 0, 1, height]
        entry = {"image_id": number, "category_id": draw(st.sampled_from([1, 5])), "bbox": box, "area": height}
        stuff.append({"id": len(stuff) + 1, **entry, "iscrowd": 0, "segmentation": run_lengths})
        name = f"{number:012}.png"
        segments = [{"id": 7, **entry, "iscrowd": 0}]
        del segments[0]["image_id"]
        panoptic.append({"image_id": number, "file_name": name, "segments_info": segments})
        files[f"annotations/panoptic_train/{name}"] = panoptic_png((width, height), {7: (left, 0, 1, height)})
    classes = [{"id": 1, "name": "grass", "isthing": 0}, {"id": 5, "name": "class 3", "isthing": 1}]
    tables = {"captions": (captions, []), "stuff": (stuff, classes), "panoptic": (panoptic, classes)}
    for task in draw(st.sampled_from([(), ("captions",), ("stuff",), ("panoptic",), ("captions", "stuff")])):
        annotations, categories = tables[task]
        coco = {"images": images, "annotations": annotations, "categories": categories}
        files[f"annotations/{task}_train.json"] = json.dumps(coco).encode()
    return files


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """One to four images with any number of objects, in any order."""
    images: list[Any] = []
    objects: list[Any] = []
    files: dict[str, bytes] = {}
    ids = draw(st.lists(st.integers(0, 2**40), min_size=1, max_size=4, unique=True))
    for image_id in ids:
        width, height = draw(SIDES), draw(SIDES)
        name = f"{image_id:012}.png"
        facts = {**draw(ATTRIBUTES), **draw(LISTS)}
        images.append({"id": image_id, "width": width, "height": height, "file_name": name, **facts})
        png = io.BytesIO()
        Image.new("RGB", (width, height), (width, height, 0)).save(png, "PNG")
        files[f"images/train/{name}"] = png.getvalue()
        for entry in draw(st.lists(entries(width, height), max_size=4)):
            objects.append({"id": len(objects) + 1, "image_id": image_id, **entry})
    categories = [
        {"id": number, "name": f"class {number}", "supercategory": draw(st.sampled_from(["all", f"class {number}"]))}
        | ({"keypoints": names, "skeleton": [[1, len(names)]]} if names else {})
        for number, names in KEYPOINTS.items()
    ]
    coco = {
        "info": {},
        "licenses": [],
        "images": draw(st.permutations(images)),
        "annotations": draw(st.permutations(objects)),
        "categories": categories,
    }
    return Dataset(coco, files=files | others(draw, images))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(datasets())
def test_a_dataset_goes_there_and_back(dataset: Dataset) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        dataset.write(folder / "a")
        for before, after in (("a", "b"), ("b", "c")):
            packed = pack(folder / before, folder / f"{before}-records")
            assert set(packed.warning_counts) <= TOLD
            convert(folder / f"{before}-records", folder / after)
        assert compare(folder / "a", folder / "b").equal
        once, twice = (load(folder / each / dataset.path) for each in "bc")
        assert once == twice
        pack(folder / "a", folder / "kept", keep_source=True, shuffle=1)
        convert(folder / "kept", folder / "d")
        assert load(folder / "d" / dataset.path) == json.loads(dataset.text)
