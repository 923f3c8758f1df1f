"""The package from where people put it: a zip archive, as ``zipapp`` and some build systems make them."""

from __future__ import annotations

import json
import os
import re
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


# In one process: nothing in an archive is compiled beforehand, so that each one takes seconds to start.
SCRIPT = """
import sys
import tfrecord_lite
from tfrecord_lite.commands.cli import main
assert ".zip" in tfrecord_lite.__file__, tfrecord_lite.__file__
for words in sys.argv[1:]:
    print(f"status {main(words.split())}")
"""


def test_a_zipped_package_has_all_that_it_needs(archive: Path, tmp_path: Path) -> None:
    write(tmp_path / "train.tfrecord", picture("a.jpg"))
    commands = [
        "convert train.tfrecord -o out --html page.html --json",
        "validate out --for pycocotools --json",
        "validate out --for nobody",
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *commands],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert re.findall(r"^status (\d)$", done.stdout, re.MULTILINE) == ["0", "0", "2"], done.stderr
    converted, validated, *_ = re.split(r"^status \d$", done.stdout, flags=re.MULTILINE)
    assert json.loads(converted)
    assert json.loads(validated)
    assert b"</script>" in (tmp_path / "page.html").read_bytes()
