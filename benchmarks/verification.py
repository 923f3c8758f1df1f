"""Before anything is timed: do all programs give the same, as far as each claims to?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from contestants import ONE_JOB, OUR_IMAGES, OUR_JSON, Contestant, Gives
from environments import OURS, Environment
from equality import UnequalError, check_files, check_same, load
from measure import clear, run

READERS = (Gives.RECORDS, Gives.LISTS)


def check_all(
    programs: Mapping[str, Contestant],
    environments: Mapping[str, Environment],
    corpus: str,
    folder: str,
    tell: Callable[[str], None],
) -> None:
    """Runs each program once, and compares what it gives. UnequalError at the first difference."""
    reference = os.path.join(folder, "reference")
    first = programs[ONE_JOB]
    run(first.command(environments[OURS], corpus, reference), path=environments[OURS].path)
    said: dict[Gives, str] = {}
    for title, one in programs.items():
        tell(f"same results? {title}")
        try:
            if one.gives in READERS:
                _check_reader(one, environments[one.environment], corpus, said)
            else:
                _check_converter(one, environments[one.environment], corpus, folder, reference)
        except UnequalError as error:
            raise UnequalError(f"{title}: {error}") from None
    clear(reference)


def _check_reader(one: Contestant, environment: Environment, corpus: str, said: dict[Gives, str]) -> None:
    """All readers of one kind read the same values."""
    command = [*one.command(environment, corpus, ""), "--digest"]
    answer = run(command, path=environment.path).said
    if answer != said.setdefault(one.gives, answer):
        raise UnequalError(f"it read {answer}, others {said[one.gives]}")


def _check_converter(one: Contestant, environment: Environment, corpus: str, folder: str, reference: str) -> None:
    """The output of a converter agrees with that of our command with one worker."""
    out = os.path.join(folder, "out")
    run(one.command(environment, corpus, out), path=environment.path)
    images, json = os.path.join(out, one.images), os.path.join(out, one.json)
    if one.environment == OURS and one.gives is Gives.BYTES:
        check_files(reference, out, content=True)
    elif one.gives is not Gives.FLOOR:
        check_same(load(os.path.join(reference, OUR_JSON)), load(json))
    if one.gives is not Gives.ANNOTATIONS:
        check_files(os.path.join(reference, OUR_IMAGES), images, content=one.gives is not Gives.IMAGES)
    clear(out)
