"""The words of a command line -> a verb and its options, made from their definitions; help, and errors of usage.

Nothing that reads records is imported here, so that help and mistakes are answered at once.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, NoReturn

from tfrecord_lite import __version__
from tfrecord_lite.commands.verb import PROGRAM, VERBS, Example, Verb, load_verb
from tfrecord_lite.errors import nearest, quoted
from tfrecord_lite.options.kinds import Choice, Flag, Names
from tfrecord_lite.options.option import Option

_FIRST = (
    Example("convert dataset/ -o coco/", "turn records into a COCO dataset"),
    Example("inspect dataset/", "see what is in them"),
    Example("demo", "try it on a dataset that it draws itself"),
)
"""The commands that most people start with."""


class Call(NamedTuple):
    """A command line that was read: the verb and its options."""

    verb: Verb
    options: argparse.Namespace


class Answer(Exception):  # noqa: N818 - a result, not a fault
    """The call asks for a text only: help, or the version."""


class Mistake(Exception):  # noqa: N818 - of the person who typed, in two lines
    """The call is not one that can be carried out: what is wrong, and the usage.

    problem: what is wrong, for programs.
    """

    def __init__(self, text: str, problem: str = "") -> None:
        super().__init__(text)
        self.problem = problem


def parse(words: Sequence[str]) -> Call:
    """Reads a command line.

    Raises:
        Answer: it asks for help or the version. Mistake: it cannot be read.
    """
    if not words:
        raise Mistake(_short_help())
    first, *rest = words
    if first in ("-V", "--version"):
        raise Answer(f"{PROGRAM} {__version__}")
    if first in ("-h", "--help") or (first == "help" and not rest):
        raise Answer(top_help())
    if first == "help":
        first, rest = rest[0], ["--help"]
    if first not in VERBS:
        raise _mistake(_no_verb(first), f"{PROGRAM} COMMAND ...; commands: {', '.join(VERBS)}")
    verb = load_verb(first)
    return Call(verb, _parse_options(first, verb, rest))


def _parse_options(name: str, verb: Verb, words: Sequence[str]) -> argparse.Namespace:
    """The options of a verb, wherever they are among its inputs."""
    parser = build_parser(name, verb)
    spellings = ["--help", *(option.spelling for option in verb.options)]
    for word in itertools.takewhile(lambda word: word != "--", words):
        spelling = word.partition("=")[0]
        if word.startswith("--") and spelling not in spellings:  # said first: what else is wrong may follow from it
            parser.error(f"there is no option {quoted(spelling)}{_did_you_mean(spelling, spellings)}")
    end = words.index("--") if "--" in words else len(words)
    options, rest = parser.parse_known_intermixed_args(list(words[:end]))
    if rest and rest[0].startswith("-"):
        parser.error(f"there is no option {quoted(rest[0])}")
    if verb.passed_on is None:
        rest += words[end + 1 :]
    else:
        setattr(options, verb.passed_on.name, list(words[end + 1 :]))
    for argument in verb.arguments:
        given = getattr(options, argument.name)
        if argument.number == "+":
            given += rest
            rest = []
        elif given is None and rest:
            given = rest.pop(0)
        if not given and argument.number != "?":
            parser.error(f"{argument.placeholder} is missing")
        setattr(options, argument.name, given)
    if rest:
        parser.error(f"{quoted(rest[0])} is one argument too many")
    return options


def build_parser(name: str, verb: Verb) -> argparse.ArgumentParser:
    """The parser of one verb. Values have the names of the library's parameters."""
    parser = _Parser(
        prog=f"{PROGRAM} {name}",
        usage=_usage(name, verb),
        description=_description(name, verb),
        epilog=_examples(verb.examples),
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=28),
        allow_abbrev=False,  # another option may come
        add_help=False,
    )
    add_argument = parser.add_argument_group("input").add_argument
    for argument in verb.arguments:
        nargs = "*" if argument.number == "+" else "?"  # whether there are enough is checked once all words are read
        add_argument(argument.name, metavar=argument.placeholder, nargs=nargs, help=argument.help)
    add_options(parser, verb.options)
    parser.add_argument("-h", "--help", action=_Help, nargs=0, help="show this help")
    parser.set_defaults(**dict(verb.defaults))
    return parser


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Adds options to a parser, each below the heading of its group."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for option in options:
        if option.group not in groups:
            groups[option.group] = parser.add_argument_group(option.group)
        add = groups[option.group].add_argument
        names = [option.short, option.spelling] if option.short else [option.spelling]
        help_text = option.help + (f"; default: {option.shown_default}" if option.shown_default else "")
        help_text = help_text.replace("%", "%%")
        if isinstance(option.kind, Flag):
            action = "store_false" if option.default else "store_true"
            add(*names, dest=option.name, action=action, help=help_text)
            continue
        add(
            *names,
            dest=option.name,
            type=_parse(option),
            default=[] if option.repeated else option.default,
            action="append" if option.repeated else "store",
            required=option.required,
            metavar=option.kind.placeholder,
            help=help_text,
        )


def _parse(option: Option) -> Callable[[str], object]:
    """What makes a value of the text after an option."""

    def parse(text: str) -> object:
        try:
            return option.kind.parse(text)
        except ValueError as error:
            wrong = str(error)
            more = _did_you_mean(wrong, option.kind.choices) if isinstance(option.kind, Choice | Names) else ""
            raise argparse.ArgumentTypeError(f"{quoted(wrong)} is not {option.kind.expected}{more}") from None

    return parse


class _Parser(argparse.ArgumentParser):
    """A parser that reports mistakes in two lines."""

    def error(self, message: str) -> NoReturn:
        text = message.removeprefix("argument ")
        required = "the following arguments are required: "
        if text.startswith(required):
            text = f"{text.removeprefix(required)} is missing"
        raise _mistake(text, f"{self.usage}; {self.prog} --help shows all")


class _Help(argparse.Action):
    """Answers with the help of a verb, whatever else is given."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        raise Answer(parser.format_help().rstrip("\n"))


def _mistake(text: str, usage: str) -> Mistake:
    """A mistake in two lines."""
    return Mistake(f"{PROGRAM}: error: {text}\nusage: {usage}", text)


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that does not exist."""
    bare = {each.lstrip("-"): each for each in known}  # dashes, which all options have, make no two of them alike
    word = word.lstrip("-")
    near = nearest(word, bare) or [each for each in bare if len(word) > 2 and each.startswith(word)]
    return f". Did you mean {bare[near[0]]}?" if near else ""


def _no_verb(word: str) -> str:
    """What is wrong with the first word."""
    if word.startswith("-"):
        return f"{quoted(word)} comes before the command. Options come after it"
    text = f"there is no command {quoted(word)}{_did_you_mean(word, VERBS)}"
    if "." in word or "/" in word:
        text += f". To convert a file: {PROGRAM} convert {quoted(word)} -o OUT"
    return text


# --------------------------------------------------------------------------------------------------------- help
def top_help() -> str:
    """What ``--help`` prints."""
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {name:<{width}}  {does}" for name, does in VERBS.items())
    return f"""usage: {PROGRAM} COMMAND [options]

TFRecord files to COCO datasets, without TensorFlow.

commands:
{verbs}

{_examples(_FIRST)}

{PROGRAM} help COMMAND shows the options of a command and more examples; -V prints the version."""


def _short_help() -> str:
    """The help that is printed where no command is given."""
    width = max(len(example.command) for example in _FIRST)
    lines = [f"  {PROGRAM} {example.command:<{width}}  {example.does}" for example in _FIRST]
    return "\n".join([f"usage: {PROGRAM} COMMAND [options]", *lines, f"  {PROGRAM} {'help':<{width}}  all commands"])


def _examples(examples: Iterable[Example]) -> str:
    """Commands and what they do."""
    lines = [f"  {PROGRAM} {example.command}\n      {example.does}" for example in examples]
    return "\n".join(["examples:", *lines])


def _description(name: str, verb: Verb) -> str:
    """What a verb does, and what else it takes."""
    if verb.passed_on is None:
        return VERBS[name]
    return f"{VERBS[name]}\n\n{verb.passed_on.placeholder}: {verb.passed_on.help}"


def _usage(name: str, verb: Verb) -> str:
    """A verb with what it must be given."""
    forms = {"+": "{}...", "?": "[{}]"}
    given = [forms.get(each.number or "", "{}").format(each.placeholder) for each in verb.arguments]
    given += [
        f"{option.short or option.spelling} {option.kind.placeholder}" for option in verb.options if option.required
    ]
    rest = [] if verb.passed_on is None else [f"[-- {verb.passed_on.placeholder}...]"]
    return " ".join([PROGRAM, name, *given, "[options]", *rest])
