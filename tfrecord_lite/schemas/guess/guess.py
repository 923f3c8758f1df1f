"""What the unread keys of one record probably hold, as far as is known so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tfrecord_lite.errors import shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.detect.evidence import known_size
from tfrecord_lite.schemas.detect.suspects import NO_SUSPECTS, Suspects
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.roles import ROLES
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.spelling import option_of

_PLACES = {role.name: place for place, role in enumerate(ROLES)}


@dataclass(slots=True)
class Guess:
    """Roles that keys probably play; a key gets one at most.

    example, schema: the record, and how it is read otherwise; left: its keys that have no role yet.
    objects: how many it has. counts: how many each of the first records has. pixel: whether their boxes are pixels.
    suspects: what the first records show of these keys.
    roles: by name; also of roles that take a value. size: of raw pixels, where the record does not give it.
    found: the keys of each kind of content. unclear: what only a person can know, in words.
    """

    example: Example
    schema: Schema
    left: list[Held]
    objects: int = 0
    pixel: bool | None = None
    suspects: Suspects = NO_SUSPECTS
    counts: tuple[int, ...] = ()
    roles: dict[str, str] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    found: dict[str, list[str]] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)

    @property
    def options(self) -> str:
        """As a shell takes them; keys that cannot be printed are left out."""
        ordered = sorted(self.roles.items(), key=lambda item: _PLACES[item[0]])
        options = [option_of(role, key) for role, key in ordered if key.isprintable()]
        if self.size is not None:
            options.append(f"--image-size {self.size[0]}x{self.size[1]}")
        return " ".join(options)

    @property
    def remarks(self) -> str:
        """What is unclear, as sentences."""
        return "".join(f". {text}" for text in self.unclear)

    @property
    def image_size(self) -> tuple[int, int] | None:
        """Width and height of the image, or None if they are not known."""
        roles = ("encoded", "width", "height", "shape")
        keys: dict[str, Any] = {role: (self.roles[role],) for role in roles if role in self.roles}
        return known_size(self.example, self.schema._replace(**keys))

    def take(self, content: str, roles: Mapping[str, Held]) -> None:
        """Gives roles to keys."""
        for role, each in roles.items():
            self.roles[role] = each.key
            self.left.remove(each)
            if content:
                self.found.setdefault(content, []).append(each.key)

    def tell(self, content: str, each: Held, what: str) -> None:
        """Notes content that no option reads."""
        self.found.setdefault(content, []).append(each.key)
        self.unclear.append(f"{shortened(each.key)} {what}")

    def settle_objects(self, objects: int, counts: Iterable[int]) -> None:
        """Notes how many objects there are, in this record and in the first ones."""
        self.objects, self.counts = objects, tuple(counts)

    def per_object(self, each: Held) -> int:
        """How many values of a key belong to one object, here and in the first records; 0 where that does not fit."""
        if not self.objects or each.values % self.objects:
            return 0
        per = each.values // self.objects
        values = self.suspects.counts.get(each.key)
        if values is None or not self.counts:
            return per
        return per if all(n == per * count for n, count in zip(values, self.counts, strict=True)) else 0
