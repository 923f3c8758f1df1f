"""Samples that a program makes itself become records that read back as what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfrecords import jpeg

from tfrecord_lite import Object, Sample, TFRecordWriter, UsageError, read_samples
from tfrecord_lite.errors import FeatureError

CAT = Object((10, 8, 30, 24), label=1, name="cat", attributes={"difficult": 1, "pose": "left"})
DOG = Object(
    (20, 10, 24, 30),
    label=2,
    name="dog",
    crowd=True,
    area=300,
    attributes={"difficult": 0, "tags": ["a", "b"]},
    polygons=[[20, 10, 44, 10, 44, 40]],
    keypoints=[30, 20, 2, 0, 0, 0],
)


def written(path: Path, *samples: Sample) -> list[Sample]:
    with TFRecordWriter(path / "x.tfrecord") as out:
        for sample in samples:
            out.write(sample)
    return list(read_samples(path / "x.tfrecord"))


def test_a_sample_reads_back_as_what_it_says(tmp_path: Path) -> None:
    data = jpeg(64, 48)
    given = Sample.of(
        data,
        [CAT, DOG],
        filename="a.jpg",
        source_id="7",
        captions=["a cat and a dog"],
        keypoint_names=["nose", "tail"],
        metadata={"camera": "left", "exposure": {"time": 0.5}},
    )
    (found,) = written(tmp_path, given)
    assert found.image.data == data
    assert (found.image.filename, found.image.source_id, found.image.width) == ("a.jpg", "7", 64)
    assert dict(found.image.metadata) == {"camera": "left", "exposure": {"time": 0.5}}
    assert (found.captions, found.keypoint_names) == (("a cat and a dog",), ("nose", "tail"))
    cat, dog = found.objects
    assert [each.box for each in found.objects] == [pytest.approx(each.box, abs=1e-4) for each in (CAT, DOG)]
    assert [(each.label, each.name, each.crowd) for each in found.objects] == [(1, "cat", False), (2, "dog", True)]
    assert (cat.area, dog.area) == (720, 300)
    assert (cat.attributes, dog.attributes) == (CAT.attributes, DOG.attributes)
    assert cat.mask is None
    assert dog.mask is not None
    assert dog.mask.bbox == (20, 10, 24, 29)  # as pycocotools draws it
    assert dog.keypoints == pytest.approx([30, 20, 2, 0, 0, 0], abs=1e-4)
    assert (found.findings, found.refused, found.unmapped) == ((), (), ())


def test_a_box_is_cut_off_at_the_image(tmp_path: Path) -> None:
    (found,) = written(tmp_path, Sample.of(jpeg(64, 48), [Object((60, 40, 10, 10), name="cat")]))
    assert found.objects[0].box == pytest.approx((60, 40, 4, 8), abs=1e-4)


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        ([CAT, Object((1, 1, 2, 2), name="dog")], "1 object without a class number"),
        ([Object((1, 1, 2, 2), name="dog", polygons=[[1, 2, 3, 4]])], "polygon 0 has 4 numbers"),
    ],
)
def test_what_no_record_can_say_is_refused(objects: list[Object], told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        written(tmp_path, Sample.of(jpeg(64, 48), objects))
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_are_no_image_are_no_sample() -> None:
    with pytest.raises(FeatureError, match="image"):
        Sample.of(b"text")
