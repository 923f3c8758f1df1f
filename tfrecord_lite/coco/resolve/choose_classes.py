"""The categories of the records -> those that the user wants, under the names and ids that the user wants.

What is left out here is counted separately from what is lost: the user chose it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import orjson

from tfrecord_lite.coco.draft.entries import CATEGORY_LISTS
from tfrecord_lite.coco.resolve.category_ids import Category, Chosen, ClassChoice, ResolvedClasses
from tfrecord_lite.errors import UsageError, nearest, quoted, shortened
from tfrecord_lite.spelling import option_of, value_of

_MOST_NAMED = 10  # classes in a message


def choose_classes(resolved: ResolvedClasses, choice: ClassChoice) -> ResolvedClasses:
    """Leaves out, renames, merges and renumbers categories.

    Raises:
        UsageError: there is no such class; none is left; or two classes whose keypoints differ would become one.
    """
    table = _Known(resolved.categories)
    only = {table.find(word, "--only-class") for word in choice.only} or {each.id for each in resolved.categories}
    wanted = only - {table.find(word, "--drop-class") for word in choice.drop}
    kept = [each for each in resolved.categories if each.id in wanted]
    if not kept and resolved.categories:
        raise UsageError("no class is left: --only-class and --drop-class name all of them")
    titles = {each.id: each.name for each in kept}
    for old, new in choice.renamed:
        id_ = table.find(old, "--rename")
        table.refuse_two(old, new)
        if id_ not in titles:
            raise UsageError(f"--rename: the class {quoted(table.names[id_])} is left out, and gets no other name")
        titles[id_] = new
    groups: dict[str, list[Category]] = {}
    for each in kept:
        groups.setdefault(titles[each.id], []).append(each)
    united = {name: _unite(name, members) for name, members in groups.items()}
    if choice.renumber:
        numbers = count(1)
        ordered = sorted(united.values(), key=lambda each: each.id)
        united = {each.name: each._replace(id=next(numbers)) for each in ordered}
    ids: dict[int, int | None] = {each.id: None for each in resolved.categories}
    ids.update({each.id: united[titles[each.id]].id for each in kept})
    return resolved._replace(
        ids={each: new_id for each, old in resolved.ids.items() if (new_id := ids[old]) is not None},
        categories=tuple(sorted(united.values(), key=lambda each: each.id)),
        chosen=Chosen(
            ids,
            {each.name: titles.get(each.id) for each in resolved.categories},
            {each: table.names[old] for each, old in resolved.ids.items() if ids[old] is None},
        ),
    )


def choose_image_classes(entry: bytes, chosen: Chosen) -> bytes:
    """The entry of an image, whose lists of categories have old ids and names, with those that are wanted.

    LVIS's lists of categories that an image has none of, or not all of, refer to categories by their ids; the classes
    of an image as a whole have ids, names or both.
    """
    image = orjson.loads(entry)
    for key in CATEGORY_LISTS & image.keys():
        if isinstance(listed := image[key], list):
            ids = [chosen.ids.get(each, each) if isinstance(each, int) else each for each in listed]
            image[key] = [each for n, each in enumerate(ids) if each is not None and each not in ids[:n]]
    if isinstance(labels := image.get("labels"), list):
        image["labels"] = [new for old in labels if (new := _choose_label(old, chosen)) is not None]
    return orjson.dumps(image)


def _choose_label(label: Any, chosen: Chosen) -> Any:  # noqa: ANN401 - what JSON holds
    """One class of an image as a whole; None where it is not wanted."""
    if not isinstance(label, dict):
        return label
    number, text = label.get("label"), label.get("text")
    id_ = chosen.ids.get(number, number) if isinstance(number, int) else 0
    name = chosen.names.get(text, text) if isinstance(text, str) else ""
    if id_ is None or name is None:
        return None
    return label | ({"label": id_} if "label" in label and id_ else {}) | ({"text": name} if name else {})


class _Known:
    """The classes that an option can name. names: by id."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self.names = {each.id: each.name for each in categories}
        self._ids = {name: id_ for id_, name in self.names.items()}

    def find(self, word: str, option: str) -> int:
        """The id of the class that a word means. option: where the word is from, for the message."""
        if word in self._ids:
            return self._ids[word]
        if word.isascii() and word.isdecimal() and int(word) in self.names:
            return int(word)
        raise UsageError(f"{option}: there is no class {quoted(word)}{self._nearest(word, option)}")

    def refuse_two(self, old: str, new: str) -> None:
        """Refuses a new name that holds another renaming: ``cat,dog=wolf``, where there is a class ``dog``."""
        for place in (n for n, character in enumerate(new) if character == ","):
            other, equals, name = new[place + 1 :].partition("=")
            if equals and name and other.strip() in self._ids:
                first = option_of(old, new[:place], "--rename")
                each = f"{first} {option_of(other.strip(), name, '--rename')}"
                raise UsageError(f"--rename: {quoted(new)} as a new name looks like two. Give the option twice: {each}")

    def _nearest(self, word: str, option: str) -> str:
        """The end of a message about a class that does not exist."""
        names = [name.strip() for name in word.split(",")]
        if len(names) > 1 and all(name in self._ids for name in names):
            return f". Give the option once for each class: {' '.join(value_of(option, name) for name in names)}"
        lower = {name.lower(): name for name in self._ids}
        if near := nearest(word.lower(), lower):
            return f". Did you mean {quoted(lower[near[0]])}?"
        if not self._ids:
            return ": neither records nor label map name one"
        named = ", ".join(f"{shortened(name)} ({id_})" for id_, name in list(self.names.items())[:_MOST_NAMED])
        more = len(self.names) - _MOST_NAMED
        return f". The classes are {named}" + (f" and {more:,} more" if more > 0 else "")


class _Keypoints(NamedTuple):
    """The keypoints of a category, and the bones between them."""

    names: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]


def _unite(name: str, members: Sequence[Category]) -> Category:
    """One category of all that have a name: that which had it before, else the one with the smallest id."""
    base = next((each for each in members if each.name == name), members[0])
    if len(members) == 1:
        return base._replace(name=name)
    found: Mapping[tuple[str, ...], _Keypoints] = {each.names: each for each in map(_keypoints, members) if each.names}
    if len(found) > 1:
        listed = ", ".join(quoted(each.name) for each in members)
        raise UsageError(f"{listed} cannot become one class {quoted(name)}: their keypoints differ")
    names, skeleton = next(iter(found.values()), _Keypoints((), ()))
    item = base.item
    if item is not None:  # LVIS's frequency of a class does not hold for a union of classes
        item = item._replace(keypoints=names, skeleton=skeleton, frequency=None, instance_count=None)
    return base._replace(name=name, item=item, keypoints=names)


def _keypoints(category: Category) -> _Keypoints:
    item = category.item
    if item is not None and item.keypoints:
        return _Keypoints(item.keypoints, item.skeleton)
    return _Keypoints(category.keypoints, ())
