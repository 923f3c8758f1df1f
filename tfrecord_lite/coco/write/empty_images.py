"""Images without objects, where the user does not want them: found once all classes are resolved, before the report.

Those that stay are numbered again without gaps, unless their ids are from the records. Memory does not grow with
the number of images.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from tfrecord_lite.coco.draft.draft import Tasks, indexes_of, lines_of
from tfrecord_lite.coco.draft.part_summary import Tables
from tfrecord_lite.coco.draft.spool import unpack
from tfrecord_lite.coco.resolve.category_ids import ResolvedClasses
from tfrecord_lite.coco.write.collector import Collector


class ImagesWithObjects:
    """The images of a split that have objects of the classes which are wanted.

    left_out: how many others there are; what was counted of them is taken off the split.

    Args:
        split: what was collected.
        classes: what its classes come to.
    """

    def __init__(self, split: Collector, classes: ResolvedClasses) -> None:
        self._split = split
        self._found, self._numbers = split.new_set(), split.new_set()
        self._count = 0
        for number, are_wanted, _ in self._frames(classes):
            if any(are_wanted) and self._found.add(b"%d" % number):
                self._count += 1
        self.left_out = split.images - self._count
        if self.left_out and split.tasks:
            for number, _, packed in self._frames(classes):
                if packed and number not in self:
                    tasks = Tasks(*unpack(packed, len(Tasks._fields)))
                    for task, lines in (
                        ("captions", tasks.captions),
                        ("stuff", tasks.stuff),
                        ("panoptic", tasks.segments),
                    ):
                        split.tasks[task] = split.tasks.get(task, 0) - len(lines_of(lines))
        split.images = self._count
        self._next = 1

    def _frames(self, classes: ResolvedClasses) -> Iterable[tuple[int, list[bool], bytes]]:
        """Of each record: the id of its image, whether each object is wanted, and its packed tasks."""
        have_ids = [each in classes.ids for each in self._split.summary.classes]
        known: Sequence[bool] = have_ids
        for frame in self._split:
            if isinstance(frame, Tables):
                known = [have_ids[index] for index in frame.classes]
            else:
                number, _, indexes, _, tasks = frame
                yield number, [known[index] for index in indexes_of(indexes)], tasks

    def __contains__(self, number: int) -> bool:
        """Whether the image of this id has objects."""
        return b"%d" % number in self._found

    def renumber(self, number: int, entry: bytes) -> tuple[int, bytes]:
        """The id that an image gets, and its entry with that; to be asked in the order of the input."""
        if self._split.options.source_ids:
            return number, entry
        new = self._numbers.first(b"%d" % number, self._next)
        if entry:
            self._next += 1
            entry = b'{"id":%d%b' % (new, entry[entry.index(b",") :])
        return new, entry

    def remove(self, entry: bytes, tasks: bytes) -> None:
        """Removes the files of an image that is left out."""
        split = self._split
        if entry:
            split.pictures -= split.files.remove_image(orjson.loads(entry)["file_name"])
        if tasks and (png := Tasks(*unpack(tasks, len(Tasks._fields))).png):
            split.pngs -= split.files.remove_png(orjson.loads(png))
