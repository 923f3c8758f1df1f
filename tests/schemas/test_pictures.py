"""What stands in place of an encoded image: raw pixels, arrays, base64, paths, nothing, or several images."""

from __future__ import annotations

import base64
import io
import os
import re
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from results import Convert
from scene import CAT, HEIGHT, WIDTH
from tfrecords import delimited, detection, floats, ints, jpeg, number, png, texts

from tfrecord_lite import convert
from tfrecord_lite.commands.cli import main
from tfrecord_lite.errors import RejectedInputError, UsageError

Write = Callable[..., str]
ENCODED = "image/encoded"
CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}


def pixels(channels: int = 3, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """No two neighbours are equal, so that any mistake shows."""
    return bytes((7 * n + n // 251) % 256 for n in range(channels * size[0] * size[1]))


def raw(data: bytes, **features: bytes) -> dict[str, bytes]:
    return detection("a.png", (WIDTH, HEIGHT), boxes=[CAT], **{ENCODED: texts(data), **features})


def written(folder: Path) -> list[tuple[str, bytes]]:
    """The pictures of a dataset folder, decoded."""
    files = [file.read_bytes() for file in sorted((folder / "images").rglob("*.*"))]
    pictures = [Image.open(io.BytesIO(data)) for data in files]
    return [(picture.mode, picture.tobytes()) for picture in pictures]


def tensor(code: int, shape: tuple[int, ...], content: bytes) -> bytes:
    """A TensorProto as tf.io.serialize_tensor writes it."""
    sizes = b"".join(delimited(2, number(1, size)) for size in shape)
    return number(1, code) + delimited(2, sizes) + delimited(4, content)


# ---------------------------------------------------------------------------------------------------------- raw pixels
SIZES: Mapping[str, tuple[dict[str, bytes], dict[str, Any]]] = {
    "width and height": ({"image/width": ints(WIDTH), "image/height": ints(HEIGHT)}, {}),
    "whole floats": ({"image/width": floats(WIDTH), "image/height": floats(HEIGHT)}, {}),
    "digits": ({"image/width": texts(str(WIDTH)), "image/height": texts(str(HEIGHT))}, {}),
    "a shape": ({"image/shape": ints(HEIGHT, WIDTH, 3)}, {}),
    "a shape without channels": ({"image/shape": ints(HEIGHT, WIDTH)}, {}),
    "a shape by its role": ({"size": ints(HEIGHT, WIDTH, 3)}, {"roles": {"shape": "size"}}),
    "what the caller says": ({}, {"image_size": (WIDTH, HEIGHT)}),
}


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize(("features", "options"), SIZES.values(), ids=SIZES)
def test_raw_pixels_are_written_as_png_where_their_size_is_known(
    features: dict[str, bytes], options: dict[str, Any], channels: int, converted: Convert
) -> None:
    record = {ENCODED: texts(pixels(channels)), "image/filename": texts("a.png"), **features}
    done = converted(record, **options)
    assert written(done.folder) == [(CHANNELS[channels], pixels(channels))]
    assert [(each["width"], each["height"]) for each in done.coco["images"]] == [(WIDTH, HEIGHT)]
    assert set(done.report["warnings"]) == {"image-raw"}


@pytest.mark.parametrize("values", [ints, floats])
def test_pixels_as_a_list_of_numbers_are_raw_pixels(values: Callable[..., bytes], converted: Convert) -> None:
    done = converted(raw(b"") | {ENCODED: values(*pixels())})
    assert written(done.folder) == [("RGB", pixels())]


@pytest.mark.parametrize("shape", [(HEIGHT, WIDTH, 3), (HEIGHT, WIDTH, 1), (HEIGHT, WIDTH)])
def test_an_array_of_serialize_tensor_brings_its_own_size(shape: tuple[int, ...], converted: Convert) -> None:
    data = pixels(shape[2] if len(shape) == 3 else 1)
    done = converted({"image": texts(tensor(4, shape, data)), "label": ints(3)})
    assert written(done.folder) == [("RGB" if shape[-1] == 3 else "L", data)]


def test_raw_pixels_of_unknown_size_are_reported_once_with_the_sizes_that_fit_and_the_advice_works(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file(*({"img_raw": texts(pixels(3, (28, 28))), "label": ints(n)} for n in range(60)))
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert len(rest) == 1  # that nothing was published
    assert "28x28x3" in first
    (size,) = re.findall(r"--image-size (\d+x\d+)", first)
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", "--image-size", size]) == 0
    assert len(written(tmp_path / "out")) == 60


FLOATS = struct.pack(f"<{4 * WIDTH * HEIGHT}f", *(n % 101 / 100 for n in range(4 * WIDTH * HEIGHT)))
SIZED = {"image/height": ints(HEIGHT), "image/width": ints(WIDTH), "image/class/label": ints(1)}


@pytest.mark.parametrize(
    "record",
    [
        {"image_raw": texts(FLOATS), "label": ints(1)},
        {"own_raw": texts(FLOATS), "own": floats(0.5)},
        {ENCODED: texts(FLOATS[: 12 * WIDTH * HEIGHT]), **SIZED},
        {ENCODED: texts(FLOATS[: 4 * WIDTH * HEIGHT]), **SIZED},
    ],
    ids=["without a size", "of no schema", "colours", "as long as bytes of RGBA"],
)
def test_pixels_as_floats_are_refused_and_not_taken_for_bytes(record: dict[str, bytes], converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="look like pixels as float32, which no option reads") as caught:
        converted(record, record)
    assert "--image-size" not in str(caught.value)


def test_a_size_that_is_none_is_refused(record_file: Write, tmp_path: Path) -> None:
    for size in ((0, 5), (5,), "5", (1 << 20, 5)):
        with pytest.raises(UsageError, match="image_size is"):
            convert(record_file(raw(pixels())), tmp_path / "out", image_size=size)  # type: ignore[arg-type]


def test_a_size_that_a_caller_gives_changes_nothing_of_what_is_known(converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=[CAT]), image_size=(5, 7))
    assert [(each["width"], each["height"]) for each in done.coco["images"]] == [(WIDTH, HEIGHT)]


# -------------------------------------------------------------------------------------------------------------- endings
@pytest.mark.parametrize(
    ("name", "image", "expected"),
    [
        ("a.jpg", png(WIDTH, HEIGHT), "a.png"),
        ("b.JPG", png(WIDTH, HEIGHT), "b.png"),
        ("c.png", jpeg(WIDTH, HEIGHT), "c.jpg"),
        ("dir/d.tar.bmp", jpeg(WIDTH, HEIGHT), "dir/d.tar.jpg"),
        ("e.jpeg", jpeg(WIDTH, HEIGHT), "e.jpeg"),
        ("f.JPG", jpeg(WIDTH, HEIGHT), "f.JPG"),
        ("g.txt", jpeg(WIDTH, HEIGHT), "g.txt.jpg"),
        ("h.jpg", pixels(), "h.png"),
        ("i.jpg", base64.b64encode(png(WIDTH, HEIGHT)), "i.png"),
    ],
)
def test_a_file_has_the_ending_of_the_bytes_that_are_written(
    name: str, image: bytes, expected: str, converted: Convert
) -> None:
    done = converted(raw(image, **{"image/filename": texts(name)}))
    (entry,) = done.coco["images"]
    assert entry["file_name"] == expected
    assert entry.get("original_file_name", name) == name
    assert (done.folder / "images" / "x" / expected).is_file()


def test_without_bytes_the_record_is_taken_at_its_word(converted: Convert) -> None:
    record = raw(b"", **{"image/filename": texts("a.jpg"), "image/format": texts("png")})
    assert [each["file_name"] for each in converted(record).coco["images"]] == ["a.jpg"]


# -------------------------------------------------------------------------------------------------------------- base64
PICTURES = {"jpeg": jpeg(WIDTH, HEIGHT), "png": png(WIDTH, HEIGHT)}
CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "plain": base64.b64encode,
    "web-safe": base64.urlsafe_b64encode,
    "without padding": lambda data: base64.urlsafe_b64encode(data).rstrip(b"="),
    "in lines": base64.encodebytes,
    "a data URL": lambda data: b"data:image/any;base64," + base64.b64encode(data),
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize("encode", CODINGS.values(), ids=CODINGS)
def test_an_image_in_base64_is_decoded_and_reported(
    encode: Callable[[bytes], bytes], picture: bytes, converted: Convert
) -> None:
    done = converted(raw(encode(picture), **{"image/format": texts("")}))
    (file,) = (done.folder / "images").rglob("*.*")
    assert file.read_bytes() == picture
    assert set(done.report["warnings"]) == {"image-base64"}


# --------------------------------------------------------------------------------------------------------------- paths
@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "b.jpg").write_bytes(jpeg(WIDTH, HEIGHT))
    return folder


@pytest.mark.parametrize(
    "path", ["data/b.jpg", "./data\\b.jpg", "C:\\elsewhere\\data\\b.jpg", "/mnt/x/data/b.jpg", "b.jpg"]
)
def test_a_path_in_place_of_the_image_is_reported_once_and_taken_with_the_folder(
    path: str, pictures: Path, record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "b.jpg").write_bytes(jpeg(WIDTH, HEIGHT))
    file = record_file(*[raw(path.encode()), raw(path.encode())])
    assert main(["convert", file, "-o", str(tmp_path / "first"), "-q"]) == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert len(rest) == 1
    assert path in first
    assert "--image-root DIR" in first
    assert "--no-images" in first
    assert main(["convert", file, "-o", str(tmp_path / "out"), "-q", "--image-root", str(pictures)]) == 0
    assert "image-is-a-path: 2 times" in capsys.readouterr().err
    assert len(written(tmp_path / "out")) == 2
    assert main(["convert", file, "-o", str(tmp_path / "bare"), "-q", "--no-images"]) == 0
    assert "image-is-a-path: 2 times" in capsys.readouterr().err


def test_a_path_in_utf8_is_shown_as_text(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match=r"画像/ä\.jpg"):
        converted(raw("画像/ä.jpg".encode()))


def test_the_root_of_the_file_system_is_a_folder_like_others(pictures: Path, converted: Convert) -> None:
    name = str(pictures / "data" / "b.jpg")
    record = detection("a.jpg", boxes=[CAT], **{ENCODED: texts(b""), "image/filename": texts(name)})
    done = converted(record, image_root=os.path.abspath(os.sep))
    assert len(written(done.folder)) == 1


def test_a_path_does_not_lead_out_of_the_folder(pictures: Path, tmp_path: Path, converted: Convert) -> None:
    (tmp_path / "secret.jpg").write_bytes(jpeg())
    with pytest.raises(RejectedInputError, match="no picture"):
        converted(raw(b"../secret.jpg"), image_root=pictures / "data")


# ------------------------------------------------------------------------------------------------- nothing, or several
def test_records_without_pictures_are_reported_with_the_option_that_finds_them(converted: Convert) -> None:
    records = [detection(f"{n}.jpg", boxes=[CAT], **{ENCODED: texts(b"")}) for n in range(95)]
    done = converted(*records)
    found = done.report["warnings"]["image-missing"]
    assert found["count"] == 95
    assert "--image-root DIR" in found["first"]
    assert "image-missing" not in converted(*records, write_images=False).report["warnings"]


def several(*images: bytes, **features: bytes) -> dict[str, bytes]:
    box = floats(CAT[1] / HEIGHT, CAT[0] / WIDTH, CAT[3] / HEIGHT, CAT[2] / WIDTH)
    return {"image": texts(*images), "objects/bbox": box, "objects/label": texts("cat"), **features}


COLOURS = (png(WIDTH, HEIGHT, (1, 2, 3)), png(WIDTH, HEIGHT, (4, 5, 6)))


def test_several_images_under_one_key_are_reported_once_with_the_option_that_chooses(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file(several(*COLOURS), several(*COLOURS))
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert len(rest) == 1
    assert "--image-index" in first
    for index, colour in enumerate(COLOURS):
        out = tmp_path / str(index)
        assert main(["convert", path, "-o", str(out), "-q", "--image-index", str(index)]) == 0
        assert [data for _, data in written(out)] == [Image.open(io.BytesIO(colour)).tobytes()] * 2


def test_what_is_said_of_each_of_several_images_is_that_of_the_one_that_is_read(converted: Convert) -> None:
    sides = {"image/width": ints(1, WIDTH), "image/height": ints(1, HEIGHT)}
    record = several(*COLOURS, **{"image/filename": texts("a.png", "b.png"), **sides})
    done = converted(record, image_index=1)
    assert [each["file_name"] for each in done.coco["images"]] == ["b.png"]
    assert "size-wrong" not in done.report["warnings"]


def test_an_image_that_a_record_does_not_have_is_an_error(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="holds 2 images"):
        converted(several(*COLOURS), image_index=2)
    assert converted(several(COLOURS[0]), image_index=2).coco["images"]


# ------------------------------------------------------------------------------------------------- empty boxes, classes
def test_boxes_without_area_can_be_left_out_and_the_warning_says_how(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file(detection("a.jpg", boxes=[CAT, (5, 5, 5, 9), (5, 5, 9, 5)], labels=[1, 2, 3]))
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 0
    said = capsys.readouterr().err
    assert "box-without-area: 2 times" in said
    assert "--drop-empty-boxes" in said
    done = convert(path, tmp_path / "out", drop_empty_boxes=True)
    assert done.annotations == 1
    assert done.splits[0].findings["box-without-area"].count == 2


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (
            {"label": ints(3, 4, 5), "text": texts("a", "b")},
            [{"label": 3}, {"label": 4}, {"label": 5}, {"text": "a"}, {"text": "b"}],
        ),
        ({"label": ints(3), "text": texts("a", "b")}, [{"text": "a"}, {"text": "b"}, {"label": 3}]),
        ({"label": ints(3, 4), "text": texts("a", "b")}, [{"label": 3, "text": "a"}, {"label": 4, "text": "b"}]),
    ],
)
def test_classes_of_the_image_of_different_number_are_all_kept(
    classes: dict[str, bytes], expected: list[dict[str, Any]], converted: Convert
) -> None:
    done = converted(detection("a.jpg", **{f"image/class/{key}": value for key, value in classes.items()}))
    assert done.coco["images"][0]["labels"] == expected
    assert ("image-classes-uneven" in done.report["warnings"]) == (len(expected) > 2)
