"""Draws the pictures of the README: the demo's sheet and its page, as a browser shows it.

python docs/images/make.py      (with the package installed, and Chromium)
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))

from browser import Browser  # noqa: E402 - found by the line above

from tfrecord_lite import preview  # noqa: E402 - likewise
from tfrecord_lite.pipeline.demos.demo import FOLDER, write_records  # noqa: E402 - likewise

SEEN = (1280, 860)  # CSS pixels of the window
WIDTHS = (1200, 700)  # pixels of the sheet, and of each half of the picture of the page


def main() -> None:
    """Draws both."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as profile:
        os.chdir(folder)
        write_records(f"{FOLDER}/records")
        preview(f"{FOLDER}/records", "sheet.png", sample=8)
        with Image.open("sheet.png") as sheet:
            picture = smaller(sheet, WIDTHS[0])
        picture.quantize(256, dither=Image.Dither.NONE).save(HERE / "preview.png", optimize=True)
        preview(f"{FOLDER}/records", "page.html")
        with Browser.start(Path(profile)) as browser:
            browser.resize(*SEEN)
            browser.colours("light")
            browser.open(Path("page.html").absolute())
            browser.evaluate("scrollTo(0, document.getElementById('h-numbers').offsetTop - 20)")
            browser.wait_for("[...document.images].slice(0, 6).every((each) => each.complete)")
            browser.settle()
            browser.screenshot(Path("light.png"))
            browser.colours("dark")
            browser.evaluate("document.querySelectorAll('.open')[7].click()")
            browser.evaluate("document.activeElement.blur()")
            browser.wait_for("document.getElementById('canvas').width > 500")
            browser.evaluate("new Promise((done) => setTimeout(done, 300))")
            browser.screenshot(Path("dark.png"))
        halves = []
        for name in ("light.png", "dark.png"):
            with Image.open(name) as seen:
                halves.append(smaller(seen, WIDTHS[1]))
        page = Image.new("RGB", (sum(half.width for half in halves), halves[0].height))
        page.paste(halves[0], (0, 0))
        page.paste(halves[1], (halves[0].width, 0))
        page.save(HERE / "page.jpg", quality=85, optimize=True, progressive=True)
        os.chdir(HERE)


def smaller(picture: Image.Image, width: int) -> Image.Image:
    """A picture of this width."""
    height = round(picture.height * width / picture.width)
    return picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
