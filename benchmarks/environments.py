"""Environments of their own for all that is compared: installed by pip once, kept in ``.venv-peers/``.

An environment is made again when its requirements have changed; this package is always built and installed again. What
cannot be installed is left out of the comparison, and the reason is told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".venv-peers"
STAMP = "installed-for.txt"  # in each environment: what it was made of
LIMIT = 1800  # seconds for one step of an installation
OURS = "ours"

TENSORFLOW = (
    "tensorflow-cpu==2.21.0; sys_platform == 'linux'",
    "tensorflow==2.21.0; sys_platform != 'linux'",
)
REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    OURS: (str(ROOT),),
    "tensorflow": (*TENSORFLOW, "pillow"),
    "datumaro": ("datumaro[tf,cli]==1.13.12",),
}
IMPORTS: Mapping[str, str] = {
    OURS: "from tfrecord_lite import convert",
    "tensorflow": "import tensorflow",
    "datumaro": "import datumaro, datumaro.plugins.data_formats.tf_detection_api.base",
}
"""What a program has to import before it can begin."""

NOT_COUNTED = ("pip", "setuptools", "_distutils_hack", "distutils-precedence", "__pycache__")


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment that is there.

    path: PYTHONPATH for its programs. size: bytes below site-packages, without pip and without compiled files, which
    depend on what was imported so far; None where the environment was not made here.
    """

    name: str
    python: str
    path: str = ""
    size: int | None = None

    def command(self, name: str) -> str:
        """A command that one of its packages brought."""
        return os.path.join(os.path.dirname(self.python), name)

    def versions(self) -> str:
        """What decides its results, with versions."""
        code = (
            "import importlib.metadata as m\n"
            "for n in 'tfrecord2coco protobuf crc32c pillow orjson numpy tensorflow-cpu tensorflow datumaro'.split():\n"
            "    try: print(n, m.version(n), end=', ')\n"
            "    except m.PackageNotFoundError: pass"
        )
        done = subprocess.run([self.python, "-I", "-c", code], capture_output=True, encoding="utf-8", check=False)
        return done.stdout.strip(", ")


class MissingError(Exception):
    """An environment cannot be made."""


def given(name: str, python: str) -> Environment:
    """An environment that somebody else made. Of this package's, the checkout's code is run."""
    if (found := shutil.which(python)) is None:
        raise MissingError(f"{python}: no such interpreter")
    return Environment(name, os.path.abspath(found), str(ROOT) if name == OURS else "")


def installed(name: str) -> Environment:
    """The environment of this name, made if need be."""
    folder = VENVS / f"bench-{name}"
    python, stamp = folder / "bin" / "python", folder / STAMP
    wanted = "\n".join((sys.version, *REQUIREMENTS[name]))
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        _step([sys.executable, "-m", "venv", str(folder)])
        _step([str(python), "-m", "pip", "install", "-q", "--no-compile", *REQUIREMENTS[name]])
        stamp.write_text(wanted, encoding="utf-8")
    elif name == OURS:
        _step([str(python), "-m", "pip", "install", "-q", "--no-compile", str(ROOT)])  # again, as pip does with folders
    return Environment(name, str(python), "", _size(folder))


def _step(command: list[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(command, env=kept, capture_output=True, encoding="utf-8", timeout=LIMIT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingError(str(error)) from None
    if done.returncode:
        raise MissingError(done.stderr.strip().rpartition("\n")[2] or f"{' '.join(command)}: {done.returncode}")


def _size(folder: Path) -> int:
    """Bytes of the files in the folders called site-packages."""
    total = 0
    for packages in folder.glob("lib*/python*/site-packages"):
        if packages.parent.parent.is_symlink():  # lib64
            continue
        for parent, folders, files in os.walk(packages):
            folders[:] = [name for name in folders if not name.startswith(NOT_COUNTED) or parent != str(packages)]
            folders[:] = [name for name in folders if name != "__pycache__"]
            for name in files:
                total += os.lstat(os.path.join(parent, name)).st_size
    return total
