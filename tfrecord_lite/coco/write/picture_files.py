"""Where the pictures of a split go: into their folders at once, or on a list, to be written later."""

from __future__ import annotations

import os
from typing import Protocol

from tfrecord_lite.coco.draft.draft import Draft
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.output.files import move_new, remove_file, write_new
from tfrecord_lite.output.target import SplitPaths


class PictureFiles(Protocol):
    """Takes the images and the panoptic PNGs of drafts. Names are those in the COCO files."""

    def put_image(self, draft: Draft, name: str) -> bool:
        """Gives the image of a draft its name. Whether there is one to be written."""

    def put_png(self, draft: Draft, name: str) -> bool:
        """Likewise for its panoptic PNG."""

    def leave_out(self, *staged: str | None) -> None:
        """Drops files of a draft, as far as there are some."""

    def remove_image(self, name: str) -> bool:
        """Takes back an image that was put. Whether there was one."""

    def remove_png(self, name: str) -> bool:
        """Likewise a panoptic PNG."""


class PicturesInPlace:
    """See PictureFiles: each file is written once, where it stays.

    Args:
        root: the folder that paths are relative to.
        paths: of the parts of the split.
    """

    def __init__(self, root: str, paths: SplitPaths) -> None:
        self._images = None if paths.images is None else os.path.join(root, paths.images)
        self._pngs = os.path.splitext(os.path.join(root, paths.tasks["panoptic"]))[0] if paths.tasks else ""
        if self._images is not None:
            os.makedirs(self._images, exist_ok=True)

    def put_image(self, draft: Draft, name: str) -> bool:
        """See PictureFiles."""
        return self._images is not None and _put(draft.image, draft.staged, self._images, name)

    def put_png(self, draft: Draft, name: str) -> bool:
        """See PictureFiles."""
        return _put(draft.png, draft.staged_png, self._pngs, name)

    def leave_out(self, *staged: str | None) -> None:
        """See PictureFiles."""
        for path in staged:
            if path is not None:
                os.unlink(path)

    def remove_image(self, name: str) -> bool:
        """See PictureFiles."""
        return self._images is not None and remove_file(self._images, name)

    def remove_png(self, name: str) -> bool:
        """See PictureFiles."""
        return remove_file(self._pngs, name)


def _put(data: Buffer | None, staged: str | None, folder: str, name: str) -> bool:
    """Puts a file in its place, if there is one. Whether there is."""
    if staged is not None:
        move_new(staged, folder, name)
    elif data is not None:
        write_new(folder, name, data)
    return staged is not None or data is not None
