"""Keys that nothing reads -> classes of objects and of the image: by their names, else by the values of one record."""

from __future__ import annotations

from collections.abc import Collection

from tfrecord_lite.errors import shortened
from tfrecord_lite.schemas.detect.words import BOXES, CLASS, CLASSES, FILE, NAME, PICTURE, SCORE, is_remark
from tfrecord_lite.schemas.guess.guess import Guess
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.read.classes import one_hot_places

_MOST_CLASSES = 100_000
_IDS = ("id", "ids", "key", "uid", "uuid")
_LEAST_WIDTH = 3  # of a row that has a 1 in one place: two values may be flags


def guess_classes(guess: Guess) -> None:
    """Numbers and names, as many as objects: by what the keys are called, else by what they hold."""
    numbers = [each for each in _one_an_object(guess, CLASS) if each.is_whole]
    texts = [each for each in _one_an_object(guess, CLASS, NAME) if each.is_text and not each.ends_in(PICTURE, FILE)]
    digits = [each for each in texts if _is_digits(each)]
    names = sorted((each for each in texts if each not in digits), key=lambda each: not each.ends_in(CLASS))
    if not numbers and not digits:
        numbers = [each for each in guess.left if _is_one_hot(each, guess)]
    if not (numbers or texts):
        _guess_by_values(guess)
    if numbers or (digits and not names):
        guess.take(CLASSES, {"number": (numbers or digits)[0]})
    if names:
        guess.take(CLASSES, {"text": names[0]})


def _guess_by_values(guess: Guess) -> None:
    """A text or a number an object, under a name that says nothing."""
    if max(guess.counts, default=guess.objects) < 2:
        return  # everything that a record says once would be one
    plain = [each for each in _one_an_object(guess) if not is_remark(each.words) and not each.ends_in(PICTURE, FILE)]
    texts = [each for each in plain if each.is_text]
    numbers = [each for each in plain if _may_be_number(each, may_be_flags=BOXES not in guess.found)]
    digits = [each for each in texts if _is_digits(each)]
    names = [each for each in texts if each not in digits]
    if not numbers and not texts:
        wide = (each for each in guess.left if each.values >= _LEAST_WIDTH * guess.objects)
        numbers = [each for each in wide if _is_one_hot(each, guess, named=True)]
    if found := names or digits + numbers:
        others = f", or {' or '.join(shortened(each.key) for each in found[1:3])}" if found[1:] else ""
        what = "text" if names else "number"
        guess.unclear.append(f"{shortened(found[0].key)} has a {what} for each box, which may be its class{others}")
        guess.take(CLASSES, {what: found[0]})


def _one_an_object(guess: Guess, *names: Collection[str]) -> list[Held]:
    """Keys of this name with one value per object."""
    return [
        each
        for each in guess.left
        if guess.per_object(each) == 1 and (not names or each.ends_in(*names))
        if not each.ends_in(SCORE) and not each.is_predicted
    ]


def _may_be_number(each: Held, *, may_be_flags: bool) -> bool:
    """Whether a list without a telling name can be class numbers, and not flags or the ids of objects."""
    if each.ends_in(_IDS) or not each.is_whole:
        return False
    largest = max(each.numbers)
    if each.kind == "float" and largest <= 1:
        return False  # scores, which are all 0 or 1 here
    return min(each.numbers) >= 0 and largest <= _MOST_CLASSES and (not may_be_flags or largest > 1)


def _is_one_hot(each: Held, guess: Guess, *, named: bool = False) -> bool:
    """Whether a list has a 1 for each object at the place of its class, and else 0. named: whatever its name is."""
    named = named or each.ends_in(CLASS) or {"one", "hot"} <= {*each.words} or "onehot" in each.words
    return named and each.is_number and one_hot_places(each.numbers, guess.objects) is not None


def _is_digits(each: Held) -> bool:
    return all(value.strip().isdigit() for value in each.example.blobs(each.key))


def guess_classes_of_image(guess: Guess) -> None:
    """Numbers and names under names of classes."""
    for each in list(guess.left):
        if each.ends_in(CLASS) and not each.ends_in(SCORE) and (each.kind == "int64" or each.is_text):
            guess.take("", {"label_number" if each.kind == "int64" else "label_text": each})
