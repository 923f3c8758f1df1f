"""What the measured programs have in common: a line of JSON that says what was done and how long it took.

Each program is a process of its own, in the environment of what it measures, and is started as
``python programs/NAME.py MODE INPUT [OUT]``. ``seconds`` is its work without interpreter and imports.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter


def tell(work: Callable[[], int]) -> None:
    """Does the work, which returns how many records it met, and prints what it took."""
    begin = perf_counter()
    records = work()
    print(json.dumps({"records": records, "seconds": perf_counter() - begin}))
