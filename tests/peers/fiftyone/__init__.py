"""FiftyOne's importer of COCO; its environment takes almost a gigabyte.

The importer hands out labels that no database holds yet: MongoDB is not started, and nothing is told to anybody.
"""

from __future__ import annotations

import os
import tempfile

os.environ |= {
    "FIFTYONE_DISABLE_SERVICES": "1",
    "FIFTYONE_DO_NOT_TRACK": "1",
    "FIFTYONE_CONFIG_PATH": os.path.join(tempfile.gettempdir(), "fiftyone-config-of-nobody.json"),
}
