"""The chosen pictures -> a contact sheet or a folder."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from io import BytesIO

from PIL import Image

from tfrecord_lite.errors import counted, printable
from tfrecord_lite.images.header import IMAGE_EXTENSIONS
from tfrecord_lite.look.choose import Candidate
from tfrecord_lite.look.draw import draw, shown_name
from tfrecord_lite.look.fonts import Fonts
from tfrecord_lite.look.sheet import LegendEntry, Sheet
from tfrecord_lite.output.filenames import portable_name
from tfrecord_lite.output.files import write_new
from tfrecord_lite.output.whole import whole_folder, write_whole
from tfrecord_lite.pipeline.previews.looking import Looked, read_chosen
from tfrecord_lite.sample import Sample

_LONGEST_SIDE = 1280  # pixels of a picture in a folder
_MOST_IN_LEGEND = 60  # classes
_MOST_CLASSES = 5  # of an image as a whole, in its caption


class Pictures:
    """Draws chosen pictures of a dataset. only: the classes to draw, by their place; None for all."""

    def __init__(self, looked: Looked, fonts: Fonts, only: Collection[int] | None) -> None:
        self._dataset = looked.dataset
        self._survey = looked.survey
        self._classes = looked.classes
        self._fonts = fonts
        self._only = only
        self._counts = {place: count for place, count in enumerate(looked.survey.counts_of(looked.classes)) if count}
        self._undecodable = self._absent = 0

    def write_sheet(self, chosen: Sequence[Candidate], path: str, *, overwrite: bool) -> None:
        """Writes one sheet."""
        survey = self._survey
        said = (f"{len(chosen):,} of {counted(survey.images, 'image')}", counted(survey.objects, "object"))
        subtitle = "  ·  ".join((*said, counted(len(self._counts), "class")))
        sizes = [(each.width, each.height) for each in chosen]
        sheet = Sheet(sizes, self._dataset.title, subtitle, self._legend(), self._fonts)
        for place, sample in read_chosen(self._dataset, chosen):
            picture = self._draw(sample, sheet.sizes[place])
            sheet.add(place, picture, _name(sample), ", ".join(chosen[place].codes))
            del sample  # a large image must not be held while the next one is read
        write_whole(path, _encoded(sheet.picture, path), overwrite=overwrite)

    def write_folder(self, chosen: Sequence[Candidate], path: str) -> list[str]:
        """Writes one picture per image, numbered in order, under its own name. Returns their paths."""
        digits = len(str(len(chosen)))
        names: list[str] = [""] * len(chosen)
        with whole_folder(path) as folder:
            for place, sample in read_chosen(self._dataset, chosen):
                scale = min(1.0, _LONGEST_SIDE / max(sample.image.width, sample.image.height))
                size = (max(1, round(sample.image.width * scale)), max(1, round(sample.image.height * scale)))
                stem = _stem(os.path.basename(portable_name(sample.image.filename, "")))
                names[place] = f"{place + 1:0{digits}}{'_' if stem else ''}{stem}.jpg"
                write_new(folder, names[place], _encoded(self._draw(sample, size), names[place]))
                del sample  # likewise
        return [os.path.join(path, name) for name in names]

    def _draw(self, sample: Sample, size: tuple[int, int]) -> Image.Image:
        picture, is_missing = draw(sample, self._classes, self._fonts, size, self._only)
        if is_missing and sample.image.data is None:
            self._absent += 1
        elif is_missing:
            self._undecodable += 1
        return picture

    def _legend(self) -> list[LegendEntry]:
        counts = self._counts
        wanted = [index for index in counts if self._only is None or index in self._only]
        return [(self._classes.rows[index], counts[index]) for index in wanted[:_MOST_IN_LEGEND]]

    def notes(self) -> list[str]:
        """What there is to say of the pictures: names without a font, pictures without pixels."""
        notes = []
        if self._absent:
            text = f"{counted(self._absent, 'picture')} not found: shown in plain gray"
            notes.append(f"{text}. --image-root=DIR says where they are")
        if self._undecodable:
            notes.append(f"{counted(self._undecodable, 'picture')} could not be decoded: shown in plain gray")
        unknown = [self._classes.rows[index] for index in self._counts]
        unknown = [row for row in unknown if shown_name(row, self._fonts) == f"#{row.number}"]
        if unknown:
            listed = ", ".join(f"#{row.number} {printable(row.name)}" for row in unknown[:_MOST_IN_LEGEND])
            notes.append(f"no font with these names was found (--font names one), so that numbers are drawn: {listed}")
        return notes


def _name(sample: Sample) -> str:
    """What a picture is called on the sheet, after its classes as a whole."""
    name = os.path.basename(sample.image.filename) or sample.image.source_id or str(sample.where)
    labels = sample.image.metadata.get("labels")
    named = [each for each in labels if isinstance(each, dict)] if isinstance(labels, list) else []
    classes = ", ".join(str(each.get("text", each.get("label", "?"))) for each in named[:_MOST_CLASSES])
    return printable(f"{classes}  ·  {name}" if classes else name)  # what is too long is cut at its end


def _stem(name: str) -> str:
    """A file name without the ending of an image."""
    stem, ending = os.path.splitext(name)
    return stem if ending.lower() in IMAGE_EXTENSIONS else name


def _encoded(picture: Image.Image, path: str) -> bytes:
    """A picture in the format of its name."""
    content = BytesIO()
    ending = os.path.splitext(path)[1].lower()
    picture.save(content, {".png": "PNG", ".webp": "WEBP"}.get(ending, "JPEG"), quality=90)
    return content.getvalue()
