"""Makes the reference pages from the definitions of options and roles: ``python docs/reference.py``."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tfrecord_lite.commands.verb import PROGRAM, VERBS, Verb, load_verb
from tfrecord_lite.options.option import Option
from tfrecord_lite.schemas.roles import ROLES

FOLDER = Path(__file__).parent
_MADE = "<!-- Made by docs/reference.py. -->"


def _cell(text: str) -> str:
    """A text in a table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def _option(option: Option) -> str:
    """A row of a table."""
    names = ", ".join(f"`{name}`" for name in (option.short, option.spelling) if name)
    value = f" `{_cell(option.kind.placeholder)}`" if option.kind.placeholder else ""
    return f"| {names}{value} | {_cell(option.shown_default)} | {_cell(option.help)} |"


def _verb(name: str, verb: Verb) -> list[str]:
    """The section of a verb."""
    lines = [f"## {name}", "", f"{VERBS[name][0].upper()}{VERBS[name][1:]}.", ""]
    for argument in verb.arguments:
        lines += [f"`{argument.placeholder}`: {argument.help}.", ""]
    lines += ["| option | default | meaning |", "|---|---|---|", *map(_option, verb.options), "", "```console"]
    for example in verb.examples:
        lines.append(f"$ {PROGRAM} {example.command}  # {example.does}")
    return [*lines, "```", ""]


def command_line() -> str:
    """Every option of every verb."""
    lines = [
        _MADE,
        "",
        "# The command line",
        "",
        f"`{PROGRAM} help` lists the commands, `{PROGRAM} help COMMAND` (or `COMMAND --help`) the options",
        "of one, and `-V` (`--version`) prints the version. Options and inputs may come in any order;",
        "after `--` everything is an input.",
        "",
        "Results go to stdout, everything else to stderr. Exit status: 0 done; 1 the data is at fault and nothing was",
        "published; 2 usage, environment or file system; 128 + n ended by signal n. With `--json` a run that fails",
        "[prints a result](reports-and-warnings.md#--json), too.",
        "",
        "Completion for bash, zsh and fish is installed below `share/`. In a virtual environment, bash needs",
        '`source "$VIRTUAL_ENV/share/bash-completion/completions/tfrecord2coco"`.',
        "",
    ]
    for name in VERBS:
        lines += _verb(name, load_verb(name))
    return "\n".join(lines)


def roles() -> str:
    """Every role."""
    lines = [
        _MADE,
        "",
        "# Roles",
        "",
        "What a feature key can mean. `--map ROLE=KEY` gives a role to one of your keys;",
        f'`{PROGRAM} roles SCHEMA` shows the keys that a schema has. A role of the kind "table" can only be given in a',
        "schema file.",
        "",
    ]
    for group, members in groupby(ROLES, lambda role: role.group):
        lines += [f"## {group}", "", "| role | values | meaning | other names |", "|---|---|---|---|"]
        for role in members:
            also = ", ".join(f"`{name}`" for name in role.synonyms)
            lines.append(f"| `{role.name}` | {_cell(role.kind)} | {_cell(role.meaning)} | {also} |")
        lines.append("")
    return "\n".join(lines)


def llms() -> str:
    """The index of the pages for language models (llmstxt.org), with their titles and headings."""
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8").split("\n\n")
    lines = ["# tfrecord2coco", "", *(f"> {line}" for line in readme[1].splitlines()), ""]
    lines += ["- [README](README.md): the manual of the first hour", "", "## Reference", ""]
    for path in sorted(FOLDER.glob("*.md")):
        text = command_line() if path.name == "command-line.md" else path.read_text(encoding="utf-8")
        title = next(line for line in text.splitlines() if line.startswith("# "))
        topics = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
        lines.append(f"- [{title.removeprefix('# ')}](docs/{path.name})" + (f": {', '.join(topics)}" if topics else ""))
    return "\n".join([*lines, ""])


def pages() -> dict[str, str]:
    """Contents by file name."""
    return {
        "command-line.md": command_line(),
        "roles.md": roles(),
        "../llms.txt": llms(),
    }


if __name__ == "__main__":
    for file_name, content in pages().items():
        (FOLDER / file_name).write_text(content, encoding="utf-8")
