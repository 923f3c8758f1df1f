"""Boxes by their centre, by a corner and a length, by four numbers of unknown order; and of which a side is absent."""

from __future__ import annotations

import re
import shlex

import pytest
from results import Convert, named, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import Box, detection, floats, ints, jpeg, png, texts

from tfrecord_lite.errors import RejectedInputError

BBOX = "image/object/bbox/"
BARE = {key: value for key, value in detection("a.jpg", labels=[1, 2]).items() if not key.startswith(BBOX)}
BOXES = (CAT, DOG)


def lists(boxes: tuple[Box, ...], size: tuple[int, int] = (1, 1)) -> dict[str, list[float]]:
    """Everything that a script may write of boxes, divided by the size."""
    return {
        "xmin": [box[0] / size[0] for box in boxes], "xmax": [box[2] / size[0] for box in boxes],
        "ymin": [box[1] / size[1] for box in boxes], "ymax": [box[3] / size[1] for box in boxes],
        "xcenter": [(box[0] + box[2]) / 2 / size[0] for box in boxes],
        "ycenter": [(box[1] + box[3]) / 2 / size[1] for box in boxes],
        "box_width": [(box[2] - box[0]) / size[0] for box in boxes],
        "box_height": [(box[3] - box[1]) / size[1] for box in boxes],
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------- centres and lengths
FORMS = [
    ("xcenter", "ycenter", "box_width", "box_height"),
    ("xmin", "ymin", "box_width", "box_height"),
    ("xmin", "ycenter", "xmax", "box_height"),
]


@pytest.mark.parametrize("size", [(1, 1), (WIDTH, HEIGHT)], ids=["pixels", "fractions"])
@pytest.mark.parametrize("roles", FORMS, ids="-".join)
def test_boxes_by_centre_or_length(converted: Convert, roles: tuple[str, ...], size: tuple[int, int]) -> None:
    """Whatever keys of boxes the schema had before: these roles stand in for them."""
    values = lists(BOXES, size)
    record = BARE | {BBOX + role: floats(*values[role]) for role in roles}
    done = converted(record, roles={role: BBOX + role for role in roles}, strict=True)
    assert [each["bbox"] for each in done.coco["annotations"]] == [xywh(box) for box in BOXES]


def test_centres_and_lengths_of_different_number_are_reported_by_their_roles(converted: Convert) -> None:
    values = lists(BOXES)
    record = BARE | {BBOX + role: floats(*values[role]) for role in FORMS[0]} | {BBOX + "ycenter": floats(3)}
    with pytest.raises(RejectedInputError, match="xcenter has 2, ycenter has 1, box_width has 2, box_height has 2"):
        converted(record, roles={role: BBOX + role for role in FORMS[0]})


# -------------------------------------------------------------------------------------------------------- a side absent
@pytest.mark.parametrize("absent", ["xmin", "ymin", "xmax", "ymax"])
@pytest.mark.parametrize("other", ["zl", "y min"])
def test_an_absent_side_is_reported_with_the_key_that_could_be_it_and_the_advice_works(
    converted: Convert, absent: str, other: str
) -> None:
    record = detection("a.jpg", boxes=BOXES, labels=[1, 2], **{"image/object/difficult": ints(0, 1)})
    record[BBOX + other] = record.pop(BBOX + absent)
    with pytest.raises(RejectedInputError) as caught:
        converted(record)
    (text,) = caught.value.text.splitlines()
    assert f"{absent} has 0" in text
    assert f"{absent} is absent" in text
    (line,) = re.findall(r"--map (.*)$", text)
    role, _, key = shlex.split(line)[0].partition("=")
    assert (role, key) == (absent, BBOX + other)
    done = converted(record, roles={role: key})
    assert [each["bbox"] for each in done.coco["annotations"]] == [xywh(box) for box in BOXES]


@pytest.mark.parametrize(
    "others", [{}, {BBOX + "zl": floats(0.5)}, {BBOX + "zl": ints(1, 2)}, {"image/object/area": floats(5, 6)}]
)
def test_no_key_is_named_where_none_could_be_the_absent_side(converted: Convert, others: dict[str, bytes]) -> None:
    record = detection("a.jpg", boxes=BOXES, drop=[BBOX + "ymin"])
    with pytest.raises(RejectedInputError, match="ymin is absent") as caught:
        converted(record | others)
    assert "--map" not in caught.value.text


# ---------------------------------------------------------------------------------------- four numbers of unknown order
FLAT = {"pic": texts(jpeg(WIDTH, HEIGHT)), "kind": texts("cat", "dog")}
ROLES = {"encoded": "pic", "box": "rects", "text": "kind"}
ORDERS = {
    "yxyx": [value for x0, y0, x1, y1 in BOXES for value in (y0, x0, y1, x1)],
    "xyxy": [value for box in BOXES for value in box],
    "xywh": [value for box in BOXES for value in xywh(box)],
}


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_that_is_not_said_is_a_warning_with_advice_that_works(converted: Convert, order: str) -> None:
    """What is taken is told, and the true order is always among what would fit."""
    record = FLAT | {"rects": floats(*ORDERS[order])}
    text = converted(record, roles=ROLES).report["warnings"]["box-order-guessed"]["first"]
    offered = text.split("--map box_order=")[1].split(" or ")
    assert f"taken for {offered[0]}" in text
    assert order in offered
    done = converted(record, roles={**ROLES, "box_order": order}, strict=True)
    assert named(done.coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]


def test_the_one_order_that_the_values_allow_is_taken(converted: Convert) -> None:
    """A box at the right edge of a wide picture: as corners it would be upside down or outside."""
    record = {"pic": texts(png(200, 60)), "rects": floats(150, 10, 40, 30, 5, 5, 3, 2), "kind": texts("cat", "dog")}
    done = converted(record, roles=ROLES)
    assert [each["bbox"] for each in done.coco["annotations"]] == [[150, 10, 40, 30], [5, 5, 3, 2]]
    assert "xywh, which alone fits" in done.report["warnings"]["box-order-guessed"]["first"]


@pytest.mark.parametrize(("values", "guessed"), [((0.1, 0.2, 0.5, 0.6), False), ((0.7, 0.6, 0.2, 0.1), True)])
def test_tensorflow_datasets_have_y_before_x_unless_the_values_say_otherwise(
    converted: Convert, values: Box, guessed: bool
) -> None:
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "objects/bbox": floats(*values), "objects/label": texts("cat")}
    assert ("box-order-guessed" in converted(record).report["warnings"]) == guessed
