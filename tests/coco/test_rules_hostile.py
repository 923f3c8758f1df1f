"""Whatever a file holds, a validation ends with findings or with one of our errors, and in bounded time."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import Dataset, captions, keypoints, lvis, objects, official, panoptic, run_lengths, splits

from tfrecord_lite.pipeline.validate import validate

BASES = [objects, run_lengths, keypoints, captions, panoptic, lvis, splits, official]
WEIRD: list[Any] = [
    *(None, True, -1, 0, 1, 1.5, 2**53, 2**63, -(2**63) - 1, 2**70, 1e300, float("nan"), float("inf")),
    *("", "x", "\ud800", "../..", "\0", [], {}, [[]], [None], [1, 2], {"a": 1}, [[1e300] * 6], [[1, 2, 3, 4, 5, 6]]),
    *(
        {"size": [48, 64], "counts": "\x7f"},
        {"size": [10**9, 10**9], "counts": [10**18]},
        {"size": [1, 1], "counts": []},
    ),
]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value within, as what holds it and where."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_any_value_in_any_place_is_borne(base: Callable[[], Dataset], tmp_path: Path) -> None:
    chance = random.Random(base.__name__)
    for _ in range(60):
        dataset = base()
        for _ in range(chance.randrange(1, 4)):
            holder, key = chance.choice(list(places(dataset.coco)))
            holder[key] = copy.deepcopy(chance.choice(WEIRD))
        dataset.write(tmp_path)
        result = validate(tmp_path)
        assert json.loads(json.dumps(result.as_json())) == result.as_json()
        assert all(line.isprintable() for line in result.lines(everything=True))


@pytest.mark.parametrize("base", [objects, keypoints, panoptic], ids=lambda base: base.__name__)
def test_any_damage_to_the_bytes_is_borne(base: Callable[[], Dataset], tmp_path: Path) -> None:
    chance = random.Random(base.__name__)
    data = base().text.encode()
    for _ in range(80):
        damaged = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.choice([0, 1, 1, 9])] = chance.choice(
                [b"", b'"', b"\xff", b"]", b"{", b",", b"\\", b"1"]
            )
        dataset = base()
        dataset.raw = bytes(damaged)
        dataset.write(tmp_path)
        assert validate(tmp_path).files


def test_what_grows_with_a_square_elsewhere_does_not_here(tmp_path: Path) -> None:
    dataset = objects()
    box = dataset.annotations[0]
    dataset.coco["annotations"] = [{**box, "id": number, "area": float("nan")} for number in range(5_000)]
    dataset.coco["images"] += [{**dataset.images[0], "id": 100 + number} for number in range(5_000)]
    dataset.coco["categories"] += [{"id": 9 + number, "name": "Cat", "supercategory": ""} for number in range(5_000)]
    result = validate(dataset.write(tmp_path))
    counts = {finding.code: finding.count for finding in result.findings}
    assert (counts["E01"], counts["E47"], counts["W4D"]) == (5_000, 5_000, 4_999)
    assert (counts["E22"], counts["E31"], counts["I4F"]) == (5_000, 4_999, 1)


def only(images: str, annotations: str = "") -> str:
    """A file with these entries, and nothing that has to be looked at beside."""
    return f'{{"images":[{images}],"annotations":[{annotations}],"categories":[{{"id":1,"name":"a"}}]}}'


IMAGE = '{"id":1,"width":64,"height":48,"file_name":"a.jpg"}'
RLE = '{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,9,9],"segmentation":{"size":[48,64],"counts":"%s"}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{" + '"images":[],' * 1_000 + '"info":{}}', "more than 1,000 keys in the top object"),
        (only("1,{}," * 120_000 + "1"), "entries that are no objects: no more is read"),
        (only(IMAGE, RLE % ("1" * 2_200_000)), "the mask takes 2200000 runs, the budget of a record is 2097152"),
        (only(IMAGE, RLE % ("o" * 300_000)), "ends inside a number at character 300000"),
        (only(IMAGE, RLE % ("o" * 300_000 + "~")), "character 300000 is '~'"),
    ],
    ids=["keys of the top object", "no objects", "runs of a mask", "a number that does not end", "no number"],
)
def test_what_takes_time_or_memory_for_nothing_is_an_error(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "instances_x.json"
    path.write_text(text, encoding="utf-8")
    result = validate(path)
    assert said in str(result)
    assert not result.ok


def test_of_what_is_no_object_among_objects_each_is_reported_and_the_objects_are_read(tmp_path: Path) -> None:
    path = tmp_path / "instances_x.json"
    images = [IMAGE.replace("1", str(number), 1) for number in (1, 2, 3)]
    path.write_text(only(f'1,{images[0]},{images[1]},"x",{images[2]}\n,[]'), encoding="utf-8")
    (file,) = validate(path).files
    finding = next(each for each in validate(path).findings if each.code == "E03")
    assert file.images == 3
    assert [place.text for place in finding.places] == ["1 in images", '"x" in images', "[] in images"]
