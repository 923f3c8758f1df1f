"""``python -m tfrecord_lite`` is the command ``tfrecord2coco``."""

import sys

from tfrecord_lite.cli import main

sys.exit(main())
