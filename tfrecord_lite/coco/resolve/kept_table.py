"""Adding splits to a dataset: the same ids for the same names as in the categories that it has.

Splits of one call share one table of categories. A later call into the same folder takes the table that is there and
adds to it what is new; what cannot agree with it is refused before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.coco.resolve.category_ids import Category, Chosen, ResolvedClasses
from tfrecord_lite.errors import CocoFileError, LabelMapError, OutputError, printable, quoted

if TYPE_CHECKING:
    from tfrecord_lite.labels.model import LabelItem

_ADVICE = "Convert all splits in one call, or name another output"
_MOST_NAMED = 5  # categories in a message


class KeptTable(NamedTuple):
    """The categories of the COCO files that stay. path: the first of these files. by_name: their categories."""

    path: str
    by_name: Mapping[str, LabelItem]


def read_kept_table(paths: Sequence[str]) -> KeptTable | None:
    """The categories of COCO files, which must agree with each other; None without a file.

    Raises:
        OutputError: they do not agree, or one of them is no COCO file.
    """
    if not paths:
        return None
    # Most outputs have no other splits, and the readers of COCO files and label maps are a tenth of what is imported.
    from tfrecord_lite.coco.read.reader import CocoFile  # noqa: PLC0415 - as said above
    from tfrecord_lite.labels.category import item_of_category  # noqa: PLC0415 - likewise

    by_name: dict[str, LabelItem] = {}
    by_id: dict[int, LabelItem] = {}
    for path in paths:
        try:
            with CocoFile(path) as file:
                found = [item_of_category(path, n, each.value).item for n, each in enumerate(file.categories())]
        except (CocoFileError, LabelMapError) as error:
            problem = "its categories cannot be read, and splits that are added must have the same ones"
            raise OutputError(path, f"{problem} ({error.text}). Mend it, or name another output") from None
        for item in found:
            known = by_name.setdefault(item.name, item)
            if known.id != item.id or by_id.setdefault(item.id, item).name != item.name:
                problem = f"its category {_one(item)} is another in {printable(paths[0])}, expected one table for all"
                raise OutputError(path, f"{problem}. Name another output")
    return KeptTable(paths[0], by_name)


def keep_table(resolved: ResolvedClasses, kept: KeptTable) -> tuple[ResolvedClasses, tuple[str, ...]]:
    """The classes of a conversion, with ids that agree with a table of categories; and warnings about that.

    Ids of a label map stay as they are. Other classes take the id that the table has for their name.

    Raises:
        OutputError: a label map has another id for a name of the table, or another name for an id; or there are numbers
            without names beside a table of names.
    """
    names = {item.id: name for name, item in kept.by_name.items()}
    ids: dict[int, int] = {}
    for category in resolved.categories:
        known = kept.by_name.get(category.name)
        if known is None and category.id not in names:
            ids[category.id] = category.id
        elif known is not None and (category.item is None or known.id == category.id):
            ids[category.id] = known.id
        elif category.item is not None:
            other = _one(known) if known is not None else f"{quoted(names[category.id])} with id {category.id}"
            here = f"the label map has {quoted(category.name)} with id {category.id}"
            raise OutputError(kept.path, f"{other} is one of its categories, but {here}. {_ADVICE}")
    _refuse_bare_numbers(resolved, kept)
    free = max([*names, *ids.values()], default=0)
    for category in resolved.categories:
        if category.id not in ids:
            free += 1
            ids[category.id] = free
    categories = sorted(_beside(category, ids[category.id], kept) for category in resolved.categories)
    added = [category.name for category in categories if category.name not in kept.by_name]
    mine = {category.name for category in categories}
    categories += [Category(item.id, name, item) for name, item in kept.by_name.items() if name not in mine]
    warnings: tuple[str, ...] = ()
    if added:
        listed = ", ".join(map(quoted, added[:_MOST_NAMED])) + (", …" if len(added) > _MOST_NAMED else "")
        said = f"{printable(kept.path)} lacks categories that are new here: {listed}"
        warnings = (f"{said}. To give all splits the same, convert them in one call",)
    return (
        resolved._replace(
            ids={each: ids[id_] for each, id_ in resolved.ids.items()},
            categories=tuple(sorted(categories)),
            moved={} if resolved.chosen else {id_: moved for id_, moved in ids.items() if id_ != moved},
            chosen=resolved.chosen and _moved(resolved.chosen, ids),
        ),
        warnings,
    )


def _moved(chosen: Chosen, ids: Mapping[int, int]) -> Chosen:
    """What the user chose, with the ids that the table gives."""
    return chosen._replace(ids={old: None if new is None else ids[new] for old, new in chosen.ids.items()})


def _refuse_bare_numbers(resolved: ResolvedClasses, kept: KeptTable) -> None:
    """Refuses classes that have a number and no name, where the table has names: which ones they are is unknown."""
    if all(name.isdecimal() for name in kept.by_name):
        return
    named = {id_ for each, id_ in resolved.ids.items() if each.name}
    named |= {each.id for each in resolved.categories if not each.name.split(" ")[0].isdecimal()}  # as the user said
    for category in resolved.categories:
        if category.item is None and category.id not in named and category.name not in kept.by_name:
            problem = f"its categories have names, but there are objects with the number {category.name} and none"
            raise OutputError(kept.path, f"{problem}. Name the label map with --label-map")


def _beside(category: Category, id_: int, kept: KeptTable) -> Category:
    """A category with its final id, and with what the table says of it."""
    item = category.item
    if item is None and not category.keypoints:
        item = kept.by_name.get(category.name)
    return category._replace(id=id_, item=item)


def _one(item: LabelItem) -> str:
    """A category, for a message."""
    return f"{quoted(item.name)} with id {item.id}"
