"""globox reads the same images, boxes and labels."""

from __future__ import annotations

# Where the types are checked, only some of the readers are installed.
import globox  # type: ignore[import-not-found,import-untyped,unused-ignore]

from peers.readers.datasets import Converted


def test_it_reads_the_same_number_of_images_boxes_and_labels(converted: Converted) -> None:
    found = globox.AnnotationSet.from_coco(converted.json)
    assert len(found) == len(converted.pictures)
    assert found.nb_boxes() == sum(len(picture.things) for picture in converted.pictures)
    used = {converted.dataset.names[thing.number] for picture in converted.pictures for thing in picture.things}
    assert found._labels() == used


def test_it_reads_the_same_boxes(converted: Converted) -> None:
    found = globox.AnnotationSet.from_coco(converted.json)
    for picture in converted.pictures:
        annotation = found[picture.name]
        assert annotation.image_size == picture.size
        assert [(box.label, list(box.ltrb)) for box in annotation.boxes] == [
            (converted.dataset.names[thing.number], list(thing.box)) for thing in picture.things
        ]
