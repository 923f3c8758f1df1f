"""Paths that may be URLs: their parts. What has no scheme is a path of the file system.

``https://`` and ``http://`` follow RFC 3986: names are percent-encoded, and what follows ``?`` is a query. Signed URLs
carry their signature there, so that it is never shown (``errors.printable``). Elsewhere, as in ``s3://bucket/key``, all
after the scheme is the key as it is stored, as the programs of these stores have it.
"""

from __future__ import annotations

import os
import re

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # of two letters or more: c:// is a drive


def scheme_of(path: str) -> str | None:
    """The scheme of a URL in small letters; None of a path of the file system."""
    found = _SCHEME.match(path) if "://" in path else None
    return None if found is None else found[1].lower()


def is_url(path: str) -> bool:
    """Whether a path is a URL."""
    return "://" in path and _SCHEME.match(path) is not None


def is_web(path: str) -> bool:
    """Whether a path is a URL of the web, whose names are encoded and where nothing can be listed."""
    return path[:8].lower().startswith(("https://", "http://"))


def without_query(url: str) -> tuple[str, str]:
    """A URL of the web, and its query with the question mark; of any other path all of it."""
    if not is_web(url):
        return url, ""
    url = url.partition("#")[0]
    bare, mark, query = url.partition("?")
    return bare, mark + query


def split(path: str) -> tuple[str, str]:
    """The folder of a path, and the name in it; of a URL of the web without its query, the name decoded."""
    if not is_url(path):
        return os.path.split(path)
    bare, _ = without_query(path)
    start = bare.index("://") + 3
    if (slash := bare.rfind("/", start)) < 0:
        return bare, ""
    name = bare[slash + 1 :]
    if "%" in name and is_web(path):
        from urllib.parse import unquote  # noqa: PLC0415 - few names are encoded

        name = unquote(name)
    return bare[:slash], name


def folder_of(path: str) -> str:
    """The folder that a file is in."""
    return split(path)[0]


def name_of(path: str) -> str:
    """The name of a file."""
    return split(path)[1]


def join(folder: str, *names: str) -> str:
    """A path in a folder. names: may have several parts, with ``/`` between them."""
    if not is_url(folder):
        return os.path.join(folder, *names)
    bare, _ = without_query(folder)
    name = "/".join(name.replace(os.sep, "/") for name in names)
    if is_web(folder):
        from urllib.parse import quote  # noqa: PLC0415 - see split

        name = quote(name)
    return f"{bare.rstrip('/')}/{name}"
