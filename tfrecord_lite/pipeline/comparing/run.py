"""Two sides of a comparison -> what differs: described one after the other, then image held beside image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tfrecord_lite.comparison.classes import class_differences, untold_facts
from tfrecord_lite.comparison.description import describe
from tfrecord_lite.comparison.difference import Difference, Table
from tfrecord_lite.comparison.identities import identity_differences
from tfrecord_lite.comparison.image import read_image
from tfrecord_lite.comparison.images import image_differences
from tfrecord_lite.comparison.names import Names
from tfrecord_lite.comparison.pixels import picture_digest
from tfrecord_lite.comparison.result import Comparison, Content
from tfrecord_lite.comparison.store import Pair, Store
from tfrecord_lite.errors import RejectedInputError, counted, printable, shortened
from tfrecord_lite.inputs.names import split_of_folder
from tfrecord_lite.output.seen import Seen
from tfrecord_lite.pipeline.comparing.sides import Side
from tfrecord_lite.pipeline.judge import SKIP_ADVICE
from tfrecord_lite.report import FULL_MESSAGES
from tfrecord_lite.sample import Sample

_MOST_OTHERS = 10  # that a note names
_TOLD_IMAGES = 64  # after which progress is shown
_SAME_SPLIT = {"validation": "val", "valid": "val", "training": "train", "trn": "train", "testing": "test"}


def same_splits(a: Sequence[str], b: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Which split of one dataset is which of the other; None where there is none.

    ``valid`` and ``validation`` are ``val``. Where both datasets have only one split, its name says nothing.
    """
    if len(a) == len(b) == 1:
        return [(a[0], b[0])]
    left = [name for name in b if name not in a]
    pairs: list[tuple[str | None, str | None]] = []
    for name in a:
        other = name if name in b else None
        if other is None:
            other = next((each for each in left if _plain_split(each) == _plain_split(name)), None)
        if other in left:
            left.remove(other)
        pairs.append((name, other))
    return sorted([*pairs, *((None, name) for name in left)], key=lambda pair: (pair[0] or pair[1] or "", pair))


def _plain_split(name: str) -> str:
    """The name of a split as most datasets have it."""
    known = split_of_folder(name) or name.casefold()
    return _SAME_SPLIT.get(known, known)


@dataclass(slots=True)
class ComparisonRun:
    """A comparison under way.

    pairs: the splits of both sides. table: what differs. told: what both can say.
    contents: how much there is of each side. on_images: as ``compare`` has it.
    with_pictures: by side, the splits that have any. untold: facts of classes that only one side has a place for.
    """

    sides: tuple[Side, Side]
    ids: bool
    pictures: bool
    merge: bool
    on_images: Callable[[int, int], None] | None
    pairs: list[tuple[str | None, str | None]] = field(init=False)
    table: Table = field(default_factory=Table)
    contents: list[Content] = field(init=False)
    with_pictures: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    untold: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pairs = same_splits(*(list(side.tables) for side in self.sides))
        self.contents = [Content(printable(side.title), len(side.tables)) for side in self.sides]
        for a, b in self.pairs:
            if a is None or b is None:
                texts = ("is there", "none") if b is None else ("none", "is there")
                self.table.add(Difference("split", "", *texts), shortened(a or b or ""))

    # ------------------------------------------------------------------------------------------ reading
    def read(self, number: int, store: Store) -> None:
        """Describes every image of one side."""
        side = self.sides[number]
        with Seen() as merged:
            for split, names in enumerate(self.pairs):
                if (name := names[number]) is not None:
                    self._read_split(number, split, name, store, merged)
        side.finish()

    def _read_split(self, number: int, split: int, name: str, store: Store, merged: Seen) -> None:
        side = self.sides[number]
        table = side.tables[name]
        place = images = 0
        for event, ids in side.read(name):
            if not isinstance(event, Sample):
                table.dropped_records += 1
                table.add_problem(event)
                place += 1
                continue
            for problem in event.refused:
                table.add_problem(problem)
            described = describe(event, table, images, ids)
            key = self._key_of_merged(event, described.identity.digest) if ids is None else b""
            if not self.pictures:
                described = described._replace(identity=described.identity._replace(digest=None))
            if described.identity.digest is not None:
                self.with_pictures[number].add(split)
            known = store.next
            if key:
                known = merged.first(b"%d %b" % (split, key), store.next)
            if known == store.next:
                store.add(number, split, place, described)
                images += 1
            else:
                store.add_to(known, described)
            place += 1
            if place % _TOLD_IMAGES == 0:
                self._tell(images)
            del event  # a large image must not be held while the next one is read
        self.contents[number] = self.contents[number].with_images(images)

    def _tell(self, images: int) -> None:
        """Tells how many images were read so far. images: of the split that is being read."""
        if self.on_images is not None:
            self.on_images(images + sum(content.images for content in self.contents), 0)

    def _key_of_merged(self, sample: Sample, digest: str | None) -> bytes:
        """What records of one image have in common; empty where each record is an image of its own."""
        source = (sample.image.source_id or "").encode(errors="surrogatepass")
        if sample.merged and source:
            return source
        return source + b"\0" + digest.encode() if self.merge and digest else b""

    def judge(self, number: int, *, drops: bool) -> None:
        """Raises where the data of a side is at fault. drops: whether what is proven bad is left out."""
        side = self.sides[number]
        wrong, tables = side.wrong(), side.tables.values()
        problems = [each for table in tables for each in (table.lasting if drops else table.problems)]
        count = sum(table.lasting_count if drops else table.problem_count for table in tables)
        if wrong or count:
            advice = "" if drops or wrong or any(table.lasting_count for table in tables) else SKIP_ADVICE
            raise RejectedInputError([*wrong, *problems[:FULL_MESSAGES]], len(wrong) + count, advice)

    # ------------------------------------------------------------------------------------------ pixels
    def read_pixels(self, store: Store) -> None:
        """Reads the pictures again whose bytes differ."""
        for split, names in enumerate(self.pairs):
            for number, side in enumerate(self.sides):
                name = names[number]
                if name is not None and (wanted := store.unlike_pictures(number, split)):
                    for place, sample in side.read_again(name, wanted.keys()):
                        data = sample.image.data
                        digest = None if data is None else picture_digest(data, sample.where)
                        if digest is not None:
                            store.add_pixels(wanted[place], digest)
                        del data, sample  # likewise

    # ------------------------------------------------------------------------------------------ comparing
    def compare(self, store: Store) -> None:
        """Holds image beside image."""
        names = [
            [None if name is None else side.names(name) for side, name in zip(self.sides, pair, strict=True)]
            for pair in self.pairs
        ]
        alike = [a is not None and b is not None and _are_alike(a, b) for a, b in names]
        told = self.sides[0].told() & self.sides[1].told()
        for pair in store.pairs():
            split, title = self._title(pair.split), shortened(pair.title)
            of_a, of_b = names[pair.split]
            if pair.a is None or pair.b is None or of_a is None or of_b is None:
                self._count(pair, of_a if pair.b is None else of_b)
                if of_a is not None and of_b is not None:
                    texts = ("is there", "none") if pair.b is None else ("none", "is there")
                    self.table.add(Difference("image", "", *texts), split, title)
                continue
            with_pictures = all(pair.split in each for each in self.with_pictures)
            pixels = (store.pixels(pair.a.number), store.pixels(pair.b.number)) if with_pictures else None
            for difference in identity_differences(pair.a.identity, pair.b.identity, pixels, ids=self.ids):
                self.table.add(difference, split, title)
            a = read_image(pair.a.parts, of_a)
            self.contents[0] = self.contents[0].with_objects(len(a.things))
            if alike[pair.split] and [light for light, _ in pair.a.parts] == [light for light, _ in pair.b.parts]:
                self.contents[1] = self.contents[1].with_objects(len(a.things))
                continue
            b = read_image(pair.b.parts, of_b)
            self.contents[1] = self.contents[1].with_objects(len(b.things))
            for difference in image_differences(a, b, told, ids=self.ids):
                self.table.add(difference, split, title)
        classes = (self.sides[0].classes(), self.sides[1].classes())
        self.untold = untold_facts(*classes)
        for difference in class_differences(*classes):
            self.table.add(difference)

    def _title(self, split: int) -> str:
        a, b = self.pairs[split]
        return shortened(a or b or "") if len(self.pairs) > 1 else ""

    def _count(self, pair: Pair, names: Names | None) -> None:
        """Counts the objects of an image that only one side has."""
        number = 0 if pair.b is None else 1
        row = pair.a or pair.b
        if row is not None and names is not None:
            self.contents[number] = self.contents[number].with_objects(len(read_image(row.parts, names).things))

    # ------------------------------------------------------------------------------------------ result
    def result(self, *, strict: bool) -> Comparison:
        """What came of it."""
        notes = [note for side in self.sides for note in side.notes()]
        told = [side.told() for side in self.sides]
        untold = sorted(told[0] ^ told[1])
        if untold:
            notes.append(f"not compared, since a single COCO file has no place for them: {', '.join(untold)}")
        if self.untold:
            facts = ", ".join(f"{key} of {counted(count, 'class')}" for key, count in self.untold.items())
            notes.append(f"not compared, since one dataset alone says it: {facts}")
        if others := [*dict.fromkeys(key for side in self.sides for key in side.beside())]:
            shown = ", ".join(map(shortened, others[:_MOST_OTHERS]))
            more = f" and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
            notes.append(f"not compared: {shown}{more}")
        for split, pair in enumerate(self.pairs):
            has = [split in each for each in self.with_pictures]
            if None not in pair and has[0] != has[1]:
                where = f" in {pair[0]}" if len(self.pairs) > 1 else ""
                lacking = self.contents[has.index(False)].title
                notes.append(f"pictures are not compared: {lacking} has none{where}")
        dropped = sum(table.problem_count for side in self.sides for table in side.tables.values())
        if dropped:
            notes.append(f"left out, as damaged or impossible to say in COCO: {dropped:,}")
        a, b = self.contents
        return Comparison(a, b, self.table.rows(), tuple(notes), strict)


def _are_alike(a: Names, b: Names) -> bool:
    """Whether equal indexes mean equal classes."""
    mine, other = ((each.objects, each.ids, each.stuff, each.segments, each.titles, each.labels) for each in (a, b))
    return mine == other and a.id_of == b.id_of
