"""Coverage-guided fuzzing of one target with atheris (pip install atheris), for as long as libFuzzer is told to:

python tests/fuzz/run.py example -max_total_time=60
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["tfrecord_lite"]):
    from targets import TARGETS


def main() -> None:
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
