"""What the project demands of its speed, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contestants import (
    DATUMARO_MEDIA,
    FLOOR_CHECK,
    FLOOR_WRITE,
    NO_IMAGES,
    ONE_JOB,
    OUR_ANNOTATIONS,
    OUR_LISTS,
    PUBLISHED,
    PUBLISHED_BYTES,
    TF_DATASET,
    TF_ITERATOR,
)
from measure import Cost


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio with its bound.

    measured: None where a part of it could not be measured. at_least: whether the bound is a lower one.
    """

    text: str
    measured: float | None
    bound: float
    at_least: bool

    @property
    def met(self) -> bool | None:
        """Whether the demand is met; None where that is not known."""
        if self.measured is None:
            return None
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def as_row(self) -> tuple[str, str, str, str]:
        """Text, wanted, measured, mark."""
        sign = "≥" if self.at_least else "≤"
        measured = "not measured" if self.measured is None else f"{self.measured:.2f}"
        return self.text, f"{sign} {self.bound:g}", measured, {True: "✔", False: "✘", None: "–"}[self.met]


def judge_reading(costs: Mapping[str, Cost]) -> Iterator[Target]:
    """The demands on reading, by the work inside the process. costs: medians by the title of the contestant."""
    for name in (TF_ITERATOR, TF_DATASET):
        yield Target(f"{name} / reading", _ratio(_work(costs, name), _work(costs, OUR_LISTS)), 3, at_least=True)
    to_floor = _ratio(_work(costs, OUR_LISTS), _work(costs, FLOOR_CHECK))
    yield Target("reading / floor without images", to_floor, 2, at_least=False)


def judge_conversion(readers: Mapping[str, Cost], costs: Mapping[str, Cost], place: str) -> Iterator[Target]:
    """The demands on conversion by a single process. readers, costs: medians by title. place: where costs were met."""

    def whole(over: str, under: str, of: Mapping[str, Cost] = costs) -> float | None:
        return _ratio(_whole(costs, over), _whole(of, under))

    floor, copying = whole(ONE_JOB, FLOOR_WRITE), whole(PUBLISHED_BYTES, ONE_JOB)
    yield Target(f"{place}: conversion / floor, whole processes", floor, 1.6, at_least=False)
    yield Target(f"{place}: published script / conversion", whole(PUBLISHED, ONE_JOB), 15, at_least=True)
    yield Target(f"{place}: published script, bytes unchanged / conversion", copying, 6, at_least=True)
    yield Target(f"{place}: Datumaro with media / conversion", whole(DATUMARO_MEDIA, ONE_JOB), 25, at_least=True)
    inside = _ratio(_work(costs, OUR_ANNOTATIONS), _work(readers, OUR_LISTS))
    yield Target(f"{place}: --no-images / reading, in the process", inside, 2.5, at_least=False)
    outside = whole(NO_IMAGES, OUR_LISTS, readers)
    yield Target(f"{place}: --no-images / reading, whole processes", outside, 2.5, at_least=False)


def _work(costs: Mapping[str, Cost], title: str) -> float | None:
    return costs[title].work if title in costs else None


def _whole(costs: Mapping[str, Cost], title: str) -> float | None:
    return costs[title].seconds if title in costs else None


def _ratio(above: float | None, below: float | None) -> float | None:
    """None where one of them was not measured."""
    return above / below if above is not None and below else None
