"""How deep learning frameworks load a COCO dataset, each as a function: a dataset -> what it finds."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

# Where the types are checked, none of these is installed.
import torch  # type: ignore[import-not-found,import-untyped,unused-ignore]
from mmdet.datasets import CocoDataset  # type: ignore[import-not-found,import-untyped,unused-ignore]
from rfdetr.datasets import coco as rfdetr  # type: ignore[import-not-found,import-untyped,unused-ignore]
from torchvision import datasets as torchvision  # type: ignore[import-not-found,import-untyped,unused-ignore]
from transformers import DetrImageProcessor  # type: ignore[import-not-found,import-untyped,unused-ignore]
from ultralytics.data import converter  # type: ignore[import-not-found,import-untyped,unused-ignore]

from peers.breaking.behaviour import Case, Reader, Seen, Thing, handed_out, thing

logging.disable(logging.CRITICAL)
torch.set_num_threads(1)  # processes are forked
_OBJECTS = ("objects", "run_lengths")


def read_torchvision(case: Case) -> Seen:
    """Every picture with its annotations, as they are."""
    found = torchvision.CocoDetection(str(case.images), str(case.json))
    things: list[Thing] = []
    for place, number in enumerate(found.ids):
        _, entries = found[place]
        name = found.coco.loadImgs(number)[0]["file_name"]
        things += [handed_out(case, name, each) for each in entries]
    return Seen(things)


def read_transformers(case: Case) -> Seen:
    """DETR's preparation of annotations, as its documentation has it: boxes and masks."""
    found = torchvision.CocoDetection(str(case.images), str(case.json))
    names = case.meaning.names
    processor = DetrImageProcessor(do_resize=False, do_normalize=False, do_pad=False, do_convert_annotations=True)
    things: list[Thing] = []
    for place, number in enumerate(found.ids):
        image, entries = found[place]
        target = {"image_id": number, "annotations": entries}
        options: dict[str, Any] = {"return_segmentation_masks": True, "return_tensors": "pt"}
        (label,) = processor(images=image, annotations=target, **options)["labels"]
        width, height = image.size
        name = found.coco.loadImgs(number)[0]["file_name"]
        for (x, y, w, h), category in zip(label["boxes"].tolist(), label["class_labels"].tolist(), strict=True):
            box = ((x - w / 2) * width, (y - h / 2) * height, w * width, h * height)
            things.append(thing(name, names.get(category, category), box))
    return Seen(things)


def read_ultralytics(case: Case) -> Seen:
    """The labels that its converter writes for YOLO; classes are ids less one."""
    out = case.folder / "yolo"
    converter.convert_coco(str(case.json.parent), str(out), use_segments=False, use_keypoints=False, cls91to80=False)
    names = [case.meaning.names[each["id"]] for each in case.sound["categories"]]
    sizes = {Path(each["file_name"]).stem: (each["width"], each["height"]) for each in case.sound["images"]}
    things: list[Thing] = []
    for path in sorted(out.rglob("*.txt")):
        width, height = sizes[path.stem]
        for line in path.read_text("utf-8").splitlines():
            number, x, y, w, h = map(float, line.split())
            box = ((x - w / 2) * width, (y - h / 2) * height, w * width, h * height)
            things.append(thing(path.stem, names[int(number)] if 0 <= number < len(names) else number, box))
    return Seen(things)


def read_rfdetr(case: Case) -> Seen:
    """Its dataset, as for custom ones: boxes by their corners."""
    found = rfdetr.CocoDetection(str(case.images), str(case.json), None, include_masks=True, remap_category_ids=True)
    names = case.meaning.names
    things: list[Thing] = []
    for place, number in enumerate(found.ids):
        _, target = found[place]
        name = found.coco.loadImgs(number)[0]["file_name"]
        for (x0, y0, x1, y1), label in zip(target["boxes"].tolist(), target["labels"].tolist(), strict=True):
            category = found.label2cat[label]
            things.append(thing(name, names.get(category, category), (x0, y0, x1 - x0, y1 - y0)))
    return Seen(things)


def read_mmdet(case: Case) -> Seen:
    """Its CocoDataset for training. Its compiled operators, which loading does not call, are not there."""
    names = [case.meaning.names[each["id"]] for each in case.sound["categories"]]
    found = CocoDataset(
        ann_file=str(case.json),
        data_prefix={"img": str(case.images)},
        metainfo={"classes": tuple(names)},
        filter_cfg={"filter_empty_gt": False},
    )
    things: list[Thing] = []
    for place in range(len(found)):
        info = found.get_data_info(place)
        for each in info["instances"]:
            x0, y0, x1, y1 = each["bbox"]
            things.append(thing(Path(info["img_path"]).name, names[each["bbox_label"]], (x0, y0, x1 - x0, y1 - y0)))
    return Seen(things)


READERS = (
    Reader("torchvision", "torchvision", read_torchvision, _OBJECTS),
    Reader("transformers-detr", "transformers", read_transformers, _OBJECTS),
    Reader("ultralytics", "ultralytics", read_ultralytics, _OBJECTS),
    Reader("rf-detr", "rfdetr", read_rfdetr, _OBJECTS),
    Reader("mmdet", "mmdet", read_mmdet, _OBJECTS),
)
