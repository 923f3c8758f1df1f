"""What one record may cost, whatever a few of its bytes claim: the numbers, and how they are spent.

A compressed image, a tag or a polygon of some bytes can ask for any amount of memory and time. So that an input under
10 MB stays within 300 MB and 20 s, every step whose cost is not in proportion to the bytes that it reads asks here
first; what asks for more is refused with an error that names the budget. Real records are far below: the largest in
the wild have a hundred masks of 8 megapixels, some thousand boxes, or a scan of 60 megapixels.
"""

from __future__ import annotations

from tfrecord_lite.errors import BudgetError, Location

DECODED_PIXELS = 1 << 30
"""Pixels of masks and label images that are decoded for one record: 500 masks of 1920 x 1080."""

PIXELS = "decoded pixels"  # what messages call them

DECODED_BYTES = 200_000_000
"""Bytes of memory that decoding one image may take: 50 megapixels in colour, 200 in gray."""

SCANS = 100
"""Scans of one JPEG. Encoders write ten; a decoder goes over the whole image for each."""

METADATA = 1 << 20
"""Bytes of tags that the decoder of one image unpacks: four a strip of a TIFF, and its palette."""


class Budget:
    """What is left of a budget for one record.

    most: how much one record may use. unit: of what, for messages. advice: what a message says to do.
    """

    __slots__ = ("_advice", "_most", "_spent", "_unit")

    def __init__(self, most: int, unit: str, advice: str = "") -> None:
        self._most = most
        self._unit = unit
        self._advice = advice
        self._spent = 0

    def spend(self, amount: int, where: Location, key: str) -> None:
        """Takes as much from the budget. BudgetError where there is not as much left."""
        self._spent += amount
        check(self._spent, self._most, self._unit, where, key, advice=self._advice)


def check(
    amount: int, most: int, unit: str, where: Location, key: str, *, what: str = "the record", advice: str = ""
) -> None:
    """Refuses what would take more than a record may, in words that name the budget."""
    if amount > most:
        raise BudgetError(
            where, key, f"{what} takes {amount} {unit}, the budget of a record is {most}. {advice}".strip()
        )
