"""Options in messages: dashes on the command line, Python in the library, and values of the data as they are."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite import FeatureError, InputError, Location, RejectedInputError, UsageError, errors
from tfrecord_lite.commands.verb import VERBS, load_verb
from tfrecord_lite.errors import TFRecordLiteError, quoted, shortened, speaking
from tfrecord_lite.options.console import JSON, QUIET
from tfrecord_lite.options.kinds import Choice, Dimensions, Flag, Numbers, Pair, Shares, Whole
from tfrecord_lite.options.option import Option
from tfrecord_lite.spelling import _OPTIONS, Caller, in_python, in_shell, option_of, parameter_of, roles_in

PACKAGE = Path(errors.__file__).parent
ALL = list(dict.fromkeys(option for name in VERBS for option in load_verb(name).options))
SHELL_ONLY = {JSON.name, QUIET.name, "output", "all"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Raise it with --max-record-size", "Raise it with max_record_size"),
        ("Replace it with --overwrite, or", "Replace it with overwrite=True, or"),
        ("--on-error=recover repairs it.", 'on_error="recover" repairs it.'),
        ("or use --jobs=1", "or use jobs=1"),
        ("(and --no-images)", "(and write_images=False)"),
        ("out with --masks none, or", 'out with masks="none", or'),
        ("Say --image-size 28x32 if", "Say image_size=(28, 32) if"),
        ("start with --image-root DIR, or", 'start with image_root="DIR", or'),
        ("which with --image-index N; the", "which with image_index=N; the"),
        ("--ignored-labels=0 or --panoptic-divisor (256", "ignored_labels=(0,) or panoptic_divisor (256"),
        ("--only-class 'a b' --only-class=c", 'only_classes=["a b", "c"]'),
        ("--split-ratio train=0.8,val=0.2 divides", 'split_ratio={"train": 0.8, "val": 0.2} divides'),
        ("with --map encoded=pic --map 'xmin=a b', or", 'with roles={"encoded": "pic", "xmin": "a b"}, or'),
        ("with --map encoded=pic --image-size 4x5.", 'with roles={"encoded": "pic"}, image_size=(4, 5).'),
        ("Read it with --map encoded=a, or say --map", 'Read it with roles={"encoded": "a"}, or say roles'),
        ("say --map encoded=- if", 'say roles={"encoded": "-"} if'),
        ("use --map ROLE=KEY instead", 'use roles={"ROLE": "KEY"} instead'),
        ("a schema file (--schema FILE.toml)", 'a schema file (schema="FILE.toml")'),
        ("--split names one split", "split names one split"),
        ("a key a--b and -- and ---", "a key a--b and -- and ---"),
        ("the value '--strict', or its '-- --overwrite'", "the value '--strict', or its '-- --overwrite'"),
        ("--strictly --on-errors", "--strictly --on-errors"),
    ],
)
def test_a_caller_of_the_library_reads_parameters(text: str, said: str) -> None:
    assert in_python(text) == said
    error = UsageError(text)
    assert (str(error), error.text) == (said, text)


LACKING = Caller({"roles"}, {"category", "masks", "pictures"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("say --map a=b --category=x", 'say roles={"a": "b"}, ReadOptions(category="x")'),
        ("--masks none or --no-images", "ReadOptions(masks=False) or ReadOptions(pictures=False)"),
        ("--on-error=skip goes on", 'convert(..., on_error="skip") goes on'),
        ("raise --max-record-size", "raise convert(..., max_record_size=...)"),
    ],
)
def test_a_function_that_lacks_a_parameter_names_one_that_has_it(text: str, said: str) -> None:
    assert in_python(text, LACKING) == said
    with pytest.raises(RejectedInputError) as caught, speaking(LACKING):
        raise RejectedInputError([FeatureError(Location("x"), "key", text)], 1, text)
    assert str(caught.value) == f"x: key: {said}\n{said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("--strict or --no-images", "--strict or convert --no-images"),
        ("--strict --masks none", "convert --strict --masks none"),
        ("try convert --masks none", "try convert --masks none"),
        ("'--masks' is a text", "'--masks' is a text"),
    ],
)
def test_a_verb_that_lacks_an_option_names_one_that_has_it(text: str, said: str) -> None:
    assert in_shell(text, {"--strict"}) == said


def test_an_error_without_text_is_one_all_the_same() -> None:
    assert str(TFRecordLiteError()) == ""


# ---------------------------------------------------------------------------------------------------------- the data
LETTERS = st.sampled_from("a-b=' \",.:;!)]/\\é") | st.characters(categories=["L", "P", "Zs"])
TEXT = st.text(LETTERS, min_size=1, max_size=12)
KEYS = st.lists(TEXT.filter(str.isprintable), min_size=1, max_size=2)
AFTER = st.sampled_from(["", ",", ".", "; or", ") and", ": it", " or --strict", "?"])


@settings(deadline=None, max_examples=150)
@given(
    role=st.sampled_from(["box", "encoded"]),
    keys=KEYS,
    after=AFTER,
)
def test_a_key_goes_through_shell_and_python_as_it_is(role: str, keys: list[str], after: str) -> None:
    roles = dict(zip([role, "text"], keys, strict=False))
    advice = " ".join(option_of(each, key) for each, key in roles.items())
    assert shlex.split(advice)[1::2] == [f"{each}={key}" for each, key in roles.items()]
    text = f"Read it with {advice}{after}"
    assert roles_in(text) == roles
    match = re.search(r"roles=(\{.*\})", in_python(text))
    assert match is not None
    assert ast.literal_eval(match[1]) == roles


@settings(deadline=None, max_examples=100)
@given(TEXT, st.sampled_from(["--strict", " --map a=b ", "--jobs=1"]))
def test_values_of_the_data_are_never_taken_for_options(around: str, option: str) -> None:
    data = around + option
    place = str(InputError(data, "no such file"))
    assert place == f"{errors.printable(data)}: no such file"
    problem = FeatureError(Location(data, 1, 2), data, f"the value is {quoted('a' + option)}, not a number")
    assert str(problem) == problem.text


# ------------------------------------------------------------------------------------------------------ the definitions
def test_every_parameter_has_a_spelling_and_every_spelling_a_parameter() -> None:
    defined = {option.spelling.removeprefix("--"): option.name for option in ALL if option.name not in SHELL_ONLY}
    ours = {option: parameter_of(option) for option in _OPTIONS}
    assert ours == defined


SAMPLES = {Whole: ("7", 7), Dimensions: ("4x5", (4, 5)), Numbers: ("0,255", (0, 255)), Pair: ("a=b", {"a": "b"})}
SAMPLES |= {Shares: ("a=0.5,b=1", {"a": 0.5, "b": 1})}


@pytest.mark.parametrize("option", [o for o in ALL if o.name not in SHELL_ONLY], ids=lambda option: option.spelling)
def test_what_is_said_in_python_is_a_value_that_the_option_admits(option: Option) -> None:
    if isinstance(option.kind, Flag):
        assert in_python(option.spelling) in (f"{option.name}={not option.default}", "read_all=True")
        return
    text = option.kind.choices[-1] if isinstance(option.kind, Choice) else SAMPLES.get(type(option.kind), ("x", "x"))[0]
    said = in_python(f"{option.spelling} {text}" if isinstance(option.kind, Pair) else f"{option.spelling}={text}")
    name, _, value = said.partition("=")
    assert name == option.name
    if option.name not in ("max_record_size", "fail_on"):  # with a unit; of codes
        assert option.kind.admits(ast.literal_eval(value))


def mentioned() -> set[tuple[str, str]]:
    """Every option that a message in the package names, with the value that it names besides."""
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.parent.name not in ("commands",)
    )
    return set(re.findall(r"[\"' .(]--([a-z][a-z-]+[a-z])(?:=([\w-]+))?", sources))


def test_messages_name_options_that_exist_and_values_that_they_take() -> None:
    ours = {f"--{name}": value for name, value in mentioned()}
    assert ours.keys() <= {option.spelling for option in ALL}
    for spelling, value in mentioned():
        if value:
            kinds = [option.kind for option in ALL if option.spelling == f"--{spelling}"]
            assert any(value in kind.choices if isinstance(kind, Choice) else kind.parse(value) for kind in kinds)


@pytest.mark.parametrize("name", ["--map=\\", "--map=x", "a --map x=y", '--masks=x--map(\\"x"--sample', "--strict"])
def test_a_name_of_the_data_that_looks_like_an_option_stays_as_it_is(name: str) -> None:
    error = UsageError(f"{shortened(name)}: no boxes, and not read. Say {option_of('box', 'b')}")
    assert str(error) == f'\'{name}\': no boxes, and not read. Say roles={{"box": "b"}}'
    assert roles_in(error.text) == {"box": "b"}
    assert isinstance(in_python(name), str)  # where a message has it bare
    assert roles_in(name) in ({}, {"x": "y"})


PAGE = Path(__file__).parents[2] / "docs" / "library.md"


def test_the_page_about_the_library_says_how_each_option_is_called_that_is_called_otherwise() -> None:
    rows = re.findall(r"^\| `(--.*?) \| (`.*`.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    told = dict(zip(re.findall(r"--[a-z-]+", " ".join(row[0] for row in rows)), parameters_in(rows), strict=True))
    for option in ALL:
        if option.name == "all":  # of validate, which has another meaning
            continue
        plain = option.name == option.spelling.removeprefix("--").replace("-", "_")
        if option.spelling in told:
            name, value = told[option.spelling]
            assert name == option.name
            assert option.kind.admits(value)
        else:
            assert plain or option.name in SHELL_ONLY, option.spelling


def parameters_in(rows: list[tuple[str, str]]) -> list[tuple[str, object]]:
    """The parameters that a table names, each with its value."""
    calls = [ast.parse(f"f({text})", mode="eval").body for _, row in rows for text in re.findall(r"`(\w+=[^`]*)`", row)]
    keywords = [call.keywords[0] for call in calls if isinstance(call, ast.Call)]
    return [(str(each.arg), eval(ast.unparse(each.value))) for each in keywords]
