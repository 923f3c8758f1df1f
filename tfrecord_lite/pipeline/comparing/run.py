"""Two sides of a comparison -> what differs: each is described, then images are compared pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tfrecord_lite.comparison.classes import Names, class_differences, untold_facts
from tfrecord_lite.comparison.description import describe
from tfrecord_lite.comparison.differences import identity_differences, image_differences
from tfrecord_lite.comparison.image import Compared, read_image
from tfrecord_lite.comparison.pixels import picture_digest
from tfrecord_lite.comparison.result import Comparison, Content, Difference, Table
from tfrecord_lite.comparison.store import Row, Store
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

Sides = tuple[Side, Side]


def compare_sides(
    sides: Sides,
    *,
    ids: bool = False,
    pictures: bool = True,
    merge: bool = False,
    drops: bool = False,
    strict: bool = False,
    on_images: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Reads both sides of a comparison, and compares them. The options are those of ``compare``.

    drops: whether what is proven bad is left out.

    Raises:
        RejectedInputError: the data is at fault. CocoFileError: a COCO file is damaged. OSError.
    """
    run = _Run(sides, ids=ids, pictures=pictures, merge=merge, on_images=on_images)
    with Store() as store:
        for number in (0, 1):
            run.read(number, store, drops=drops)
        store.pair()
        run.read_pixels(store)
        run.compare(store)
    a, b = run.contents
    return Comparison(a, b, run.table.rows(), tuple(run.notes()), strict)


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


class _Run:
    """A comparison under way. contents: how much there is of each side. table: what differs."""

    def __init__(
        self,
        sides: Sides,
        *,
        ids: bool,
        pictures: bool,
        merge: bool,
        on_images: Callable[[int, int], None] | None,
    ) -> None:
        self._sides = sides
        self._ids, self._pictures, self._merge = ids, pictures, merge
        self._on_images = on_images
        self._pairs = same_splits(*(list(side.tables) for side in sides))
        self._with_pictures: tuple[set[int], set[int]] = (set(), set())  # by side, the splits that have any
        self.contents = [Content(printable(side.title), len(side.tables)) for side in sides]
        self.table = Table()
        for a, b in self._pairs:
            if a is None or b is None:
                self.table.add(Difference.lacking("split", in_b=b is None), shortened(a or b or ""))

    # ------------------------------------------------------------------------------------------ reading
    def read(self, number: int, store: Store, *, drops: bool) -> None:
        """Describes every image of one side, or raises RejectedInputError where its data is at fault."""
        side = self._sides[number]
        with Seen() as merged:
            for split, names in enumerate(self._pairs):
                if (name := names[number]) is not None:
                    self._read_split(number, split, name, store, merged)
        wrong, tables = side.finish(), side.tables.values()
        problems = [each for table in tables for each in (table.lasting if drops else table.problems)]
        count = sum(table.lasting_count if drops else table.problem_count for table in tables)
        if wrong or count:
            advice = "" if drops or wrong or any(table.lasting_count for table in tables) else SKIP_ADVICE
            raise RejectedInputError([*wrong, *problems[:FULL_MESSAGES]], len(wrong) + count, advice)

    def _read_split(self, number: int, split: int, name: str, store: Store, merged: Seen) -> None:
        side = self._sides[number]
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
            if not self._pictures:
                described = described._replace(identity=described.identity._replace(digest=None))
            if described.identity.digest is not None:
                self._with_pictures[number].add(split)
            known = store.next
            if key:
                known = merged.first(b"%d %b" % (split, key), store.next)
            if known == store.next:
                store.add(number, split, place, described)
                images += 1
            else:
                store.add_to(known, described)
            place += 1
            if place % _TOLD_IMAGES == 0 and self._on_images is not None:
                self._on_images(images + sum(content.images for content in self.contents), 0)
            del event  # a large image must not be held while the next one is read
        self.contents[number].images += images

    def _key_of_merged(self, sample: Sample, digest: str | None) -> bytes:
        """What records of one image have in common; empty where each record is an image of its own."""
        source = (sample.image.source_id or "").encode(errors="surrogatepass")
        if sample.merged and source:
            return source
        return source + b"\0" + digest.encode() if self._merge and digest else b""

    def read_pixels(self, store: Store) -> None:
        """Reads the pictures again whose bytes differ."""
        for split, names in enumerate(self._pairs):
            for number, (side, name) in enumerate(zip(self._sides, names, strict=True)):
                if name is not None and (wanted := store.unlike_pictures(number, split)):
                    for place, sample in side.read_again(name, wanted.keys()):
                        data = sample.image.data
                        digest = None if data is None else picture_digest(data, sample.where)
                        if digest is not None:
                            store.add_pixels(wanted[place], digest)
                        del data, sample  # likewise

    # ------------------------------------------------------------------------------------------ comparing
    def compare(self, store: Store) -> None:
        """Compares the images pair by pair, then the classes."""
        names = [
            [None if name is None else side.names(name) for side, name in zip(self._sides, pair, strict=True)]
            for pair in self._pairs
        ]
        alike = [a is not None and b is not None and _are_alike(a, b) for a, b in names]
        told = self._sides[0].told & self._sides[1].told
        for pair in store.pairs():
            of_a, of_b = names[pair.split]
            a = self._image(0, pair.a, of_a)
            if pair.a is None or pair.b is None or a is None:
                self._image(1, pair.b, of_b)
                if of_a is not None and of_b is not None:
                    difference = Difference.lacking("image", in_b=pair.b is None)
                    self._add([difference], pair.split, pair.title)
                continue
            with_pictures = all(pair.split in each for each in self._with_pictures)
            pixels = (store.pixels(pair.a.number), store.pixels(pair.b.number)) if with_pictures else None
            found = identity_differences(pair.a.identity, pair.b.identity, pixels, ids=self._ids)
            self._add(found, pair.split, pair.title)
            if alike[pair.split] and [light for light, _ in pair.a.parts] == [light for light, _ in pair.b.parts]:
                self.contents[1].objects += len(a.objects)
            elif (b := self._image(1, pair.b, of_b)) is not None:
                self._add(image_differences(a, b, told, ids=self._ids), pair.split, pair.title)
        self._add(class_differences(self._sides[0].classes(), self._sides[1].classes()))

    def _image(self, number: int, row: Row | None, names: Names | None) -> Compared | None:
        """An image of one side, whose objects are counted."""
        if row is None or names is None:
            return None
        image = read_image(row.parts, names)
        self.contents[number].objects += len(image.objects)
        return image

    def _add(self, differences: Iterable[Difference], split: int | None = None, title: str = "") -> None:
        """Counts differences of an image, or of the datasets as a whole."""
        names = () if split is None or len(self._pairs) == 1 else self._pairs[split]
        place = shortened(next(filter(None, names), ""))
        for difference in differences:
            self.table.add(difference, place, shortened(title))

    # ------------------------------------------------------------------------------------------ notes
    def notes(self) -> Iterator[str]:
        """Warnings about how both were read and compared."""
        a, b = self._sides
        yield from (*a.notes(), *b.notes())
        if untold := sorted(a.told ^ b.told):
            yield f"not compared, since a single COCO file has no place for them: {', '.join(untold)}"
        if of_one := untold_facts(a.classes(), b.classes()):
            facts = ", ".join(f"{key} of {counted(count, 'class')}" for key, count in of_one.items())
            yield f"not compared, since one dataset alone says it: {facts}"
        if others := [*dict.fromkeys((*a.beside(), *b.beside()))]:
            shown = ", ".join(map(shortened, others[:_MOST_OTHERS]))
            more = f" and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
            yield f"not compared: {shown}{more}"
        for split, pair in enumerate(self._pairs):
            has = [split in each for each in self._with_pictures]
            if None not in pair and has[0] != has[1]:
                where = f" in {pair[0]}" if len(self._pairs) > 1 else ""
                lacking = self.contents[has.index(False)].title
                yield f"pictures are not compared: {lacking} has none{where}"
        if dropped := sum(table.problem_count for side in self._sides for table in side.tables.values()):
            yield f"left out, as damaged or impossible to say in COCO: {dropped:,}"


def _are_alike(a: Names, b: Names) -> bool:
    """Whether equal indexes mean equal classes."""
    mine, other = ((each.objects, each.ids, each.stuff, each.segments, each.titles, each.labels) for each in (a, b))
    return mine == other and a.id_of == b.id_of
