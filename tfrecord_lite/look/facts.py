"""Facts about a dataset as a whole: terms, and what is said of each."""

from __future__ import annotations

from dataclasses import dataclass

from tfrecord_lite.errors import counted
from tfrecord_lite.look.counts import median
from tfrecord_lite.look.survey import Survey


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about what was read: a term, a line about it, and details."""

    term: str
    text: str
    details: tuple[str, ...] = ()


def facts_of(survey: Survey) -> list[Fact]:
    """What a survey found."""
    facts = [Fact("Images", _images(survey), _kinds(survey)), Fact("Objects", f"{survey.objects:,}")]
    with_more = {"Masks": survey.masks, "Keypoints": survey.poses, "Crowds": survey.crowds, "Captions": survey.captions}
    facts += [Fact(term, f"{count:,}") for term, count in with_more.items() if count]
    if survey.pixels_of:
        facts.append(Fact("Classes of pixels", f"{len(survey.pixels_of):,}"))
    if survey.segments_of:
        facts.append(Fact("Panoptic segments", f"{survey.segments_of.total():,}"))
    return facts


def _images(survey: Survey) -> str:
    """How many images, and how large."""
    text = f"{survey.images:,}"
    if survey.without_picture:
        text += f", {survey.without_picture:,} of them without a picture"
    if not survey.sizes:
        return text
    if len(survey.sizes) == 1:
        ((width, height),) = survey.sizes
        return f"{text}, {width} × {height}"
    ordered = sorted(survey.sizes, key=lambda size: size[0] * size[1])
    sizes = (ordered[0], ordered[-1], median(survey.sizes, ordered))
    said = (f"{width} × {height}" for width, height in sizes)
    return "{}, {} to {}, median {}".format(text, *said)


def _kinds(survey: Survey) -> tuple[str, ...]:
    """The formats of images."""
    return tuple(f"{name}: {counted(count, 'image')}" for name, count in survey.formats.most_common())
