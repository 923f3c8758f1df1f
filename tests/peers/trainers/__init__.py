"""The data loading of deep learning frameworks; their environment takes some gigabytes.

What must be there before they are imported: a folder for settings that nobody needs, and mmcv's compiled operators,
which mmdet imports and which loading a dataset never calls.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types

os.environ["YOLO_CONFIG_DIR"] = tempfile.gettempdir()
_operators = types.ModuleType("mmcv._ext")
_operators.__getattr__ = lambda _: None  # type: ignore[method-assign]
sys.modules["mmcv._ext"] = _operators
