"""NVIDIA TAO's records: objects of DetectNet_v2 in pixels, of the DALI pipelines normalised, or as polygons.

Source: tao_tensorflow1_backend, cv/detectnet_v2/dataio/kitti_converter_lib.py and coco_converter_lib.py; polygons:
blocks/multi_source_loader (default_dataloader.py). Images stand on disk, below the folder of the data set; ``frame/id``
names them without ending.
"""

from __future__ import annotations

from dataclasses import replace

from tfrecord_lite.schemas.evidence import Keys
from tfrecord_lite.schemas.layout import Layout

TAO = Layout(
    name="tao",
    encoded=("frame/encoded",),
    filename=("frame/id",),
    width=("frame/width",),
    height=("frame/height",),
    xmin=("target/coordinates_x1",),
    ymin=("target/coordinates_y1",),
    xmax=("target/coordinates_x2",),
    ymax=("target/coordinates_y2",),
    outline_x=("target/coordinates/x",),
    outline_y=("target/coordinates/y",),
    outline_object=("target/coordinates/index",),
    pixel=True,
    number=("target/object_class_id",),
    float_numbers=True,
    text=("target/object_class",),
    attribute_prefix="target/",
)
TAO_DALI = replace(TAO, name="tao_dali", pixel=False)


def recognise(keys: Keys) -> Layout | None:
    """TAO's layout where ``frame/id`` stands beside targets; class ids as numbers are what the DALI pipelines read."""
    if "frame/id" not in keys or not any(key.startswith("target/") for key in keys):
        return None
    return TAO_DALI if "target/object_class_id" in keys else TAO
