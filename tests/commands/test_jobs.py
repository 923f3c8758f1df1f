"""Everyday jobs as people do them: each is a short transcript of the command line, and ends with what they wanted."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import objects
from commands import Capture, coco
from record_files import write
from results import named
from tfds_folders import LABELS, features, like_coco
from tfrecords import detection, example, ints, jpeg, shard, texts

from tfrecord_lite import TFRecordWriter, build_example, read_samples, to_rows
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")
BOX = (4, 4, 20, 30)
FISH = 'item {\n name: "fish",\n id: 1\n}\nitem {\n name: "crab",\n id: 2\n}\n'
OWN = {"pic": texts(jpeg()), "rects": ints(*BOX, 8, 8, 40, 40), "what": texts("cat", "dog"), "fname": texts("x.jpg")}


class Typed:
    """What a command answered. out, err: its lines."""

    def __init__(self, capture: Capture, command: str) -> None:
        self.status = main(shlex.split(command))
        captured = capture.readouterr()
        self.out, self.err = captured.out.splitlines(), captured.err.splitlines()

    @property
    def json(self) -> Any:
        return json.loads("\n".join(self.out))


class Terminal:
    """Types commands, as they would be typed."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def __call__(self, command: str, status: int = 0) -> Typed:
        typed = Typed(self._capture, command)
        assert typed.status == status, typed.err
        return typed


@pytest.fixture
def terminal(capsys: Capture) -> Terminal:
    return Terminal(capsys)


def thing(name: str, text: str = "fish", label: int = 1, **more: bytes) -> dict[str, bytes]:
    return detection(name, boxes=[BOX], labels=[label], texts=[text], **more)


def test_a_roboflow_export_becomes_a_dataset(terminal: Terminal) -> None:
    for split, names in {"train": ["a.jpg", "b.jpg"], "valid": ["c.jpg"]}.items():
        write(f"fish/{split}/Fish.tfrecord", *map(thing, names))
        Path(f"fish/{split}/Fish_label_map.pbtxt").write_text(FISH, encoding="utf-8")
    done = terminal("convert fish -o coco")
    assert not done.err
    assert done.out[:2] == ["train: 2 images, 2 annotations", "valid: 1 image, 1 annotation"]
    assert sorted(path.name for path in Path("coco/images/train").iterdir()) == ["a.jpg", "b.jpg"]
    assert [each["name"] for each in coco("coco/annotations/instances_valid.json")["categories"]] == ["fish", "crab"]
    assert terminal("validate coco").out[-1].endswith("3 pictures: ok")


def test_an_unknown_file_shows_its_keys_its_classes_and_its_pictures(terminal: Terminal) -> None:
    write("mystery.tfrecord", thing("a.jpg"), thing("b.jpg", "crab", 2), thing("c.jpg"))
    shown = terminal("inspect mystery.tfrecord").out
    assert any("object_detection" in line for line in shown)
    assert any("image/object/bbox/xmin" in line for line in shown)
    assert any(line.split()[:3] == ["1", "fish", "2"] for line in shown)
    assert shown[-1].startswith("  tfrecord2coco convert mystery.tfrecord -o ")
    seen = terminal("preview mystery.tfrecord -o sheet.png").out
    assert seen[0] == "3 of 3 images shown, 3 objects in all"
    assert Path("sheet.png").read_bytes().startswith(b"\x89PNG")


THINGS = [thing(f"{number}.jpg", ("fish", "crab", "boat")[number % 3], 1 + number % 3) for number in range(30)]


def test_two_classes_are_taken_and_one_renamed(terminal: Terminal) -> None:
    write("train.tfrecord", *THINGS)
    done = terminal("convert train.tfrecord -o coco --only-class fish --only-class crab --rename crab=krab --strict")
    assert done.out[0] == "train: 30 images, 20 annotations (not chosen: 10 annotations of 1 class)"
    names = [each["name"] for each in coco("coco/annotations/instances_train.json")["categories"]]
    assert names == ["fish", "krab"]


def test_the_first_images_are_tried_before_all(terminal: Terminal) -> None:
    write("train.tfrecord", *THINGS)
    assert terminal("convert train.tfrecord -o coco --limit 5").out[0] == "train: 5 images, 5 annotations"
    assert terminal("convert train.tfrecord -o coco --overwrite").out[0] == "train: 30 images, 30 annotations"


def test_files_without_a_split_in_their_names_are_divided(terminal: Terminal) -> None:
    for part in range(3):
        write(f"part{part}.tfrecord", *THINGS[10 * part : 10 * part + 10])
    done = terminal("convert part0.tfrecord part1.tfrecord part2.tfrecord -o coco --split-ratio train=0.8,val=0.2")
    train, val = (int(line.split()[1]) for line in done.out[:2])
    assert train + val == 30
    assert train > val > 0


def test_coco_becomes_records_and_is_the_same_again(terminal: Terminal) -> None:
    write("train.tfrecord", *THINGS[:6])
    terminal("convert train.tfrecord -o coco")
    assert terminal("pack coco -o records").out[0].startswith("train: 6 images, 6 objects")
    assert terminal("compare coco records").out == ["equal: 6 images, 6 objects"]


def test_a_label_map_that_does_not_match_is_reported_and_another_one_taken(terminal: Terminal) -> None:
    write("train.tfrecord", detection("a.jpg", boxes=[BOX], labels=[2]))
    Path("other.pbtxt").write_text('item {\n name: "car"\n id: 9\n}\n', encoding="utf-8")
    assert "other.pbtxt is not used: it has 0 of 1 classes" in terminal("convert train.tfrecord -o one").err[0]
    told = terminal("convert train.tfrecord -o two --label-map other.pbtxt").err
    assert "class-not-in-label-map" in told[0]
    assert "the number 2 is not in the label map" in told[0]
    terminal("convert train.tfrecord -o three --label-map other.pbtxt --strict", status=1)
    Path("right.pbtxt").write_text(FISH, encoding="utf-8")
    terminal("convert train.tfrecord -o four --label-map right.pbtxt --strict")
    assert named(coco("four/annotations/instances_train.json")) == [("crab", [4, 4, 16, 26])]


def test_records_of_ones_own_script_are_read_as_the_error_advises(terminal: Terminal) -> None:
    write("train.tfrecord", example(OWN))
    (refused, _) = terminal("convert train.tfrecord -o coco", status=1).err
    assert "the records follow no known schema" in refused
    advice = re.search(r"the nearest guess is: (.*)", refused)
    assert advice
    terminal(f"convert train.tfrecord -o coco {advice[1]}")
    done = coco("coco/annotations/instances_train.json")
    assert named(done) == [("cat", [4, 4, 16, 26]), ("dog", [8, 8, 32, 32])]
    assert [image["file_name"] for image in done["images"]] == ["x.jpg"]
    assert any(line.split()[:1] == ["box_order"] for line in terminal("roles").out)


def test_a_ci_job_fails_where_anything_is_lossy_and_reads_why(terminal: Terminal) -> None:
    write("train.tfrecord", thing("a.jpg", mine=texts("lost")))
    done = terminal("convert train.tfrecord -o coco --json").json
    assert (done["status"], done["warnings"]) == ("done", {"keys-not-carried-over": 1})
    refused = terminal("convert train.tfrecord -o strict --strict --json", status=1).json
    assert (refused["status"], refused["problems"]["count"]) == ("rejected", 1)
    assert "mine" in refused["problems"]["first"][0]
    assert not Path("strict").exists()
    assert terminal("validate coco --json").json["ok"]
    assert terminal("convert train.tfrecord -o coco --ovewrite --json", status=2).json["exit_status"] == 2


def test_a_folder_of_tensorflow_datasets_is_read_with_its_names(terminal: Terminal) -> None:
    version = Path("pets/1.0.0")
    write(version / "pets-train.tfrecord-00000-of-00001", like_coco("a.jpg", (BOX,), (2,)))
    (version / "features.json").write_text(json.dumps(features()), encoding="utf-8")
    (version / "objects-label.labels.txt").write_text(LABELS["objects-label.labels.txt"], encoding="utf-8")
    terminal("convert pets -o coco")
    assert named(coco("coco/annotations/instances_train.json")) == [("car", [4, 4, 16, 26])]


def test_a_file_is_checked_and_looked_at(terminal: Terminal) -> None:
    write("train.tfrecord", thing("a.jpg"), thing("b.jpg", "crab", 2))
    terminal("convert train.tfrecord -o coco")
    path = Path("coco/annotations/instances_train.json")
    assert terminal(f"validate {path}").out[-1].endswith(": ok")
    terminal(f"preview {path} -o page.html")
    assert "<html" in Path("page.html").read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace('"category_id":2', '"category_id":5'), encoding="utf-8")
    found = terminal(f"validate {path}", status=1).out
    assert any(line.startswith("error E") and "category" in line for line in found)


def test_a_notebook_iterates_makes_a_table_and_writes_a_record(terminal: Terminal) -> None:
    write("train.tfrecord", thing("a.jpg"), thing("b.jpg", "crab", 2))
    samples = list(read_samples("train.tfrecord"))
    assert [sample.image.open().size for sample in samples] == [(64, 48)] * 2
    rows = [row for sample in samples for row in to_rows(sample)]
    assert [(row["image"], row["name"], row["width"]) for row in rows] == [("a.jpg", "fish", 16), ("b.jpg", "crab", 16)]
    with TFRecordWriter("own.tfrecord") as out:
        for sample in samples:
            (found,) = sample.objects
            x, y, width, height = found.box
            sides = {"xmin": x, "ymin": y, "xmax": x + width, "ymax": y + height}
            size = {"x": sample.image.width, "y": sample.image.height}
            box = {f"image/object/bbox/{side}": [value / size[side[0]]] for side, value in sides.items()}
            picture = {"image/encoded": bytes(sample.image.data or b"")}
            out.write(build_example({**picture, **box, "image/object/class/text": ["x"]}))
    terminal("convert own.tfrecord -o coco --split train --strict")
    assert named(coco("coco/annotations/instances_train.json")) == [("x", [4, 4, 16, 26])] * 2


def test_a_damaged_file_is_reported_and_what_is_sound_is_kept(terminal: Terminal) -> None:
    sound = shard(thing("a.jpg"), thing("b.jpg"), thing("c.jpg"))
    size = len(shard(thing("a.jpg")))
    Path("train.tfrecord").write_bytes(sound[: size + 40] + b"!" + sound[size + 41 :])
    (line, _) = terminal("convert train.tfrecord -o coco", status=1).err
    assert f"train.tfrecord: record 1 at byte {size}: the checksum of the data is" in line
    assert terminal("verify train.tfrecord", status=1).out[-1] == "train.tfrecord: 2 records, 1 damaged place"
    done = terminal("convert train.tfrecord -o coco --on-error skip")
    assert done.out[0] == "train: 2 images, 2 annotations (dropped 1 record)"


def test_help_typos_missing_files_and_outputs_that_exist_are_two_lines_at_most(terminal: Terminal) -> None:
    write("train.tfrecord", thing("a.jpg"))
    assert terminal("", status=2).err[0] == "usage: tfrecord2coco COMMAND [options]"
    assert "Did you mean convert?" in terminal("convrt x", status=2).err[0]
    assert terminal("convert gone -o out", status=2).err == ["tfrecord2coco: error: gone: no such file or folder"]
    terminal("convert train.tfrecord -o out")
    (exists,) = terminal("convert train.tfrecord -o out", status=2).err
    assert "this already exists. Replace it with --overwrite" in exists
    terminal("convert train.tfrecord -o out --overwrite")


def test_a_team_packs_its_dataset_for_a_trainer_and_sees_that_nothing_is_lost(terminal: Terminal) -> None:
    dataset = objects()
    dataset.write(Path("coco"))
    packed = terminal("pack coco -o records --shuffle 7 --shards 2 --keep-source --verify -q")
    assert "train: 4 images, 12 objects in 2 shards" in packed.out
    assert "compared with the dataset: equal, 4 images, 12 objects" in packed.out
    assert "wrote records/label_map.pbtxt" in packed.out
    assert terminal("compare coco records -q").out == ["equal: 4 images, 12 objects"]
    terminal("verify records -q")
    terminal("convert records -o back -q")
    assert coco("back/annotations/instances_train.json") == dataset.coco


def test_a_box_beyond_its_image_ends_a_ci_job_that_packs(terminal: Terminal) -> None:
    dataset = objects()
    dataset.annotations[2]["bbox"] = [60, 3, 12, 9]
    dataset.write(Path("coco"))
    told = terminal("pack coco -o records --fail-on box-clamped -q", status=1)
    assert re.search(r"box-clamped: object 2 has the box \[60, 3, 12, 9\] in an image of 64x48", "\n".join(told.err))
    assert not Path("records").exists()
    terminal("pack coco -o records -q")
