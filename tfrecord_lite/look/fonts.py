"""Fonts for names in any script: the first one on this machine that has every character of a text.

Pillow's own font is ASCII only, so DejaVu and the usual fonts for Chinese, Japanese and Korean are looked for by the
names of their files. A text that no font can show, or whose letters only a shaping engine could join and order, is not
drawn with boxes in place of letters: the caller draws a number, and says what it means.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from functools import cache

from PIL import ImageFont, features

from tfrecord_lite.errors import UsageError, printable

Font = ImageFont.FreeTypeFont

_FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": (os.path.join(os.environ.get("WINDIR", r"C:\Windows"), "Fonts"),),
}
_NAMES = (  # in the order in which they are tried; lower case
    "dejavusans.ttf",
    "notosans-regular.ttf",
    "liberationsans-regular.ttf",
    "segoeui.ttf",
    "arial.ttf",
    "helvetica.ttc",
    "arial unicode.ttf",
    "notosanscjk-regular.ttc",
    "notosanscjksc-regular.otf",
    "sourcehansans-regular.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "droidsansfallbackfull.ttf",
    "pingfang.ttc",
    "hiragino sans gb.ttc",
    "applesdgothicneo.ttc",
    "msyh.ttc",
    "yugothm.ttc",
    "malgun.ttf",
    "notosansarabic-regular.ttf",
    "notosanshebrew-regular.ttf",
    "notosansdevanagari-regular.ttf",
    "notosansthai-regular.ttf",
)
_NO_CHARACTER = "\U0010ffff"  # a font shows for it what it shows for everything that it lacks
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})  # Unicode Standard Annex 9, table 4


@cache
def _paths() -> tuple[str, ...]:
    """The known fonts of this machine, in the order of ``_NAMES``."""
    found: dict[str, str] = {}
    for folder in _FOLDERS.get(sys.platform, _FOLDERS["linux"]):
        for parent, folders, files in os.walk(os.path.expanduser(folder)):
            folders.sort()
            for name in sorted(files):
                if name.lower() in _NAMES:
                    found.setdefault(name.lower(), os.path.join(parent, name))
    return tuple(found[name] for name in _NAMES if name in found)


class Fonts:
    """Finds fonts for texts.

    path: a font file that is tried first; None for those of the machine only.

    Raises:
        UsageError: the file is no font that Pillow reads.
    """

    def __init__(self, path: str | None = None) -> None:
        self._paths: tuple[str | None, ...] = (*_paths(), None)
        if path is not None:
            try:
                _open(path, 12)
            except OSError as error:
                raise UsageError(f"{printable(path)}: --font names no font that can be read ({error})") from None
            self._paths = (path, *self._paths)

    def of(self, text: str, size: int) -> Font | None:
        """A font of this size, in pixels, that shows every character of a text; None where there is none."""
        if not text.isprintable():
            return None
        if _needs_shaping(text) and not features.check_feature("raqm"):
            return None
        able = (path for path in self._paths if all(_shows(path, character) for character in set(text)))
        return next((_open(path, size) for path in able), None)

    def plain(self, size: int) -> Font:
        """A font of this size for what has ASCII characters only."""
        return _open(self._paths[0], size)

    def best(self, text: str, size: int) -> Font:
        """The font of a text, or the plain one where none has all its characters."""
        return self.of(text, size) or self.plain(size)


@cache
def _open(path: str | None, size: int) -> Font:
    """The font of a file, or for None Pillow's own."""
    if path is not None:
        return ImageFont.truetype(path, size)
    font = ImageFont.load_default(size)
    if not isinstance(font, Font):  # a Pillow without FreeType has bitmaps only
        raise UsageError("this Pillow was built without FreeType, which drawing names needs: install a wheel of it")
    return font


@cache
def _shows(path: str | None, character: str) -> bool:
    """Whether a font has a character."""
    font = _open(path, 12)
    mask = bytes(font.getmask(character))
    return character.isspace() or (any(mask) and mask != bytes(font.getmask(_NO_CHARACTER)))


def _needs_shaping(text: str) -> bool:
    """Whether letters of a text are shown in another order than they are written, or join with their neighbours."""
    return any(
        unicodedata.bidirectional(character) in _RIGHT_TO_LEFT or unicodedata.category(character) in ("Mn", "Mc")
        for character in text
    )
