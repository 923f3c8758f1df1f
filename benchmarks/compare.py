"""The whole comparison: other readers and converters beside this package, and a floor below all of them.

    python benchmarks/compare.py [--records 4000] [--rounds 5] [--write]

Each is run as a process of its own, in an environment that pip installs under .venv-peers/ (`--use tensorflow=PYTHON`
takes one that is there already). First all results are compared, as far as each program claims to give them; any
difference ends the run with status 1. Then all are run in turn, round by round, on a warm page cache; the tables show
medians. What cannot be installed is left out, and said.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from contestants import FLOOR_CHECK, FLOOR_WRITE, ONE_JOB, Contestant, contestants
from corpus import Corpus, write_dataset
from environments import IMPORTS, OURS, REQUIREMENTS, Environment, MissingError, given, installed
from equality import UnequalError
from measure import CommandError, Cost, in_turn, run, typical
from page import machine, table, write_section
from places import DISK, MEMORY, Place, memory_folder
from verification import READERS, check_all

_MOST_AT_ONCE = 250_000  # bytes a record in memory: two outputs


def tell(text: str) -> None:
    """Progress, for a person."""
    print(f"... {text}", file=sys.stderr, flush=True)


def find_environments(use: Mapping[str, str], without: Sequence[str]) -> tuple[dict[str, Environment], dict[str, str]]:
    """The environments that are there, and why others are not."""
    found, missing = {}, {}
    for name in REQUIREMENTS:
        tell(f"environment {name}")
        try:
            if name in without:
                raise MissingError("not asked for")
            found[name] = given(name, use[name]) if name in use else installed(name)
        except MissingError as error:
            missing[name] = str(error)
    return found, missing


def time_all(
    programs: Mapping[str, Contestant],
    environments: Mapping[str, Environment],
    corpus: str,
    places: Sequence[Place],
    rounds: int,
) -> tuple[dict[str, Cost], dict[str, dict[str, Cost]]]:
    """Medians.

    Returns:
        Those of the readers, and of the imports of every environment under its name; those of the converters, by the
        name of the place where they write.
    """

    def convert(one: Contestant, place: Place) -> Cost:
        environment, out = environments[one.environment], place.fresh()
        try:
            return run(one.command(environment, corpus, out), path=environment.path)
        finally:
            place.settle(out)

    runs = {}
    for title, one in programs.items():
        if one.gives in READERS:
            environment = environments[one.environment]
            runs[title] = partial(run, one.command(environment, corpus, ""), path=environment.path)
        for place in () if one.gives in READERS else places:
            runs[f"{place.name}: {title}"] = partial(convert, one, place)
    for name, each in environments.items():
        runs[name] = partial(run, [each.python, "-c", IMPORTS[name]], path=each.path)
    costs = {name: typical(found) for name, found in in_turn(runs, rounds, tell).items()}
    return costs, {
        place.name: {title: costs[f"{place.name}: {title}"] for title in programs if f"{place.name}: {title}" in costs}
        for place in places
    }


# ------------------------------------------------------------------------------------------------ what is printed
def program_table(programs: Mapping[str, Contestant], costs: Mapping[str, Cost], records: int, *, readers: bool) -> str:
    """Readers, by their work inside the process; or converters, by whole processes."""
    floor = costs[FLOOR_CHECK if readers else FLOOR_WRITE]
    rows = []
    for title, one in programs.items():
        if (one.gives in READERS) != readers:
            continue
        cost = costs[title]
        work = "" if cost.work is None else f"{cost.work / records * 1e6:.1f}"
        if readers:
            ratios = [f"{(cost.work or 0) / (floor.work or 1):.2f}"]
        else:
            ratios = [f"{cost.seconds / floor.seconds:.2f}", f"{cost.seconds / costs[ONE_JOB].seconds:.2f}"]
        peak = f"{cost.peak / 1e6:.0f}"
        name = f"{title} ({one.remark})" if one.remark else title
        rows.append((name, f"{cost.seconds:.2f}", f"{cost.cpu_seconds:.2f}", work, *ratios, peak))
    ratios = ["x floor"] if readers else ["x floor", "x 1 job"]
    return table(("program", "process, s", "CPU, s", "work, µs a record", *ratios, "peak, MB"), rows)


def environment_table(environments: Mapping[str, Environment], costs: Mapping[str, Cost]) -> str:
    """What it takes to begin: imports and disk."""
    rows = []
    for name, each in environments.items():
        cost = costs[name]
        size = "not measured" if each.size is None else f"{each.size / 1e6:.0f}"
        rows.append((name, f"{cost.seconds:.2f}", f"{cost.peak / 1e6:.0f}", size))
    versions = (f"* {name}: {each.versions()}" for name, each in environments.items())
    return "\n".join((table(("environment", "import, s", "peak, MB", "site-packages, MB"), rows), "", *versions))


def report(sections: Sequence[tuple[str, str]]) -> str:
    return "\n\n".join(f"{title}\n\n{text}" if title else text for title, text in sections if text)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="This package beside others, and a floor below all of them.")
    add = parser.add_argument
    add("--records", type=int, default=4000, help="of the standard corpus: 94 KB and 7 boxes each")
    add("--rounds", type=int, default=5)
    add("--jobs", type=int, default=os.cpu_count() or 1, help="of the line with all jobs; default: the CPUs")
    add("--use", action="append", default=[], metavar="NAME=PYTHON", help=f"NAME: one of {', '.join(REQUIREMENTS)}")
    add("--without", action="append", default=[], metavar="NAME", help="an environment to leave out")
    add("--work", metavar="DIR", help="where the corpora and outputs stand for a while; default: the temporary folder")
    add("--write", action="store_true", help="put the results into README.md")
    options = parser.parse_args()
    named = {*options.without, *(each.partition("=")[0] for each in options.use)}
    if unknown := sorted(named - REQUIREMENTS.keys()):
        parser.error(f"no such environment: {', '.join(unknown)}; there are {', '.join(REQUIREMENTS)}")
    if OURS in options.without:
        parser.error(f"{OURS} cannot be left out")
    if options.rounds < 1 or options.records < 1:
        parser.error("at least one round and one record")
    return options


def main() -> None:
    options = parse()
    environments, missing = find_environments(dict(each.split("=", 1) for each in options.use), options.without)
    if OURS in missing:
        sys.exit(f"{OURS}: {missing[OURS]}")
    everyone = contestants(options.jobs)
    programs = {title: one for title, one in everyone.items() if one.environment in environments}
    with ExitStack() as folders:
        folder = folders.enter_context(tempfile.TemporaryDirectory(dir=options.work))
        places = [Place(DISK, folder)]
        if (memory := memory_folder(_MOST_AT_ONCE * options.records)) is not None:
            places.append(Place(MEMORY, folders.enter_context(tempfile.TemporaryDirectory(dir=memory))))
        tell("corpus")
        (corpus,) = write_dataset(os.path.join(folder, "standard"), Corpus(records=options.records))
        try:
            check_all(programs, environments, corpus, places[-1].folder, tell)
            costs, conversions = time_all(programs, environments, corpus, places, options.rounds)
        except UnequalError as error:
            sys.exit(f"the results differ: {error}")
        except CommandError as error:
            sys.exit(f"cannot be run: {error}")
    left_out = [f"left out: {name} ({reason})" for name, reason in missing.items()]
    if len(places) == 1:
        left_out.append("left out: conversions in memory (no such place, or no room)")
    size = f"{options.records} records of 94 KB with 7 boxes, medians of {options.rounds} rounds, warm page cache"
    text = report(
        (
            ("", machine(size, *left_out)),
            ("### Reading", program_table(programs, costs, options.records, readers=True)),
            *(
                (f"### Conversion, written to {name}", program_table(programs, found, options.records, readers=False))
                for name, found in conversions.items()
            ),
            ("### Imports and size", environment_table(environments, costs)),
        )
    )
    print(text)
    if options.write:
        write_section("compare", text)


if __name__ == "__main__":
    main()
