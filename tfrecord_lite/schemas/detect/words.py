"""What a feature key may hold, by the words of its name alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

BOXES, CLASSES, MASKS, KEYPOINTS, IMAGE = "boxes", "classes", "masks", "keypoints", "an image"
CONTENT = (IMAGE, BOXES, CLASSES, MASKS, KEYPOINTS)
"""Kinds of content that a record must not lose in silence."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


BOX = _set(
    "bb bbs bbox bboxes bndbox box boxes caja cajas coord coordinates coords rect rects rectangle rectangles roi rois"
)
CLASS = _set(
    "categories category class classes cls kind kinds label labels species target targets"
    " categoria categorias clase clases classe etiqueta etiquetas kategorie kategorien klass klasse klassen"
)
NAME = _set("name names text texts")
MASK = _set("annotation annotations instances mask masks seg segm segmentation segments")
POINT = _set("joint joints keypoint keypoints kp kps kpt kpts landmark landmarks parts pose skel skeleton skeletons")
PICTURE = _set("bild encoded image imagem imagen images img jpeg jpg photo pic picture pixels png")
FILE = _set("file filename fname path")
SCORE = _set("confidence count num prob probs score scores weight weights")
PREDICTED = _set(
    "detected detection detections dt output outputs pred predicted prediction predictions preds proposals"
)
"""What a model said, which never becomes ground truth while there is another set."""
_REMARKS = SCORE | _set(
    "age area attribute count crowd depiction depth difficult difficulty distance flag group iscrowd ignore index"
    " inside instance num occluded occlusion order orientation pose score track truncated truncation verified view"
    " visibility visible weight iou speed velocity angle rotation"
)
_MEASURES = _set("lengths offsets shape size sizes splits")

_SIDES = {
    "xmin": "xmin minx xstart left leftmost xlo xlow xleft leftx xtl tlx l links izquierda gauche",
    "ymin": "ymin miny ystart top topmost ylo ylow ytop topy ytl tly t oben arriba haut",
    "xmax": "xmax maxx xend right rightmost xhi xhigh xright rightx xbr brx r rechts derecha droite",
    "ymax": "ymax maxy yend bottom bottommost yhi yhigh ybottom bottomy ybr bry b unten abajo bas",
    "xcenter": "xcenter xcentre centerx centrex cx xc xmid midx xctr ctrx",
    "ycenter": "ycenter ycentre centery centrey cy yc ymid midy yctr ctry",
    "width": "width w breadth wide ancho anchura largura breite largeur",
    "height": "height h tallness tall alto altura hoehe hauteur",
}
SIDE_OF = {word: side for side, words in _SIDES.items() for word in words.split()}
SIDE_OF |= {word: word for word in ("x", "y", "x0", "y0", "x1", "y1", "x2", "y2")}
"""What the end of a name says of a box. What x1 is depends on whether there is an x0."""

_WIDTHS = ("width", "w", "cols", "ncols", "columns", "ancho", "largura", "breite", "largeur")
_HEIGHTS = ("height", "h", "rows", "nrows", "alto", "altura", "hoehe", "hauteur")
SIZE_OF = dict.fromkeys(_WIDTHS, "width") | dict.fromkeys(_HEIGHTS, "height")
SHAPES = ("shape", "dim", "dims", "dimensions", "size")
"""What the end of a name says of the size of an image."""
TEXT_OF = {"format": "format", "caption": "caption", "captions": "caption"}
"""The roles of texts about the image, by the end of their names."""
_LEAST_PLURAL = 3  # letters of more than these, such as xmins, may end in the s of a plural
_UNITS = ("px", "pix", "pixel", "pixels", "norm", "normalized", "normalised", "rel", "abs")
_OF_CONTENT = {BOXES: BOX, CLASSES: CLASS, MASKS: MASK, KEYPOINTS: POINT, IMAGE: PICTURE}


def words_of(key: str) -> tuple[str, ...]:
    """The words of a key, in any script: ``objects/bboxXMin`` is objects, bbox, xmin. None of one without letters."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", key)
    return tuple(word for word in re.split(r"[\W_]+", spaced.lower()) if word)


def side_of(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """Which side of a box a name is about, and the words before that; None where it is about none."""
    while len(words) > 1 and words[-1] in _UNITS:
        words = words[:-1]
    for count in (2, 1):
        name = "".join(words[-count:])
        side = SIDE_OF.get(name) or (SIDE_OF.get(name.removesuffix("s")) if len(name) > _LEAST_PLURAL else None)
        if side and len(words) >= count:
            return side, words[:-count]
    return None


def is_remark(words: tuple[str, ...]) -> bool:
    """Whether a name is of an attribute of an object, which is not its class, or of the shape of a list."""
    return words[-1:] == () or words[-1] in _MEASURES or not _REMARKS.isdisjoint(words[-2:])


def may_hold(key: str, contents: Collection[str]) -> bool:
    """Whether a key may hold content of one of these kinds."""
    words = words_of(key)
    if any(not _OF_CONTENT[content].isdisjoint(words[-2:]) for content in contents):
        return True
    return BOXES in contents and side_of(words) is not None


def any_may_hold(keys: Iterable[str], contents: Collection[str]) -> bool:
    """Whether one of these keys may."""
    return bool(contents) and any(may_hold(key, contents) for key in keys)
