"""What a user takes of an input: which images and classes, and which split each image belongs to.

What is taken of an image depends on the image alone, or on its place in the input. So neither the number of workers nor
the division into files matters, and images that are added to a dataset move no other one to another split.

An image is known by its encoded bytes: two records of one picture are never on both sides of a split, and file names,
which some producers give to every image alike, do not matter. An image without bytes, or whose bytes are made here of
raw pixels, is known by its source id and file name as the record has them; one without these by its whole record.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tfrecord_lite.coco.resolve.category_ids import ClassChoice
from tfrecord_lite.errors import UsageError
from tfrecord_lite.output.seen import Seen
from tfrecord_lite.sample import Sample

_BITS = 64
Takes = Callable[[Sample], bool]


class Selection(NamedTuple):
    """What is taken.

    classes: which classes of objects, and what they are called.
    drop_empty_images: leave out images without objects.
    limit: how many images, the first ones; sample: how many, wherever they are; of each split that the input has.
    seed: another one gives another sample, and other splits.
    shares: splits with their share of all images, in place of those that the input has.
    """

    classes: ClassChoice = ClassChoice()
    drop_empty_images: bool = False
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    shares: tuple[tuple[str, float], ...] = ()

    @classmethod
    def given(cls, values: Mapping[str, Any]) -> Selection:
        """As the options of ``convert`` say, which were checked one by one.

        Raises:
            UsageError: two of them exclude each other, or shares do not make 1.
        """
        shares = tuple((name, float(share)) for name, share in dict(values["split_ratio"] or ()).items())
        if values["limit"] is not None and values["sample"] is not None:
            raise UsageError("--limit and --sample exclude each other: the first images, or images from everywhere")
        if shares and values["split"] is not None:
            raise UsageError("--split and --split-ratio exclude each other: one split, or several")
        if shares and (wrong := wrong_shares(shares)):
            raise UsageError(f"--split-ratio: {wrong}")
        renamed = dict(values["rename"] or ())
        classes = ClassChoice(
            tuple(values["only_classes"]), tuple(values["drop_classes"]), tuple(renamed.items()), values["renumber"]
        )
        limit, sample = (None if values[name] is None else int(values[name]) for name in ("limit", "sample"))
        return cls(classes, values["drop_empty_images"], limit, sample, int(values["seed"]), shares)

    @property
    def names(self) -> list[str]:
        """The splits that images are divided among; none where the input has its own."""
        return [name for name, _ in self.shares]

    def told(self, split: str) -> dict[str, Any]:
        """How the images of a split were chosen, for its report; empty where all were taken."""
        by = {"limit": self.limit, "sample": self.sample, "share": dict(self.shares).get(split)}
        told: dict[str, Any] = {key: value for key, value in by.items() if value is not None}
        return told | ({"seed": self.seed} if told.keys() - {"limit"} else {})

    def picker(self, *, merge: bool) -> Picker:
        """What decides about each image. merge: whether records of the same image become one."""
        return Picker(self.seed, self.sample, self.shares, merge)


class Picker(NamedTuple):
    """Decides by the image alone.

    seed: another one gives another choice. sample: how many images of each group are wanted; None for all.
    shares: of the splits that the images are divided among, in order; none to leave each in the split of its file.
    merge: whether records with the same source id and the same image bytes are one image.
    """

    seed: int = 0
    sample: int | None = None
    shares: tuple[tuple[str, float], ...] = ()
    merge: bool = False

    def __bool__(self) -> bool:
        return self.sample is not None or bool(self.shares)

    def key(self, sample: Sample) -> bytes:
        """What an image is known by, in 32 bytes."""
        from hashlib import blake2b  # noqa: PLC0415 - starts OpenSSL, and few runs choose

        image, source_id = sample.image, (sample.image.source_id or "").encode(errors="surrogatepass")
        is_made = any(finding.code == "image-raw" for finding in sample.findings)
        if sample.merged and source_id:
            return blake2b(source_id, digest_size=32, person=b"source").digest()
        if image.data is not None and not is_made:
            found = blake2b(image.data, digest_size=32, person=b"image")
            if self.merge:
                found.update(source_id)
            return found.digest()
        names = source_id + b"\0" + image.filename.encode(errors="surrogatepass")
        return blake2b(names if len(names) > 1 else sample.fingerprint, digest_size=32, person=b"name").digest()

    def rank(self, key: bytes) -> int:
        """The smallest are wanted. Has nothing to do with the split that the image goes into."""
        return _number(key, b"sample", self.seed)

    def split(self, key: bytes, group: str) -> str:
        """The split of an image. group: that of its file."""
        if not self.shares:
            return group
        bounds = [0.0]
        for _, share in self.shares:
            bounds.append(bounds[-1] + share)
        place = bisect_right(bounds, _number(key, b"split", self.seed) / 2**_BITS) - 1
        return self.shares[min(place, len(self.shares) - 1)][0]


def _number(key: bytes, purpose: bytes, seed: int) -> int:
    """A number of 64 bits that looks drawn."""
    from hashlib import blake2b  # noqa: PLC0415 - as above

    return int.from_bytes(blake2b(b"%d %b" % (seed, key), digest_size=_BITS // 8, person=purpose).digest(), "big")


class Smallest:
    """The smallest ranks of those that are offered.

    Args:
        most: how many.
        bound: what is known to be too large; None for nothing.
    """

    def __init__(self, most: int, bound: int | None = None) -> None:
        self._most = most
        self._bound = bound
        self._heap: list[int] = []  # negative, so that the largest is at hand
        self._once: set[int] = set()  # those that may come again and count once

    @property
    def bound(self) -> int | None:
        """What is larger than this is not among the smallest; None where anything may be."""
        return -self._heap[0] if len(self._heap) >= self._most else self._bound

    def offer(self, rank: int, *, once: bool) -> bool:
        """Takes a rank, and says whether it may be among the smallest. once: it counts once, however often it comes."""
        if once and rank in self._once:
            return True
        if (bound := self.bound) is not None and rank > bound:
            return False
        if once:
            self._once.add(rank)
        heapq.heappush(self._heap, -rank)
        if len(self._heap) > self._most:
            self._once.discard(-heapq.heappop(self._heap))
        return True

    def ordered(self) -> list[tuple[int, bool]]:
        """The ranks, smallest first, and whether each counts once."""
        return [(-rank, -rank in self._once) for rank in sorted(self._heap, reverse=True)]


class FirstImages:
    """Takes the first images that it is asked about, with all their records."""

    def __init__(self, count: int, picker: Picker, seen: Seen) -> None:
        self._left = count
        self._picker = picker
        self._seen = seen
        self._merging = picker.merge

    @property
    def done(self) -> bool:
        """Whether no later record can belong to any of them."""
        return self._left == 0 and not self._merging

    def __call__(self, sample: Sample) -> bool:
        """Whether the image of a record is one of the first."""
        self._merging = self._merging or sample.merged
        key = self._picker.key(sample) if self._merging else b""
        if self._merging and key in self._seen:
            return True
        if self._left == 0:
            return False
        self._left -= 1
        if self._merging:
            self._seen.add(key)
        return True


def wrong_shares(shares: Sequence[tuple[str, float]]) -> str:
    """What is wrong with shares; empty where they make 1 and have different names."""
    names = [name.casefold() for name, _ in shares]
    twice = [name for number, (name, _) in enumerate(shares) if names.index(name.casefold()) < number]
    if twice:
        return f"the split {twice[0]} comes twice"
    total = round(sum(share for _, share in shares), 9)
    if total != 1:
        return f"{' + '.join(f'{share:g}' for _, share in shares)} make {total:g}, expected 1"
    return ""
