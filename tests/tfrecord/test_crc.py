"""The checksum is that of the crc32c package, however the package is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import tfrecords
from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.tfrecord.crc import crc32c

WHICH = (
    "from tfrecord_lite.tfrecord.crc import crc32c; print(crc32c(b'123456789'), 'crc32c' in __import__('sys').modules)"
)
WHOLE = "def crc32c(data, before=0):\n    return 42\n"
OTHER = "def crc32c(data, before=0):\n    return 13\n"
PACKAGE = find_spec("crc32c")
ALONE = find_spec("crc32c._crc32c") if PACKAGE is not None and PACKAGE.submodule_search_locations else None
is_a_package = pytest.mark.skipif(ALONE is None, reason="up to version 2.4 crc32c is one extension module")
CHECK = 0xE3069283  # of RFC 3720, B.4, and of every catalogue of checksums: that of the text 123456789


def run(script: str, path: Path | None = None) -> list[str]:
    environment = os.environ | ({"PYTHONPATH": str(path)} if path else {})
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment)
    return done.stdout.split()


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_it_is_crc_32c_and_goes_on_from_what_was_before(first: bytes, second: bytes) -> None:
    assert crc32c(first) == tfrecords.crc32c(first)
    assert crc32c(memoryview(second), crc32c(first)) == tfrecords.crc32c(first + second)


@is_a_package
def test_of_the_package_only_the_function_is_imported() -> None:
    assert run(WHICH) == [str(CHECK), "False"]


@pytest.mark.parametrize("order", ["import crc32c; {0}", "{0}; import crc32c; print(crc32c.crc32c(b'123456789'))"])
def test_others_may_import_the_package_before_or_after(order: str) -> None:
    numbers = [word for word in run(order.format(WHICH)) if word.isdigit()]
    assert set(numbers) == {str(CHECK)}


@pytest.mark.parametrize("extension", [None, "raise ImportError\n", OTHER], ids=["none", "that fails", "in Python"])
def test_a_package_that_is_made_otherwise_is_imported_as_a_whole(extension: str | None, tmp_path: Path) -> None:
    (tmp_path / "crc32c").mkdir()
    (tmp_path / "crc32c" / "__init__.py").write_text(WHOLE)
    if extension:
        (tmp_path / "crc32c" / "_crc32c.py").write_text(extension)
    assert run(WHICH, tmp_path) == ["42", "True"]


@is_a_package
def test_an_extension_of_that_name_beside_the_package_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "crc32c.py").write_text(WHOLE)  # one file, as the package was up to version 2.4
    assert ALONE is not None
    assert ALONE.origin is not None
    shutil.copy(ALONE.origin, tmp_path)
    assert run(WHICH, tmp_path) == ["42", "True"]
