"""CRC-32C as the crc32c package computes it, without what the package imports for other purposes.

Its ``__init__`` asks importlib.metadata for the version of the package and makes a command line, which takes an eighth
of the time that our command needs to start. The function itself is in an extension module that needs none of that.
"""

from __future__ import annotations

import sys
from importlib.machinery import ExtensionFileLoader, PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

_PACKAGE, _EXTENSION = "crc32c", "crc32c._crc32c"


def _extension() -> ModuleType | None:
    """The extension module by itself; None where the package has another form, or is imported already."""
    package = None if _PACKAGE in sys.modules else find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        return None
    spec = PathFinder.find_spec(_EXTENSION, package.submodule_search_locations)
    if spec is None or not isinstance(spec.loader, ExtensionFileLoader):
        return None
    try:
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError:
        return None
    return module if hasattr(module, "crc32c") else None


if TYPE_CHECKING or (_found := _extension()) is None:
    from crc32c import crc32c
else:
    crc32c = _found.crc32c

__all__ = ["crc32c"]
