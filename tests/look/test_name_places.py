"""Where names stand: in the picture, beside what is small, and not on each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.look.name_places import SMALL, place_names


def test_a_name_is_above_a_large_object_and_beside_a_small_one() -> None:
    boxes = [(50.0, 50.0, 150.0, 150.0), (200.0, 100.0, 220.0, 110.0)]
    large, small = place_names(boxes, [(40, 14), (40, 14)], 400, 300)
    assert large == (50, 36)
    assert small == (222, 98)


def test_a_name_that_has_no_room_above_goes_inside() -> None:
    assert place_names([(10.0, 5.0, 150.0, 150.0)], [(40, 14)], 400, 300) == [(10, 5)]


def test_the_names_of_one_place_do_not_hide_each_other() -> None:
    box = (100.0, 100.0, 200.0, 200.0)
    corners = place_names([box] * 7, [(40, 14)] * 7, 400, 300)
    assert len(set(corners)) == 7
    for number, (x, y) in enumerate(corners):
        assert not any(abs(x - other_x) < 40 and abs(y - other_y) < 14 for other_x, other_y in corners[:number])


def test_a_name_does_not_hide_another_small_object() -> None:
    small, beside = (100.0, 100.0, 120.0, 120.0), (125.0, 100.0, 145.0, 120.0)
    (x, y), _ = place_names([small, beside], [(40, 14), (40, 14)], 400, 300)
    assert x + 40 <= beside[0] or x >= beside[2] or y + 14 <= beside[1] or y >= beside[3]


SIDES = st.floats(-50, 450)


@given(st.lists(st.tuples(SIDES, SIDES, SIDES, SIDES, st.integers(1, 80)), max_size=12))
def test_every_name_is_in_the_picture(drawn: list[tuple[float, float, float, float, int]]) -> None:
    boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d, _ in drawn]
    sizes = [(width, 14) for *_, width in drawn]
    for (x, y), (width, height) in zip(place_names(boxes, sizes, 400, 300), sizes, strict=True):
        assert 0 <= x <= 400 - width
        assert 0 <= y <= 300 - height


def test_small_is_what_its_name_would_cover() -> None:
    assert SMALL == 40
