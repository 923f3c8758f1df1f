"""The names that pictures get, for the process that writes their files: a list for each part of the input."""

from __future__ import annotations

import os

import orjson

from tfrecord_lite.coco.draft.draft import Draft
from tfrecord_lite.output.seen import Seen
from tfrecord_lite.output.target import SplitPaths

_IMAGE, _PNG = 0, 1


class PictureNames:
    """Notes names, part after part, in files.

    folder: for the lists; it does not exist yet.
    """

    def __init__(self, folder: str) -> None:
        os.mkdir(folder)
        self._folder = folder
        self._noted, self._removed = Seen(folder), Seen(folder)
        self._some_removed = False
        self._part, self._lines = "", open(os.devnull, "wb")  # noqa: SIM115 - closed in close

    def note(self, staged: str, kind: int, path: str) -> None:
        """Notes where a picture goes. staged: the file that its draft names, though it was not made."""
        part, file = os.path.split(staged)
        if part != self._part:
            self._lines.close()
            self._part, self._lines = part, open(self._list_of(part), "ab")  # noqa: SIM115 - likewise
        self._lines.write(orjson.dumps([int(file.partition(".")[0]), kind, path]) + b"\n")
        self._noted.add(path.encode())

    def remove(self, path: str) -> bool:
        """Takes a picture back. Whether it was noted."""
        was_noted = path.encode() in self._noted
        if was_noted:
            self._removed.add(path.encode())
            self._some_removed = True
        return was_noted

    def list_of(self, part: str) -> str | None:
        """The list of a part, by its folder; None where it has no picture. To be called once all names are noted."""
        self._lines.close()
        path = self._list_of(part)
        if not os.path.exists(path):
            return None
        if self._some_removed:
            with open(path, "rb") as lines, open(path + ".kept", "wb") as kept:
                kept.writelines(line for line in lines if orjson.loads(line)[2].encode() not in self._removed)
            os.replace(path + ".kept", path)
        return path

    def _list_of(self, part: str) -> str:
        return os.path.join(self._folder, os.path.basename(part))

    def close(self) -> None:
        """Closes what is open; the lists stay."""
        self._lines.close()
        self._noted.close()
        self._removed.close()


def names_in(path: str) -> dict[int, list[str | None]]:
    """Where the pictures of a part go: image and panoptic PNG by the number of the draft, None where it has none."""
    names: dict[int, list[str | None]] = {}
    with open(path, "rb") as lines:
        for line in lines:
            number, kind, name = orjson.loads(line)
            names.setdefault(number, [None, None])[kind] = name
    return names


class NamedPictures:
    """See PictureFiles of ``coco``: the names are noted, and no file is touched.

    Args:
        names: where they are noted.
        paths: of the parts of the split, relative to the output.
    """

    def __init__(self, names: PictureNames, paths: SplitPaths) -> None:
        self._names = names
        self._images = paths.images
        self._pngs = os.path.splitext(paths.tasks["panoptic"])[0]

    def put_image(self, draft: Draft, name: str) -> bool:
        """See PictureFiles."""
        if self._images is None or draft.staged is None:
            return False
        self._names.note(draft.staged, _IMAGE, os.path.join(self._images, name))
        return True

    def put_png(self, draft: Draft, name: str) -> bool:
        """See PictureFiles."""
        if draft.staged_png is None:
            return False
        self._names.note(draft.staged_png, _PNG, os.path.join(self._pngs, name))
        return True

    def leave_out(self, *staged: str | None) -> None:
        """See PictureFiles."""

    def remove_image(self, name: str) -> bool:
        """See PictureFiles."""
        return self._images is not None and self._names.remove(os.path.join(self._images, name))

    def remove_png(self, name: str) -> bool:
        """See PictureFiles."""
        return self._names.remove(os.path.join(self._pngs, name))
