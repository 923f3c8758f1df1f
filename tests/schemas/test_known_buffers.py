"""Records that keep many numbers in one value: arrays as bytes, corners as text; and roles of one's own for them.

Boxes and masks are drawn in pixels here and written with numpy as the scripts do it; the expected COCO is taken from
the drawing. The script is named at each test.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as pycoco  # type: ignore[import-untyped]
from results import Convert, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import Box, detection, floats, ints, jpeg, png, shard, texts

from tfrecord_lite import FeatureError, RejectedInputError, Sample, UsageError, convert
from tfrecord_lite.options import ReadOptions

Read = Callable[..., Sample]


def found(coco: dict[str, Any]) -> list[tuple[int, list[float]]]:
    return [(each["category_id"], each["bbox"]) for each in coco["annotations"]]


def filled(box: Box) -> Any:
    """The mask of a box."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[int(box[1]) : int(box[3]), int(box[0]) : int(box[2])] = 1
    return mask


def noise() -> Any:
    """A picture whose channels differ."""
    return np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def array(values: Sequence[Sequence[float]], kind: str) -> bytes:
    """A feature with the bytes of an array."""
    return texts(np.asarray(values, kind).tobytes())


# ---------------------------------------------------------------------------------------------------- FastMaskRCNN
def fast_mask_rcnn(*things: tuple[Box, int], **more: bytes) -> dict[str, bytes]:
    """CharlesShang/FastMaskRCNN libs/datasets/download_and_convert_coco.py: everything as bytes of arrays."""
    rows = np.asarray([[*box, number] for box, number in things], np.float32).reshape(-1, 5)
    masks = np.asarray([filled(box) for box, _ in things], np.uint8)
    painted = np.zeros((HEIGHT, WIDTH), np.uint8)
    return {
        "image/img_id": ints(581_929), "image/encoded": texts(noise().tobytes()),
        "image/height": ints(HEIGHT), "image/width": ints(WIDTH),
        "label/num_instances": ints(len(things)), "label/gt_boxes": texts(rows.tobytes()),
        "label/gt_masks": texts(masks.tobytes()), "label/encoded": texts(painted.tobytes()), **more,
    }  # fmt: skip


def test_fast_mask_rcnn_has_boxes_masks_and_pixels_as_bytes_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "coco_train2014_00000-of-00001.tfrecord"
    path.write_bytes(zlib.compress(shard(fast_mask_rcnn((CAT, 17), (DOG, 1)), fast_mask_rcnn())))
    summary = convert(path, tmp_path / "out", masks="rle", image_ids="sequential")
    (split,) = summary.splits
    coco = json.loads(Path(summary.files[0]).read_text(encoding="utf-8"))
    assert found(coco) == [(17, xywh(CAT)), (1, xywh(DOG))]
    assert [each["image_id"] for each in coco["annotations"]] == [1, 1]
    for annotation, box in zip(coco["annotations"], (CAT, DOG), strict=True):
        assert np.array_equal(pycoco.decode(annotation["segmentation"]), filled(box))
    assert split.unmapped_keys == {}
    assert [image["source_id"] for image in coco["images"]] == ["581929"] * 2
    picture = next((tmp_path / "out/images").rglob("*1.png"))
    assert np.array_equal(np.asarray(Image.open(picture)), noise())


@pytest.mark.parametrize(
    ("change", "key", "told"),
    [
        ({"label/num_instances": ints(2)}, "label/gt_boxes", "expected 2 rows"),
        ({"label/gt_boxes": texts(bytes(19))}, "label/gt_boxes", "19 bytes"),
        ({"label/gt_boxes": texts(bytes(20), bytes(20))}, "label/gt_boxes", "2 values"),
        ({"label/gt_boxes": array([[4, 3, 14, 12, 1.5]], "<f4")}, "label/gt_boxes", "1.5, expected a whole number"),
        ({"label/gt_boxes": array([[4, 3, 14, 12, np.nan]], "<f4")}, "label/gt_boxes", "nan, expected a whole"),
        ({"label/gt_boxes": array([[4, 3, np.inf, 12, 1]], "<f4")}, "label/gt_boxes[xmax]", "expected a finite"),
        ({"label/gt_masks": texts(bytes(100))}, "label/gt_masks", "no whole number of masks"),
        ({"label/gt_masks": texts(b"\1" * (2 * WIDTH * HEIGHT))}, "label/gt_masks", "2 masks for 1 boxes"),
    ],
)
def test_bytes_that_are_no_such_array_are_an_error_that_says_so(
    sample_of: Read, change: dict[str, bytes], key: str, told: str
) -> None:
    sound = fast_mask_rcnn((CAT, 1))
    with pytest.raises(FeatureError, match=told.replace(".", r"\.")) as error:
        sample_of(sound, sound | change)
    assert error.value.key == key


# ------------------------------------------------------------------------------------------------- R2CNN and others
def r2cnn(rows: Sequence[Sequence[int]], picture: bytes | None = None) -> dict[str, bytes]:
    """DetectionTeamUCAS data/io/convert_data_to_tfrecord.py, of all of their networks."""
    return {
        "img_name": texts("P0001.png"), "img_height": ints(HEIGHT), "img_width": ints(WIDTH),
        "img": texts(noise().tobytes() if picture is None else picture),
        "gtboxes_and_label": array(rows, "<i4"), "num_objects": ints(len(rows)),
    }  # fmt: skip


def test_boxes_in_an_array_of_five_columns_are_upright_ones(converted: Convert) -> None:
    result = converted(r2cnn([[4, 3, 14, 12, 3], [20, 15, 60, 45, 1]]), r2cnn([]))
    assert found(result.coco) == [(3, xywh(CAT)), (1, xywh(DOG))]
    first, second = (image["file_name"] for image in result.coco["images"])
    assert first == "P0001.png" != second
    assert result.coco["annotations"][0]["segmentation"] == []
    assert result.report["keys_not_carried_over"] == {}
    (entry,) = result.report["inputs"]
    assert (entry["schema"], entry["coordinates"]) == ("r2cnn", "pixel")


def test_boxes_in_an_array_of_nine_columns_are_polygons_of_four_corners(converted: Convert) -> None:
    corners = [30, 5, 50, 20, 40, 35, 20, 20]
    result = converted(r2cnn([[*corners, 2]]), r2cnn([[4, 3, 14, 3, 14, 12, 4, 12, 1]] * 5))
    first, *rest = result.coco["annotations"]
    assert (first["category_id"], first["bbox"], first["segmentation"]) == (2, [20, 5, 30, 30], [corners])
    assert [each["bbox"] for each in rest] == [xywh(CAT)] * 5


def test_the_channels_of_raw_pixels_can_be_said(converted: Convert) -> None:
    """R2CNN writes what OpenCV reads, blue first; FPN and others write red first. The record does not tell."""
    blue_first = r2cnn([[4, 3, 14, 12, 3]], noise()[:, :, ::-1].tobytes())
    for record, roles in ((r2cnn([[4, 3, 14, 12, 3]]), {}), (blue_first, {"raw_channels": "bgr"})):
        result = converted(record, roles=roles)
        written = (result.folder / "images/x/P0001.png").read_bytes()
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(written))), noise())
        assert "raw_channels" in result.report["warnings"]["image-raw"]["first"]
    with pytest.raises(UsageError, match="raw_channels"):
        converted(blue_first, roles={"raw_channels": "gbr"})


def test_encoded_pictures_stay_as_they_are(converted: Convert) -> None:
    picture = png(WIDTH, HEIGHT)
    result = converted(r2cnn([[4, 3, 14, 12, 3]], picture))
    assert (result.folder / "images/x/P0001.png").read_bytes() == picture
    assert result.report["warnings"] == {}


def test_raw_pixels_that_begin_like_a_bitmap_are_raw_pixels(converted: Convert) -> None:
    pixels = noise()
    pixels[0, 0, :2] = tuple(b"BM")
    result = converted(r2cnn([], pixels.tobytes()))
    written = (result.folder / "images/x/P0001.png").read_bytes()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(written))), pixels)


# ------------------------------------------------------------------------------------------------ roles of one's own
def own(rows: Any, **more: bytes) -> dict[str, bytes]:
    return {"image_raw": texts(jpeg(WIDTH, HEIGHT)), "boxes": texts(np.asarray(rows).tobytes()), **more}


@pytest.mark.parametrize(
    ("kind", "columns", "rows"),
    [
        ("float32", "xmin ymin xmax ymax number", [[4, 3, 14, 12, 7]]),
        ("float64", "number - ymin xmin ymax xmax", [[7, 99, 3, 4, 12, 14]]),
        ("int64", "xmin ymin box_width box_height number", [[4, 3, 10, 9, 7]]),
        ("int16", "number x y x y x y", [[7, 4, 3, 14, 3, 14, 12]]),
        ("uint8", "xmin ymin xmax ymax number crowd", [[4, 3, 14, 12, 7, 0]]),
        ("float16", "xmin ymin xmax ymax number area", [[4, 3, 14, 12, 7, 90]]),
    ],
)
def test_a_table_of_ones_own_is_read_as_its_columns_are_described(
    converted: Convert, kind: str, columns: str, rows: list[list[float]]
) -> None:
    roles = {"encoded": "image_raw", "rows": "boxes", "row_type": kind, "row_columns": columns}
    result = converted(own(np.asarray(rows, kind)), schema="custom", roles=roles, coordinates="pixel")
    assert found(result.coco) == [(7, xywh(CAT))]
    assert result.report["keys_not_carried_over"] == {}


def test_the_unit_of_a_table_is_decided_by_its_values(converted: Convert) -> None:
    roles = {"encoded": "image_raw", "rows": "boxes", "row_columns": "xmin ymin xmax ymax number"}
    empty = own(np.zeros((0, 5), np.float32))
    pixels = np.asarray([[*CAT, 7]], np.float32)
    for row, unit in ((pixels, "pixel"), (pixels / [WIDTH, HEIGHT, WIDTH, HEIGHT, 1], "normalized")):
        result = converted(*[empty] * 40, own(row.astype(np.float32)), schema="custom", roles=roles)
        assert found(result.coco) == [(7, xywh(CAT))]
        assert result.report["inputs"][0]["coordinates"] == unit


def test_a_schema_file_can_describe_tables_and_masks(converted: Convert, tmp_path: Path) -> None:
    pytest.importorskip("tomllib")
    schema = tmp_path / "own.toml"
    schema.write_text(
        'encoded = "image_raw"\npixel = true\nmask_bytes = "masks"\n'
        'rows = "boxes"\nrow_type = "int32"\nrow_count = "n"\n'
        'row_columns = "number xmin ymin xmax ymax | number xmin ymin xmax ymax crowd"\n'
    )
    masks = texts(np.stack([filled(CAT), filled(DOG) * 255]).tobytes())
    for rest in ([], [1]):
        record = own(np.asarray([[7, *CAT, *rest], [8, *DOG, *rest]], "<i4"), n=ints(2), masks=masks)
        result = converted(record, schema=str(schema), masks="rle")
        assert found(result.coco) == [(7, xywh(CAT)), (8, xywh(DOG))]
        assert [each["iscrowd"] for each in result.coco["annotations"]] == [len(rest)] * 2
        for annotation, box in zip(result.coco["annotations"], (CAT, DOG), strict=True):
            assert np.array_equal(pycoco.decode(annotation["segmentation"]), filled(box))


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({"row_type": "complex"}, "row_type is 'complex'"),
        ({"row_columns": "xmin ymax colour"}, "a column 'colour'"),
        ({"row_columns": "xmin xmin"}, "comes twice"),
        ({"row_columns": "x y x"}, "an x without its y"),
        ({"row_columns": "y x"}, "an x without its y"),
        ({"row_columns": "xmin |"}, "names no columns"),
    ],
)
def test_a_description_that_means_nothing_is_refused_before_any_record_is_read(
    tmp_path: Path, roles: dict[str, str], told: str
) -> None:
    (tmp_path / "x.tfrecord").write_bytes(b"not read")
    with pytest.raises(UsageError, match=told):
        convert(tmp_path / "x.tfrecord", tmp_path / "out", roles={"rows": "boxes", **roles})


KINDS = {"float32": "<f4", "float64": "<f8", "int16": "<i2", "int32": "<i4", "int64": "<i8", "uint16": "<u2"}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(KINDS)),
    corners=st.lists(st.tuples(*[st.integers(0, WIDTH)] * 4, st.integers(1, 30_000)), max_size=9),
)
def test_any_table_gives_back_what_numpy_wrote(
    sample_of: Read, kind: str, corners: list[tuple[int, int, int, int, int]]
) -> None:
    rows = np.asarray(corners, KINDS[kind]).reshape(-1, 5)
    roles = (("encoded", "image_raw"), ("rows", "boxes"), ("row_type", kind))
    sample = sample_of(own(rows), options=ReadOptions(schema="custom", roles=roles, coordinates="pixel"))
    expected = [((min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)), number) for x0, y0, x1, y1, number in corners]
    assert [(thing.box, thing.label) for thing in sample.objects] == expected


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=120),
    kind=st.sampled_from(sorted(KINDS)),
    columns=st.sampled_from(["x y", "xmin ymin xmax ymax number"]),
)
def test_any_bytes_are_a_table_or_an_error_of_ours(tmp_path: Path, data: bytes, kind: str, columns: str) -> None:
    path = tmp_path / "any.tfrecord"
    path.write_bytes(shard({"image_raw": texts(jpeg(WIDTH, HEIGHT)), "boxes": texts(data)}))
    roles = {"encoded": "image_raw", "rows": "boxes", "row_type": kind, "row_columns": columns}
    try:
        convert(path, tmp_path / "out.json", schema="custom", roles=roles, overwrite=True)
    except RejectedInputError as error:
        assert "boxes" in str(error) or "class" in str(error)  # noqa: PT017 - most bytes are none


# ----------------------------------------------------------------------------------------------------- text in pictures
WORD, LINE = [4, 3, 14, 3, 14, 12, 4, 12], [2, 2, 60, 2, 60, 20, 30, 30, 2, 20]


def hiertext(*polygons: Sequence[float], **more: bytes) -> dict[str, bytes]:
    """tensorflow/models official/projects/unified_detector/data_conversion/utils.py: corners as text."""
    written = [",".join(str(float(value)) for value in polygon) for polygon in polygons]
    count = len(polygons)
    record = detection("a.png", (WIDTH, HEIGHT), labels=[])
    for key in [key for key in record if key.startswith("image/object/")] + ["image/key/sha256", "image/filename"]:
        del record[key]
    return record | {
        "image/object/parent": ints(*[-1, 0][:count]), "image/object/classes": ints(*[2, 1][:count]),
        "image/object/content_type": ints(*[0, 8][:count]), "image/object/text": texts(*["a line", ""][:count]),
        "image/object/vertices": texts(*written), **more,
    }  # fmt: skip


@pytest.mark.parametrize("scale", [(1, 1), (WIDTH, HEIGHT)], ids=["pixels", "normalised"])
def test_polygons_of_text_in_pictures_are_polygons(converted: Convert, scale: tuple[int, int]) -> None:
    polygons = [[value / scale[place % 2] for place, value in enumerate(each)] for each in (LINE, WORD)]
    result = converted(hiertext(*polygons), hiertext(), precision=1, label_map={1: "word", 2: "line", 3: "paragraph"})
    first, second = result.coco["annotations"]
    assert (first["category_id"], second["category_id"]) == (2, 1)
    assert (first["bbox"], second["bbox"]) == ([2, 2, 58, 28], xywh(CAT))
    assert (first["segmentation"], second["segmentation"]) == ([LINE], [WORD])
    assert first["attributes"] == {"content_type": 0, "parent": -1, "text": "a line"}
    assert second["attributes"] == {"content_type": 8, "parent": 0, "text": ""}
    assert len(result.coco["images"]) == 2
    assert result.report["inputs"][0]["schema"] == "unified_detector"


@pytest.mark.parametrize("corners", ["1,2,3", "1,2,x,4", "", "nan,1,2,3,4,5", ",", "1;2;3;4;5;6"])
def test_corners_that_are_none_are_an_error_that_says_so(sample_of: Read, corners: str) -> None:
    with pytest.raises(FeatureError, match="corner") as error:
        sample_of(hiertext(WORD), hiertext(WORD, WORD, **{"image/object/vertices": texts("1,1,9,1,9,9", corners)}))
    assert error.value.key.startswith("image/object/vertices")


# ------------------------------------------------------------------------------------------------------ faces of TAO
def face(name: str, box: Box, points: Sequence[float], hidden: Sequence[int]) -> dict[str, bytes]:
    """tao_tensorflow1_backend cv/fpenet/dataio/generate_dataset.py: one face a record, the picture on disk."""
    x, y, width, height = map(int, xywh(box))
    return {
        "train/image_frame_name": texts(name), "train/image_frame_width": ints(WIDTH),
        "train/image_frame_height": ints(HEIGHT), "train/facebbx_x": ints(x), "train/facebbx_y": ints(y),
        "train/facebbx_w": ints(width), "train/facebbx_h": ints(height), "train/landmarks": floats(*points),
        "train/landmarks_occ": ints(*hidden), "train/num_keypoints": ints(len(hidden)), "label/theta": floats(0.5),
    }  # fmt: skip


def test_landmarks_of_faces_are_keypoints_and_faces_of_one_picture_come_together(converted: Convert) -> None:
    result = converted(
        face("set1/a.png", CAT, [5, 4, 13, 6], [0, 1]),
        face("set1/b.png", CAT, [5, 4, 13, 6], [0, 0]),
        face("set1/a.png", DOG, [25, 20, 50.5, 40], [1, 0]),
    )
    assert [image["file_name"] for image in result.coco["images"]] == ["set1/a.png", "set1/b.png"]
    assert [(each["image_id"], each["bbox"], each["keypoints"]) for each in result.coco["annotations"]] == [
        (1, xywh(CAT), [5, 4, 2, 13, 6, 1]),
        (2, xywh(CAT), [5, 4, 2, 13, 6, 2]),
        (1, xywh(DOG), [25, 20, 1, 50.5, 40, 2]),
    ]
    assert [category["name"] for category in result.coco["categories"]] == ["face"]
    assert result.coco["annotations"][0]["attributes"] == {"theta": 0.5}
    assert result.report["keys_not_carried_over"] == {}


def test_landmarks_and_their_visibilities_that_do_not_fit_are_an_error(sample_of: Read) -> None:
    with pytest.raises(FeatureError, match="keypoint lists differ"):
        sample_of(face("a.png", CAT, [5, 4, 13, 6], [0, 1, 0]))


def test_width_and_height_may_be_in_keys_of_their_own(converted: Convert) -> None:
    record = {"pic": texts(jpeg(WIDTH, HEIGHT)), "x": floats(4, 20), "y": floats(3, 15), "w": floats(10, 40),
              "h": floats(9, 30), "id": ints(1, 2)}  # fmt: skip
    roles = {"encoded": "pic", "xmin": "x", "ymin": "y", "box_width": "w", "box_height": "h", "number": "id"}
    assert found(converted(record, schema="custom", roles=roles).coco) == [(1, xywh(CAT)), (2, xywh(DOG))]
