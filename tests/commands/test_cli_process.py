"""The command as a process: terminals and encodings, signals, closed and full streams."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import COMMAND, Capture, coco, needs_pipes
from record_files import picture, write
from tfrecords import ints, jpeg, shard

from tfrecord_lite import __version__
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


# --------------------------------------------------------------------------------------------- terminals and encodings
def test_python_m_is_the_same_command() -> None:
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tfrecord2coco {__version__}\n"


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
    assert stderr.decode() == f"tfrecord2coco: stopping, clearing up ...\ntfrecord2coco: ended by {name}\n"
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
        "from tfrecord_lite.commands.cli import main\n"
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


LOST = """
import signal, sys, time, weakref
from tfrecord_lite.commands.signals import EndedBySignalError, signals_as_exceptions
class Thing: pass
try:
    with signals_as_exceptions():
        thing = Thing()
        callback = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing  # what the callback raises can go nowhere
        print("still running", flush=True)
        time.sleep(20)
except EndedBySignalError as ended:
    print("ended by", ended.number)
"""


@needs_pipes
def test_a_second_interrupt_ends_what_did_not_hear_the_first() -> None:
    with subprocess.Popen([sys.executable, "-c", LOST], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"still running\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == b"ended by 2\n"


REPEATED = """
import os, signal, sys
from tfrecord_lite.commands.signals import EndedBySignalError, signals_as_exceptions
first, second = (getattr(signal, name) for name in sys.argv[1:])
try:
    with signals_as_exceptions():
        try:
            signal.raise_signal(first)
        finally:
            signal.raise_signal(second)
            print("cleared up")
except EndedBySignalError as ended:
    print("ended by", signal.Signals(ended.number).name)
"""


@needs_pipes
@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("SIGHUP", "SIGHUP", "cleared up\nended by SIGHUP\n"),
        ("SIGTERM", "SIGHUP", "cleared up\nended by SIGTERM\n"),
        ("SIGINT", "SIGTERM", "cleared up\nended by SIGINT\n"),
        ("SIGTERM", "SIGINT", "ended by SIGINT\n"),
        ("SIGINT", "SIGINT", "ended by SIGINT\n"),
    ],
)
def test_only_a_second_interrupt_ends_the_clearing_up(first: str, second: str, shown: str) -> None:
    done = subprocess.run([sys.executable, "-c", REPEATED, first, second], capture_output=True, text=True, check=True)
    assert done.stdout == shown
    assert done.stderr == "tfrecord2coco: stopping, clearing up ...\n"


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
@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("words", [["--help"], ["roles"], ["convert", "gone", "-o", "out", "--json"]])
def test_a_full_stdout_is_reported_once_whatever_was_to_be_written(words: list[str], buffered: str) -> None:
    with open("/dev/full", "wb") as full:
        environment = {**os.environ, "PYTHONUNBUFFERED": buffered}
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, check=False, env=environment)
    assert done.returncode == 2
    told = "tfrecord2coco: error: cannot write to standard output: No space left on device"
    assert [line for line in done.stderr.decode().splitlines() if "gone" not in line] == [told]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_stdout_is_an_error_and_a_full_stderr_is_not() -> None:
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
