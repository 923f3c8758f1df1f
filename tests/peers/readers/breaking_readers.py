"""Readers without a deep learning framework, each as a function: a dataset -> what it finds."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

# Where the types are checked, only some of the readers are installed.
import datumaro  # type: ignore[import-not-found,import-untyped,unused-ignore]
import faster_coco_eval  # type: ignore[import-not-found,import-untyped,unused-ignore]
import globox  # type: ignore[import-not-found,import-untyped,unused-ignore]
import hotcoco  # type: ignore[import-not-found,import-untyped,unused-ignore]
import kwcoco  # type: ignore[import-not-found,import-untyped,unused-ignore]
import lvis  # type: ignore[import-not-found,import-untyped,unused-ignore]
import numpy as np
import pyarrow as pa  # type: ignore[import-not-found,import-untyped,unused-ignore]
import supervision  # type: ignore[import-not-found,import-untyped,unused-ignore]
from label_studio_sdk.converter.imports.coco import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    convert_coco_to_ls,
)
from pycocotools.coco import COCO  # type: ignore[import-untyped,unused-ignore]
from pycocotools.cocoeval import COCOeval  # type: ignore[import-untyped,unused-ignore]
from sahi.utils.coco import Coco  # type: ignore[import-not-found,import-untyped,unused-ignore]

from peers.breaking.behaviour import Case, Reader, Seen, Thing, handed_out, thing

_OBJECTS = ("objects", "run_lengths")
logging.disable(logging.CRITICAL)


# --------------------------------------------------------------------------- pycocotools, and those that are like it
def like_pycocotools(load: Callable[[str], Any], evaluate: Callable[[Any, Any, str], Any]) -> Callable[[Case], Seen]:
    """A reader with the interface of pycocotools: loads, joins, and evaluates the truth against itself."""

    def read(case: Case) -> Seen:
        coco = load(str(case.json))
        if case.kind == "captions":
            captions = [str(each["caption"]) for each in coco.loadAnns(coco.getAnnIds())]
            return Seen(numbers={"characters": sum(map(len, captions))})
        things: list[Thing] = []
        for number in coco.getImgIds():
            (image,) = coco.loadImgs([number])
            for entry in coco.loadAnns(coco.getAnnIds(imgIds=[number])):
                coco.loadCats([entry["category_id"]])
                things.append(handed_out(case, image.get("file_name"), entry))
                if entry.get("segmentation"):
                    coco.annToMask(entry)
        numbers: dict[str, float] = {}
        for kind in ("bbox", "keypoints") if case.kind == "keypoints" else ("bbox", "segm"):
            numbers |= _scores(coco, evaluate, kind)
        return Seen(things, numbers)

    return read


def _scores(coco: Any, evaluate: Callable[[Any, Any, str], Any], kind: str) -> dict[str, float]:
    """The average precision of a perfect detector, which finds every object once; and of objects of each size."""
    found, seen = [], []
    for entry in coco.loadAnns(coco.getAnnIds()):
        what = (entry["image_id"], entry["category_id"], entry["bbox"])
        if what in seen:
            continue
        seen.append(what)
        result = {"image_id": entry["image_id"], "category_id": entry["category_id"], "score": 1.0}
        if kind == "bbox":
            result["bbox"] = entry["bbox"]
        elif kind == "segm":
            result["segmentation"] = coco.annToRLE(entry)
        else:
            result["keypoints"] = entry["keypoints"]
        found.append(result)
    evaluation = evaluate(coco, coco.loadRes(found), kind)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    names = [kind, f"{kind}, small", f"{kind}, medium", f"{kind}, large"] if kind == "bbox" else [kind]
    places = (0, 3, 4, 5)[: len(names)]
    return {f"AP ({name})": float(evaluation.stats[place]) for name, place in zip(names, places, strict=True)}


# ----------------------------------------------------------------------------------------------------- all others
def read_lvis(case: Case) -> Seen:
    """The API of LVIS, and its evaluation."""
    setattr(np, "float", float)  # noqa: B010 - which numpy had when lvis was written; mypy knows that it has not
    truth = lvis.LVIS(str(case.json))
    found = [
        {"image_id": e["image_id"], "category_id": e["category_id"], "bbox": e["bbox"], "score": 1.0}
        for e in truth.load_anns(truth.get_ann_ids())
    ]
    evaluation = lvis.LVISEval(truth, lvis.LVISResults(truth, found), "bbox")
    evaluation.run()
    return Seen(numbers={"AP": evaluation.results["AP"]})


def read_supervision(case: Case) -> Seen:
    """Boxes and masks."""
    found = supervision.DetectionDataset.from_coco(str(case.images), str(case.json), force_masks=True)
    things = []
    for path, _, detections in found:
        for (x0, y0, x1, y1), number in zip(detections.xyxy, detections.class_id, strict=True):
            things.append(thing(path, found.classes[number], (x0, y0, x1 - x0, y1 - y0)))
    return Seen(things)


def read_globox(case: Case) -> Seen:
    """Boxes."""
    return Seen(
        [
            thing(annotation.image_id, box.label, (box.xmin, box.ymin, box.xmax - box.xmin, box.ymax - box.ymin))
            for annotation in globox.AnnotationSet.from_coco(case.json)
            for box in annotation.boxes
        ]
    )


def read_kwcoco(case: Case) -> Seen:
    """Its own representation of a COCO file."""
    found = kwcoco.CocoDataset(str(case.json))
    things = []
    for entry in found.annots().objs:
        image, _ = found.imgs[entry["image_id"]], found.cats[entry["category_id"]]
        things.append(handed_out(case, image.get("file_name"), entry))
    return Seen(things)


def read_datumaro(case: Case) -> Seen:
    """Whatever task the file is for."""
    kind = "instances" if case.kind in _OBJECTS else case.kind.replace("keypoints", "person_keypoints")
    found = datumaro.Dataset.import_from(str(case.folder), f"coco_{kind}")
    label = datumaro.AnnotationType.label
    names = [each.name for each in found.categories()[label].items] if label in found.categories() else []
    things, count = [], 0
    for item in found:
        for each in item.annotations:
            count += 1
            if isinstance(each, datumaro.Bbox):
                things.append(thing(item.id, names[each.label] if each.label is not None else "none", each.get_bbox()))
    return Seen(things) if case.kind in _OBJECTS else Seen(numbers={"annotations": count})


def read_datumaro_stream(case: Case) -> Seen:
    """The same, entry by entry, as CVAT does."""
    found = datumaro.StreamDataset.import_from(str(case.folder), "coco_instances")
    label = datumaro.AnnotationType.label
    names = [each.name for each in found.categories()[label].items]
    return Seen(
        [
            thing(item.id, names[each.label] if each.label is not None else "none", each.get_bbox())
            for item in found
            for each in item.annotations
            if isinstance(each, datumaro.Bbox)
        ]
    )


def read_sahi(case: Case) -> Seen:
    """Boxes."""
    found = Coco.from_coco_dict_or_path(str(case.json))
    return Seen(
        [thing(image.file_name, each.category_name, each.bbox) for image in found.images for each in image.annotations]
    )


def read_label_studio(case: Case) -> Seen:
    """Tasks of its own format, with sizes in percent."""
    out = case.folder / "tasks.json"
    convert_coco_to_ls(str(case.json), str(out))
    things = []
    for task in json.loads(out.read_text("utf-8")):
        for result in task["annotations"][0]["result"]:
            if result["type"] == "rectanglelabels":
                width, height, value = result["original_width"] / 100, result["original_height"] / 100, result["value"]
                box = (value["x"] * width, value["y"] * height, value["width"] * width, value["height"] * height)
                things.append(thing(task["data"]["image"].partition("?d=")[2], value["rectanglelabels"][0], box))
    return Seen(things)


def read_pyarrow(case: Case) -> Seen:
    """Images and annotations as tables of uniform columns, as the datasets library makes them."""
    content = json.loads(case.json.read_bytes())
    for key in ("images", "annotations"):
        pa.Table.from_pylist(content[key])
    return Seen()


def _evaluate_hotcoco(truth: Any, found: Any, kind: str) -> Any:
    return hotcoco.COCOeval(truth, found, kind)


_TASKS = (*_OBJECTS, "keypoints", "captions")
READERS = (
    Reader("pycocotools", "pycocotools", like_pycocotools(COCO, COCOeval), _TASKS),
    Reader(
        "faster-coco-eval",
        "faster-coco-eval",
        like_pycocotools(faster_coco_eval.COCO, faster_coco_eval.COCOeval_faster),
        _TASKS,
    ),
    Reader("hotcoco", "hotcoco", like_pycocotools(hotcoco.COCO, _evaluate_hotcoco), (*_OBJECTS, "keypoints")),
    Reader("lvis", "lvis", read_lvis, ("lvis",)),
    Reader("supervision", "supervision", read_supervision, _OBJECTS),
    Reader("globox", "globox", read_globox, _OBJECTS),
    Reader("kwcoco", "kwcoco", read_kwcoco, _OBJECTS),
    Reader("datumaro", "datumaro", read_datumaro, (*_OBJECTS, "keypoints", "captions", "panoptic")),
    Reader("datumaro-stream", "datumaro", read_datumaro_stream, _OBJECTS),
    Reader("sahi", "sahi", read_sahi, _OBJECTS),
    Reader("label-studio", "label-studio-sdk", read_label_studio),
    Reader("pyarrow", "pyarrow", read_pyarrow, _OBJECTS),
)
