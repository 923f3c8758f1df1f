r"""Label maps in YAML -> keys and names, all of them texts: ``no`` and ``1.50`` are names.

    label_map: {1: cat, 2: "dog"}        names: [cat, dog]        1: cat
    label_map:                           names:                   2: 'dog'   # a comment
      1: cat                               - cat
      2: 'dog'                             - dog

Keys other than ``label_map`` and ``names`` are passed over, whatever they hold. PyYAML composes the nodes of the
document; no value is constructed, no tag resolved and no alias expanded, so that a document costs what its text does.

Source: the layouts are those of MediaPipe Model Maker (object_detector: ``size:``, ``label_map:``), Vertex AI Model
Garden (``label_map.yaml``) and YOLO's ``data.yaml``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.errors import LabelMapError, printable, quoted

if TYPE_CHECKING:
    import yaml

_SECTION = re.compile(r"""^(["']?)(?:label_map|names)\1[ \t]*:(?=[ \t\n]|\Z)""", re.MULTILINE)
_MOST_NESTED = 100  # lists and mappings within each other; of names there are two


class Pair(NamedTuple):
    """A name of the map: key is None for an element of a list. line counts from 1."""

    key: str | None
    value: str
    line: int


def has_label_section(text: str) -> bool:
    """Whether a line of the text is ``label_map:`` or ``names:``, with or without more after it."""
    return _SECTION.search(text) is not None


def parse_yaml(path: str, text: str) -> list[Pair]:
    r"""The names of a label map in YAML: of its ``label_map``, else of its ``names``, else of the whole document.

    text: with ``\n`` as the end of a line.

    Raises:
        LabelMapError: the text is not YAML, or has something else than names; with its line.
    """
    import yaml  # noqa: PLC0415 - takes 50 ms, and few label maps are in YAML

    root = _compose(path, text)
    if isinstance(root, yaml.MappingNode):
        sections = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
        lists = (
            sections[name]
            for name in ("classes", "labels")
            if not isinstance(sections.get(name), yaml.ScalarNode | None)
        )
        root = sections.get("label_map", sections.get("names", next(lists, root)))
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        return []
    if isinstance(root, yaml.MappingNode):
        return [Pair(_name(path, key), _name(path, value, key.value), _line(key)) for key, value in root.value]
    if isinstance(root, yaml.SequenceNode):
        return [Pair(None, _name(path, element), _line(element)) for element in root.value]
    raise LabelMapError(path, "a single value found, expected names in [ ] or { }, or one a line", _line(root))


def _compose(path: str, text: str) -> yaml.Node | None:
    """The nodes of the document; None where it is empty."""
    import yaml  # noqa: PLC0415 - as above

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml is ten times as fast, where PyYAML has it
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):  # composing recurses, in PyYAML up to 6.0.2 without an end
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MOST_NESTED:
                raise RecursionError
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        start, mark = error.context_mark, error.problem_mark or error.context_mark
        said = " ".join(filter(None, [error.problem, error.context]))
        said += f" of line {start.line + 1}" if start else ""
        place = (mark.line + 1, mark.column + 1) if mark else ()
        indented = text.split("\n")[mark.line : mark.line + 1] if mark else []
        advice = ". Indent with spaces, not with tabs" if indented and indented[0].startswith("\t") else ""
        raise LabelMapError(path, f"not YAML: {printable(said)}{advice}", *place) from None
    except yaml.reader.ReaderError as error:
        found, line = quoted(text[error.position : error.position + 1]), text.count("\n", 0, error.position) + 1
        raise LabelMapError(path, f"not YAML: {found} cannot be part of it", line) from None
    except RecursionError:
        raise LabelMapError(path, "nested too deeply, expected names. Is this the right file?") from None
    return root


def _name(path: str, node: yaml.Node, key: object = None) -> str:
    """The text of a node that is a key or a name."""
    import yaml  # noqa: PLC0415 - as above

    of_key = "" if key is None else f" for {quoted(str(key))}"
    if not isinstance(node, yaml.ScalarNode):
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "keys and values"
        raise LabelMapError(path, f"{kind} found{of_key}, expected a name. Put it in quotes if it is one", _line(node))
    text = str(node.value)
    if not text:
        raise LabelMapError(path, f"no name found{of_key}, expected one such as '1: cat'", _line(node))
    return text.rstrip("\n") if node.style in ("|", ">") else text


def _line(node: yaml.Node) -> int:
    """The line that a node begins in, from 1."""
    return int(node.start_mark.line) + 1
