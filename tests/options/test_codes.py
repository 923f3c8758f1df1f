"""Codes of warnings: every one that the package uses is described, and none is described that it does not use."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tfrecord_lite
from tfrecord_lite.options.codes import CODES

ROOT = Path(tfrecord_lite.__file__).parent
CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
SHAPED_LIKE_CODES = {
    "utf-8",
    "rle-uncompressed",
    "x-small",
}


def literals() -> Iterator[str]:
    """Every text in the modules that find something, with what f-strings leave open as ``*``."""
    for folder in ("coco", "example", "look", "pipeline", "schemas"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                elif isinstance(node, ast.JoinedStr):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)


USED = set(literals())


def test_every_code_that_is_used_is_described() -> None:
    assert {text for text in USED if CODE.fullmatch(text)} - SHAPED_LIKE_CODES <= CODES.keys()


def test_every_code_that_is_described_is_used() -> None:
    composed = [text.replace("*", "") for text in USED if re.fullmatch(r"\*(?:-[a-z]+)+", text)]
    named_by_us = {"input", "dropped", "keys-not-carried-over", "recovered"}
    unused = {code for code in CODES.keys() - USED - named_by_us if not any(map(code.endswith, composed))}
    assert unused == set()


def test_a_description_is_one_line() -> None:
    for code, text in CODES.items():
        assert re.fullmatch(r"[^\n.A-Z][^\n]{10,120}[^.]", text), code
