"""What one record may cost, and one input, whatever a few of their bytes claim: the limits, and how they are spent.

A compressed image, a tag, a polygon or a list of small numbers can ask for any amount of memory and time. Every step
whose cost is not in proportion to the bytes that it reads asks here first, and what asks for more is refused with an
error that names the budget. The numbers are such that a record of up to 10 MB stays within 300 MB, and within 20 s on a
machine that decodes a PNG of 100 megapixels in 0.2 s. Real records are far below.

What all records take together is bounded, too: by a base of each kind of work, and so much more for each byte of the
input. For that the work of one call is summed up in an Allowance, and what goes beyond it ends the call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from tfrecord_lite.errors import BudgetError, ExhaustedError, Location

PIXELS, RUNS, CORNERS, COLUMNS = "decoded pixels", "runs of masks", "corners of masks", "polygon columns"
KEYS, VIDEOS = "features beyond a hundred a record", "frames of videos"
COMPRESSED, INFLATED = "records in compressed files", "bytes inflated from compressed files"
"""Kinds of work that are summed up for the whole input, by their units."""

DECODED_PIXELS = 1 << 32
"""Pixels of masks and label images that are decoded: 2,000 masks of 1920 x 1080. One of a format that takes longer than
PNG counts as several."""

DECODED_BYTES = 200_000_000
"""Bytes of memory that decoding one image takes: 50 megapixels in colour, 200 in gray."""

SCANS = 100
"""Scans of one JPEG. Encoders write ten; a decoder goes over the whole image for each."""

METADATA = 1 << 20
"""Bytes of tags that decoding one TIFF needs: eight a strip, and its palette."""

MASK_RUNS = 1 << 21
"""Runs of the masks of all objects. The outline of an object has some hundreds, noise one for every second pixel."""

POLYGON_COLUMNS = 1 << 22
"""Columns of the image that edges of polygons pass, where these are drawn: of each object twice its width."""

OBJECTS = 1 << 16
"""Objects, classes of the image as a whole, or captions."""

POINTS = 1 << 19
"""Keypoints, or DensePose points, of all objects."""

ATTRIBUTES = 1 << 25
"""Bytes that the attributes of all objects take as text: each has the names of its attributes anew."""

FEATURES = 1 << 16
"""Features, by their keys."""

VALUES = 1 << 21
"""Numbers and texts in features, other than floats: some bytes hold as many numbers, and each takes eight and more."""

TEXT = 1 << 21
"""Bytes of the texts of one feature."""

FRAMES = 1 << 28
"""Bytes of a video's context that its frames have: each frame is a record with a copy."""

USUAL_FEATURES = 100
"""Features of a record that cost the input nothing: honest ones have ten or thirty."""

CLASSES = 1 << 18
"""Distinct classes of one conversion, not of a record: of objects, of stuff, of segments; or of a COCO file,
or a label map. Each takes a kilobyte."""


OF_INPUT: dict[str, tuple[int, float]] = {
    # A byte of a PNG unpacks to 1,032 bytes at most (the longest match of deflate is 258 bytes, and takes two bits), so
    # an input of 8-bit gray masks cannot come near, whatever they show. Pixels of masks of one bit count half: 2,048
    # for each byte of masks, labels and images together. The mask of a small object in an image of 1000 x 1000 pixels
    # takes 250 bytes to 2 KB in that form, beside some 100 KB of JPEG: 300 such objects an image are 1,700 pixels a
    # byte. A hundred objects in 640 x 480 take 15 KB, and the image 40: 550. A blank page of 5000 x 7000 pixels takes
    # 30 KB: 1,200. So what each byte brings is enough for real data, and the base only has to cover a few records that
    # hold masks and no image. With it 10 MB come to 11,300 million pixels, at 1.5 to 2.3 ns each.
    PIXELS: (1 << 30, 1 << 10),
    # A byte of a run-length encoding is one run at most. A rectangle of 800 x 800 pixels is 1,600 runs, and a PNG of
    # 480 bytes.
    RUNS: (MASK_RUNS, 4),
    # Each corner makes a PNG longer: straight edges have none, and round ones one for every two bytes at most.
    CORNERS: (4 * MASK_RUNS, 1),
    # An object that is as wide as a tenth of a 4K image passes 800 columns, and its outline takes 200 bytes and more;
    # in the annotations of COCO it is 0.4 columns a byte.
    COLUMNS: (POLYGON_COLUMNS, 4),
    # Where other features come in each record. What a key may mean is looked at once for all records that have the
    # same ones, and takes 0.1 ms.
    KEYS: (FEATURES, 1 / 128),
    # A frame with nothing but the class of an object takes 30 bytes.
    VIDEOS: (1 << 17, 1 / 32),
    # The same record over and over takes a byte. One with content of its own has a checksum of its own alone four bytes
    # that no compression makes fewer, and boxes or names beside it: fifty, where there is no image.
    COMPRESSED: (1 << 18, 1 / 32),
    # Deflate makes one byte of 1,032 at most. An image of 100 KB with twenty masks of 1000 x 1000 floats, which pack to
    # as much again, is 400 to one.
    INFLATED: (1 << 30, 1 << 9),
}
"""Of each kind of work: how much of it an input may take as a whole, and how much more for each of its bytes."""


class ExceededError(ValueError):
    """A budget does not last. The text says of what, how much was asked for, and how much there is."""


class Budget:
    """What is left of a budget for one record.

    most: how much one record may use. unit: of what, for messages.
    """

    __slots__ = ("_most", "_spent", "_unit")

    def __init__(self, most: int, unit: str) -> None:
        self._most = most
        self._unit = unit
        self._spent = 0

    @property
    def spent(self) -> int:
        """How much was given so far: what is refused costs nothing."""
        return min(self._spent, self._most)

    def spend(self, amount: int) -> None:
        """Takes as much from the budget. ExceededError where there is not as much left."""
        self._spent += amount
        check("the record", self._spent, self._most, self._unit)


_IN_USE: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


class Allowance:
    """What the records of one input may cost in all, and what they did so far.

    size: bytes of the input, as far as they are known.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.spent: Counter[str] = Counter()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """All that this thread decodes and draws until the end of the block is spent from this allowance."""
        token = _IN_USE.set(self)
        try:
            yield
        finally:
            _IN_USE.reset(token)

    def spend(self, amounts: Mapping[str, int], where: Location | None = None) -> None:
        """Takes as much of each kind. ExhaustedError where there is not as much left. where: the record that it is for.

        What other processes spent is taken together, and is of no single record.
        """
        self.spent.update(amounts)
        for unit in amounts:
            base, each = OF_INPUT[unit]
            most = base + int(each * self.size)
            if self.spent[unit] > most:
                found = f"the records so far take {self.spent[unit]} {unit}"
                budget = f"the budget of an input of {self.size} bytes is {most}: {base}, and {each} a byte"
                advice = "Convert it in several calls, if you trust where it comes from"
                raise ExhaustedError(f"{where or 'the input'}: {found}, {budget}. {advice}")


def spend_of_input(unit: str, amount: int, where: Location) -> None:
    """Takes as much of a kind from the allowance in use, if there is one. Raises ExhaustedError."""
    if amount and (allowance := _IN_USE.get()) is not None:
        allowance.spend({unit: amount}, where)


def add_input(size: int) -> None:
    """Tells the allowance in use, if there is one, of bytes that belong to the input as well."""
    if (allowance := _IN_USE.get()) is not None:
        allowance.size += size


def check(what: str, amount: int, most: int, unit: str) -> None:
    """Refuses what takes more than a record may, in words that name the budget."""
    if amount > most:
        raise ExceededError(f"{what} takes {amount} {unit}, the budget of a record is {most}")


def check_feature(where: Location, key: str, amount: int, most: int, unit: str) -> None:
    """Refuses a record of which a feature has more than a record may have."""
    if amount > most:
        raise BudgetError(where, key, f"the record has {amount} {unit}, the budget of a record is {most}")
