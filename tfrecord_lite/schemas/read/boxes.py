"""Corner coordinates of a record -> boxes in pixels: the one place where coordinates change their unit."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul, sub

from tfrecord_lite.budgets import OBJECTS, check_feature
from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.sample import Box, Finding
from tfrecord_lite.schemas.detect.choice import Choice
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION
from tfrecord_lite.schemas.detect.units import SMALL_UNITS
from tfrecord_lite.schemas.read.sides import read_sides

_LARGEST_PIXEL = float(1 << 24)  # float32 represents every whole pixel up to here
_NO_CLASS = ("", "background", "__background__", "bg", "none")  # names of class 0 that mean no object
_ROUNDING = 1e-6  # of a side: what float32 leaves of a centre and half a width, and less than COCO's two decimals show
_THINNEST = 0.005  # pixels; a side below it is 0 in the two decimals of COCO


class BoxReader:
    """Reads the boxes of the records of one file."""

    def __init__(self, choice: Choice, options: ReadOptions) -> None:
        self._schema = choice.schema
        self._pixel = choice.pixel
        self._limit = _LARGEST_PIXEL if choice.pixel else LARGEST_FRACTION
        self._is_small = choice.small_boxes
        self._may_ask = options.coordinates == "auto"

    def read(
        self,
        example: Example,
        size: tuple[int, int],
        findings: list[Finding],
        refused: list[FeatureError],
        thin: list[int],
    ) -> list[Box | None]:
        """The boxes of a record as x, y, width, height in pixels.

        Corners in the wrong order are exchanged. A box that no image can have (NaN, infinite, the wrong unit) is None
        in the list, and ``refused`` says why. ``thin`` gets the numbers of the boxes that have no area.

        Raises:
            FeatureError: the four lists are not of one length.
        """
        (xmins, ymins, xmaxs, ymaxs), keys = read_sides(example, self._schema, whole=self._pixel)
        check_feature(example.where, keys[0], len(xmins), OBJECTS, "boxes")
        scale_x, scale_y = (1, 1) if self._pixel else size
        right, bottom = size if self._pixel else (1, 1)
        thin_x, thin_y = _THINNEST / scale_x, _THINNEST / scale_y
        limit = self._limit
        pixel = self._pixel
        boxes: list[Box | None] = []
        for x0, y0, x1, y1 in zip(xmins, ymins, xmaxs, ymaxs, strict=True):
            across, down = x1 - x0, y1 - y0
            # NaN fails every comparison, and so it gets here, too; likewise a box of fractions among boxes in pixels.
            if not (x0 >= 0 and x1 <= right and across >= thin_x and y0 >= 0 and y1 <= bottom and down >= thin_y) or (
                pixel and x1 <= 1 and y1 <= 1
            ):
                corners = (x0, y0, x1, y1)
                if not all(-limit <= each <= limit for each in corners) or (pixel and _looks_normalized(corners)):
                    refused.append(self._fault(example.where, keys, len(boxes), corners, size))
                    boxes.append(None)
                    continue
                corners = _look(example.where, len(boxes), corners, (right, bottom), findings)
                x0, y0, x1, y1 = corners  # noqa: PLW2901 - ordered
                across, down = x1 - x0, y1 - y0
                if across < thin_x or down < thin_y:
                    thin.append(len(boxes))
            # Adding 0.0 turns a negative zero into the zero that it means.
            boxes.append((x0 * scale_x + 0.0, y0 * scale_y + 0.0, across * scale_x, down * scale_y))
        return boxes

    def agree(self, example: Example, size: tuple[int, int], boxes: Sequence[Box | None]) -> bool:
        """Whether these boxes, which were read from other keys, equal those of the sides to the pixel."""
        lone = self._schema._replace(box=(), outline_x=())
        try:
            lists = read_sides(example, lone, whole=self._pixel).lists
        except FeatureError:
            return False
        scale = (1, 1, 1, 1) if self._pixel else (*size, *size)
        theirs = [tuple(map(mul, corners, scale)) for corners in zip(*lists, strict=True)]
        ours = [None if box is None else (box[0], box[1], box[0] + box[2], box[1] + box[3]) for box in boxes]
        return len(theirs) == len(ours) and all(
            mine is None or max(map(abs, map(sub, mine, other))) <= 1 for mine, other in zip(ours, theirs, strict=True)
        )

    def _fault(
        self, where: Location, keys: Sequence[str], number: int, box: Box, size: tuple[int, int]
    ) -> FeatureError:
        """Why a box is refused: names the first side at fault."""
        worst = next((i for i, value in enumerate(box) if not -self._limit <= value <= self._limit), 0)
        value = box[worst]
        if value - value != 0:
            problem = f"object {number} has the box coordinate {value}, expected a finite number"
        elif self._pixel:
            problem = f"object {number} has the box {_show(box)}: out of range for pixels, as the other boxes here are"
        else:
            problem = f"object {number} has the box coordinate {value:g}: out of range for normalised coordinates"
            if self._is_small:
                problem += f", and implausible in pixels of an image of {size[0]}x{size[1]}: neither fits"
            elif self._may_ask:
                problem += ", as the other boxes here are"
                if max(map(abs, box)) > SMALL_UNITS:
                    problem += ". Are these pixels? Choose with --coordinates"
        return FeatureError(where, keys[worst], problem)


def _looks_normalized(corners: Box) -> bool:
    """Whether a box among boxes in pixels is one of fractions: inside a single pixel, and not all of it."""
    return max(corners) <= 1 and any(value % 1 for value in corners)


def _look(where: Location, number: int, box: Box, ends: tuple[float, float], findings: list[Finding]) -> Box:
    """Notes what is odd about a box apart from its area, and puts its corners in order."""
    x0, y0, x1, y1 = box
    if x1 < x0 or y1 < y0:
        findings.append(Finding("box-inverted", where, f"object {number} has the corners {_show(box)} in wrong order"))
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    right, bottom = ends
    slack_x, slack_y = right * _ROUNDING, bottom * _ROUNDING
    # A point is reported as a box without area, unless it is padding.
    if (x0, y0) != (x1, y1) and (x0 < -slack_x or y0 < -slack_y or x1 > right + slack_x or y1 > bottom + slack_y):
        text = f"object {number} has the box {_show(box)}, the image ends at {right:g}, {bottom:g}: kept as it is"
        findings.append(Finding("box-outside-image", where, text))
    return x0, y0, x1, y1


def is_padding(box: Box | None, label: int | None, name: str | None) -> bool:
    """Whether a box only pads a list, or marks an image without objects: no size, at the corner, class 0.

    Scripts that write the same number of boxes for every image pad with zeros; the Model Garden's loaders pad with -1
    (clip_or_pad_to_fixed_size in official/vision/dataloaders/maskrcnn_input.py).
    """
    is_blank = box is not None and box[2] == box[3] == 0 and box[0] <= 0 and box[1] <= 0
    return is_blank and label is not None and label <= 0 and (name or "").strip().lower() in _NO_CLASS


def show_box(box: Box | None) -> str:
    """A box in pixels as a message shows it."""
    return "none" if box is None else "x {:g}, y {:g}, {:g} wide, {:g} high".format(*box)


def _show(box: Box) -> str:
    """A box as a message shows it."""
    return "({:g}, {:g})-({:g}, {:g})".format(*box)
