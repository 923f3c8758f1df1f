"""Where shards go: a folder of records, with a label map beside them and reports below, published in one step.

DIR/train-00000-of-00010.tfrecord     the name that TensorFlow's tools expect
DIR/label_map.pbtxt                   one for all splits
DIR/reports/train.json
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

import orjson

from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.checks import refuse_existing
from tfrecord_lite.output.files import report_of
from tfrecord_lite.output.stage import FolderStage, refuse_links

LABEL_MAP = "label_map.pbtxt"
_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}\.tfrecord")


def shard_name(split: str, number: int, count: int) -> str:
    """The name of a shard. number: from 0."""
    return f"{split}-{number:05d}-of-{count:05d}.tfrecord"


class ShardFolder:
    """A folder of records.

    root: the folder that names are relative to, once it is open. scratch: a folder that is not published.
    """

    def __init__(self, output: str) -> None:
        self._output = output
        self._stage: FolderStage | None = None
        self._overwrite = False
        self._obsolete: list[str] = []
        self.root = self.scratch = ""

    def replaced(self, splits: Sequence[str]) -> list[str]:
        """The paths of everything that publication may replace or remove."""
        return [os.path.join(self._output, piece) for piece in self._pieces(splits)]

    def open(self, splits: Sequence[str], label_map: str | None, *, overwrite: bool) -> bool:
        """Locks the folder, settles what a killed run left, and makes the stage.

        Returns whether the label map is to be written: it may be there already.

        label_map: the text of that of these splits; None where there are no classes.
        overwrite: whether their earlier shards are replaced.

        Raises:
            OutputError: there are shards of these splits, or others with another label map; or what would be replaced
                is not by ``pack``. OSError.
        """
        if os.path.lexists(self._output) and not os.path.isdir(self._output):
            raise OutputError(self._output, "this exists and is not a folder. Name another output")
        self._overwrite = overwrite
        stage = self._stage = FolderStage(self._output)
        self.root, self.scratch = stage.content, stage.scratch
        os.makedirs(self.root, exist_ok=True)
        os.mkdir(self.scratch)
        if stage.is_new:
            return label_map is not None
        self._obsolete = self._pieces(splits)
        refuse_links(stage.root, [*map(report_of, splits), *self._obsolete])
        for split in splits:
            for piece in self._pieces([split]):
                if not self._is_packed(piece, [split]):
                    raise self._foreign(piece, [split])
        for piece in self._obsolete if not overwrite else ():
            refuse_existing(os.path.join(self._output, piece))
        stage.refuse_mounts(["reports"])
        if label_map is None:
            if not self._splits() - set(splits) and self._is_packed(LABEL_MAP, splits):
                self._obsolete.append(LABEL_MAP)  # of classes that are no more
            return False
        return not self._has_label_map(label_map, splits)

    def _has_label_map(self, label_map: str, splits: Sequence[str]) -> bool:
        """Whether the label map is there. Raises OutputError where another one is that must stay."""
        path = os.path.join(self._output, LABEL_MAP)
        if not os.path.lexists(path):
            return False
        if os.path.isfile(path):
            with open(path, "rb") as file:
                if file.read(len(label_map) + 1) == label_map.encode():
                    return True
        others = sorted(self._splits() - set(splits))
        if others:
            text = f"this names the classes of {', '.join(others)}, which are others than those of these files"
            raise OutputError(path, f"{text}. Name another output")
        if not self._is_packed(LABEL_MAP, splits):
            raise self._foreign(LABEL_MAP, splits)
        if not self._overwrite:
            refuse_existing(path)
        return False

    def _is_packed(self, piece: str, splits: Iterable[str]) -> bool:
        """Whether ``pack`` wrote what is there: a report of one of these splits has a file of this name and size."""
        path = os.path.join(self._output, piece)
        if not os.path.isfile(path):
            return False
        reports = ((split, self._packed_files(split)) for split in splits)
        return any(
            files is not None and (piece == report_of(split) or files.get(piece) == os.path.getsize(path))
            for split, files in reports
        )

    def _packed_files(self, split: str) -> dict[str, object] | None:
        """The files that ``pack`` wrote of a split, with their sizes in bytes; None without a report that says it."""
        path = os.path.join(self._output, report_of(split))
        try:
            with open(path if os.path.isfile(path) else os.devnull, "rb") as file:
                report = orjson.loads(file.read())
            return dict(report["files"]) if report["split"] == split else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _foreign(self, piece: str, splits: Sequence[str]) -> OutputError:
        """The refusal of a file that is not known to be by ``pack``."""
        reports = ", ".join(map(report_of, splits))
        text = (
            f"this already exists, and is never replaced: no report of pack, {reports}, has a file of its name and size"
        )
        return OutputError(os.path.join(self._output, piece), f"{text}. Name another output, or move it away")

    def publish(self, pieces: Iterable[str]) -> None:
        """Puts what was written in place. pieces: below ``root``. Raises OSError, OutputError."""
        made = list(pieces)
        if self._stage is not None:
            self._stage.publish(
                made, [piece for piece in self._obsolete if piece not in made], replaces=self._overwrite
            )

    def close(self) -> None:
        """Removes what was not published."""
        if self._stage is not None:
            self._stage.discard()

    def _splits(self) -> set[str]:
        """The splits of which shards are there."""
        return {found[1] for name in self._names() if (found := _SHARD.fullmatch(name))}

    def _pieces(self, splits: Sequence[str]) -> list[str]:
        """What is there of these splits, relative to the folder."""
        shards = [name for name in self._names() if (found := _SHARD.fullmatch(name)) and found[1] in splits]
        reports = [report_of(split) for split in splits]
        return [*shards, *(each for each in reports if os.path.lexists(os.path.join(self._output, each)))]

    def _names(self) -> list[str]:
        return sorted(os.listdir(self._output)) if os.path.isdir(self._output) else []
