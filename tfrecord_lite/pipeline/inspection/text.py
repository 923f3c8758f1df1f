"""What ``inspect`` found, as text for a terminal: a table of the files, then what a person asks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tfrecord_lite.errors import counted, printable, shortened
from tfrecord_lite.inputs.names import shard_number
from tfrecord_lite.look.counts import spread
from tfrecord_lite.look.survey import Fact
from tfrecord_lite.look.terminal import Terminal, bytes_as_text
from tfrecord_lite.pipeline.inspection.classes import CountedClass
from tfrecord_lite.pipeline.inspection.inspected_file import InspectedFile
from tfrecord_lite.report import warning_lines

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.inspection.inspection import Inspection

_MOST_CLASSES = 30  # in a list
_MOST_KEYS = 40
_MOST_FILES = 5  # that are named one by one, of those that are not used
_LONGEST_BAR = 40
_LONGEST_NAME = 40  # columns of a name in a list


class InspectionText:
    """Writes what was found, section by section."""

    def __init__(self, found: Inspection, terminal: Terminal) -> None:
        self._found = found
        self._terminal = terminal

    def lines(self) -> Iterator[str]:
        """All of it."""
        yield from self._files()
        yield ""
        yield from self._facts()
        yield from self._classes()
        yield from self._keys()
        yield from self._verdict()
        if (line := self._found.next_line) is not None:
            yield ""
            yield f"next{line.note and ', '}{line.note}"
            yield f"  {line.text}"

    # ------------------------------------------------------------------------------------------------------ files
    def _files(self) -> Iterator[str]:
        """A row for each split."""
        found, files, reports = self._found, self._found.files, self._found.reports
        problems = any(each.problems for each in files)

        def row(name: str, members: Sequence[InspectedFile], images: int, objects: int, named: str) -> tuple[str, ...]:
            wrong = (f"{sum(each.problems for each in members):,}",) if problems else ()
            return (name, _size(members), _records(members), f"{images:,}", f"{objects:,}", *wrong, named)

        rows = [("split", "size", "records", "images", "objects", *(("problems",) if problems else ()), "files")]
        for report in reports:
            members = [each for each in files if each.split == report.split]
            rows.append(row(printable(report.split), members, report.images, report.annotations, _names(members)))
        if len(reports) > 1:
            rows.append(row("all", files, found.images, found.objects, counted(len(files), "file")))
        if (folder := _relative(found.root)) not in ("", os.curdir):
            yield printable(folder)
        yield from self._terminal.table(rows, "<" + ">" * (len(rows[0]) - 2) + "<")
        if not found.whole:
            yield "This is a sample: the first records of each file. --all reads everything."
        for name in found.unnamed_splits:
            yield f"The split {printable(name)} is named after its file; --split NAME gives it another name."

    # ------------------------------------------------------------------------------------------------------ facts
    def _facts(self) -> Iterator[str]:
        """Terms on the left, what there is to say on the right."""
        facts = [*self._schemas(), *self._label_map(), *self._pictures(), *self._objects()]
        width = max(len(fact.term) for fact in facts)
        for fact in facts:
            yield f"{fact.term:<{width}}  {fact.text}".rstrip()
            yield from (f"{'':<{width}}    {line}".rstrip() for line in fact.details)

    def _schemas(self) -> Iterator[Fact]:
        """Which schemas the records follow, and the evidence."""
        groups: dict[tuple[str | None, bool | None], list[InspectedFile]] = {}
        for each in self._found.files:
            if each.records:
                groups.setdefault((each.schema, each.pixel), []).append(each)
        term = "schema"
        for (schema, pixel), members in groups.items():
            has_boxes = pixel is not None  # else there is nothing that their unit was decided by
            text = (schema or "none that is known") + (
                f", {'pixel' if pixel else 'normalized'} boxes" if has_boxes else ""
            )
            first = next((each for each in members if each.objects), members[0])
            of = f": {counted(len(members), 'file')}" if len(groups) > 1 else ""
            yield Fact(term, text + of, first.evidence[: None if has_boxes else 1])
            term = ""
        if not groups:
            yield Fact(term, "none: there are no records")

    def _label_map(self) -> Iterator[Fact]:
        """The label map, why it is used, and which files are not."""
        used = self._found.label_map
        names = ", ".join(map(printable, used.files)) or "none"
        passed = [f"not {printable(path)}: {why}" for path, why in used.passed_over.items()]
        if (more := len(passed) - _MOST_FILES) > 0:
            passed[_MOST_FILES:] = [f"nor {counted(more, 'file')} more"]
        yield Fact("label map", f"{names}: {used.why}", tuple(passed))
        if self._found.class_numbers:
            yield Fact("class numbers", self._found.class_numbers)

    def _pictures(self) -> Iterator[Fact]:
        """Formats and sizes of images."""
        counts = self._found.counts
        if not counts.images:
            return
        formats = ", ".join(
            name if len(counts.formats) == 1 else f"{count:,} {name}" for name, count in counts.formats.most_common()
        )
        if counts.without_picture:
            formats += f"; {counts.without_picture:,} without a picture"
        yield Fact("image formats", formats)
        least, middle, most = (f"{width} x {height}" for width, height in counts.spread_of_sizes())
        yield Fact("image sizes", least if len(counts.sizes) == 1 else f"{least} to {most}, median {middle}")

    def _objects(self) -> Iterator[Fact]:
        """How many objects there are, and how large their boxes."""
        counts = self._found.counts
        if counts.objects:
            more = {"masks": counts.masks, "keypoints": counts.poses, "iscrowd": counts.crowds}
            withs = "".join(f", {count:,} with {name}" for name, count in more.items() if count)
            yield Fact("objects", f"{self._found.objects:,}{withs}")
            least, middle, most = spread(counts.objects_per_image)
            text = f"{middle:,}" if least == most else f"{least:,} to {most:,}, median {middle:,}"
            yield Fact("objects per image", text)
            areas = f"{counts.small:,} small, {counts.medium:,} medium, {counts.large:,} large"
            yield Fact(
                "box sizes", f"{areas} (small is below 32 x 32 pixels, large from 96 x 96)", tuple(self._sides())
            )
        if counts.captions:
            yield Fact("captions", f"{counts.captions:,}")

    def _sides(self) -> Iterator[str]:
        """How long the sides of boxes are."""
        if sides := self._found.counts.sides:
            least, middle, most = spread(sides)
            drawn = self._terminal.columns([sides[key] for key in range(least, most + 1)]) or "to"
            shortest, about, longest = (f"{2 ** (key / 2):.0f}" for key in (least, middle, most))
            whole = f"{shortest} {drawn} {longest} pixels a side, median about {about}"
            yield whole if least < most else f"about {about} pixels a side"

    # ---------------------------------------------------------------------------------------------------- classes
    def _classes(self) -> Iterator[str]:
        """Every kind of classes as bars."""
        classes = self._found.classes
        kinds = (
            ("", "objects", classes.objects),
            (" of whole images", "images", classes.images),
            (" of pixels", "images", classes.pixels),
            (" of panoptic segments", "segments", classes.segments),
        )
        for of, noun, members in kinds:
            if members:
                yield ""
                yield f"{counted(len(members), 'class')}{of}, by {noun}"
                yield from self._bars(members)
                if all(each.name.isdecimal() for each in members):
                    yield "  These are numbers without names: --label-map FILE gives them."

    def _bars(self, members: Sequence[CountedClass]) -> Iterator[str]:
        most = max(each.times for each in members)
        rows = []
        for each in members[:_MOST_CLASSES]:
            name = self._terminal.cut(shortened(each.name), _LONGEST_NAME)
            if each.name.isdecimal():
                name = "" if each.name == str(each.id) else f"number {name}"
            bar = self._terminal.bar(each.times / most if most else 0, min(_LONGEST_BAR, self._terminal.width // 2))
            rows.append(("" if each.id is None else str(each.id), name, f"{each.times:,}", bar))
        yield from self._terminal.table(rows, "><><", indent=2)
        if (more := len(members) - _MOST_CLASSES) > 0:
            rest = sum(each.times for each in members[_MOST_CLASSES:])
            yield f"  and {more:,} more, {rest:,} in all; --json lists every one"

    # ------------------------------------------------------------------------------------------------------- keys
    def _keys(self) -> Iterator[str]:
        """Every key with its kind, how many values, and an example."""
        keys, more_keys = self._found.keys, self._found.more_keys
        unread = {key for report in self._found.reports for key in report.unmapped_keys}
        if not keys:
            return
        yield ""
        yield f"{counted(len(keys), 'key')}" + ("; those marked - are not carried over" if unread & keys.keys() else "")
        rows = [
            (
                "-" if key in unread else " ",
                self._terminal.cut(shortened(key), 2 * _LONGEST_NAME),
                "/".join(each.kinds) or "empty",
                each.values,
                f"{each.records:,}",
                each.example,
            )
            for key, each in list(keys.items())[:_MOST_KEYS]
        ]
        yield from self._terminal.table([(" ", "", "kind", "values", "records", "example"), *rows], "<<<>><")
        if len(keys) > _MOST_KEYS or more_keys:
            listed = f"{len(keys):,}" if more_keys else "every one"
            yield f"  and {len(keys) - _MOST_KEYS:,} more; --json lists {listed}"

    # ---------------------------------------------------------------------------------------------------- convert
    def _verdict(self) -> Iterator[str]:
        """What ``convert`` would do, in its own words."""
        found = self._found
        told = list(warning_lines(found.typed_warnings, found.reports))
        of = "" if found.whole else ", by this sample"
        yield ""
        if found.verdict.status != "done":
            yield f"convert would refuse this{of}"
            yield from (f"  error: {line}" for line in found.verdict.typed_problems)
        else:
            yield f"convert would accept this{of}, {'and say' if told else 'without a warning'}"
        yield from (f"  {line}" for line in told)


def _size(files: Iterable[InspectedFile]) -> str:
    """Bytes of files, as far as they are known."""
    sizes = [each.size for each in files if each.size is not None]
    return bytes_as_text(sum(sizes)) if sizes else ""


def _records(files: Sequence[InspectedFile]) -> str:
    """How many records were read, and of how many."""
    read = sum(each.records for each in files)
    if all(each.whole for each in files):
        return f"{read:,}"
    known = [each.records if each.whole else each.about for each in files]
    about = sum(each for each in known if each is not None)
    return f"{read:,} and more" if None in known else f"{read:,} of about {_rounded(about):,}"


def _rounded(number: int) -> int:
    """An estimate with two digits that count."""
    step: int = 10 ** max(0, len(str(number)) - 2)
    return round(number / step) * step


def _names(files: Sequence[InspectedFile]) -> str:
    """What the files of a split are called: a set of shards by what they have in common."""
    names = [os.path.basename(each.file) for each in files]
    if len(names) == 1:
        return printable(names[0])
    bases = {None if (number := shard_number(name)) is None else number.base for name in names}
    only = next(iter(bases)) if len(bases) == 1 else None
    if only is not None:
        return f"{printable(only)}, {counted(len(names), 'file')}"
    return f"{printable(names[0])} and {counted(len(names) - 1, 'file')} more"


def _relative(root: str) -> str:
    """A folder relative to the current one, where that is shorter; empty where there is none."""
    if not root:
        return ""
    try:
        return min(os.path.relpath(root), root, key=len)
    except ValueError:  # another drive
        return root
