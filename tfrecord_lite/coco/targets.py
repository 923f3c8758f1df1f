"""Trainers that records are written for: what each cannot take. What a record says is the same for all of them.

object_detection   research/object_detection data_decoders/tf_example_decoder.py decodes ``jpeg`` and ``png``
                   (slim's tfexample_decoder.Image); ids are texts
model_garden       official/vision/dataloaders/tf_example_decoder.py: ``tf.io.decode_image``, whose result must have
                   three dimensions; utils.process_source_id makes an int64 of the id
efficientdet       google/automl efficientdet/dataloader.py: ``tf.io.decode_image``; the id goes through
                   ``tf.strings.to_number``, which gives a float of 32 bits
tao                NVIDIA TAO's EfficientDet, which is a fork of the former
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tfrecord_lite.sample import Finding, Sample


class Trainer(NamedTuple):
    """A trainer. formats: of images, that it decodes. largest_id: of an image, that it tells apart from the next."""

    formats: frozenset[str]
    largest_id: int


_DECODED = frozenset({"jpeg", "png", "bmp"})  # by tf.io.decode_image; of a GIF it makes four dimensions
_OF_FLOAT = 1 << 24

TRAINERS = {
    "object_detection": Trainer(frozenset({"jpeg", "png"}), (1 << 63) - 1),
    "model_garden": Trainer(_DECODED, (1 << 63) - 1),
    "efficientdet": Trainer(_DECODED, _OF_FLOAT),
    "tao": Trainer(_DECODED, _OF_FLOAT),
}


def objections(sample: Sample, target: str) -> Iterator[Finding]:
    """What a trainer will not take of a record. sample: with the number of its image as source id."""
    trainer = TRAINERS[target]
    image = sample.image
    if image.format is not None and image.format not in trainer.formats:
        formats = ", ".join(sorted(trainer.formats))
        text = f"the image is {image.format}, and {target} decodes {formats} only; it is written as it is"
        yield Finding("format-not-decoded", sample.where, text)
    if image.source_id is not None and int(image.source_id) > trainer.largest_id:
        text = f"the id {image.source_id} is above {trainer.largest_id}, up to which {target} tells ids apart"
        yield Finding("image-id-large", sample.where, text)
