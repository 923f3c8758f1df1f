"""Progress: a bar where a person watches, a line now and then in a log, nothing where it is not wanted."""

from __future__ import annotations

import io
import sys
from argparse import Namespace

import pytest
from commands import Capture
from record_files import picture, write

from tfrecord_lite import convert
from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.verb import VERBS, load_verb
from tfrecord_lite.options.console import QUIET

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")
LOUD = Namespace(quiet=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_without_a_terminal_a_long_run_says_every_ten_seconds_how_far_it_is(
    capsys: Capture, clock: list[float]
) -> None:
    with progress(LOUD, lambda: 400 << 20) as watched:
        assert watched.on_bytes is not None
        assert watched.on_images is not None
        for _ in range(40):
            clock[0] += 1
            watched.on_bytes(10 << 20)
            watched.on_images(int(clock[0]), max(0, int(clock[0]) - 125))
    assert capsys.readouterr().err.splitlines() == [
        "progress: 100 MiB in 10 s, 25% of 400 MiB, 109 images",
        "progress: 200 MiB in 20 s, 50% of 400 MiB, 119 images",
        "progress: 300 MiB in 30 s, 75% of 400 MiB, 129 images, 4 warnings",
        "progress: 400 MiB in 40 s, 100% of 400 MiB, 139 images, 14 warnings",
    ]


def test_a_pipe_has_no_percentage(capsys: Capture, clock: list[float]) -> None:
    with progress(LOUD, lambda: 0) as watched:
        assert watched.on_bytes is not None
        clock[0] += 10
        watched.on_bytes(5 << 20)
    assert capsys.readouterr().err == "progress: 5 MiB in 10 s\n"


def test_a_short_run_and_a_quiet_one_say_nothing(capsys: Capture, clock: list[float]) -> None:
    with progress(LOUD, lambda: 1) as watched:
        clock[0] += 9
        assert watched.on_bytes is not None
        watched.on_bytes(1)
    with progress(Namespace(quiet=True)) as watched:
        assert (watched.on_bytes, watched.on_images) == (None, None)
        watched.out("result")
    assert capsys.readouterr() == ("result\n", "")


def test_the_bar_shows_images_and_warnings_and_gives_way_to_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress(LOUD, lambda: 100 << 20) as watched:
        assert watched.on_bytes is not None
        assert watched.on_images is not None
        watched.on_images(1234, 1)
        watched.on_bytes(50 << 20)
        watched._bar.refresh()  # type: ignore[attr-defined]
        assert "50%" in terminal.getvalue()
        assert "1,234 images, 1 warning" in terminal.getvalue()
        before = len(terminal.getvalue())
        watched.out("a line")
        assert terminal.getvalue()[before:].strip("\r ") == "", "only the bar is wiped away"
    assert capsys.readouterr().out == "a line\n"


def test_every_verb_that_can_take_long_can_be_quiet() -> None:
    never_loud = {"roles", "demo", "beam"}  # a pipeline has no progress of its own: its runner shows it
    assert {name for name in VERBS if QUIET not in load_verb(name).options} == never_loud


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_conversion_counts_images_and_warnings(jobs: int) -> None:
    write("in/a.tfrecord", *[picture(f"{n}.jpg") for n in range(70)])
    write("in/b.tfrecord", picture("0.jpg"), picture("0.jpg"))
    told: list[tuple[int, int]] = []
    convert("in", "out", jobs=jobs, on_images=lambda *found: told.append(found))
    assert told == sorted(told)
    assert told[-1] == (72, 2)
