"""Where the process starts: the command ``tfrecord2coco``, and ``python -m tfrecord_lite``."""

import _signal  # type: ignore[import-not-found]

# Until the command line has its own handlers there is nothing to clear up: an interrupt just ends the process, instead
# of a traceback out of the middle of an import. The module signal would itself import half a dozen others first.
_signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import sys  # noqa: E402 - not before the line above

from tfrecord_lite.commands.cli import main  # noqa: E402 - likewise

if __name__ == "__main__":
    sys.exit(main())
