"""The roles that feature keys can play: what each means, in one table.

A schema (``schema.Schema``) has one field for each of these, with the keys that play it. ``--map ROLE=KEY`` and schema
files name roles by these names or their synonyms, and ``tfrecord2coco roles`` prints the table.
"""

from __future__ import annotations

from typing import NamedTuple

from tfrecord_lite.errors import UsageError, nearest, quoted

KEY = "a feature key"
VALUE = "a value"
TABLE = "a table"


class Role(NamedTuple):
    """One role.

    name: as ``--map`` and schema files name it; the field of ``Schema``.
    group: what it is about.
    meaning: one line. "an object" means that there is one value for each object of the record.
    kind: of the feature's values where it takes a key; else the values that it takes.
    takes: KEY or VALUE; TABLE for what only a schema file can say.
    synonyms: other names that people give it. None of them is the name of another role.
    """

    name: str
    group: str
    meaning: str
    kind: str
    takes: str = KEY
    synonyms: tuple[str, ...] = ()


_IMAGE = (
    Role("encoded", "image", "the encoded image, or its raw pixels", "bytes", synonyms=("image", "img", "picture")),
    Role("filename", "image", "its file name", "bytes", synonyms=("file_name", "path", "file")),
    Role("source_id", "image", "its id in the source", "bytes or int64", synonyms=("image_id", "id")),
    Role("original_id", "image", "its id in the source, where source_id is that of a COCO file", "bytes"),
    Role("format", "image", "its format, such as jpeg", "bytes", synonyms=("image_format",)),
    Role("width", "image", "its width in pixels", "int64", synonyms=("image_width",)),
    Role("height", "image", "its height in pixels", "int64", synonyms=("image_height",)),
    Role("shape", "image", "height, width and channels in one list", "int64", synonyms=("image_shape",)),
    Role("raw_channels", "image", "the order of raw pixels' channels", "rgb or bgr", VALUE, ("channel_order",)),
)
_BOXES = (
    Role("xmin", "boxes", "left side of each object", "float", synonyms=("x_min", "left")),
    Role("ymin", "boxes", "top side of each object", "float", synonyms=("y_min", "top")),
    Role("xmax", "boxes", "right side of each object", "float", synonyms=("x_max", "right")),
    Role("ymax", "boxes", "bottom side of each object", "float", synonyms=("y_max", "bottom")),
    Role("xcenter", "boxes", "centre of each object, not xmin", "float", synonyms=("x_center", "center_x", "cx")),
    Role("ycenter", "boxes", "centre of each object, not ymin", "float", synonyms=("y_center", "center_y", "cy")),
    Role("box_width", "boxes", "width of each object, instead of xmax", "float", synonyms=("bbox_width",)),
    Role("box_height", "boxes", "height of each object, instead of ymax", "float", synonyms=("bbox_height",)),
    Role("box", "boxes", "four values for each object in one list, instead of the sides", "float", synonyms=("bbox",)),
    Role(
        "box_order",
        "boxes",
        "their order; without it the values decide",
        "yxyx, xyxy, xywh or cxcywh (by the centre)",
        VALUE,
        ("bbox_order",),
    ),
    Role("outline_x", "boxes", "x of each corner of all polygons, whose extents are the boxes", "float"),
    Role("outline_y", "boxes", "y of each of these corners", "float"),
    Role("outline_object", "boxes", "the object, from 0, of each of these corners", "int64"),
    Role("corners", "boxes", "prefix of eight keys x1, y1 to x4, y4: corners of each object", "prefix of keys", VALUE),
    Role("vertices", "boxes", "corners of each object's polygon as a text x0,y0,x1,y1,...", "bytes"),
    Role("pixel", "boxes", "whether coordinates are pixels; without it the values decide", "true or false", TABLE),
    Role("flipped", "boxes", "whether y counts from the bottom of the image", "true or false", TABLE),
)
_ROWS = (
    Role("rows", "arrays", "a row of numbers for each object, as bytes of an array or as a list", "bytes or float"),
    Role("row_type", "arrays", "type of its numbers, little endian", "float32, int32, uint8, ...", VALUE, ("dtype",)),
    Role("row_columns", "arrays", "what its columns are", "such as 'xmin ymin xmax ymax number'", VALUE, ("columns",)),
    Role("row_count", "arrays", "how many rows it has", "int64"),
)
_CLASSES = (
    Role("number", "classes", "class number of each object", "int64",
         synonyms=("label", "class", "class_id", "class_label", "category_id", "label_id")),
    Role("text", "classes", "class name of each object", "bytes", synonyms=("name", "class_name", "category_name")),
    Role("category", "classes", "name of the one class of all objects", "a name", VALUE),
    Role("zero_based", "classes", "whether class numbers are indexes from 0", "true or false", TABLE),
    Role("may_transcribe", "classes", "whether text can be a transcription instead", "true or false", TABLE),
)  # fmt: skip
_OBJECTS = (
    Role("area", "objects", "area of each object in square pixels, or as a fraction of the image", "float"),
    Role("crowd", "objects", "1 if the box of an object holds a crowd (COCO's iscrowd)", "int64",
         synonyms=("is_crowd", "iscrowd")),
    Role("group", "objects", "the same, for records without crowd", "int64", synonyms=("group_of", "is_group_of")),
    Role("attribute_prefix", "objects", "keys below it become attributes of the objects", "prefix of keys", VALUE),
    Role("attribute_json", "objects", "more attributes of each object as JSON", "bytes"),
    Role("attribute_names", "objects", "attributes that get another name", "a table of names", TABLE),
    Role("attribute_sizes", "objects", "values that an attribute has for each object; 0: any", "a table", TABLE),
)  # fmt: skip
_MASKS = (
    Role("mask", "masks", "an encoded image for each object, or the numbers of all masks row by row", "bytes or float",
         synonyms=("masks",)),
    Role("mask_bytes", "masks", "all masks as the bytes of an array objects x height x width", "bytes",
         synonyms=("masks_raw", "mask_raw")),
    Role("mask_indices", "masks", "object, row and column of every foreground pixel", "int64"),
    Role("mask_values", "masks", "the value of each of these pixels; without it 1", "int64 or float"),
    Role("mask_weight", "masks", "0 if the mask of an object does not count", "float"),
    Role("mask_number", "masks", "class number of a mask that belongs to no box", "int64"),
    Role("mask_text", "masks", "class name of a mask that belongs to no box", "bytes"),
    Role("rle_counts", "masks", "COCO's compressed run lengths of each object", "bytes"),
    Role("rle_size", "masks", "height and width of each of these; without it those of the image", "int64"),
    Role("polygon", "masks", "x, y of all polygons in pixels; -2, -2 between the parts of one", "float"),
    Role("polygon_ends", "masks", "where each object's values begin and end, one more than objects; or their number",
         "int64"),
)  # fmt: skip
_KEYPOINTS = (
    Role("keypoint_x", "keypoints", "x of each keypoint, in the unit of the boxes", "float", synonyms=("keypoints_x",)),
    Role("keypoint_y", "keypoints", "y of each keypoint, in the unit of the boxes", "float", synonyms=("keypoints_y",)),
    Role("keypoint_visibility", "keypoints", "0 not labelled, 1 hidden, 2 visible", "int64",
         synonyms=("visibility", "keypoints_visibility")),
    Role("keypoint_hidden", "keypoints", "instead: 1 where hidden, 0 where visible", "int64"),
    Role("keypoint_pairs", "keypoints", "x, y of all keypoints in one list", "float"),
    Role("keypoint_triples", "keypoints", "x, y, visibility of all keypoints in pixels", "float"),
    Role("keypoint_ends", "keypoints", "where each object's triples begin and end, one more than objects", "int64"),
    Role("keypoint_text", "keypoints", "name of each keypoint", "bytes", synonyms=("keypoint_names", "keypoint_name")),
    Role("keypoint_count", "keypoints", "how many keypoints of each object are labelled", "int64",
         synonyms=("num_keypoints",)),
    Role("keypoint_total", "keypoints", "how many of its keypoints are an object's own; the rest fill up the lists",
         "int64"),
    Role("dense_pose", "keypoints", "DensePose: keys num, part_index, x, y, u and v below it", "prefix of keys", VALUE),
)  # fmt: skip
_WHOLE = (
    Role("caption", "whole image", "sentences about the image", "bytes", synonyms=("captions",)),
    Role("semantic", "whole image", "a label image: a class number for each pixel", "bytes",
         synonyms=("semantic_mask", "label_image")),
    Role("semantic_format", "whole image", "its format; raw for DeepLab2's 32-bit numbers", "bytes"),
    Role("panoptic_png", "whole image", "a panoptic image in COCO's encoding", "bytes"),
    Role("panoptic_number", "whole image", "number of each segment in that image", "int64"),
    Role("panoptic_label", "whole image", "class number of each segment", "int64"),
    Role("panoptic_crowd", "whole image", "iscrowd of each segment", "int64"),
    Role("panoptic_category", "whole image", "a label image of class numbers, of a panoptic pair", "bytes"),
    Role("panoptic_instance", "whole image", "a label image of instance numbers, of a panoptic pair", "bytes"),
    Role("label_number", "whole image", "class numbers of the image as a whole", "int64", synonyms=("image_label",)),
    Role("label_text", "whole image", "class names of the image as a whole", "bytes", synonyms=("image_label_text",)),
    Role("label_confidence", "whole image", "confidence of each of these classes", "float"),
    Role("label_names", "whole image", "names of these numbers, where objects have other classes", "a table", TABLE),
    Role("metadata", "whole image", "keys of single values that the image keeps, with their names", "a table", TABLE),
    Role("metadata_lists", "whole image", "keys of lists that the image keeps, with their names", "a table", TABLE),
    Role("metadata_prefix", "whole image", "single values below it are kept by the image", "prefix of keys", VALUE),
    Role("metadata_json", "whole image", "more that the image keeps, as a JSON object", "bytes"),
)  # fmt: skip
_RECORD = (
    Role("merged", "record", "whether records of one source_id are one image", "true or false", TABLE),
    Role("source_json", "record", "entries of COCO files that the record was made of, as JSON", "bytes"),
    Role("implied", "record", "keys that repeat what other keys or the image bytes say", "a list of keys", TABLE),
    Role("predictions", "record", "prefixes of keys that hold a model's output", "a list of prefixes", TABLE),
)  # fmt: skip

ROLES = (*_IMAGE, *_BOXES, *_ROWS, *_CLASSES, *_OBJECTS, *_MASKS, *_KEYPOINTS, *_WHOLE, *_RECORD)
"""Every role, in the order in which people want to read of them."""

_BY_NAME = {name: role for role in ROLES for name in (role.name, *role.synonyms)}


def find_role(name: str) -> Role:
    """The role of this name or synonym, in any case, with dashes or underscores.

    Raises:
        UsageError: there is none; names the one that comes nearest, and all.
    """
    role = _BY_NAME.get(name.strip().lower().replace("-", "_"))
    if role is not None:
        return role
    near = list(dict.fromkeys(_BY_NAME[each].name for each in nearest(name.lower(), _BY_NAME, 5)))[:3]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"there is no role {quoted(name)}.{hint} tfrecord2coco roles explains all of them")
