"""The command line: exit statuses, what goes to stdout and what to stderr, every option, signals, closed streams."""

from __future__ import annotations

import contextlib
import errno
import gzip
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, example, floats, frame, ints, jpeg, shard, texts

from tfrecord_lite import __version__
from tfrecord_lite.cli import main

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "tfrecord_lite"]
needs_pipes = pytest.mark.skipif(os.name == "nt", reason="signals and named pipes are of Unix")
LINE = re.compile(r"(?:warning|error|note): \S|tfrecord2coco: \S")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, *records: Any) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(shard(*records))
    return name


def picture(name: str, **options: Any) -> dict[str, bytes]:
    return detection(name, boxes=[(1, 1, 9, 9)], **options)


def coco(path: str = "out/annotations/instances_x.json") -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def said(capture: Capture) -> list[str]:
    """The lines of stderr; each of them says first what it is, and none holds a control character."""
    lines = capture.readouterr().err.splitlines()
    for line in lines:
        assert LINE.match(line), line
        assert line.isprintable()
    return lines


# ------------------------------------------------------------------------------------------------------ exit statuses
def test_success_is_0_with_the_result_on_stdout_and_nothing_on_stderr(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", picture("a.jpg"), detection("b.jpg")), "-o", "out"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "2 images" in captured.out
    assert "1 annotation" in captured.out
    assert os.path.join("out", "annotations", "instances_x.json") in captured.out
    assert len(coco()["images"]) == 2


def test_data_at_fault_is_1_one_line_a_problem_and_nothing_is_published(capsys: Capture) -> None:
    path = write("x.tfrecord", picture("a.jpg"))
    with open(path, "ab") as file:
        file.write(frame(b"bad", data_crc=1) + frame(b"\xff") + frame(b"cut")[:-1])
    assert main(["convert", path, "-o", "out"]) == 1
    assert capsys.readouterr().out == ""
    assert sorted(os.listdir()) == ["x.tfrecord"]
    assert main(["convert", path, "-o", "out"]) == 1
    lines = said(capsys)
    assert len(lines) == 4
    assert [line.startswith(f"error: x.tfrecord: record {number} at byte ") for number, line in enumerate(lines[:3], 1)]
    assert "3 problems found, nothing was published" in lines[3]


def test_more_than_twenty_problems_are_counted(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", *[b"\xff"] * 25), "-o", "out"]) == 1
    lines = said(capsys)
    assert len(lines) == 22
    assert "5 more" in lines[20]
    assert "25 problems" in lines[21]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["gone.tfrecord", "-o", "out"], "gone.tfrecord"),
        (["gone-*.tfrecord", "-o", "out"], "gone-*.tfrecord"),
        (["x.tfrecord", "x.tfrecord", "-o", "out"], "given twice"),
        (["x.tfrecord", "-o", "x.tfrecord"], "not a folder"),
        (["x.tfrecord", "-o", "there.json"], "--overwrite"),
        (["x.tfrecord", "-o", "x.tfrecord/out"], "x.tfrecord"),
        (["x.tfrecord", "-o", "out", "--label-map", "gone.pbtxt"], "gone.pbtxt"),
        (["x.tfrecord", "-o", "out", "--label-map", "there.json"], "there.json"),
        (["x.tfrecord", "-o", "out", "--images", "pictures"], "--images"),
        (["x.tfrecord", "-o", "out.json", "--layout", "roboflow"], "layout"),
        (["x.tfrecord", "-o", "out", "--split", "../evil"], "split"),
    ],
)
def test_usage_and_file_system_are_2_with_one_line_that_names_what_is_wrong(
    arguments: list[str], named: str, capsys: Capture
) -> None:
    write("x.tfrecord", picture("a.jpg"))
    Path("there.json").write_text("mine")
    assert main(["convert", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("tfrecord2coco: error: ")
    assert named in line
    assert sorted(os.listdir()) == ["there.json", "x.tfrecord"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["convert"],
        ["convert", "x.tfrecord"],
        ["transmogrify", "x.tfrecord"],
        ["convert", "x.tfrecord", "-o", "out", "--no-such-option"],
        ["convert", "x.tfrecord", "-o", "out", "--over"],  # no abbreviations: another option may come
        ["convert", "x.tfrecord", "-o", "out", "--coordinates", "pixels"],
        ["convert", "x.tfrecord", "-o", "out", "--on-error", "ignore"],
        ["convert", "x.tfrecord", "-o", "out", "--precision", "many"],
        ["convert", "x.tfrecord", "-o", "out", "--precision", "-1"],
        ["convert", "x.tfrecord", "-o", "out", "--precision", "99"],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", "0"],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", "12Q"],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", ""],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", "M"],
    ],
)
def test_a_wrong_option_is_2_before_anything_is_read(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage:" in captured.err


def test_help_and_version_are_results(capsys: Capture) -> None:
    for arguments in (["--help"], ["convert", "--help"], ["demo", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        assert "tfrecord2coco" in captured.out
    assert captured.out == f"tfrecord2coco {__version__}\n"


def test_python_m_is_the_same_command() -> None:
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tfrecord2coco {__version__}\n"


def test_running_out_of_memory_is_2_and_a_message(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    real = os.open

    def fail(path: Any, *arguments: Any, **options: Any) -> int:
        if os.fsdecode(path).endswith("a.jpg"):
            raise MemoryError
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", fail)
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out"]) == 2
    assert "out of memory" in capsys.readouterr().err
    assert os.listdir() == ["x.tfrecord"]


def test_a_full_disk_is_2_and_names_the_file(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    real = os.open

    def fail(path: Any, *arguments: Any, **options: Any) -> int:
        if os.fsdecode(path).endswith("a.jpg"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", fail)
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out"]) == 2
    (line,) = said(capsys)
    assert line.endswith(f"{os.sep}a.jpg: {os.strerror(errno.ENOSPC)}")
    assert "b'" not in line
    assert os.listdir() == ["x.tfrecord"]


# ------------------------------------------------------------------------------------------------- stdout and stderr
def test_warnings_go_to_stderr_and_change_nothing(capsys: Capture) -> None:
    record = picture("a.jpg", **{"image/width": ints(5), "my/key": ints(1)})
    assert main(["convert", write("x.tfrecord", record, record), "-o", "out"]) == 0
    lines = said(capsys)
    assert any("size-wrong" in line and "2 times" in line and "record 0 at byte 0" in line for line in lines)
    assert any("my/key" in line for line in lines)
    assert len(coco()["images"]) == 2


def test_json_is_the_only_thing_on_stdout(capsys: Capture) -> None:
    record = picture("größe.jpg", **{"image/width": ints(5)})
    assert main(["convert", write("x.tfrecord", record), "-o", "out", "--json"]) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert (summary["images"], summary["annotations"], summary["categories"]) == (1, 1, 1)
    assert summary["files"] == [os.path.join("out", "annotations", "instances_x.json")]
    assert summary["splits"][0]["warnings"]["size-wrong"]["count"] == 1
    assert "size-wrong" in captured.err


def test_no_control_character_of_the_data_reaches_the_terminal(capsys: Capture) -> None:
    esc = "\x1b[31m\r\n"
    records = [
        picture("a.jpg", texts=[f"cat{esc}"], **{f"key{esc}": ints(1), "image/format": texts(esc)}),
        detection("b.jpg", boxes=[(1, 1, 9, 9)], **{f"image/object/bbox/xmin{esc}": floats(1)}),
        detection("c.jpg", image=f"junk{esc}".encode()),
        detection("d.jpg", boxes=[(1, 1, 9, 9)], texts=[""], **{"image/source_id": texts(esc)}),
    ]
    name = write(f"x{esc}.tfrecord", *records)
    label_map = Path(f"map{esc}.pbtxt")
    label_map.write_text("item { id: 1 name: 'dog' }")
    for options in (
        [],
        ["--on-error", "skip"],
        ["--strict"],
        ["--image-ids", "source"],
        ["--label-map", str(label_map)],
    ):
        main(["convert", name, "-o", "out", "--overwrite", *options])
        captured = capsys.readouterr()
        assert LINE.match(captured.err)
        assert all(line.isprintable() for line in captured.err.split("\n"))
        assert all(line.isprintable() for line in captured.out.split("\n"))


def test_a_terminal_that_knows_no_unicode_is_no_reason_to_fail() -> None:
    path = write("größe.tfrecord", picture("größe.jpg", texts=["猫"], **{"image/width": ints(5)}))
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
    }
    done = subprocess.run([*COMMAND, "convert", path, "-o", "out"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files must be Unicode")
def test_names_that_are_no_unicode_are_names_all_the_same() -> None:
    odd = os.fsdecode(b"odd\xff")
    write(f"{odd}/{odd}.tfrecord", picture("a.jpg"))
    Path(odd, f"{odd}_label_map.pbtxt").write_text("item { id: 1 name: 'cat' }")
    for options in ([], ["--json"]):
        done = subprocess.run(
            [*COMMAND, "convert", odd, "-o", f"out {odd}", "--overwrite", *options], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr


def run_on_a_terminal(*options: str) -> tuple[int, bytes]:
    """Exit status, and what a terminal that stands for stderr shows while a slow pipe is converted."""
    fcntl, pty, termios = map(pytest.importorskip, ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # without a size nothing is drawn
    data = shard(picture("a.jpg"), picture("b.jpg"))
    command = [*COMMAND, "convert", "pipe", "-o", "out", "--overwrite", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        with open("pipe", "wb", 0) as pipe:
            for part in (data[:700], data[700:1000], data[1000:]):
                pipe.write(part)
                time.sleep(0.2)
    shown = b""
    with contextlib.suppress(OSError):  # Linux tells so that the other side is closed
        while select.select([ours], [], [], 10)[0] and (part := os.read(ours, 4096)):
            shown += part
    os.close(ours)
    return process.returncode, shown


@needs_pipes
def test_progress_is_shown_on_a_terminal_only_and_not_where_it_is_quiet(capsys: Capture) -> None:
    os.mkfifo("pipe")
    status, shown = run_on_a_terminal()
    assert status == 0
    assert b"B/s" in shown
    assert run_on_a_terminal("-q") == (0, b"")
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "captured"]) == 0
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------------------------------------------------- the options
BOXES = {
    "image/object/bbox/" + side: floats(value)
    for side, value in zip(("xmin", "ymin", "xmax", "ymax"), (0, 0, 1, 1), strict=True)
}
NAN = {"image/object/bbox/xmin": floats(float("nan"))}


def first_box() -> list[float]:
    box: list[float] = coco()["annotations"][0]["bbox"]
    return box


OPTIONS: dict[str, tuple[list[Any], list[str], int, Callable[[], bool]]] = {
    "--label-map": (
        [picture("a.jpg", labels=[2])],
        ["--label-map", "map.pbtxt"],
        0,
        lambda: [entry["name"] for entry in coco()["categories"]] == ["cat", "dog"],
    ),
    "--coordinates": (
        [detection("a.jpg", labels=[1], **BOXES)],
        ["--coordinates", "pixel"],
        0,
        lambda: first_box() == [0, 0, 1, 1],
    ),
    "--category": (
        [picture("a.jpg", drop=["image/object/class/label"])],
        ["--category", "pikachu"],
        0,
        lambda: coco()["categories"][0]["name"] == "pikachu",
    ),
    "--no-images": (
        [picture("a.jpg")],
        ["--no-images"],
        0,
        lambda: sorted(os.listdir("out")) == ["annotations", "reports"],
    ),
    "--image-ids": (
        [picture("a.jpg", **{"image/source_id": texts("42")})],
        ["--image-ids", "source"],
        0,
        lambda: coco()["images"][0]["id"] == 42,
    ),
    "--precision": (
        [detection("a.jpg", boxes=[(1.26, 1, 9, 9)])],
        ["--precision", "1"],
        0,
        lambda: first_box()[0] == 1.3,
    ),
    "--precision exact": (
        [detection("a.jpg", boxes=[(1.015625, 1, 9, 9)])],
        ["--precision", "exact"],
        0,
        lambda: first_box()[0] == 1.015625,
    ),
    "--split": (
        [picture("a.jpg")],
        ["--split", "train"],
        0,
        lambda: len(coco("out/annotations/instances_train.json")["images"]) == 1,
    ),
    "--layout": (
        [picture("a.jpg")],
        ["--layout", "roboflow"],
        0,
        lambda: len(coco("out/x/_annotations.coco.json")["images"]) == 1,
    ),
    "--on-error fail": ([picture("a.jpg"), b"\xff"], ["--on-error", "fail"], 1, lambda: not os.path.exists("out")),
    "--on-error skip": ([picture("a.jpg"), b"\xff"], ["--on-error", "skip"], 0, lambda: len(coco()["images"]) == 1),
    "--on-error skip, one box": (
        [detection("a.jpg", labels=[1], **{**BOXES, **NAN})],
        ["--on-error", "skip"],
        0,
        lambda: (len(coco()["images"]), len(coco()["annotations"])) == (1, 0),
    ),
    "--strict": ([picture("a.jpg", **{"image/width": ints(5)})], ["--strict"], 1, lambda: not os.path.exists("out")),
    "--verify-images": (
        [
            detection(
                "a.jpg",
                image=b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x30\x00\x40\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xff\xd9",
            )
        ],
        ["--verify-images"],
        1,
        lambda: not os.path.exists("out"),
    ),
    "--allow-empty": ([], ["--allow-empty"], 0, lambda: coco()["images"] == []),
    "no --allow-empty": ([], [], 1, lambda: not os.path.exists("out")),
    "--max-record-size": ([picture("a.jpg")], ["--max-record-size", "100"], 1, lambda: not os.path.exists("out")),
    "--max-record-size, a unit": (
        [picture("a.jpg")],
        ["--max-record-size", "1MiB"],
        0,
        lambda: len(coco()["images"]) == 1,
    ),
    "-q": ([picture("a.jpg")], ["-q"], 0, lambda: len(coco()["images"]) == 1),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_does_what_it_says(option: str) -> None:
    records, arguments, status, holds = OPTIONS[option]
    Path("map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    beside = [] if "--label-map" in arguments else ["x.tfrecord"]
    write("alone/x.tfrecord", *records)
    assert main(["convert", os.path.join("alone", (beside or ["x.tfrecord"])[0]), "-o", "out", *arguments]) == status
    assert holds()


@pytest.mark.parametrize(
    ("text", "size"), [("100", 100), ("1k", 1024), ("2KiB", 2048), ("3M", 3 << 20), ("1gb", 1 << 30)]
)
def test_sizes_may_have_a_unit(text: str, size: int, capsys: Capture) -> None:
    # Compressed, so that nothing but the limit tells that so long a record cannot be.
    Path("x.tfrecord").write_bytes(gzip.compress(frame(b"", length=size + 1)[:12]))
    assert main(["convert", "x.tfrecord", "-o", "out", "--max-record-size", text]) == 1
    assert f"a record of {size + 1} bytes exceeds the limit of {size} bytes" in said(capsys)[0]


def test_overwrite_replaces_an_earlier_result(capsys: Capture) -> None:
    path = write("x.tfrecord", picture("a.jpg"))
    assert main(["convert", path, "-o", "out"]) == 0
    assert main(["convert", path, "-o", "out"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main(["convert", path, "-o", "out", "--overwrite"]) == 0


def test_images_goes_with_a_json_file() -> None:
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out.json", "--images", "pictures"]) == 0
    assert os.listdir("pictures") == ["a.jpg"]
    assert len(coco("out.json")["images"]) == 1


def test_a_gap_in_a_set_is_an_error_unless_it_is_accepted(capsys: Capture) -> None:
    write("in/x-00000-of-00003", picture("a.jpg"))
    write("in/x-00002-of-00003", picture("b.jpg"))
    assert main(["convert", "in", "-o", "out"]) == 2
    assert "00001" in said(capsys)[0]
    assert main(["convert", "in", "-o", "out", "--allow-missing-shards"]) == 0
    assert said(capsys)[0].startswith("warning: ")


def test_one_shard_alone_is_a_warning(capsys: Capture) -> None:
    assert main(["convert", write("x-00001-of-00003", picture("a.jpg")), "-o", "out"]) == 0
    (line,) = said(capsys)
    assert line.startswith("warning: x-00001-of-00003: 2 of 3 shards are missing")


def test_dropped_pieces_are_told_and_counted(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", picture("a.jpg"), b"\xff"), "-o", "out", "--on-error", "skip"]) == 0
    captured = capsys.readouterr()
    assert "dropped" in captured.err
    assert "record 1 at byte" in captured.err
    assert "dropped 1 record" in captured.out


def test_standard_input_is_an_input() -> None:
    data = shard(picture("a.jpg"), picture("b.jpg"))
    done = subprocess.run([*COMMAND, "convert", "-", "-o", "out.json"], input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(coco("out.json")["images"]) == 2
    done = subprocess.run([*COMMAND, "convert", "-", "-o", "bad"], input=data[:-1], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"standard input: record 1 at byte" in done.stderr


def test_the_splits_of_a_folder_are_converted_in_one_call(capsys: Capture) -> None:
    for split in ("train", "val", "test"):
        write(f"in/{split}-00000-of-00001.tfrecord", picture(f"{split}.jpg"))
    assert main(["convert", "in", "-o", "out"]) == 0
    shown = capsys.readouterr().out
    for split in ("train", "val", "test"):
        assert len(coco(f"out/annotations/instances_{split}.json")["images"]) == 1
        assert f"instances_{split}.json" in shown


def test_records_of_no_known_layout_are_told_with_their_keys(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", example({"audio": floats(1, 2)})), "-o", "out"]) == 1
    assert "audio (float[2])" in said(capsys)[0]


def test_demo_is_the_first_minute(capsys: Capture) -> None:
    assert main(["demo"]) == 0
    shown = capsys.readouterr().out
    assert "tfrecord2coco convert" in shown
    assert os.path.isdir("tfrecord2coco-demo")
    assert main(["demo", "-o", "elsewhere"]) == 0
    assert os.path.isdir("elsewhere")
    command = next(line for line in shown.splitlines() if line.startswith("$ tfrecord2coco ")).split()[2:]
    assert main([*command, "--overwrite"]) == 0, "what it shows can be typed"


# -------------------------------------------------------------------------------------------------------------- signals
@needs_pipes
@pytest.mark.parametrize(
    ("name", "output"), [("SIGTERM", "out"), ("SIGTERM", "out.json"), ("SIGINT", "out"), ("SIGHUP", "out")]
)
def test_a_signal_ends_the_run_in_order_and_leaves_nothing(name: str, output: str) -> None:
    os.mkfifo("pipe")
    number = getattr(signal, name)
    with (
        subprocess.Popen(
            [*COMMAND, "convert", "pipe", "-o", output], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
        open("pipe", "wb") as pipe,
    ):  # more is to come, but never does
        pipe.write(shard(*[picture(f"{n}.jpg") for n in range(20)]))
        pipe.flush()
        wait_for(lambda: any("partial" in entry for entry in os.listdir()))
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert stdout == b""
    assert stderr.decode() == f"tfrecord2coco: ended by {name}\n"
    assert os.listdir() == ["pipe"]


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@needs_pipes
def test_a_signal_that_the_caller_ignores_stays_ignored() -> None:
    # As under nohup: a terminal that is closed does not end the run.
    os.mkfifo("pipe")
    script = (
        "import signal, sys\n"
        "from tfrecord_lite.cli import main\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", script, "convert", "pipe", "-o", "out.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with open("pipe", "wb") as pipe:
            pipe.write(shard(picture("a.jpg")))
            pipe.flush()
            wait_for(lambda: any("partial" in entry for entry in os.listdir()))
            process.send_signal(signal.SIGHUP)
        assert process.wait(20) == 0
    assert len(coco("out.json")["images"]) == 1


def test_the_caller_s_signal_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out"]) == 0
    assert main(["convert", "gone", "-o", "out2"]) == 2
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_it_runs_in_a_thread_too() -> None:
    path = write("x.tfrecord", picture("a.jpg"))
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(main(["convert", path, "-o", "out"])))
    thread.start()
    thread.join()
    assert statuses == [0]


# ------------------------------------------------------------------------------------------------------ closed streams
def many_keys() -> str:
    image = jpeg(8, 8)
    return write("x.tfrecord", *[picture(f"{n}.jpg", image=image, **{f"key {n}": ints(1)}) for n in range(500)])


@needs_pipes
@pytest.mark.parametrize(("options", "unbuffered"), [([], "1"), (["--json"], "")])
def test_a_reader_that_went_away_changes_nothing(options: list[str], unbuffered: str) -> None:
    path = many_keys()
    receiver, sender = os.pipe()
    os.close(receiver)
    done = subprocess.run(
        [*COMMAND, "convert", path, "-o", "out", *options],
        stdout=sender,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )
    os.close(sender)
    assert b"Traceback" not in done.stderr
    assert b"Broken pipe" not in done.stderr
    assert done.returncode == 0
    assert len(coco()["images"]) == 500


@needs_pipes
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_no_harm(closed: str) -> None:
    path = write("x.tfrecord", picture("a.jpg", **{"image/width": ints(5)}))
    command = f'exec "$0" -m tfrecord_lite convert {path} -o out {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(coco()["images"]) == 1
    assert all(Path(image).read_bytes().startswith(b"\xff\xd8") for image in Path("out/images/x").iterdir())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_stdout_is_told_and_a_full_stderr_is_not_heard_of() -> None:
    path = write("x.tfrecord", picture("a.jpg", **{"image/width": ints(5)}))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "convert", path, "-o", "out", "--json"], stdout=full, stderr=subprocess.PIPE, check=False
        )
        assert done.returncode == 2
        assert b"No space left" in done.stderr
        assert b"Traceback" not in done.stderr
        done = subprocess.run(
            [*COMMAND, "convert", path, "-o", "out2"], stdout=subprocess.PIPE, stderr=full, check=False
        )
        assert done.returncode == 0
        done = subprocess.run(
            [*COMMAND, "convert", "gone", "-o", "out3"], stdout=subprocess.PIPE, stderr=full, check=False
        )
        assert done.returncode == 2


def test_messages_stay_short_whatever_the_data_holds(capsys: Capture) -> None:
    long = "x" * 100_000
    records = [
        picture("a.jpg", **{f"key/{long}": ints(1), "image/source_id": texts(long)}),
        picture("b.jpg", texts=[long], **{"image/source_id": texts(long), "image/format": texts(long)}),
        detection("c.jpg", image=long.encode()),
    ]
    for options in (["--on-error", "skip"], ["--image-ids", "source"], ["--strict"], ["--label-map", "map.pbtxt"]):
        Path("map.pbtxt").write_text("item { id: 1 name: 'cat' }")
        main(["convert", write("in/x.tfrecord", *records), "-o", "out", "--overwrite", *options])
        captured = capsys.readouterr()
        assert all(len(line) < 1000 for line in (captured.err + captured.out).splitlines())
