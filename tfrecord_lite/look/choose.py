"""Which pictures are shown: a sample of all that is met, some of every class, and those with warnings.

One pass, and memory that grows with the number of pictures to show only. Every picture draws a random number; of each
class those with the smallest numbers stay. The more classes are met, the fewer stay of each: the smallest few are among
the smallest many, so that the result does not depend on when that became known.
"""

from __future__ import annotations

import random
from bisect import insort
from collections.abc import Collection, Hashable, Iterable
from typing import NamedTuple

from tfrecord_lite.errors import Location

_MOST_CLASSES = 10_000  # whose pictures are kept apart
_FEWEST = 4  # pictures of a class that are kept, however many classes there are


class Candidate(NamedTuple):
    """A picture that may be shown.

    draw: its random number, from 0 to 1. source: which input it is from; number: which of that input's pictures.
    width, height: in pixels. codes: of its warnings. where: its record.
    """

    draw: float
    source: int
    number: int
    width: int
    height: int
    codes: tuple[str, ...]
    where: Location


class Chooser:
    """Chooses pictures while they pass by. The same pictures and the same seed give the same choice.

    most: how many are to be shown. narrow: whether only pictures of some classes will be asked for.
    """

    def __init__(self, most: int, seed: int, *, narrow: bool = False) -> None:
        self._most = most
        self._narrow = narrow
        self._chance = random.Random(seed)  # noqa: S311 - pictures, not secrets
        self._all: list[Candidate] = []  # these and those of each class: the smallest draws first
        self._warned: list[Candidate] = []
        self._by_class: dict[Hashable, list[Candidate]] = {}

    def draw(self) -> float:
        """The random number of the next picture."""
        return self._chance.random()

    def offer(self, candidate: Candidate, classes: Collection[Hashable]) -> None:
        """Takes note of a picture. classes: those that it has."""
        for each in classes:
            if each not in self._by_class and len(self._by_class) < _MOST_CLASSES:
                self._by_class[each] = []
        most = self._most_of_a_class()
        for each in classes:
            if (group := self._by_class.get(each)) is not None:
                _keep(group, candidate, most)
        _keep(self._all, candidate, self._most)
        if candidate.codes:
            _keep(self._warned, candidate, self._most)

    def _most_of_a_class(self) -> int:
        """How many pictures of each class may have to be shown."""
        if self._narrow:
            return self._most
        return max(_FEWEST, 2 * self._most // max(1, len(self._by_class)))

    def choose(
        self, first: Iterable[Candidate] = (), only: Collection[Hashable] | None = None, *, warned: bool = False
    ) -> list[Candidate]:
        """The pictures to show, those first that matter most.

        Args:
            first: pictures that must be among them.
            only: classes of which a picture must hold one; None for all pictures.
            warned: whether pictures with warnings go before the others.
        """
        wanted = set(self._by_class) if only is None else set(only)
        classes = [group for each, group in self._by_class.items() if each in wanted]
        eligible = {candidate for group in classes for candidate in group}
        rest = self._all if only is None else []
        warned_ones = [each for each in self._warned if only is None or each in eligible] if warned else []
        chosen = dict.fromkeys([*first, *warned_ones])
        self._chance.shuffle(classes)
        rounds = max(map(len, classes), default=0)
        in_turn = [group[turn] for turn in range(rounds) for group in classes if turn < len(group)]
        for candidate in [*in_turn, *rest]:
            if len(chosen) >= self._most:
                break
            chosen.setdefault(candidate)
        return list(chosen)[: self._most]


def _keep(group: list[Candidate], candidate: Candidate, most: int) -> None:
    """Keeps a candidate, where it is among the ``most`` with the smallest draws."""
    insort(group, candidate)
    del group[most:]


def in_order(chosen: Iterable[Candidate], *, warned: bool = False) -> list[Candidate]:
    """Pictures in the order of the input; those with warnings before the others, where that is asked."""
    return sorted(chosen, key=lambda each: (not (warned and each.codes), each.source, each.number))
