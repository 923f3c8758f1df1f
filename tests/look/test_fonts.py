"""Fonts: names in any script, or a number instead of boxes."""

from __future__ import annotations

from pathlib import Path

import pytest
from looked_at import classes

from tfrecord_lite.errors import UsageError
from tfrecord_lite.look.draw import shown_name
from tfrecord_lite.look.fonts import Fonts


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Fonts:
    """Fonts on a machine that has none."""
    monkeypatch.setattr("tfrecord_lite.look.fonts._paths", lambda: ())
    return Fonts()


def test_ascii_is_shown_everywhere(bare: Fonts) -> None:
    assert bare.of("traffic light 2", 12) is not None


def test_what_the_font_lacks_is_reported(bare: Fonts) -> None:
    for text in ("猫", "\U0010ffff"):
        assert bare.of(text, 12) is None


def test_a_name_that_no_font_shows_is_its_number(bare: Fonts) -> None:
    table = classes("cat", "猫")
    assert [shown_name(row, bare) for row in table.rows] == ["cat", "#2"]


@pytest.mark.parametrize("name", ["a\x07b", "\u202egpj", "\ud800", "\x00"])
def test_what_cannot_be_printed_is_escaped(name: str, bare: Fonts) -> None:
    (shown,) = [shown_name(row, bare) for row in classes(name).rows]
    assert shown.isascii()
    assert shown.isprintable()


def test_a_long_name_is_cut(bare: Fonts) -> None:
    assert len(shown_name(classes("x" * 1000).rows[0], bare)) < 50


def test_letters_that_join_need_an_engine_that_joins_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfrecord_lite.look.fonts.features.check_feature", lambda _: False)
    assert Fonts().of("قطة", 12) is None


def test_a_file_that_is_no_font_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(UsageError, match=r"x\.ttf: font"):
        Fonts(str(tmp_path / "x.ttf"))
