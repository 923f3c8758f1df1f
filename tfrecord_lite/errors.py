"""What can go wrong, and where: the ground floor, which imports only how messages spell options.

    TFRecordLiteError
    ├── UsageError                    the call cannot be carried out as given (exit status 2)
    │   ├── InputError                an input is missing, given twice, or one shard of a set is not there
    │   ├── LabelMapError             a label map cannot be read: file, line and column
    │   └── OutputError               the output exists already, or cannot be where it was asked for
    ├── WorkerError                   a worker process died (exit status 2)
    ├── DataError                     the data is at fault (exit status 1): file, record, byte
    │   ├── RecordError               damage: these bytes are not sound records
    │   │   ├── TruncatedRecordError  the file ends inside a record
    │   │   ├── ChecksumError         a checksum does not match
    │   │   ├── CompressionError      the gzip or zlib stream is damaged, or of an unknown kind
    │   │   └── RecordSizeError       a record is larger than the limit
    │   ├── ExampleError              the record is sound, but is no tf.train.Example
    │   │   └── VideoError            it is a tf.train.SequenceExample
    │   ├── FeatureError              the Example says what COCO cannot say: feature key and value
    │   │   └── BudgetError           reading it would take more than one record may: the budgets module has the numbers
    │   ├── LayoutError               the records of a file follow no schema that is known
    │   ├── CocoFileError             a COCO file is no JSON, or has not the form of COCO: file, line, byte
    │   └── NoRecordsError            there is not one record in the whole input
    ├── ExhaustedError                the records of an input take more in all than one may: budgets (exit status 1)
    └── RejectedInputError            a conversion met any of the above, and published nothing

Every message reads ``where: what was found, what was expected. What to do.`` OSError passes through untouched.

Where this package writes a message, it names options as the command line does: ``--overwrite``, ``--on-error=recover``;
``spelling`` says how. ``str(error)`` is for callers of the library and names parameters instead; ``error.text`` is the
message as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from tfrecord_lite.spelling import Caller, in_python

_LONGEST_QUOTE = 60  # characters of a value that a message shows
_LONGEST_NAME = 200  # characters of a name that a message shows


def printable(text: str) -> str:
    """Text from a file, safe for a terminal: what would move the cursor or reorder the line is escaped.

    URLs lose what may be a secret: the query, which holds the signature of a signed one, and who asks.
    """
    if "://" in text:
        text = _QUERY.sub(r"\1?…", _USER.sub(r"\1…@", text))
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in unicodedata.normalize("NFC", text)
    )


def shortened(text: str) -> str:
    """A name of the data, such as a feature key, for a message: escaped, and of bearable length.

    One that could be taken for an option is in quotes, so that it stays as it is.
    """
    name = printable(text) if len(text) <= _LONGEST_NAME else printable(text[:_LONGEST_NAME]) + "…"
    return f"'{name}'" if " --" in f" {name}" else name


def quoted(value: str | bytes) -> str:
    """A value of the data in quotes for a message: escaped, and cut to a length that fits on a line."""
    text = value[: 4 * _LONGEST_QUOTE].decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    text = printable(text[: _LONGEST_QUOTE + 1])
    return f"'{text[:_LONGEST_QUOTE]}…'" if len(text) > _LONGEST_QUOTE else f"'{text}'"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 image``, ``2,000 images``, ``3 classes``, ``4 categories``, ``5 keys``."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    if noun.endswith("y") and noun[-2] not in "aeiou":
        plural = noun[:-1] + "ies"
    return f"{number:,} {noun if number == 1 else plural}"


def nearest(word: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The known words that somebody may have meant by another one, the most likely first."""
    from difflib import get_close_matches  # noqa: PLC0415 - only needed where a word is misspelled

    return get_close_matches(word, list(known), most)


_USER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^/\s?#@]+@")
_QUERY = re.compile(r"((?i:https?)://[^\s?#]+)\?[^\s]+")
"""What a URL has before its host, and after its path."""


_Error = TypeVar("_Error", bound="DataError")


class Location(NamedTuple):
    """A place in the input.

    file: the input as it was named.
    record: number of the record in its file, from 0; None where the place is the file itself.
    offset: byte of the record's first header byte in the uncompressed stream, from 0; None where there is none.
    """

    file: str
    record: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        name = printable(self.file)
        if self.record is None:
            return name if self.offset is None else f"{name}: byte {self.offset}"
        return f"{name}: record {self.record} at byte {self.offset}"


class TFRecordLiteError(Exception):
    """Base of every error that this package raises on purpose. ``str()`` names options as parameters of the library."""

    _caller: Caller | None = None
    _lead = 0  # characters of the text that are a place, and name no options

    @property
    def text(self) -> str:
        """The message as the command line says it, with options such as ``--overwrite``."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        text = self.text
        return text[: self._lead] + in_python(text[self._lead :], self._caller)

    def told_to(self, caller: Caller) -> None:
        """Names parameters that this function has, unless another one was told already."""
        self._caller = self._caller or caller

    def __reduce__(self) -> tuple[Any, ...]:
        # An error crosses the border of a process as it is; its constructor would compose the message once more.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[TFRecordLiteError], args: tuple[Any, ...], state: dict[str, Any]) -> TFRecordLiteError:
    """An error from another process."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(TFRecordLiteError):
    """The call cannot be carried out as given; no data was judged."""


class InputError(UsageError):
    """An input is missing, is given twice, or is an incomplete set of shards."""

    def __init__(self, path: str, problem: str) -> None:
        place = f"{printable(path)}: "
        super().__init__(place + printable(problem))
        self.path, self._lead = path, len(place)


class LabelMapError(UsageError):
    """A label map cannot be read. line and column count from 1; None where the file as a whole is wrong."""

    def __init__(self, path: str, problem: str, line: int | None = None, column: int | None = None) -> None:
        place = printable(path) + (f":{line}" if line else "") + (f":{column}" if line and column else "")
        super().__init__(f"{place}: label map: {problem}")
        self.path, self.problem, self.line, self.column = path, problem, line, column
        self._lead = len(place)


class OutputError(UsageError):
    """The output cannot be written where it was asked for."""

    def __init__(self, path: str, problem: str) -> None:
        place = f"{printable(path)}: "
        super().__init__(place + problem)
        self.path, self._lead = path, len(place)


class WorkerError(TFRecordLiteError):
    """A worker process ended before its work was done."""


class DataError(TFRecordLiteError):
    """The data is at fault at ``where``."""

    def __init__(self, where: Location, problem: str) -> None:
        place = f"{where}: "
        super().__init__(place + problem)
        self.where = where
        self.problem = problem
        self._lead = len(place)


def bare(error: _Error) -> _Error:
    """An error as a value, without the frames that raised it: they would hold the record as long as it is kept."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error


class RecordError(DataError):
    """These bytes are not sound records.

    length: bytes of the uncompressed stream that the damage takes away, from ``where.offset`` on; None where that is
        not known, as in a cut or damaged compressed stream.
    contained: whether it is certain what was lost: one record of known extent, or the tail that a cut took. Where it is
        False, records after the damage may be lost with it.
    """

    def __init__(self, where: Location, problem: str, *, length: int | None = None, contained: bool = False) -> None:
        super().__init__(where, problem)
        self.length = length
        self.contained = contained


class TruncatedRecordError(RecordError):
    """The file ends inside a record."""


class ChecksumError(RecordError):
    """A checksum does not match the bytes it is of."""


class CompressionError(RecordError):
    """The compressed stream is damaged, cut, or of a kind that TFRecord files do not use."""


class RecordSizeError(RecordError):
    """A record is larger than the limit."""


class ExampleError(DataError):
    """The record is sound, but its payload is no tf.train.Example."""


class VideoError(ExampleError):
    """The payload is a tf.train.SequenceExample: a video, each frame of which is an Example of its own."""


class FeatureError(DataError):
    """The Example says what COCO cannot say. key: the feature at fault; objects: how many are left out for it."""

    def __init__(self, where: Location, key: str, problem: str, objects: int = 1) -> None:
        key_first = f"{shortened(key)}: "
        super().__init__(where, key_first + problem)
        self.key = key
        self.objects = objects
        self._lead += len(key_first)


class BudgetError(FeatureError):
    """Reading the record would take more memory or time than one record may. ``budgets`` has the numbers."""


class ExhaustedError(TFRecordLiteError):
    """All records of an input together take more than an input of its size may. It ends a run: nothing is skipped."""


class LayoutError(DataError):
    """The records of a file follow no schema that is known, so that nothing of it can be converted."""


class CocoFileError(DataError):
    """A COCO file is no JSON, or has not the form of COCO. line counts from 1; None where the whole file is wrong."""

    def __init__(self, path: str, problem: str, line: int | None = None, offset: int | None = None) -> None:
        super().__init__(Location(path, None, offset), problem)
        self.line = line
        place = printable(path) if line is None else f"{printable(path)}: line {line}, byte {offset}"
        self.args = (f"{place}: {problem}",)
        self._lead = len(place)


class NoRecordsError(DataError):
    """There is not one record in the whole input."""


class RejectedInputError(TFRecordLiteError):
    """A conversion found faults in the data and published nothing.

    problems: the first of them, in input order; count: how many there were in all. advice: how to go on without them.
    """

    def __init__(self, problems: Sequence[DataError], count: int, advice: str = "") -> None:
        lines = [problem.text for problem in problems]
        if count > len(lines):
            lines.append(f"and {count - len(lines)} more like these")
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)
        self.count = count
        self.advice = advice

    def __str__(self) -> str:
        more = self.text.splitlines()[len(self.problems) :]
        advice = [in_python(self.advice, self._caller)] if self.advice else []
        return "\n".join([*map(str, self.problems), *more, *advice])

    def told_to(self, caller: Caller) -> None:
        """See above."""
        super().told_to(caller)
        for problem in self.problems:
            problem.told_to(caller)


@contextmanager
def speaking(caller: Caller) -> Iterator[None]:
    """Errors that are raised within are worded for the caller of this function."""
    try:
        yield
    except TFRecordLiteError as error:
        error.told_to(caller)
        raise
