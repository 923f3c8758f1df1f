"""What is drawn of a sample: largest first, bones by their names, segments by their pixels."""

from __future__ import annotations

from io import BytesIO

import pytest
from looked_at import classes, sample
from PIL import Image
from tfrecords import png

from tfrecord_lite.look.classes import Classes, bones_of_names
from tfrecord_lite.look.shapes import shapes_of
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.pipeline.demos.scene import KEYPOINTS
from tfrecord_lite.sample import Panoptic, Segment


def test_objects_come_largest_first_after_the_pixels_of_classes() -> None:
    given = sample((1, 1, 5, 5), (1, 1, 50, 50), (1, 1, 20, 20), labels=[1, 2, 3], size=(60, 60))
    given = given._replace(stuff={7: Mask(60, 60, [0, 3600]), 8: Mask(60, 60, [3590, 10])})
    shapes = shapes_of(given, classes())
    assert [shape.box and shape.box[2] for shape in shapes] == [None, None, 50, 20, 5]
    assert [shape.mask and shape.mask.area for shape in shapes[:2]] == [3600, 10]


def test_only_the_classes_that_were_asked_for() -> None:
    given = sample((1, 1, 5, 5), (1, 1, 50, 50), labels=[1, 2])
    assert [shape.row for shape in shapes_of(given, classes(), only={1})] == [1]


# cocodataset.org, category person: pairs of keypoint numbers from 1
COCO_PERSON = [(16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9), (8, 10)]
COCO_PERSON += [(9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7)]


def test_the_bones_of_a_person_are_those_of_coco() -> None:
    found = {frozenset(bone) for bone in bones_of_names(KEYPOINTS)}
    assert found == {frozenset((a - 1, b - 1)) for a, b in COCO_PERSON}


@pytest.mark.parametrize(
    ("names", "bones"),
    [
        (["Left Shoulder", "RIGHT-SHOULDER"], [(0, 1)]),
        (["left_ankle", "left_hip"], []),
        (["wheel", "door"], []),
        ([], []),
    ],
)
def test_bones_join_what_they_know(names: list[str], bones: list[tuple[int, int]]) -> None:
    assert list(bones_of_names(names)) == bones


def test_a_bone_to_a_keypoint_that_is_not_there_is_left_out() -> None:
    given = sample((1, 1, 50, 50), keypoints=[[1.0, 1.0, 2.0, 5.0, 5.0, 2.0]])
    assert shapes_of(given, classes(bones=[(0, 1), (1, 5)]))[0].bones == ((0, 1),)


def panoptic_png() -> bytes:
    picture = Image.new("RGB", (8, 4))
    picture.paste((44, 1, 0), (0, 0, 3, 4))  # 300
    picture.paste((0, 0, 1), (3, 0, 8, 2))  # 65536
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def test_panoptic_segments_are_the_pixels_of_their_number() -> None:
    segments = (Segment(65536, 5, 0, 10, (3, 0, 5, 2)), Segment(300, 6, 1, 12, (0, 0, 3, 4), crowd=True))
    given = sample(size=(8, 4))._replace(panoptic=Panoptic(panoptic_png(), segments))
    table = Classes([(5, "sky", None), (6, "cat", None)], {}, of_segments={5: 0, 6: 1})
    cat, sky = shapes_of(given, table)
    assert (cat.row, cat.crowd, sky.row) == (1, True, 0)
    assert cat.mask == Mask(4, 8, [0, 12, 20])
    assert sky.mask == Mask(4, 8, [12, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2])


def test_segments_are_left_out_where_objects_have_masks() -> None:
    segments = (Segment(300, 6, 1, 12, (0, 0, 3, 4)),)
    given = sample((0, 0, 3, 4), size=(8, 4), masks=[Mask(4, 8, [0, 12, 20])])
    given = given._replace(panoptic=Panoptic(panoptic_png(), segments))
    assert len(shapes_of(given, classes())) == 1


@pytest.mark.parametrize("data", [b"", b"no image", png(8, 4)[:40]])
def test_a_panoptic_image_that_cannot_be_decoded_has_no_shapes(data: bytes) -> None:
    given = sample(size=(8, 4))._replace(panoptic=Panoptic(data, (Segment(1, 6, 1, 12, (0, 0, 3, 4)),)))
    assert shapes_of(given, classes()) == []
