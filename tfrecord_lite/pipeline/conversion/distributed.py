"""One conversion as tasks that an engine spreads over machines: the steps of ``convert``, cut where work can move.

    parts -> read (map) -> settle (one task) -> place (map) -> finish (one task)

*Read* makes the drafts of a part, and its summary. *Settle* takes all of them in input order: it gives images their ids
and names, decides the categories, judges, and writes the COCO files. *Place* reads a part again and writes its
pictures, each once and under its final name. *Finish* publishes.

Everything goes through a work folder beside the output, or in it, which all machines see. Engines repeat tasks that
failed, and tasks that they only believe failed. So each attempt writes into a folder of its own, or the same bytes to
the same names: running one twice changes nothing. For the same reason an error about bad data is returned, not raised:
an engine would answer an exception by trying again.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from copy import copy
from typing import Any, NamedTuple, TypeVar

import orjson

from tfrecord_lite.budgets import Allowance
from tfrecord_lite.coco.draft.part_summary import PartSummary
from tfrecord_lite.coco.resolve.kept_table import read_kept_table
from tfrecord_lite.coco.write.agreement import Counted, check_numbers
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.write.split_writer import tasks_of
from tfrecord_lite.errors import InputError, OutputError, TFRecordLiteError, UsageError, printable
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.options.converting import BEAM_OPTIONS, CONVERT_OPTIONS
from tfrecord_lite.output.files import move_over, remove_tree, write_new
from tfrecord_lite.output.stage import INSIDE
from tfrecord_lite.output.target import DatasetFolder, Written
from tfrecord_lite.pipeline.conversion.decide import Decided
from tfrecord_lite.pipeline.conversion.picture_names import NamedPictures, PictureNames, names_in
from tfrecord_lite.pipeline.conversion.plan import make_plan
from tfrecord_lite.pipeline.conversion.settle import settle
from tfrecord_lite.pipeline.conversion.summary import Summary
from tfrecord_lite.pipeline.reading.part_reader import PartRead, PartReader, ReadTask, drafts_in
from tfrecord_lite.pipeline.reading.parts import Part
from tfrecord_lite.pipeline.reading.shard_reader import WHOLE_FILE, ShardPart
from tfrecord_lite.tfrecord.records import Paths, ignore_bytes

_TASKS = 64  # at least, where there are so many files
_LARGEST_TASK = 64 << 20  # bytes of input: more is done again than need be where a machine fails

_NOWHERE = (None, None)

_Value = TypeVar("_Value")


class Placement(NamedTuple):
    """The pictures of a part. names: the file that says where each goes."""

    part: Part
    names: str


class Settled(NamedTuple):
    """All that is decided and written, except the pictures.

    tree: the folder that becomes the output. placements: of the parts that have pictures.
    counted: what each split must hold in the end. written: the paths of what is published.
    """

    tree: str
    decided: Decided
    placements: tuple[Placement, ...]
    counted: tuple[Counted, ...]
    written: Written


def _or_error(step: Callable[[], _Value]) -> _Value | TFRecordLiteError:
    """What a step returns, or what this package raises. An OSError goes on: another attempt may be lucky."""
    try:
        return step()
    except TFRecordLiteError as error:
        return error


class Job:
    """A conversion, in tasks. It can be sent to other machines.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications, which all machines can read.
        output: a dataset folder, which all machines can write to.
        options: the parameters of ``convert`` by name, as far as BEAM_OPTIONS has them.

    Raises:
        UsageError, InputError, OutputError, LabelMapError: as ``convert``, before anything is read.
    """

    def __init__(self, inputs: Paths, output: str | os.PathLike[str], options: Mapping[str, Any]) -> None:
        if unknown := options.keys() - {option.name for option in BEAM_OPTIONS}:
            raise UsageError(f"{min(unknown)} is no option of a conversion on several machines")
        given: dict[str, Any] = {option.name: option.default for option in CONVERT_OPTIONS} | dict(options)
        self._overwrite = bool(given["overwrite"])
        self._plan = plan = make_plan(inputs, os.fspath(output), given)
        if not isinstance(plan.target, DatasetFolder):
            problem = "the output of a pipeline is a folder that all workers can write to"
            raise UsageError(f"{printable(plan.output)}: {problem}")
        with closing(copy(plan.target)) as target:  # which settles what a run left that was killed
            target.open(plan.splits, overwrite=self._overwrite)
        self._statuses = {shard.path: shard.status() for shard in plan.source.shards}
        self._size = sum(status.size for status in self._statuses.values() if status is not None)
        parent, name = os.path.split(os.path.abspath(plan.output))
        inside = os.path.isdir(plan.output)
        folder = os.path.abspath(plan.output) if inside else parent
        self.work = os.path.join(folder, f".{INSIDE if inside else name}.work-{secrets.token_hex(4)}")

    def _reader(self) -> PartReader:
        plan = self._plan
        picker = plan.selection.picker(merge=plan.collecting.merge)
        given = (plan.reading, plan.drafting, picker)
        return PartReader(*given, images=plan.target.writes_images, size=self._size, stages=False)

    def _new_folder(self, purpose: str) -> str:
        """A folder that no other attempt has."""
        os.makedirs(self.work, exist_ok=True)
        return os.path.join(self.work, f"{purpose}-{secrets.token_hex(8)}")

    def parts(self) -> list[Part]:
        """The parts of the input: whole files, small ones together.

        Raises:
            UsageError: an input can be read by one process only.
        """
        if None in self._statuses.values():
            raise UsageError("standard input and pipes cannot be read by several machines: save them to files")
        lengths = {path: status.size for path, status in self._statuses.items() if status is not None}
        largest = min(_LARGEST_TASK, self._size // _TASKS)
        parts: list[Part] = []
        for split, shards in self._plan.source.splits.items():
            pieces: list[tuple[Shard, ShardPart]] = []
            for shard in shards:
                pieces.append((shard, WHOLE_FILE))
                size = sum(lengths[piece.path] for piece, _ in pieces)
                if size >= largest or shard is shards[-1]:
                    parts.append(Part(len(parts), split, tuple(pieces), size))
                    pieces = []
        return parts

    def read(self, part: Part) -> PartRead | TFRecordLiteError:
        """Reads a part: writes its drafts to a folder of this attempt."""
        return _or_error(lambda: self._read(part))

    def _read(self, part: Part) -> PartRead:
        self._check_unchanged(part)
        task = ReadTask(part, self._new_folder(f"part-{part.number}"))
        return self._reader().read_to_folder(task, ignore_bytes)

    def settle(self, read: Iterable[PartRead | TFRecordLiteError]) -> Settled | TFRecordLiteError:
        """Decides all that depends on more than one part, and writes the COCO files.

        Returns:
            What is left to do; or a RejectedInputError, or what kept a part from being read.
        """
        return _or_error(lambda: self._settle(read))

    def _settle(self, read: Iterable[PartRead | TFRecordLiteError]) -> Settled:
        plan, target = self._plan, self._plan.target
        parts: list[PartRead] = []
        for each in read:
            if isinstance(each, TFRecordLiteError):
                raise each
            parts.append(each)
        parts.sort(key=lambda each: each.task.part.number)
        allowance = Allowance(self._size)
        for each in parts:
            allowance.spend(each.spent)
        tree = self._new_folder("tree")
        with closing(PictureNames(self._new_folder("names"))) as names, ExitStack() as undo:
            collected: dict[str, Collector] = {}
            for split in plan.splits:
                paths = target.paths(split)
                files = NamedPictures(names, paths)
                collected[split] = Collector(tree, paths, plan.collecting, files=files)
                undo.callback(collected[split].close)
            for each in parts:
                for split, summary in each.summaries.items():
                    collected[split].add_part(summary)
                for picked in drafts_in(each.task):
                    collected[picked.split].add(picked.draft)
            # Panoptic images are placed by others, who know nothing of entries that records carry along.
            plan = plan._replace(asked=plan.asked or "Apache Beam")
            decided = settle(plan, collected, read_kept_table(target.kept(plan.splits)), tree)
            written = target.planned({name: tasks_of(each, decided.resolved) for name, each in collected.items()})
            lists = [(each.task.part, names.list_of(each.task.folder)) for each in parts]
        placements = tuple(Placement(part, path) for part, path in lists if path is not None)
        # What is wanted of each image is written, and not read again.
        decided = decided._replace(wanted={})
        return Settled(tree, decided, placements, tuple(each.counted() for each in collected.values()), written)

    def placements(self, settled: Settled | TFRecordLiteError) -> list[tuple[str, Placement]]:
        """The pictures to be placed, by parts; none where nothing will be published."""
        if isinstance(settled, TFRecordLiteError):
            return []
        return [(settled.tree, placement) for placement in settled.placements]

    def place(self, tree: str, placement: Placement) -> int | TFRecordLiteError:
        """Writes the pictures of a part. Returns how many; or an InputError, where its files are not what they were."""
        return _or_error(lambda: self._place(tree, placement))

    def _place(self, tree: str, placement: Placement) -> int:
        self._check_unchanged(placement.part)
        names = names_in(placement.names)
        reader = self._reader()
        summaries = {split: PartSummary() for split in reader.splits(placement.part)}
        temporary = self._new_folder("pictures")
        count = 0
        for number, picked in enumerate(reader.read(placement.part, summaries, ignore_bytes)):
            draft = picked.draft
            for data, path in zip((draft.image, draft.png), names.get(number, _NOWHERE), strict=True):
                if data is not None and path is not None:
                    write_new(temporary, "picture", data)
                    move_over(os.path.join(temporary, "picture"), tree, path)
                    count += 1
            del draft, picked
        remove_tree(temporary)
        self._check_unchanged(placement.part)
        return count

    def _check_unchanged(self, part: Part) -> None:
        """Refuses files that were replaced since the run began: their pictures would get the names of others."""
        for shard, _ in part.pieces:
            if shard.status() != self._statuses[shard.path]:
                raise InputError(shard.name, "this changed while the pipeline ran. Run again once nobody writes to it")

    def finish(
        self, settled: Settled | TFRecordLiteError, placed: Iterable[int | TFRecordLiteError]
    ) -> Summary | TFRecordLiteError:
        """Publishes the output, once all pictures are placed, and removes the work folder."""
        done: Summary | TFRecordLiteError
        wrong = [each for each in placed if isinstance(each, TFRecordLiteError)]
        if isinstance(settled, TFRecordLiteError):
            done = settled
        elif wrong:
            done = wrong[0]
        else:
            done = _or_error(lambda: self._publish(settled))
        self.clear()  # not after an OSError: another attempt goes on with what is there
        return done

    def _publish(self, settled: Settled) -> Summary:
        plan, target, tree = self._plan, self._plan.target, settled.tree
        if self._has_files(settled):
            with closing(target):
                target.open(plan.splits, overwrite=self._overwrite)
                os.makedirs(target.root, exist_ok=True)
                try:
                    _move_all(tree, target.root)
                    target.publish(plan.splits)
                except OSError:
                    with contextlib.suppress(OSError):
                        _move_all(target.root, tree)
                    raise
                with contextlib.suppress(OSError):
                    os.rmdir(tree)
        elif self._is_published(settled):
            with contextlib.suppress(OSError, TFRecordLiteError), closing(target):
                target.open(plan.splits, overwrite=True)  # which clears what that attempt left, if it was killed
        else:
            problem = "this was being published when the attempt before this one was killed"
            advice = "Run the pipeline again: that finishes or takes back first what was half done"
            raise OutputError(plan.output, f"{problem}. {advice}")
        return Summary.of(plan.output, settled.written, settled.decided, None)

    def _has_files(self, settled: Settled) -> bool:
        """Whether what is to be published is still in its folder. Raises OutputError: pictures are missing there."""
        try:
            for counted in settled.counted:
                check_numbers(settled.tree, counted)
        except FileNotFoundError:
            return False
        return True

    def _is_published(self, settled: Settled) -> bool:
        """Whether an attempt before this one has published: the output has the reports and the numbers of this run."""
        try:
            for report, counted in zip(settled.decided.reports, settled.counted, strict=True):
                with open(os.path.join(self._plan.output, counted.paths.report or ""), "rb") as file:
                    if orjson.loads(file.read()) != orjson.loads(orjson.dumps(report.as_json())):
                        return False
                check_numbers(self._plan.output, counted)
        except (OSError, OutputError, ValueError):
            return False
        return True

    def clear(self) -> None:
        """Removes the work folder, of a run that has ended."""
        remove_tree(self.work)


def _move_all(source: str, to: str) -> None:
    """Moves all entries of a folder into another one of the same file system."""
    for entry in sorted(os.listdir(source)):
        os.rename(os.path.join(source, entry), os.path.join(to, entry))
