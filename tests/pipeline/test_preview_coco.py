"""Looking at COCO datasets: the same pictures as of the records they came from, wherever the files are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, ints, png, shard, texts

from tfrecord_lite import InputError, OutputError, UsageError, convert, preview, read_records
from tfrecord_lite.coco.read.dataset import CocoPart, find_dataset
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.errors import DataError
from tfrecord_lite.sample import Sample


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Two splits with boxes, masks, captions and label images."""
    folder = tmp_path / "records"
    folder.mkdir()
    for split, count in (("train", 3), ("val", 2)):
        pictures = [
            detection(
                f"{split}{i}.jpg",
                boxes=[(1, 1, 30, 30), (5, 5, 20, 20)],
                texts=["cat", "dog"],
                **{
                    "image/object/mask": texts(png(64, 48, 255), png(64, 48, 255)),
                    "image/object/is_crowd": ints(0, 1),
                    "image/caption": texts("a cat and a dog"),
                    "image/segmentation/class/encoded": texts(png(64, 48, 7)),
                },
            )
            for i in range(count)
        ]
        (folder / f"{split}.tfrecord").write_bytes(shard(*pictures))
    return folder


@pytest.fixture
def dataset(records: Path, tmp_path: Path) -> Path:
    convert(records, tmp_path / "coco")
    return tmp_path / "coco"


def data_of(page: Path) -> Any:
    text = page.read_text(encoding="utf-8")
    return json.loads(text.split('id="data">', 1)[1].split("</script>", 1)[0])


def test_a_dataset_looks_like_the_records_it_came_from(records: Path, dataset: Path, tmp_path: Path) -> None:
    shown = [preview(source, tmp_path / f"{source.name}.html") for source in (records, dataset)]
    assert [(each.images, each.objects) for each in shown] == [(5, 10), (5, 10)]
    before, after = data_of(tmp_path / "records.html"), data_of(tmp_path / "coco.html")
    names = {entry["name"] for entry in after["classes"]}
    assert names == {"cat", "dog", "7"} == {entry["name"] for entry in before["classes"]}
    for there, here in zip(before["pictures"], after["pictures"], strict=True):
        assert (there["name"], there["w"], there["jpeg"]) == (here["name"], here["w"], here["jpeg"])
        assert here["captions"] == ["a cat and a dog"]
        assert [each.get("crowd") for each in there["objects"]] == [each.get("crowd") for each in here["objects"]]
        assert [each.get("b") for each in there["objects"]] == [each.get("b") for each in here["objects"]]
    assert preview(dataset, tmp_path / "sheet.png").shown == 5


def test_one_file_alone_finds_its_pictures(dataset: Path, tmp_path: Path) -> None:
    shown = preview(dataset / "annotations" / "instances_train.json", tmp_path / "page.html")
    assert (shown.shown, shown.notes) == (3, ())
    assert all(picture["jpeg"] for picture in data_of(tmp_path / "page.html")["pictures"])


@pytest.mark.parametrize("layout", ["official", "roboflow", "beside"])
def test_datasets_of_other_layouts(layout: str, records: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    if layout == "roboflow":
        convert(records, folder, layout="roboflow")
    else:
        convert(records, tmp_path / "coco")
        folder.mkdir()
        if layout == "official":
            shutil.move(tmp_path / "coco" / "annotations", folder / "annotations")
            shutil.move(tmp_path / "coco" / "images" / "train", folder / "train")
            shutil.move(tmp_path / "coco" / "images" / "val", folder / "val")
        else:
            shutil.move(tmp_path / "coco" / "annotations" / "instances_train.json", folder / "labels.json")
            shutil.move(tmp_path / "coco" / "images" / "train", folder / "data")
    shown = preview(folder, tmp_path / "page.html")
    assert shown.images == (3 if layout == "beside" else 5)
    assert all(picture["jpeg"] for picture in data_of(tmp_path / "page.html")["pictures"])


def test_a_folder_of_records_is_no_dataset(records: Path) -> None:
    (records / "dataset_info.json").write_text("{}")
    assert find_dataset(str(records)) is None
    assert find_dataset(str(records / "train.tfrecord")) is None
    assert find_dataset(str(records / "gone")) is None


def test_pictures_can_be_elsewhere(dataset: Path, tmp_path: Path) -> None:
    shutil.move(dataset / "images", tmp_path / "elsewhere")
    shown = preview(dataset, tmp_path / "a.png")
    assert "5 pictures not found" in shown.notes[0]
    assert preview(dataset, tmp_path / "b.png", image_root=tmp_path / "elsewhere").notes == ()
    with pytest.raises(InputError, match="no such folder"):
        preview(dataset / "annotations" / "instances_val.json", tmp_path / "c.png", image_root=tmp_path / "gone")


def test_options_about_records_mean_nothing_to_it(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a COCO dataset"):
        preview(dataset, tmp_path / "a.png", coordinates="pixel")


def test_a_new_sheet_may_be_beside_a_lone_coco_file(dataset: Path) -> None:
    alone = dataset / "annotations.json"
    (dataset / "annotations" / "instances_train.json").rename(alone)
    sheet = dataset / "sheet.png"
    assert preview(alone, sheet, image_root=dataset).files == (str(sheet),)
    with pytest.raises(OutputError, match="from which pictures are read"):
        preview(alone, sheet, image_root=dataset, overwrite=True)


def test_nothing_is_written_among_its_pictures(dataset: Path, tmp_path: Path) -> None:
    for name in ("train0.jpg", "new.png"):
        with pytest.raises(OutputError, match="from which pictures are read"):
            preview(dataset, dataset / "images" / "train" / name, overwrite=True)
    preview(dataset, dataset / "sheet.png")
    assert list(read_records(tmp_path / "records" / "val.tfrecord"))


def test_ids_are_those_of_the_dataset(dataset: Path, tmp_path: Path) -> None:
    path = dataset / "annotations" / "instances_train.json"
    coco = json.loads(path.read_text(encoding="utf-8"))
    for entry in coco["categories"]:
        entry["id"] *= 40
    for entry in coco["annotations"]:
        entry["category_id"] *= 40
    path.write_text(json.dumps(coco), encoding="utf-8")
    preview(path, tmp_path / "page.html", only_classes=["80"])
    assert {entry["id"] for entry in data_of(tmp_path / "page.html")["classes"]} == {40, 80}


def samples(path: Path, pictures: Path | None = None) -> list[Sample | DataError]:
    return list(split(None if pictures is None else str(pictures), instances=path).read())


def split(pictures: str | None = None, **files: Path) -> CocoSplit:
    return CocoSplit({task: CocoPart(str(path), task, "", pictures, "") for task, path in files.items()})


def write(path: Path, **parts: Any) -> Path:
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": [], **parts}), encoding="utf-8")
    return path


def test_a_picture_is_not_looked_for_outside_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "secret.png").write_bytes(png())
    (tmp_path / "pictures" / "link.png").symlink_to(tmp_path / "secret.png")
    names = ["../secret.png", str(tmp_path / "secret.png"), "link.png", "", "a\0b", "gone.png"]
    images = [{"id": i, "width": 4, "height": 4, "file_name": name} for i, name in enumerate(names)]
    for event in samples(write(tmp_path / "a.json", images=images), tmp_path / "pictures"):
        assert isinstance(event, Sample)
        assert event.image.data is None
        assert [finding.code for finding in event.findings] == ["image-missing"]


def test_an_image_that_cannot_be_said_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    images = [{"id": 5, "file_name": "none.png"}, {"id": 6, "width": 4, "height": 4, "file_name": "empty.png"}]
    found = [str(event) for event in samples(write(tmp_path / "a.json", images=images), tmp_path)]
    assert "a.json: image 5: width: " in found[0]
    assert "a.json: image 6: file_name: the file empty.png is empty" in found[1]


def test_objects_and_keypoints_of_two_files_are_united_by_their_ids(tmp_path: Path) -> None:
    images = [{"id": 1, "width": 9, "height": 9, "file_name": "a.jpg"}]
    plain = {"id": 4, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}
    points = {"id": 4, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "keypoints": [1, 1, 2]}
    person = [{"id": 1, "name": "person", "keypoints": ["nose"]}]
    instances = write(tmp_path / "i.json", images=images, annotations=[plain, {**plain, "id": 5}], categories=person)
    keypoints = write(tmp_path / "k.json", images=images, annotations=[points, {**points, "id": 9}])
    (sample,) = split(instances=instances, person_keypoints=keypoints).read(pictures=False)
    assert isinstance(sample, Sample)
    assert [thing.keypoints for thing in sample.objects] == [[1, 1, 2], None, [1, 1, 2]]
    assert sample.keypoint_names == ("nose",)


CAT = {"id": 1, "image_id": 1, "category_id": 2, "bbox": [5, 5, 3, 3]}
PERSON = {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}
NOSE = {"image_id": 1, "category_id": 1, "bbox": [1.0, 1, 2, 2], "keypoints": [1, 1, 2]}
FAR = {**NOSE, "bbox": [4, 1, 2, 2], "keypoints": [4, 1, 2]}


@pytest.mark.parametrize(
    ("keypoints", "expected"),
    [
        ([{**NOSE, "id": 1}], [(2, None), (1, None), (1, [1, 1, 2])]),
        ([{**FAR, "id": 2}], [(2, None), (1, None), (1, [4, 1, 2])]),
        ([{**FAR, "id": 3}, {**NOSE, "id": 3}], [(2, None), (1, None), (1, [4, 1, 2]), (1, [1, 1, 2])]),
        ([FAR, NOSE], [(2, None), (1, [1, 1, 2]), (1, [4, 1, 2])]),
        ([{**FAR, "id": {}}, {**NOSE, "id": []}], [(2, None), (1, [1, 1, 2]), (1, [4, 1, 2])]),
    ],
    ids=["id of another class", "id of another box", "one id twice", "no ids", "ids that are none"],
)
def test_no_object_of_a_keypoints_file_is_lost(
    tmp_path: Path, keypoints: list[dict[str, Any]], expected: list[tuple[int, list[int] | None]]
) -> None:
    images = [{"id": 1, "width": 9, "height": 9, "file_name": "a.jpg"}]
    odd = {**CAT, "id": {}}
    instances = write(tmp_path / "i.json", images=images, annotations=[CAT, PERSON, odd])
    persons = write(tmp_path / "k.json", images=images, annotations=keypoints)
    (sample,) = split(instances=instances, person_keypoints=persons).read(pictures=False)
    assert isinstance(sample, Sample)
    found = [(thing.label, thing.keypoints) for thing in sample.objects]
    assert found == [*expected[:2], (2, None), *expected[2:]]


def test_a_file_that_is_no_coco_names_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": [{]}')
    with pytest.raises(DataError, match=r"a\.json"):
        preview(tmp_path / "a.json", tmp_path / "a.png")


def test_a_category_whose_id_is_no_number_is_passed_over(dataset: Path, tmp_path: Path) -> None:
    path = min((dataset / "annotations").glob("instances_*.json"))
    coco = json.loads(path.read_text())
    coco["categories"].append({"id": [1], "name": "other"})
    path.write_text(json.dumps(coco))
    assert preview(dataset, tmp_path / "a.html").shown
