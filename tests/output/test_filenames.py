"""Names of image files: safe on every system, unique, and as near to those of the records as that allows."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tfrecord_lite.images.header import EXTENSIONS_OF, IMAGE_EXTENSIONS
from tfrecord_lite.output.filenames import UniqueNames, fallback_name, portable_name, with_ending
from tfrecord_lite.output.seen import Seen

DEVICES = ["con", "prn", "aux", "nul", "clock$", "conin$", "conout$"]
DEVICES += [port + digit for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"]

# Whatever a record may hold, and more often what hurts: separators, devices, drives, endings, long parts, surrogates.
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=40)
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("/", "\\", ".", "..", "-", "~", ":", "C:", "://", "http://", "?", "#", "_", "a"),
                *(".jpg", ".PNG", ".avif\u017f", "con", "NUL.", "com1"),
                *(" ", "\0", "\n", "\u0301", "e\u0301", "<\u0338", "=\u0338", "\u202e", "\ufeff", "\uffff", "\u2028"),
                *("x" * 100, "\U0001f600" * 60, "\ud800"),
            ]
        ),
        ANY_TEXT,
    ),
    max_size=14,
).map("".join)


@pytest.fixture
def names() -> Iterator[UniqueNames]:
    with Seen() as seen:
        yield UniqueNames(seen)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # what is harmless stays as it is
        ("000000397133.jpg", "000000397133.jpg"),
        ("train/cats/x.jpg", "train/cats/x.jpg"),
        ("IMG_0001.JPG", "IMG_0001.JPG"),
        ("picture.png", "picture.png"),  # of a JPEG: users match by name
        ("photo.jfif", "photo.jfif"),
        ("a b (1) [x] {y} & 'z' %20 +,;=@!#$.jpg", "a b (1) [x] {y} & 'z' %20 +,;=@!#$.jpg"),
        ("été/日本.jpg", "été/日本.jpg"),
        ("bad\ufffdbyte.jpg", "bad\ufffdbyte.jpg"),
        ("\U0001f469\u200d\U0001f680.jpg", "\U0001f469\u200d\U0001f680.jpg"),  # joined characters stay joined
        # out of the folder
        ("../../x.jpg", "x.jpg"),
        ("a/../../../x.jpg", "a/x.jpg"),
        ("..\\..\\x.jpg", "x.jpg"),
        ("./a//b/./x.jpg", "a/b/x.jpg"),
        ("a/.. /x.jpg", "a/x.jpg"),
        ("a/.../x.jpg", "a/x.jpg"),
        # absolute: only the last part
        ("/home/someone/VOC2012/x.jpg", "x.jpg"),
        ("//server/share/x.jpg", "x.jpg"),
        ("\\\\server\\share\\x.jpg", "x.jpg"),
        ("\\\\?\\C:\\data\\x.jpg", "x.jpg"),
        ("C:\\Users\\x\\y.jpg", "y.jpg"),
        ("c:/data/y.jpg", "y.jpg"),
        ("C:y.jpg", "y.jpg"),
        ("a/C:/y.jpg", "a/y.jpg"),
        ("~/pictures/y.jpg", "y.jpg"),
        # addresses
        ("http://example.com/a/b.jpg?width=1#top", "b.jpg"),
        ("https://example.com/a/b.jpg#top", "b.jpg"),
        ("gs://bucket/train/x.png", "x.png"),
        ("file:///C:/data/x.png", "x.png"),
        ("http://example.com/", "example.com.jpg"),
        # characters that some system refuses, or that hurt on a terminal
        ('a<b>c:d"e|f?g*h.jpg', "a_b_c_d_e_f_g_h.jpg"),
        ("a\0b\x1b[2J\x7f\x9b.jpg", "a_b_[2J__.jpg"),
        ("a\u202egpj.exe", "a_gpj.exe.jpg"),
        ("a\u2066b\u200f.jpg", "a_b_.jpg"),
        ("a\u2028b.jpg", "a_b.jpg"),
        ("a\ud800.jpg", "a_.jpg"),
        ("a.jpg:stream", "a.jpg_stream.jpg"),
        # names with a meaning
        ("CON.jpg", "_CON.jpg"),
        ("nul", "_nul.jpg"),
        ("aux/x.jpg", "_aux/x.jpg"),
        ("con.tar.jpg", "_con.tar.jpg"),
        ("COM1 .txt", "_COM1 .txt.jpg"),
        ("lpt\u00b9.png", "_lpt\u00b9.png"),
        ("CONOUT$", "_CONOUT$.jpg"),
        ("console.jpg", "console.jpg"),
        ("com10.jpg", "com10.jpg"),
        ("-rf.jpg", "_-rf.jpg"),
        ("~x.jpg", "_~x.jpg"),
        (".htaccess", "_.htaccess.jpg"),
        (".git/x.jpg", "_.git/x.jpg"),
        (".jpg", "_.jpg"),
        # endings
        ("image1", "image1.jpg"),
        ("a.sh", "a.sh.jpg"),
        ("webp", "webp.jpg"),
        ("a.avif\u017f", "a.avif\u017f.jpg"),  # a long s
        ("png/x.jpg", "png/x.jpg"),
        ("a.b.c", "a.b.c.jpg"),
        ("annotations.json", "annotations.json.jpg"),
        ("image1.", "image1.jpg"),
        ("a.jpg. ", "a.jpg"),
        ("a/b/", "a/b.jpg"),
        # a folder is never named like an image
        ("a.jpg/b.jpg", "a.jpg_/b.jpg"),
        ("a.PNG/b.avif/c.jpg", "a.PNG_/b.avif_/c.jpg"),
        ("a.avif\u017f/c.jpg", "a.avif\u017f_/c.jpg"),
        # Unicode form
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        # nothing is left
        ("", ""),
        (".", ""),
        ("..", ""),
        ("/", ""),
        ("C:", ""),
        ("C:\\", ""),
        ("http://", ""),
        (" . ", ""),
        ("../..", ""),
    ],
)
def test_a_name_is_made_safe_and_stays_close_to_what_it_was(name: str, expected: str) -> None:
    assert portable_name(name, "jpeg") == expected


@pytest.mark.parametrize("image_format", list(EXTENSIONS_OF))
def test_a_missing_ending_is_that_of_the_format(image_format: str) -> None:
    ending = EXTENSIONS_OF[image_format][0]
    assert portable_name("x", image_format) == f"x{ending}"
    assert fallback_name(1, image_format) == f"000000000001{ending}"


@pytest.mark.parametrize(
    ("image_format", "expected"), [("jpg", "x.jpg"), ("JPEG", "x.jpg"), (".png", "x.png"), ("raw", "x"), ("", "x")]
)
def test_a_format_that_only_a_record_tells_is_taken_where_it_is_known(image_format: str, expected: str) -> None:
    assert portable_name("x", image_format) == expected
    assert portable_name(expected, image_format) == expected


@pytest.mark.parametrize("ending", sorted(IMAGE_EXTENSIONS))
def test_every_known_ending_stays_in_any_case(ending: str) -> None:
    assert portable_name(f"x{ending}", "jpeg") == f"x{ending}"
    assert portable_name(f"x{ending.upper()}", "jpeg") == f"x{ending.upper()}"


@pytest.mark.parametrize("device", DEVICES)
def test_no_part_is_a_device_of_windows(device: str) -> None:
    for name in (device, device.upper(), f"{device}.jpg", f"{device}.tar.jpg", f"{device} .jpg", f"{device}/x.jpg"):
        assert portable_name(name, "jpeg").startswith(f"_{name[:3]}")


def test_a_long_part_is_cut_with_a_hash_and_keeps_its_ending() -> None:
    first = portable_name("x" * 300 + "1.png", "jpeg")
    second = portable_name("x" * 300 + "2.png", "jpeg")
    assert re.fullmatch(r"x{100,}_[0-9a-f]{8}\.png", first)
    assert first != second
    assert len(first) <= 150


def test_a_long_part_is_cut_between_characters() -> None:
    name = portable_name("\U0001f600" * 200 + ".jpg", "jpeg")
    assert re.fullmatch("\U0001f600{25,}_[0-9a-f]{8}\\.jpg", name)


def test_folders_that_are_too_many_become_one() -> None:
    folders = [f"folder{number:02d}" for number in range(80)]
    name = portable_name("/".join([*folders, "x.jpg"]), "jpeg")
    assert re.fullmatch(r"(folder\d\d/)+[0-9a-f]{8}/x\.jpg", name)
    assert name.startswith("folder00/folder01/")
    assert len(name) <= 228
    assert len(portable_name("a/" * 200 + "x.jpg", "jpeg")) == 228
    sibling = portable_name("/".join([*folders, "y.jpg"]), "jpeg")
    assert sibling.rpartition("/")[0] == name.rpartition("/")[0]  # two images of one folder stay in one
    cousin = portable_name("/".join([*folders, "z", "x.jpg"]), "jpeg")
    assert cousin != name


def test_a_very_long_path_keeps_its_last_part() -> None:
    name = portable_name("/".join(["d" * 49] * 100) + "/x.jpg", "jpeg")
    assert re.fullmatch(r"(d{49}/)*[0-9a-f]{8}/x\.jpg", name)


def test_a_name_of_megabytes_takes_no_time() -> None:
    marks = "\u0301\u0327" * 1_000_000  # a naive normalisation sorts these for hours
    start = time.perf_counter()
    portable_name(f"a{marks}.jpg", "jpeg")
    portable_name("a/" * 1_000_000, "jpeg")
    assert time.perf_counter() - start < 5


@settings(deadline=None, max_examples=500)
@given(name=HOSTILE, image_format=st.sampled_from(["jpeg", "png"]))
@example(name="JPG", image_format="png")
@example(name="con" + "\U0001f600" * 60 + ".avif\u017f", image_format="png")
@example(name="x" * 125 + ".jpg/" + "y" * 125 + ".jpg", image_format="png")
def test_any_text_gives_a_name_that_every_system_takes(name: str, image_format: str) -> None:
    safe = portable_name(name, image_format)
    assert portable_name(safe, image_format) == safe
    if not safe:
        return
    assert unicodedata.is_normalized("NFC", safe)
    assert len(safe.encode("utf-8")) <= 228
    assert not re.search(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\\u200e\u200f\u202a-\u202e\u2066-\u2069]', safe)
    parts = safe.split("/")
    for part in parts:
        assert 0 < len(part.encode()) <= 150
        assert part[0] not in "-~."
        assert part[-1] not in ". "
        assert part.split(".")[0].rstrip(" ").lower() not in DEVICES
    endings = tuple(IMAGE_EXTENSIONS)
    assert parts[-1].lower().endswith(endings)
    assert not any(folder.casefold().endswith(endings) for folder in parts[:-1])


@pytest.mark.parametrize(("image_id", "expected"), [(42, "000000000042.jpg"), (10**12, "1000000000000.jpg")])
def test_the_name_of_an_image_without_one_is_its_id_as_in_coco(image_id: int, expected: str) -> None:
    assert fallback_name(image_id, "jpeg") == expected


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        (["x.jpg", "y.jpg"], ["x.jpg", "y.jpg"]),
        (["x.jpg", "x.jpg", "x.jpg"], ["x.jpg", "x_1.jpg", "x_2.jpg"]),
        (["a/x.jpg", "b/x.jpg", "a/x.jpg"], ["a/x.jpg", "b/x.jpg", "a/x_1.jpg"]),
        # names that a record really has are met by the suffix
        (
            ["x.jpg", "x.jpg", "x_1.jpg", "x-1.jpg", "x (1).jpg"],
            ["x.jpg", "x_1.jpg", "x_1_1.jpg", "x-1.jpg", "x (1).jpg"],
        ),
        (["x_1.jpg", "x.jpg", "x.jpg"], ["x_1.jpg", "x.jpg", "x_2.jpg"]),
        # without regard to case
        (["A.jpg", "a.jpg", "a.JPG"], ["A.jpg", "a_1.jpg", "a_2.JPG"]),
        (["STRASSE.jpg", "straße.jpg"], ["STRASSE.jpg", "straße_1.jpg"]),
        (["É.jpg", "é.jpg"], ["É.jpg", "é_1.jpg"]),
        (["Dir/x.jpg", "dir/x.jpg"], ["Dir/x.jpg", "dir/x_1.jpg"]),
        # without regard to the Unicode form
        (["caf\u00e9.jpg", "cafe\u0301.jpg"], ["caf\u00e9.jpg", "cafe\u0301_1.jpg"]),
        (["\u1fb4.jpg", "\u03b1\u0345\u0301.jpg"], ["\u1fb4.jpg", "\u03b1\u0345\u0301_1.jpg"]),
        (["\u0390.jpg", "\u03aa\u0301.jpg"], ["\u0390.jpg", "\u03aa\u0301_1.jpg"]),  # only one of them has a capital
        # by stem
        (["x.jpg", "x.png", "x.jpeg"], ["x.jpg", "x_1.png", "x_2.jpeg"]),
        (["x.tar.jpg", "x.jpg"], ["x.tar.jpg", "x.jpg"]),
        (["x", "x.jpg", "x.1"], ["x", "x_1.jpg", "x.1"]),
        # an id that is a name already
        (["000000000001.png", "000000000001.jpg"], ["000000000001.png", "000000000001_1.jpg"]),
    ],
)
def test_a_name_is_given_once(claimed: list[str], expected: list[str], names: UniqueNames) -> None:
    assert [names.claim(name) for name in claimed] == expected


def test_three_names_that_become_one_are_told_apart(names: UniqueNames) -> None:
    safe = [portable_name(name, "jpeg") for name in ("../x.jpg", "/x.jpg", "x.jpg")]
    assert [names.claim(name) for name in safe] == ["x.jpg", "x_1.jpg", "x_2.jpg"]


def test_a_name_is_never_a_file_and_a_folder_at_once(names: UniqueNames) -> None:
    safe = [portable_name(name, "jpeg") for name in ("a", "a/b.jpg", "c.jpg", "c.jpg/d.jpg", "c.jpg_")]
    files = [names.claim(name) for name in safe]
    folders = {name.rpartition("/")[0] for name in files}
    assert len(set(files)) == len(files)
    assert not folders & set(files)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(["x.jpg", "X.png", "x_1.jpg", "x_2.jpg", "x_1_1.jpg", "y.jpg", "d/x.jpg"]), max_size=60)
)
def test_names_are_unique_and_depend_on_their_order_alone(claimed: list[str]) -> None:
    results = []
    for _ in range(2):
        with Seen() as seen:
            names = UniqueNames(seen)
            results.append([names.claim(name) for name in claimed])
    first, second = results
    assert first == second
    assert len({name.rpartition(".")[0].lower() for name in first}) == len(claimed)
    for before, after in zip(claimed, first, strict=True):
        stem, _, ending = before.rpartition(".")
        assert re.fullmatch(rf"{re.escape(stem)}(_\d+)?\.{ending}", after)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text("fF.01/", min_size=1, max_size=6), max_size=30))
def test_files_that_are_named_after_images_with_another_ending_are_unique_as_well(claimed: list[str]) -> None:
    claimed += ["frame.00001", "frame.00002", "frame.png", "frame", "frame.00001.jpg"]
    with Seen() as seen:
        names = UniqueNames(seen)
        pngs = [with_ending(names.claim(portable_name(name, "") or "x"), ".png") for name in claimed]
    assert len({png.lower() for png in pngs}) == len(pngs)
    assert all(png.endswith(".png") for png in pngs)


def test_a_number_never_makes_a_name_too_long(names: UniqueNames) -> None:
    long = portable_name("x" * 300, "jpeg")
    deep = portable_name("folder/" * 80 + "x" * 300, "jpeg")
    for name in (long, deep):
        given_out = [names.claim(name) for _ in range(1_200)]
        assert len(set(given_out)) == 1_200
        assert max(len(part) for part in given_out[-1].split("/")) <= 150
        assert len(given_out[-1]) <= 240


class CountingSeen(Seen):
    """Counts what it is asked."""

    questions = 0

    def add(self, key: bytes) -> bool:
        self.questions += 1
        return super().add(key)

    def __contains__(self, key: bytes) -> bool:
        self.questions += 1
        return super().__contains__(key)


def test_thousands_of_images_of_one_name_are_numbered_in_order_with_few_questions_each() -> None:
    seen = CountingSeen()
    with seen:
        names = UniqueNames(seen)
        assert [names.claim("x.jpg") for _ in range(5_000)] == ["x.jpg", *(f"x_{n}.jpg" for n in range(1, 5_000))]
        assert seen.questions <= 4 * 5_000


def test_many_names_that_each_come_often_cost_no_more_than_a_logarithm_each() -> None:
    # More names in turn than have their last suffix remembered.
    seen = CountingSeen()
    with seen:
        names = UniqueNames(seen)
        for turn in range(40):
            for number in range(1_001):
                assert names.claim(f"{number}x.jpg") == (f"{number}x_{turn}.jpg" if turn else f"{number}x.jpg")
        assert seen.questions <= 12 * 40 * 1_001
        assert len(names._suffixes) <= 1_000
