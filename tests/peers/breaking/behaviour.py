"""What a reader does with a defect: it rejects the file, drops or changes objects, or computes something else.

A reader is a function that reads a dataset folder and says what it found: objects, as far as it shows any, and numbers
that must be what they are for the sound dataset. Each defect is read in a process of its own: some readers crash.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.metadata
import json
import multiprocessing
import os
import re
import resource
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from coco_datasets import Dataset
from coco_defects import Defect

LIMIT = 20  # seconds for one defect
_CRASHES = "crashes or never ends"  # which of them, of arithmetic with NaN in C, changes from run to run
_MEMORY = 3 << 30  # bytes that a reader may take for one small defect
_NOT_FAIR = {"I27"}  # what stands for a picture that is too large is no picture
_LONGEST = 60  # characters of an error's text

Thing = tuple[str, str, tuple[float, ...]]
"""An object: the name of its picture without folder and ending, its class, and its box."""


@dataclass
class Seen:
    """What a reader found. things: None where it shows none. numbers: by what they are called."""

    things: list[Thing] | None = None
    numbers: dict[str, float] = field(default_factory=dict)


class Meaning(NamedTuple):
    """What a dataset is about, whatever its defect: where that left a value sound it counts as it is there.

    sound: the main file as it would be without the defect. names, files: of categories and images by the sound ids.
    """

    things: list[Thing]
    sound: dict[str, Any]
    names: dict[int, str]
    files: dict[int, str]


class Case(NamedTuple):
    """What a reader gets."""

    folder: Path
    json: Path
    images: Path
    meaning: Meaning
    kind: str

    @property
    def sound(self) -> dict[str, Any]:
        """The main file as it would be without the defect."""
        return self.meaning.sound


class Reader(NamedTuple):
    """A reader. kinds: of datasets that it reads, by the names of their makers."""

    name: str
    distribution: str
    read: Callable[[Case], Seen]
    kinds: tuple[str, ...] = ("objects",)


def thing(file_name: object, category: object, box: Iterable[float]) -> Thing:
    """An object as all readers' are compared."""
    stem = Path(str(file_name)).stem
    return stem, str(category), tuple(round(float(value), 1) for value in box)


def handed_out(case: Case, file_name: object, entry: Mapping[str, Any]) -> Thing:
    """An object of a reader that hands out the entries as they are: what it does not look at cannot break it."""
    _, sound, names, files = case.meaning
    old: Mapping[str, Any] = next((each for each in sound["annotations"] if each["id"] == entry.get("id")), {})
    number, box = entry.get("category_id"), entry.get("bbox")
    name = names.get(number) if isinstance(number, int) else None
    if not isinstance(file_name, str):
        file_name = files.get(old.get("image_id", -1), file_name)
    if not (isinstance(box, list) and _is_box(box)):
        box = old.get("bbox", ())
    return thing(file_name, name or names.get(old.get("category_id", -1), str(number)), box)


def _is_box(box: object) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(type(value) in (int, float) for value in box)


def meaning_of(defect: Defect) -> Meaning:
    """What the dataset with this defect is about."""
    sound, broken = defect.base().coco, defect.dataset().coco
    names = _named(sound.get("categories"), broken.get("categories"), "name")
    files = _named(sound["images"], broken.get("images"), "file_name")
    entries = broken.get("annotations")
    things = []
    for place, old in enumerate(sound["annotations"]):
        new = entries[place] if isinstance(entries, list) and place < len(entries) else old
        box = new.get("bbox") if isinstance(new, dict) else None
        if not (isinstance(box, list) and _is_box(box)):
            box = old.get("bbox", ())
        things.append(thing(files[old["image_id"]], names.get(old.get("category_id"), ""), box))
    return Meaning(things, sound, names, files)


def _named(sound: object, broken: object, key: str) -> dict[int, str]:
    """What entries are called, by the ids that they have in the sound dataset, and by others that they were given."""
    names, more = {}, {}
    for place, old in enumerate(sound if isinstance(sound, list) else []):
        new = broken[place] if isinstance(broken, list) and place < len(broken) else old
        value = new.get(key) if isinstance(new, dict) else None
        names[old["id"]] = str(old.get(key, "") if value is None else value)
        if isinstance(new, dict) and type(new.get("id")) is int:
            more[new["id"]] = names[old["id"]]
    return names | {number: name for number, name in more.items() if number not in names}


def effect(reader: Reader, defect: Defect) -> str | None:
    """What a reader does on a defect that it does not do on the sound dataset; None where there is nothing."""
    before = _sound(reader, defect.base)
    meaning = meaning_of(defect)
    after = _read(reader, defect.dataset(), meaning, defect.base)
    return after if isinstance(after, str) else _difference(before, after, meaning.things)


@cache
def _sound(reader: Reader, base: Callable[[], Dataset]) -> Seen:
    """What a reader finds in a sound dataset: what there is."""
    meaning = meaning_of(Defect("", "", lambda _: None, base))
    seen = _read(reader, base(), meaning, base)
    what = seen if isinstance(seen, str) else _difference(seen, seen, meaning.things)
    if isinstance(seen, str) or what:
        raise AssertionError(f"{reader.name} {what}, of what is sound: {base.__name__}")
    return seen


def _read(reader: Reader, dataset: Dataset, meaning: Meaning, base: Callable[[], Dataset]) -> Seen | str:
    """What a reader finds in a dataset, or how it fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = dataset.write(folder)
        images = folder / "images" / "train"
        images.mkdir(parents=True, exist_ok=True)
        return _apart(reader, Case(folder, path, images, meaning, base.__name__))


def _difference(before: Seen, after: Seen, truth: list[Thing]) -> str | None:
    """What a reader found that is not meant."""
    if before.things is not None and after.things is not None:
        wanted, found = Counter(truth), Counter(after.things)
        lost, more = (wanted - found).total(), (found - wanted).total()
        if lost and more:
            return f"changes {lost} of {len(truth)} objects"
        if lost:
            return f"drops {lost} of {len(truth)} objects"
    for name, number in before.numbers.items():
        now = after.numbers.get(name, 0.0)
        if abs(now - number) > 0.0005:
            return f"computes {name} {now:.3g} instead of {number:.3g}"
    return None


def _apart(reader: Reader, case: Case) -> Seen | str:
    """What a reader finds, in a process of its own; or how it fails."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(reader, case, sender))
    child.start()
    sender.close()
    result: Seen | str = _CRASHES
    if receiver.poll(LIMIT):
        with contextlib.suppress(EOFError):
            result = receiver.recv()
    else:
        child.kill()
    child.join()
    return result


def _run(reader: Reader, case: Case, sender: Any) -> None:
    """Runs in the other process."""
    os.chdir(case.folder)
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + _MEMORY, taken + _MEMORY))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    warnings.simplefilter("ignore")
    try:
        sender.send(reader.read(case))
    except MemoryError:  # without a limit it would take all there is
        sender.send(_CRASHES)
    except BaseException as error:  # noqa: BLE001 - whatever a reader raises is what it does
        sender.send(f"rejects the file ({_said(error, case.folder)})")


def _said(error: BaseException, folder: Path) -> str:
    """An error in few words that are the same in every run; of a chain of them, the first."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    words = " ".join(str(error).replace(str(folder), "").replace(folder.name, "").split())
    words = re.sub(r"0x[0-9a-f]+|/\S*/", "…", words)
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + "…"


Effects = dict[str, dict[str, dict[str, str]]]


def table(readers: Iterable[Reader], defects: Iterable[Defect]) -> tuple[dict[str, str], Effects]:
    """Versions of the readers, and what each does: by code, case and reader."""
    readers = list(readers)
    effects: Effects = {}
    for defect in defects:
        if defect.code in _NOT_FAIR:
            continue
        for reader in readers:
            if defect.base.__name__ in reader.kinds and (what := effect(reader, defect)):
                effects.setdefault(defect.code, {}).setdefault(defect.case, {})[reader.name] = what
    return {reader.name: importlib.metadata.version(reader.distribution) for reader in readers}, effects


def effects_of(reader: Reader, effects: Effects) -> dict[tuple[str, str], str]:
    """What one reader does, by code and case."""
    return {
        (code, case): names[reader.name]
        for code, cases in effects.items()
        for case, names in cases.items()
        if reader.name in names
    }


def merged(path: Path, versions: Mapping[str, str], effects: Effects) -> dict[str, Any]:
    """The content of a table's file with these readers replaced."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    old: Effects = copy.deepcopy(content["effects"])
    for code, cases in effects.items():
        for case in cases:
            old.setdefault(code, {}).setdefault(case, {})
    kept: Effects = {}
    for code in sorted(old):
        for case in sorted(old[code]):
            known = {name: what for name, what in old[code][case].items() if name not in versions}
            if now := known | effects.get(code, {}).get(case, {}):
                kept.setdefault(code, {})[case] = dict(sorted(now.items()))
    readers = {**content["readers"], **versions}
    return {"readers": dict(sorted(readers.items(), key=lambda item: item[0].casefold())), "effects": kept}
