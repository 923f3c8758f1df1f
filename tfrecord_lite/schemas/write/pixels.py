"""Pixels of classes and segments -> label images of 8 bits, one number a pixel, as DeepLab and Model Garden have them.

Source: research/deeplab/datasets/build_data.py; official/vision/data/create_coco_tf_record.py (tensorflow/models).
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from PIL import Image

from tfrecord_lite.errors import Location
from tfrecord_lite.masks.from_pixels import number_runs
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.to_png import as_png, draw_mask
from tfrecord_lite.sample import Finding, Panoptic
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.write.values import Features

_NO_CLASS = (0, 255)  # what readers take for no class


def write_stuff(
    stuff: Mapping[int, Mask], schema: Schema, where: Location, features: Features, findings: list[Finding]
) -> None:
    """Adds the label image of a sample's stuff; numbers that it has no room for are left out, and reported."""
    fitting = {number: mask for number, mask in stuff.items() if _NO_CLASS[0] < number < _NO_CLASS[1]}
    if len(fitting) < len(stuff):
        text = f"stuff of class {min(stuff.keys() - fitting)}: a label image has numbers from 1 to 254 only"
        findings.append(Finding("label-image-lossy", where, text))
    if not fitting:
        return
    mask = next(iter(fitting.values()))
    label_image = Image.new("L", (mask.width, mask.height))
    overlap = False
    for number, mask in fitting.items():
        overlap |= draw_mask(mask, label_image, number)
    if overlap:
        text = "classes of stuff overlap, and a label image has one number a pixel: the later one counts"
        findings.append(Finding("label-image-lossy", where, text))
    features[schema.semantic[0]] = as_png(label_image)
    features[schema.semantic_format[0]] = "png"


def write_panoptic(
    panoptic: Panoptic, schema: Schema, where: Location, features: Features, findings: list[Finding]
) -> None:
    """Adds the two label images of a panoptic segmentation, or reports why there is no room for it."""
    meaning = {segment.number: (segment.category, segment.instance) for segment in panoptic.segments}
    numbers = [number for pair in meaning.values() for number in pair]
    if numbers and not (min(numbers) >= 0 and max(numbers) < _NO_CLASS[1]):
        text = f"a panoptic segment has the number {max(numbers)}, a label image has numbers up to 254 only"
        findings.append(Finding("label-image-lossy", where, text))
        return
    with Image.open(BytesIO(panoptic.png)) as png:
        image = png.convert("RGB")
    planes: tuple[list[bytes], list[bytes]] = ([], [])
    for number, length in number_runs(image):
        for plane, value in zip(planes, meaning.get(number, (0, 0)), strict=True):
            plane.append(bytes((value,)) * length)
    for keys, plane in zip((schema.panoptic_category, schema.panoptic_instance), planes, strict=True):
        features[keys[0]] = as_png(Image.frombytes("L", image.size, b"".join(plane)))
    if any(segment.crowd for segment in panoptic.segments):
        text = "panoptic segments are crowds, which label images cannot say"
        findings.append(Finding("label-image-lossy", where, text))
