"""Bars and tables as text: what is more than nothing is seen, and columns stay columns in any script."""

from __future__ import annotations

import pytest

from tfrecord_lite.look.terminal import Terminal, bytes_as_text, columns_of

TERMINAL, PLAIN = Terminal(40), Terminal(40, "ascii")


@pytest.mark.parametrize(
    ("share", "shown", "plain"),
    [(0, "", ""), (0.0001, "▏", "#"), (0.25, "██▌", "##"), (0.5, "█████", "#####"), (1, "█" * 10, "#" * 10)],
)
def test_a_bar_is_as_long_as_its_share(share: float, shown: str, plain: str) -> None:
    assert TERMINAL.bar(share, 10) == shown
    assert PLAIN.bar(share, 10) == plain


def test_columns_are_as_high_as_their_numbers() -> None:
    assert TERMINAL.columns([0, 1, 4, 8]) == " ▁▄█"
    assert TERMINAL.columns([]) == TERMINAL.columns([0]) == PLAIN.columns([1, 2]) == ""


@pytest.mark.parametrize(("text", "width"), [("cat", 3), ("猫犬", 4), ("e\u0301", 1), ("é", 1), ("", 0)])
def test_characters_take_the_columns_that_they_take(text: str, width: int) -> None:
    assert columns_of(text) == width


def test_a_table_keeps_its_columns_whatever_the_script() -> None:
    lines = TERMINAL.table([("猫", "1", "a"), ("a long name", "10,000", "b")], "<><", indent=1)
    assert lines == [" 猫" + " " * 9 + "       1  a", " a long name  10,000  b"]


@pytest.mark.parametrize("terminal", [TERMINAL, PLAIN])
def test_the_last_column_is_cut_where_the_line_ends(terminal: Terminal) -> None:
    (line,) = terminal.table([("name", "x" * 100)], "<<")
    assert len(line) == 40
    assert line.endswith("…" if terminal.has_blocks else "...")


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (99_960, "100 kB"), (4_200_000, "4.2 MB")]
)
def test_bytes_are_said_as_people_do(size: int, said: str) -> None:
    assert bytes_as_text(size) == said
