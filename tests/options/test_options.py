"""Options: defined once, the same in the library and on the command line, and checked wherever a value comes from."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import tfrecord_lite
from tfrecord_lite import ReadOptions, UsageError, convert, errors, pack, preview
from tfrecord_lite.commands.arguments import add_options
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.inspecting import INSPECT_OPTIONS
from tfrecord_lite.options.kinds import Choice, Flag
from tfrecord_lite.options.option import Option, words_of
from tfrecord_lite.options.packing import PACK_OPTIONS
from tfrecord_lite.options.previewing import PREVIEW_OPTIONS
from tfrecord_lite.options.reading import _READ_OPTIONS
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE

PACKAGE = Path(errors.__file__).parent
FUNCTIONS: list[tuple[Callable[..., object], Iterable[Option]]] = [
    (convert, CONVERT_OPTIONS),
    (tfrecord_lite.inspect, INSPECT_OPTIONS),
    (pack, PACK_OPTIONS),
    (preview, PREVIEW_OPTIONS),
]
NOT_OPTIONS = {"inputs", "dataset", "output", "on_bytes", "on_images"}


# ------------------------------------------------------------------------------------------------- defined once
@pytest.mark.parametrize(("function", "options"), FUNCTIONS)
def test_functions_have_the_parameters_and_defaults_of_the_definitions(
    function: Callable[..., object], options: Iterable[Option]
) -> None:
    parameters = inspect.signature(function).parameters
    defaults = {name: each.default for name, each in parameters.items() if name not in NOT_OPTIONS}
    assert defaults == {option.name: option.default for option in options}


def test_read_options_has_the_fields_and_defaults_of_the_definitions() -> None:
    assert [each.name for each in fields(ReadOptions)] == [option.name for option in _READ_OPTIONS]
    defaults = {option.name: option.default for option in _READ_OPTIONS}
    assert ReadOptions(**defaults | {"roles": ()}) == ReadOptions()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("described", "options"),
    [*FUNCTIONS, (ReadOptions, _READ_OPTIONS)],
)
def test_docstrings_describe_every_option_and_name_every_choice(
    described: Callable[..., object], options: Iterable[Option]
) -> None:
    text = inspect.getdoc(described) or ""
    for option in options:
        entry = re.search(rf"^ *{option.name}: (.*(?:\n {{5,}}.*)*)", text, re.MULTILINE)
        assert entry, option.name
        if isinstance(option.kind, Choice):
            named = set(re.findall(r"``([\w-]+)``", entry[1]))
            assert set(option.kind.choices) - {"auto", "normalized", "pixel"} <= named, option.name


def test_an_option_is_explained_in_one_line_and_has_one_spelling() -> None:
    spellings = [option.spelling for option in CONVERT_OPTIONS]
    assert len(spellings) == len(set(spellings))
    for option in (*CONVERT_OPTIONS, *_READ_OPTIONS):
        assert "\n" not in option.help
        assert re.fullmatch(r"--[a-z][a-z-]+", option.spelling)
        assert not isinstance(option.kind, Flag) or isinstance(option.default, bool), option.name


# ------------------------------------------------------------------------------------- checked: callers of the library
WRONG: list[tuple[str, object, str]] = [
    ("coordinates", "pixels", "coordinates is 'pixels', expected one of auto, normalized, pixel"),
    ("coordinates", None, "coordinates is None, expected one of auto, normalized, pixel"),
    ("schema", 3, "schema is 3, expected a str without lone surrogates"),
    ("category", "caf\udce9", "category is 'caf\\udce9', expected a str without lone surrogates"),
    ("roles", ["xmin"], 'roles is [\'xmin\'], expected keys by role, such as {"xmin": "box/left"}'),
    ("roles", (("xmin",),), "roles is (('xmin',),), expected keys by role"),
    ("image_root", 5, "image_root is 5, expected a str or os.PathLike"),
    ("ignored_labels", 255, "ignored_labels is 255, expected a collection of whole numbers, 0 or more"),
    ("ignored_labels", [-1], "ignored_labels is [-1], expected"),
    ("panoptic_divisor", 256.5, "panoptic_divisor is 256.5, expected a whole number"),
    ("max_record_size", 0, "max_record_size is 0, expected a whole number of bytes, 1 or more"),
    ("verify_images", "no", "verify_images is 'no', expected True or False"),
]
ONLY_CONVERT: list[tuple[str, object, str]] = [
    ("label_map", 1, 'label_map is 1, expected a file, {1: "cat"} or a list of names'),
    ("masks", "bitmap", "masks is 'bitmap', expected one of coco, polygon, rle, rle-uncompressed, none"),
    ("precision", -1, "precision is -1, expected 0 to 15 decimals, or None for exact ones"),
    ("precision", "exact", "precision is 'exact', expected 0 to 15 decimals, or None"),
    ("write_images", 0, "write_images is 0, expected True or False"),
    ("jobs", 0, "jobs is 0, expected a whole number of processes, 1 or more"),
    ("jobs", None, "jobs is None, expected a whole number"),
    ("layout", "x" * 1000, "expected one of coco, roboflow"),
]


@pytest.mark.parametrize(("name", "value", "told"), WRONG)
def test_read_options_takes_only_what_is_meant(name: str, value: Any, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        ReadOptions(**{name: value})
    assert told in str(caught.value)


@pytest.mark.parametrize(("name", "value", "told"), [*WRONG, *ONLY_CONVERT])
def test_convert_refuses_values_before_it_looks_at_inputs(name: str, value: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        convert(tmp_path / "gone", tmp_path / "out", **{name: value})
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500


def test_what_is_meant_as_well_is_made_one_thing(tmp_path: Path) -> None:
    meant: dict[str, Any] = {"roles": {"xmin": "left"}, "image_root": tmp_path, "ignored_labels": [255]}
    one = ReadOptions(roles=(("xmin", "left"),), image_root=str(tmp_path), ignored_labels=frozenset({255}))
    assert ReadOptions(**meant) == one
    assert hash(ReadOptions(**meant)) == hash(one)


# ----------------------------------------------------------------------------------------- checked: the command line
def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
    add_options(parser, CONVERT_OPTIONS)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--no-images"],
        ["--image-size", "640x480"],
        ["--ignored-labels", "0,7", "--image-index", "3"],
        ["--map", "xmin=a=b", "--map", "ymin=-"],
        ["--max-record-size", "1000", "--strict", "--fail-on", "dropped,input"],
        ["--label-map=-x", "--category", "a cat"],
    ],
)
def test_what_is_typed_for_values_gives_these_values(words: list[str]) -> None:
    values = vars(parsed(*words))
    typed = words_of(CONVERT_OPTIONS, values)
    assert len(typed) == len(words)
    assert vars(parsed(*typed)) == values


def test_a_value_that_cannot_be_typed_is_reported() -> None:
    with pytest.raises(ValueError, match="no text means this"):
        words_of(CONVERT_OPTIONS, {"label_map": {1: "cat"}})


def test_without_options_values_are_the_defaults() -> None:
    assert vars(parsed()) == {option.name: [] if option.repeated else option.default for option in CONVERT_OPTIONS}


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["--no-images"], "write_images", False),
        (["--overwrite"], "overwrite", True),
        (["--precision", "exact"], "precision", None),
        (["--precision=0"], "precision", 0),
        (["-j", "3"], "jobs", 3),
        (["--ignored-labels", "0, 255"], "ignored_labels", (0, 255)),
        (["--ignored-labels", ""], "ignored_labels", ()),
        (["--map", "xmin=a=b", "--map", "ymin=c"], "roles", [("xmin", "a=b"), ("ymin", "c")]),
        (["--max-record-size", "1GiB"], "max_record_size", 1 << 30),
        (["--image-root", "caf\udce9"], "image_root", "caf\udce9"),
    ],
)
def test_a_text_becomes_the_value_of_the_parameter(words: list[str], name: str, value: object) -> None:
    assert getattr(parsed(*words), name) == value


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--category", "caf\udce9"),
        ("--coordinates", "pixels"),
        ("--ignored-labels", "none"),
        ("--jobs", "0"),
        ("--jobs", "٣"),  # a digit, but not one of ours
        ("--map", "xmin"),
        ("--map", "=key"),
        ("--panoptic-divisor", "1.5"),
        ("--precision", "16"),
    ],
)
def test_a_text_that_is_no_value_is_refused(option: str, text: str) -> None:
    with pytest.raises(argparse.ArgumentError):
        parsed(f"{option}={text}")


def test_what_help_says_of_defaults_is_what_they_are() -> None:
    shown = {option.spelling: option.shown_default for option in CONVERT_OPTIONS}
    for spelling, text in shown.items():
        option = next(each for each in CONVERT_OPTIONS if each.spelling == spelling)
        if option.default in (None, ()) or isinstance(option.kind, Flag):
            continue
        if spelling not in ("--jobs", "--schema"):
            assert option.kind.parse(text) == option.default, spelling
    assert ReadOptions().max_record_size == MAX_RECORD_SIZE
    assert parsed("--max-record-size", shown["--max-record-size"]).max_record_size == MAX_RECORD_SIZE
