"""What is in record files: how many records, which schema, which keys, which classes how often. Nothing is decoded."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any

from tfrecord_lite.errors import DataError, FeatureError, LayoutError, RecordError, counted, printable, quoted
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import parse_record
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.schemas.detect import SAMPLE_BYTES, SAMPLE_RECORDS, choose, settle, settles
from tfrecord_lite.schemas.evidence import KeyFacts, add_keys
from tfrecord_lite.schemas.read.packed import unpack
from tfrecord_lite.schemas.schema import Schema, present
from tfrecord_lite.tfrecord.framing import Record
from tfrecord_lite.tfrecord.records import Paths, as_list, ignore_bytes, scan_records

_MOST_KEYS = 1000  # that are counted one by one


@dataclass(slots=True)
class Contents:
    """What one file holds.

    file: its name; split: the one that its name tells.
    records: sound records; problems: what is wrong, the first of it in words.
    schema, evidence: the schema that its records follow, and what that was decided by; None where none is known.
    keys: every feature key. classes: number and text of objects' classes, with how often they come.
    """

    file: str
    split: str | None
    records: int = 0
    problems: int = 0
    first_problem: str | None = None
    schema: str | None = None
    evidence: tuple[str, ...] = ()
    keys: dict[str, KeyFacts] = field(default_factory=dict)
    classes: Counter[tuple[int | None, str | None]] = field(default_factory=Counter)

    def add_problem(self, problem: DataError) -> None:
        """Counts what is wrong."""
        self.problems += 1
        if self.first_problem is None:
            self.first_problem = problem.text

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints of the file."""
        return {
            "file": printable(self.file),
            "split": self.split,
            "records": self.records,
            "problems": {"count": self.problems, "first": self.first_problem},
            "schema": self.schema,
            "evidence": list(self.evidence),
            "keys": {
                printable(key): {"kind": facts.kind, "least": facts.least, "most": facts.most, "records": facts.records}
                for key, facts in sorted(self.keys.items())
            },
            "classes": [
                {"number": number, "text": text, "objects": count} for (number, text), count in self._ordered_classes()
            ],
        }

    def _ordered_classes(self) -> list[tuple[tuple[int | None, str | None], int]]:
        return sorted(self.classes.items(), key=lambda item: (-item[1], str(item[0])))

    def as_lines(self) -> Iterator[str]:
        """The same for people."""
        yield f"{printable(self.file)}: {counted(self.records, 'record')}, {self.schema or 'no known schema'}"
        for text in self.evidence:
            yield f"  {text}"
        if self.first_problem:
            yield f"  {counted(self.problems, 'problem')}, first: {self.first_problem}"
        width = max((len(printable(key)) for key in self.keys), default=0)
        for key, facts in sorted(self.keys.items()):
            length = str(facts.least) if facts.least == facts.most else f"{facts.least}-{facts.most}"
            records = counted(facts.records, "record")
            yield f"  {printable(key):<{width}}  {facts.kind or 'empty':<6} {length:<8} in {records}"
        for (number, name), count in self._ordered_classes():
            parts = [] if number is None else [str(number)]
            parts += [] if name is None else [quoted(name)]
            yield f"  class {' '.join(parts)}: {counted(count, 'object')}"


def inspect(
    inputs: Paths,
    options: ReadOptions | None = None,
    *,
    allow_missing_shards: bool = False,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Contents]:
    """Reads files to their ends and says what they hold, one after the other.

    Raises:
        InputError: an input is missing. OSError: a file cannot be read.
    """
    options = options or ReadOptions()
    for shard in find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards).shards:
        contents = Contents(shard.name, shard.split)
        examples = _examples(shard.path, contents, options, on_bytes or ignore_bytes)
        head = _head(examples)
        choice = None
        if head:
            try:
                choice = choose([example for example, _ in head], shard.path, options)
            except LayoutError as error:
                contents.add_problem(error)
        while head:
            for example, size in chain(_emptied(head), examples):
                if choice is not None and settles(choice, example, shard.path, options):
                    head = _head(chain([(example, size)], examples))
                    choice = settle(choice, [example for example, _ in head], shard.path, options)
                    break
                add_keys(contents.keys, example, _MOST_KEYS)
                if choice is not None:
                    contents.classes.update(_classes(example, choice.schema))
                del example  # a large record must not be held while the next one is read
        if choice is not None:
            contents.schema, contents.evidence = choice.schema.name, choice.evidence
        yield contents


def _examples(
    path: str, contents: Contents, options: ReadOptions, on_bytes: Callable[[int], None]
) -> Iterator[tuple[Example, int]]:
    """The Examples of a file, with the size of each in bytes; what is wrong with the rest is counted."""
    for event in scan_records(path, contents.file, max_record_size=options.max_record_size, on_bytes=on_bytes):
        if isinstance(event, RecordError):
            contents.add_problem(event)
        elif isinstance(event, Record):
            contents.records += 1
            size = len(event.payload)
            try:
                parsed = iter(parse_record(event.payload, event.where))
                del event  # as above
                for example in parsed:
                    if isinstance(example, Example):
                        yield example, size
                    del example
            except DataError as error:
                contents.add_problem(error)


def _head(examples: Iterable[tuple[Example, int]]) -> list[tuple[Example, int]]:
    """The next records, as many as it takes to judge."""
    head: list[tuple[Example, int]] = []
    total = 0
    for each in examples:
        head.append(each)
        total += each[1]
        if len(head) >= SAMPLE_RECORDS or total >= SAMPLE_BYTES:
            break
    return head


def _emptied(examples: list[tuple[Example, int]]) -> Iterator[tuple[Example, int]]:
    """These, each forgotten as soon as it is passed on."""
    examples.reverse()
    while examples:
        yield examples.pop()


def _classes(example: Example, schema: Schema) -> Iterator[tuple[int | None, str | None]]:
    """Number and text of the class of each object."""
    with contextlib.suppress(FeatureError):  # a conversion tells what is wrong
        example = unpack(example, schema)
    numbers = [value for value in example.values(present(example, schema.number)) if not isinstance(value, bytes)]
    texts = [value for value in example.values(present(example, schema.text)) if isinstance(value, bytes)]
    for number, text in zip_longest(numbers, texts):
        known = number is not None and number - number == 0  # neither NaN nor infinite
        yield int(number or 0) if known else None, None if text is None else text.decode(errors="replace")
