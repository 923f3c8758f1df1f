"""Where the process starts: the command ``tfrecord2coco``, and ``python -m tfrecord_lite``."""

import signal

# Until the command line has its own handlers there is nothing to clear up: an interrupt just ends the process, instead
# of a traceback out of the middle of an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import sys  # noqa: E402 - not before the line above

from tfrecord_lite.cli import main  # noqa: E402 - likewise

if __name__ == "__main__":
    sys.exit(main())
