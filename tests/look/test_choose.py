"""Which pictures are shown: some of every class, those of warnings first, the same ones every time."""

from __future__ import annotations

from collections.abc import Collection

from tfrecord_lite.errors import Location
from tfrecord_lite.look.choose import Candidate, Chooser, in_order


def offered(most: int, seed: int, *kinds: tuple[int, Collection[str]], narrow: bool = False) -> Chooser:
    """A chooser that met pictures: how many, and of which classes."""
    chooser = Chooser(most, seed, narrow=narrow)
    number = 0
    for count, names in kinds:
        for _ in range(count):
            codes = ("late",) if "warned" in names else ()
            where = Location("x", number, 0)
            candidate = Candidate(chooser.draw(), 0, number, 64, 48, codes, where)
            chooser.offer(candidate, [name for name in names if name != "warned"])
            number += 1
    return chooser


def test_all_are_shown_where_there_are_few() -> None:
    assert {each.number for each in offered(10, 0, (3, "a"), (4, "b")).choose()} == set(range(7))


def test_a_rare_class_is_among_them() -> None:
    for seed in range(5):
        chosen = offered(10, seed, (5000, "a"), (1, "b"), (3, "c"), (900, "a")).choose()
        assert len(chosen) == 10
        assert any(each.number == 5000 for each in chosen)
        assert any(5001 <= each.number < 5004 for each in chosen)


def test_pictures_without_objects_fill_the_rest() -> None:
    assert len(offered(10, 0, (3, "a"), (50, "")).choose()) == 10


def test_the_choice_is_that_of_its_seed() -> None:
    kinds = ((500, "a"), (500, "b"))
    assert offered(10, 1, *kinds).choose() == offered(10, 1, *kinds).choose()
    assert offered(10, 1, *kinds).choose() != offered(10, 2, *kinds).choose()


def test_they_come_in_the_order_of_the_input() -> None:
    chosen = offered(10, 3, (500, "a"), (500, "b"), (2, ("a", "warned"))).choose()
    numbers = [each.number for each in in_order(chosen)]
    assert numbers == sorted(each.number for each in chosen)


def test_warned_pictures_come_first() -> None:
    chooser = offered(10, 0, (500, "a"), (4, ("a", "warned")), (500, "b"))
    numbers = [each.number for each in in_order(chooser.choose(warned=True), warned=True)]
    assert numbers[:4] == [500, 501, 502, 503]
    assert len(numbers) == 10


def test_pictures_that_must_be_shown_are() -> None:
    chooser = offered(3, 0, (500, "a"))
    must = [Candidate(0.9, 0, number, 1, 1, (), Location("x")) for number in (7, 400)]
    assert [each.number for each in chooser.choose(must)][:2] == [7, 400]


def test_only_pictures_of_the_classes_that_were_asked_for() -> None:
    chooser = offered(20, 0, (500, "a"), (15, "b"), *((1, str(number)) for number in range(300)), narrow=True)
    assert {each.number for each in chooser.choose(only=["b"])} == set(range(500, 515))


def test_memory_does_not_grow_with_the_pictures() -> None:
    chooser = offered(10, 0, (3000, "a"), (3000, ("b", "warned")))
    kept = [chooser._all, chooser._warned, *chooser._by_class.values()]
    assert sum(len(group) for group in kept) <= 50
