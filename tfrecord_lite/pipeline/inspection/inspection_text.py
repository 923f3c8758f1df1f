"""What ``inspect`` found, as text for a terminal: a table of the files, then what a person asks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tfrecord_lite.errors import counted, printable, shortened
from tfrecord_lite.inputs.names import shard_number
from tfrecord_lite.look.counts import Counts, median
from tfrecord_lite.look.keys import KeyCount
from tfrecord_lite.look.terminal import Terminal, bytes_as_text
from tfrecord_lite.pipeline.inspection.inspected import (
    Classes,
    CountedClass,
    InspectedFile,
    Line,
    UsedLabelMap,
    Verdict,
)
from tfrecord_lite.report import SplitReport, warning_lines

_MOST_CLASSES = 30  # in a list
_MOST_KEYS = 40
_MOST_FILES = 5  # that are named one by one, of those that are not used
_LONGEST_BAR = 40
_LONGEST_NAME = 40  # columns of a name in a list

Facts = list[tuple[str, list[str]]]
"""Terms, and what there is to say of each in lines."""


class InspectionText:
    """Writes sections for a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._times = "×" if terminal.has_blocks else "x"

    # ------------------------------------------------------------------------------------------------------ files
    def files(
        self,
        files: Sequence[InspectedFile],
        reports: Sequence[SplitReport],
        root: str,
        unnamed: Iterable[str],
        *,
        whole: bool,
    ) -> Iterator[str]:
        """One row a split. unnamed: splits that only their files name."""
        groups = {report.split: [each for each in files if each.split == report.split] for report in reports}
        problems = any(each.problems for each in files)
        rows = [("split", "size", "records", "images", "objects", *(("problems",) if problems else ()), "files")]
        for report in reports:
            members = groups[report.split]
            numbers = [_size(members), _records(members), f"{report.images:,}", f"{report.annotations:,}"]
            numbers += [_problems(members)] if problems else []
            rows.append((printable(report.split), *numbers, _names(members)))
        if len(groups) > 1:
            images, objects = (sum(each.images for each in reports), sum(each.annotations for each in reports))
            numbers = [_size(files), _records(files), f"{images:,}", f"{objects:,}"]
            numbers += [_problems(files)] if problems else []
            rows.append(("all", *numbers, counted(len(files), "file")))
        if (folder := _relative(root)) not in ("", os.curdir):
            yield printable(folder)
        yield from self._terminal.table(rows, "<" + ">" * (len(rows[0]) - 2) + "<")
        if not whole:
            yield "This is a sample: the first records of each file. --all reads everything."
        for name in unnamed:
            yield f"The split {printable(name)} is named after its file; --split NAME gives it another name."

    # ------------------------------------------------------------------------------------------------------ facts
    def facts(self, facts: Facts) -> Iterator[str]:
        """Terms on the left, what there is to say on the right."""
        width = max(len(term) for term, _ in facts)
        for term, said in facts:
            for place, line in enumerate(said):
                yield f"{term if place == 0 else '':<{width}}  {line}".rstrip()

    @staticmethod
    def schemas(files: Sequence[InspectedFile]) -> Facts:
        """Which schemas the records follow, and the evidence."""
        groups: dict[tuple[str | None, bool | None], list[InspectedFile]] = {}
        for each in files:
            if each.records:
                groups.setdefault((each.schema, each.pixel), []).append(each)
        said = []
        for (schema, pixel), members in groups.items():
            has_boxes = pixel is not None  # else there is nothing that their unit was decided by
            text = schema or "none that is known"
            if has_boxes:
                text += f", {'pixel' if pixel else 'normalized'} boxes"
            said.append(text + (f": {counted(len(members), 'file')}" if len(groups) > 1 else ""))
            first = next((each for each in members if each.objects), members[0])
            said += [f"  {line}" for line in first.evidence[: None if has_boxes else 1]]
        return [("schema", said or ["none: there are no records"])]

    @staticmethod
    def label_map(used: UsedLabelMap, class_numbers: str) -> Facts:
        """The label map, why it is used, and which files are not."""
        names = ", ".join(map(printable, used.files)) or "none"
        said = [f"{names}: {used.why}"]
        passed = list(used.passed_over.items())
        said += [f"  not {printable(path)}: {why}" for path, why in passed[:_MOST_FILES]]
        if len(passed) > _MOST_FILES:
            said.append(f"  nor {counted(len(passed) - _MOST_FILES, 'file')} more")
        facts = [("label map", said)]
        return [*facts, ("class numbers", [class_numbers])] if class_numbers else facts

    def pictures(self, counts: Counts) -> Facts:
        """Formats and sizes of images."""
        if not counts.images:
            return []
        formats = ", ".join(
            name if len(counts.formats) == 1 else f"{count:,} {name}" for name, count in counts.formats.most_common()
        )
        if counts.without_picture:
            formats += f"; {counts.without_picture:,} without a picture"
        ordered = sorted(counts.sizes, key=lambda size: (size[0] * size[1], size))
        said = [self._by(size) for size in (ordered[0], median(counts.sizes, ordered), ordered[-1])]
        sizes = said[0] if len(ordered) == 1 else f"{said[0]} to {said[2]}, median {said[1]}"
        return [("image formats", [formats]), ("image sizes", [sizes])]

    def _by(self, size: tuple[int, int]) -> str:
        return f"{size[0]} {self._times} {size[1]}"

    def objects(self, counts: Counts, objects: int) -> Facts:
        """Objects an image and their boxes."""
        facts: Facts = []
        more = {"masks": counts.masks, "keypoints": counts.poses, "iscrowd": counts.crowds}
        withs = ", ".join(f"{count:,} with {name}" for name, count in more.items() if count)
        if counts.objects:
            facts.append(("objects", [f"{objects:,}" + (f", {withs}" if withs else "")]))
            ordered = sorted(counts.objects_an_image)
            middle = median(counts.objects_an_image, ordered)
            said = f"{ordered[0]:,} to {ordered[-1]:,}, median {middle:,}" if len(ordered) > 1 else f"{middle:,}"
            facts.append(("objects an image", [said]))
            facts.append(("box sizes", self._boxes(counts)))
        if counts.captions:
            facts.append(("captions", [f"{counts.captions:,}"]))
        return facts

    def _boxes(self, counts: Counts) -> list[str]:
        """How large boxes are."""
        areas = {"small": counts.small, "medium": counts.medium, "large": counts.large}
        said = [
            ", ".join(f"{count:,} {name}" for name, count in areas.items()) + " (below 32², to 96², from 96² pixels)"
        ]
        if not self._terminal.has_blocks:
            said = [said[0].replace("²", "^2")]
        if sides := sorted(counts.sides):
            drawn = self._terminal.columns([counts.sides[key] for key in range(sides[0], sides[-1] + 1)])
            ends = f"{2 ** (sides[0] / 2):.0f} {{}} {2 ** (sides[-1] / 2):.0f}"
            middle = 2 ** (median(counts.sides, sides) / 2)
            said.append(f"{ends.format(drawn or 'to')} pixels a side, median about {middle:.0f}")
        return said

    # ---------------------------------------------------------------------------------------------------- classes
    def classes(self, classes: Classes) -> Iterator[str]:
        """Every kind of classes as bars."""
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
    def keys(self, keys: Mapping[str, KeyCount], more: int, reports: Iterable[SplitReport]) -> Iterator[str]:
        """Every key with its kind, how many values, and an example."""
        unread = {key for report in reports for key in report.unmapped_keys}
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
        if len(keys) > _MOST_KEYS or more:
            listed = "every one" if not more else f"{len(keys):,}"
            yield f"  and {len(keys) - _MOST_KEYS:,} more; --json lists {listed}"

    # ---------------------------------------------------------------------------------------------------- convert
    @staticmethod
    def verdict(
        verdict: Verdict, warnings: Iterable[str], reports: Iterable[SplitReport], *, whole: bool
    ) -> Iterator[str]:
        """What ``convert`` would do, in its own words."""
        told = list(warning_lines(warnings, reports))
        of = "" if whole else ", by this sample"
        yield ""
        if verdict.status != "done":
            yield f"convert would refuse this{of}"
            yield from (f"  error: {line}" for line in verdict.typed_problems)
        elif told:
            yield f"convert would accept this{of}, and say"
        else:
            yield f"convert would accept this{of}, without a warning"
        yield from (f"  {line}" for line in told)

    @staticmethod
    def next_line(line: Line | None) -> Iterator[str]:
        """How to call ``convert``."""
        if line is not None:
            yield ""
            yield f"next{line.note and ', '}{line.note}"
            yield f"  {line.text}"


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
    return f"{read:,} of about {_rounded(about):,}" if None not in known else f"{read:,} and more"


def _problems(files: Iterable[InspectedFile]) -> str:
    """How much is wrong with files; nothing where nothing is."""
    return f"{sum(each.problems for each in files):,}"


def _rounded(number: int) -> int:
    """An estimate with two digits that count."""
    step = max(1, int("1" + "0" * (len(str(number)) - 2)))
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
    """A folder as it is called from here, where that is shorter; empty where there is none."""
    if not root:
        return ""
    try:
        return min(os.path.relpath(root), root, key=len)
    except ValueError:  # another drive
        return root
