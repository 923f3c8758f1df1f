"""Faulty inputs, one of each kind, whose messages name options that must work."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

from damages import flipped, starts
from tfrecords import detection, example, floats, ints, jpeg, png, shard, texts

BOX = (4, 4, 20, 30)
MASK = "image/object/mask"
_PLAIN = detection("a.jpg", boxes=[BOX], texts=["cat"])
_OTHER = detection("b.jpg", boxes=[BOX], texts=["dog"])


def _sides(**more: bytes) -> dict[str, bytes]:
    return {f"image/object/bbox/{side}": value for side, value in more.items()}


_SOUND = shard(_PLAIN, _OTHER, _PLAIN)
_SECOND = starts([example(_PLAIN), example(_OTHER)])[1]

FILES: Mapping[str, bytes] = {
    "damaged_length": flipped(_SOUND, _SECOND),
    "damaged_data": flipped(_SOUND, _SECOND + 20),
    "all_damaged": flipped(shard(_PLAIN), 20),
    "cut": _SOUND[:-7],
    "damaged_gzip": gzip.compress(_SOUND, mtime=0)[:-20],
    "no_example": shard(_PLAIN, b"\xff"),
    "no_records": b"",
    "text": b"this is a text, and no TFRecord file at all\n" * 3,
    "own_keys": shard({"pic": texts(jpeg()), "rects": ints(*BOX), "what": texts("cat"), "k,": texts("x.jpg")}),
    "own_sides": shard({"pic": texts(jpeg()), "x min": floats(0.1), "y min": floats(0.2)}),
    "paths": shard(detection("a.jpg", boxes=[BOX], image=b"pictures/a.jpg")),
    "raw_pixels": shard({"image_raw": texts(bytes(range(48)) * 4), "label": ints(1)}),
    "two_images": shard(detection("a.jpg", **{"image/encoded": texts(jpeg(), jpeg(32, 24))})),
    "no_image": shard(detection("a.jpg", boxes=[BOX], drop=["image/encoded"]), _PLAIN),
    "no_size": shard(detection("a.jpg", boxes=[BOX], drop=["image/encoded", "image/width", "image/height"])),
    "no_pictures": shard(detection("a.jpg", boxes=[BOX], drop=["image/encoded"])),
    "uneven": shard(_PLAIN | _sides(xmin=floats(0.1, 0.2))),
    "side_missing": shard(_PLAIN | _sides(xmin=floats(), left=floats(0.1))),
    "not_a_number": shard(_PLAIN | _sides(xmin=floats(float("nan"))), _OTHER),
    "in_pixels": shard(_PLAIN | _sides(xmax=floats(30), ymax=floats(1.5))),
    "no_area": shard(_PLAIN | _sides(xmax=floats(0.0625))),
    "mask_of_another_size": shard(_PLAIN | {MASK: texts(png(30, 30))}),
    "mask_unreadable": shard(_PLAIN | {MASK: texts(b"junk")}),
    "image_unreadable": shard(detection("a.jpg", boxes=[BOX], image=b"\xff\xd8junk")),
    "unread": shard(_PLAIN | {"image/object/polygon_mask": texts(png()), "mine": ints(1)}),
    "numbers_only": shard(detection("a.jpg", boxes=[BOX], labels=[3])),
    "no_classes": shard(detection("a.jpg", boxes=[BOX], drop=["image/object/class/label"])),
    "class_disagrees": shard(detection("a.jpg", boxes=[BOX], labels=[1], texts=["dog"])),
}
"""Record files by name."""


def write_all(folder: Path) -> dict[str, Path]:
    """Writes them all, each in a folder of its own, and some whose folder is what is wrong. Returns what to name."""
    found = {}
    for name, data in FILES.items():
        (folder / name).mkdir()
        (folder / name / "x.tfrecord").write_bytes(data)
        found[name] = folder / name / "x.tfrecord"
    for name in ("gap", "two_maps", "bad_map"):
        (folder / name).mkdir()
        found[name] = folder / name
    for index in (0, 2):
        (folder / f"gap/x-{index:05d}-of-00003").write_bytes(_SOUND)
    (folder / "bad_map/x.tfrecord").write_bytes(FILES["numbers_only"])
    (folder / "bad_map/label_map.pbtxt").write_text("item { id: 1 nome: 'cat' }")
    (folder / "two_maps/x.tfrecord").write_bytes(FILES["numbers_only"])
    for name, third in (("a", "dog"), ("b", "wolf")):
        (folder / f"two_maps/{name}_label_map.pbtxt").write_text(f"item {{ id: 3 name: '{third}' }}")
    return found
