"""Progress by bytes of input: a bar on a terminal, a line now and then elsewhere, nothing with --quiet."""

from __future__ import annotations

import contextlib
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator

from tfrecord_lite.commands.streams import out, say

_SECONDS = 10.0  # between two lines

OnBytes = Callable[[int], None]
Total = Callable[[], int]


class Progress:
    """How far a run has come. on_bytes: to be called with numbers of bytes; None where nobody watches."""

    def __init__(self, on_bytes: OnBytes | None = None, clear: Callable[[], None] | None = None) -> None:
        self.on_bytes = on_bytes
        self._clear = clear

    def out(self, text: str) -> None:
        """Writes a line to stdout; a bar gives way to it, and comes back with the next bytes."""
        if self._clear is not None:
            self._clear()
        out(text)


@contextlib.contextmanager
def progress(options: Namespace, total: Total | None = None) -> Iterator[Progress]:
    """Shows progress while records are read. total: bytes of input; by default those of the record files."""
    if options.quiet or sys.stderr is None:
        yield Progress()
    elif not sys.stderr.isatty():
        yield Progress(_lines(total or (lambda: _bytes_of(options))))
    else:
        from tqdm import tqdm  # noqa: PLC0415 - costs time that a call without a bar need not take

        tqdm.monitor_interval = 0  # no thread beside this one: workers are forked
        size = (total or (lambda: _bytes_of(options)))() or None
        with tqdm(total=size, unit="B", unit_scale=True, unit_divisor=1024, leave=False, file=sys.stderr) as bar:

            def on_bytes(count: int) -> None:
                bar.update(count)

            yield Progress(on_bytes, bar.clear)


def _bytes_of(options: Namespace) -> int:
    """Bytes of the record files that are named; 0 where a pipe is the only input."""
    from tfrecord_lite.inputs.discover import find_sources  # noqa: PLC0415 - likewise
    from tfrecord_lite.inputs.storage import status_of  # noqa: PLC0415 - likewise

    shards = find_sources(options.input, allow_missing_shards=options.allow_missing_shards).shards
    return sum(status.size for shard in shards if (status := status_of(shard.path)) is not None)


def _lines(total: Total) -> OnBytes:
    """What says every ten seconds how far the run has come; a run that ends before says nothing."""
    started = last = time.monotonic()
    done = 0
    size: int | None = None

    def on_bytes(count: int) -> None:
        nonlocal last, done, size
        done += count
        now = time.monotonic()
        if now - last < _SECONDS:
            return
        last = now
        if size is None:
            size = total()
        text = f"{done >> 20} MiB read in {now - started:.0f} s"
        if size:
            text += f", {min(done / size, 1):.0%} of {size >> 20} MiB"
        say(f"progress: {text}")

    return on_bytes
