"""An output at a URL of an object store: made as a whole in a temporary folder, then written object by object.

Nothing is written before the last record is read and judged: a run that refuses its input changes nothing. So the
disk has to hold the dataset once, in the system's folder for temporary files (TMPDIR); each file there is removed once
it is written. An object is there as a whole or not at all, and a folder is not: what the COCO files name is written
before them, and the file of the instances last, so that a reader that waits for it finds all the rest.

Replacing, of what an earlier run wrote (``uploads``), goes the same way: first the old COCO files are removed, so that
no reader sees them beside new images; then images are written, old ones removed, and the new COCO files written.
Object stores have no locks: of two runs into one output at a time, the second is refused only when it writes a COCO
file that is there already.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from secrets import token_hex
from tempfile import gettempdir

from tfrecord_lite.errors import OutputError, counted, printable
from tfrecord_lite.inputs.object_place import AT_ONCE, ObjectPlace
from tfrecord_lite.inputs.storage import object_place_of
from tfrecord_lite.inputs.urls import folder_of, join, name_of
from tfrecord_lite.output.checks import already_there
from tfrecord_lite.output.files import remove_tree, report_of
from tfrecord_lite.output.target import SplitPaths, Target, Written
from tfrecord_lite.output.uploads import Uploads

_BATCH = 1024  # objects that are given to threads at a time


class RemoteTarget(Target):
    """An output at a URL.

    output: the URL of a folder; or, ending in ``.json``, of one file. Raises InputError where nothing can be written.
    make: makes the target that writes to a local path.
    """

    def __init__(self, output: str, make: Callable[[str], Target]) -> None:
        self._output = output.rstrip("/")
        self._is_file = output.lower().endswith(".json")
        self._url = folder_of(self._output) if self._is_file else self._output
        self._place: ObjectPlace = object_place_of(output)
        self._uploads = Uploads(self._place, self._url)
        self._temporary = os.path.join(os.path.realpath(gettempdir()), f"tfrecord2coco-{token_hex(8)}")
        self._local = os.path.join(self._temporary, "dataset")
        self._inner = make(os.path.join(self._local, name_of(self._output)) if self._is_file else self._local)
        self._is_open = self._overwrite = False
        self._written = 0
        self._complete: list[str] = []
        self.only_split = self._inner.only_split
        self.writes_images = self._inner.writes_images

    def paths(self, split: str) -> SplitPaths:
        return self._inner.paths(split)

    def replaced(self, splits: Sequence[str]) -> list[str]:
        return [self._remote(path) for path in self._inner.replaced(splits)]

    def _remote(self, path: str) -> str:
        """The URL of a path in the stage."""
        return join(self._url, self._name(path))

    def _name(self, path: str) -> str:
        """The name of a path in the stage, with ``/`` between its parts."""
        return os.path.relpath(path, self._local).replace(os.sep, "/")

    def kept(self, splits: Sequence[str]) -> list[str]:
        if self._is_file:
            return []
        written = {join(self._url, self.paths(split).json) for split in splits}
        found = self._place.below(self._url, self.paths("*").json.replace(os.sep, "/"))
        return sorted(path for path in found if path not in written)

    def labelled(self, splits: Sequence[str]) -> dict[str, str]:
        """See Target. Those that stay are taken for labelled."""
        found = (os.path.basename(path) for path in self.kept(splits))
        names = [name.removeprefix("instances_").removesuffix(".json") for name in found]
        return {name: join(self._url, report_of(name)) for name in names}

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        self._inner.check(splits, overwrite=True)
        if overwrite and not self._is_file:
            self._uploads.check(map(self.paths, splits))
        elif not overwrite:
            for url in self.replaced(splits):
                if self._place.kind(url) != "nothing":
                    raise already_there(url)

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        return self._as_remote(self._inner.planned(splits))

    def _as_remote(self, written: Written) -> Written:
        return Written(*(tuple(map(self._remote, paths)) for paths in written))

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        """See Target. There is no lock. Finds out whether anything can be written there, before the work is done."""
        self.check(splits, overwrite=overwrite)
        self._overwrite = overwrite
        os.mkdir(self._temporary, 0o700)
        self._is_open = True
        if self._is_file:
            os.mkdir(self._local)
        self._inner.open(splits, overwrite=False)
        self.root, self.scratch = self._inner.root, self._inner.scratch
        probe = os.path.join(self._temporary, "probe")
        with open(probe, "xb"):
            url = join(self._url, f".tfrecord2coco-{token_hex(4)}")
        self._place.write(url, probe, new=False)
        self._place.remove([url])

    def publish(self, splits: Sequence[str]) -> Written:
        """See Target. Raises OutputError, which names what is left of a run that fails in the middle."""
        local = self._inner.publish(splits)
        total = sum(1 for _ in self._others(()))
        try:
            self._uploads.begin(map(self._name, self._others(())), self._temporary)
            old = self._clear(splits) if self._overwrite else set()
            self._write_all(self._others(local.files))
            for url in sorted(old):
                self._place.remove([url])
            last = [os.path.join(self._local, self.paths(split).json) for split in splits]
            for path in sorted(local.files, key=last.__contains__):
                self._write(path, new=not self._overwrite)
                self._complete += [self._remote(path)] if path in last else []
            if self._overwrite:
                self._uploads.forget(self.replaced(splits))
            self._uploads.end()
        except OSError as error:
            raise OutputError(self._output, self._left(error, total)) from None
        return self._as_remote(local)

    def _left(self, error: OSError, total: int) -> str:
        """What is left of a run that fails while it writes."""
        what = f"{error.filename or self._output}: {error.strerror or error}"
        if not self._written:
            return f"{what}. None of {counted(total, 'object')} was written"
        complete = ", ".join(map(printable, self._complete)) or "none"
        left = f"{self._written:,} of {counted(total, 'object')} were written, of the files of instances {complete}"
        return f"{what}. {left}. Run again with --overwrite, or remove them"

    def _others(self, files: Collection[str]) -> Iterator[str]:
        """All files in the stage but these."""
        for folder, folders, names in os.walk(self._local):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if path not in files and (folder != self._local or not name.startswith(".")):
                    yield path

    def _clear(self, splits: Sequence[str]) -> set[str]:
        """Removes the COCO files that are to be replaced. Returns what else is there and will not be replaced."""
        paths = [self.paths(split) for split in splits]
        files = [join(self._url, name) for each in paths for name in (each.json, *each.tasks.values())]
        self._place.remove(url for url in files if self._place.kind(url) == "file")
        there = (url for piece in self.replaced(splits) for url in self._uploads.objects(piece) if url not in files)
        return {url for url in there if not os.path.exists(join(self._local, url.removeprefix(f"{self._url}/")))}

    def _write_all(self, paths: Iterable[str]) -> None:
        left = iter(list(paths))
        threads = ThreadPoolExecutor(AT_ONCE)
        try:
            while batch := list(islice(left, _BATCH)):
                for _ in threads.map(self._write, batch):
                    pass
        finally:
            threads.shutdown(cancel_futures=True)

    def _write(self, path: str, *, new: bool = False) -> None:
        """Writes a file of the stage, and removes it there."""
        try:
            self._place.write(self._remote(path), path, new=new)
        except FileExistsError as error:
            problem = "another run wrote this in the meantime"
            raise OSError(errno.EEXIST, problem, error.filename) from None
        self._written += 1
        os.unlink(path)

    def close(self) -> None:
        self._inner.close()
        if self._is_open:
            remove_tree(self._temporary)
