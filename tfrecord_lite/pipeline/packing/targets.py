"""Trainers that records are written for: what each cannot take. What a record says is the same for all of them.

All decode JPEG, PNG and BMP: ``tf.io.decode_image``, whose result must have three dimensions, is the last resort of
slim's tfexample_decoder.Image, too. They differ in what they make of the id of an image:

object_detection   research/object_detection data_decoders/tf_example_decoder.py: ids are texts
model_garden       official/vision/dataloaders/tf_example_decoder.py; utils.process_source_id makes an int64 of the id
efficientdet       google/automl efficientdet/dataloader.py: the id goes through ``tf.strings.to_number``, which gives
                   a float of 32 bits
tao                NVIDIA TAO's EfficientDet, which is a fork of the former
"""

from __future__ import annotations

from collections.abc import Iterator

from tfrecord_lite.sample import Finding, Sample

_DECODED = ("bmp", "jpeg", "png")  # of a GIF tf.io.decode_image makes four dimensions
_OF_INT64, _OF_FLOAT = (1 << 63) - 1, 1 << 24

LARGEST_IDS = {"object_detection": _OF_INT64, "model_garden": _OF_INT64, "efficientdet": _OF_FLOAT, "tao": _OF_FLOAT}
"""Up to which id each distinguishes images."""


def objections(sample: Sample, target: str) -> Iterator[Finding]:
    """What a trainer will not take of a record. sample: with the number of its image as source id."""
    image, largest = sample.image, LARGEST_IDS[target]
    if image.format is not None and image.format not in _DECODED:
        text = f"the image is {image.format}, and {target} decodes {', '.join(_DECODED)} only; it is written as it is"
        yield Finding("format-not-decoded", sample.where, text)
    if image.source_id is not None and int(image.source_id) > largest:
        text = f"the id {image.source_id} is above {largest}, up to which {target} tells ids apart"
        yield Finding("image-id-large", sample.where, text)
