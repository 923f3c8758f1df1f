"""A digest of a record's features: the same for the same features, whoever wrote them in whatever order."""

from __future__ import annotations


def digest(payload: bytes) -> str:
    """The digest of the payload that ``build_example`` gives."""
    from hashlib import sha256  # noqa: PLC0415 - few records have a digest

    return sha256(payload).hexdigest()[:32]
