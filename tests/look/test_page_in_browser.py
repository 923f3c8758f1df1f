"""The page in a real browser: opened from a file, it asks for nothing, complains of nothing, and does as it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import PROGRAM, Browser
from tfrecords import detection, floats, ints, png, shard, texts

from tfrecord_lite import preview

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="a browser is driven over a pipe of Unix"),
]

HOSTILE = "</script><img src=x onerror=document.title='hit'>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures: one with all there is, one with hostile names, one with a warning."""
    folder = tmp_path_factory.mktemp("page")
    keypoints = {
        "image/object/keypoint/x": floats(0.2, 0.4, float("nan"), float("nan")),
        "image/object/keypoint/y": floats(0.2, 0.4, float("nan"), float("nan")),
        "image/object/keypoint/visibility": ints(2, 1, 0, 0),
        "image/object/keypoint/text": texts("left_eye", "nose", "left_eye", "nose"),
        "image/object/mask": texts(png(64, 48, 255), png(64, 48, 255)),
    }
    boxes = [(4.0, 4.0, 40.0, 40.0), (10.0, 10.0, 20.0, 20.0)]
    outside = {"image/object/bbox/xmax": floats(1.5)}
    (folder / "x.tfrecord").write_bytes(
        shard(
            detection("all.jpg", boxes=boxes, texts=["person", "dog"], **keypoints),
            detection(HOSTILE, boxes=boxes[:1], texts=[HOSTILE]),
            detection("warned.jpg", boxes=boxes[:1], texts=["dog"], **outside),
        )
    )
    preview(folder / "x.tfrecord", folder / "page.html")
    return folder / "page.html"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser.start(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(started: Browser, page: Path) -> Iterator[Browser]:
    """The page, freshly opened; nothing may have gone wrong in the end."""
    started.resize(1200, 900)
    started.requests.clear()
    started.open(page)
    yield started
    assert started.problems == []
    assert [each for each in started.requests if not each.startswith("data:")] == [page.as_uri()]


def shown(browser: Browser, selector: str) -> int:
    """How many elements can be seen."""
    script = f"[...document.querySelectorAll({selector!r})].filter((each) => each.getClientRects().length).length"
    return int(browser.evaluate(script))


def place(browser: Browser, selector: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of an element in the window."""
    script = f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})"
    browser.evaluate(script)
    browser.settle()
    found: Any = browser.evaluate(
        f"(() => {{ const box = document.querySelector({selector!r}).getBoundingClientRect();"
        " return [box.x, box.y, box.width, box.height]; })()"
    )
    return found[0], found[1], found[2], found[3]


def click(browser: Browser, selector: str, count: int = 1) -> None:
    left, top, width, height = place(browser, selector)
    browser.click(left + width / 2, top + height / 2, count)
    browser.settle()


def canvas(browser: Browser) -> str:
    """What is painted, as a text that another painting does not have."""
    return str(browser.evaluate("document.getElementById('canvas').toDataURL()"))


def test_it_shows_every_picture_and_hostile_names_do_nothing(browser: Browser) -> None:
    assert shown(browser, ".gallery .picture") == 3
    assert shown(browser, ".gallery .box") == 4
    browser.wait_for(
        "[...document.images].filter((each) => each.closest('.gallery')).every((each) => each.naturalWidth)"
    )
    assert HOSTILE in browser.evaluate("document.querySelector('.gallery').innerText")
    assert browser.evaluate("document.title") != "hit"
    assert browser.evaluate("document.querySelectorAll('img[src=x]').length") == 0


def test_warnings_show_their_places(browser: Browser) -> None:
    assert "box-outside-image" in browser.evaluate("document.querySelector('.warning').innerText")
    click(browser, ".warning .place")
    assert browser.evaluate("document.getElementById('viewer-name').textContent") == "warned.jpg"


def test_a_class_that_is_switched_off_hides_its_boxes(browser: Browser) -> None:
    dogs = browser.evaluate("[...document.querySelectorAll('.chip')].findIndex((each) => each.innerText === 'dog')")
    selector = f"[data-chip='{browser.evaluate(f'document.querySelectorAll(`.chip`)[{dogs}].dataset.chip')}']"
    click(browser, selector)
    assert shown(browser, ".gallery .box") == 2
    assert browser.evaluate(f"document.querySelector({selector!r}).getAttribute('aria-pressed')") == "false"
    click(browser, selector)
    assert shown(browser, ".gallery .box") == 4


@pytest.mark.parametrize(("kind", "key", "selector"), [("boxes", "b", ".box"), ("masks", "m", ".mask"),
    ("keypoints", "p", ".joint"), ("names", "n", ".tag")])  # fmt: skip
def test_kinds_are_switched_by_button_and_by_key(kind: str, key: str, selector: str, browser: Browser) -> None:
    before = shown(browser, f".gallery {selector}")
    assert before
    click(browser, f"[data-kind='{kind}']")
    assert shown(browser, f".gallery {selector}") == 0
    browser.press(key)
    assert shown(browser, f".gallery {selector}") == before


def test_only_pictures_with_warnings(browser: Browser) -> None:
    click(browser, "#only-warned")
    assert shown(browser, ".gallery .picture") == 1


def test_a_click_enlarges_and_wheel_drag_and_double_click_move_what_is_seen(browser: Browser) -> None:
    click(browser, ".open")
    assert browser.evaluate("document.getElementById('viewer').open")
    browser.wait_for("document.getElementById('canvas').width > 500")
    left, top, width, height = place(browser, "#canvas")
    middle = (left + width / 2, top + height / 2)
    browser.move(left + 2, top + 2)
    browser.settle()
    whole = canvas(browser)
    browser.wheel(*middle, -600)
    browser.settle()
    nearer = canvas(browser)
    assert nearer != whole
    browser.drag(middle, (middle[0] + 60, middle[1] + 40))
    browser.move(left + 2, top + 2)
    browser.settle()
    assert canvas(browser) not in (nearer, whole)
    browser.click(left + 2, top + 2, 2)
    browser.settle()
    assert canvas(browser) == whole
    browser.press("Escape")
    browser.settle()
    assert not browser.evaluate("document.getElementById('viewer').open")


def test_list_and_picture_are_in_step(browser: Browser) -> None:
    click(browser, ".open")
    left, top, width, height = place(browser, "#list li:nth-child(2) button")
    before = canvas(browser)
    browser.move(left + width / 2, top + height / 2)
    browser.settle()
    assert canvas(browser) != before, "the others are dimmed"
    assert browser.evaluate("document.querySelectorAll('#list .on').length") == 1
    x, y, across, down = place(browser, "#canvas")
    scale = min((across - 24) / 64, (down - 24) / 48)
    browser.move(x + across / 2 + (15 - 32) * scale, y + down / 2 + (15 - 24) * scale)
    browser.settle()
    assert browser.evaluate("document.querySelector('#list .on').innerText").startswith("dog")


def test_it_can_be_used_by_keyboard_alone(browser: Browser) -> None:
    browser.press("j")
    browser.press("j")
    browser.press("Enter")
    browser.settle()
    name = "document.getElementById('viewer-name').textContent"
    assert browser.evaluate(name) == HOSTILE
    browser.press("ArrowRight")
    assert browser.evaluate(name) == "warned.jpg"
    browser.press("k")
    browser.press("ArrowLeft")
    assert browser.evaluate(name) == "all.jpg"
    browser.press("Escape")
    browser.press("?")
    assert browser.evaluate("document.getElementById('keys').open")
    browser.press("?")
    assert not browser.evaluate("document.getElementById('keys').open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(scheme: str, browser: Browser) -> None:
    browser.colours(scheme)
    script = """(() => {
        const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = (text) => numbers(text).slice(0, 3).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
            .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
        const ground = (node) => {
            for (let at = node; at; at = at.parentElement) {
                const colour = getComputedStyle(at).backgroundColor, parts = numbers(colour);
                if (parts.length < 4 || parts[3] === 1) return colour;
            }
            return "rgb(255, 255, 255)";
        };
        const low = [];
        const texts = "h1, h2, h3, p, dt, dd, small, code, .count, .tag, button, figcaption *";
        for (const node of document.querySelectorAll(texts)) {
            if (!node.innerText || !node.getClientRects().length) continue;
            const pair = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
            const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
            if (contrast < 4.5) low.push(`${node.tagName} ${node.className} ${contrast.toFixed(2)}`);
        }
        return low;
    })()"""
    assert browser.evaluate(script) == []


def test_nothing_is_wider_than_a_phone(browser: Browser) -> None:
    browser.resize(390, 844, scale=2, phone=True)
    browser.settle()
    assert browser.evaluate("document.documentElement.scrollWidth") <= 390
    click(browser, ".open")
    assert browser.evaluate("document.getElementById('viewer').getBoundingClientRect().width") <= 390
    assert shown(browser, "#list li") == 2
