"""A COCO file that is written as a stream is the same as one that is dumped in one piece."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfrecord_lite.coco.write.json_writer import CocoWriter

Entry = dict[str, Any]
VALUES = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.lists(st.integers(0, 9), max_size=3),
)
ENTRIES = st.dictionaries(st.sampled_from(["id", "name", "bbox", "größe", "a\nb", "]"]), VALUES, max_size=4)
CONTENT = st.lists(st.tuples(ENTRIES, st.lists(ENTRIES, max_size=3)), max_size=5)


def write(path: Path, content: Sequence[tuple[Entry, Sequence[Entry]]], categories: Sequence[Entry] = ()) -> bytes:
    """The file that these images with their annotations, and these categories, come to."""
    stream(path, content, categories)
    return path.read_bytes()


def stream(path: Path, content: Iterable[tuple[Entry, Sequence[Entry]]], categories: Iterable[Entry] = ()) -> None:
    writer = CocoWriter(str(path))
    for image, of_image in content:
        writer.add_image(orjson.dumps(image))
        writer.add_annotations(orjson.dumps(of_image)[1:-1])
    writer.finish(categories)


def in_one_piece(content: Sequence[tuple[Entry, Sequence[Entry]]], categories: Sequence[Entry], info: Entry) -> bytes:
    return orjson.dumps(
        {
            "info": info,
            "licenses": [],
            "images": [image for image, _ in content],
            "annotations": [annotation for _, annotations in content for annotation in annotations],
            "categories": categories,
        }
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENT, categories=st.lists(ENTRIES, max_size=3))
def test_the_stream_is_the_same_as_the_data_dumped_in_one_piece(
    content: list[tuple[Entry, list[Entry]]], categories: list[Entry], tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    path.unlink(missing_ok=True)
    written = write(path, content, categories)
    whole = in_one_piece(content, categories, json.loads(written)["info"])
    assert written.replace(b"\n", b"") == whole  # within a text a line break is escaped


def test_five_keys_in_the_order_of_the_official_files_even_where_there_is_nothing(tmp_path: Path) -> None:
    written = write(tmp_path / "out.json", [])
    assert list(json.loads(written)) == ["info", "licenses", "images", "annotations", "categories"]
    assert written.endswith(b"]}\n")
    assert not written.startswith(b"\xef\xbb\xbf"), "no byte order mark"


def test_one_image_or_the_annotations_of_one_image_make_a_line(tmp_path: Path) -> None:
    content: list[tuple[Entry, list[Entry]]] = [
        ({"id": 1}, [{"id": 1}, {"id": 2}]),
        ({"id": 2}, []),
        ({"id": 3}, [{"id": 3}]),
    ]
    lines = write(tmp_path / "out.json", content, [{"id": 1}, {"id": 2}]).decode().splitlines()
    assert lines[1:] == [
        '{"id":1},',
        '{"id":2},',
        '{"id":3}',
        '],"annotations":[',
        '{"id":1},{"id":2},',
        '{"id":3}',
        '],"categories":[',
        '{"id":1},',
        '{"id":2}',
        "]}",
    ]


def test_the_same_input_gives_the_same_bytes_without_clock_or_host(tmp_path: Path) -> None:
    content: list[tuple[Entry, list[Entry]]] = [({"id": 1}, [{"id": 1}])]
    first = write(tmp_path / "first.json", content)
    assert write(tmp_path / "second.json", content) == first
    assert set(json.loads(first)["info"]) <= {"description", "version", "url", "contributor"}


def test_while_a_file_is_written_its_annotations_are_beside_it_and_nothing_after(tmp_path: Path) -> None:
    writer = CocoWriter(str(tmp_path / "out.json"))
    writer.add_image(b'{"id":1}')
    writer.add_annotations(b'{"id":1}')
    assert len(list(tmp_path.iterdir())) == 2
    writer.finish([])
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("mine")
    with pytest.raises(FileExistsError):
        CocoWriter(str(tmp_path / "out.json"))
    assert (tmp_path / "out.json").read_text() == "mine"


def test_an_abandoned_file_can_be_closed_at_any_time(tmp_path: Path) -> None:
    writer = CocoWriter(str(tmp_path / "out.json"))
    writer.add_image(b'{"id":1}')
    writer.add_annotations(b'{"id":1}')
    writer.discard()
    writer.discard()
    done = CocoWriter(str(tmp_path / "done.json"))
    done.finish([])
    done.discard()
    assert json.loads((tmp_path / "done.json").read_bytes())["images"] == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_os_error_and_leaves_no_file_open(tmp_path: Path) -> None:
    script = (
        "import resource, signal, sys\n"
        "from tfrecord_lite.coco.write.json_writer import CocoWriter\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "writer = CocoWriter(sys.argv[1])\n"
        "try:\n"
        "    for number in range(100_000):\n"
        "        writer.add_image(b'{\"id\":%d}' % number)\n"
        '        writer.add_annotations(b\'{"id":%d,"note":"%b"}\' % (number, b\'x\' * 100))\n'
        "    writer.finish([])\n"
        "except OSError as error:\n"
        "    writer.discard()\n"
        "    print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(tmp_path / "out.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("OSError\n", "")


@pytest.mark.parametrize("of", ["annotations", "categories"])
def test_memory_does_not_grow_with_the_dataset(of: str, tmp_path: Path) -> None:
    entries = [{"id": 1, "category_id": 1, "bbox": [1.5, 2.5, 3.5, 4.5], "note": "x" * 100}] * 5
    images = (({"id": 1}, entries) for _ in range(20_000 if of == "annotations" else 0))
    categories = (entries[0] for _ in range(100_000 if of == "categories" else 0))
    tracemalloc.start()
    try:
        stream(tmp_path / "out.json", images, categories)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "out.json").stat().st_size > 15 << 20
    assert peak < 6 << 20
