"""What the measured programs have in common: a line of JSON that says what was done and how long it took.

Each program is a process of its own, in the environment of what it measures, and is started as
``python programs/NAME.py MODE CORPUS [OUT]``. ``seconds`` is its work without interpreter and imports.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

BOX_KEYS = tuple(f"image/object/bbox/{side}" for side in ("xmin", "ymin", "xmax", "ymax"))
LABEL_KEY = "image/object/class/label"

Lists = Sequence[Sequence[float]]
"""The five lists of a record: four sides of its boxes, and labels."""
Result = Lists | bytes | memoryview
"""What reading gives of a record: its lists, or its payload."""


def tell(work: Callable[[], int]) -> None:
    """Does the work, which returns how many records it met, and prints what it took."""
    begin = perf_counter()
    records = work()
    print(json.dumps({"records": records, "seconds": perf_counter() - begin}))


def tell_reading(read: Callable[[str], Iterable[Result]], path: str) -> None:
    """Reads a file record by record; with ``--digest`` as the last argument, says what was read instead."""
    if sys.argv[-1] == "--digest":
        print(json.dumps(_digest(read(path))))
    else:
        tell(lambda: sum(1 for _ in read(path)))


def _digest(results: Iterable[Result]) -> dict[str, object]:
    """One number for all that was read: equal for equal values, whatever types hold them."""
    digest, records = hashlib.sha256(), 0
    for result in results:
        records += 1
        parts = [bytes(result)] if isinstance(result, bytes | memoryview) else map(_packed, result, "ffffq")
        for part in parts:
            digest.update(len(part).to_bytes(8, "little") + part)
    return {"records": records, "digest": digest.hexdigest()}


def _packed(values: Sequence[float], kind: str) -> bytes:
    """Numbers as 32-bit floats (f) or 64-bit integers (q)."""
    return struct.pack(f"<{len(values)}{kind}", *values)
