"""The options of the command line. Nothing is imported for them, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse

from tfrecord_lite import __version__
from tfrecord_lite.commands import preview

PROGRAM = "tfrecord2coco"
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30}


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; ``command`` is the verb."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="TFRecord files to COCO datasets, without TensorFlow.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    _add_convert(verbs.add_parser("convert", help="TFRecord files -> COCO dataset", allow_abbrev=False))
    _add_inspect(verbs.add_parser("inspect", help="what is in these files: schema, keys, classes", allow_abbrev=False))
    look = verbs.add_parser("preview", help="pictures with boxes, masks and keypoints", allow_abbrev=False)
    _add_input(look)
    _add_schema(look)
    preview.add_arguments(look)
    verify = verbs.add_parser("verify", help="check every length and checksum", allow_abbrev=False)
    _add_input(verify)
    demo = verbs.add_parser("demo", help="make a small TFRecord and convert it", allow_abbrev=False)
    demo.add_argument("-o", "--output", metavar="DIR", default="tfrecord2coco-demo", help="default: %(default)s")
    return parser


def _add_input(parser: argparse.ArgumentParser) -> None:
    """What every verb that reads record files takes."""
    add = parser.add_argument
    add("input", nargs="+", metavar="INPUT", help="files, folders, globs, base@10, or - for standard input")
    add("--allow-missing-shards", action="store_true", help="accept sets of shards with gaps")
    add("--max-record-size", type=_size, default=256 << 20, metavar="SIZE", help="bytes, or such as 512M")
    add("--json", action="store_true", help="print results as JSON")
    add("-q", "--quiet", action="store_true", help="no progress bar")


def _add_schema(parser: argparse.ArgumentParser) -> None:
    """What every verb that reads Examples takes."""
    add = parser.add_argument
    add("--schema", default="auto", metavar="NAME", help="the schema of the records; default: recognised")
    add("--map", action="append", type=_role, default=[], metavar="ROLE=KEY", help="a key of one's own for a role")
    add("--coordinates", choices=("auto", "normalized", "pixel"), default="auto", help="unit of the records' boxes")


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    _add_input(parser)
    _add_schema(parser)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    _add_input(parser)
    _add_schema(parser)
    add = parser.add_argument
    add("-o", "--output", required=True, metavar="OUT", help="a dataset folder, or a file that ends in .json")
    add(
        "--label-map",
        metavar="FILE",
        help="pbtxt, YAML, CSV, names, JSON or COCO JSON; default: the one beside the input",
    )
    add("--category", metavar="NAME", default="object", help="the category of records that name no classes")
    add("--image-root", metavar="DIR", help="where the pictures are, if the records only name them")
    add("--images", metavar="DIR", help="where images go, if OUT is a .json file")
    add("--no-images", action="store_true", help="annotations only")
    kinds = ("coco", "polygon", "rle", "rle-uncompressed", "none")
    add("--masks", choices=kinds, default="coco", help="coco: polygons, and uncompressed RLE where iscrowd is 1")
    add("--ignored-labels", type=_numbers, default=(0, 255), metavar="N,N", help="no class in label images: 0,255")
    add("--panoptic-divisor", type=int, metavar="N", help="of raw panoptic numbers: class * N + instance")
    add("--image-ids", choices=("sequential", "source"), default="sequential", help="source: the integer in source_id")
    add("--precision", type=_precision, default=2, metavar="N", help="decimals of pixel coordinates, or 'exact'")
    add("--merge-images", action="store_true", help="one image of records with the same source id and image bytes")
    add("--split", metavar="NAME", help="put everything into one split of this name")
    add("--layout", choices=("coco", "roboflow"), default="coco", help="how the output folder is arranged")
    policies = "skip: drop what is proven bad, and count it; recover: also look for records behind damaged headers"
    add("--on-error", choices=("fail", "skip", "recover"), default="fail", help=policies)
    add("--strict", action="store_true", help="every warning is an error")
    add("--overwrite", action="store_true", help="replace existing splits")
    add("--verify-images", action="store_true", help="decode every image fully")
    add(
        "-j",
        "--jobs",
        type=_jobs,
        metavar="N",
        help="worker processes, default: one for each CPU; the output is the same",
    )
    add("--allow-empty", action="store_true", help="accept an input without any record")


def _precision(text: str) -> int | None:
    """The value of --precision."""
    if text == "exact":
        return None
    if text.isdecimal() and int(text) <= 15:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number of decimals (0 to 15) nor 'exact'")


def _jobs(text: str) -> int:
    """The value of --jobs."""
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes, 1 or more")


def _role(text: str) -> tuple[str, str]:
    """The value of --map."""
    role, equals, key = text.partition("=")
    if role and equals and key:
        return role, key
    raise argparse.ArgumentTypeError(f"{text!r} is not of the form ROLE=KEY, such as xmin=box/left")


def _numbers(text: str) -> tuple[int, ...]:
    """The value of --ignored-labels."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if all(part.isdecimal() for part in parts):
        return tuple(map(int, parts))
    raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers such as 0,255")


def _size(text: str) -> int:
    """The value of --max-record-size."""
    bare = text.lower().removesuffix("ib").removesuffix("b")
    number, unit = (bare[:-1], bare[-1:]) if bare[-1:].isalpha() else (bare, "")
    if number.isdecimal() and unit in _UNITS and int(number) > 0:
        return int(number) << _UNITS[unit]
    raise argparse.ArgumentTypeError(f"{text!r} is not a size in bytes, such as 1000000, 512M or 1GiB")
