"""One record file -> its samples: records parsed, the schema chosen by the first of them, each record read by it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import fields, replace
from itertools import chain
from typing import NamedTuple

from tfrecord_lite.budgets import add_input
from tfrecord_lite.errors import DataError, LayoutError, Location, RecordError, bare, speaking
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.sequence import parse_record
from tfrecord_lite.inputs.discover import Shard, find_sources
from tfrecord_lite.inputs.place import Status
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import RECOVERED, Finding, Sample
from tfrecord_lite.schemas.detect.choice import (
    SAMPLE_BYTES,
    SAMPLE_FEATURES,
    SAMPLE_RECORDS,
    Choice,
    choose,
    settle,
    settles,
)
from tfrecord_lite.schemas.read.record import SampleReader, SampleReaders
from tfrecord_lite.spelling import Caller, in_python
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, Record, Repair
from tfrecord_lite.tfrecord.records import (
    READING,
    Paths,
    Policy,
    Span,
    as_list,
    ignore_bytes,
    read_records,
    scan_records,
)

_DEFAULTS = ReadOptions()
_READING = Caller({"allow_missing_shards", "on_error"}, {field.name for field in fields(ReadOptions)})
_LONGEST_HEAD = 256  # records and damages that wait until a schema is chosen


class _Parsed(NamedTuple):
    """A record that is an Example."""

    example: Example
    fingerprint: bytes
    size: int


class ShardPart(NamedTuple):
    """The part of a file that is read at a time.

    span: its records; None for all of the file.
    choice: how they are read; None to decide by the first of them. Of a span it must be settled.
    status: of the file before it was divided. is_last: whether the file ends here.
    """

    span: Span | None = None
    choice: Choice | None = None
    status: Status | None = None
    is_last: bool = True


WHOLE_FILE = ShardPart()


class ShardReader:
    """Reads one file, or a part of it. Iterating gives, for each record, a Sample, or the DataError in its place.

    records: how many sound records were met so far.
    choice: how they are read; None before the first is, or where there is none.
    findings: about the file as a whole, after it was read.

    Args:
        shard: the file.
        options: how records are read.
        on_bytes: called with numbers of input bytes that were read.
        part: what to read of it.
        readers: those to go on with, where other files were read by the same options.
        on_example: is shown every Example before it is read.
    """

    def __init__(
        self,
        shard: Shard,
        options: ReadOptions,
        on_bytes: Callable[[int], None] | None = None,
        part: ShardPart = WHOLE_FILE,
        readers: SampleReaders | None = None,
        on_example: Callable[[Example], None] | None = None,
    ) -> None:
        self.shard = shard
        self.records = 0
        self.choice = part.choice
        self.findings: list[Finding] = []
        self._options = options
        self._told = on_bytes or ignore_bytes
        self._part = part
        self._is_pipe = False
        self._readers = readers or SampleReaders(options)
        self._on_example = on_example

    def __iter__(self) -> Iterator[Sample | DataError]:
        before = self.shard.status() if self._part.span is None else self._part.status
        self._is_pipe = before is None
        events = self._parse()
        head: deque[_Parsed | DataError] = deque()
        if self.choice is None:
            head = yield from self._gather(events)
            try:
                self.choice = choose(_examples(head), self.shard.path, self._options) if head else None
            except LayoutError as error:
                yield bare(error)
                return
        while self.choice is not None:
            reader = self._readers.of(self.choice)
            while head:
                yield self._read(reader, head.popleft())
            for event in events:
                if not self.choice.has_boxes and self._settles(event):
                    # Everything from here on is read by what the next records say of boxes.
                    head = yield from self._gather(chain([event], events))
                    self.choice = settle(self.choice, _examples(head), self.shard.path, self._options)
                    break
                yield self._read(reader, event)
                del event  # a large record must not be held while the next one is read
            else:
                break
        if self._part.is_last:
            self._note_end(before)

    def choose(self) -> Choice | None:
        """How the whole file is read, by its first records alone; None where that does not settle it."""
        examples = _examples(_result_of(self._gather(self._parse())))
        try:
            choice = choose(examples, self.shard.path, self._options) if examples else None
        except LayoutError:
            return None
        return choice if choice is not None and choice.has_boxes else None

    def _note_end(self, before: Status | None) -> None:
        """Adds the findings about a file that was read to its end."""
        where = Location(self.shard.name)
        if not self.records and self._part.span is None:
            self.findings.append(Finding("file-without-records", where, "the file has no records"))
        if before != self.shard.status():
            text = "the file changed while it was read; what was added is not included"
            self.findings.append(Finding("file-changed", where, text))

    def _gather(self, events: Iterator[_Parsed | DataError]) -> Generator[DataError, None, deque[_Parsed | DataError]]:
        """The next records, as many as it takes to judge. Yields the damages before the first of them."""
        head: deque[_Parsed | DataError] = deque()
        examples = size = features = 0
        for event in events:
            if isinstance(event, _Parsed):
                examples += 1
                size += event.size
                features += sum(1 for _ in event.example)
            elif not examples:
                yield event
                continue
            head.append(event)
            if examples >= SAMPLE_RECORDS or size >= SAMPLE_BYTES or features >= SAMPLE_FEATURES:
                break
            if len(head) >= _LONGEST_HEAD:
                break
        return head

    def _settles(self, event: _Parsed | DataError) -> bool:
        """Whether this is the first record with boxes, which shows how boxes are to be read."""
        if self.choice is None or not isinstance(event, _Parsed):
            return False
        return settles(self.choice, event.example, self.shard.path, self._options)

    def _on_bytes(self, count: int) -> None:
        """Reports input bytes that were read. How many a pipe has was not known before."""
        if self._is_pipe:
            add_input(count)
        self._told(count)

    def _parse(self) -> Iterator[_Parsed | DataError]:
        """The file's records, parsed."""
        options = self._options
        for event in scan_records(
            self.shard.path,
            self.shard.name,
            max_record_size=options.max_record_size,
            recover=options.recover,
            span=self._part.span,
            on_bytes=self._on_bytes,
        ):
            if isinstance(event, RecordError):
                yield event
                continue
            if isinstance(event, Repair):
                self.findings.append(Finding(RECOVERED, event.where, event.text))
                continue
            self.records += 1
            parsed = _parse(event)
            del event  # a large record must not be held while it is read
            if isinstance(parsed, _ONE_EVENT):
                if self._on_example is not None and isinstance(parsed, _Parsed):
                    self._on_example(parsed.example)
                yield parsed
            else:
                for each in parsed:
                    if isinstance(each, Finding):
                        self.findings.append(each)
                        continue
                    if self._on_example is not None and isinstance(each, _Parsed):
                        self._on_example(each.example)
                    yield each
                    del each  # likewise
            del parsed

    @staticmethod
    def _read(reader: SampleReader, event: _Parsed | DataError) -> Sample | DataError:
        """What a record says, or why it cannot be said."""
        if isinstance(event, DataError):
            return event
        try:
            return reader.read(event.example, event.fingerprint)
        except DataError as error:
            return bare(error)


_ONE_EVENT = (_Parsed, DataError)


def _parse(record: Record) -> _Parsed | DataError | Iterator[_Parsed | DataError | Finding]:
    """A record as an Example, or as the frames of its video; or why it is neither."""
    payload = record.payload
    # Two records with one checksum, length and end are the same record.
    fingerprint = b"%d %d %b" % (record.checksum, len(payload), payload[-64:])
    try:
        examples = parse_record(payload, record.where)
    except DataError as error:
        return bare(error)
    if isinstance(examples, tuple):
        return _Parsed(examples[0], fingerprint, len(payload))
    return _parse_frames(examples, fingerprint, len(payload))


def _parse_frames(
    frames: Iterable[Example | Finding], fingerprint: bytes, size: int
) -> Iterator[_Parsed | DataError | Finding]:
    """The frames of a video, each a record of its own."""
    try:
        for index, frame in enumerate(frames):
            yield frame if isinstance(frame, Finding) else _Parsed(frame, fingerprint + b" %d" % index, size)
    except DataError as error:
        yield bare(error)


def _result_of(head: Generator[DataError, None, deque[_Parsed | DataError]]) -> deque[_Parsed | DataError]:
    """What a generator returns; what it yields is met again when the records are read."""
    while True:
        try:
            next(head)
        except StopIteration as stop:
            result: deque[_Parsed | DataError] = stop.value
            return result


def _examples(events: Iterable[_Parsed | DataError]) -> list[Example]:
    """The records among these that are Examples."""
    return [event.example for event in events if isinstance(event, _Parsed)]


def read_examples(
    inputs: Paths,
    *,
    max_record_size: int = MAX_RECORD_SIZE,
    allow_missing_shards: bool = False,
    on_error: str = "fail",
    on_problem: Callable[[DataError], None] | None = None,
) -> Iterator[Example]:
    """Reads every record of the inputs as a tf.train.Example.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        max_record_size: the largest record to accept, in bytes.
        allow_missing_shards: accept sets of shards with gaps.
        on_error: ``fail`` to raise at the first record that is bad, ``skip`` to leave out what is bad, ``recover`` to
            look for records after damaged headers as well.
        on_problem: called with each problem that is passed over.

    Yields:
        ``example.floats(key)``, ``.ints(key)``, ``.blobs(key)``, ``example.where``, and ``example.message``, the
        protobuf message itself.

    Raises:
        DataError: at the first damage, or record that is no Example. InputError: an input is missing.
    """
    records = read_records(
        inputs,
        max_record_size=max_record_size,
        allow_missing_shards=allow_missing_shards,
        on_error=on_error,
        on_problem=on_problem,
    )
    with speaking(READING):
        policy = Policy(on_error, on_problem)
        for record in records:
            try:
                example = Example.parse(record.payload, record.where)
            except DataError as error:
                policy.pass_over(bare(error))
            else:
                yield example


def read_samples(
    inputs: Paths,
    options: ReadOptions = _DEFAULTS,
    *,
    allow_missing_shards: bool = False,
    on_error: str = "fail",
    on_problem: Callable[[DataError], None] | None = None,
) -> Iterator[Sample]:
    """Reads every record of the inputs as an image with its objects, without label map or COCO.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        options: how the records are read.
        allow_missing_shards: accept sets of shards with gaps.
        on_error: ``fail`` to raise at the first record or object that is bad, ``skip`` to leave out what is bad,
            ``recover`` to look for records after damaged headers as well.
        on_problem: called with each problem that is passed over.

    Yields:
        ``sample.image`` and ``sample.objects``, boxes in pixels, and ``sample.findings``.

    Raises:
        DataError: at the first damage or object that has no place in an image. InputError: an input is missing.
    """
    with speaking(_READING):
        policy = Policy(on_error, on_problem)
        options = replace(options, recover=options.recover or policy.recovers)
        readers = SampleReaders(options)
        for shard in find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards).shards:
            for event in ShardReader(shard, options, readers=readers):
                if isinstance(event, DataError):
                    policy.pass_over(event)
                    continue
                for refused in event.refused:
                    policy.pass_over(refused)
                yield _for_callers(event)


def _for_callers(sample: Sample) -> Sample:
    """A sample that outlives its record, and whose findings name parameters."""
    data = sample.image.data
    findings = tuple(each._replace(text=in_python(each.text, _READING)) for each in sample.findings)
    return sample._replace(image=sample.image._replace(data=None if data is None else bytes(data)), findings=findings)
