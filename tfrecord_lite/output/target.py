"""Where the output goes: which part of which split stands where, staged first and published at the end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tfrecord_lite.errors import OutputError, UsageError, printable
from tfrecord_lite.output.stage import Publication, Stage, publish_all

LAYOUTS = ("coco", "roboflow")
_SCRATCH = ".scratch"  # no image is called so: their names never begin with a dot
TASKS = ("captions", "stuff", "panoptic")
"""Files beside the one of the instances, where the records hold such things."""


@dataclass(frozen=True, slots=True)
class SplitPaths:
    """Where the parts of a split go, relative to the stage.

    images, report: None where they are not written. tasks: the file of each task; none where there is room for the
    instances only. The PNGs of panoptic.json stand in the folder panoptic.
    """

    json: str
    images: str | None
    report: str | None
    tasks: dict[str, str] = field(default_factory=dict)


class Target(Protocol):
    """A place that splits are written to.

    only_split: the split that everything goes into, where the place has room for one only.
    root: the folder that ``paths`` are relative to, once it is open.
    scratch: a folder that is not published, on the file system of the images; it need not exist.
    """

    only_split: str | None
    root: str
    scratch: str

    def paths(self, split: str) -> SplitPaths:
        """Where the parts of a split are written to."""

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        """Refuses to replace what is there. Raises OutputError."""

    def open(self) -> None:
        """Makes the stage. Raises OSError."""

    def publish(self, splits: Sequence[str]) -> list[str]:
        """Puts the splits in place, and returns the paths of their COCO files. Raises OSError, OutputError."""

    def close(self) -> None:
        """Removes what was not published."""


class DatasetFolder:
    """A folder of annotations, images and reports.

    layout ``coco``: ``annotations/instances_<split>.json`` and ``images/<split>/``, which Datumaro, CVAT and the
    training tools take; ``roboflow``: ``<split>/_annotations.coco.json`` beside the images.
    """

    only_split: str | None = None

    def __init__(self, output: str, layout: str, *, write_images: bool) -> None:
        self._output = output
        self._layout = layout
        self._write_images = write_images
        self._stage: Stage | None = None
        self.root = self.scratch = ""

    def paths(self, split: str) -> SplitPaths:
        report = os.path.join("reports", f"{split}.json")
        if self._layout == "roboflow":
            json, images = os.path.join(split, "_annotations.coco.json"), split
        else:
            json, images = os.path.join("annotations", f"instances_{split}.json"), os.path.join("images", split)
        tasks = {task: os.path.join("annotations", f"{task}_{split}.json") for task in TASKS}
        return SplitPaths(json, images if self._write_images else None, report, tasks)

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        if os.path.lexists(self._output) and not os.path.isdir(self._output):
            raise OutputError(self._output, "this exists and is not a folder. Name another output")
        if self._layout == "roboflow" and (taken := {"annotations", "reports"} & set(splits)):
            raise UsageError(f"the split {min(taken)} cannot stand beside the folder of that name. Choose with --split")
        if overwrite:
            return
        for split in splits:
            for part in self._parts(split):
                path = os.path.join(self._output, part)
                if os.path.lexists(path):
                    raise OutputError(path, "this exists already. Replace it with --overwrite, or name another output")

    def open(self) -> None:
        self._stage = Stage(self._output)
        self.root = self._stage.path
        self.scratch = os.path.join(self.root, _SCRATCH)

    def publish(self, splits: Sequence[str]) -> list[str]:
        if self._stage is not None:
            publish_all([(self._stage, [self._publication(split, self._stage.path) for split in splits])])
        files = []
        for split in splits:
            paths = self.paths(split)
            files += [os.path.join(self._output, path) for path in (paths.json, *paths.tasks.values())]
        return [path for path in files if os.path.exists(path)]

    def _parts(self, split: str) -> list[str]:
        """Everything that can stand for a split: pictures before the file that names them, the instances last."""
        paths = self.paths(split)
        others = [os.path.splitext(paths.tasks["panoptic"])[0], *paths.tasks.values(), paths.report]
        if self._layout == "roboflow":
            # Images and JSON share a folder. Without images the folder of an earlier result keeps its own.
            parts = [*others, split if self._write_images else paths.json]
        else:
            parts = [paths.images, *others, paths.json]
        return [part for part in parts if part is not None]

    def _publication(self, split: str, stage: str) -> Publication:
        """The parts that were made, and those that an earlier result may have besides."""
        parts = self._parts(split)
        made = tuple(part for part in parts if os.path.lexists(os.path.join(stage, part)))
        return Publication(made, tuple(part for part in parts if part not in made))

    def close(self) -> None:
        if self._stage is not None:
            self._stage.discard()


class JsonFile:
    """A single COCO file, and a folder of images where one is named."""

    def __init__(self, output: str, images: str | None) -> None:
        self._output = output
        self._name = os.path.basename(output)
        self._images = images
        self._stage: Stage | None = None
        self._image_stage: Stage | None = None
        self.only_split: str | None = self._name[: -len(".json")]
        self.root = self.scratch = ""
        if not self.only_split:
            raise UsageError(f"{printable(output)}: the output needs a name before .json")
        if images is not None and os.path.abspath(images) == os.path.abspath(output):
            raise UsageError(f"{printable(output)}: the JSON and the folder of its images cannot have one name")

    def paths(self, split: str) -> SplitPaths:
        del split  # there is room for one
        return SplitPaths(self._name, None if self._image_stage is None else self._image_stage.path, None)

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        del splits
        if os.path.isdir(self._output):
            raise OutputError(self._output, "this is a folder. Name another output")
        if overwrite:
            return
        if os.path.lexists(self._output):
            raise OutputError(self._output, "this exists already. Replace it with --overwrite, or name another output")
        if self._images is not None and os.path.lexists(self._images) and not _is_empty_folder(self._images):
            problem = "this exists already. Add to it with --overwrite, or name another folder for --images"
            raise OutputError(self._images, problem)

    def open(self) -> None:
        self._stage = Stage(os.path.dirname(os.path.abspath(self._output)), self._name)
        self.root = self._stage.path
        if self._images is not None:
            self._image_stage = Stage(self._images)
        self.scratch = os.path.join((self._image_stage or self._stage).path, _SCRATCH)

    def publish(self, splits: Sequence[str]) -> list[str]:
        del splits
        jobs: list[tuple[Stage, list[Publication]]] = []
        if self._image_stage is not None:
            # The folder may hold other pictures of the user's: it is filled, never replaced as a whole.
            jobs.append((self._image_stage, [Publication((".",), merged=".")]))
        if self._stage is not None:
            jobs.append((self._stage, [Publication((self._name,))]))
        publish_all(jobs)
        return [self._output]

    def close(self) -> None:
        for stage in (self._stage, self._image_stage):
            if stage is not None:
                stage.discard()


def _is_empty_folder(path: str) -> bool:
    """Whether a folder is there and has nothing in it."""
    return os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)
