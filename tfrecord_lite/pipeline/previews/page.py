"""The chosen pictures and the numbers of a dataset -> the page that shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import counted
from tfrecord_lite.look.choose import Candidate, in_order
from tfrecord_lite.look.page import Contents, page
from tfrecord_lite.look.survey import Fact, facts_of
from tfrecord_lite.look.thumbnails import Thumbnails
from tfrecord_lite.pipeline.previews.looking import Looked, read_chosen

_LARGE_SIDE, _SIDE = 640, 320  # pixels of the longer side of a picture: where there are few, and where there are many
_FEW = 50  # pictures
_MOST_BYTES = 10_000_000  # of the pictures of a page whose number is the default
_HEAVY = 25_000_000  # bytes of a page that browsers take long to open


class Page(NamedTuple):
    """A page, how many pictures are on it, and what there is to say of it."""

    content: bytes
    shown: int
    notes: list[str]


def make_page(
    looked: Looked,
    chosen: Sequence[Candidate],
    only: Collection[int] | None = None,
    facts: Sequence[Fact] = (),
    *,
    warned: bool = False,
    limited: bool = True,
) -> Page:
    """Makes the page of a dataset.

    Args:
        looked: what a first pass over the dataset gave.
        chosen: the pictures to show, those that matter most first.
        only: the classes to show, by their place in the table; None for all.
        facts: what there is to say of it beside what the dataset says itself.
        warned: whether pictures with warnings come before the others.
        limited: whether the page is to stay below 10 MB: pictures that matter less are left out for that.
    """
    dataset, survey, classes = looked.dataset, looked.survey, looked.classes
    ordered = in_order(chosen, warned=warned)
    thumbnails = Thumbnails(_LARGE_SIDE if len(ordered) <= _FEW else _SIDE, classes, only)
    pictures: dict[Candidate, bytes] = {}
    for place, sample in read_chosen(dataset, ordered):
        pictures[ordered[place]] = thumbnails.picture(sample, ordered[place].codes)
        del sample  # a large image must not be held while the next one is read
    kept = _within(chosen, pictures) if limited else set(chosen)
    shown = {each: pictures[each] for each in ordered if each in kept}
    notes = []
    if len(shown) < survey.images:
        said = f"{len(shown):,} of {counted(survey.images, 'image')} are shown"
        notes.append(f"{said}: the first places of each warning, then some of every class.")
    if more := len(chosen) - len(shown):
        said = f"The page would be larger than {_MOST_BYTES // 10**6} MB with"
        notes.append(f"{said} {counted(more, 'picture')} more; --sample shows them.")
    told = [*dataset.facts(), *facts_of(survey), *facts]
    left_out = [*notes, *dataset.limits()]
    content = page(Contents(dataset.title, told, survey, classes, shown, thumbnails.skeletons, left_out))
    if len(content) >= _HEAVY:
        size = f"{len(content) / 1e6:.0f} MB"
        notes.append(f"the page has {size}: browsers take long to open it. Show fewer with --sample")
    return Page(content, len(shown), notes)


def _within(chosen: Sequence[Candidate], pictures: Mapping[Candidate, bytes]) -> set[Candidate]:
    """As many pictures as there is room for, the first ones first; one in any case."""
    kept: set[Candidate] = set()
    room = _MOST_BYTES
    for each in chosen:
        room -= len(pictures[each])
        if room < 0 and kept:
            break
        kept.add(each)
    return kept
