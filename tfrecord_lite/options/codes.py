"""Codes of warnings and losses, and what each means. ``--strict`` makes all of them errors, ``--fail-on`` some."""

from __future__ import annotations

INPUT = "input"
DROPPED = "dropped"
NOT_CARRIED_OVER = "keys-not-carried-over"

CODES = {
    # the input
    INPUT: "of the input as a whole: missing shards, a label map or a pipe that is not used, new categories",
    "file-changed": "a file changed while it was read; what was added is not in the output",
    "file-without-records": "a file holds no record",
    "record-twice": "two records have the same content; both become images",
    "recovered": "damage was repaired, or records were found after it",
    # what is lost
    DROPPED: "a record or an object is damaged or cannot be expressed in COCO, and --on-error left it out",
    NOT_CARRIED_OVER: "a feature key holds values, and nothing reads it",
    "boxes-not-read": "a key looks like boxes, and nothing reads it; the warning names the options that would",
    "classes-not-read": "a key looks like classes, and nothing reads it; likewise",
    "facts-not-merged": "two records of one image disagree about it; what the second one says is left out",
    "image-not-read": "a key looks like the image, and nothing reads it; likewise",
    "keypoints-not-read": "a key looks like keypoints, and nothing reads it; likewise",
    "masks-not-read": "a key looks like masks, and nothing reads it; likewise",
    "segments-not-merged": "a further record of an image has panoptic segments; only the first one's are kept",
    "source-stale": "a record was changed after it was packed; its features are used, not the COCO entries in it",
    "tasks-not-written": "captions, stuff or panoptic segments are left out, since OUT is a single file",
    "value-not-plain": "a value is neither text nor finite number, and is left out",
    # images
    "exif-orientation": "the Exif data asks to turn the image; boxes and sizes are those of the stored pixels",
    "format-wrong": "the record names another format than the image has; that of the image is used",
    "frame-not-annotated": "a frame of a video is marked as not annotated, and left out",
    "image-animated": "the image has several frames; boxes can only mean one of them",
    "image-base64": "the image is written as base64, and is decoded",
    "image-class-one-hot": "the image's classes are a list of 0 and 1, one value a class; the places of 1 are taken",
    "image-class-unknown": "the class of the image is -1, not known, and left out",
    "image-classes-uneven": "numbers, names and confidences of the image's classes differ in length",
    "image-cut": "the image is cut off; it is copied as it is",
    "image-is-a-path": "the feature of the image holds a path, which is looked up below --image-root",
    "image-missing": "the record has no image, or a COCO file names one that is not there",
    "image-raw": "the image is a buffer of raw pixels; it is written as PNG",
    "size-unreadable": "the size cannot be read from the image's bytes; that of the record is used",
    "size-wrong": "the record has another size than the image; that of the image is used",
    "source-id-twice": "two records have one source id and different images; both become images",
    # boxes
    "box-from-keypoints": "an object has keypoints and no box; its box is the extent of those that are labelled",
    "box-inverted": "a box has its corners in wrong order; they are put in order",
    "box-order-guessed": "four values of a box can be read in more than one order; one was taken",
    "box-outside-image": "a box reaches beyond its image; it is kept as it is",
    "box-padding": "a box of four zeros with class 0 is padding, and left out",
    "box-without-area": "a box has no width or no height; it is kept, and some trainers refuse it",
    "boxes-percent": "boxes reach to 100 in both axes of larger images: they are taken for pixels, and may be percent",
    "boxes-tiny": "all boxes lie within a few pixels of a corner, or are no larger: is their unit right?",
    # classes
    "class-base-unclear": "nothing shows whether class numbers count from 0 or from 1; the warning says what is taken",
    "class-disagrees": "text and number of a class disagree; the text is used",
    "class-not-in-label-map": "the label map lacks a class; it gets a category of its own",
    "class-number-shared": "two texts have the same number; the text is used",
    "class-one-based": "class numbers count from 1, the label map from 0; they are matched",
    "class-spelling": "a text differs from that of the label map by its spelling only; they are matched",
    "class-zero-based": "class numbers count from 0, the label map from 1; they are matched",
    "text-not-utf8": "a text is not UTF-8; what cannot be decoded is escaped",
    # masks, keypoints, segments, areas
    "area-implausible": "an area is larger than the image, or no number; that of mask or box is used",
    "crowd-unclear": "a COCO file has an iscrowd that is neither 0 nor 1; it is taken for 0",
    "keypoint-count-wrong": "the record's number of labelled keypoints is wrong; the counted one is used",
    "keypoint-names-differ": "the keypoints of a category have other names here than before",
    "mask-empty": "a mask has no pixels; the object is kept without it",
    "mask-lossy": "a mask is a JPEG, and every pixel above 0 counts, also those that its compression lit up",
    "mask-without-outline": "a mask is noise, not a shape; it is written as run lengths",
    "segment-incomplete": "segments and panoptic image do not match; what has no counterpart is left out",
    # of pack only
    "annotation-without-image": "an annotation refers to an image that the file does not list, and is left out",
    "box-clamped": "a box reaches beyond its image; it is clipped, since trainers stop at such a box",
    "category-id-zero": "a category has the id 0, which is the background for trainers; all ids are raised by one",
    "category-missing": "an object has a category that the file does not list; its class has a number and no name",
    "format-not-decoded": "the trainer decodes no images of this format; they are written as they are",
    "image-id-large": "the trainer confuses image ids as large as this",
    "image-id-replaced": "an image has no whole number for an id, as trainers need; all are numbered in their order",
    "image-id-twice": "two images have one id; the annotations go to the first",
    "keypoints-filled": "categories have different numbers of keypoints; the rest is filled up with unlabelled ones",
    "label-image-lossy": "stuff or panoptic segments do not fit into label images of 8 bits",
    # of --layout yolo only: what its labels cannot say, which is in the COCO files beside them
    "yolo-box": "a box has no area within its image, and is left out of the labels",
    "yolo-crowd": "a group of objects that were not annotated one by one (iscrowd) is left out of the labels",
    "yolo-image": "ultralytics reads no images of this format",
    "yolo-keypoints": "keypoints are left out: other classes have none, they are outside the image, or too many",
    "yolo-mask": "a mask is replaced by its box: labels have either keypoints or masks, or it is noise",
    "yolo-mask-parts": "a mask has several parts; lines join them to one outline",
    "yolo-tasks": "captions, stuff and panoptic segments are not in the labels",
    # of preview only
    "object-refused": "an object cannot be expressed in COCO, and is not drawn",
    "object-without-class": "an object has no category, and is drawn without a name",
    "panoptic-missing": "a COCO file names a panoptic image that is not there",
}
"""Code and one line. A report lists them under ``warnings``, except the losses that it counts elsewhere."""
