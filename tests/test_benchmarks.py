"""The benchmarks can still be imported: nothing else would notice when what they measure was renamed."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

BENCHMARKS = sorted((Path(__file__).parent.parent / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=[path.stem for path in BENCHMARKS])
def test_a_benchmark_finds_all_it_needs(path: Path) -> None:
    assert callable(runpy.run_path(str(path), run_name="imported")["main"])
