"""Where the output goes: the place of each part of each split, staged first and published at the end."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import OutputError, UsageError, printable
from tfrecord_lite.output.checks import check_access, refuse_existing, refuse_no_file
from tfrecord_lite.output.earlier import is_data_file, is_earlier_result, labels_of, refuse_to_part
from tfrecord_lite.output.files import report_of
from tfrecord_lite.output.renames import is_empty_folder, is_real_folder
from tfrecord_lite.output.stage import FolderStage, Stage, publish, refuse_links

DATA_FILE = "data.yaml"  # what ultralytics is given of a YOLO dataset
TASKS = ("person_keypoints", "captions", "stuff", "panoptic")
"""Files beside the one of the instances, where the records hold such things.

Datumaro and CVAT go by the name of a file: they read keypoints from ``person_keypoints`` only.
"""


class SplitPaths(NamedTuple):
    """Where the parts of a split go, relative to the stage.

    images, report, labels: None where they are not written. tasks: the file of each task; none where there is room
    for the instances only. The PNGs of panoptic.json are in the folder panoptic.
    """

    json: str
    images: str | None
    report: str | None
    tasks: dict[str, str]
    labels: str | None = None


class Written(NamedTuple):
    """The paths of what was published.

    files: the COCO files. image_folders, reports: one a split, as far as there are some.
    labels: the folders of YOLO's labels, and the file that ultralytics is given.
    """

    files: tuple[str, ...]
    image_folders: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Target(ABC):
    """A place that splits are written to.

    only_split: the split that everything goes into, where the place has room for one only.
    keeps: whether anything is written at all; writes_images: whether images are, beside the COCO files.
    root: the folder that ``paths`` are relative to, once it is open.
    scratch: a folder that is not published, on the file system of the images; it need not exist.
    """

    only_split: str | None = None
    keeps = True
    writes_images = False
    root = scratch = ""

    @abstractmethod
    def paths(self, split: str) -> SplitPaths:
        """Where the parts of a split are written to."""

    def replaced(self, splits: Sequence[str]) -> list[str]:
        """The paths of everything that publication may replace or remove."""
        return []

    def kept(self, splits: Sequence[str]) -> list[str]:
        """The COCO files of other splits, which stay there."""
        return []

    def labelled(self, splits: Sequence[str]) -> dict[str, str]:
        """Other splits that have YOLO labels, which stay there, each with the path of its report."""
        return {}

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:  # noqa: B027 - some refuse nothing
        """Refuses what ``open`` would refuse, as far as can be seen before, and changes nothing."""

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        """What ``publish`` would put in place. splits: each with the tasks that it has files for."""
        return Written(())

    @abstractmethod
    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        """Locks the output, settles what a killed run left, and makes the stage.

        overwrite: whether what is there is replaced. Raises OutputError where it is not, or cannot be; OSError.
        """

    @abstractmethod
    def publish(self, splits: Sequence[str]) -> Written:
        """Puts the splits in place. Raises OSError, OutputError."""

    @abstractmethod
    def close(self) -> None:
        """Removes what was not published."""


class DatasetFolder(Target):
    """A folder of annotations, images and reports.

    layout ``coco``: ``annotations/instances_<split>.json`` and ``images/<split>/``, which Datumaro, CVAT and the
    training tools take; ``roboflow``: ``<split>/_annotations.coco.json`` beside the images; ``yolo``: as ``coco``, with
    ``labels/<split>/`` and ``data.yaml`` besides, which is how ultralytics has COCO itself.
    """

    def __init__(self, output: str, layout: str, *, write_images: bool) -> None:
        self._output = output
        self._layout = layout
        self._stage: FolderStage | None = None
        self._overwrite = False
        self.writes_images = write_images

    def paths(self, split: str) -> SplitPaths:
        report = report_of(split)
        if self._layout == "roboflow":
            json, images = os.path.join(split, "_annotations.coco.json"), split
        else:
            json, images = os.path.join("annotations", f"instances_{split}.json"), os.path.join("images", split)
        tasks = {task: os.path.join("annotations", f"{task}_{split}.json") for task in TASKS}
        labels = os.path.join("labels", split) if self._layout == "yolo" else None
        return SplitPaths(json, images if self.writes_images else None, report, tasks, labels)

    def replaced(self, splits: Sequence[str]) -> list[str]:
        return [os.path.join(self._output, piece) for piece in self._pieces(splits)]

    def kept(self, splits: Sequence[str]) -> list[str]:
        pattern = os.path.join(glob.escape(self._output), self.paths("*").json)
        written = {os.path.join(self._output, self.paths(split).json) for split in splits}
        return sorted(path for path in glob.glob(pattern) if path not in written and os.path.isfile(path))

    def labelled(self, splits: Sequence[str]) -> dict[str, str]:
        pattern = os.path.join(glob.escape(self._output), "labels", "*", "")
        found = sorted(os.path.basename(os.path.dirname(path)) for path in glob.glob(pattern))
        return {name: os.path.join(self._output, report_of(name)) for name in found if name not in splits}

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        self._check_names(splits)
        if os.path.isdir(self._output):
            self._check_pieces(os.path.realpath(self._output), splits, overwrite=overwrite)
        check_access(self._output)

    def _check_names(self, splits: Sequence[str]) -> None:
        path = os.path.abspath(self._output)  # without a slash at the end, with which a file seems not to be there
        if os.path.lexists(path) and not os.path.isdir(path):
            raise OutputError(self._output, "this exists and is not a folder. Name another output")
        if self._layout == "roboflow" and (taken := {"annotations", "reports"} & set(splits)):
            problem = f"the split {min(taken)} would share its folder with the {min(taken)} of the dataset"
            raise UsageError(f"{problem}. Choose another name with --split")
        self._check_case(splits)

    def _check_case(self, splits: Sequence[str]) -> None:
        """Refuses splits that differ from one that is there in nothing but the case of letters."""
        given = {split.casefold(): split for split in splits}
        for path in glob.glob(os.path.join(glob.escape(self._output), report_of("*"))):
            there = os.path.splitext(os.path.basename(path))[0]
            if (split := given.get(there.casefold(), there)) != there:
                names = f"the split {printable(there)} is here, and {printable(split)} differs in case only"
                raise OutputError(path, f"{names}. On many systems the two are one: choose another name with --split")

    def _check_pieces(self, folder: str, splits: Sequence[str], *, overwrite: bool) -> None:
        pieces = self._pieces(splits)
        refuse_links(folder, pieces)
        if not overwrite:
            for piece in pieces:
                refuse_existing(os.path.join(self._output, piece))
            return
        for split in splits:
            self._check_earlier(folder, self.paths(split))
            if self._layout != "yolo":
                refuse_to_part(os.path.join(folder, report_of(split)), split)

    def _check_earlier(self, folder: str, paths: SplitPaths) -> None:
        """Refuses to replace pictures, labels, and COCO files of other tasks, that no earlier conversion wrote."""
        json, todo = os.path.join(folder, paths.json), "is not replaced. Move it away, or name another output"
        if paths.images is not None:
            images = os.path.join(folder, paths.images)
            if is_real_folder(images) and not (is_empty_folder(images) or is_earlier_result(json, images)):
                problem = f"this holds other files than the images of {printable(paths.json)}, and {todo}"
                raise OutputError(os.path.join(self._output, paths.images), problem)
        if paths.labels is not None and paths.report is not None:
            labels, report, data = (os.path.join(folder, each) for each in (paths.labels, paths.report, DATA_FILE))
            if os.path.lexists(labels) and not (is_empty_folder(labels) or labels_of(report)):
                problem = f"no earlier conversion wrote this ({printable(paths.report)} names no labels), and it {todo}"
                raise OutputError(os.path.join(self._output, paths.labels), problem)
            if os.path.lexists(data) and not is_data_file(data):
                problem = f"no earlier conversion wrote this, and it {todo}"
                raise OutputError(os.path.join(self._output, DATA_FILE), problem)
        if paths.report is None or os.path.isfile(os.path.join(folder, paths.report)):
            return
        for piece in (os.path.splitext(paths.tasks["panoptic"])[0], *paths.tasks.values()):
            if os.path.lexists(os.path.join(folder, piece)):
                problem = f"no earlier conversion wrote this (there is no {printable(paths.report)}), and it {todo}"
                raise OutputError(os.path.join(self._output, piece), problem)

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        self._check_names(splits)
        self._overwrite = overwrite
        stage = self._stage = FolderStage(self._output)
        self.root, self.scratch = stage.content, stage.scratch
        if not stage.is_new:
            self._check_pieces(stage.root, splits, overwrite=overwrite)
            stage.refuse_mounts(self._pieces(splits))

    def publish(self, splits: Sequence[str]) -> Written:
        if self._stage is not None:
            pieces = self._pieces(splits)
            made = [piece for piece in pieces if os.path.lexists(os.path.join(self.root, piece))]
            obsolete = [piece for piece in pieces if piece not in made]
            self._stage.publish(made, obsolete, replaces=self._overwrite)
        written = self.planned(dict.fromkeys(splits, TASKS))
        return Written(*(tuple(filter(os.path.exists, paths)) for paths in written))

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        all_paths = [(self.paths(split), tasks) for split, tasks in splits.items()]
        files = [path for each, tasks in all_paths for path in (each.json, *(each.tasks[task] for task in tasks))]
        folders = [each.images for each, _ in all_paths if each.images is not None]
        reports = [each.report for each, _ in all_paths if each.report is not None]
        labels = [each.labels for each, _ in all_paths if each.labels is not None]
        labels += [DATA_FILE] if labels else []
        return Written(
            *(tuple(os.path.join(self._output, path) for path in some) for some in (files, folders, reports, labels))
        )

    def _pieces(self, splits: Sequence[str]) -> list[str]:
        """Everything that there can be of the splits: what the COCO files name, before those files."""
        jsons, others = [], []
        for split in splits:
            paths = self.paths(split)
            others += [os.path.splitext(paths.tasks["panoptic"])[0], *paths.tasks.values(), paths.report]
            if self._layout == "roboflow":
                # Images and JSON share a folder. Without images the folder of an earlier result keeps its own.
                jsons.append(split if self.writes_images else paths.json)
            else:
                others.append(paths.images)
                jsons.append(paths.json)
            others.append(paths.labels)
        others.append(DATA_FILE if self._layout == "yolo" else None)
        return [piece for piece in (*others, *jsons) if piece is not None]

    def close(self) -> None:
        if self._stage is not None:
            self._stage.discard()


class JsonFile(Target):
    """A single COCO file, and a folder of images where one is named.

    That folder is new, or empty, or it holds the images of the COCO file that is replaced: it is replaced as a whole.
    """

    def __init__(self, output: str, images: str | None) -> None:
        self._output = output
        self._name = os.path.basename(output)
        self._images = images
        self._stage: Stage | None = None
        self._image_stage: Stage | None = None
        self._overwrite = False
        self.only_split = self._name[: -len(".json")]
        self.writes_images = images is not None
        if not self.only_split:
            raise UsageError(f"{printable(output)}: the output needs a name before .json")
        if images is not None and _is_inside(output, images):
            problem = "the folder of the images is replaced as a whole, and cannot hold the JSON as well"
            raise UsageError(f"{printable(output)}: {problem}. Choose another folder, or --layout=roboflow")

    def paths(self, split: str) -> SplitPaths:
        images = None if self._image_stage is None or self._images is None else self._image_stage.new
        return SplitPaths(self._name, images and os.path.join(images, self._image_name), None, {})

    @property
    def _image_name(self) -> str:
        return os.path.basename(os.path.realpath(self._images or ""))

    def replaced(self, splits: Sequence[str]) -> list[str]:
        return [self._output] if self._images is None else [self._output, self._images]

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        self._overwrite = overwrite
        refuse_no_file(self._output)
        if self._images is not None:
            self._check_images(self._images)
            check_access(self._images)
        if not overwrite:
            refuse_existing(self._output)
        check_access(os.path.dirname(os.path.abspath(self._output)))

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        return Written((self._output,), () if self._images is None else (self._images,))

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        refuse_no_file(self._output)
        self._overwrite = overwrite
        stage = self._stage = Stage(os.path.dirname(os.path.abspath(self._output)), self._name, self._output)
        self.root = stage.new
        self.scratch = stage.scratch
        if self._images is not None:
            stage = self._image_stage = Stage(*os.path.split(os.path.realpath(self._images)), self._images)
            self.scratch = stage.scratch
            if os.path.isdir(self._images):
                stage.refuse_mounts([self._image_name])
            self._check_images(self._images)
        if not overwrite:
            refuse_existing(self._output)

    def _check_images(self, images: str) -> None:
        """Refuses a folder of images that cannot, or must not, be replaced."""
        if not os.path.lexists(images):
            return
        if not os.path.isdir(images):
            raise OutputError(images, "this exists and is not a folder. Name another folder for --images")
        if is_empty_folder(os.path.realpath(images)):
            return
        if not self._overwrite:
            refuse_existing(images)
        if not is_earlier_result(self._output, os.path.realpath(images)):
            problem = f"this holds other files than the images of {printable(self._output)}, and is not replaced"
            raise OutputError(images, f"{problem}. Name a new folder for --images")

    def publish(self, splits: Sequence[str]) -> Written:
        if self._image_stage is not None and self._images is not None and os.path.isdir(self._images):
            with contextlib.suppress(OSError):  # it stays accessible to those whom the user gave access to it
                shutil.copymode(self._images, os.path.join(self._image_stage.new, self._image_name))
        stages = ((self._image_stage, self._image_name), (self._stage, self._name))
        parts = [stage.part([name], replaces=self._overwrite) for stage, name in stages if stage is not None]
        publish(parts, self._output)
        return self.planned({})

    def close(self) -> None:
        for stage in (self._image_stage, self._stage):
            if stage is not None:
                stage.discard()


def _is_inside(path: str, folder: str) -> bool:
    """Whether a path is a folder, or lies in it."""
    parent, name = os.path.split(os.path.abspath(path))  # a link is replaced itself
    path, folder = os.path.join(os.path.realpath(parent), name), os.path.realpath(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))
