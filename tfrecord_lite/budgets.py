"""What one record may cost, whatever a few of its bytes claim: the numbers, and how they are spent.

A compressed image, a tag, a polygon or a list of small numbers can ask for any amount of memory and time. Every step
whose cost is not in proportion to the bytes that it reads asks here first, and what asks for more is refused with an
error that names the budget. The numbers are such that a record of up to 10 MB stays within 300 MB, and within 20 s on a
machine that decodes a PNG of 100 megapixels in 0.2 s. Real records are far below.
"""

from __future__ import annotations

from tfrecord_lite.errors import BudgetError, Location

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

CLASSES = 1 << 18
"""Distinct classes of one conversion, not of a record: of objects, of stuff, of segments. Each takes a kilobyte."""


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

    def spend(self, amount: int) -> None:
        """Takes as much from the budget. ExceededError where there is not as much left."""
        self._spent += amount
        check("the record", self._spent, self._most, self._unit)


def check(what: str, amount: int, most: int, unit: str) -> None:
    """Refuses what takes more than a record may, in words that name the budget."""
    if amount > most:
        raise ExceededError(f"{what} takes {amount} {unit}, the budget of a record is {most}")


def check_feature(where: Location, key: str, amount: int, most: int, unit: str) -> None:
    """Refuses a record of which a feature has more than a record may have."""
    if amount > most:
        raise BudgetError(where, key, f"the record has {amount} {unit}, the budget of a record is {most}")
