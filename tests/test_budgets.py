"""What a hostile record costs: an error that names the budget, or 300 MB and 20 s at most."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hostile import OVER, WITHIN, Record, file_of, with_features

import tfrecord_lite
from tfrecord_lite import BudgetError, RejectedInputError, budgets, convert

MOST_MEMORY = 300 << 10  # kilobytes
MOST_SECONDS = 60  # of the processor: three times what is promised, for slow machines
LARGEST = 10_000_000  # bytes of a record that the promise is made for
MEASURED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({MOST_SECONDS}, {MOST_SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from tfrecord_lite.__main__ import main
sys.argv[1:] = ["convert", sys.argv[1], "-o", sys.argv[2], "-j", "1"]
try:
    status = main()
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
sys.exit(status)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and measures the memory of a process")


def measured(record: Record, folder: Path) -> tuple[int, str]:
    """Converts a record in a process of its own. Returns the exit status and what was said."""
    data = file_of(record)
    assert len(data) <= LARGEST
    path = folder / "x.tfrecord"
    path.write_bytes(data)
    command = [sys.executable, "-c", MEASURED, str(path), str(folder / "out")]
    done = subprocess.run(
        command, check=False, cwd=Path(tfrecord_lite.__file__).parents[1], capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr, done.stderr[-1000:]
    assert done.returncode in (0, 1), (done.returncode, done.stderr[-1000:])
    assert int(done.stdout.split()[-1]) <= MOST_MEMORY, done.stderr[-1000:]
    return done.returncode, done.stderr


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", OVER)
def test_what_goes_beyond_a_budget_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    make, reason = OVER[name]
    status, said = measured(make(), tmp_path)
    assert status == 1
    assert reason in said
    assert "the budget of a record is " in said


@linux
@pytest.mark.slow
@pytest.mark.parametrize("name", WITHIN)
def test_what_is_within_the_budgets_is_read(name: str, tmp_path: Path) -> None:
    status, said = measured(WITHIN[name](), tmp_path)
    assert status == 0, said


CHEAP = ["many boxes", "many captions", "a mask beyond all memory", "a mask of many scans", "a tile of a gigabyte"]


@pytest.mark.parametrize("name", CHEAP)
def test_a_budget_costs_its_record_and_no_other(name: str, tmp_path: Path) -> None:
    make, reason = OVER[name]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(file_of(make()) + file_of(with_features({})))
    with pytest.raises(RejectedInputError, match=reason) as caught:
        convert(path, tmp_path / "strict")
    (problem,) = caught.value.problems
    assert isinstance(problem, BudgetError)
    assert problem.where.record == 0
    summary = convert(path, tmp_path / "skipped", on_error="skip")
    assert summary.images == 1
    assert summary.splits[0].dropped_records == 1


@pytest.mark.parametrize(
    "number",
    [
        f"{budgets.OBJECTS:,} objects",
        f"{budgets.POINTS:,} keypoints",
        f"{budgets.VALUES:,} whole numbers",
        f"{budgets.DECODED_PIXELS:,} decoded pixels",
        f"{budgets.MASK_RUNS:,} runs",
        f"{budgets.POLYGON_COLUMNS:,} columns",
        f"{budgets.DECODED_BYTES // 10**6} MB of memory",
        f"{budgets.SCANS} scans",
        f"{budgets.METADATA >> 20} MiB of TIFF tags",
    ],
)
def test_the_readme_tells_the_numbers(number: str) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert number in " ".join(readme.split())


def test_as_many_captions_and_features_as_objects() -> None:
    # the README says it in these words
    assert budgets.FEATURES == budgets.OBJECTS
