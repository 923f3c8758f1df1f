"""What only the splits of a dataset together show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.output.seen import Seen

RULES = (
    Rule(
        "E80",
        "the splits have different categories",
        "Write the same table of categories into all splits, unused ones included.",
        ("id", "name"),
    ),
    Rule("W81", "one picture is in two splits", "Leave it out of one of them: what was learnt is no test."),
    Rule(
        "I81",
        "images of two splits have the same file_name and size",
        "Look whether they are the same picture; with the pictures at hand this is told for certain.",
    ),
)


class Splits:
    """Compares splits with each other."""

    def __init__(self) -> None:
        self._tables: dict[str, tuple[str, dict[int, object]]] = {}
        self._names: list[str] = []
        self._seen = Seen()

    def close(self) -> None:
        """Removes what was kept in files."""
        self._seen.close()

    def check_categories(self, task: str, split: str, names: Mapping[int, object], found: Findings) -> None:
        """Reports categories that differ from those of another split of the same task."""
        other, known = self._tables.setdefault(task, (split, dict(names)))
        for identity in sorted(known.keys() ^ names.keys()):
            where = split if identity in names else other
            found.add_at("E80", "id", None, f"the id {identity} is in {shown(where)} alone")
        for identity in sorted(known.keys() & names.keys()):
            if known[identity] != names[identity]:
                text = f"the id {identity} is {shown(names[identity])}, in {shown(other)} {shown(known[identity])}"
                found.add_at("E80", "name", None, text)

    def check_picture(
        self, split: str, image: Mapping[str, Any], number: int, fingerprint: bytes, found: Findings
    ) -> None:
        """Reports a picture that another split has, too. number: of the image in its block."""
        if other := self._other(split, b"picture" + fingerprint):
            found.add("W81", "", number, f"{shown(image.get('file_name'))} is in {shown(other)} as well")

    def check_names(self, split: str, images: Sequence[Mapping[str, Any]], found: Findings) -> None:
        """Reports images whose names and sizes another split has, too, where there are no pictures to compare."""
        for number, image in enumerate(images):
            name = image.get("file_name")
            key = f"{name}\0{image.get('width')}\0{image.get('height')}".encode("utf-8", "surrogatepass")
            if type(name) is str and (other := self._other(split, key)):
                found.add("I81", "", number, f"{shown(name)} is in {shown(other)} as well")

    def _other(self, split: str, key: bytes) -> str | None:
        """The split that had this key first, if it is another one."""
        if split not in self._names:
            self._names.append(split)
        mine = self._names.index(split)
        first = self._seen.first(key, mine)
        return None if first == mine else self._names[first]
