r"""StringIntLabelMap, the label map of the TensorFlow Object Detection API, as text and as binary -> entries.

    item {
      name: "/m/01g317"          # "…" or '…'; "a" 'b' is "ab"; \n \" \303\274 \xfc \u00fc \U0001f600
      id: 1                      # decimal, 0x1 or 01; a comma, a semicolon or nothing before the next field
      display_name: "person"
      keypoints { id: 0 label: "nose" }
      frequency: COMMON          # or its number
      instance_count: 17
    }
    item: < id: 2, name: 'dog' >

Fields come in any order and any number a line. A field of another name may hold anything of the text format, and is
passed over. Stricter than protobuf: a field given twice in one item is an error, because that is how a missing ``}``
shows.

Source: object_detection/protos/string_int_label_map.proto (tensorflow/models).
"""

from __future__ import annotations

from tfrecord_lite.errors import LabelMapError, quoted
from tfrecord_lite.example.messages import DecodeError, LabelMapItemMessage, StringIntLabelMap
from tfrecord_lite.labels.model import Entry, LabelItem
from tfrecord_lite.labels.textformat import Scanner, behind_space, integer

_DEEPEST = 100  # protobuf's own limit for nested messages
_INT32 = range(-(2**31), 2**31)

_FREQUENCIES = (None, "f", "c", "r")  # LVISFrequency by number, in the letters of LVIS
_FREQUENCY_NUMBERS = {"UNSPECIFIED": 0, "FREQUENT": 1, "COMMON": 2, "RARE": 3}
_CLOSERS = {"{": "}", "<": ">"}

_MESSAGE, _TEXT, _INTEGER, _FREQUENCY = "a message { … }", "a text in quotes", "an integer", "an LVIS frequency"
_FIELDS = {  # what the fields hold that are read, by the message they stand in
    "map": {"item": _MESSAGE},
    "item": {
        "name": _TEXT,
        "id": _INTEGER,
        "display_name": _TEXT,
        "keypoints": _MESSAGE,
        "frequency": _FREQUENCY,
        "instance_count": _INTEGER,
    },
    "keypoints": {"id": _INTEGER, "label": _TEXT},
    "": {},  # a message of a name that is not known
}


def starts_like_pbtxt(text: str, start: int = 0) -> bool:
    """Whether the text goes on at start with ``item {``, ``item: <`` or ``item [``, behind space and comments."""
    position = behind_space(text, start)
    if not text.startswith("item", position):
        return False
    position = behind_space(text, position + len("item"))
    if text.startswith(":", position):
        position = behind_space(text, position + 1)
    return text[position : position + 1] in ("{", "<", "[")


def has_items(text: str) -> bool:
    """Whether the text, or one of its lines, starts with ``item {`` or its like."""
    start = 0
    while not starts_like_pbtxt(text, start):
        start = text.find("\nitem", start) + 1
        if not start:
            return False
    return True


def parse_pbtxt(path: str, text: str) -> list[Entry]:
    r"""The items of a label map in protobuf's text format.

    Args:
        path: the file, for messages.
        text: its contents, with ``\n`` as the end of a line.

    Raises:
        LabelMapError: the text is not of this format, or an item lacks its id or its name; with line and column.
    """
    return _Parser(path, text).parse()


def parse_binary(path: str, data: bytes) -> list[Entry] | None:
    """The items of a serialised StringIntLabelMap; None where the bytes are none.

    Raises:
        LabelMapError: an item lacks its id or its name, or a text in it is not UTF-8.
    """
    message = StringIntLabelMap()
    try:
        message.ParseFromString(data)
        return [_binary_entry(path, position, item) for position, item in enumerate(message.item)] or None
    except (DecodeError, UnicodeError, RecursionError):  # the last: groups, in old pure-Python protobuf
        return None


class _Message:
    """A message whose end is not reached yet, and what is known of it."""

    __slots__ = ("closer", "keypoints", "kind", "listed", "numbers", "start", "texts")

    def __init__(self, kind: str, closer: str, start: int, *, listed: bool = False) -> None:
        self.kind = kind  # a key of _FIELDS
        self.closer = closer
        self.start = start  # of its field name
        self.listed = listed  # is an element of [ … ]
        self.texts: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.keypoints: dict[int, str] = {}

    def label_item(self) -> LabelItem:
        """The item that the fields of this message describe."""
        display_name = self.texts.get("display_name") or None
        return LabelItem(
            id=self.numbers["id"],
            name=self.texts.get("name") or display_name or "",
            display_name=display_name,
            keypoints=tuple(self.keypoints[number] for number in sorted(self.keypoints)),
            frequency=_FREQUENCIES[self.numbers.get("frequency", 0)],
            instance_count=self.numbers.get("instance_count"),
        )


class _Parser:
    """One pass over the text: a stack of open messages instead of recursion."""

    def __init__(self, path: str, text: str) -> None:
        self._scan = Scanner(path, text)
        self._entries: list[Entry] = []

    def parse(self) -> list[Entry]:
        """All items of the text."""
        stack = [_Message("map", "", 0)]
        while char := self._scan.peek():
            if char not in "}>":
                self._field(stack)
            elif len(stack) == 1:
                self._scan.fail(f"{quoted(char)} closes nothing. Is an opening bracket missing before it?")
            elif char != stack[-1].closer:
                opened = self._scan.line_and_column(stack[-1].start)[0]
                self._scan.fail(
                    f"{quoted(char)} found, expected {quoted(stack[-1].closer)} for the message of line {opened}"
                )
            else:
                self._close(stack)
        if len(stack) > 1:
            problem = f"{quoted(stack[-1].closer)} is missing: the message that starts here is never closed"
            self._scan.fail(problem, stack[-1].start)
        return self._entries

    def _field(self, stack: list[_Message]) -> None:
        """One field of the innermost message; a message that it holds becomes the innermost."""
        message, start = stack[-1], self._scan.position
        name = self._scan.field_name()
        expected = _FIELDS[message.kind].get(name)
        colon = self._scan.accept(":")
        listed = self._scan.accept("[")
        char = self._scan.peek()
        if char and char in _CLOSERS:
            if expected not in (None, _MESSAGE):
                self._scan.fail(f"{name} is a message, expected {expected}")
            if len(stack) > _DEEPEST:
                self._scan.fail(f"messages are nested deeper than {_DEEPEST}. Is a closing bracket missing?")
            self._open(stack, name if expected else "", start, listed=listed)
            return
        if not colon:
            self._scan.unexpected(f"':' or '{{' behind {quoted(name)}")
        if listed:
            self._scalars(name, expected)
        elif expected == _MESSAGE:
            self._scan.unexpected(f"'{{' behind {quoted(name)}")
        elif expected is None:
            self._scan.scalar()
        else:
            self._known_scalar(message, name, expected, start)
        self._separator()

    def _open(self, stack: list[_Message], kind: str, start: int, *, listed: bool) -> None:
        """Step into the message whose bracket comes next."""
        stack.append(_Message(kind, _CLOSERS[self._scan.text[self._scan.position]], start, listed=listed))
        self._scan.position += 1

    def _close(self, stack: list[_Message]) -> None:
        """Step out of the innermost message, and take from it what is known."""
        message = stack.pop()
        self._scan.position += 1
        if message.kind == "item":
            self._take_item(message)
        elif message.kind == "keypoints":
            self._take_keypoint(stack[-1], message)
        if not message.listed:
            self._separator()
        elif self._scan.accept(","):
            if self._scan.peek() not in _CLOSERS:
                self._scan.unexpected("another message")
            self._open(stack, message.kind, self._scan.position, listed=True)
        elif self._scan.accept("]"):
            self._separator()
        else:
            self._scan.unexpected("',' or ']'")

    def _take_item(self, item: _Message) -> None:
        """An item with all its fields becomes an entry."""
        if "id" not in item.numbers:
            self._scan.fail("this item has no id, expected a line such as id: 1", item.start)
        if not (item.texts.get("name") or item.texts.get("display_name")):
            self._scan.fail("this item has no name, expected a line such as name: 'cat'", item.start)
        self._entries.append(Entry(item.label_item(), *self._scan.line_and_column(item.start)))

    def _take_keypoint(self, item: _Message, keypoint: _Message) -> None:
        """A keypoint with all its fields joins its item."""
        if "id" not in keypoint.numbers or not keypoint.texts.get("label"):
            self._scan.fail("this keypoint lacks its id or its label, expected both", keypoint.start)
        number = keypoint.numbers["id"]
        if number in item.keypoints:
            self._scan.fail(f"this is the second keypoint with id {number}. Number them apart", keypoint.start)
        item.keypoints[number] = keypoint.texts["label"]

    def _known_scalar(self, message: _Message, name: str, expected: str, start: int) -> None:
        """The value of a field that is read, put into its message."""
        if name in message.texts or name in message.numbers:
            self._scan.fail(
                f"this is the second {name} of one {message.kind}. Is the closing bracket of the first missing?", start
            )
        value_start = self._scan.position
        value = self._scan.scalar()
        if isinstance(value, bytes):
            if expected != _TEXT:
                self._scan.fail(f"{name} is the text {quoted(value)}, expected {expected}", value_start)
            try:
                message.texts[name] = value.decode()
            except UnicodeDecodeError:
                self._scan.fail(f"{name} is {quoted(value)}, which is not UTF-8. Check its escapes", value_start)
            return
        number = _FREQUENCY_NUMBERS.get(value) if expected == _FREQUENCY else None
        number = integer(value) if number is None else number
        allowed = range(len(_FREQUENCIES)) if expected == _FREQUENCY else _INT32
        if expected == _TEXT:
            self._scan.fail(f"{name} is {quoted(value)} without quotes. Write {name}: '{value[:60]}'", value_start)
        if number is None:
            self._scan.fail(f"{name} is {quoted(value)}, expected {expected}", value_start)
        if number not in allowed:
            problem = f"{name} is {quoted(value)}, out of range: expected {allowed[0]} to {allowed[-1]}"
            self._scan.fail(problem, value_start)
        message.numbers[name] = number

    def _scalars(self, name: str, expected: str | None) -> None:
        """Pass over the rest of a list ``[1, 2]``; only a field that is not read may hold one."""
        if expected is not None:
            self._scan.fail(f"{name} is a list, expected {expected}")
        if self._scan.accept("]"):
            return
        self._scan.scalar()
        while self._scan.accept(","):
            self._scan.scalar()
        if not self._scan.accept("]"):
            self._scan.unexpected("',' or ']'")

    def _separator(self) -> None:
        """Pass over the one comma or semicolon that may stand behind a field."""
        if not self._scan.accept(","):
            self._scan.accept(";")


def _binary_entry(path: str, position: int, item: LabelMapItemMessage) -> Entry:
    """The entry of one item of the serialised form; position counts from 0."""
    keypoints = {keypoint.id: keypoint.label for keypoint in item.keypoints}
    texts: list[object] = [item.name, item.display_name, *keypoints.values()]
    if not all(isinstance(text, str) for text in texts):  # in proto2, upb gives out what is not UTF-8 as bytes
        raise LabelMapError(path, f"item {position} holds a text that is not UTF-8. Is this the right file?")
    if not item.HasField("id") or not (item.name or item.display_name):
        missing = "name" if item.HasField("id") else "id"
        raise LabelMapError(path, f"item {position} has no {missing}, expected both an id and a name")
    if len(keypoints) < len(item.keypoints) or "" in keypoints.values():
        problem = f"item {position} has a keypoint without a label, or two with one id. Name and number each"
        raise LabelMapError(path, problem)
    fields = _Message("item", "", 0)
    fields.texts = {"name": item.name, "display_name": item.display_name}
    fields.numbers = {"id": item.id, "frequency": item.frequency}
    if item.HasField("instance_count"):
        fields.numbers["instance_count"] = item.instance_count
    fields.keypoints = keypoints
    return Entry(fields.label_item())
