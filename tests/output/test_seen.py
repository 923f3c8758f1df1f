"""A set of keys that is exact, within bounded memory."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.commands.cli import main
from tfrecord_lite.output import seen
from tfrecord_lite.output.seen import Seen

MANY = 21_000  # more than are kept in memory


def keys(count: int) -> list[bytes]:
    return [b"key %d" % number for number in range(count)]


@pytest.mark.parametrize("kept_in_memory", [0, 5, 16_000])
@settings(deadline=None, max_examples=30)
@given(added=st.lists(st.binary(max_size=2), max_size=40), asked=st.lists(st.binary(max_size=2), max_size=10))
def test_it_answers_as_a_set_does(kept_in_memory: int, added: list[bytes], asked: list[bytes]) -> None:
    reference: set[bytes] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_MOST_IN_MEMORY", kept_in_memory)
        known = Seen()
    with known:
        for key in added:
            assert (key in known) == (key in reference)
            assert known.add(key) is (key not in reference)
            reference.add(key)
            assert key in known
        for key in asked:
            assert (key in known) == (key in reference)


def test_it_answers_the_same_below_and_above_what_memory_holds(tmp_path: Path) -> None:
    with Seen(str(tmp_path)) as known:
        assert all(known.add(key) for key in keys(MANY))
        assert not any(known.add(key) for key in keys(MANY))
        assert all(key in known for key in keys(MANY))
        assert b"another" not in known


def test_few_keys_need_no_file(tmp_path: Path) -> None:
    with Seen(str(tmp_path / "does not exist")) as known:
        assert all(known.add(key) for key in keys(16_000))


@pytest.mark.parametrize("digest", [hash, seen._blake2b], ids=["64 bits", "a Python of 32 bits"])
def test_digests_of_either_sign_are_kept(digest: Callable[[bytes], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_digest", digest)
    # SQLite's numbers are signed.
    assert {digest(key) < 0 for key in keys(50)} == {True, False}
    assert all(-(1 << 63) <= digest(key) < 1 << 63 for key in keys(50))
    with Seen() as known:
        assert all(known.add(key) for key in keys(MANY))
        assert not any(known.add(key) for key in keys(50))


@pytest.mark.parametrize(("width", "digest"), [(64, "hash"), (32, "_blake2b")])
def test_a_hash_of_32_bits_would_be_too_short(width: int, digest: str) -> None:
    # As of a Python for 32 bits, whose SipHash is that of 64 all the same, and cut.
    script = (
        "import sys\n"
        "from types import SimpleNamespace\n"
        f"sys.hash_info = SimpleNamespace(width={width}, hash_bits=64, algorithm='siphash24')\n"
        "from tfrecord_lite.output import seen\n"
        "print(seen._digest.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == digest


@pytest.mark.parametrize("system", ["linux", "darwin"])  # an open file keeps its name on some systems
def test_nothing_is_left_in_the_directory(system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    with Seen(str(tmp_path)) as known:
        for key in keys(MANY):
            known.add(key)
        assert len(list(tmp_path.iterdir())) == (0 if system == "linux" else 1)
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_and_closing_an_empty_one_is_fine() -> None:
    known = Seen()
    known.close()
    assert known.add(b"key 1")
    known.close()
    assert known.add(b"key 1")
    for key in keys(MANY):
        known.add(key)
    known.close()
    known.close()
    assert known.add(b"key 1")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere an open file keeps its name")
def test_not_even_a_killed_process_leaves_a_file(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from tfrecord_lite.output.seen import Seen\n"
        "known = Seen(sys.argv[1])\n"
        "for number in range(21_000): known.add(b'%d' % number)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with Seen(str(tmp_path / "gone")) as known:
        for key in keys(16_000):
            known.add(key)
        with pytest.raises(FileNotFoundError):
            known.add(b"one more")


def test_a_full_disk_is_an_os_error_that_says_so(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    script = (
        "import resource, signal, sys\n"
        "from tfrecord_lite.output.seen import Seen\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))\n"
        "known = Seen(sys.argv[1])\n"
        "try:\n"
        "    for number in range(2_000_000): known.add(b'%d' % number)\n"
        "except OSError as error:\n"
        "    known.close()\n"
        "    print(type(error).__name__, error.errno, error.filename is not None)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split() in (["OSError", str(errno.ENOSPC), "True"], ["OSError", str(errno.EIO), "True"])
    assert list(tmp_path.iterdir()) == []


def test_a_database_error_of_any_call_is_an_os_error(tmp_path: Path) -> None:
    with Seen(str(tmp_path)) as known:
        for key in keys(MANY):
            known.add(key)
        known._cursor.execute("DROP TABLE seen")
        with pytest.raises(OSError, match="no such table") as caught:
            known.add(b"new")
        assert caught.value.errno == errno.EIO
        with pytest.raises(OSError, match="no such table"):
            b"new" in known  # noqa: B015 - the question itself fails


@pytest.mark.parametrize(
    ("text", "number"), [("database or disk is full", errno.ENOSPC), ("disk I/O error", errno.EIO)]
)
def test_the_error_number_tells_a_full_disk_from_a_broken_one(
    text: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite3 = pytest.importorskip("sqlite3")

    def fail(*_args: object, **_options: object) -> None:
        raise sqlite3.OperationalError(text)

    monkeypatch.setattr(sqlite3, "connect", fail)
    with Seen(str(tmp_path)) as known:
        for key in keys(16_000):
            known.add(key)
        with pytest.raises(OSError, match=text) as caught:
            known.add(b"one more")
    assert caught.value.errno == number
    assert os.strerror(number) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_python_without_sqlite_keeps_all_keys_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with Seen(str(tmp_path / "never made")) as known:
        assert all(known.add(key) for key in keys(MANY))
        assert not any(known.add(key) for key in keys(MANY))


def test_a_python_without_sqlite_is_named_where_nothing_else_can_be_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    images = [{"id": number, "file_name": f"{number}.png", "width": 9, "height": 9} for number in (1, 2)]
    boxes = [{"id": n, "image_id": 1 + n % 2, "category_id": 1, "bbox": [1, 1, 2, 2], "area": 4} for n in range(1, 9)]
    coco = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]}
    path = tmp_path / "scattered.json"
    path.write_text(json.dumps(coco), encoding="utf-8")
    assert main(["validate", str(path), "-q"]) == 2
    assert "this Python was built without sqlite3" in capsys.readouterr().err


def test_sqlite_is_not_imported_before_it_is_needed() -> None:
    script = (
        "import sys\n"
        "from tfrecord_lite.output.seen import Seen\n"
        "known = Seen()\n"
        "known.add(b'a')\n"
        "print('sqlite3' in sys.modules)\n"
        "for number in range(21_000): known.add(b'%d' % number)\n"
        "print('sqlite3' in sys.modules)\n"
        "known.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_number_of_keys() -> None:
    script = (
        "import os\n"
        "from tfrecord_lite.output.seen import Seen\n"
        "def memory(): return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE')\n"
        "known = Seen()\n"
        "before = memory()\n"
        "for number in range(300_000): known.add(b'%d' % number)\n"
        "print(memory() - before)\n"
        "known.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 10_000_000  # a set of as many numbers takes 28 MB


@pytest.mark.parametrize("kept_in_memory", [0, 3, 4_000])
def test_a_key_is_found_with_the_number_it_came_with_first(kept_in_memory: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_MOST_IN_MEMORY", kept_in_memory)
        known = Seen()
    with known:
        assert [known.first(key, number) for number, key in enumerate(keys(10))] == list(range(10))
        assert [known.first(key, 99) for key in keys(10)] == list(range(10))
        assert [known.first(key, 99, otherwise=-1) for key in keys(11)] == [-1] * 10 + [99]
        assert known.first(keys(11)[10], 7) == 99
        assert not known.add(b"key 3")


def test_a_database_error_while_a_number_is_looked_up_is_an_os_error() -> None:
    with Seen() as known:
        for key in keys(MANY):
            known.add(key)
        known._cursor.execute("ALTER TABLE seen RENAME COLUMN number TO other")
        with pytest.raises(OSError, match="no such column"):
            known.first(b"key 1", 5)
