"""The page: one file that a browser opens, with what was read, its warnings, its numbers and pictures of it.

It asks for nothing from elsewhere, and its policy forbids it to: nothing may be loaded, and the only script and style
that run are those whose hashes it names. What comes from records is data in an inert element, or text that is escaped.

Sources: HTML, section 4.12.1.3 "Restrictions for contents of script elements" (why ``<`` is escaped in the data);
Content Security Policy Level 3, section 2.3.1.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import NamedTuple

import orjson

from tfrecord_lite.errors import counted, printable, shortened
from tfrecord_lite.look.charts import bar, by_number, by_octave, columns, heatmap
from tfrecord_lite.look.choose import Candidate
from tfrecord_lite.look.classes import Bone, Classes, ShownClass
from tfrecord_lite.look.counts import GRID
from tfrecord_lite.look.survey import Fact, Survey

_MOST_LISTED = 16  # classes in the list of the most frequent ones
_MOST_PROBLEMS = 6


class Contents(NamedTuple):
    """All that is on a page.

    title: what the dataset is called. facts: what was read and kept, in order.
    survey: its numbers, warnings and problems. classes: its table of classes.
    pictures: each as JSON, from ``Thumbnails``, in order; skeletons: which they refer to.
    left_out: what is not shown, in words.
    """

    title: str
    facts: Sequence[Fact]
    survey: Survey
    classes: Classes
    pictures: Mapping[Candidate, bytes]
    skeletons: Iterable[tuple[Bone, ...]]
    left_out: Sequence[str] = ()


def page(contents: Contents) -> bytes:
    """The page in UTF-8."""
    style, script = _resource("page.css"), _resource("page.js") + _resource("viewer.js")
    survey = contents.survey
    counts = survey.counts_of(contents.classes)
    kinds = [
        counted(survey.images, "image"),
        counted(survey.objects, "object"),
        counted(sum(map(bool, counts)), "class"),
        f"{counted(len(survey.warnings), 'kind')} of warning" if survey.warnings else "no warnings",
        *([f"{counted(survey.problem_count, 'record')} not read"] if survey.problem_count else []),
    ]
    text = Template(_resource("page.html")).substitute(
        title=escape(printable(contents.title)),
        policy=f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'",
        style=style,
        script=script,
        summary=escape(" · ".join(kinds)),
        facts="".join(map(_fact, contents.facts)),
        warnings=_warnings(survey, {each: place for place, each in enumerate(contents.pictures)}),
        classes=_classes([*zip(contents.classes.rows, counts, strict=True)]),
        charts=_charts(survey),
        left_out="".join(f"<p>{escape(text)}</p>" for text in contents.left_out),
        data=_data(contents),
    )
    return text.encode("utf-8", "backslashreplace")  # a name of a file may hold bytes that are no text


def _resource(name: str) -> str:
    return (files("tfrecord_lite.look") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The hash of a script or style, by which the policy lets it run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _fact(fact: Fact) -> str:
    more = "".join(f"<li>{escape(text)}</li>" for text in fact.details)
    details = f"<details><summary>more</summary><ul>{more}</ul></details>" if more else ""
    return f"<div><dt>{escape(fact.term)}</dt><dd>{escape(fact.text)}{details}</dd></div>"


def _warnings(survey: Survey, places: Mapping[Candidate, int]) -> str:
    """The warnings, the most frequent first, each with its pictures on the page; then what could not be read."""
    parts = []
    for code, each in sorted(survey.warnings.items(), key=lambda item: (-item[1].count, item[0])):
        pictures = "".join(
            f'<button type="button" class="place" data-picture="{places[picture]}"></button>'
            for picture in each.pictures
            if picture in places
        )
        parts.append(
            f'<article class="warning"><h3><code>{escape(code)}</code>'
            f'<span class="times">{escape(counted(each.count, "time"))}</span></h3>'
            f'<p>{escape(printable(each.text))}</p><p class="where">first: {escape(each.where)}</p>'
            f'<div class="places">{pictures}</div></article>'
        )
    parts += [
        f'<article class="warning problem"><h3>not read</h3><p>{escape(problem.text)}</p></article>'
        for problem in survey.problems[:_MOST_PROBLEMS]
    ]
    return "".join(parts) or '<p class="fine">No warnings.</p>'


def _classes(counts: Iterable[tuple[ShownClass, int]]) -> str:
    """The most frequent classes, the others folded away."""
    rows = sorted((pair for pair in counts if pair[1]), key=lambda pair: (-pair[1], pair[0].number))
    most = rows[0][1] if rows else 1
    items = [_class(row, count, most) for row, count in rows]
    listed = f'<ol class="classes">{"".join(items[:_MOST_LISTED])}</ol>'
    if len(items) <= _MOST_LISTED:
        return listed
    rest = f'<ol class="classes">{"".join(items[_MOST_LISTED:])}</ol>'
    return f"{listed}<details><summary>{len(items) - _MOST_LISTED:,} more</summary>{rest}</details>"


def _class(row: ShownClass, count: int, most: int) -> str:
    name = escape(shortened(row.name))
    return (
        f'<li><span class="label">{_swatch(row)}<bdi>{name}</bdi></span>'
        f'{bar(count / most, row.style.colour)}<span class="count">{count:,}</span></li>'
    )


def _swatch(row: ShownClass) -> str:
    """A piece of the colour of a class with its dash."""
    dash = " ".join(map(str, row.style.dash))
    line = f'<path d="M2 6h18" stroke="{row.style.ink}" stroke-width="2" stroke-dasharray="{dash}"/>' if dash else ""
    return (
        '<svg class="swatch" viewBox="0 0 22 12" aria-hidden="true">'
        f'<rect x=".5" y=".5" width="21" height="11" rx="2" fill="{row.style.colour}"/>{line}</svg>'
    )


def _charts(survey: Survey) -> str:
    charts = (
        (
            "Objects per image",
            "images by how many objects they have",
            columns(by_number(survey.objects_per_image), "objects per image"),
        ),
        (
            "Box sizes",
            "boxes by the square root of their area, in pixels",
            columns(by_octave(survey.sides), "box sizes"),
        ),
        (
            "Where boxes are",
            "the centres of all boxes, each image as a square",
            heatmap(survey.heat, GRID, "centres of boxes"),
        ),
    )
    shown = [each for each in charts if each[2]]
    return "".join(
        f'<figure class="chart"><figcaption>{title}<small>{text}</small></figcaption>{svg}</figure>'
        for title, text, svg in shown
    )


def _data(contents: Contents) -> str:
    """What the script of the page shows, as JSON that no HTML parser finds anything in."""
    head = {
        "classes": [
            {
                "id": row.number,
                "name": shortened(row.name),
                "colour": row.style.colour,
                "ink": row.style.ink,
                "dash": row.style.dash,
            }
            for row in contents.classes.rows
        ],
        "skeletons": [list(bones) for bones in contents.skeletons],
    }
    text = orjson.dumps(head)[:-1] + b',"pictures":[' + b",\n".join(contents.pictures.values()) + b"]}"
    return text.decode().replace("<", "\\u003c")
