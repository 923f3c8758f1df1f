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


def judge(costs: Mapping[str, Cost]) -> Iterator[Target]:
    """The demands on a single process. costs: medians by the title of the contestant."""

    def whole(over: str, under: str) -> float | None:
        return costs[over].seconds / costs[under].seconds if over in costs and under in costs else None

    def work(over: str, under: str) -> float | None:
        above, below = (costs[name].work if name in costs else None for name in (over, under))
        return above / below if above is not None and below else None

    iterators = [ratio for name in (TF_ITERATOR, TF_DATASET) if (ratio := work(name, OUR_LISTS)) is not None]
    faster = min(iterators, default=None)
    yield Target("TensorFlow's faster iterator / reading", faster, 3, at_least=True)
    yield Target("reading / floor without images", work(OUR_LISTS, FLOOR_CHECK), 2, at_least=False)
    yield Target("conversion / floor, whole processes", whole(ONE_JOB, FLOOR_WRITE), 1.6, at_least=False)
    yield Target("published script / conversion", whole(PUBLISHED, ONE_JOB), 15, at_least=True)
    yield Target("published script, bytes unchanged / conversion", whole(PUBLISHED_BYTES, ONE_JOB), 6, at_least=True)
    yield Target("Datumaro with media / conversion", whole(DATUMARO_MEDIA, ONE_JOB), 25, at_least=True)
    yield Target("--no-images / reading, in the process", work(OUR_ANNOTATIONS, OUR_LISTS), 2.5, at_least=False)
    yield Target("--no-images / reading, whole processes", whole(NO_IMAGES, OUR_LISTS), 2.5, at_least=False)
