"""Keys that nothing reads -> the image, its size and its names."""

from __future__ import annotations

from tfrecord_lite.errors import shortened
from tfrecord_lite.images.header import IMAGE_EXTENSIONS
from tfrecord_lite.images.raw import are_floats, channels_of, likely_shapes
from tfrecord_lite.schemas.detect.words import FILE, IMAGE, MASK, PICTURE, SHAPES, SIZE_OF, TEXT_OF
from tfrecord_lite.schemas.guess.guess import Guess
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.read.pixels import FLOATS

_LEAST_PIXELS = 64
_BASE64 = (b"/9j/", b"iVBORw0KGgo")  # of the first bytes of a JPEG and a PNG


def guess_facts(guess: Guess) -> None:
    """Size and names of the image."""
    for each in list(guess.left):
        role = _fact(each)
        if role and role not in guess.roles:
            guess.take("", {role: each})


def _fact(each: Held) -> str:
    """What a key says of the image, by its name; empty where that is nothing."""
    last, single = (each.words or ("",))[-1], each.values == 1
    if single and each.kind != "bytes" and last in SIZE_OF:
        return SIZE_OF[last]
    if each.kind == "int64" and each.values in (2, 3) and last in SHAPES:
        return "shape"
    if single and each.is_text and (each.ends_in(FILE) or _names_image(each)):
        return "filename"
    if single and last == "id" and (len(each.words) == 1 or each.ends_in(PICTURE, ("source",))):
        return "source_id"
    return TEXT_OF.get(last, "") if each.is_text else ""


def _names_image(each: Held) -> bool:
    """Whether a text ends as the name of an image file does."""
    name = each.example.blobs(each.key)[0].decode(errors="replace").lower()
    return name.endswith(tuple(IMAGE_EXTENSIONS))


def guess_image(guess: Guess) -> None:
    """An encoded image, else raw pixels."""
    single = [each for each in guess.left if each.kind == "bytes" and each.values == 1]
    images = [each for each in single if each.is_image or each.head.startswith(_BASE64)]
    if images:
        images.sort(key=lambda each: (each.ends_in(MASK), not each.ends_in(PICTURE)))
        guess.take(IMAGE, {"encoded": images[0]})
        return
    raw = [each for each in single if not each.is_text and each.size >= _LEAST_PIXELS and not each.ends_in(MASK)]
    raw.sort(key=lambda each: (not each.ends_in(PICTURE, ("raw",)), -each.size))
    for each in raw:
        if each.ends_in(PICTURE, ("raw",)) and are_floats(guess.example.buffers(each.key)[0]):
            guess.tell(IMAGE, each, f"holds {each.size} bytes: {FLOATS}")
            return
    size = guess.image_size
    if size is not None:
        numbers = [each for each in guess.left if each.kind == "int64" and each.values >= _LEAST_PIXELS]
        for each in raw + numbers:
            if channels_of(each.values if each.is_number else each.size, *size):
                guess.take(IMAGE, {"encoded": each})
                return
        return
    for each in raw:
        if each.ends_in(PICTURE, ("raw",)) and (shapes := likely_shapes(each.size)):
            guess.take(IMAGE, {"encoded": each})
            guess.size = shapes[0][:2]
            held = f"{shortened(each.key)} holds {each.size} bytes, raw pixels without their size"
            guess.unclear.append(f"{held}: {', '.join(map(str, shapes))} would fit")
            return
