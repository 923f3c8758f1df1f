"""``recover`` where damage cannot be searched: what comes before it is kept, and no advice names the option in use."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from tfrecords import detection, frame, shard

from tfrecord_lite.commands.cli import main

RECORDS = [detection(f"{n}.jpg", boxes=[(4, 4, 20, 30)]) for n in range(5)]
PLAIN = shard(*RECORDS)
THREE = len(shard(*RECORDS[:3]))
BROKEN = PLAIN[:THREE] + bytes(byte ^ 0x55 for byte in PLAIN[THREE : THREE + 12]) + PLAIN[THREE + 12 :]
OVERSIZED = PLAIN[:THREE] + frame(b"x", length=1 << 50)
DAMAGES = {
    "a header in gzip": gzip.compress(BROKEN, mtime=0),
    "a header in zlib": zlib.compress(BROKEN),
    "a length beyond the limit": gzip.compress(OVERSIZED, mtime=0),
    "the stream": b"".join(gzip.compress(PLAIN[start:end], mtime=0) for start, end in ((0, THREE), (THREE, THREE + 9)))
    + b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\xff" * 40,
    "the end": gzip.compress(PLAIN[:THREE], mtime=0)[:-6],
}  # fmt: skip


@pytest.mark.parametrize("data", DAMAGES.values(), ids=DAMAGES)
def test_what_comes_before_the_damage_is_kept(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.tfrecord.gz"
    path.write_bytes(data)
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), "-q", "--on-error", "recover"]) == 0
    assert len(list((tmp_path / "out" / "images").rglob("*.jpg"))) == 3
    said = capsys.readouterr().err
    assert "--on-error" not in said
    assert "dropped" in said


@pytest.mark.parametrize("name", ["a header in gzip", "a header in zlib"])
def test_the_advice_without_it_works(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(DAMAGES[name])
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), "-q"]) == 1
    assert "--on-error=recover keeps what comes before it" in capsys.readouterr().err
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), "-q", "--on-error=recover"]) == 0


def test_verify_names_the_verb_that_has_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.tfrecord"
    for data in (DAMAGES["a header in gzip"], PLAIN[:THREE] + b"\0" * 4 + PLAIN[THREE + 4 :]):
        path.write_bytes(data)
        assert main(["verify", str(path), "-q"]) == 1
        said = capsys.readouterr().out
        assert said.count("--on-error") == said.count("convert --on-error") == 1
