"""Options in messages: written as the command line spells them, read by callers of the library as Python does.

A value comes after ``=``, as in ``--on-error=skip``. After a blank comes only what cannot be mistaken for the next word
of the sentence: ``--map box=rects``, ``--split-ratio train=0.8,val=0.2``, ``--image-size 640x480``, a number, a
placeholder such as ``DIR``, ``none``, or a text in single quotes. Values are quoted where a shell needs that.

What is in quotes and belongs to no option is a value of the data, and stays as it is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

_ENDS = ".,:;!?)]}…"  # that the sentence may have put after a word
_WORD = rf"""(?:'[^']*'|"[^"]*"|[^\s'"])*(?:'[^']*'|"[^"]*"|[^\s'"{re.escape(_ENDS)}])"""
_PLACEHOLDER = r"[A-Z]+(?:\.[a-z]+)?(?![\w=])"


def _in_quotes(text: str) -> str:
    """A text as Python has it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mapping(*pairs: str) -> str:
    """``a=b`` and others as a mapping of texts."""
    parts = [pair.partition("=") for pair in pairs]
    return "{" + ", ".join(f"{_in_quotes(key)}: {_in_quotes(value)}" for key, _, value in parts) + "}"


def _shares(text: str) -> str:
    """``a=0.5,b=0.5`` as a mapping of numbers."""
    parts = [pair.partition("=") for pair in text.split(",")]
    return "{" + ", ".join(f"{_in_quotes(name)}: {share}" for name, _, share in parts) + "}"


class _Form(NamedTuple):
    """How the values of an option are written. value: after a blank. python: from all values in a row."""

    value: str
    python: Callable[..., str]


def _in_brackets(texts: Iterable[str]) -> str:
    """Texts as a list of Python."""
    return "[" + ", ".join(map(_in_quotes, texts)) + "]"


_FORMS = (
    (
        "all allow-empty allow-missing-shards drop-empty-boxes drop-empty-images dry-run ids keep-source merge-images "
        "overwrite renumber strict verify verify-images warned",
        _Form("", lambda *_: "True"),
    ),
    ("no-images no-pictures", _Form("", lambda *_: "False")),
    (
        "category compression coordinates font html image-ids image-root images label-map layout masks on-error schema "
        "split target",
        _Form(rf"{_PLACEHOLDER}|none\b|'[^']*'", lambda *words: _in_quotes(words[-1])),
    ),
    ("fail-on for", _Form(rf"{_PLACEHOLDER}|'[^']*'", lambda *words: _in_brackets(",".join(words).split(",")))),
    ("drop-class only-class", _Form(rf"{_PLACEHOLDER}|'[^']*'", lambda *words: _in_brackets(words))),
    (
        "image-index jobs limit max-record-size panoptic-divisor precision sample seed shards shuffle",
        _Form(r"\d+|N\b", lambda *words: words[-1]),
    ),
    ("ignored-labels", _Form(r"\d+(?:,\d+)*", lambda *words: f"({words[-1].replace(',', ', ')},)")),
    ("image-size", _Form(r"\d+x\d+|WxH", lambda *words: f"({words[-1].replace('x', ', ')})")),
    ("map rename", _Form(rf"(?=[^\s=']+=|'[^']+=){_WORD}", _mapping)),
    ("split-ratio", _Form(r"[\w.-]+=[\d.]*\d(?:,[\w.-]+=[\d.]*\d)*", lambda *words: _shares(words[-1]))),
)
_OPTIONS = {option: form for options, form in _FORMS for option in options.split()}
"""Options without their dashes. ``options`` defines them; a test compares."""

_PARAMETERS = {
    "all": "read_all",
    "drop-class": "drop_classes",
    "for": "readers",
    "map": "roles",
    "no-images": "write_images",
    "no-pictures": "pictures",
    "only-class": "only_classes",
}
"""Parameters of the library that are called otherwise than their options."""


def parameter_of(option: str) -> str:
    """The parameter of the library that an option is, without its dashes."""
    return _PARAMETERS.get(option, option.replace("-", "_"))


def _pattern(name: str, form: _Form) -> str:
    """An option with its value, if it has one."""
    return rf"{name}(?![\w-])" + (rf"(?:={_WORD}| (?:{form.value}))?" if form.value else "")


_OPTION = "--(?:" + "|".join(_pattern(*item) for item in sorted(_OPTIONS.items(), reverse=True)) + ")"
_RUN = rf"(?<![^\s(\[])(?P<run>{_OPTION}(?: {_OPTION})*)|(?<!\w)'(?:[^']|'(?=\w))*'(?!\w)"
_VERB_BEFORE = r"\b(?:beam|compare|convert|inspect|pack|preview|validate|verify) $"


_compiled = lru_cache(None)(re.compile)
"""Compiled when a message is told: it takes some milliseconds, and help tells none."""


class Caller(NamedTuple):
    """A function of the library that lacks some options of ``convert``.

    parameters: its own. reading: those of the ``ReadOptions`` that it takes.
    """

    parameters: Collection[str]
    reading: Collection[str] = ()


def in_python(text: str, caller: Caller | None = None) -> str:
    """A message for callers of the library: ``--on-error=recover`` becomes ``on_error="recover"``.

    caller: the function that was called; None for one that has all options that are named. An option that it lacks is
        shown as one of ``convert``.
    """

    def parameters(match: re.Match[str]) -> str:
        return match[0] if match["run"] is None else _arguments(match["run"], caller)

    return _compiled(_RUN).sub(parameters, text) if "--" in text else text


def in_shell(text: str, options: Collection[str]) -> str:
    """A message for people who use a verb. options: those that it has, with dashes; of others ``convert`` is named."""

    def named(match: re.Match[str]) -> str:
        lacks = match["run"] is not None and any(each.name not in options for each in _options(match["run"]))
        return f"convert {match[0]}" if lacks and not re.search(_VERB_BEFORE, text[: match.start()]) else match[0]

    return _compiled(_RUN).sub(named, text) if "--" in text else text


def option_of(role: str, key: str, option: str = "--map") -> str:
    """The option that gives a key to a role, as a shell takes it, whatever comes after it in a sentence."""
    return f"{option} {_shell_word(f'{role}={key}')}"


def value_of(option: str, value: str) -> str:
    """An option with its value, as a shell takes it."""
    return f"{option}={_shell_word(value)}"


def _shell_word(text: str) -> str:
    """A word as a shell takes it, in quotes where the sentence after it could be taken for a part of it."""
    word = shlex.quote(text)
    return f"'{word}'" if word == text and text[-1] in _ENDS else word


def roles_in(text: str) -> dict[str, str]:
    """The keys that a message advises to give to roles: of its first ``--map ROLE=KEY --map ROLE=KEY``."""
    for match in _compiled(_RUN).finditer(text):
        words = [each.value for each in _options(match["run"] or "") if each.name == "--map" and each.value]
        words = [word for word in words if "=" in word]
        if words:
            return dict(word.split("=", 1) for word in words)
    return {}


class _Named(NamedTuple):
    """An option in a message. value: without the quotes of a shell; None where the message gives none."""

    name: str
    value: str | None


def _options(run: str) -> Iterator[_Named]:
    """The options of a run of them."""
    for match in _compiled(_OPTION).finditer(run):
        name, value = re.split(r"[= ]", match[0], maxsplit=1) if re.search("[= ]", match[0]) else (match[0], None)
        yield _Named(name, None if value is None else _without_quotes(value))


def _without_quotes(word: str) -> str:
    """What a shell makes of a word. One that it refuses is no option of ours, but data that looks like one."""
    try:
        return "".join(shlex.split(word))
    except ValueError:
        return word


def _arguments(run: str, caller: Caller | None) -> str:
    """A run of options as arguments of a call."""
    values: dict[str, list[str]] = {}
    for each in _options(run):
        words = values.setdefault(each.name.removeprefix("--"), [])
        words += [] if each.value is None else [each.value]
    own, reading, others = [], [], []
    for name, words in values.items():
        parameter, form = parameter_of(name), _OPTIONS[name]
        value = form.python(*words) if words or not form.value else ""
        if caller is None or parameter in caller.parameters:
            own.append(f"{parameter}={value}" if value else parameter)
        elif caller.reading and (parameter, value) in _READING:
            reading.append(_READING[parameter, value])
        elif parameter in caller.reading:
            reading.append(f"{parameter}={value or '...'}")
        else:
            others.append(f"{parameter}={value or '...'}")
    own += [f"ReadOptions({', '.join(reading)})"] if reading else []
    own += [f"convert(..., {', '.join(others)})"] if others else []
    return ", ".join(own)


_READING = {("masks", '"none"'): "masks=False", ("write_images", "False"): "pictures=False"}
"""What ``ReadOptions`` has other values for."""
