"""The verbs of the command line. Each is a module of this folder, which is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from tfrecord_lite.commands.verb import Verb

VERBS = {
    "convert": "TFRecord files -> COCO dataset",
    "inspect": "what is in these files, and what convert would say of them",
    "preview": "pictures with boxes, masks and keypoints",
    "validate": "does a COCO dataset hold together, and who breaks on it",
    "compare": "two datasets by meaning: what differs between them",
    "verify": "check every length and checksum",
    "pack": "COCO dataset -> TFRecord files",
    "roles": "what feature keys can mean, and which keys a schema has",
    "beam": "convert on Apache Beam, over many machines",
    "demo": "draw a small dataset, convert it and look at it",
}
"""Name and one line of help, in the order of the help."""


def load_verb(name: str) -> Verb:
    """The verb of this name, which must be one of VERBS."""
    verb: Verb = import_module(f"tfrecord_lite.commands.{name}").VERB
    return verb
