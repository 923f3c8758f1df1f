"""Where category ids are decided: the distinct classes of all objects -> the categories of a dataset.

A record names a class by number, by text, or by both. Text beats number, as in the Object Detection API's decoder
(data_decoders/tf_example_decoder.py): numbers are 0-based here and 1-based there, texts are unambiguous. The ids are

* those of the label map, gaps and all, where there is one; a number without a text means the entry of that id, or the
  neighbouring one where records and label map count from different numbers (``class_base``);
* else the numbers of the records;
* for what has a text only, the next free ids in the order of first appearance;
* all one higher where 0 is among them: to COCO's readers 0 means "no category".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from tfrecord_lite.coco.draft.part_summary import ObjectClass
from tfrecord_lite.coco.resolve.class_base import ClassBase, decide_base
from tfrecord_lite.errors import printable, quoted

if TYPE_CHECKING:
    from tfrecord_lite.labels.model import LabelItem, LabelMap

NOT_IN_MAP = "class-not-in-label-map"  # code of findings
LARGEST_ID = (1 << 53) - 1  # the largest integer that every JSON reader keeps exactly


class Note(NamedTuple):
    """What the user should know of a class. code, text: as in a Finding."""

    code: str
    text: str


class Category(NamedTuple):
    """A category of the dataset. item: its entry in the label map. keypoints: their names, in order."""

    id: int
    name: str
    item: LabelItem | None = None
    keypoints: tuple[str, ...] = ()


class ClassChoice(NamedTuple):
    """Which classes are wanted, and what they are called. A class is named by its name, or else by its id.

    only: those to keep; empty for all. drop: those to leave out, after that.
    renamed: old and new names in pairs; classes that get the same name, or that of another class, become one.
    renumber: whether ids are 1, 2, 3 ...; else they stay, gaps and all.
    """

    only: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    renumber: bool = False

    def __bool__(self) -> bool:
        return bool(self.only or self.drop or self.renamed or self.renumber)


class Chosen(NamedTuple):
    """What became of the categories where only some are wanted, or under other names and ids.

    ids: the new id of each old one; names: likewise; None of what is left out. objects: the classes that are left out,
    with their names.
    """

    ids: Mapping[int, int | None]
    names: Mapping[str, str | None]
    objects: Mapping[ObjectClass, str]


class ResolvedClasses(NamedTuple):
    """The categories of a conversion, and what became of each class.

    ids: the category of each class. refusals: why a class has none. notes: findings about classes that have one.
    categories: by id, unused entries of the label map included.
    label_names: the names of class numbers, as far as label map and records give them, by number.
    shift: what makes the class number of a whole image the id of its category.
    titles: the names that the label map gives, by id.
    moved: ids that changed to agree with the categories of an existing dataset.
    decision: what was decided about the class numbers; empty where there was nothing to decide.
    unclear: why it is not certain what they mean; empty where it is.
    chosen: what the user chose of all this; None for everything. Classes that are left out have no id.
    """

    ids: dict[ObjectClass, int]
    refusals: dict[ObjectClass, str]
    notes: dict[ObjectClass, tuple[Note, ...]]
    categories: tuple[Category, ...]
    label_names: dict[int, str]
    shift: int
    titles: dict[int, str]
    moved: Mapping[int, int]
    decision: str = ""
    unclear: str = ""
    chosen: Chosen | None = None

    def id_of_number(self, number: int) -> int:
        """The id of the category that a class number of a whole image means."""
        return self.moved.get(number + self.shift, number + self.shift)


def resolve_classes(
    label_map: LabelMap | None, classes: Sequence[ObjectClass], *, zero_based: bool = False
) -> ResolvedClasses:
    """Decides the categories of a conversion, and which of them each class is.

    Args:
        label_map: None where the records have to name the classes.
        classes: every distinct one, in the order of first appearance.
        zero_based: whether the schema says that class numbers are indexes from 0, whether 0 was met or not.
    """
    base = None if label_map is None else decide_base(label_map, _evidence(label_map, classes), zero_based=zero_based)
    table = _Table() if label_map is None or base is None else _MappedTable(label_map, base)
    meanings: dict[tuple[int | None, str | None], _Meaning] = {}
    for label, name, _, _ in classes:
        if (label, name) not in meanings:
            why = _why_no_class(label, name)
            meanings[label, name] = _Meaning(refusal=why) if why else table.meaning(label, name)
    shift = int(label_map.zero_based if label_map is not None else zero_based or 0 in table.by_label)
    table.give_ids(shift)
    ids: dict[ObjectClass, int] = {}
    refusals: dict[ObjectClass, str] = {}
    notes: dict[ObjectClass, tuple[Note, ...]] = {}
    for each in classes:
        found = _check_keypoints(each, meanings[each.label, each.name])
        if found.category is None or found.refusal:
            refusals[each] = found.refusal
            continue
        ids[each] = found.category.id
        if found.notes:
            notes[each] = found.notes
    for index in (meanings, table.by_name):
        index.clear()  # of very many classes each takes tens of megabytes
    return ResolvedClasses(
        ids,
        refusals,
        notes,
        _named(table.categories),
        {label: category.name for label, category in table.by_label.items() if category.name is not None},
        max(0, -base.step) if base is not None and base.differs else shift,
        {item.id + shift: item.title for item in label_map.items} if label_map is not None else {},
        {},
        base.told if base is not None else "",
        base.unclear if base is not None else "",
    )


# --------------------------------------------------------------------------------------------- what a class means
class _Category:
    """One category in the making.

    label: the id that it claims, before all are shifted. id: its own, once all are met. keypoints: their names, once an
    object with some is met.
    """

    __slots__ = ("id", "item", "keypoints", "label", "name")

    def __init__(self, label: int | None, name: str | None, item: LabelItem | None = None) -> None:
        self.label = label
        self.name = name
        self.item = item
        self.id = 0
        self.keypoints: tuple[str, ...] = ()


class _Meaning:
    """What a label and a name mean: a category, perhaps with something to know about it; or why there is none."""

    __slots__ = ("category", "notes", "refusal")

    def __init__(self, category: _Category | None = None, *notes: Note, refusal: str = "") -> None:
        self.category = category
        self.notes = notes
        self.refusal = refusal


def _why_no_class(label: int | None, name: str | None) -> str:
    """Why these cannot be a class, whatever the label map says; empty where they may be one."""
    if name:
        return ""
    if label is None or (label == 0 and name is not None):
        return "there is no class label: neither a text nor a number above 0"
    if label < 0:
        return f"the class label is {label}, expected 0 or more (negative means unknown)"
    if label > LARGEST_ID:
        return f"the class label {label} is larger than any id that JSON keeps exactly"
    return ""


class _Table:
    """The categories in the making, in the order in which they were met: those that the records name themselves."""

    def __init__(self) -> None:
        self.categories: list[_Category] = []
        self.by_label: dict[int, _Category] = {}
        self.by_name: dict[str, _Category] = {}

    def add(self, label: int | None, name: str | None, item: LabelItem | None = None) -> _Category:
        category = _Category(label, name, item)
        self.categories.append(category)
        if label is not None:
            self.by_label[label] = category
        if name is not None:
            self.by_name.setdefault(name, category)
        return category

    def meaning(self, label: int | None, name: str | None) -> _Meaning:
        """The category of a class."""
        holder = None if label is None else self.by_label.get(label)
        if not name:
            return _Meaning(holder or self.add(label, None))
        if (known := self.by_name.get(name)) is not None:
            if label is None or label == known.label:
                return _Meaning(known)
            said = f"{quoted(name)} has the number {label} here and {known.label} elsewhere"
            return _Meaning(known, Note("class-disagrees", f"{said}; the text counts"))
        if holder is None:
            is_id = label is not None and 0 <= label <= LARGEST_ID
            return _Meaning(self.add(label if is_id else None, name))
        if holder.name is None:  # its number was met before its text
            holder.name = name
            self.by_name[name] = holder
            return _Meaning(holder)
        said = f"the number {label} stands for {quoted(holder.name)} and for {quoted(name)}"
        return _Meaning(self.add(None, name), Note("class-number-shared", f"{said}; the text counts"))

    def give_ids(self, shift: int) -> None:
        """Gives each category its id: what it claims, else the next one that is free."""
        free = 0
        for category in self.categories:
            if category.label is not None:
                category.id = category.label + shift
                free = max(free, category.id)
        for category in self.categories:
            if category.label is None:
                category.id = free = free + 1


class _MappedTable(_Table):
    """The categories of a label map, and after them those that it lacks."""

    def __init__(self, label_map: LabelMap, base: ClassBase) -> None:
        super().__init__()
        self._map = label_map
        self._base = base
        for item in label_map.items:
            self.add(item.id, item.title, item)

    def meaning(self, label: int | None, name: str | None) -> _Meaning:
        """The category of a class."""
        if name and (item := self._map.by_text(name)) is not None:
            category = self.by_label[item.id]
            if label is None or label == item.id:
                return _Meaning(category)
            said = f"the number is {label}, but the label map has {quoted(name)} at {item.id}"
            return _Meaning(category, Note("class-disagrees", f"{said}; the text counts"))
        if name and (item := self._map.by_similar_text(name)) is not None:
            said = f"{quoted(name)} is taken for {quoted(item.title)} of the label map"
            return _Meaning(self.by_label[item.id], Note("class-spelling", said))
        # A text that cannot be decoded counts less than the number beside it.
        is_readable = name and not ("\ufffd" in name and label is not None and self._map.by_id(label) is not None)
        if not is_readable and label is not None:
            return self._meaning_of_number(label)
        known = self.by_name.get(name or "") or self.add(None, name)
        return _Meaning(known, Note(NOT_IN_MAP, f"{quoted(name or '')} is not in the label map"))

    def _meaning_of_number(self, label: int) -> _Meaning:
        base, items = self._base, self._map.items
        known = self.by_label.get(base.id_of(label))
        if known is None and label == 0:
            said = f"the class label is 0 (background), the label map has the ids {items[0].id} to {items[-1].id}"
            return _Meaning(refusal=f"{said}. 0 is not taken for the first of them: {base.against}")
        if known is None or known.item is None:
            known = known or self.add(base.id_of(label), str(label) if base.differs else None)
            return _Meaning(known, Note(NOT_IN_MAP, f"the number {label} is not in the label map"))
        # A list of names has no numbers of its own that could differ from the records'.
        if base.differs and label == base.edge and self._map.numbered:
            return _Meaning(known, Note(base.code, f"the label map has no number {label}: {base.decision}"))
        return _Meaning(known)


def _evidence(label_map: LabelMap, classes: Iterable[ObjectClass]) -> Iterable[tuple[int, LabelItem | None]]:
    """Each number of the records, with the entry of the label map that the text beside it names."""
    for label, name, _, _ in classes:
        if label is not None and not _why_no_class(label, name):
            yield label, (label_map.by_text(name) or label_map.by_similar_text(name)) if name else None


# ------------------------------------------------------------------------------------------- keypoints and names
def _check_keypoints(each: ObjectClass, meaning: _Meaning) -> _Meaning:
    """What a class means to its keypoints. A category has those of the label map, else those of its first object."""
    category = meaning.category
    if category is None or each.keypoints is None:
        return meaning
    names = category.keypoints = category.keypoints or _keypoints_of(category, each)
    if len(names) != each.keypoints:
        return _Meaning(refusal=f"an object has {each.keypoints} keypoints, its category {len(names)}")
    if each.keypoint_names in ((), names):
        return meaning
    said = f"the keypoints are {', '.join(each.keypoint_names)}, the category has {', '.join(names)}"
    return _Meaning(category, Note("keypoint-names-differ", printable(said)), *meaning.notes)


def _keypoints_of(category: _Category, first: ObjectClass) -> tuple[str, ...]:
    """The keypoints of a category, of which this is the first object that has any."""
    if category.item is not None and category.item.keypoints:
        return category.item.keypoints
    return first.keypoint_names or tuple(f"keypoint_{number}" for number in range(1, (first.keypoints or 0) + 1))


def _named(categories: Iterable[_Category]) -> tuple[Category, ...]:
    """The categories by id, each with a name of its own."""
    ordered = sorted(categories, key=attrgetter("id"))
    names = unique_names((each.id, str(each.label) if each.name is None else each.name) for each in ordered)
    return tuple(Category(each.id, name, each.item, each.keypoints) for each, name in zip(ordered, names, strict=True))


def unique_names(named: Iterable[tuple[int, str]]) -> list[str]:
    """The names of ids, each made its own: readers look categories up by name."""
    names: dict[str, int] = {}
    for id_, name in named:
        while name in names:
            name = f"{name} ({id_})"  # noqa: PLW2901 - until nobody has it
        names[name] = id_
    return list(names)


def category_entry(category: Category) -> dict[str, Any]:
    """One category. Without a parent it is its own supercategory, as ``person`` is in the official files."""
    entry: dict[str, Any] = {"id": category.id, "name": category.name, "supercategory": category.name}
    item, keypoints = category.item, category.keypoints
    if item is not None:
        if item.supercategory:
            entry["supercategory"] = item.supercategory
        keypoints = item.keypoints or keypoints
        if item.frequency:
            entry["frequency"] = item.frequency
        if item.instance_count is not None:
            entry["instance_count"] = item.instance_count
    if keypoints:
        entry["keypoints"] = list(keypoints)
        entry["skeleton"] = [list(edge) for edge in item.skeleton] if item else []
    return entry
