"""Numbers as drawings: what is counted is drawn, and nothing of it is markup."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.look.charts import Column, bar, by_number, by_octave, columns, heatmap


def test_a_column_for_each_number_where_there_are_few() -> None:
    assert by_number({2: 5, 4: 1}) == [Column("2", 5), Column("3", 0), Column("4", 1)]


@given(st.dictionaries(st.integers(0, 100_000), st.integers(1, 1000), min_size=1, max_size=60))
def test_every_image_is_in_one_column(counts: dict[int, int]) -> None:
    found = by_number(counts)
    assert len(found) <= 24
    assert sum(column.height for column in found) == sum(counts.values())


@given(st.dictionaries(st.integers(-20, 40), st.integers(1, 1000), min_size=1))
def test_every_box_is_in_one_column(counts: dict[int, int]) -> None:
    assert sum(column.height for column in by_octave(counts)) == sum(counts.values())


def test_sizes_are_named_by_their_pixels() -> None:
    assert [column.name for column in by_octave(Counter({10: 1, 13: 1}))] == ["32", "45", "64", "91"]
    assert by_octave({-3: 1})[0].name == "<1"


def test_drawings_are_well_formed_whatever_the_names_are() -> None:
    svg = columns([Column("<script>&\"'", 3), Column("b", 0)], 'a "title" <b>')
    root = ET.fromstring(svg)
    assert len(root.findall("g")) == 2
    assert "<script>" not in svg
    ET.fromstring(bar(0.5, "#e69f00"))


def test_the_fullest_cell_is_the_darkest() -> None:
    svg = heatmap([0, 1, 4, 16], 2, "centres")
    root = ET.fromstring(svg)
    shades = {path.attrib["d"]: float(path.attrib["fill-opacity"]) for path in root}
    assert "M0 0h1v1h-1z" not in shades
    assert shades["M1 1h1v1h-1z"] == 1.0
    assert shades["M1 0h1v1h-1z"] < shades["M0 1h1v1h-1z"] < 1


def test_nothing_is_drawn_of_nothing() -> None:
    assert columns([], "x") == columns([Column("a", 0)], "x") == heatmap([0, 0], 1, "x") == ""
    assert by_number({}) == by_octave({}) == []
