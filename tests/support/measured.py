"""A command in a process of its own, within the memory and the time that are promised for any input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import tfrecord_lite

MOST_MEMORY = 300 << 10  # kilobytes
MOST_SECONDS = 60  # of the processor: three times what is promised, for slow machines
LARGEST = 10_000_000  # bytes of an input that the promise is made for
MEASURED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({MOST_SECONDS}, {MOST_SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from tfrecord_lite.__main__ import main
try:
    status = main()
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
sys.exit(status)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and measures the memory of a process")


def converted(path: Path, output: Path, options: Sequence[str] = ()) -> tuple[int, str]:
    """Converts a file in a process of its own. Returns the exit status and what was said."""
    assert path.stat().st_size <= LARGEST
    command = [sys.executable, "-c", MEASURED, "convert", str(path), "-o", str(output), "-j", "1", *options]
    done = subprocess.run(
        command, check=False, cwd=Path(tfrecord_lite.__file__).parents[1], capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr[-1000:]
    assert done.returncode in (0, 1), (done.returncode, done.stderr[-1000:])
    assert int(done.stdout.split()[-1]) <= MOST_MEMORY, done.stderr[-1000:]
    return done.returncode, done.stderr
