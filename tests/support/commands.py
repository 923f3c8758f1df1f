"""The command line as tests call it, and what it says."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "tfrecord_lite"]
needs_pipes = pytest.mark.skipif(os.name == "nt", reason="signals and named pipes are of Unix")
LINE = re.compile(r"(?:warning|error|note): \S|tfrecord2coco: \S")


def coco(path: str = "out/annotations/instances_x.json") -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def said(capture: Capture) -> list[str]:
    """The lines of stderr; each of them says first what it is, and none holds a control character."""
    lines = capture.readouterr().err.splitlines()
    for line in lines:
        assert LINE.match(line), line
        assert line.isprintable()
    return lines
