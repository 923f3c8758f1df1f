"""Progress by bytes of input: a bar on a terminal, a line now and then elsewhere, nothing with --quiet."""

from __future__ import annotations

import contextlib
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

from tfrecord_lite.commands.streams import out, say
from tfrecord_lite.errors import counted

if TYPE_CHECKING:
    from tqdm import tqdm

_SECONDS = 10.0  # between two lines

Total = Callable[[], int]


class Progress:
    """Progress that is not shown.

    on_bytes: called with numbers of input bytes that were read; on_images: with how many images and warnings there are.
    """

    on_bytes: Callable[[int], None] | None = None
    on_images: Callable[[int, int], None] | None = None

    def out(self, text: str) -> None:
        """Writes a line to stdout."""
        out(text)


@contextlib.contextmanager
def progress(options: Namespace, total: Total | None = None) -> Iterator[Progress]:
    """Shows progress while records are read. total: bytes of input; by default those of the record files."""
    total = total or (lambda: _bytes_of(options))
    if options.quiet or sys.stderr is None:
        yield Progress()
    elif not sys.stderr.isatty():
        yield _Lines(total)
    else:
        from tqdm import tqdm  # noqa: PLC0415 - costs time that a call without a bar need not take

        tqdm.monitor_interval = 0  # no thread beside this one: workers are forked
        size = total() or None
        with tqdm(total=size, unit="B", unit_scale=True, unit_divisor=1024, leave=False, file=sys.stderr) as bar:
            yield _Bar(bar)


class _Bar(Progress):
    """A bar, which gives way to lines and comes back with the next bytes."""

    def __init__(self, bar: tqdm[NoReturn]) -> None:
        self._bar = bar
        self.on_bytes = self._add
        self.on_images = self._count

    def _add(self, count: int) -> None:
        self._bar.update(count)

    def _count(self, images: int, warnings: int) -> None:
        self._bar.set_postfix_str(_found(images, warnings), refresh=False)
        self._add(0)  # shows it where no bytes are counted, as of a COCO dataset

    def out(self, text: str) -> None:
        self._bar.clear()
        out(text)


class _Lines(Progress):
    """A line every ten seconds; a run that ends before says nothing."""

    def __init__(self, total: Total) -> None:
        self._total = total
        self._size: int | None = None
        self._started = self._last = time.monotonic()
        self._done = 0
        self._images = ""
        self.on_bytes = self._add
        self.on_images = self._count

    def _add(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._last < _SECONDS:
            return
        self._last = now
        if self._size is None:
            self._size = self._total()
        text = f"{self._done >> 20:,} MiB in {now - self._started:.0f} s"
        if self._size:
            text += f", {min(self._done / self._size, 1):.0%} of {self._size >> 20:,} MiB"
        say(f"progress: {text}{self._images}")

    def _count(self, images: int, warnings: int) -> None:
        self._images = f", {_found(images, warnings)}"
        self._add(0)


def _found(images: int, warnings: int) -> str:
    """The counts so far, in words."""
    return counted(images, "image") + (f", {counted(warnings, 'warning')}" if warnings else "")


def _bytes_of(options: Namespace) -> int:
    """Bytes of the record files that are named; 0 where a pipe is the only input."""
    from tfrecord_lite.inputs.discover import find_sources  # noqa: PLC0415 - likewise

    shards = find_sources(options.input, allow_missing_shards=options.allow_missing_shards).shards
    return sum(status.size for shard in shards if (status := shard.status()) is not None)
