"""The package from where people put it: a zip archive, as ``zipapp`` and some build systems make them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from record_files import picture, write

import tfrecord_lite

FOLDER = Path(tfrecord_lite.__file__).parent


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("zipped") / "tfrecord_lite.zip"
    with zipfile.ZipFile(path, "w") as made:
        for file in FOLDER.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                made.write(file, file.relative_to(FOLDER.parent))
    return path


def test_a_zipped_package_has_all_that_it_needs(archive: Path, tmp_path: Path) -> None:
    write(tmp_path / "train.tfrecord", picture("a.jpg"))
    for words in (
        "convert train.tfrecord -o out --html page.html --json",
        "validate out --for pycocotools --json",
        "validate out --for nobody",
    ):
        done = subprocess.run(
            [sys.executable, "-m", "tfrecord_lite", *words.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(archive)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == (2 if "nobody" in words else 0), done.stderr
        if "--json" in words:
            assert json.loads(done.stdout)
    assert b"</script>" in (tmp_path / "page.html").read_bytes()
