"""What the name of a record file says: which split it belongs to, and which set of shards.

Sources: research/object_detection/dataset_tools/tf_record_creation_util.py (tensorflow/models) and
tensorflow_datasets/core/naming.py (tensorflow/datasets) for ``-00003-of-00010``; nvidia_tao_deploy's
``-fold-000-of-002-shard-00000-of-00010``; Kaggle's ``train00-2071.tfrec``; the README lists others ("Input").
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

_COMPRESSED = r"(?:\.(?:gz|gzip|zz|zlib|z))?"
_SUFFIXES = r"\.(?:tf[_-]?records?|records?|tfrec|tfr)"
_SUFFIX = re.compile(_SUFFIXES + _COMPRESSED + r"$|\.(?:gz|gzip|zz|zlib|z)$", re.IGNORECASE)
_OTHER_SUFFIX = re.compile(r"\.(?:txt|json|bin|dat|data|raw|pb|jpe?g|png|bak|tmp)$", re.IGNORECASE)
_SHARD = re.compile(r"(?P<kind>[-_.](?:shard|fold))?[-_.](?P<index>\d{1,12})-of-(?P<count>\d{1,12})(?=$|[.\-_])")
_SPEC = re.compile(r"@(?:\d+|\*)$")
_RECORD_FILE = re.compile(  # in a folder; files beside it such as x.tfrecord.idx do not match
    rf"(?:{_SUFFIXES}(?:-\d{{2,}}-of-\d{{2,}})?|(?<!\.data)-\d{{2,}}-of-\d{{2,}}){_COMPRESSED}$", re.IGNORECASE
)
_SPLIT = re.compile(
    r"(?P<name>train[-_ ]?val|train(?:ing)?|trn|minival|val(?:id(?:ation)?)?|test[-_ ]?dev|test(?:ing)?|dev"
    r"|eval(?:uation)?|unlabell?ed)"
    r"(?P<year>20\d\d(?!\d))?(?:[-_ ]?(?:set|data|split))?[-_ ]?\d*",
    re.IGNORECASE,
)
_SPLIT_INSIDE = re.compile(
    rf"(?:^|[-_. ]|(?-i:(?<=[a-z])(?=[A-Z]))){_SPLIT.pattern}(?=$|[-_. ]|(?-i:(?<=[a-z])[A-Z]))", re.IGNORECASE
)


class ShardNumber(NamedTuple):
    """The place of a file in its set. base: its name with ``*`` for the numbers. number, of: as the name has them."""

    base: str
    number: int
    of: int


def looks_like_records(name: str) -> bool:
    """Whether a file in a folder is a record file by its name."""
    return not name.startswith(".") and _RECORD_FILE.search(name) is not None


def shard_number(name: str) -> ShardNumber | None:
    """Which shard of a set a file is; None where its name says of none. Of several numbers the last one counts."""
    found = [*_SHARD.finditer(name)]
    if not found:
        return None
    base = f"{name[: found[-1].start()]}-*{name[found[-1].end() :]}"
    return ShardNumber(base, int(found[-1]["index"]), int(found[-1]["count"]))


def stem_of(name: str) -> str:
    """What the names of one set of record files have in common: no numbers of shards, no endings of such files."""
    bare = _SPEC.sub("", name)
    while True:
        shorter = _SHARD.sub("", _SUFFIX.sub("", bare))
        shorter = _SPEC.sub("", _OTHER_SUFFIX.sub("", shorter))
        if shorter in ("", bare):
            return bare
        bare = shorter


def split_of(stem: str, folder: str) -> str | None:
    """The split that a file's name says, else the name of the folder that it is in; in small letters.

    ``train0``, ``trainset`` and ``Train_01`` are ``train``; ``train2017`` keeps its year. Of several words, as in
    ``test_val``, the last one counts.
    """
    found = [*_SPLIT_INSIDE.finditer(stem)]
    return _split_name(found[-1]) if found else split_of_folder(folder)


def split_of_folder(folder: str) -> str | None:
    """The split that a folder is named after; None where its name is not a split's."""
    found = _SPLIT.fullmatch(os.path.basename(os.path.abspath(folder)))
    return None if found is None else _split_name(found)


def _split_name(found: re.Match[str]) -> str:
    return found["name"].lower() + (found["year"] or "")
