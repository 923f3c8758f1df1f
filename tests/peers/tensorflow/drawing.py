"""One drawing, and how writers of records put it into features: keys and units are those of the program named at each.

What is drawn is made with numpy and Pillow; the features are TensorFlow's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from pixels import as_png

from peers.tensorflow.writing import example, floats, ints, sequence_example, texts

WIDTH, HEIGHT = 64, 48
NAMES = {1: "cat", 2: "dog", 3: "bird"}
SIDES = ("xmin", "ymin", "xmax", "ymax")
SIZES = (WIDTH, HEIGHT, WIDTH, HEIGHT)

Features = dict[str, Any]


class Thing(NamedTuple):
    """An object of the drawing. box: corners in pixels; points: x, y, visibility of its keypoints."""

    number: int
    box: tuple[int, int, int, int]
    points: tuple[tuple[int, int, int], ...]
    crowd: int = 0

    @property
    def mask(self) -> Any:
        """The box without its first corner: a rectangle would not show rows and columns exchanged."""
        x0, y0, x1, y1 = self.box
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[y0:y1, x0:x1] = 1
        mask[y0 : y0 + 3, x0 : x0 + 2] = 0
        return mask

    @property
    def corners(self) -> list[float]:
        """Its outline: three sides are not parallel to those of the picture."""
        x0, y0, x1, y1 = self.box
        return [float(value) for value in (x0, y0, x1, y0 + 2, x1 - 2, y1, x0 + 1, y1 - 1)]


class Picture(NamedTuple):
    """A picture of the drawing."""

    number: int
    things: tuple[Thing, ...]

    @property
    def file(self) -> str:
        return f"pic{self.number}.png"

    @property
    def data(self) -> bytes:
        return as_png(noise(self.number))


def noise(number: int) -> Any:
    """The pixels of a picture: others for each."""
    return np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


DRAWING = (
    Picture(7, (
        Thing(1, (4, 3, 14, 12), ((5, 4, 2), (13, 6, 1), (0, 0, 0))),
        Thing(3, (20, 15, 60, 45), ((21, 16, 1), (50, 40, 2), (30, 20, 2)), crowd=1),
    )),
    Picture(8, ()),
    Picture(9, (Thing(2, (0, 0, 64, 48), ((1, 2, 2), (3, 4, 2), (63, 47, 1))),)),
)  # fmt: skip


def sides(one: Picture, prefix: str, names: Sequence[str] = SIDES, sizes: Sequence[int] = SIZES) -> Features:
    """The four lists of corners; ``sizes`` of 1 for pixels."""
    return {
        prefix + name: floats(*(thing.box[place] / sizes[place] for thing in one.things))
        for place, name in enumerate(names)
    }


def of_image(one: Picture, prefix: str = "image/") -> Features:
    return {
        prefix + "encoded": texts(one.data), prefix + "filename": texts(one.file), prefix + "format": texts("png"),
        prefix + "source_id": texts(str(one.number)), prefix + "height": ints(HEIGHT), prefix + "width": ints(WIDTH),
    }  # fmt: skip


def numbers(one: Picture, base: int = 1) -> Any:
    return ints(*(thing.number - 1 + base for thing in one.things))


def names(one: Picture) -> Any:
    return texts(*(NAMES[thing.number] for thing in one.things))


PIXELS = (1, 1, 1, 1)
BOX = "image/object/bbox/"
OBJECT = "image/object/"


# --------------------------------------------------------------------------------- tensorflow/models object_detection
def object_detection(one: Picture) -> Features:
    """research/object_detection/dataset_tools/create_coco_tf_record.py, with masks and keypoints."""
    points = [point for thing in one.things for point in thing.points]
    return {
        **of_image(one), **sides(one, BOX), OBJECT + "class/label": numbers(one), OBJECT + "class/text": names(one),
        OBJECT + "is_crowd": ints(*(thing.crowd for thing in one.things)),
        OBJECT + "area": floats(*(float(thing.mask.sum()) for thing in one.things)),
        OBJECT + "mask": texts(*(as_png(thing.mask) for thing in one.things)),
        OBJECT + "keypoint/x": floats(*(x / WIDTH for x, _, _ in points)),
        OBJECT + "keypoint/y": floats(*(y / HEIGHT for _, y, _ in points)),
        OBJECT + "keypoint/visibility": ints(*(seen for _, _, seen in points)),
        OBJECT + "keypoint/num": ints(*(sum(seen > 0 for *_, seen in thing.points) for thing in one.things)),
    }  # fmt: skip


def text_only(one: Picture) -> Features:
    """The same from 2020 on: names, no numbers."""
    return {**of_image(one), **sides(one, BOX), OBJECT + "class/text": names(one)}


def zero_based(one: Picture) -> Features:
    """microsoft/VoTT tensorFlowRecords.ts: numbers from 0 beside names and a label map from 1."""
    return {**text_only(one), OBJECT + "class/label": numbers(one, 0)}


def bare_zero_based(one: Picture) -> Features:
    """Scripts of one's own: numbers from 0 without names."""
    return {**of_image(one), **sides(one, BOX), OBJECT + "class/label": numbers(one, 0)}


def dense_masks(one: Picture) -> Features:
    """create_pet_tf_record.py --mask_type=numerical: all masks as one list of numbers."""
    values = [float(value) for thing in one.things for value in thing.mask.ravel()]
    return {**zero_based(one), OBJECT + "class/label": numbers(one), OBJECT + "mask": floats(*values)}


def sparse_masks(one: Picture) -> Features:
    """A fork: object, row and column of every pixel."""
    triples = [(n, *point) for n, thing in enumerate(one.things) for point in np.argwhere(thing.mask).tolist()]
    indices = ints(*(value for triple in triples for value in triple))
    return {**text_only(one), OBJECT + "mask/indices": indices, OBJECT + "mask/values": floats(*[1.0] * len(triples))}


def prefixed(one: Picture) -> Features:
    """official/vision/data/tf_example_builder.py with a prefix."""
    return {"front/" + key: value for key, value in text_only(one).items()}


def in_pixels(one: Picture) -> Features:
    """official/vision/data/tf_example_feature_key.py."""
    sides_of = sides(one, BOX, [name + "_pixels" for name in SIDES], PIXELS)
    return {**of_image(one), **sides_of, OBJECT + "class/text": names(one)}


def pix2seq(one: Picture) -> Features:
    """google-research/pix2seq data/scripts/create_coco_tfrecord.py: pixels, polygons, triples of keypoints."""
    outlines = [thing.corners for thing in one.things]
    ends = np.cumsum([0, *map(len, outlines)]).tolist()
    triples = [[float(value) for point in thing.points for value in point] for thing in one.things]
    return {
        **text_only(one), **sides(one, BOX, sizes=PIXELS),
        OBJECT + "segmentation_v": floats(*(value for outline in outlines for value in outline)),
        OBJECT + "segmentation_sep": ints(*ends),
        OBJECT + "keypoints_v": floats(*(value for triple in triples for value in triple)),
        OBJECT + "keypoints_sep": ints(*np.cumsum([0, *map(len, triples)]).tolist()),
    }  # fmt: skip


def ssd_tensorflow(one: Picture) -> Features:
    """balancap/SSD-Tensorflow datasets/pascalvoc_to_tfrecords.py."""
    return {
        "image/encoded": texts(one.data), "image/format": texts("JPEG"), "image/shape": ints(HEIGHT, WIDTH, 3),
        "image/channels": ints(3), **sides(one, BOX), BOX + "label": numbers(one), BOX + "label_text": names(one),
    }  # fmt: skip


def parts(one: Picture) -> Features:
    """visipedia/tfrecords README: numbers from 0, parts are keypoints."""
    points = [point for thing in one.things for point in thing.points]
    return {
        "image/encoded": texts(one.data), "image/filename": texts(one.file), "image/id": texts(str(one.number)),
        "image/height": ints(HEIGHT), "image/width": ints(WIDTH), **sides(one, BOX),
        BOX + "label": numbers(one, 0), BOX + "text": names(one),
        OBJECT + "parts/x": floats(*(x / WIDTH for x, _, _ in points)),
        OBJECT + "parts/y": floats(*(y / HEIGHT for _, y, _ in points)),
        OBJECT + "parts/v": ints(*(seen for _, _, seen in points)),
    }  # fmt: skip


def quadrangles(one: Picture) -> Features:
    """ZJULearning/pixel_link datasets/dataset_utils.py: upright boxes and the corners of rotated ones."""
    corners = {
        f"{BOX}{'xy'[place % 2]}{place // 2 + 1}": floats(*(t.corners[place] / SIZES[place % 2] for t in one.things))
        for place in range(8)
    }
    return {**ssd_tensorflow(one), "image/filename": texts(one.file), **corners}


def two_corners(one: Picture) -> Features:
    """A fork that numbers the corners."""
    return {**of_image(one), **sides(one, BOX, ("x1", "y1", "x2", "y2")), OBJECT + "class/text": names(one)}


def ocr(one: Picture) -> Features:
    """official/projects/unified_detector/data_conversion/utils.py."""
    corners = (",".join(str(value) for value in thing.corners) for thing in one.things)
    return {**of_image(one), OBJECT + "vertices": texts(*corners), OBJECT + "classes": numbers(one)}


# ----------------------------------------------------------------------------------------------- TensorFlow Datasets
def tfds(one: Picture) -> Features:
    """object_detection/coco.py through core/example_serializer.py: boxes y before x, numbers from 0."""
    order = (1, 0, 3, 2)
    return {
        "image": texts(one.data), "image/filename": texts(one.file), "image/id": ints(one.number),
        "objects/bbox": floats(*(thing.box[side] / SIZES[side] for thing in one.things for side in order)),
        "objects/label": numbers(one, 0), "objects/is_crowd": ints(*(thing.crowd for thing in one.things)),
        "objects/segmentation": texts(*(as_png(thing.mask) for thing in one.things)),
    }  # fmt: skip


def kitti(one: Picture) -> Features:
    """datasets/kitti/kitti_dataset_builder.py: y counts from the bottom."""
    boxes = [
        (1 - y1 / HEIGHT, x0 / WIDTH, 1 - y0 / HEIGHT, x1 / WIDTH) for x0, y0, x1, y1 in (t.box for t in one.things)
    ]
    three = floats(*[1.0] * (3 * len(boxes)))
    return {
        "image": texts(one.data), "image/file_name": texts(one.file), "objects/type": numbers(one, 0),
        "objects/bbox": floats(*(value for box in boxes for value in box)), "objects/dimensions": three,
        "objects/location": three, "objects/rotation_y": floats(*[0.5] * len(boxes)),
    }  # fmt: skip


def faces(one: Picture) -> Features:
    """object_detection/wider_face.py: boxes without any class."""
    return {
        "image": texts(one.data), "image/filename": texts(one.file), "faces/bbox": tfds(one)["objects/bbox"],
        "faces/blur": ints(*[1] * len(one.things)),
    }  # fmt: skip


LABELS = "".join(f"{name}\n" for name in NAMES.values())


# --------------------------------------------------------------------------------------------------------- NVIDIA TAO
def tao(one: Picture) -> Features:
    """tao_tensorflow1_backend cv/detectnet_v2/dataio/kitti_converter_lib.py."""
    return {
        "frame/id": texts(one.file.removesuffix(".png")), "frame/height": ints(HEIGHT), "frame/width": ints(WIDTH),
        "target/object_class": names(one), **sides(one, "target/coordinates_", ("x1", "y1", "x2", "y2"), PIXELS),
    }  # fmt: skip


def tao_dali(one: Picture) -> Features:
    """The same for the DALI pipelines: normalised, with the picture, numbers as floats."""
    return {
        "frame/id": texts(one.file.removesuffix(".png")), "frame/height": ints(HEIGHT), "frame/width": ints(WIDTH),
        "frame/encoded": texts(one.data), "target/object_class_id": floats(*(float(t.number) for t in one.things)),
        **sides(one, "target/coordinates_", ("x1", "y1", "x2", "y2")),
    }  # fmt: skip


def tao_polygons(one: Picture) -> Features:
    """blocks/multi_source_loader/data_loader: every corner with the number of its object."""
    corners = [
        (n, x, y) for n, t in enumerate(one.things) for x, y in zip(t.corners[::2], t.corners[1::2], strict=True)
    ]
    return {
        "frame/id": texts(one.file.removesuffix(".png")), "frame/height": ints(HEIGHT), "frame/width": ints(WIDTH),
        "target/object_class": names(one), "target/coordinates/x": floats(*(x for _, x, _ in corners)),
        "target/coordinates/y": floats(*(y for *_, y in corners)),
        "target/coordinates/index": ints(*(n for n, *_ in corners)),
    }  # fmt: skip


def tao_faces(drawing: Sequence[Picture]) -> list[bytes]:
    """cv/fpenet/dataio/generate_dataset.py: one face a record, points visible or hidden."""
    return [
        example({
            "train/image_frame_name": texts(one.file), "train/image_frame_width": ints(WIDTH),
            "train/image_frame_height": ints(HEIGHT),
            "train/facebbx_x": ints(x0), "train/facebbx_y": ints(y0),
            "train/facebbx_w": ints(x1 - x0), "train/facebbx_h": ints(y1 - y0),
            "train/landmarks": floats(*(float(value) for point in thing.points for value in point[:2])),
            "train/landmarks_occ": ints(*(int(seen == 1) for *_, seen in thing.points)),
        })
        for one in drawing for thing in one.things for x0, y0, x1, y1 in [thing.box]
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- others
def keras_io(drawing: Sequence[Picture]) -> list[bytes]:
    """keras-io examples/keras_recipes/creating_tfrecords.py: one annotation a record."""
    return [
        example({
            "image": texts(one.data), "path": texts(one.file), "area": floats(1.0), "id": ints(100 * one.number + n),
            "bbox": floats(*map(float, (x0, y0, x1 - x0, y1 - y0))), "category_id": ints(thing.number),
            "image_id": ints(one.number),
        })
        for one in drawing for n, thing in enumerate(one.things) for x0, y0, x1, y1 in [thing.box]
    ]  # fmt: skip


def video(drawing: Sequence[Picture]) -> list[bytes]:
    """research/object_detection/dataset_tools/seq_example_util.py: the pictures are frames."""
    lists: dict[str, list[Any]] = {"image/encoded": [texts(one.data) for one in drawing]}
    for one in drawing:
        frame = {**sides(one, "region/bbox/"), "region/label/string": names(one), "region/label/index": numbers(one)}
        for key, feature in frame.items():
            lists.setdefault(key, []).append(feature)
    context = {"image/height": ints(HEIGHT), "image/width": ints(WIDTH), "image/format": texts("PNG")}
    return [sequence_example(context, lists)]


def fast_mask_rcnn(one: Picture) -> Features:
    """CharlesShang/FastMaskRCNN libs/datasets/download_and_convert_coco.py: arrays as bytes."""
    rows = np.asarray([[*thing.box, thing.number] for thing in one.things], np.float32).reshape(-1, 5)
    masks = np.asarray([thing.mask for thing in one.things], np.uint8)
    return {
        "image/img_id": ints(one.number), "image/encoded": texts(noise(one.number).tobytes()),
        "image/height": ints(HEIGHT), "image/width": ints(WIDTH), "label/num_instances": ints(len(one.things)),
        "label/gt_boxes": texts(rows.tobytes()), "label/gt_masks": texts(masks.tobytes()),
    }  # fmt: skip


def upright(one: Picture) -> Features:
    """DetectionTeamUCAS/FPN_Tensorflow data/io/convert_data_to_tfrecord.py."""
    rows = np.asarray([[*thing.box, thing.number] for thing in one.things], np.int32)
    return {
        "img_name": texts(one.file), "img_height": ints(HEIGHT), "img_width": ints(WIDTH),
        "img": texts(noise(one.number).tobytes()), "gtboxes_and_label": texts(rows.tobytes()),
        "num_objects": ints(len(one.things)),
    }  # fmt: skip


def rotated(one: Picture) -> Features:
    """The same of R2CNN: four corners instead of two."""
    rows = np.asarray([[*thing.corners, thing.number] for thing in one.things], np.int32)
    return {**upright(one), "gtboxes_and_label": texts(rows.tobytes())}


def own_keys(one: Picture) -> Features:
    """Nobody's: every key has to be named."""
    return {"pic": texts(one.data), "what": numbers(one), **sides(one, "", ("left", "top", "right", "bottom"), PIXELS)}


# --------------------------------------------------------------------------------------------- labels of every pixel
def painted(one: Picture) -> Any:
    """The class of each pixel, 0 where there is none."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for thing in one.things:
        pixels[thing.mask > 0] = thing.number
    return pixels


def instances(one: Picture) -> Any:
    """The number of the object at each pixel."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    for number, thing in enumerate(one.things, 1):
        pixels[thing.mask > 0] = number
    return pixels


def semantic(one: Picture) -> Features:
    """research/deeplab/datasets/build_data.py."""
    label = {
        "image/segmentation/class/encoded": texts(as_png(painted(one))),
        "image/segmentation/class/format": texts("png"),
    }
    return {**of_image(one), **label}


def two_masks(one: Picture) -> Features:
    """official/vision/data/create_coco_tf_record.py with panoptic masks."""
    return {
        **of_image(one), "image/panoptic/category_mask": texts(as_png(painted(one))),
        "image/panoptic/instance_mask": texts(as_png(instances(one))),
    }  # fmt: skip


def raw_numbers(one: Picture) -> Features:
    """google-research/deeplab2 data/data_utils.py: class * 256 + instance, 32 bits each."""
    raw = (painted(one).astype("<i4") * 256 + instances(one)).tobytes()
    label = {"image/segmentation/class/encoded": texts(raw), "image/segmentation/class/format": texts("raw")}
    return {**of_image(one), **label}
