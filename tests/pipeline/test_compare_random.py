"""Random datasets in two forms: equal to themselves in any order, and never to a dataset with one change."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from two_forms import CLASSES, FORMS, Model, Picture, Thing, write_coco

from tfrecord_lite import compare, convert, pack

WIDTH, HEIGHT = 60, 40
Draw = Callable[..., Any]
SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.slow


def hundredths(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda number: number / 100)


@st.composite
def things(draw: Draw) -> Thing:
    x, y = draw(hundredths(0, 5000)), draw(hundredths(0, 3000))
    left, top = draw(st.integers(0, 50)), draw(st.integers(0, 30))
    places = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
    points = st.tuples(hundredths(0, 5900), hundredths(0, 3900), st.integers(0, 2))
    return Thing(
        (x, y, draw(hundredths(1, 900)), draw(hundredths(1, 900))),
        draw(st.sampled_from(CLASSES[:3])),
        (left, top, draw(st.integers(1, 10)), draw(st.integers(1, 10))),
        draw(st.sets(places, max_size=3)),
        draw(st.integers(0, 1)),
        draw(st.integers(8, 9600)) / 4,  # where no area of a file is above 1, they are taken for fractions of the image
        draw(st.lists(points, min_size=2, max_size=2)),
        draw(st.integers(0, 1)),
        draw(st.sampled_from(["left", "right", "ü"])),
    )


@st.composite
def models(draw: Draw) -> Model:
    words = st.text("ab é", min_size=1, max_size=3)
    return [
        Picture(
            f"{number}.png",
            (WIDTH, HEIGHT),
            (number, 0, draw(st.integers(0, 255))),
            # the same object may be there twice
            draw(st.lists(things(), max_size=4).flatmap(lambda some: st.just(some + some[:1]) | st.just(some))),
            draw(st.lists(words, max_size=2)),
            draw(st.sampled_from(["2013", "2014"])),
            draw(st.sampled_from(["indoor", "outdoor"])),
        )
        for number in range(draw(st.integers(1, 3)))
    ]


def another(draw: Draw, value: Any, values: Any) -> Any:
    """One of the values that is not this one."""
    return draw(st.sampled_from([each for each in values if each != value]))


def moved(draw: Draw, thing: Thing) -> tuple[float, float, float, float]:
    box = list(thing.box)
    box[draw(st.integers(0, 3))] += draw(st.sampled_from([0.01, 0.02, 1.0, 9.0]))
    x, y, width, height = (round(value, 2) for value in box)
    return x, y, width, height


def flipped(draw: Draw, thing: Thing) -> set[tuple[int, int]]:
    return thing.flipped ^ {(draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1)))}


def seen_otherwise(_: Draw, thing: Thing) -> list[tuple[float, float, int]]:
    (x, y, seen), *others = thing.keypoints
    return [(x, y, (seen + 1) % 3), *others]


def elsewhere(_: Draw, thing: Thing) -> list[tuple[float, float, int]]:
    """A point that is labelled, and moved where it was."""
    first, (x, y, seen) = thing.keypoints
    return [first, (round(x + 0.02, 2), y, seen or 2)]


OF_IMAGES: dict[str, Callable[[Draw, Picture], Any]] = {
    "colour": lambda _, picture: (*picture.colour[:2], picture.colour[2] ^ 1),
    "captions": lambda _, picture: [*picture.captions, "a"],
    "date": lambda _, picture: picture.date + "-01",
    "text": lambda draw, picture: another(draw, picture.text, ["indoor", "outdoor", ""]) or "other",
    "rejected": lambda *_: ["bird"],
}
OF_THINGS: dict[str, list[Callable[[Draw, Thing], Any]]] = {
    "box": [moved],
    "name": [lambda draw, thing: another(draw, thing.name, CLASSES)],
    "flipped": [flipped],
    "crowd": [lambda _, thing: 1 - thing.crowd],
    "area": [lambda draw, thing: thing.area + draw(st.sampled_from([0.25, 100.0]))],
    "keypoints": [seen_otherwise, elsewhere],
    "difficult": [lambda _, thing: 1 - thing.difficult],
    "pose": [lambda _, thing: thing.pose + "!"],
}


@st.composite
def changes(draw: Draw) -> tuple[Model, Model]:
    """A dataset, and the same with one change."""
    before = draw(models())
    after = copy.deepcopy(before)
    number = draw(st.integers(0, len(after) - 1))
    picture = after[number]
    what = draw(st.sampled_from(["drop", *OF_IMAGES, *(["drop", "twice", *OF_THINGS] if picture.things else [])]))
    if what in OF_IMAGES:
        setattr(picture, what, OF_IMAGES[what](draw, picture))
        return before, after
    if not picture.things or (what == "drop" and draw(st.booleans())):
        del after[number]
        return before, after
    place = draw(st.integers(0, len(picture.things) - 1))
    thing = copy.deepcopy(picture.things[place])
    if what in OF_THINGS:
        setattr(thing, what, draw(st.sampled_from(OF_THINGS[what]))(draw, thing))
    picture.things[place : place + 1] = {"drop": [], "twice": [thing, thing]}.get(what, [thing])
    return before, after


FORM = st.sampled_from(list(FORMS.values()))


@SETTINGS
@given(models(), FORM, FORM, st.sampled_from([1, -1]))
def test_a_dataset_is_equal_to_itself(model: Model, first: Any, second: Any, order: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        a, b = first(model, Path(folder, "a")), second(model, Path(folder, "b"), order=order)
        found = compare(a, b, strict=True)
        assert found.equal, str(found)


@SETTINGS
@given(changes(), FORM, FORM, st.booleans(), st.sampled_from([1, -1]))
def test_one_change_is_found(change: tuple[Model, Model], first: Any, second: Any, turned: bool, order: int) -> None:
    before, after = change[::-1] if turned else change
    with tempfile.TemporaryDirectory() as folder:
        a, b = first(before, Path(folder, "a")), second(after, Path(folder, "b"), order=order)
        assert not compare(a, b).equal


@settings(SETTINGS, max_examples=20)
@given(models())
def test_a_round_trip_changes_nothing(model: Model) -> None:
    with tempfile.TemporaryDirectory() as folder:
        coco, records, back = write_coco(model, Path(folder, "a")), Path(folder, "b"), Path(folder, "c")
        pack(coco, records)
        convert(records, back)
        for other in (records, back):
            found = compare(coco, other, strict=True)
            assert found.equal, str(found)


@settings(SETTINGS, max_examples=40)
@given(models(), models(), FORM, FORM)
def test_the_result_is_the_same_in_any_order(a: Model, b: Model, first: Any, second: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        results = [
            compare(first(a, Path(folder, str(order), "a"), order=order), second(b, Path(folder, str(order), "b")))
            for order in (1, -1)
        ]
        assert results[0].differences == results[1].differences
        turned = compare(Path(folder, "1", "b"), Path(folder, "1", "a"))
        assert {each.kind: each.count for each in turned.differences} == {
            each.kind: each.count for each in results[0].differences
        }
