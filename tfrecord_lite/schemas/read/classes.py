"""The class of each object: its number and its name, whatever kind of values the record stores them as.

A number may be an int64, a float without a fraction, or digits in bytes; texts under the key of the number are names,
and numbers under the key of the name are numbers. Scripts mix the keys up, and the values show it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.errors import FeatureError
from tfrecord_lite.example.example import Example
from tfrecord_lite.sample import Finding
from tfrecord_lite.schemas.read.values import per_object, plain_values, read_text, read_texts
from tfrecord_lite.schemas.schema import Schema, only

Numbers = Sequence[int | None]
Names = Sequence[str | None]


def one_hot_places(values: Sequence[float], count: int) -> list[int] | None:
    """The class of each object, where each has a 1 at the place of its class and else 0; None where that is not so."""
    width, rest = divmod(len(values), count) if count else (0, 0)
    if width < 2 or rest or values.count(1) != count or values.count(0) != len(values) - count:
        return None
    places = [place for place, value in enumerate(values) if value]
    return [place % width for place in places] if [place // width for place in places] == list(range(count)) else None


class ClassReader:
    """Reads the classes of objects.

    schema: narrowed to the keys of the records. int_labels: keys under which other records have int64 values.
    """

    def __init__(self, schema: Schema, int_labels: frozenset[str]) -> None:
        self._schema = schema
        self._int_labels = int_labels
        self._number, self._text = only(schema.number), only(schema.text)

    @property
    def key(self) -> str:
        """The feature that gives the class, for messages."""
        return self._number if self._schema.number else self._text if self._schema.text else "class"

    def is_said(self, example: Example) -> bool:
        """Whether the record has a key for the class of its objects, even without values."""
        return self._number in example or self._text in example

    def read(self, example: Example, count: int, findings: list[Finding]) -> tuple[Numbers, Names]:
        """Number and name of each of ``count`` objects.

        Raises:
            FeatureError: there are more or fewer than objects, or the values are neither numbers nor names.
        """
        number_key, text_key = self._number, self._text
        try:
            numbers, blobs = example.ints(number_key), example.blobs(text_key)
        except FeatureError:
            numbers, number_key, blobs, text_key = self._of_other_kinds(example)
        if len(numbers) == 1 and count > 1 and number_key in self._schema.label_number:
            numbers *= count  # the class of the image is that of all its boxes
        if len(numbers) != count and (places := one_hot_places(numbers, count)) is not None:
            numbers = places
        known = per_object(example, number_key, numbers, count)
        if not blobs:
            return known, self._texts_of_image(example, known, findings)
        return known, per_object(example, text_key, read_texts(blobs, text_key, example.where, findings), count)

    def _of_other_kinds(self, example: Example) -> tuple[list[int], str, list[bytes], str]:
        """Numbers and texts with their keys, where a key holds one in place of the other."""
        numbers: list[int] = []
        texts: list[bytes] = []
        number_key, text_key = self._number, self._text
        if number_key in self._int_labels and example.kind(number_key) == "float":
            problem = "the class numbers are floats, expected int64 as in other records of the file"
            raise FeatureError(example.where, number_key, problem)
        try:
            numbers = example.whole_numbers(number_key)
        except FeatureError:
            if example.kind(number_key) != "bytes":
                raise
            texts, text_key = example.blobs(number_key), number_key
        if example.kind(self._text) == "bytes":
            theirs = example.blobs(self._text)
            if texts and theirs and texts != theirs:
                problem = f"the feature holds texts, and {self._text} holds others. Choose with --map number=-"
                raise FeatureError(example.where, number_key, problem)
            if theirs:
                texts, text_key = theirs, self._text
        elif example.count(self._text):
            values = example.whole_numbers(self._text)
            if numbers and numbers != values:
                problem = f"the feature holds numbers, and {self._number} holds others. Choose with --map text=-"
                raise FeatureError(example.where, self._text, problem)
            if not numbers:
                numbers, number_key = values, self._text
        return numbers, number_key, texts, text_key

    def _texts_of_image(self, example: Example, numbers: Numbers, findings: list[Finding]) -> Names:
        """Names for class numbers, where the image as a whole has one class with number and name, as in ImageNet."""
        schema = self._schema
        number = plain_values(example, only(schema.label_number), findings)
        key = only(schema.label_text)
        if len(number) != 1 or example.kind(key) != "bytes" or example.count(key) != 1:
            return (None,) * len(numbers)
        name = read_text(example.blobs(key)[0], key, example.where, findings)
        return [name if each == number[0] else None for each in numbers]
