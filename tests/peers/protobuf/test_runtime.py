"""The protobuf that runs is the one that was asked for; else the tests that run with it would prove nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

import google.protobuf
from google.protobuf.internal import api_implementation

PEERS = Path(__file__).resolve().parent.parent


def test_the_running_version_is_the_one_that_was_asked_for() -> None:
    requirements = (PEERS / os.environ["PEERS_ENVIRONMENT"] / "requirements.txt").read_text(encoding="utf-8")
    asked = re.search(r"^protobuf==([\d.]+)\.\*$", requirements, re.MULTILINE)
    assert asked is not None
    assert google.protobuf.__version__.startswith(f"{asked[1]}.")


def test_the_running_implementation_is_the_one_that_was_asked_for() -> None:
    assert api_implementation.Type() == os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"]
