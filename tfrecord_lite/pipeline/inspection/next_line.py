"""How to call ``convert`` next: a line that works when it is pasted, and the options that may help in it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tfrecord_lite.errors import RecordError, counted, printable
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.labels.choose import hint
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.option import words_of
from tfrecord_lite.pipeline.conversion.decide import Decided
from tfrecord_lite.report import SplitReport
from tfrecord_lite.spelling import roles_in

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.inspection.inspection import Inspection

_PROGRAM = "tfrecord2coco"
_OUTPUT = "coco"
_UNREAD = "-not-read"  # how codes of warnings of content that nothing reads end
_ADVISED = "with the guesses of the warnings"
_NAMED = "with a label map that has these classes"

Trial = Callable[[Mapping[str, object]], "Inspection | None"]


class Line(NamedTuple):
    """What to type next. words: as a program gets them; text: as a shell takes it. note: what it does to bad data."""

    words: tuple[str, ...]
    text: str
    note: str = ""


def line_of(inputs: Sequence[str], given: Mapping[str, object], note: str = "") -> Line | None:
    """The line that converts inputs; None where an option has a value that cannot be typed.

    Args:
        inputs: as they were named.
        given: the options, by name.
        note: what the line does to bad data.
    """
    try:
        options = words_of(CONVERT_OPTIONS, given)
    except ValueError:
        return None
    named = list(inputs)
    if any(each.startswith("-") and each != STDIN for each in named):
        words = ["convert", "-o", _new_output(), *options, "--", *named]
    else:
        words = ["convert", *named, "-o", _new_output(), *options]
    words = [printable(word) if is_url(word) else word for word in words]  # a signature is for the user to put back
    text = " ".join(_in_shell(word) for word in (_PROGRAM, *words))
    return Line((_PROGRAM, *words), text + (" < FILE" if STDIN in named else ""), note)


class Advice:
    """Finds the line to use next.

    inputs: as they were named. given: the options, by name. decided: what a conversion would decide.
    trial: an inspection with other options; None where there may be no more of these.
    """

    def __init__(self, inputs: Sequence[str], given: Mapping[str, Any], decided: Decided, trial: Trial | None) -> None:
        self._inputs = inputs
        self._given = given
        self._decided = decided
        self._trial = trial

    def of_accepted(self, paths: Sequence[str]) -> Line | None:
        """Where a conversion is done: the line with options that read or name more, if there are such. paths: read."""
        line = None if self._trial is None else self._reading_more() or self._naming(paths)
        return line or line_of(self._inputs, self._given, _losses(self._decided.reports))

    def of_refused(self, *, can_skip: bool) -> Line | None:
        """Where a conversion is refused: the line with options that help. can_skip: whether skipping does."""
        if can_skip:
            return line_of(self._inputs, {**self._given, "on_error": "skip"}, _losses(self._decided.reports))
        tried = (self._trial(options) if self._trial is not None else None for options in self._remedies())
        return next((each.next_line for each in tried if each is not None and each.next_line is not None), None)

    def _reading_more(self) -> Line | None:
        """With the options that warnings of unread content name, where these read it and lose nothing."""
        roles, codes = dict(self._given["roles"] or {}), set()
        for report in self._decided.reports:
            for code, found in report.findings.items():
                if code.endswith(_UNREAD):
                    codes.add(code)
                    roles |= roles_in(found.typed)
        if roles == (self._given["roles"] or {}):
            return None
        objects = sum(each.annotations for each in self._decided.reports)
        return self._better(
            {"roles": roles}, _ADVISED, lambda tried, left: tried.objects >= objects and left.isdisjoint(codes)
        )

    def _naming(self, paths: Sequence[str]) -> Line | None:
        """With a label map that is near, where it has all classes that nothing names."""
        path = hint(self._decided.resolved.label_map, paths) if self._given["label_map"] is None else None
        if path is None:
            return None
        return self._better({"label_map": path}, _NAMED, lambda _, left: "class-not-in-label-map" not in left)

    def _better(
        self, options: Mapping[str, object], note: str, is_better: Callable[[Inspection, set[str]], bool]
    ) -> Line | None:
        """With these options, where a conversion accepts them. is_better: by its inspection and its codes."""
        tried = None if self._trial is None else self._trial(options)
        if tried is None or tried.verdict.status != "done" or tried.next_line is None:
            return None
        codes = {code for report in tried.reports for code in report.findings}
        return tried.next_line._replace(note=note) if is_better(tried, codes) else None

    def _remedies(self) -> Iterator[dict[str, object]]:
        """Options that may help where skipping what is bad does not, or leaves nothing."""
        lasting = [problem for report in self._decided.reports for problem in report.lasting]
        problems = [problem for report in self._decided.reports for problem in report.problems]
        advised = [roles for each in (*lasting, *problems) if (roles := roles_in(each.text))]
        if advised and not self._given["roles"]:
            yield {"roles": advised[0]}
        if any(isinstance(each, RecordError) for each in lasting):
            yield {"on_error": "recover"}


def _losses(reports: Collection[SplitReport]) -> str:
    """What is left out of these, in words."""
    records = sum(report.dropped_records for report in reports)
    objects = sum(report.dropped_annotations for report in reports)
    lost = [counted(count, noun) for count, noun in ((records, "record"), (objects, "object")) if count]
    return f"without {' and '.join(lost)} at fault" if lost else ""


def _new_output() -> str:
    """A folder that is not there yet."""
    name, number = _OUTPUT, 1
    while os.path.lexists(name):
        number += 1
        name = f"{_OUTPUT}-{number}"
    return name


def _in_shell(word: str) -> str:
    """A word as bash and zsh take it, without a character that would move the cursor."""
    if word.isprintable():
        return shlex.quote(word)
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}" for byte in os.fsencode(word)
    )
    return f"$'{plain}'"
