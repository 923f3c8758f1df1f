"""What worker processes gain: one and two, on inputs where they should help and on others where they must not harm."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from corpus import Corpus, write_dataset
from demands import Target
from environments import Environment
from equality import check_files
from measure import Cost, clear, in_turn, run, typical

MASKS = "masks, 4 shards"
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Input:
    """A corpus, and options of the command."""

    corpus: Corpus
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gain:
    """What one input costs with one worker and with two."""

    name: str
    records: int
    one: Cost
    two: Cost

    @property
    def ratio(self) -> float:
        """How many times as fast two are."""
        return self.one.seconds / self.two.seconds


def inputs(records: int) -> Mapping[str, Input]:
    """Inputs by name. records: of the standard corpus."""
    few = max(1, records // 4)
    return {
        MASKS: Input(Corpus(records=few, masks=True, shards=4)),
        "masks, 1 file": Input(Corpus(records=few, masks=True)),
        "standard, 1 file": Input(Corpus(records=records)),
        "standard, 4 shards": Input(Corpus(records=records, shards=4)),
        "standard, 4 shards, --no-images": Input(Corpus(records=records, shards=4), ("--no-images",)),
        "standard, 1 file, gzip": Input(Corpus(records=records, compression="gzip")),
        "images of 300 bytes, 1 file": Input(Corpus(records=5 * records, size=300, boxes=2)),
        "12 records": Input(Corpus(records=12)),
    }


def compare_workers(
    environment: Environment, folder: str, records: int, rounds: int, tell: Callable[[str], None]
) -> list[Gain]:
    """Measures every input, once both outputs are found to be the same. UnequalError where they are not."""
    gains = []
    for name, each in inputs(records).items():
        place = os.path.join(folder, "workers")
        tell(f"{name}: corpus")
        paths = write_dataset(place, each.corpus)
        runs = {str(jobs): partial(_convert, environment, paths, each.options, jobs, place) for jobs in (1, WORKERS)}
        tell(f"{name}: same results?")
        for one in runs.values():
            one()
        check_files(_output(place, 1), _output(place, WORKERS), content=True)
        costs = in_turn(runs, rounds, partial(_tell, tell, name))
        gains.append(Gain(name, each.corpus.records, typical(costs["1"]), typical(costs[str(WORKERS)])))
        clear(place)
    return gains


def judge_workers(gains: Iterable[Gain]) -> Iterator[Target]:
    """The demands on two workers: a gain where work is to be had, and never more than 5 % of a loss."""
    for gain in gains:
        bound = 1.6 if gain.name == MASKS else 1 / 1.05
        yield Target(f"1 worker / {WORKERS} workers: {gain.name}", gain.ratio, round(bound, 3), at_least=True)


def _convert(environment: Environment, paths: list[str], options: tuple[str, ...], jobs: int, place: str) -> Cost:
    """One conversion with so many workers."""
    out = _output(place, jobs)
    clear(out)
    command = [environment.command("tfrecord2coco"), "convert", *paths, "-o", out, "-q", "--jobs", str(jobs)]
    return run([*command, *options], path=environment.path)


def _output(place: str, jobs: int) -> str:
    return os.path.join(place, f"out-{jobs}")


def _tell(tell: Callable[[str], None], name: str, text: str) -> None:
    tell(f"{name}: {text} workers")
