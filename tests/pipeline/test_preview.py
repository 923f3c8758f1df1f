"""Looking at record files: a contact sheet, a folder of pictures, and what is said of them."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from record_files import write
from results import digests
from tfrecords import detection, floats, ints, jpeg, sequence_example, shard, texts

from tfrecord_lite.errors import NoRecordsError, OutputError, RejectedInputError, UsageError
from tfrecord_lite.pipeline.previews.preview import preview


@pytest.fixture
def records(tmp_path: Path) -> str:
    """Three shards of ten pictures each; one box lies outside of its image."""
    folder = tmp_path / "records"
    folder.mkdir()
    for number in range(3):
        pictures = [
            detection(
                f"p{number}_{i}.jpg", boxes=[(1, 1, 30, 30)], labels=[number + 1], texts=[("car", "boat", "猫")[number]]
            )
            for i in range(9)
        ]
        side = {"image/object/bbox/xmax": floats(1.5)}
        pictures.append(detection(f"odd{number}.jpg", boxes=[(1, 1, 30, 30)], labels=[1], texts=["car"], **side))
        write(folder / f"x-0000{number}-of-00003.tfrecord", *pictures)
    return str(folder)


def test_a_sheet(records: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    shown = preview(records, path)
    assert (shown.shown, shown.images, shown.objects) == (20, 30, 30)
    assert shown.files == (str(path),)
    assert shown.warnings == {"box-outside-image": 3}
    with Image.open(path) as picture:
        assert (picture.format, picture.width) == ("PNG", 1600)
    assert os.listdir(tmp_path) == ["records", "sheet.png"] or sorted(os.listdir(tmp_path)) == ["records", "sheet.png"]
    assert "20 of 30 images shown, 30 objects in all" in str(shown)
    assert "warning: box-outside-image: 3 times" in str(shown)


@pytest.mark.parametrize(("ending", "image_format"), [("png", "PNG"), ("JPG", "JPEG"), ("webp", "WEBP")])
def test_a_sheet_has_the_format_of_its_name(records: str, ending: str, image_format: str, tmp_path: Path) -> None:
    preview(records, tmp_path / f"sheet.{ending}", sample=1)
    with Image.open(tmp_path / f"sheet.{ending}") as picture:
        assert picture.format == image_format


def test_the_same_call_gives_the_same_bytes(records: str, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        preview(records, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    preview(records, tmp_path / "c.png", seed=1)
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "c.png").read_bytes()


def test_a_folder_has_one_picture_an_image_under_its_name(records: str, tmp_path: Path) -> None:
    shown = preview(records, tmp_path / "pictures", only_classes=["boat"])
    assert shown.shown == 9
    names = sorted(os.listdir(tmp_path / "pictures"))
    assert names == [f"{i + 1}_p1_{i}.jpg" for i in range(9)]
    with Image.open(tmp_path / "pictures" / names[0]) as picture:
        assert picture.size == (64, 48)


def test_pictures_with_warnings_come_first(records: str, tmp_path: Path) -> None:
    preview(records, tmp_path / "pictures", warned=True, sample=4)
    names = sorted(os.listdir(tmp_path / "pictures"))
    assert names[:3] == ["1_odd0.jpg", "2_odd1.jpg", "3_odd2.jpg"]
    assert len(names) == 4


def test_a_class_that_is_not_there_is_reported_with_those_that_are(records: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no class 'bus'\. There are: car, boat, 猫"):
        preview(records, tmp_path / "x.png", only_classes=["bus"])


def test_names_come_from_the_label_map(tmp_path: Path) -> None:
    write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[(1, 1, 30, 30)], labels=[2]))
    with pytest.raises(UsageError, match="There are: dog"):
        preview(tmp_path / "x.tfrecord", tmp_path / "x.png", label_map={1: "cat", 2: "dog"}, only_classes=["bus"])


def test_classes_of_whole_images_are_below_the_pictures(tmp_path: Path) -> None:
    sheets = []
    for number in (1, 1, 2):
        write(tmp_path / "x.tfrecord", {"image": texts(jpeg()), "class": ints(number)})
        preview(tmp_path / "x.tfrecord", tmp_path / "x.png", overwrite=True)
        sheets.append((tmp_path / "x.png").read_bytes())
    assert sheets[0] == sheets[1] != sheets[2]


def test_nothing_is_replaced_unless_it_is_asked_for(records: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="overwrite=True"):
        preview(records, path)
    assert path.read_bytes() == b"mine"
    preview(records, path, sample=1, overwrite=True)
    assert path.read_bytes() != b"mine"


def test_nothing_is_written_among_other_files(records: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no empty folder"):
        preview(records, tmp_path, overwrite=True)
    with pytest.raises(OutputError, match="no empty folder"):
        preview(records, records, overwrite=True)


def test_an_ending_that_cannot_be_written_is_no_folder(records: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"pictures cannot be written as \.pdf"):
        preview(records, tmp_path / "x.pdf")


@pytest.mark.parametrize(
    ("sample", "message"), [(0, "sample is 0, expected a whole number of pictures"), (1000, "write them to a folder")]
)
def test_a_number_of_pictures_that_cannot_be(sample: int, message: str, records: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        preview(records, tmp_path / "x.png", sample=sample)


def test_it_goes_on_after_damage(tmp_path: Path) -> None:
    pictures = [detection(f"{i}.jpg", boxes=[(1, 1, 30, 30)], texts=["car"]) for i in range(3)]
    data = bytearray(shard(*pictures))
    data[len(data) // 2] ^= 1
    (tmp_path / "x.tfrecord").write_bytes(data)
    shown = preview(tmp_path / "x.tfrecord", tmp_path / "x.png")
    assert shown.images == 2
    assert "1 record cannot be shown, first: " in shown.notes[0]


def test_where_there_is_no_picture_the_reason_is_reported(tmp_path: Path) -> None:
    write(tmp_path / "bad.tfrecord", b"\xff")
    with pytest.raises(RejectedInputError, match="record 0"):
        preview(tmp_path / "bad.tfrecord", tmp_path / "x.png")
    (tmp_path / "none.tfrecord").write_bytes(b"")
    with pytest.raises(NoRecordsError, match="there is no picture to show"):
        preview(tmp_path / "none.tfrecord", tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_standard_input_is_read_twice_from_a_copy(records: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tfrecord_lite", "preview", "-", "-o", "x.png"]
    with open(os.path.join(records, "x-00000-of-00003.tfrecord"), "rb") as data:
        done = subprocess.run(command, cwd=tmp_path, stdin=data, capture_output=True, text=True, check=True)
    assert "10 of 10 images shown" in done.stdout


def test_a_compressed_file_looks_like_the_same_one_uncompressed(records: str, tmp_path: Path) -> None:
    for number in range(3):
        name = f"x-0000{number}-of-00003.tfrecord"
        (tmp_path / "packed").mkdir(exist_ok=True)
        (tmp_path / "packed" / name).write_bytes(gzip.compress((Path(records) / name).read_bytes()))
    for folder in ("records", "packed"):
        preview(tmp_path / folder, tmp_path / f"{folder}-pictures", sample=7)
    assert digests(tmp_path / "records-pictures") == digests(tmp_path / "packed-pictures")


def test_records_after_damage_are_the_right_ones(tmp_path: Path) -> None:
    pictures = [detection(f"{i}.jpg", boxes=[(1, 1, 30, 30)], texts=["car"]) for i in range(6)]
    data = bytearray(shard(*pictures))
    data[len(data) // 3] ^= 1
    (tmp_path / "x.tfrecord").write_bytes(shard(b"\xff") + data)
    preview(tmp_path / "x.tfrecord", tmp_path / "pictures")
    assert sorted(os.listdir(tmp_path / "pictures")) == ["1_0.jpg", "2_2.jpg", "3_3.jpg", "4_4.jpg", "5_5.jpg"]


def test_the_frames_of_a_video_are_pictures(tmp_path: Path) -> None:
    frames = [texts(jpeg(64, 48, (number * 60, 9, 9))) for number in range(3)]
    side = {"region/bbox/xmin": 0.1, "region/bbox/ymin": 0.1, "region/bbox/xmax": 0.5, "region/bbox/ymax": 0.5}
    lists = {key: [floats(value)] * 3 for key, value in side.items()}
    lists |= {"image/encoded": frames, "region/label/string": [texts("car")] * 3}
    write(tmp_path / "x.tfrecord", sequence_example({}, lists), sequence_example({}, lists))
    shown = preview(tmp_path / "x.tfrecord", tmp_path / "pictures", sample=4)
    assert (shown.images, shown.shown) == (6, 4)
    assert len(os.listdir(tmp_path / "pictures")) == 4


def test_of_large_inputs_a_part_is_read_and_that_is_reported(
    records: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.sampling.MOST_RECORDS", 12)
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.sampling.FEWEST_RECORDS", 1)
    shown = preview(records, tmp_path / "a.html")
    assert 10 <= shown.images <= 12
    told = "Of 3 files only the first records were read; read_all=True reads everything."
    assert told in shown.notes
    assert told.replace("read_all=True", "--all") in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert preview(records, tmp_path / "b.png", read_all=True).images == 30
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.sampling.MOST_RECORDS", 30)
    assert not any("read_all" in note for note in preview(records, tmp_path / "c.png").notes)
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.sampling.MOST_BYTES", 30)
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.sampling.FEWEST_BYTES", 1)
    assert preview(records, tmp_path / "d.png").images == 3


def test_raw_pixels_and_one_of_several_images_are_shown_where_the_options_of_a_conversion_say_so(
    tmp_path: Path,
) -> None:
    write(tmp_path / "raw.tfrecord", {"image_raw": texts(bytes(range(48)) * 4), "label": ints(1)})
    with pytest.raises(RejectedInputError, match=r"image_size=\(8, 8\)"):
        preview(tmp_path / "raw.tfrecord", tmp_path / "raw.png")
    assert preview(tmp_path / "raw.tfrecord", tmp_path / "raw.png", image_size=(8, 8)).shown == 1
    write(tmp_path / "two.tfrecord", detection("a.jpg", **{"image/encoded": texts(jpeg(), jpeg(32, 24))}))
    with pytest.raises(RejectedInputError, match="image_index"):
        preview(tmp_path / "two.tfrecord", tmp_path / "two.png")
    assert preview(tmp_path / "two.tfrecord", tmp_path / "two.png", image_index=1).shown == 1


def test_the_page_never_says_that_there_are_no_warnings_where_something_is_wrong(tmp_path: Path) -> None:
    cat = detection("a.jpg", boxes=[(1, 1, 30, 30)], texts=["cat"])
    write(tmp_path / "x.tfrecord", cat, b"no Example")
    (tmp_path / "label_map.pbtxt").write_text("item { id: 1 name: 'wolf' } item { id: 2 name: 'bear' }")
    shown = preview(tmp_path / "x.tfrecord", tmp_path / "a.html")
    assert shown.warnings == {"input": 1}
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "1 image · 1 object · 1 class · 1 kind of warning · 1 record not read" in page
    assert "label_map.pbtxt is not used" in page
