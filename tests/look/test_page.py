"""The page: what stands on it, what stays out of it, and that nothing of a record is ever markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from looked_at import classes, sample

from tfrecord_lite.errors import DataError, Location
from tfrecord_lite.look.choose import Chooser, in_order
from tfrecord_lite.look.classes import Classes
from tfrecord_lite.look.page import Contents, page
from tfrecord_lite.look.survey import Fact, Survey, Warned, facts_of
from tfrecord_lite.look.thumbnails import Thumbnails
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Finding, Sample

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&<!--"
REORDERED = "a\u202egpj.exe\u2066\u200f\x1b[31m"


def survey_of(*samples: Sample) -> Survey:
    survey = Survey(chooser=Chooser(10, 0))
    for number, each in enumerate(samples):
        survey.add(each, 0, number)
    return survey


def contents(*samples: Sample, table: Classes | None = None, **more: Any) -> Contents:
    table = table or classes()
    thumbnails = Thumbnails(320, table)
    pictures = [thumbnails.picture(each, ["late"] if each.findings else []) for each in samples]
    survey = survey_of(*samples)
    candidates = in_order(survey.chooser.choose())
    for problem in more.pop("problems", ()):
        survey.add_problem(problem)
    for code, count, where, text in more.pop("warnings", ()):
        survey.warnings[code] = Warned(count, where, text, candidates)
    return Contents(
        title=more.pop("title", "records"),
        facts=more.pop("facts", ()),
        survey=survey,
        classes=table,
        pictures=dict(zip(candidates, pictures, strict=True)),
        skeletons=thumbnails.skeletons,
        **more,
    )


class Parsed(HTMLParser):
    """The elements of a page, and the text of those that hold no markup."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, str] = {}
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._open.append(f"{tag} {dict(attrs).get('type', '')}")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.raw[self._open[-1]] = self.raw.get(self._open[-1], "") + data
        else:
            self.text += data

    @property
    def data(self) -> Any:
        return json.loads(self.raw["script application/json"])


def parsed(given: Contents) -> Parsed:
    return Parsed(page(given).decode())


def test_it_says_what_was_read_and_what_is_wrong() -> None:
    found = parsed(
        contents(
            sample((10, 10, 50, 60)),
            facts=[Fact("Schema", "object_detection", ("by image/encoded",))],
            warnings=[("box-outside-image", 12, "x.tfrecord: record 3 at byte 99", "it is outside")],
            problems=[DataError(Location("x.tfrecord", 7, 4), "bad")],
            left_out=["1 of 40 images are shown"],
        )
    )
    for text in ("1 image · 1 object", "object_detection", "by image/encoded", "box-outside-image", "12 times"):
        assert text in found.text
    for text in ("record 3 at byte 99", "it is outside", "record 7 at byte 4", "1 of 40 images are shown"):
        assert text in found.text
    assert [attributes["data-picture"] for _, attributes in found.tags if attributes.get("class") == "place"] == ["0"]


def test_the_data_is_what_the_script_shows() -> None:
    counts = [30_050, *([100, 200] * 49), 100]
    mask = Mask(300, 400, [*counts, 300 * 400 - sum(counts)])
    points = [10.0, 20.0, 2.0, 30.0, 40.0, 0.0]
    given = sample((100, 50, 50, 100), masks=[mask], keypoints=[points], attributes=[{"difficult": 1}], crowds=[True])
    data = parsed(contents(given, table=classes(bones=[(0, 1)]))).data
    assert data["classes"][0] == {"id": 1, "name": "car", "colour": "#e69f00", "ink": "#000000", "dash": []}
    (picture,) = data["pictures"]
    assert (picture["name"], picture["w"], picture["h"]) == ("white.png", 400, 300)
    (thing,) = picture["objects"]
    assert thing["b"] == [100, 50, 50, 100]
    assert thing["m"] == "M100 50l50 0 0 100-50 0z"
    assert thing["k"] == points
    assert data["skeletons"][thing["s"]] == [[0, 1]]
    assert thing["a"] == "difficult 1"
    assert thing["crowd"] == 1
    assert base64.b64decode(picture["jpeg"]).startswith(b"\xff\xd8\xff")


def test_nothing_is_asked_for_from_elsewhere() -> None:
    found = parsed(contents(sample((10, 10, 50, 60))))
    for tag, attributes in found.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form") or attributes.get("method") == "dialog"
        assert not {"src", "href", "action", "style"} & attributes.keys(), tag
        assert not any(name.startswith("on") for name in attributes)
    outside = re.findall(r"https?://[^\s\"']+", page(contents(sample())).decode())
    assert set(outside) <= {"http://www.w3.org/2000/svg"}
    assert "url(" not in found.raw["style "]
    assert "@import" not in found.raw["style "]


def test_its_policy_lets_nothing_run_but_what_is_ours() -> None:
    found = parsed(contents(sample()))
    (policy,) = [a["content"] for tag, a in found.tags if tag == "meta" and "http-equiv" in a]
    rules = dict(rule.split(" ", 1) for rule in str(policy).split("; "))
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    for rule, kind in (("script-src", "script "), ("style-src", "style ")):
        digest = hashlib.sha256(found.raw[kind].encode()).digest()
        assert rules[rule] == f"'sha256-{base64.b64encode(digest).decode()}'"


@pytest.mark.parametrize("text", [HOSTILE, REORDERED])
def test_nothing_of_a_record_is_markup_or_turns_text_around(text: str) -> None:
    plain = sample((10, 10, 50, 60), attributes=[{text: text}])
    objects = plain.objects
    objects.names = [text]
    hostile = plain._replace(
        where=Location(text, 0, 0),
        image=plain.image._replace(filename=text, source_id=text),
        objects=objects,
        captions=(text,),
        findings=(Finding(text, Location(text, 0, 0), text),),
    )
    table = Classes([(1, text, None)], {(1, text): 0})
    given = contents(
        hostile,
        table=table,
        title=text,
        facts=[Fact(text, text, (text,))],
        warnings=[(text, 1, text, text)],
        problems=[DataError(Location(text), text)],
        left_out=[text],
    )
    harmless = sample((10, 10, 50, 60))
    harmless.objects.names = ["x"]
    expected = parsed(contents(harmless, title="x", facts=[Fact("x", "x", ("x",))],
        warnings=[("x", 1, "x", "x")], problems=[DataError(Location("x"), "x")], left_out=["x"],
        table=Classes([(1, "x", None)], {(1, "x"): 0})))  # fmt: skip
    found = parsed(given)
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in expected.tags]
    whole = page(given).decode()
    assert "<img" not in whole
    assert whole.count("</script>") == 2
    assert found.data["pictures"][0]["name"]


def test_what_would_turn_text_around_is_escaped_in_what_the_page_shows() -> None:
    given = sample((10, 10, 50, 60))
    given = given._replace(image=given.image._replace(filename=REORDERED), captions=(REORDERED,))
    whole = page(contents(given, table=Classes([(1, REORDERED, None)], {}), title=REORDERED)).decode()
    for character in "\u202e\u2066\u200f\x1b":
        assert character not in whole


def test_the_same_contents_give_the_same_bytes() -> None:
    assert page(contents(sample((10, 10, 50, 60)))) == page(contents(sample((10, 10, 50, 60))))


def test_pictures_are_no_larger_than_asked_for_and_never_enlarged() -> None:
    for size, expected in (((1200, 600), (320, 160)), ((40, 30), (40, 30)), ((10, 3000), (1, 320))):
        (picture,) = parsed(contents(sample(size=size))).data["pictures"]
        data = base64.b64decode(picture["jpeg"])
        at = data.index(b"\xff\xc0")
        assert (int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")) == expected


def test_a_picture_that_cannot_be_decoded_says_why() -> None:
    given = sample((10, 10, 50, 60))
    cut = given._replace(image=given.image._replace(data=(given.image.data or b"")[:70]))
    (picture,) = parsed(contents(cut)).data["pictures"]
    assert "cannot be decoded" in picture["problem"]
    assert "jpeg" not in picture
    assert len(picture["objects"]) == 1


def test_the_objects_of_a_picture_have_a_limit_that_is_reported() -> None:
    (picture,) = parsed(contents(sample(*[(1.0, 1.0, 5.0, 5.0)] * 1000))).data["pictures"]
    assert len(picture["objects"]) == 400
    assert picture["left"] == 600


def test_outlines_have_a_limit_too() -> None:
    zigzag = [float(value) for i in range(20_000) for value in (i % 400, (i * 7) % 300)]
    given = sample(*[(1.0, 1.0, 5.0, 5.0)] * 20, polygons=[[zigzag]] * 20)
    (picture,) = parsed(contents(given)).data["pictures"]
    assert 1 <= sum("m" in thing for thing in picture["objects"]) <= 2


def test_facts_count_what_is_there() -> None:
    points = [10.0, 20.0, 2.0, 0.0, 0.0, 0.0]
    first = sample((1, 1, 9, 9), (1, 1, 9, 9), keypoints=[points, [0.0] * 6], crowds=[True, False])
    facts = {fact.term: fact.text for fact in facts_of(survey_of(first, sample(size=(40, 30))))}
    assert facts == {
        "Images": "2, 40 × 30 to 400 × 300, median 400 × 300",
        "Objects": "2",
        "Keypoints": "1",
        "Crowds": "1",
    }


def test_warnings_keep_the_places_of_the_first_pictures() -> None:
    where = Location("x", 0, 0)
    warned = [sample()._replace(findings=(Finding("late", where, "is late"),) * 2) for _ in range(10)]
    survey = survey_of(sample(), *warned)
    assert survey.warnings["late"].count == 20
    assert [each.number for each in survey.warnings["late"].pictures] == [1, 2, 3, 4, 5, 6]
    assert [each.number for each in survey.places_of_warnings()] == [1, 2, 3, 4, 5, 6]
