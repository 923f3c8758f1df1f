"""Looking at a dataset: its samples are read twice, once to count and to choose pictures, once to show those.

What comes of it is a contact sheet, a page, or a folder with one picture per image.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Literal

from tfrecord_lite.budgets import Allowance
from tfrecord_lite.coco.read.dataset import find_dataset
from tfrecord_lite.errors import (
    Location,
    NoRecordsError,
    OutputError,
    RejectedInputError,
    UsageError,
    counted,
    nearest,
    printable,
    quoted,
    speaking,
)
from tfrecord_lite.inputs.storage import size_of
from tfrecord_lite.labels.choose import LabelMapSource
from tfrecord_lite.look.choose import Candidate, Chooser, in_order
from tfrecord_lite.look.classes import Classes
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.console import envelope
from tfrecord_lite.options.option import check_options
from tfrecord_lite.options.previewing import PREVIEW_OPTIONS
from tfrecord_lite.output.checks import protect_inputs, refuse_url
from tfrecord_lite.output.whole import check_file, refuse_filled, write_whole
from tfrecord_lite.pipeline.judge import SKIP_ADVICE
from tfrecord_lite.pipeline.previews.coco_files import CocoFiles, is_about_records
from tfrecord_lite.pipeline.previews.looking import Dataset, Looked, look_at
from tfrecord_lite.pipeline.previews.record_files import RecordFiles
from tfrecord_lite.report import FULL_MESSAGES
from tfrecord_lite.schemas.registry import check_reading
from tfrecord_lite.spelling import Caller, in_python, in_shell
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE
from tfrecord_lite.tfrecord.records import Paths, as_list

_SHEET_PICTURES, _OTHER_PICTURES = 20, 200  # that are shown, unless another number is asked for
_SHEET_ENDINGS, _PAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp"), (".html", ".htm")
_OPTIONS = {option.spelling for option in PREVIEW_OPTIONS}
_CALLER = Caller({option.name for option in PREVIEW_OPTIONS})
_MOST_ON_A_SHEET = 200  # pictures: more make one that viewers refuse
_Kind = Literal["sheet", "page", "folder"]


@dataclass(frozen=True, slots=True)
class Preview:
    """What was looked at and what is shown of it.

    files: the pictures that were written. shown: how many pictures of the dataset they show.
    images, objects: how many there are. warnings: kinds of warnings, each with how often it came.
    typed_notes: what a person should know of the preview itself, in words of the command line.
    problem_count: records that cannot be shown; typed_problems: why, the first of them, likewise.
    """

    files: tuple[str, ...]
    shown: int
    images: int
    objects: int
    warnings: Mapping[str, int]
    typed_notes: tuple[str, ...] = ()
    problem_count: int = 0
    typed_problems: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the preview itself."""
        return tuple(in_python(note, _CALLER) for note in self.typed_notes)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why records cannot be shown, the first of them."""
        return tuple(in_python(problem, _CALLER) for problem in self.typed_problems)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """For people, a line each."""
        yield f"{self.shown:,} of {counted(self.images, 'image')} shown, {counted(self.objects, 'object')} in all"
        yield from (f"warning: {code}: {counted(times, 'time')}" for code, times in sorted(self.warnings.items()))
        yield from (f"wrote {printable(path)}" for path in self.files)

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        problems = [in_shell(problem, _OPTIONS) for problem in self.typed_problems]
        begin = envelope(warnings=self.warnings, problems=problems, problem_count=self.problem_count)
        return begin | {
            "files": [printable(path) for path in self.files],
            "shown": self.shown,
            "images": self.images,
            "objects": self.objects,
            "notes": [in_shell(note, _OPTIONS) for note in self.typed_notes],
        }


@speaking(_CALLER)
def preview(
    inputs: Paths,
    output: str | os.PathLike[str],
    *,
    sample: int | None = None,
    seed: int = 0,
    read_all: bool = False,
    only_classes: Collection[str] = (),
    warned: bool = False,
    font: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    allow_missing_shards: bool = False,
    max_record_size: int = MAX_RECORD_SIZE,
    label_map: LabelMapSource | None = None,
    schema: str = "auto",
    roles: Mapping[str, str] | None = None,
    coordinates: str = "auto",
    category: str = "object",
    image_root: str | os.PathLike[str] | None = None,
    image_size: tuple[int, int] | None = None,
    image_index: int | None = None,
    on_error: str = "skip",
    on_bytes: Callable[[int], None] | None = None,
) -> Preview:
    """Draws pictures of a dataset with their boxes, class names, masks and keypoints.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications; or one COCO dataset, a folder or a ``.json`` file.
        output: a contact sheet, ending in ``.png``, ``.jpg`` or ``.webp``; a page, ending in ``.html``; else a new
            folder for one picture per image.
        sample: how many pictures to show, chosen from all so that every class comes; None for 20 on a sheet, 200 in a
            folder, and 200 on a page, of no more than 10 MB.
        seed: another one gives another choice.
        read_all: read every record; else no more than 5,000 records or 500 MB of images, the first ones of each file.
        only_classes: names of classes: only pictures that have one of them, and only such objects.
        warned: show pictures with warnings first.
        font: a font file for the names; None for those that are found.
        overwrite: replace a sheet or a page that exists.
        allow_missing_shards: accept sets of shards with gaps.
        max_record_size: the largest record to accept, in bytes.
        label_map: a label map file, or ``{1: "cat"}``; None to use the one beside the input, if there is one.
        schema: the schema of the records, where it is not to be recognised.
        roles: your keys for roles of the schema, such as ``{"xmin": "box/left"}``.
        coordinates: ``auto``, ``normalized`` or ``pixel``: the unit of the records' boxes.
        category: name of the one category of records that name no classes.
        image_root: where the pictures are, if the records only name them, or are not at a dataset's usual places.
        image_size: width and height of the images of records that say neither; with it raw pixels can be read.
        image_index: which image to read of records that hold several under one key, from 0.
        on_error: ``skip`` to leave out what is bad and say so in ``notes``, ``fail`` to show nothing then,
            ``recover`` to look for records after damaged headers as well.
        on_bytes: called with the number of input bytes that were read since the last call.

    Raises:
        RejectedInputError: the data is at fault, and there is not one picture in it, or ``on_error`` is ``fail``.
        UsageError: the call cannot be carried out as given.
        OSError: the file system refuses.
    """
    given = dict(locals())  # the parameters: there are no other locals yet
    check_options((each for each in PREVIEW_OPTIONS if not each.repeated), given)
    reading = ReadOptions.given(given, recover=on_error == "recover")
    check_reading(reading)
    path, names = os.fspath(output), [only_classes] if isinstance(only_classes, str) else list(only_classes)
    kind = _kind_of(path)
    most = sample or (_SHEET_PICTURES if kind == "sheet" else _OTHER_PICTURES)
    if kind == "sheet" and most > _MOST_ON_A_SHEET:
        raise UsageError(f"a sheet has room for {_MOST_ON_A_SHEET} pictures, not for {most}: write them to a folder")
    from tfrecord_lite.look.fonts import Fonts  # noqa: PLC0415 - imports Pillow, which nothing before needs

    fonts = Fonts(None if font is None else os.fspath(font))
    with closing(_open(inputs, reading, given)) as dataset, ExitStack() as stack:
        _check_output(path, kind, dataset, overwrite=overwrite)
        stack.enter_context(Allowance(size_of(dataset.paths)).in_use())
        looked = look_at(dataset, Chooser(most, seed, narrow=bool(names)))
        only = _chosen_classes(names, looked.classes)
        chosen = _choose(looked, only, kind, warned=warned, drops=on_error != "fail")
        if kind == "page":
            from tfrecord_lite.pipeline.previews.page import make_page  # noqa: PLC0415 - likewise

            page = make_page(looked, chosen, only, warned=warned, limited=sample is None)
            write_whole(path, page.content, overwrite=overwrite)
            files, shown, notes = [path], page.shown, page.notes
        else:
            from tfrecord_lite.pipeline.previews.pictures import Pictures  # noqa: PLC0415 - likewise

            pictures, chosen = Pictures(looked, fonts, only), in_order(chosen, warned=warned)
            if kind == "sheet":
                pictures.write_sheet(chosen, path, overwrite=overwrite)
                files = [path]
            else:
                files = pictures.write_folder(chosen, path)
            shown, notes = len(chosen), pictures.notes()
        return _result(looked, files, shown, notes)


def _kind_of(path: str) -> _Kind:
    """What is written under this name."""
    lower = path.lower()
    return "sheet" if lower.endswith(_SHEET_ENDINGS) else "page" if lower.endswith(_PAGE_ENDINGS) else "folder"


def _choose(looked: Looked, only: Collection[int] | None, kind: _Kind, *, warned: bool, drops: bool) -> list[Candidate]:
    """The pictures to show, those that matter most first; or refuses the data. drops: whether bad data is left out."""
    survey, classes = looked.survey, looked.classes
    keys = None if only is None else [key for key in survey.classes if classes.of.get((key.label, key.name)) in only]
    first = survey.places_of_warnings() if kind == "page" and only is None else ()
    chosen = survey.chooser.choose(first, keys, warned=warned)
    if survey.refused and not drops:
        problems, refused = [*survey.problems, *survey.refused], survey.warnings["object-refused"].count
        raise RejectedInputError(problems[:FULL_MESSAGES], survey.problem_count + refused, SKIP_ADVICE)
    if survey.problem_count and not (chosen and drops):
        raise RejectedInputError(survey.problems, survey.problem_count, SKIP_ADVICE if chosen else "")
    if not chosen:
        raise NoRecordsError(Location(looked.dataset.title), "there is no picture to show")
    return chosen


def _result(looked: Looked, files: Sequence[str], shown: int, notes: Sequence[str]) -> Preview:
    """The result of the call."""
    survey = looked.survey
    problems = tuple(problem.text for problem in survey.problems)
    notes = (*notes, *looked.dataset.limits())
    if problems:
        notes += (f"{counted(survey.problem_count, 'record')} cannot be shown, first: {problems[0]}",)
    counts = {code: found.count for code, found in survey.warnings.items()}
    return Preview(tuple(files), shown, survey.images, survey.objects, counts, notes, survey.problem_count, problems)


def _open(inputs: Paths, reading: ReadOptions, given: Mapping[str, Any]) -> Dataset:
    """Record files, or a COCO dataset."""
    paths = [os.fspath(each) for each in as_list(inputs)]
    label_map = given["label_map"]
    parts = find_dataset(paths[0], reading.image_root) if len(paths) == 1 else None
    if parts is None:
        return RecordFiles(
            inputs,
            reading,
            label_map,
            limited=not given["read_all"],
            allow_missing_shards=given["allow_missing_shards"],
            on_bytes=given["on_bytes"],
        )
    if is_about_records(reading, label_map):
        raise UsageError(f"{printable(paths[0])} is a COCO dataset, and options about records mean nothing to it")
    return CocoFiles(paths[0], parts)


def _check_output(path: str, kind: _Kind, dataset: Dataset, *, overwrite: bool) -> None:
    """Refuses to replace what is there, and to write among what is read."""
    if kind != "folder":
        check_file(path, overwrite=overwrite)
        protect_inputs(dataset.paths, [path], path, image_root=None)
    else:
        refuse_url(path)
        ending = os.path.splitext(path)[1]
        if ending and not path.endswith((os.sep, "/")) and not os.path.isdir(path):
            ours = "name a .png, .jpg, .webp or .html, or a folder"
            raise OutputError(path, f"pictures cannot be written as {ending}: {ours}")
        refuse_filled(path)
    real = os.path.join(os.path.realpath(path), "")
    is_new_file = kind != "folder" and not os.path.lexists(path)
    beside = {os.path.dirname(os.path.realpath(each)) for each in dataset.paths}
    for folder in map(os.path.realpath, dataset.pictures):
        if is_new_file and folder in beside:
            continue  # pictures may be beside the COCO file, often none is: a new name replaces nothing there
        if real.startswith(os.path.join(folder, "")):
            raise OutputError(
                path,
                f"this is in the folder {quoted(folder)}, from which pictures are read. Name an output outside it",
            )


def _chosen_classes(names: Collection[str], classes: Classes) -> frozenset[int] | None:
    """The classes of these names, or with these numbers, by their place in the table."""
    if not names:
        return None
    places = {str(row.number): index for index, row in enumerate(classes.rows)}
    places |= {row.name: index for index, row in enumerate(classes.rows)}
    if missing := [name for name in names if name not in places]:
        near = nearest(missing[0], places)
        known = f"Did you mean {quoted(near[0])}? There are" if near else "There are"
        names = ", ".join(printable(row.name) for row in classes.rows[:50])
        raise UsageError(f"--only-class: there is no class {quoted(missing[0])}. {known}: {names or 'none'}")
    return frozenset(places[name] for name in names)
