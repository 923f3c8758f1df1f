"""Pictures with everything that is said of them: what stands where, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from looked_at import SIZE, classes, sample
from PIL import Image
from tfrecords import jpeg, png

from tfrecord_lite.errors import Location
from tfrecord_lite.look.classes import Classes, style_of
from tfrecord_lite.look.draw import draw
from tfrecord_lite.look.fonts import Fonts
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Image as StoredImage
from tfrecord_lite.sample import Objects, Sample

FONTS = Fonts()
SKY = Classes([(7, "sky", None)], {}, of_pixels={7: 0})


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


ORANGE, BLUE = rgb(style_of(0).colour), rgb(style_of(4).colour)


def drawn(given: Sample, size: tuple[int, int] = SIZE, **options: object) -> Image.Image:
    return draw(given, classes(), FONTS, size, **options)[0]  # type: ignore[arg-type]


def test_a_box_is_a_line_of_the_colour_of_its_class_around_what_stays_visible() -> None:
    picture = drawn(sample((100, 80, 150, 120)))
    for place in ((100, 150), (250, 150), (200, 80), (200, 200)):
        assert picture.getpixel(place) == ORANGE
    for place in ((175, 140), (90, 150), (260, 150), (200, 210)):
        assert picture.getpixel(place) == (255, 255, 255)


def test_boxes_are_drawn_at_the_scale_of_the_picture() -> None:
    picture = drawn(sample((100, 80, 150, 120)), (200, 150))
    assert picture.size == (200, 150)
    assert picture.getpixel((50, 75)) == ORANGE
    assert picture.getpixel((125, 75)) == ORANGE


def test_the_picture_itself_is_not_changed() -> None:
    assert drawn(sample()).getcolors() == [(SIZE[0] * SIZE[1], (255, 255, 255))]


def test_the_name_is_on_its_colour_above_the_box() -> None:
    picture = drawn(sample((100, 80, 150, 120), labels=[5]))
    label = picture.crop((100, 64, 112, 79))
    colours = {colour for _, colour in label.getcolors() or ()}
    assert BLUE in colours
    assert (255, 255, 255) in colours, "white text on blue"


def test_a_small_object_is_not_covered_by_its_name() -> None:
    picture = drawn(sample((100, 100, 20, 20)))
    assert picture.getpixel((110, 110)) == (255, 255, 255)
    assert picture.getpixel((124, 110)) == ORANGE


def test_small_objects_are_drawn_over_large_ones() -> None:
    given = sample((110, 80, 60, 60), (100, 80, 200, 150), labels=[1, 5])
    assert drawn(given).getpixel((150, 80)) == ORANGE


def test_a_mask_lays_its_colour_over_its_pixels_and_a_hole_stays_free() -> None:
    # 4 x 4 pixels, foreground but for the corner and the hole: columns ###. ##.# #### ####
    mask = Mask(4, 4, [0, 3, 1, 2, 1, 9])
    picture = drawn(sample((0, 0, 4, 4), size=(4, 4), masks=[mask]), (400, 400))
    assert picture.getpixel((250, 250)) == picture.getpixel((350, 150))
    red, green, blue = picture.getpixel((250, 250))  # type: ignore[misc]
    assert 255 > green > blue, "orange over white"
    assert red > green
    assert picture.getpixel((150, 250)) == (255, 255, 255)
    assert picture.getpixel((50, 350)) == (255, 255, 255)


def test_polygons_are_filled() -> None:
    given = sample((100, 100, 100, 100), polygons=[[[100, 100, 200, 100, 200, 200, 100, 200]]])
    assert drawn(given).getpixel((150, 150)) not in (ORANGE, (255, 255, 255))


def test_the_pixels_of_a_class_have_no_box() -> None:
    given = sample(size=(4, 4))._replace(stuff={7: Mask(4, 4, [0, 8, 8])})
    picture = draw(given, SKY, FONTS, (400, 400))[0]
    assert len(picture.getcolors() or ()) == 2
    assert picture.getpixel((100, 200)) != picture.getpixel((300, 200)) == (255, 255, 255)


def test_keypoints_are_full_where_they_can_be_seen_and_bones_join_them() -> None:
    points = [50.0, 150.0, 2.0, 150.0, 150.0, 2.0, 250.0, 150.0, 1.0, 350.0, 150.0, 0.0]
    given = sample((20, 20, 360, 260), keypoints=[points])
    table = classes(bones=[(0, 1), (1, 2), (2, 3)])
    picture = draw(given, table, FONTS, SIZE)[0]
    assert picture.getpixel((50, 150)) == ORANGE
    assert picture.getpixel((100, 150)) == ORANGE, "a bone"
    assert picture.getpixel((250, 150)) not in (ORANGE, (255, 255, 255)), "hidden: hollow"
    assert picture.getpixel((350, 150)) == (255, 255, 255), "not labelled"
    assert picture.getpixel((300, 150)) == (255, 255, 255), "no bone to what is not labelled"


def test_only_some_classes() -> None:
    picture = drawn(sample((100, 80, 150, 120), (10, 80, 50, 120), labels=[1, 5]), only=[4])
    assert picture.getpixel((100, 150)) == (255, 255, 255)
    assert picture.getpixel((10, 150)) == BLUE


def without_image() -> Sample:
    given = sample((100, 80, 150, 120))
    return given._replace(image=given.image._replace(data=None))


def damaged() -> Sample:
    given = sample((100, 80, 150, 120))
    return given._replace(image=given.image._replace(data=(given.image.data or b"")[:60]))


@pytest.mark.parametrize("make", [without_image, damaged])
def test_a_picture_without_pixels_is_gray_with_its_boxes(make: Callable[[], Sample]) -> None:
    picture, is_missing = draw(make(), classes(), FONTS, SIZE)
    assert is_missing
    assert picture.getpixel((100, 150)) == ORANGE
    red, green, _ = picture.getpixel((175, 140))  # type: ignore[misc]
    assert 150 < red < 250
    assert abs(red - green) < 8


def stored(data: bytes, image_format: str, size: tuple[int, int]) -> Sample:
    return Sample(Location("x"), b"", StoredImage(data, image_format, *size, "", None), Objects())


@pytest.mark.parametrize(
    ("data", "image_format"),
    [
        (png(40, 30, 77), "png"),
        (png(40, 30, (77, 77, 77, 255)), "png"),
        (jpeg(40, 30, (77, 77, 77)), "jpeg"),
        (jpeg(40, 30, 77), "jpeg"),
    ],
)
def test_pictures_of_any_mode_become_rgb(data: bytes, image_format: str) -> None:
    picture = drawn(stored(data, image_format, (40, 30)), (20, 15))
    assert picture.mode == "RGB"
    assert all(abs(value - 77) < 3 for value in picture.getpixel((10, 7)))  # type: ignore[union-attr]


def test_what_is_transparent_is_white() -> None:
    assert drawn(stored(png(40, 30, (0, 0, 0, 0)), "png", (40, 30)), (20, 15)).getpixel((5, 5)) == (255, 255, 255)


def test_of_very_many_objects_the_smallest_are_left_out() -> None:
    small = (10.0, 10.0, 2.0, 2.0)
    large = [(100.0, 80.0, 150.0, 120.0)] * 500
    assert drawn(sample(*large, small)).tobytes() == drawn(sample(*large)).tobytes()


def test_drawing_is_the_same_every_time() -> None:
    given = sample((100, 80, 150, 120), (50, 50, 30, 30), labels=[1, 9])
    assert drawn(given).tobytes() == drawn(given).tobytes()


FAR = [1e30, -1e30, 1e300, -1e300, 1e9]


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("label", [1, 9])
def test_what_lies_far_outside_does_not_keep_anyone_waiting(far: float, label: int) -> None:
    points = [far, far, 2.0, 50.0, 50.0, 2.0]
    polygons = [[[10, 10, far, 10, 10, far], [100, 100, 200, 100, 200, 200, 100, 200]]]
    given = sample((100, 80, far, 50), labels=[label], keypoints=[points], polygons=polygons)
    picture = draw(given, classes(bones=[(0, 1)]), FONTS, SIZE)[0]
    assert picture.getpixel((150, 150)) != (255, 255, 255)


def test_a_mask_too_large_for_its_pixels_is_drawn_by_its_outline() -> None:
    side = 1 << 14
    given = sample(size=SIZE)._replace(stuff={7: Mask(side, side, [0, side * side // 2, side * side // 2])})
    given = given._replace(image=given.image._replace(width=side, height=side))
    picture = draw(given, SKY, FONTS, (40, 40))[0]
    assert picture.getpixel((10, 20)) != picture.getpixel((30, 20)) == (255, 255, 255)
