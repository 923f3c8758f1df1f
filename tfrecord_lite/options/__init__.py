"""What a caller can choose: every option is defined here once, for the library and for the command line."""

from tfrecord_lite.options.reading import ReadOptions

__all__ = ["ReadOptions"]
